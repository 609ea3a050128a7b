"""A row for every refusal, and which one is the answer when several hold."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace

from ledger.campaign import Campaign
from ledger.command import request
from ledger.commands import SignIn, SyncSteps
from ledger.decide import decide
from ledger.enrolment import Enrolment
from ledger.fold import State, initial
from ledger.member import Member
from ledger.refusal import Malformed, Refusal
from ledger.refusals import REFUSALS, DayClosed
from tests.given import Story, day_of, moment, replayed
from tests.unit.refusal_rows import PRECEDENCE, TABLE, Row, player

EVERY_ROW = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.refusal.CODE)


@pytest.mark.rule("GX-04", "GX-06")
@EVERY_ROW
def test_the_refusal_is_an_event_with_its_code_clause_and_reason(row: Row) -> None:
    story = row.request().expect(row.refusal)
    assert (story.refusal.code, story.refusal.clause) == (row.refusal.CODE, row.clause)
    assert len(story.refusal.detail) > 10
    assert story.refusal.postings == ()
    assert story.refusal.activity


@EVERY_ROW
def test_a_refusal_changes_nothing_but_the_version_of_who_asked(row: Row) -> None:
    story = row.request()
    stream, version, refused = story.log[-1].stream, story.log[-1].version, story.log[-1].event
    assert refused is story.refusal
    assert "@" in stream or stream.startswith(("campaign/", "member/", "office/"))
    before = replayed(story.log[:-1]).get(stream, initial(stream))
    assert story.states[stream] == replace(before, version=version)
    assert version == before.version + 1


def test_every_refusal_has_a_row_and_they_stand_in_order_of_precedence() -> None:
    assert [row.refusal for row in TABLE] == list(REFUSALS)


def test_every_refusal_has_a_code_of_its_own_and_says_what_it_means() -> None:
    assert len({refusal.CODE for refusal in REFUSALS}) == len(REFUSALS)
    assert all(refusal.CODE and refusal.__doc__ for refusal in REFUSALS)


@pytest.mark.parametrize(
    ("holding", "request_"), PRECEDENCE, ids=["-".join(each.CODE for each in both) for both, _ in PRECEDENCE]
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
    states |= {"p-1@sx-2019": Enrolment(), "member/p-1": Member()}

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
    states: dict[str, State] = {
        "campaign/no-such": Campaign(),
        "p-1@no-such": Enrolment(),
        "member/p-1": Member(),
    }
    with pytest.raises(Malformed) as fault:
        decide(asked, states, {}, moment("07-01 08:00"))
    assert fault.value.pointer == "/campaign"
