"""The parts of the embedded PostgreSQL: its programs, their account, one server. ledger.postgres is its face."""
