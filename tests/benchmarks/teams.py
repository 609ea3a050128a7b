"""Step syncs of people in teams against those of people without, over HTTP, on one ledger."""

import psycopg

from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.benchmarks.service import BATCH, Running, post_all
from tests.benchmarks.workload import batches, enrolments, team_evening, teams

PEOPLE = 9_000
DAYS = 6


def in_teams(report: Report) -> None:
    """Batches of 500 over 4 connections: everybody in full teams of six, a third of the teams' days attained."""
    with service.database() as url, service.running(url) as running:
        for prefix in ("solo", "team"):
            post_all(running, batches(list(enrolments(PEOPLE, prefix))), BATCH, 4)
        load = post_all(running, batches(list(teams(PEOPLE, "team"))), BATCH, 1)
        assert load.accepted == PEOPLE, "all teams are full"
        report.say(
            "span: request bytes ready → all answers read; evenings with and without teams turn by turn; durable"
        )
        rates: dict[str, list[float]] = {"solo": [], "team": []}
        for day in range(DAYS):
            for prefix in ("solo", "team") if day % 2 else ("team", "solo"):
                rates[prefix].append(_rate(running, day, prefix))
        with psycopg.connect(url, options="-csearch_path=jifen") as connection:
            met = connection.execute("SELECT count(*) FROM stored_events WHERE topic = 'team-goal-met.v1'")
            assert met.fetchall() == [(PEOPLE * DAYS // 3,)], "every third team has attained each day"
    alone, together = (sorted(found)[DAYS // 2] for found in rates.values())
    report.add("syncs of people without teams", alone, "events/s", f"median of {DAYS} evenings of {PEOPLE:,}")
    report.add("syncs of people in teams", together, "events/s", "without teams", together / alone)


def _rate(running: Running, day: int, prefix: str) -> float:
    bodies = batches(team_evening(PEOPLE, day, prefix))
    load = post_all(running, bodies, BATCH, 4)
    assert load.accepted == PEOPLE, f"{load.accepted} of {PEOPLE} syncs were accepted"
    return PEOPLE / load.wall
