"""For every refusal a request that meets it, and the clause that it names; in order of precedence."""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from ledger import refusals
from ledger.commands import (
    CloseDay,
    ClosePool,
    DeliverPrize,
    IssuePrize,
    PublishCampaign,
    RemoveMember,
    SetTeamGoal,
    SubmitAddress,
)
from ledger.refusal import Refusal
from ledger.rulebook import Rulebook
from tests.given import SX, Story, day_of, moment
from tests.unit import rows_of_branches, rows_of_doings, rows_of_members, rows_of_shops
from tests.unit.test_chances import expire, forfeit, teacher
from tests.unit.test_contests import codes, entered, held, run, seal, sealed
from tests.unit.test_draws import badged, pooled, walker
from tests.unit.test_frozen_board import FREEZE, FREEZES, PLACES, frozen, grant
from tests.unit.test_membership import js
from tests.unit.test_prizes import address, winner
from tests.unit.test_teams import LOOSE, PAIR, together

assert SX.route is not None
NEAR = replace(SX, route=replace(SX.route, total_steps=13 * 2_000))
BARE = replace(
    SX, sign_in=None, steps=None, route=None, points=(), badges=(), teams=None, pools=(), boards=()
)
EIGHT = "07-02 08:00"


class Row(NamedTuple):
    """A refusal, the request that meets it, and the clause that it names."""

    refusal: type[Refusal]
    request: Callable[[], Story]
    clause: str


def player(rules: Rulebook = NEAR) -> Story:
    """Enrolled, signed in on the first day, two checkpoints lit, the first passed and reflected on."""
    story = Story(rules).enrol(at="06-30 10:00")
    if rules is NEAR:
        story.signs_in("07-01 08:00").syncs(4_000, "07-01 21:00").answers("cp-01", "A", "07-01 21:01")
        story.reflects(1, "07-01 21:02")
    return story


def sync_of(story: Story) -> int:
    """The position of the first step sync."""
    return next(n for n, entry in enumerate(story.log, 1) if entry.event.TOPIC == "steps-synced.v1")


def corrected(at: str, times: int = 1) -> Story:
    """Somebody whose sync is taken back, perhaps again."""
    story = player()
    for _ in range(times):
        story.corrects(sync_of(story), at)
    return story


def unpublished() -> Story:
    """A ledger in which nothing was published."""
    story = Story()
    story.states.clear()
    story.log.clear()
    return story


def three(rules: Rulebook = LOOSE) -> Story:
    """A team of two, and somebody who is in none."""
    return together(rules, "p-1", "p-2").enrol("p-3", at="07-01 09:00")


def used() -> Story:
    """Somebody whose one chance is used."""
    return teacher().signs_in("2023-11-02 08:00").draws("red-packet", "2023-11-02 08:01")


