"""The parts of the embedded PostgreSQL: programs, the account that runs them, one server. Its face is ledger.postgres."""
