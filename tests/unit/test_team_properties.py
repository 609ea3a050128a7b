"""What holds for a team whatever its members do, in whatever order it arrives."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.commands import RemoveMember
from ledger.events import TeamDayAttained, TeamDayLost, TeamGoalLost, TeamGoalMet
from tests.given import SHANGHAI, SX, Story, balances, day_of, replayed

assert SX.teams is not None
RULES = replace(SX, teams=replace(SX.teams, size=3, team_goal=10_000, captain_can_remove=True))
DAY = day_of("07-01")
EVENING = datetime(2019, 7, 1, 20, tzinfo=SHANGHAI)
LATE = datetime(2019, 7, 2, 0, 5, tzinfo=SHANGHAI)
MEMBERS = ["p-1", "p-2", "p-3"]
OTHERS = MEMBERS[1:]

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of what is tested."""


class Walked(NamedTuple):
    """A sync for the first day. minute: after 20:00, of its own time."""

    who: str
    minute: int
    steps: int


class Came(NamedTuple):
    """A joining. at: before midnight, or after it, while the first day is open."""

    who: str
    at: datetime


class Left(NamedTuple):
    """The captain removes somebody."""

    who: str


walks = st.builds(
    Walked,
    st.sampled_from(MEMBERS),
    st.integers(0, 239),
    st.sampled_from([0, 5_999, 6_000, 6_000, 10_000, 12_000]),
)
comings = st.builds(Came, st.sampled_from(OTHERS), st.sampled_from([LATE, EVENING, EVENING]))
goings = st.builds(Left, st.sampled_from(OTHERS))
doings = st.lists(walks | walks | comings | goings, max_size=25)
"""What happens to a team around its first day; all of it is told before that day is closed."""

Doing = Walked | Came | Left


def played(told: list[Doing]) -> Story:
    """The story of a team, all of it delivered in the last minutes in which its first day is open."""
    story = Story(RULES)
    for who in MEMBERS:
        story.enrol(who, at="06-30 10:00")
    story.creates("t-1", "07-01 08:00")
    for doing in told:
        match doing:
            case Walked(who, minute, steps):
                when = EVENING + timedelta(minutes=minute)
                story.syncs(steps, when, who=who, delivered=LATE)
            case Came(who, at):
                story.joins("t-1", at, who=who, delivered=LATE)
            case Left(who):
                story.post(RemoveMember(team="t-1", member=who), at=LATE)
    return story


def expected(told: list[Doing]) -> tuple[Counter[str], bool]:
    """Points by participant, and whether the first day is attained, from the final facts alone."""
    joined, stands, filled = {"p-1": DAY}, dict[str, Walked](), False
    for doing in told:
        match doing:
            case Walked(who, minute, _):
                if who not in stands or minute >= stands[who].minute:
                    stands[who] = doing
            case Came(who, at):
                if who not in joined:
                    joined[who] = at.date()
                    filled = filled or len(joined) == 3
            case Left(who):
                joined.pop(who, None)
    counted = {who: min(walked.steps, 10_000) for who, walked in stands.items()}
    members = [who for who, joined_on in joined.items() if joined_on <= DAY]
    steps = [counted.get(who, 0) for who in members]
    attained = all(count >= 6_000 for count in steps) and sum(steps) >= 10_000
    points = Counter({"p-1": 20 if filled else 0})
    for who, count in counted.items():
        points[who] += min(5, count // 2_000) + (count >= 6_000)
    if attained:
        points.update(dict.fromkeys(members, 2))
    return points, attained


@pytest.mark.rule("SX-05", "SX-14", "SX-16", "SX-17")
@UNHURRIED
@given(doings)
def test_a_day_ends_as_its_final_facts_say_in_whatever_order_they_came(told: list[Doing]) -> None:
    story = played(told)
    points, attained = expected(told)
    assert story.team("t-1").attained == attained
    assert {who: story.enrolment(who).play.balance for who in MEMBERS} == {
        who: points[who] for who in MEMBERS
    }


@pytest.mark.rule("SX-14", "SX-17")
@UNHURRIED
@given(st.lists(walks, max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_syncs_of_an_evening_arrive_does_not_matter(
    evening: list[Walked], random: Random
) -> None:
    once = {(walked.who, walked.minute): walked for walked in evening}
    told: list[Doing] = [Came("p-2", EVENING), Came("p-3", EVENING), *once.values()]
    shuffled: list[Doing] = told[:2] + random.sample(told[2:], len(told) - 2)
    one, other = played(told), played(shuffled)
    assert one.team("t-1").attained == other.team("t-1").attained
    for who in MEMBERS:
        assert one.enrolment(who).play.balance == other.enrolment(who).play.balance


@pytest.mark.rule("SX-14", "GX-06")
@UNHURRIED
@given(doings)
def test_members_have_two_points_for_every_day_that_their_team_has_attained_and_no_other(
    told: list[Doing],
) -> None:
    story = played(told)
    entitled: dict[date, tuple[str, ...]] = {}
    given_to: Counter[tuple[str, date]] = Counter()
    for stream, _, event in ((e.stream, e.version, e.event) for e in story.log):
        match event:
            case TeamDayAttained():
                entitled[event.day] = event.members
            case TeamDayLost():
                assert entitled.pop(event.day), "only what was attained is lost"
            case TeamGoalMet() | TeamGoalLost():
                given_to[stream.partition("@")[0], event.day] += sum(
                    leg.amount for leg in event.postings if leg.balance_after is not None
                )
    assert +given_to == Counter({(who, day): 2 for day, members in entitled.items() for who in members})
    assert not -given_to


@pytest.mark.rule("GX-06", "GX-02")
@UNHURRIED
@given(doings)
def test_every_balance_follows_and_the_log_tells_every_state(told: list[Doing]) -> None:
    story = played(told)
    held = balances(story.log)
    assert sum(held.values()) == 0
    assert {who: held[f"points:sx-2019:{who}"] for who in MEMBERS} == {
        who: story.enrolment(who).play.balance for who in MEMBERS
    }
    again = replayed(story.log)
    assert again == {stream: state for stream, state in story.states.items() if stream in again}
