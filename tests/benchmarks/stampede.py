"""A stampede on a prize pool: two API processes, one killed on the way, against the classic row lock."""

import asyncio
import random
from time import perf_counter

import psycopg

from ledger import postgres
from ledger.audit import audit
from tests.benchmarks.report import Report
from tests.simulation.stampede import Plan, herd, require_right, require_views_agree, stampede

PLAN = Plan(
    people=20_000,
    draws_each=5,
    stocks=(16_000, 12_000, 8_000, 2_400, 1_000, 400, 160, 40),
    connections=200,
    client_processes=2,
)
CLASSIC_ATTEMPTS = 5_000
FEW = 20
SETTINGS = {"max_connections": "260"}

CLASSIC = """
    CREATE TABLE pool (id int PRIMARY KEY, remaining int NOT NULL);
    CREATE TABLE wins (id bigserial PRIMARY KEY, attempt int UNIQUE, participant text, tier int, at timestamptz);
    INSERT INTO pool VALUES (1, 40000);
"""


def against_a_row_lock(report: Report) -> None:
    """100,000 draws by 200 clients on 40,000 prizes in eight tiers, an API process killed on the way; both durable."""
    assert (PLAN.attempts, sum(PLAN.stocks)) == (100_000, 40_000)
    with postgres.throwaway(durable=True, settings=SETTINGS) as server:
        report.say(
            "baseline: BEGIN; SELECT … FOR UPDATE; UPDATE; INSERT; COMMIT; on one row, straight to the database;"
            f" {CLASSIC_ATTEMPTS:,} draws, synchronous commit"
        )
        classic = _classic_rate(server.url, PLAN.connections)
        report.add(f"classic row lock, {PLAN.connections} connections", classic, "draws/s")
        few = _classic_rate(server.url, FEW)
        report.add(f"classic row lock, {FEW} connections", few, "draws/s", "fewer who wait in line")
        with herd(server.url, PLAN) as processes:
            report.say(
                "span: first request → last final answer over HTTP, with repeats, retries, kill and restart; clients,"
                " servers, worker and database share the cores"
            )
            found = stampede(processes, PLAN)
            require_right(server.url, PLAN, found)
            require_views_agree(server.url, PLAN)
        assert found.restarted_at < 2 * sum(PLAN.stocks) + PLAN.attempts - sum(PLAN.stocks)
        assert audit(server.url, "jifen").sound
    rate = PLAN.attempts / found.wall
    repeats = len(found.answers) - PLAN.attempts
    retried = sum(answer.tries > 1 for answer in found.answers)
    report.say(
        f"exactly {sum(PLAN.stocks):,} wins, all tiers exact, one final answer each; {repeats:,} repeats had the same"
        f" bytes; {retried} requests were tried again; killed after {found.killed_at:,} events, back after"
        f" {found.restarted_at:,}; views agree, audit sound"
    )
    name = "stampede, two API processes, one killed"
    report.add(name, rate, "draws/s", f"the row lock, {PLAN.connections} connections", rate / classic)
    report.add(name, rate, "draws/s", f"the row lock, {FEW} connections", rate / few)


def _classic_rate(url: str, clients: int) -> float:
    """Draws a second of the classic way: everybody locks the one row of the pool."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS pool, wins")
        connection.execute(CLASSIC)
    return asyncio.run(_classic(url, clients))


async def _classic(url: str, clients: int) -> float:
    waiting = iter(range(CLASSIC_ATTEMPTS))
    connections = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(clients)]

    async def client(connection: psycopg.AsyncConnection) -> None:
        for attempt in waiting:
            async with connection.transaction():
                found = await connection.execute("SELECT remaining FROM pool WHERE id = 1 FOR UPDATE")
                row = await found.fetchone()
                assert row is not None
                if row[0] > 0:
                    await connection.execute("UPDATE pool SET remaining = remaining - 1 WHERE id = 1")
                    await connection.execute(
                        "INSERT INTO wins (attempt, participant, tier, at) VALUES (%s, %s, %s, now())",
                        (attempt, f"p-{attempt}", random.randrange(8)),
                    )

    began = perf_counter()
    await asyncio.gather(*(client(connection) for connection in connections))
    wall = perf_counter() - began
    row = await (await connections[0].execute("SELECT count(*) FROM wins")).fetchone()
    assert row == (CLASSIC_ATTEMPTS,)
    for connection in connections:
        await connection.close()
    return CLASSIC_ATTEMPTS / wall
