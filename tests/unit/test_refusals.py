"""A row for every refusal, and which one is the answer when several hold."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from ledger.campaign import Campaign
from ledger.commands import PublishCampaign, SignIn, SyncSteps, request
from ledger.decide import State, decide
from ledger.enrolment import Enrolment, evolve
from ledger.refusals import (
    REFUSALS,
    AfterCampaign,
    AlreadyEnrolled,
    AlreadyReversed,
    AlreadySignedIn,
    AmendmentNotAllowed,
    BeforeCampaign,
    BranchUnknown,
    CampaignExists,
    CampaignUnknown,
    CheckpointAlreadyPassed,
    CheckpointNotLit,
    CheckpointNotPassed,
    CheckpointUnknown,
    DayClosed,
    DayStillOpen,
    FutureDated,
    Malformed,
    NotEnrolled,
    NothingToReverse,
    NotPlayed,
    QuestionUnknown,
    ReflectionAlreadyPosted,
    Refusal,
    TrialOver,
)
from tests.given import SX, Story, day_of, moment

assert SX.route is not None
NEAR = replace(SX, route=replace(SX.route, total_steps=13 * 2_000))
BARE = replace(SX, sign_in=None, steps=None, route=None, points=(), badges=())


def player(rules: msgspec.Struct = NEAR) -> Story:
    """Enrolled, signed in on the first day, two checkpoints lit, the first passed and reflected on."""
    assert isinstance(rules, type(SX))
    story = Story(rules).enrol(at="06-30 10:00")
    if rules is NEAR:
        story.signs_in("07-01 08:00").syncs(4_000, "07-01 21:00").answers("cp-01", "A", "07-01 21:01")
        story.reflects(1, "07-01 21:02")
    return story


def amend_nothing() -> Story:
    story = Story()
    story.states["campaign/sx-2019"] = Campaign()
    return story.amend(SX, "06-01 08:00")


class Row(NamedTuple):
    """A refusal, the request that meets it, and the clause that it names."""

    refusal: type[Refusal]
    request: Callable[[], Story]
    clause: str


TABLE = [
    Row(NotEnrolled, lambda: Story().signs_in("07-01 08:00"), "SX-02"),
    Row(FutureDated, lambda: player().signs_in("07-02 08:05:01", delivered="07-02 08:00"), "GX-04"),
    Row(BeforeCampaign, lambda: player().syncs(1, "07-02 21:00", day="06-17"), "GX-04"),
    Row(AfterCampaign, lambda: player().signs_in("10-09 00:00"), "SX-01"),
    Row(TrialOver, lambda: player().signs_in("06-30 12:00", delivered="07-02 08:00"), "SX-01"),
    Row(AlreadyEnrolled, lambda: player().enrol(at="07-02 08:00"), "SX-02"),
    Row(BranchUnknown, lambda: Story().enrol(branch="nowhere", at="07-02 08:00"), "SX-02"),
    Row(NotPlayed, lambda: player(BARE).signs_in("07-02 08:00"), "SX-01"),
    Row(AlreadySignedIn, lambda: player().signs_in("07-01 09:00"), "SX-11"),
    Row(DayClosed, lambda: player().syncs(1, "07-02 00:10", day="07-01"), "SX-05"),
    Row(QuestionUnknown, lambda: player().answers("cp-14", "A", "07-02 08:00"), "SX-09"),
    Row(CheckpointUnknown, lambda: player().reflects(14, "07-02 08:00"), "SX-15"),
    Row(CheckpointNotLit, lambda: player().answers("cp-03", "B", "07-02 08:00"), "SX-09"),
    Row(CheckpointAlreadyPassed, lambda: player().answers("cp-01", "A", "07-02 08:00"), "SX-09"),
    Row(CheckpointNotPassed, lambda: player().reflects(2, "07-02 08:00"), "SX-15"),
    Row(ReflectionAlreadyPosted, lambda: player().reflects(1, "07-02 08:00"), "SX-15"),
    Row(NothingToReverse, lambda: player().corrects(2, "07-02 08:00"), "GX-03"),
    Row(DayStillOpen, lambda: player().corrects(4, "07-01 21:30"), "GX-03"),
    Row(AlreadyReversed, lambda: player().corrects(3, "07-02 08:00").corrects(3, "07-02 08:01"), "GX-03"),
]
"""Refusals that become an event in the participant's stream."""

ANSWERED = [
    Row(CampaignExists, lambda: Story().post(PublishCampaign(text="", digest="x"), who=""), "GX-08"),
    Row(CampaignUnknown, amend_nothing, "GX-08"),
    Row(AmendmentNotAllowed, lambda: Story().amend(SX, "06-02 08:00", effective_at="06-01 09:00"), "GX-08"),
]
"""Refusals of an operator's command: an event in the campaign's stream."""


@pytest.mark.rule("GX-04", "GX-06")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.refusal.CODE)
def test_the_refusal_is_an_event_with_its_code_clause_and_reason(row: Row) -> None:
    story = row.request().expect(row.refusal)
    assert (story.refusal.code, story.refusal.clause) == (row.refusal.CODE, row.clause)
    assert len(story.refusal.detail) > 10
    assert story.refusal.postings == ()
    assert story.refusal.activity


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.refusal.CODE)
def test_a_refusal_changes_nothing_but_the_version(row: Row) -> None:
    story = row.request()
    assert story.log[-1].event is story.refusal
    before = replay(story, len(story.log) - 1)
    assert replace(story.enrolment(), version=before.version) == before
    assert story.enrolment().version == before.version + 1


