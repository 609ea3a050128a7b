"""What the views say of chances, draws and prizes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from ledger.commands import ForfeitDraw, ViewContent
from ledger.events import (
    AddressSubmitted,
    PrizeDelivered,
    PrizeIssued,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    VoucherRedeemed,
)
from ledger.rulebook_file import load
from projections import prize_reads, reads
from projections.rebuild import rebuild
from projections.session import connect as session
from tests.conftest import Database
from tests.given import Entry, Story, moment
from tests.projections.logs import append, catch_up, connect, one, stored, views

JS = load((Path(__file__).parents[2] / "ledger/rulebooks/js-2023.toml").read_text(encoding="utf-8"))
T = TypeVar("T")


def shown(database: Database, story: Story, played: int = 0) -> None:
    append(database, stored(story.log[played:]))
    catch_up(database)


def ask(database: Database, question: Callable[[psycopg.AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def asked() -> T:
        options = f"-csearch_path={database.schema} -ctimezone=UTC"
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=options
        ) as connection:
            return await question(connection)

    return asyncio.run(asked())


def walker(days: int = 5, who: str = "p-1", story: Story | None = None) -> Story:
    """Somebody who has earned 7 points a day: 1 for the sign-in, 5 for 10,000 steps, 1 for the goal."""
    story = story or Story()
    story.enrol(who, at="06-20 09:00")
    for day in range(1, days + 1):
        story.signs_in(f"07-{day:02} 08:00", who=who).syncs(10_000, f"07-{day:02} 21:00", who=who)
    return story


def js_story(*people: str) -> Story:
    """People of js-2023 who have watched the video."""
    story = Story(JS, published="2023-10-01T08:00:00+08:00")
    for who in people:
        story.enrol(who, branch="nanjing", at="2023-11-02T07:00:00+08:00")
        story.post(ViewContent(ref="safety-video"), who=who, at="2023-11-02T07:10:00+08:00")
    return story


@pytest.mark.rule("SX-18")
@pytest.mark.rule("SX-19")
def test_a_draw_is_spent_points_won_money_a_prize_and_a_row_of_the_pool(database: Database) -> None:
    story = walker().draws("red-packet", "07-05 21:30")
    shown(database, story)
    with connect(database) as connection:
        accounts = connection.execute(
            "SELECT asset, balance, earned FROM balances WHERE participant = 'p-1' ORDER BY asset"
        ).fetchall()
        sums = connection.execute(
            "SELECT DISTINCT sum(balance) FROM balances GROUP BY book, asset"
        ).fetchall()
        assert one(connection, "SELECT count(*) FROM statement WHERE balance_after IS NULL") == 0
    ((name, participant, pool, outcome, status, number, issued_at),) = [
        (row[1], row[2], row[3], row[4], row[8], row[9], row[17]) for row in views(database)["prizes"]
    ]
    money = {row[0]: row[1:] for row in accounts}
    assert money["points"] == (15, 35)
    assert (participant, pool, status, number) == ("p-1", "red-packet", "issued", 1)
    assert issued_at == moment("07-05 21:30")
    assert sums == [(0,)]
    drawn = ask(database, lambda c: prize_reads.draw(c, "sx-2019", "red-packet", 1))
    assert drawn is not None
    assert (drawn.participant, drawn.outcome) == ("p-1", outcome)
    assert type(story.log[drawn.position - 1].event).__name__ == "PrizeDrawn"
    prize = ask(database, lambda c: prize_reads.prize(c, "sx-2019", name))
    assert prize is not None
    assert prize.amount == drawn.amount
    assert money["CNY-fen"][1] == drawn.amount
    assert ask(database, lambda c: prize_reads.draw(c, "sx-2019", "red-packet", 2)) is None


@pytest.mark.rule("JS-08")
def test_a_chance_is_open_used_or_forfeited_and_tells_when_it_ends(database: Database) -> None:
    story = js_story("p-1")
    for day in ("02", "03", "04"):
        story.signs_in(f"2023-11-{day}T08:00:00+08:00")
        if day == "02":
            story.draws("red-packet", f"2023-11-{day}T08:01:00+08:00")
        if day == "03":
            story.post(
                ForfeitDraw(pool="red-packet", chance="2023-11-03"), at=f"2023-11-{day}T08:01:00+08:00"
            )
    shown(database, story)
    page = ask(database, lambda c: reads.participant_page(c, "js-2023", "p-1"))
    assert [(c.chance, c.state, c.number) for c in page.chances] == [
        ("2023-11-04", "open", None),
        ("2023-11-03", "forfeited", None),
        ("2023-11-02", "used", 1),
    ]
    assert page.chances[0].expires_at == moment("2023-11-04T08:10:00+08:00")
    assert (page.prizes_count, [prize.number for prize in page.prizes]) == (1, [1])
    with session(database.url, database.schema, "test") as connection:
        due = [
            prize_reads.due_chances(connection, "js-2023", "red-packet", moment(f"2023-11-04T08:{end}+08:00"))
            for end in ("09:59", "10:00")
        ]
    assert [[(each.participant, each.chance) for each in found] for found in due] == [
        [],
        [("p-1", "2023-11-04")],
    ]


@pytest.mark.rule("SX-22")
def test_a_badge_that_paid_for_an_entry_is_a_used_chance_and_a_ticket(database: Database) -> None:
    story = Story()
    for who in ("p-1", "p-2"):
        story.enrol(who, at="06-30 09:00")
    for day in range(100):
        at = moment("07-01 08:00") + timedelta(days=day)
        for who in ("p-2", "p-1"):
            story.signs_in(at.isoformat(), who=who)
    for who in ("p-2", "p-1"):
        story.draws("grand-prize", "10-08 21:00", chance="full-attendance", who=who)
    shown(database, story)
    assert {row[:5] for row in views(database)["chances"]} == {
        ("sx-2019", who, "grand-prize", "full-attendance", "used") for who in ("p-1", "p-2")
    }
    with session(database.url, database.schema, "test") as connection:
        head = len(story.log)
        tickets = prize_reads.tickets(connection, "sx-2019", "grand-prize", head)
        earlier = prize_reads.tickets(connection, "sx-2019", "grand-prize", head - 1)
    assert tickets == [(1, "p-2"), (2, "p-1")]
    assert earlier == [(1, "p-2")]
    counts = ask(database, lambda c: prize_reads.pool_counts(c, "sx-2019", "grand-prize"))
    assert (counts.draws, counts.outcomes, counts.prizes) == (2, (), ())


@pytest.mark.rule("SX-25")
@pytest.mark.parametrize("batch", [1, 1000])
def test_a_prize_shows_how_far_it_has_come(database: Database, batch: int) -> None:
    at = moment("10-09 09:00")
    when: dict[str, Any] = {"occurred_at": at, "recorded_at": at, "source": "//tests", "id": "1"}
    won: dict[str, Any] = {
        "pool": "grand-prize",
        "outcome": "bicycle",
        "kind": "goods",
        "amount": 90_000,
        "unit": "CNY-fen",
    }
    by: dict[str, Any] = {"actor": "operator"}
    life = [
        PrizeWon(**when, **won, prize="g-1", cause="1"),
        AddressSubmitted(**when, prize="g-1", address_ref="v/1", region="CN-61", due=date(2019, 10, 30)),
        PrizeIssued(**when, **by, prize="g-1", ref="EMS 1"),
        PrizeReturned(**when, **by, prize="g-1", reason="nobody there"),
        PrizeReplaced(**when, **by, prize="g-1", by="g-2", reason="sent again"),
        PrizeWon(**when, **won, prize="g-2", cause="g-1"),
        PrizeIssued(**when, **by, prize="g-2", voucher=7),
        PrizeDelivered(**when, **by, prize="g-2"),
        VoucherRedeemed(**when, **by, prize="g-2", redeemed_at=moment("10-10 09:00"), ref="mall 9"),
    ]
    append(database, stored(Entry("p-1@sx-2019", n, event) for n, event in enumerate(life, start=1)))
    catch_up(database, batch=batch)
    first = ask(database, lambda c: prize_reads.prize(c, "sx-2019", "g-1"))
    second = ask(database, lambda c: prize_reads.prize(c, "sx-2019", "g-2"))
    assert first is not None
    assert second is not None
    assert (first.status, first.address_ref, first.region, first.due, first.replaced_by, first.reason) == (
        "replaced",
        "v/1",
        "CN-61",
        date(2019, 10, 30),
        "g-2",
        "sent again",
    )
    assert (first.issued_at, first.returned_at, first.delivered_at) == (at, at, None)
    assert (first.ref, first.cause, first.position) == ("EMS 1", "1", 1)
    assert (second.status, second.voucher, second.delivered_at) == ("redeemed", 7, at)
    assert (second.redeemed_at, second.ref, second.cause) == (moment("10-10 09:00"), "mall 9", "g-1")


def test_pool_counts_add_up_to_the_draws(database: Database) -> None:
    story = walker(15)
    for minute in range(5):
        story.draws("red-packet", f"07-15 21:{10 + minute}")
    shown(database, story)
    counts = ask(database, lambda c: prize_reads.pool_counts(c, "sx-2019", "red-packet"))
    assert counts.draws == sum(outcome.count for outcome in counts.outcomes) == 5
    assert sum(stage.count for stage in counts.prizes) == 5
    assert sum(o.amount for o in counts.outcomes) == sum(stage.amount for stage in counts.prizes)
    first = ask(database, lambda c: prize_reads.prizes_of(c, "sx-2019", "p-1", limit=3))
    rest = ask(
        database,
        lambda c: prize_reads.prizes_of(
            c, "sx-2019", "p-1", before=(first[-1].position, first[-1].prize), limit=3
        ),
    )
    assert [prize.number for prize in first + rest] == [5, 4, 3, 2, 1]
    issued = ask(database, lambda c: prize_reads.prizes_in(c, "sx-2019", "red-packet", "issued", limit=9))
    assert [prize.number for prize in issued] == [1, 2, 3, 4, 5]
    assert ask(database, lambda c: prize_reads.prizes_in(c, "sx-2019", "red-packet", "won")) == []


@pytest.mark.parametrize("batch", [1, 1000])
def test_the_prizes_rebuilt_are_the_prizes_followed(database: Database, batch: int) -> None:
    story = js_story("p-1", "p-2")
    for who in ("p-1", "p-2"):
        story.signs_in("2023-11-02T08:00:00+08:00", who=who)
        story.draws("red-packet", "2023-11-02T08:01:00+08:00", who=who)
    append(database, stored(story.log))
    catch_up(database, batch=batch)
    for name in ("prizes", "chances"):
        report = rebuild(database.url, database.schema, name, batch=3)
        assert report.same
        assert [table.live for table in report.tables] == ([2, 2, 0] if name == "prizes" else [2])
