"""Chances to draw: granted by a sign-in, used, forfeited, expired; by their own time and by when they arrive."""

from typing import Any

import pytest
from msgspec.structs import replace

from ledger.commands import ExpireChance, ForfeitDraw, ViewContent
from ledger.events import (
    ChanceExpired,
    ChanceGranted,
    DrawForfeited,
    DrawMade,
    PrizeDrawn,
    SignedIn,
)
from ledger.refusals import (
    ChanceExpired as ChanceIsExpired,
)
from ledger.refusals import (
    ChanceForfeited,
    ChanceStillOpen,
    ChanceUnknown,
    ChanceUsed,
    DrawClosed,
    NotEnrolled,
    PoolEmpty,
    PoolUnknown,
    PrerequisiteMissing,
)
from ledger.rulebook import Rulebook
from tests.given import JS, Story, moment, replayed

PACKETS = "red-packet"


def pooled(rules: Rulebook = JS, **changes: Any) -> Rulebook:
    pools = [replace(pool, **changes) if pool.id == PACKETS else pool for pool in rules.pools]
    return replace(rules, pools=tuple(pools))


def teacher(rules: Rulebook = JS, who: str = "p-1") -> Story:
    """Somebody who may take part, on the eve of the first day."""
    story = Story(rules, published="2023-10-20 08:00")
    return watched(story, who)


def watched(story: Story, who: str) -> Story:
    story.enrol(who, branch="nanjing-university", at="2023-11-02 07:00")
    return story.post(ViewContent(ref="safety-video"), who=who, at="2023-11-02 07:01")


def forfeit(chance: str, pool: str = PACKETS) -> ForfeitDraw:
    return ForfeitDraw(pool=pool, chance=chance)


def expire(chance: str, pool: str = PACKETS) -> ExpireChance:
    return ExpireChance(pool=pool, chance=chance)


@pytest.mark.rule("JS-08", "JS-03")
def test_each_sign_in_gives_one_chance_that_lasts_ten_minutes() -> None:
    story = teacher().signs_in("2023-11-02 08:00").expect(SignedIn, ChanceGranted)
    granted = story.answer[1]
    assert isinstance(granted, ChanceGranted)
    assert (granted.pool, granted.chance, granted.rank) == (PACKETS, "2023-11-02", None)
    assert granted.expires_at == moment("2023-11-02 08:10")
    story.signs_in("2023-11-03 08:00").expect(SignedIn, ChanceGranted)
    assert [chance.id for chance in story.enrolment().play.rewards.chances] == ["2023-11-02", "2023-11-03"]


@pytest.mark.rule("JS-08", "JS-09")
def test_a_chance_is_used_once() -> None:
    story = teacher().signs_in("2023-11-02 08:00").draws(PACKETS, "2023-11-02 08:05")
    story.expect(DrawMade, PrizeDrawn)
    made = story.answer[0]
    assert isinstance(made, DrawMade)
    assert (made.chance, made.status, made.unit) == ("2023-11-02", "issued", "CNY-fen")
    assert all(leg.asset == "CNY-fen" for leg in made.postings), "a chance costs no points"
    story.draws(PACKETS, "2023-11-02 08:06").expect(ChanceUsed)
    story.draws(PACKETS, "2023-11-02 08:06", chance="2023-11-02").expect(ChanceUsed)
    assert story.refusal.clause == "JS-08"


@pytest.mark.rule("JS-08")
def test_without_a_sign_in_or_for_another_day_there_is_no_chance() -> None:
    story = teacher().draws(PACKETS, "2023-11-02 08:00").expect(ChanceUnknown)
    story.signs_in("2023-11-02 08:00").draws(PACKETS, chance="2023-11-03").expect(ChanceUnknown)
    story.draws("movie-voucher", chance="2023-11-02").expect(ChanceUnknown)
    story.draws("no-such").expect(PoolUnknown)