TABLE = [
    Row(
        refusals.CampaignExists,
        lambda: Story().post(PublishCampaign(text="", digest="rules-1"), who=""),
        "GX-08",
    ),
    Row(refusals.CampaignUnknown, lambda: unpublished().amend(SX, "06-01 08:00"), "GX-08"),
    Row(
        refusals.AmendmentNotAllowed,
        lambda: Story().amend(SX, "06-02 08:00", effective_at="06-01 09:00"),
        "GX-08",
    ),
    Row(refusals.NotEnrolled, lambda: Story().signs_in("07-01 08:00"), "SX-02"),
    Row(
        refusals.PrerequisiteMissing,
        lambda: js().enrol(branch="nanjing", at="2023-11-02 07:00").signs_in(),
        "JS-13",
    ),
    Row(refusals.FutureDated, lambda: player().signs_in("07-02 08:05:01", delivered=EIGHT), "GX-04"),
    Row(refusals.BeforeCampaign, lambda: player().syncs(1, "07-02 21:00", day="06-17"), "GX-04"),
    Row(refusals.AfterCampaign, lambda: player().signs_in("10-09 00:00"), "SX-01"),
    Row(refusals.TrialOver, lambda: player().signs_in("06-30 12:00", delivered=EIGHT), "SX-01"),
    Row(
        refusals.MembershipRequired,
        lambda: js().enrol(branch="nanjing-federation", at="2023-11-02 07:00"),
        "JS-02",
    ),
    Row(refusals.AlreadyEnrolled, lambda: player().enrol(at=EIGHT), "SX-02"),
    Row(refusals.BranchUnknown, lambda: Story().enrol(branch="nowhere", at=EIGHT), "SX-02"),
    Row(refusals.NotPlayed, lambda: player(BARE).signs_in(EIGHT), "SX-01"),
    Row(refusals.AlreadySignedIn, lambda: player().signs_in("07-01 09:00"), "SX-11"),
    Row(refusals.DayClosed, lambda: player().syncs(1, "07-02 00:10", day="07-01"), "SX-05"),
    Row(refusals.QuestionUnknown, lambda: player().answers("cp-14", "A", EIGHT), "SX-09"),
    Row(refusals.CheckpointUnknown, lambda: player().reflects(14, EIGHT), "SX-15"),
    Row(refusals.CheckpointNotLit, lambda: player().answers("cp-03", "B", EIGHT), "SX-09"),
    Row(refusals.CheckpointAlreadyPassed, lambda: player().answers("cp-01", "A", EIGHT), "SX-09"),
    Row(refusals.CheckpointNotPassed, lambda: player().reflects(2, EIGHT), "SX-15"),
    Row(refusals.ReflectionAlreadyPosted, lambda: player().reflects(1, EIGHT), "SX-15"),
    Row(refusals.TeamUnknown, lambda: player().joins("t-9", EIGHT), "SX-03"),
    Row(refusals.TeamExists, lambda: three().creates("t-1", who="p-3"), "SX-03"),
    Row(refusals.AlreadyInTeam, lambda: three().creates("t-2"), "SX-03"),
    Row(refusals.TeamFull, lambda: three(PAIR).joins("t-1", who="p-3"), "SX-03"),
    Row(refusals.NotCaptain, lambda: three().post(SetTeamGoal(team="t-1", goal=1), who="p-2"), "SX-04"),
    Row(
        refusals.CaptainCannotRemove, lambda: three(SX).post(RemoveMember(team="t-1", member="p-2")), "SX-04"
    ),
    Row(refusals.NotAMember, lambda: three().post(RemoveMember(team="t-1", member="p-3")), "SX-03"),
    Row(refusals.PoolUnknown, lambda: walker().draws("no-such"), "SX-01"),
    Row(refusals.NotDrawn, lambda: walker().draws("team-prize"), "SX-24"),
    Row(refusals.DrawClosed, lambda: walker().draws("red-packet", "10-08 00:00"), "SX-18"),
    Row(refusals.ChanceUnknown, lambda: teacher().draws("red-packet", "2023-11-02 08:00"), "JS-08"),
    Row(refusals.ChanceUsed, lambda: used().draws("red-packet"), "JS-08"),
    Row(
        refusals.ChanceForfeited,
        lambda: teacher().signs_in("2023-11-02 08:00").post(forfeit("2023-11-02")).draws("red-packet"),
        "JS-08",
    ),
    Row(
        refusals.ChanceExpired,
        lambda: teacher().signs_in("2023-11-02 08:00").draws("red-packet", "2023-11-02 08:10"),
        "JS-08",
    ),
    Row(
        refusals.ChanceStillOpen,
        lambda: teacher().signs_in("2023-11-02 08:00").post(expire("2023-11-02")),
        "JS-08",
    ),
    Row(
        refusals.DrawsUsedUp,
        lambda: walker(pooled(cost_points=1, daily_max=1)).draws("red-packet").draws("red-packet"),
        "SX-18",
    ),
    Row(refusals.NotEnoughPoints, lambda: walker(steps=8_000).draws("red-packet"), "SX-18"),
    Row(refusals.PoolEmpty, lambda: winner("cash").draws("cash"), "SX-18"),
    Row(refusals.PrizeUnknown, lambda: winner().post(address("towel.2")), "SX-25"),
    Row(refusals.AddressNotNeeded, lambda: winner("cash").post(address("cash.1")), "SX-25"),
    Row(refusals.AddressAlreadySubmitted, lambda: winner().post(address()).post(address()), "SX-25"),
    Row(refusals.AddressNotInMainland, lambda: winner().post(address(region="CN-HK")), "SX-25"),
    Row(refusals.PrizeStepNotAllowed, lambda: winner().post(DeliverPrize(prize="towel.1")), "SX-25"),
    Row(refusals.PoolStillOpen, lambda: Story().post(ClosePool(pool="red-packet"), who=""), "SX-18"),
    Row(refusals.DrawAlreadySealed, lambda: (s := sealed()).post(seal(s), who=""), "SX-22"),
    Row(
        refusals.BeaconNotInFuture,
        lambda: (s := sealed()).post(run(s), who="", at="07-04 19:59:59"),
        "SX-22",
    ),
    Row(refusals.DrawNotSealed, lambda: (s := held()).post(run(s), who=""), "SX-22"),
    Row(
        refusals.SealBroken,
        lambda: (s := sealed()).post(run(s, tickets=()), who="", at="07-04 20:01"),
        "SX-22",
    ),
    Row(refusals.BoardUnknown, lambda: Story().post(FREEZE, who="", at="10-09 00:00"), "SX-01"),
    Row(
        refusals.BoardStillMoving,
        lambda: Story().post(replace(FREEZE, board="teams"), who="", at="10-08 00:09:59"),
        "SX-23",
    ),
    Row(refusals.BoardFrozenAlready, lambda: frozen().post(FREEZE, who="", at=FREEZES), "JS-05"),
    Row(refusals.PlaceNotProven, lambda: frozen().post(grant(PLACES[1])), "JS-10"),
    Row(refusals.VoucherLineEmpty, lambda: entered(1).post(codes("a", ""), who=""), "SX-22"),
    Row(refusals.VoucherTwice, lambda: entered(1).post(codes("a", "a"), who=""), "SX-22"),
    Row(
        refusals.VoucherKnown,
        lambda: entered(1).post(codes("a"), who="").post(codes("b", "a"), who=""),
        "SX-22",
    ),
    Row(refusals.NoVoucherLeft, lambda: winner("movie").post(IssuePrize(prize="movie.1")), "SX-25"),
    Row(
        refusals.DayNotOver,
        lambda: Story().post(CloseDay(day=day_of("07-01")), who="", at="07-02 00:09:59"),
        "SX-05",
    ),
    Row(refusals.NothingToReverse, lambda: player().corrects(2, EIGHT), "GX-03"),
    Row(refusals.DayStillOpen, lambda: corrected("07-01 21:30"), "GX-03"),
    Row(refusals.AlreadyReversed, lambda: corrected(EIGHT, times=2), "GX-03"),
]

