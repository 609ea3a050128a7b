"""What is due, from rules, states and the clock alone: each act once, in order, with an id that never changes."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api import scheduling
from ledger.campaign import Campaign, Version
from ledger.commands import CloseDay, ClosePool, ExpireChance, FreezeBoard, GrantChance, Place
from ledger.member_commands import EndEntitlement
from ledger.pool import Pool as PoolState
from ledger.rulebook_file import load
from tests.given import SX

JS = load((Path(__file__).parents[2] / "ledger/rulebooks/js-2023.toml").read_text("utf-8"))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def published(when: str = "2019-06-01T08:00:00", closed_through: date | None = None) -> Campaign:
    return Campaign(1, (Version(1, "rules", at(when)),), closed_through)


def closed(campaign: Campaign, now: str) -> list[date]:
    asked = scheduling.days_to_close(SX, campaign, at(now))
    return [request.command.day for request in asked if isinstance(request.command, CloseDay)]


@pytest.mark.rule("SX-05")
def test_a_day_is_closed_when_its_window_and_the_grace_are_over() -> None:
    assert closed(published(), "2019-06-19T00:09:59.999") == []
    assert closed(published(), "2019-06-19T00:10:00") == [date(2019, 6, 18)]


@pytest.mark.rule("SX-01", "SX-05")
def test_after_a_downtime_all_days_are_closed_in_order_the_trials_too() -> None:
    days = closed(published(), "2019-07-03T12:00:00")
    assert days == [date(2019, 6, 18) + timedelta(days=n) for n in range(15)]
    assert closed(published(closed_through=date(2019, 6, 30)), "2019-07-03T12:00:00") == days[13:]
    assert len(closed(published(), "2020-01-01T00:00:00")) == 113
    assert closed(published(closed_through=date(2019, 10, 8)), "2020-01-01T00:00:00") == []
    assert closed(published("2019-07-02T00:10:00"), "2019-07-03T12:00:00") == [date(2019, 7, 2)], (
        "no days of before"
    )


def pools(states: dict[str, PoolState], now: str) -> list[tuple[str, bool]]:
    asked = scheduling.pools_to_close(SX, states, at(now))
    return [(r.command.pool, r.command.trial) for r in asked if isinstance(r.command, ClosePool)]


@pytest.mark.rule("SX-18")
def test_a_pool_is_closed_once_no_draw_can_be_delivered_and_places_never() -> None:
    trials = [("red-packet", True), ("grand-prize", True)]
    assert pools({}, "2019-07-01T00:09:59") == []
    assert pools({}, "2019-07-01T00:10:00") == trials
    assert pools({}, "2019-10-08T00:09:59") == trials
    assert pools({}, "2019-10-08T00:10:00") == [*trials, ("red-packet", False)]
    done = {"pool/sx-2019/red-packet": PoolState(closed=True)}
    assert pools(done, "2019-10-08T00:10:00") == trials


@pytest.mark.rule("GX-01")
def test_the_same_act_is_the_same_request_whoever_asks_and_whenever() -> None:
    first = list(scheduling.days_to_close(SX, published(), at("2019-07-01T00:10:00")))
    again = list(scheduling.days_to_close(SX, published(), at("2019-07-02T12:00:00")))
    assert [(r.key, r.content) for r in again[: len(first)]] == [(r.key, r.content) for r in first]
    keys = [r.key for r in again] + [r.key for r in scheduling.pools_to_close(SX, {}, at("2020-01-01T00:00"))]
    assert len(set(keys)) == len(keys)


def test_a_board_is_frozen_once_whatever_position_each_worker_saw() -> None:
    board = SX.board_ids["teams"]
    one, other = (scheduling.to_freeze(SX, board, position, "ab", 3) for position in (10, 12))
    assert (one.key, one.content) == (other.key, other.content)
    assert isinstance(one.command, FreezeBoard)
    assert (one.command.position, one.command.root, one.command.entrants) == (10, "ab", 3)


@pytest.mark.rule("JS-08")
def test_a_chance_is_over_after_its_time_and_the_grace_for_late_deliveries() -> None:
    pool = JS.pool_ids["red-packet"]
    now = at("2023-11-03T08:20:00")
    before = scheduling.chances_over_before(JS, pool, False, now)
    assert before == now - timedelta(hours=24)
    (asked,) = scheduling.to_expire(JS, pool, False, [("p-1", "2023-11-02", at("2023-11-02T08:10:00"))])
    assert asked.participant == "p-1"
    assert asked.command == ExpireChance(pool="red-packet", chance="2023-11-02")
    assert scheduling.chances_over_before(JS, JS.pool_ids["movie-voucher"], False, now) is None


def test_chances_of_a_trial_that_is_over_are_left_alone() -> None:
    pool = JS.pool_ids["red-packet"]
    assert scheduling.chances_over_before(JS, pool, True, at("2023-11-02T00:00:00")) is None
    assert scheduling.chances_over_before(JS, pool, True, at("2023-11-01T23:59:59")) is not None


def test_chances_are_looked_for_until_the_last_can_be_over() -> None:
    pool = JS.pool_ids["red-packet"]
    assert not scheduling.chances_are_done(JS, pool, False, at("2023-11-11T00:19:59"))
    assert scheduling.chances_are_done(JS, pool, False, at("2023-11-11T00:20:00"))


@pytest.mark.rule("JS-10")
def test_places_bring_chances_until_the_pool_is_closed() -> None:
    board, stream = JS.board_ids["participants"], "pool/js-2023/movie-voucher"
    assert [pool.id for pool in scheduling.pools_of(JS, board, {})] == ["movie-voucher"]
    assert list(scheduling.pools_of(JS, board, {stream: PoolState(closed=True)})) == []
    places = [Place(1, "p-7", '{"rank":1}', ("ab",)), Place(2, "p-3", '{"rank":2}', ("cd",))]
    asked = scheduling.to_grant(JS, JS.pool_ids["movie-voucher"], places)
    assert [request.participant for request in asked] == ["p-7", "p-3"]
    assert [r.command.place for r in asked if isinstance(r.command, GrantChance)] == places


@pytest.mark.rule("ZG-03")
def test_an_entitlement_ends_once_by_an_id_that_never_changes() -> None:
    assert scheduling.entitlements_over_before(at("2021-03-01T00:00:00")) == date(2021, 3, 1)
    assert scheduling.entitlements_over_before(at("2021-02-28T23:59:59.999")) == date(2021, 2, 28)
    due = [("p-1", "cover", date(2021, 2, 28)), ("p-2", "cover", date(2021, 2, 28))]
    first, second = list(scheduling.to_end(due))
    assert (first.participant, first.campaign, first.command) == (
        "p-1",
        "",
        EndEntitlement(entitlement="cover"),
    )
    assert [request.key for request in scheduling.to_end(due)] == [first.key, second.key]
    twice = [*due, ("p-1", "cover", date(2021, 2, 27))]
    assert len(list(scheduling.to_end(twice))) == 2, "one request ends all that have run out"
