"""However a person divides what it does over two client ids: once they are one, it is as if there had been only one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.member_commands import MergeMembers
from tests.given import SX, Story, balances, moment, replayed

START = moment("07-01 20:00")
STEPS = st.sampled_from([0, 1_999, 2_000, 5_999, 6_000, 10_000, 35_000])
DOING = st.tuples(st.sampled_from(["p-1", "p-2"]), st.integers(0, 900), st.one_of(st.none(), STEPS))
"""Who, when (a minute of the sync windows of four evenings), and the steps of a sync; none for a sign-in."""


def at(number: int) -> datetime:
    """The moment in one of the evenings; a different one for each number."""
    day, seconds = divmod(number, 230)
    return (START + timedelta(days=day, seconds=seconds * 60)).astimezone(UTC)


def begun() -> Story:
    return Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")


def plays(story: Story, doings: list[tuple[str, int, int | None]], only: str = "") -> Story:
    for who, when, steps in doings:
        if steps is None:
            story.signs_in(at(when), who=only or who)
        else:
            story.syncs(steps, at(when), who=only or who)
    return story


def reached(story: Story) -> dict[str, object]:
    """What counts of p-1: the same for whoever did it under whatever id."""
    play = story.enrolment("p-1").play
    return {
        "points": play.balance,
        "total": play.total,
        "attained": play.attained,
        "sign_ins": (play.sign_ins, play.signed_in),
        "lit": play.lit,
        "days": [(day.day, day.steps, day.counted, day.attained, day.at, day.earned) for day in play.days],
    }


@pytest.mark.rule("EC-12")
@pytest.mark.rule("SJ-09")
@given(st.lists(DOING, max_size=14, unique_by=lambda doing: doing[1]), st.integers(0, 14))
def test_two_ids_that_become_one_are_as_one_id(
    doings: list[tuple[str, int, int | None]], joined_after: int
) -> None:
    doings = sorted(doings, key=lambda doing: doing[1])
    one = plays(begun(), doings, only="p-1")
    two = plays(begun(), doings[:joined_after])
    two.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at=two.now, campaign="")
    plays(two, doings[joined_after:])
    assert reached(two) == reached(one)
    held = balances(two.log)
    assert held[f"points:{SX.id}:p-1"] == two.enrolment("p-1").play.balance
    assert held[f"points:{SX.id}:p-2"] == held[f"joining:{SX.id}"] == 0
    states = replayed(two.log)
    assert all(states[stream] == state for stream, state in two.states.items() if stream in states)
