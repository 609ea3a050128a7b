"""The member's wallet: points of campaigns that have one lie there, and nowhere else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.campaign import Campaign
from ledger.events import (
    CorrectionMade,
    DrawMade,
    Event,
    PrizeDrawn,
    SignedIn,
    StepsSynced,
    TeamGoalLost,
    TeamGoalMet,
)
from ledger.member_events import PointsExpired, PointsMoved
from ledger.member_refusals import NothingExpired
from ledger.refusals import AlreadyReversed, AmendmentNotAllowed, NotEnoughPoints, NothingToReverse
from tests.given import SHANGHAI, SX, Story, balances, moment, replayed
from tests.unit.wallets import OTHER, WALLET, WALLETED, earner, earns, expires, member, redeems

MINE = "points:member:p-1"


def held(story: Story) -> dict[str, int]:
    """What the accounts of points hold, but for empty ones; each is what its events say."""
    assert replayed(story.log) == story.states
    kinds = ("points:", "issued:", "spent:", "expired:")
    return {
        account.removesuffix(" points"): amount
        for account, amount in balances(story.log).items()
        if amount and account.startswith(kinds)
    }


@pytest.mark.rule("ZG-08")
def test_points_go_to_the_wallet_beside_the_fact_that_earned_them() -> None:
    story = Story(WALLETED).enrol(at="06-30 10:00").signs_in("07-01 08:00")
    signed_in, moved = story.answer
    assert isinstance(signed_in, SignedIn)
    assert isinstance(moved, PointsMoved)
    assert signed_in.postings == ()
    assert [(leg.account, leg.amount, leg.clause, leg.balance_after) for leg in moved.postings] == [
        (MINE, 1, "SX-11", 1),
        ("issued:sx-2019", -1, "", None),
    ]
    assert (moved.campaign, moved.stream, moved.version) == ("sx-2019", "p-1@sx-2019", 2)
    assert moved.cause == "signed-in.v1"
    assert [entry.stream for entry in story.log[-2:]] == ["p-1@sx-2019", "member/p-1"]
    assert held(story) == {MINE: 1, "issued:sx-2019": -1}
    story.expect(balance=0)


@pytest.mark.rule("ZG-08", "ZG-05")
def test_the_points_of_a_day_lie_in_one_lot_and_a_lower_sync_takes_from_it() -> None:
    story = earner(days=2)
    first, second = member(story).lots
    assert (first.points, second.points) == (6, 6)
    assert first.expires == moment("08-01 00:00")
    assert second.expires == moment("08-02 00:00")
    story.syncs(100, "07-02 22:00").expect(StepsSynced, PointsMoved)
    assert [lot.points for lot in member(story).lots] == [6, 1]
    assert held(story) == {MINE: 7, "issued:sx-2019": -7}


@pytest.mark.rule("ZG-08", "SX-01")
def test_the_trials_points_never_come_into_the_wallet() -> None:
    story = Story(WALLETED).enrol(at="06-18 10:00").signs_in("06-19 08:00").expect(SignedIn, balance=1)
    assert member(story).lots == ()
    assert held(story) == {"points:sx-2019.trial:p-1": 1, "issued:sx-2019.trial": -1}
    story.signs_in("07-01 08:00").expect(SignedIn, PointsMoved, balance=0)


@pytest.mark.rule("ZG-08", "SX-14")
def test_a_teams_points_go_to_each_mates_wallet_and_back_when_the_day_is_lost() -> None:
    assert SX.teams is not None
    rules = replace(WALLETED, teams=replace(SX.teams, size=2, team_goal=12_000))
    story = Story(rules).enrol(at="06-30 10:00").enrol("p-2", at="06-30 10:00")
    story.creates("t", "07-01 09:00").joins("t", "07-01 09:01", who="p-2")
    assert (member(story).balance, member(story, "p-2").balance) == (20, 0)
    story.syncs(7_000, "07-01 21:00").syncs(7_000, "07-01 21:01", who="p-2")
    met = next(event for event in story.answer if isinstance(event, TeamGoalMet))
    assert (met.points, met.postings) == (2, ())
    assert (member(story).balance, member(story, "p-2").balance) == (26, 6)
    story.syncs(1_000, "07-01 22:00", who="p-2")
    assert [type(event) for event in story.answer].count(TeamGoalLost) == 2
    assert (member(story).balance, member(story, "p-2").balance) == (24, 0)
    assert held(story) == {MINE: 24, "issued:sx-2019": -24}


@pytest.mark.rule("SJ-08", "ZG-08")
def test_a_draw_is_paid_from_the_wallet_by_what_expires_first() -> None:
    story = earner(days=2).draws("lucky", "07-03 10:00").expect(DrawMade, PointsMoved, PrizeDrawn)
    assert [lot.points for lot in member(story).lots] == [1, 6]
    drawn, moved, _ = story.answer
    assert [leg.account for leg in moved.postings] == [MINE, "spent:sx-2019"]
    assert all(leg.asset == "CNY-fen" for leg in drawn.postings)
    assert held(story) == {MINE: 7, "issued:sx-2019": -12, "spent:sx-2019": 5}
    story.draws("lucky", "07-03 10:01").draws("lucky", "07-03 10:02").expect(NotEnoughPoints)
    assert held(story) == {MINE: 2, "issued:sx-2019": -12, "spent:sx-2019": 10}


@pytest.mark.rule("ZG-08")
def test_points_of_one_campaign_are_spent_in_another() -> None:
    story = earner(days=1).also(OTHER)
    story.enrol(at="07-02 10:00", campaign="other")
    story.draws("lucky", "07-02 10:01", campaign="other").expect(DrawMade, PointsMoved, PrizeDrawn)
    story.signs_in("07-02 10:02", campaign="other")
    assert held(story) == {MINE: 2, "issued:sx-2019": -6, "issued:other": -1, "spent:other": 5}
    assert member(story).balance == 2


@pytest.mark.rule("ZG-08")
def test_points_that_begin_the_next_day_cannot_be_spent_before() -> None:
    later = replace(WALLETED, wallet=replace(WALLET, begins="next_day"))
    story = earner(later, days=1).draws("lucky", "07-01 22:00").expect(NotEnoughPoints)
    assert "0 to spend" in story.refusal.detail
    story.draws("lucky", "07-02 00:00").expect(DrawMade, PointsMoved, PrizeDrawn)


@pytest.mark.rule("ZG-08")
def test_expired_points_cannot_be_spent_whether_or_not_that_was_said() -> None:
    story = earner(days=2)
    story.draws("lucky", "08-01 00:01").expect(DrawMade, PointsMoved, PrizeDrawn)
    assert [lot.points for lot in member(story).lots] == [6, 1], "of the second day, for the first is over"
    story.draws("lucky", "08-01 00:02").expect(NotEnoughPoints)
    expires(story, "08-01 00:03").expect(PointsExpired)
    story.draws("lucky", "08-01 00:04").expect(NotEnoughPoints)
    assert held(story) == {MINE: 1, "issued:sx-2019": -12, "spent:sx-2019": 5, "expired:member": 6}


@pytest.mark.rule("ZG-08")
def test_a_draw_of_before_the_expiry_that_arrives_after_it_finds_the_points_gone() -> None:
    """By the time at which it is written: whether the expiry has been said must not matter."""
    for said in (False, True):
        story = earner(days=1)
        if said:
            expires(story, "08-01 00:00")
        story.draws("lucky", "07-31 23:59:59", delivered="08-01 00:05").expect(NotEnoughPoints)


@pytest.mark.rule("ZG-08")
def test_what_has_expired_is_said_once_and_goes_to_an_account_of_its_own() -> None:
    story = expires(earner(days=2), "07-31 23:59:59").expect(NothingExpired)
    (event,) = expires(story, "08-02 12:00").expect(PointsExpired).answer
    assert isinstance(event, PointsExpired)
    assert [lot.points for lot in event.lots] == [6, 6]
    assert [(leg.account, leg.amount, leg.balance_after) for leg in event.postings] == [
        (MINE, -12, 0),
        ("expired:member", 12, None),
    ]
    expires(story, "08-03 12:00").expect(NothingExpired)
    assert held(story) == {"issued:sx-2019": -12, "expired:member": 12}


def fact(story: Story, kind: type[Event]) -> int:
    """The position of the first event of a kind."""
    return next(n for n, entry in enumerate(story.log, 1) if isinstance(entry.event, kind))


@pytest.mark.rule("GX-03", "ZG-08")
@pytest.mark.parametrize("beside", [0, 1], ids=["by the fact", "by what it moved"])
@pytest.mark.parametrize(("kind", "points"), [(SignedIn, 1), (StepsSynced, 5)])
def test_a_correction_names_the_fact_or_what_it_moved_and_works_once(
    beside: int, kind: type[Event], points: int
) -> None:
    story = earner(days=2)
    at = fact(story, kind)
    story.corrects(at + beside, "07-04 10:00").expect(CorrectionMade, PointsMoved)
    correction, moved = story.answer
    assert isinstance(correction, CorrectionMade)
    assert (correction.reverses, correction.postings) == (at, ())
    assert isinstance(moved, PointsMoved)
    assert [(lot.points, lot.expires) for lot in moved.lots] == [(-points, moment("08-01 00:00"))]
    for again in (at, at + 1):
        story.corrects(again, "07-04 10:01").expect(AlreadyReversed)
    assert held(story) == {MINE: 12 - points, "issued:sx-2019": points - 12}


@pytest.mark.rule("GX-03")
def test_a_correction_that_is_corrected_gives_the_points_back_to_their_lot() -> None:
    story = earner(days=2)
    before = member(story).lots
    story.corrects(fact(story, SignedIn), "07-04 10:00")
    story.corrects(story.position, "07-20 10:00").expect(CorrectionMade, PointsMoved)
    assert [(lot.points, lot.expires) for lot in member(story).lots] == [
        (lot.points, lot.expires) for lot in before
    ]


@pytest.mark.rule("GX-03")
def test_what_was_spent_and_is_taken_back_is_debt_that_the_next_points_pay() -> None:
    story = earner(days=1).draws("lucky", "07-02 10:00")
    story.corrects(fact(story, StepsSynced), "07-03 10:00").expect(CorrectionMade, PointsMoved)
    assert (member(story).lots, member(story).debt, member(story).balance) == ((), 4, -4)
    story.draws("lucky", "07-03 10:01").expect(NotEnoughPoints)
    earns(story, 4, 4)
    assert (member(story).debt, member(story).balance) == (0, 2)
    assert held(story) == {MINE: 2, "issued:sx-2019": -7, "spent:sx-2019": 5}


@pytest.mark.rule("GX-03")
def test_neither_a_payment_nor_somebody_elses_points_can_be_corrected() -> None:
    story = earner(days=1).draws("lucky", "07-02 10:00")
    paid = story.position
    for position in (paid, paid + 1, paid + 2):
        story.corrects(position, "07-03 10:00").expect(NothingToReverse)
    story.enrol("p-2", at="07-03 10:01")
    story.corrects(fact(story, SignedIn), "07-03 10:02", who="p-2").expect(NothingToReverse)


@pytest.mark.rule("ZG-08", "GX-08")
def test_an_amendment_neither_adds_nor_drops_the_wallet() -> None:
    Story(SX).amend(replace(SX, wallet=WALLET), "06-02 10:00").expect(AmendmentNotAllowed, who="")
    story = Story(WALLETED).amend(replace(WALLETED, wallet=None), "06-02 10:00").expect(AmendmentNotAllowed)
    campaign = story.states["campaign/sx-2019"]
    assert isinstance(campaign, Campaign)
    assert len(campaign.versions) == 1
    story.amend(replace(WALLETED, wallet=replace(WALLET, lasts="60d")), "06-02 10:01")
    assert not story.refused


DOINGS: dict[str, Callable[[Story, str], object]] = {
    "signs in": lambda story, day: story.signs_in(f"{day}T08:00:00"),
    "walks": lambda story, day: story.syncs(9_000, f"{day}T21:00:00"),
    "walks less": lambda story, day: story.syncs(500, f"{day}T22:00:00"),
    "draws": lambda story, day: story.draws("lucky", f"{day}T22:30:00"),
    "redeems": lambda story, day: redeems(story, "towel", f"{day}T22:40:00"),
    "expires": lambda story, day: expires(story, f"{day}T23:00:00"),
}


@pytest.mark.rule("ZG-08", "GX-02")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(DOINGS)), st.integers(0, 6)), max_size=25))
def test_whether_and_when_expiry_is_said_changes_no_other_answer(doings: list[tuple[str, int]]) -> None:
    """One ledger whose scheduler never runs, and one where it runs whenever the list says."""
    rules = replace(WALLETED, wallet=replace(WALLET, lasts="4d"))
    told, untold = (Story(rules).enrol(at="06-30 10:00") for _ in range(2))
    day = moment("07-01 00:00")
    for what, later in doings:
        day += timedelta(days=later)
        date = day.astimezone(SHANGHAI).date().isoformat()
        DOINGS[what](told, date)
        if what != "expires":
            DOINGS[what](untold, date)
            assert [type(event) for event in told.answer] == [type(event) for event in untold.answer]
    gone = balances(told.log)["expired:member points"]
    assert member(told).balance == member(untold).balance - gone
    assert member(told).debt == member(untold).debt
    held(told)