@pytest.mark.rule("JS-08")
@pytest.mark.parametrize(
    ("at", "delivered", "usable"),
    [
        ("08:09:59", "11-02 08:09:59", True),
        ("08:10:00", "11-02 08:10:00", False),
        ("08:10:00", "11-02 08:09:00", False),
        ("08:09:59", "11-03 08:09:59", True),
        ("08:09:59", "11-03 08:10:00", False),
    ],
)
def test_a_chance_ends_by_the_draws_own_time_and_by_a_day_of_grace_for_delivery(
    at: str, delivered: str, usable: bool
) -> None:
    story = teacher().signs_in("2023-11-02 08:00")
    story.draws(PACKETS, f"2023-11-02 {at}", delivered=f"2023-{delivered}", chance="2023-11-02")
    story.expect(*((DrawMade, PrizeDrawn) if usable else (ChanceIsExpired,)))


@pytest.mark.rule("JS-08")
def test_leaving_the_draw_page_forfeits_the_chance_at_once() -> None:
    story = teacher().signs_in("2023-11-02 08:00")
    story.post(forfeit("2023-11-02"), at="2023-11-02 08:01").expect(DrawForfeited)
    story.draws(PACKETS, "2023-11-02 08:02").expect(ChanceForfeited)
    story.draws(PACKETS, "2023-11-02 08:02", chance="2023-11-02").expect(ChanceForfeited)
    story.post(forfeit("2023-11-02")).expect(ChanceForfeited)


@pytest.mark.rule("JS-08")
def test_what_is_no_open_chance_cannot_be_forfeited() -> None:
    story = teacher().signs_in("2023-11-02 08:00")
    story.post(forfeit("2023-11-03"), at="2023-11-02 08:01").expect(ChanceUnknown)
    story.post(forfeit("2023-11-02", pool="no-such"), at="2023-11-02 08:01").expect(PoolUnknown)
    story.post(forfeit("2023-11-02"), at="2023-11-02 08:10").expect(ChanceIsExpired)
    story.draws(PACKETS, "2023-11-02 08:05").post(forfeit("2023-11-02"), at="2023-11-02 08:06")
    story.expect(ChanceUsed)
    story.post(forfeit("2023-11-02"), who="p-9", at="2023-11-02 08:06").expect(NotEnrolled)


@pytest.mark.rule("JS-08")
def test_a_chance_expires_when_no_draw_of_its_time_can_be_delivered_any_more() -> None:
    story = teacher().signs_in("2023-11-02 08:00")
    story.post(expire("2023-11-02"), at="2023-11-03 08:09:59").expect(ChanceStillOpen)
    story.post(expire("2023-11-03"), at="2023-11-03 08:10").expect(ChanceUnknown)
    story.post(expire("2023-11-02"), at="2023-11-03 08:10").expect(ChanceExpired)
    story.post(expire("2023-11-02"), at="2023-11-03 08:11").expect(ChanceUsed)
    story.post(expire("2023-11-02", pool="no-such"), at="2023-11-03 08:10").expect(PoolUnknown)
    for named in (None, "2023-11-02"):
        story.draws(PACKETS, "2023-11-03 08:12", chance=named).expect(ChanceIsExpired)


@pytest.mark.rule("JS-08")
def test_used_and_forfeited_chances_do_not_expire() -> None:
    story = teacher().signs_in("2023-11-02 08:00").draws(PACKETS, "2023-11-02 08:01")
    story.post(expire("2023-11-02"), at="2023-11-09 08:00").expect(ChanceUsed)


@pytest.mark.rule("JS-08")
def test_without_a_name_the_chance_that_lasts_longest_is_used() -> None:
    long = pooled(chance=replace(JS.pool_ids[PACKETS].chance, ttl="24h"))  # type: ignore[type-var]
    story = teacher(long).signs_in("2023-11-02 08:00").signs_in("2023-11-03 07:00")
    made = story.draws(PACKETS, "2023-11-03 07:01").answer[0]
    assert isinstance(made, DrawMade)
    assert made.chance == "2023-11-03"
    made = story.draws(PACKETS, "2023-11-03 07:02").answer[0]
    assert isinstance(made, DrawMade)
    assert made.chance == "2023-11-02"
    story.draws(PACKETS, "2023-11-03 07:03").expect(ChanceUsed)


