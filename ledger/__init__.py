"""What is true: the log, its rules, its writer. Imports nothing of the other rooms.

Reading order for a newcomer. Pure, no I/O: ``posting`` (accounts, double entry), ``rulebook`` (a campaign's rules as
data), ``events`` and ``commands`` (what is said), ``enrolment`` (state, evolve), ``steps``, ``activities``, ``route``
(decisions), ``decide`` (which decision answers which command). Then the rim: ``codec``, ``store`` (PostgreSQL),
``grouping`` and ``writer`` (group commit), ``ledger`` (all of it, opened).
"""