Both = tuple[tuple[type[Refusal], type[Refusal]], Callable[[], Story]]
ABROAD = SubmitAddress(prize="cash.1", address_ref="a", region="JP")

PRECEDENCE: list[Both] = [
    (
        (refusals.NotEnrolled, refusals.FutureDated),
        lambda: Story().signs_in("07-09 08:00", delivered="07-01 08:00"),
    ),
    (
        (refusals.NotEnrolled, refusals.BeforeCampaign),
        lambda: Story().syncs(1, "07-01 21:00", day="01-01"),
    ),
    ((refusals.NotEnrolled, refusals.DayClosed), lambda: Story().syncs(1, "07-05 21:00", day="07-01")),
    ((refusals.NotEnrolled, refusals.QuestionUnknown), lambda: Story().answers("cp-99", "A", "07-05 21:00")),
    ((refusals.NotEnrolled, refusals.PrerequisiteMissing), lambda: js().signs_in("2023-11-02 08:00")),
    ((refusals.NotEnrolled, refusals.TeamUnknown), lambda: Story().joins("t-9", EIGHT)),
    ((refusals.NotEnrolled, refusals.PoolUnknown), lambda: Story().draws("no-such", EIGHT)),
    ((refusals.NotEnrolled, refusals.PrizeUnknown), lambda: Story().post(address(), at=EIGHT)),
    (
        (refusals.PrerequisiteMissing, refusals.FutureDated),
        lambda: (
            js()
            .enrol(branch="nanjing", at="2023-11-02 07:00")
            .signs_in("2023-11-03 08:00", delivered="2023-11-02 08:00")
        ),
    ),
    (
        (refusals.FutureDated, refusals.AfterCampaign),
        lambda: player().signs_in("12-01 08:00", delivered=EIGHT),
    ),
    ((refusals.FutureDated, refusals.AfterCampaign), lambda: player().syncs(1, "07-02 21:00", day="12-01")),
    (
        (refusals.FutureDated, refusals.AlreadyEnrolled),
        lambda: player().enrol(at="07-05 08:00", delivered=EIGHT),
    ),
    (
        (refusals.FutureDated, refusals.DrawClosed),
        lambda: walker().draws("red-packet", "10-09 08:00", delivered="07-04 08:00"),
    ),
    ((refusals.BeforeCampaign, refusals.DayClosed), lambda: player().syncs(1, "07-02 21:00", day="01-01")),
    (
        (refusals.BeforeCampaign, refusals.NotPlayed),
        lambda: player(BARE).syncs(1, "07-02 21:00", day="01-01"),
    ),
    ((refusals.AfterCampaign, refusals.NotPlayed), lambda: player(BARE).signs_in("10-09 08:00")),
    ((refusals.AfterCampaign, refusals.AlreadyEnrolled), lambda: player().enrol(at="10-09 08:00")),
    (
        (refusals.AfterCampaign, refusals.BranchUnknown),
        lambda: player().enrol(branch="nowhere", at="10-09 08:00"),
    ),
    (
        (refusals.AfterCampaign, refusals.QuestionUnknown),
        lambda: player().answers("cp-99", "A", "10-09 08:00"),
    ),
    ((refusals.AfterCampaign, refusals.AlreadyInTeam), lambda: three().creates("t-2", "10-09 08:00")),
    (
        (refusals.TrialOver, refusals.DayClosed),
        lambda: player().syncs(1, "06-30 21:00", delivered="07-02 21:00"),
    ),
    (
        (refusals.TrialOver, refusals.NotPlayed),
        lambda: player(BARE).signs_in("06-30 21:00", delivered="07-02 21:00"),
    ),
    (
        (refusals.TrialOver, refusals.PoolUnknown),
        lambda: walker().draws("no-such", "06-30 21:00", delivered="07-04 08:00"),
    ),
    (
        (refusals.MembershipRequired, refusals.AlreadyEnrolled),
        lambda: teacher().enrol(branch="nanjing-federation"),
    ),
    ((refusals.AlreadyEnrolled, refusals.BranchUnknown), lambda: player().enrol(branch="nowhere", at=EIGHT)),
    (
        (refusals.NotPlayed, refusals.DayClosed),
        lambda: player(BARE).syncs(1, "07-05 21:00", day="07-01"),
    ),
    (
        (refusals.NotPlayed, refusals.QuestionUnknown),
        lambda: player(BARE).answers("cp-99", "A", "07-05 21:00"),
    ),
    ((refusals.NotPlayed, refusals.TeamUnknown), lambda: player(BARE).joins("t-9", EIGHT)),
    (
        (refusals.QuestionUnknown, refusals.CheckpointNotLit),
        lambda: player().answers("cp-03", "A", "07-05 21:00", checkpoint=4),
    ),
    (
        (refusals.CheckpointUnknown, refusals.CheckpointNotPassed),
        lambda: player().reflects(99, "07-05 21:00"),
    ),
    ((refusals.TeamUnknown, refusals.AlreadyInTeam), lambda: three().joins("t-9")),
    (
        (refusals.TeamUnknown, refusals.NotCaptain),
        lambda: three().post(SetTeamGoal(team="t-9", goal=1), who="p-2"),
    ),
    ((refusals.TeamExists, refusals.AlreadyInTeam), lambda: three().creates("t-1", who="p-2")),
    ((refusals.AlreadyInTeam, refusals.TeamFull), lambda: three(PAIR).joins("t-1", who="p-2")),
    (
        (refusals.NotCaptain, refusals.CaptainCannotRemove),
        lambda: three(SX).post(RemoveMember(team="t-1", member="p-1"), who="p-2"),
    ),
    (
        (refusals.CaptainCannotRemove, refusals.NotAMember),
        lambda: three(SX).post(RemoveMember(team="t-1", member="p-3")),
    ),
    ((refusals.NotDrawn, refusals.DrawClosed), lambda: walker().draws("team-prize", "10-09 08:00")),
    (
        (refusals.DrawClosed, refusals.ChanceUnknown),
        lambda: walker().draws("grand-prize", "10-16 00:00", chance="nothing"),
    ),
    (
        (refusals.DrawClosed, refusals.NotEnoughPoints),
        lambda: walker(steps=0).draws("red-packet", "10-08 00:00"),
    ),
    (
        (refusals.ChanceUsed, refusals.ChanceExpired),
        lambda: used().draws("red-packet", "2023-11-02 09:00"),
    ),
    (
        (refusals.ChanceUnknown, refusals.NotEnoughPoints),
        lambda: walker(steps=0).draws("red-packet", chance="nothing"),
    ),
    (
        (refusals.ChanceUsed, refusals.DrawsUsedUp),
        lambda: (
            badged(pooled(cost_badges=("full-attendance",), daily_max=1))
            .draws("red-packet", chance="full-attendance")
            .draws("red-packet", chance="full-attendance")
        ),
    ),
    (
        (refusals.DrawsUsedUp, refusals.NotEnoughPoints),
        lambda: walker(pooled(daily_max=1)).draws("red-packet").draws("red-packet"),
    ),
    (
        (refusals.NotEnoughPoints, refusals.PoolEmpty),
        lambda: Story(pooled(prizes=())).enrol(at=EIGHT).draws("red-packet"),
    ),
    ((refusals.AddressNotNeeded, refusals.AddressNotInMainland), lambda: winner("cash").post(ABROAD)),
    (
        (refusals.AddressAlreadySubmitted, refusals.AddressNotInMainland),
        lambda: winner().post(address()).post(address(region="JP")),
    ),
    (
        (refusals.AddressAlreadySubmitted, refusals.PrizeStepNotAllowed),
        lambda: winner().post(address()).post(IssuePrize(prize="towel.1")).post(address()),
    ),
    (
        (refusals.NotDrawn, refusals.PoolStillOpen),
        lambda: (s := entered(1)).post(seal(s, pool="red-packet"), who=""),
    ),
    (
        (refusals.PoolStillOpen, refusals.BeaconNotInFuture),
        lambda: (s := entered(1)).post(
            seal(s, beacon=replace(seal(s).beacon, at=moment("06-01 00:00"))), who=""
        ),
    ),
    (
        (refusals.BeaconNotInFuture, refusals.SealBroken),
        lambda: (s := sealed()).post(run(s, tickets=()), who="", at="07-04 19:59:59"),
    ),
    (
        (refusals.VoucherLineEmpty, refusals.VoucherTwice),
        lambda: entered(1).post(codes("a", "", "a"), who=""),
    ),
    (
        (refusals.VoucherTwice, refusals.VoucherKnown),
        lambda: entered(1).post(codes("a"), who="").post(codes("a", "a"), who=""),
    ),
    (
        (refusals.PrizeStepNotAllowed, refusals.NoVoucherLeft),
        lambda: winner("movie", codes=1).post(IssuePrize(prize="movie.1")),
    ),
]
"""Two refusals that both hold, and the request that meets them; the first is the answer."""

TABLE += [Row(*row) for row in rows_of_branches.ROWS]
PRECEDENCE += rows_of_branches.PRECEDENCE
TABLE += [Row(*row) for row in (*rows_of_doings.DOINGS, *rows_of_doings.FUNDS, *rows_of_doings.HELP)]
PRECEDENCE += rows_of_doings.PRECEDENCE
TABLE += [Row(*row) for row in rows_of_members.ROWS]
PRECEDENCE += rows_of_members.PRECEDENCE
TABLE += [Row(*row) for row in rows_of_shops.ROWS]
PRECEDENCE += rows_of_shops.PRECEDENCE
TABLE.sort(key=lambda row: refusals.REFUSALS.index(row.refusal))