@pytest.mark.rule("JS-08")
def test_a_sign_in_that_is_delivered_late_does_not_stand_before_a_chance_of_today() -> None:
    story = teacher().signs_in("2023-11-03 08:00").signs_in("2023-11-02 08:00", delivered="2023-11-03 08:01")
    story.draws(PACKETS, "2023-11-03 08:02").expect(DrawMade, PrizeDrawn)
    made = story.answer[0]
    assert isinstance(made, DrawMade)
    assert made.chance == "2023-11-03"


@pytest.mark.rule("JS-08")
def test_without_a_usable_chance_the_last_one_says_why() -> None:
    story = teacher().signs_in("2023-11-02 08:00").signs_in("2023-11-03 08:00")
    story.draws(PACKETS, "2023-11-03 08:01").expect(DrawMade, PrizeDrawn)
    story.draws(PACKETS, "2023-11-03 08:02").expect(ChanceUsed)
    story.signs_in("2023-11-04 08:00").post(forfeit("2023-11-04"), at="2023-11-04 08:01")
    story.draws(PACKETS, "2023-11-04 08:02").expect(ChanceForfeited)


@pytest.mark.rule("JS-08")
def test_the_chance_of_a_sign_in_in_the_last_minute_has_its_ten_minutes() -> None:
    story = teacher().signs_in("2023-11-08 23:59:30").draws(PACKETS, "2023-11-09 00:09:29")
    story.expect(DrawMade, PrizeDrawn)
    late = teacher().signs_in("2023-11-08 23:59:30")
    late.draws(PACKETS, "2023-11-09 00:09:29", delivered="2023-11-10 00:09:29").expect(DrawMade, PrizeDrawn)
    late = teacher().signs_in("2023-11-08 23:59:30")
    late.draws(PACKETS, "2023-11-09 00:09:29", delivered="2023-11-10 00:10:00").expect(DrawClosed)


@pytest.mark.rule("JS-09")
def test_the_draw_after_the_last_packet_is_refused_and_leaves_the_chance() -> None:
    two = tuple(replace(prize, stock=1) for prize in JS.pool_ids[PACKETS].prizes[:2])
    story = teacher(pooled(prizes=two))
    for who in ("p-2", "p-3"):
        watched(story, who)
    for who in ("p-1", "p-2", "p-3"):
        story.signs_in("2023-11-02 08:00", who=who)
    won = set()
    for who in ("p-1", "p-2"):
        made = story.draws(PACKETS, "2023-11-02 08:01", who=who).expect(DrawMade, PrizeDrawn).answer[0]
        assert isinstance(made, DrawMade)
        won.add(made.outcome)
    assert won == {prize.id for prize in two}
    story.draws(PACKETS, "2023-11-02 08:02", who="p-3").expect(PoolEmpty)
    assert story.refusal.clause == "JS-09"
    assert [chance.state for chance in story.enrolment("p-3").play.rewards.chances] == ["open"]


@pytest.mark.rule("JS-13", "JS-08")
def test_a_draw_needs_what_everything_needs() -> None:
    story = Story(JS, published="2023-10-20 08:00").enrol(branch="nanjing", at="2023-11-02 07:00")
    story.draws(PACKETS, "2023-11-02 08:00").expect(PrerequisiteMissing)
    story.post(forfeit("2023-11-02"), at="2023-11-02 08:01").expect(PrerequisiteMissing)


@pytest.mark.rule("GX-06")
def test_chances_are_what_the_log_says() -> None:
    story = teacher().signs_in("2023-11-02 08:00").draws(PACKETS).signs_in("2023-11-03 08:00")
    story.post(forfeit("2023-11-03"), at="2023-11-03 08:01").signs_in("2023-11-04 08:00")
    story.post(expire("2023-11-04"), at="2023-11-05 09:00").signs_in("2023-11-05 09:00")
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
    states = [chance.state for chance in story.enrolment().play.rewards.chances]
    assert states == ["used", "forfeited", "expired", "open"]
