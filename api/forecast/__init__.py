"""What a rulebook will cost, before it is published: thousands of people play it in memory.

Reading order: ``people`` (whose steps, and what habits), ``game`` (the ledger's own decisions, without a database),
``playing`` (one person's day), ``counting`` (what came of it), ``forecast`` (runs, and figures with their error).
"""
