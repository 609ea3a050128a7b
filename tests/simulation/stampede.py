"""A stampede on a prize pool: many clients, two API processes on one ledger, one of them killed on the way.

Everybody has points for more draws than the pool has prizes; some requests are sent twice; clients try until they have
a final answer. Used by a test and, larger, by a benchmark.
"""

import random
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from time import perf_counter, sleep
from typing import Any, NamedTuple

import msgspec
import psycopg

from tests.benchmarks import service
from tests.benchmarks.service import BATCH, Running, post_all
from tests.simulation.stampede_client import Final, Servers, attempt_all
from tests.waiting import until

CAMPAIGN = "stampede"
AMOUNTS = (30, 50, 100, 300, 500, 1000, 2000, 5000)
NEWS = 0.02
"""Seconds between looks at how far the stampede is."""

encode = msgspec.json.Encoder().encode


class Plan(NamedTuple):
    """How large a stampede is. stocks: of the eight tiers, cheapest first; connections: clients at once."""

    people: int
    draws_each: int
    stocks: tuple[int, ...]
    connections: int
    client_processes: int
    sent_twice: float = 0.05

    @property
    def attempts(self) -> int:
        return self.people * self.draws_each

    @property
    def tiers(self) -> dict[str, int]:
        """Prize id → stock."""
        return {f"red-packet-{fen}": stock for fen, stock in zip(AMOUNTS, self.stocks, strict=True)}


class Found(NamedTuple):
    """What came of it. answers: to every request, also those sent twice. wall: seconds from first to last.

    killed_at, restarted_at: events that the stampede had brought by then.
    """

    answers: list[Final]
    wall: float
    killed_at: int
    restarted_at: int


def rulebook(plan: Plan) -> str:
    """One sign-in gives points for all draws; a draw costs one."""
    prizes = "".join(
        f'  {{ id = "{id}", name = {{ zh = "红包", en = "Red packet" }}, kind = "money",'
        f" amount = {fen}, stock = {stock} }},\n"
        for fen, (id, stock) in zip(AMOUNTS, plan.tiers.items(), strict=True)
    )
    return f"""
format = 1
id = "{CAMPAIGN}"
title = {{ zh = "抢红包", en = "Stampede" }}
starts = 2024-01-01
ends = 2024-01-31
clause = "ST-01"
[enrolment]
clause = "ST-02"
[sign_in]
clause = "ST-03"
[[points]]
id = "sign-in"
on = "sign_in"
amount = {plan.draws_each}
clause = "ST-03"
[[pools]]
id = "red-packet"
name = {{ zh = "抢红包", en = "Red packet" }}
clause = "ST-04"
draw = "instant"
cost_points = 1
prizes = [
{prizes}]
"""


def event(kind: str, person: int, id: str, data: dict[str, Any], at: str = "08:00:00") -> dict[str, Any]:
    """A CloudEvent of the first day."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": "//stampede.example/app",
        "type": f"jifen.{kind}",
        "subject": f"p-{person}",
        "time": f"2024-01-01T{at}+08:00",
        "campaign": CAMPAIGN,
        "data": data,
    }


def arrivals(plan: Plan, seed: int = 1) -> list[tuple[int, bytes]]:
    """All requests, (number, body), in a random order; some stand twice, close to each other."""
    rng = random.Random(seed)
    order: list[tuple[float, int]] = []
    for place, number in enumerate(rng.sample(range(plan.attempts), plan.attempts)):
        order.append((place, number))
        if rng.random() < plan.sent_twice:
            order.append((place + rng.uniform(0, plan.connections), number))
    order.sort()
    bodies = {
        number: encode(
            event(
                "draw_requested", number % plan.people, f"draw-{number}", {"pool": "red-packet"}, "12:00:00"
            )
        )
        for number in range(plan.attempts)
    }
    return [(number, bodies[number]) for _, number in order]


class Herd:
    """Two API processes and a worker on one ledger."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.key = secrets.token_urlsafe(24)
        self.ports = (service.free_port(), service.free_port())
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, port: int = 0) -> None:
        """A process: the worker, or an API, which answers when this returns."""
        environ = service.environment(self.url, self.key, port)
        self.processes[name] = service.start(name.partition(" ")[0], environ)
        if port:
            with service.client(port, self.key) as asking:
                service.wait_until_ready(asking, self.processes[name])

    def kill(self, name: str) -> None:
        """End a process as a crash does."""
        self.processes[name].kill()
        self.processes[name].wait(timeout=30)

    def running(self) -> Running:
        """The first API, for what is not part of the stampede."""
        return Running(self.ports[0], self.key, self.processes["api 1"].pid, self.url)

    def end(self) -> None:
        """End all that still runs."""
        for process in self.processes.values():
            service.stop(process)