def replay(story: Story, length: int) -> Enrolment:
    """The participant's state after so many events of the log."""
    state = Enrolment()
    for entry in story.log[:length]:
        if entry.stream.startswith("p-1@"):
            state = evolve(state, entry.event)
    return state


@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.refusal.CODE)
def test_an_operators_command_is_refused_with_its_clause(row: Row) -> None:
    story = row.request().expect(row.refusal)
    assert story.refusal.clause == row.clause
    assert story.log[-1].stream == "campaign/sx-2019"


def test_every_refusal_has_a_row_and_they_stand_in_order_of_precedence() -> None:
    assert [row.refusal for row in ANSWERED + TABLE] == list(REFUSALS)


def test_every_refusal_has_a_code_of_its_own_and_says_what_it_means() -> None:
    assert len({refusal.CODE for refusal in REFUSALS}) == len(REFUSALS)
    assert all(refusal.CODE and refusal.__doc__ for refusal in REFUSALS)


@pytest.mark.parametrize(
    ("holding", "request_"),
    [
        ((NotEnrolled, FutureDated), lambda: Story().signs_in("07-09 08:00", delivered="07-01 08:00")),
        ((NotEnrolled, BeforeCampaign), lambda: Story().syncs(1, "07-01 21:00", day="01-01")),
        ((NotEnrolled, DayClosed), lambda: Story().syncs(1, "07-05 21:00", day="07-01")),
        ((NotEnrolled, QuestionUnknown), lambda: Story().answers("cp-99", "A", "07-05 21:00")),
        ((FutureDated, AfterCampaign), lambda: player().signs_in("12-01 08:00", delivered="07-02 08:00")),
        ((FutureDated, AfterCampaign), lambda: player().syncs(1, "07-02 21:00", day="12-01")),
        ((FutureDated, AlreadyEnrolled), lambda: player().enrol(at="07-05 08:00", delivered="07-02 08:00")),
        ((BeforeCampaign, DayClosed), lambda: player().syncs(1, "07-02 21:00", day="01-01")),
        ((BeforeCampaign, NotPlayed), lambda: player(BARE).syncs(1, "07-02 21:00", day="01-01")),
        ((AfterCampaign, NotPlayed), lambda: player(BARE).signs_in("10-09 08:00")),
        ((AfterCampaign, AlreadyEnrolled), lambda: player().enrol(at="10-09 08:00")),
        ((AfterCampaign, BranchUnknown), lambda: player().enrol(branch="nowhere", at="10-09 08:00")),
        ((AfterCampaign, QuestionUnknown), lambda: player().answers("cp-99", "A", "10-09 08:00")),
        ((TrialOver, DayClosed), lambda: player().syncs(1, "06-30 21:00", delivered="07-02 21:00")),
        ((TrialOver, NotPlayed), lambda: player(BARE).signs_in("06-30 21:00", delivered="07-02 21:00")),
        ((AlreadyEnrolled, BranchUnknown), lambda: player().enrol(branch="nowhere", at="07-02 08:00")),
        ((NotPlayed, DayClosed), lambda: player(BARE).syncs(1, "07-05 21:00", day="07-01")),
        ((NotPlayed, QuestionUnknown), lambda: player(BARE).answers("cp-99", "A", "07-05 21:00")),
        (
            (QuestionUnknown, CheckpointNotLit),
            lambda: player().answers("cp-03", "A", "07-05 21:00", checkpoint=4),
        ),
        ((CheckpointUnknown, CheckpointNotPassed), lambda: player().reflects(99, "07-05 21:00")),
    ],
)
def test_the_first_refusal_that_holds_is_the_answer(
    holding: tuple[type[Refusal], type[Refusal]], request_: Callable[[], Story]
) -> None:
    first, second = holding
    assert REFUSALS.index(first) < REFUSALS.index(second)
    request_().expect(first)


@pytest.mark.rule("GX-06")
def test_a_refusal_keeps_what_was_said() -> None:
    story = player().syncs(8312, "07-05 21:00", day="07-01").expect(DayClosed)
    assert story.refusal.activity == "jifen.steps_synced"
    said = msgspec.json.decode(story.refusal.data, type=SyncSteps)
    assert said == SyncSteps(day=day_of("07-01"), steps=8312, provider="werun")


@pytest.mark.parametrize("time", [None, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_cannot_be_computed_with_is_malformed(time: str | None) -> None:
    story = Story()
    occurred_at = datetime.fromisoformat(time) if time else None
    states: dict[str, State] = dict(story.states)
    states["p-1@sx-2019"] = Enrolment()

    def ask() -> None:
        asked = request(
            SignIn(), source="s", id="i", campaign="sx-2019", participant="p-1", occurred_at=occurred_at
        )
        decide(asked, states, story.rulebooks, story.now)

    with pytest.raises(Malformed) as fault:
        ask()
    assert fault.value.pointer == "/time"


def test_an_event_for_a_campaign_that_is_not_published_is_malformed() -> None:
    asked = request(
        SignIn(), source="s", id="i", campaign="no-such", participant="p-1", occurred_at=moment("07-01 08:00")
    )
    states: dict[str, State] = {"campaign/no-such": Campaign(), "p-1@no-such": Enrolment()}
    with pytest.raises(Malformed) as fault:
        decide(asked, states, {}, moment("07-01 08:00"))
    assert fault.value.pointer == "/campaign"