@contextmanager
def herd(database_url: str, plan: Plan) -> Iterator[Herd]:
    """The processes, with everybody enrolled and signed in. Ends with the block."""
    started = Herd(database_url)
    try:
        started.start("api 1", started.ports[0])
        with service.client(started.ports[0], started.key) as asking:
            service.publish(asking, rulebook(plan).encode())
        started.start("api 2", started.ports[1])
        started.start("worker")
        for kind, data in (("enrolled", {"branch": "union"}), ("signed_in", {})):
            events = [event(kind, person, f"{kind}-{person}", data) for person in range(plan.people)]
            bodies = [encode(events[at : at + 500]) for at in range(0, len(events), 500)]
            load = post_all(started.running(), bodies, BATCH, 4)
            assert load.accepted == plan.people
        yield started
    finally:
        started.end()


def stampede(herd: Herd, plan: Plan) -> Found:
    """From the first request to the last final answer. When half of the prizes are gone, the second API is killed."""
    requests = arrivals(plan)
    servers = Servers(herd.ports, herd.key)
    share, connections = plan.client_processes, plan.connections // plan.client_processes
    with ProcessPoolExecutor(share, mp_context=get_context("spawn")) as processes:
        list(processes.map(_warm, range(share)))
        before = head(herd.url)
        began = perf_counter()
        futures = [
            processes.submit(attempt_all, servers, requests[part::share], connections)
            for part in range(share)
        ]
        ends: list[float] = []
        for future in futures:
            future.add_done_callback(lambda _: ends.append(perf_counter()))
        _await_head(herd.url, before + sum(plan.stocks), futures)
        herd.kill("api 2")
        killed_at = head(herd.url)
        herd.start("api 2", herd.ports[1])
        restarted_at = head(herd.url)
        answers = [answer for future in futures for answer in future.result()]
    return Found(answers, max(ends) - began, killed_at - before, restarted_at - before)


def _warm(_: int) -> None:
    """Nothing: a process that has done it has imported all that it needs."""
    sleep(0.2)


def _await_head(url: str, position: int, futures: Sequence[Future[Any]]) -> None:
    """Until the log is so long. A win is two events, so the stocks' sum is half-way to the last win."""
    with psycopg.connect(url, autocommit=True, options="-csearch_path=jifen") as connection:
        while not all(future.done() for future in futures):
            if _head(connection) >= position:
                return
            sleep(NEWS)
    raise AssertionError(f"the stampede was over before position {position}")


def head(url: str) -> int:
    """The newest position of the log."""
    with psycopg.connect(url, options="-csearch_path=jifen") as connection:
        return _head(connection)


def _head(connection: psycopg.Connection[Any]) -> int:
    return int(connection.execute("SELECT position FROM log_head").fetchall()[0][0])


def require_right(url: str, plan: Plan, found: Found) -> None:
    """Assert that every attempt has one final answer, and that the pool gave what it had and no more."""
    first: dict[int, Final] = {}
    for answer in found.answers:
        known = first.setdefault(answer.number, answer)
        assert (known.status, known.digest) == (answer.status, answer.digest), "a repeat gets the same answer"
    assert len(first) == plan.attempts, f"{plan.attempts - len(first)} attempts have no answer"
    said = Counter((answer.status, answer.said) for answer in first.values())
    expected = {(201, id): stock for id, stock in plan.tiers.items()}
    expected[422, "pool_empty"] = plan.attempts - sum(plan.stocks)
    assert said == expected, said
    with psycopg.connect(url, options="-csearch_path=jifen") as connection:
        rows = connection.execute(
            "SELECT e->>'outcome', (e->>'number')::int FROM (SELECT convert_from(state, 'UTF8')::jsonb AS e"
            " FROM stored_events WHERE topic = 'prize-drawn.v1' AND originator_id = %s) AS drawn",
            (f"pool/{CAMPAIGN}/red-packet",),
        ).fetchall()
        assert Counter(outcome for outcome, _ in rows) == plan.tiers
        assert sorted(number for _, number in rows) == list(range(1, sum(plan.stocks) + 1))
        refused = connection.execute(
            "SELECT count(*) FROM stored_events WHERE topic = 'activity-refused.v1'"
        ).fetchall()
        assert refused[0][0] == plan.attempts - sum(plan.stocks)


def require_views_agree(url: str, plan: Plan) -> None:
    """Assert that the views, once they have caught up, tell what the log says."""
    with psycopg.connect(url, autocommit=True, options="-csearch_path=jifen") as connection:
        views = ("prizes", "balances")
        until(lambda: min(_reached(connection, view) for view in views) >= _head(connection), patience=120)
        tiers = connection.execute(
            "SELECT outcome, count(*) FROM draws WHERE book = %s AND outcome IS NOT NULL GROUP BY outcome",
            (CAMPAIGN,),
        ).fetchall()
        assert dict(tiers) == plan.tiers
        prizes = connection.execute(
            "SELECT outcome, count(*) FROM prizes WHERE book = %s GROUP BY outcome", (CAMPAIGN,)
        ).fetchall()
        assert dict(prizes) == plan.tiers


def _reached(connection: psycopg.Connection[Any], projection: str) -> int:
    rows = connection.execute(
        "SELECT coalesce(max(notification_id), 0) FROM projection_tracking WHERE application_name = %s",
        (projection,),
    ).fetchall()
    return int(rows[0][0])
