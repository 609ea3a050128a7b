"""What holds for any day, any order, any command and any time."""

from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.codec import decode, encode
from ledger.command import Command, request
from ledger.decide import decide
from ledger.decision import Given, Placed
from ledger.enrolment import Play
from ledger.events import ActivityRefused, StepsSynced
from ledger.fold import State, evolve
from ledger.loading import loaded
from ledger.refusal import Malformed
from ledger.rulebook import Rulebook
from tests.given import SHANGHAI, SX, Story, balances, replayed, seed_of
from tests.strategies import any_moments, anything, campaign_moments, decodable, evenings, plausible

assert SX.route is not None
NEAR = replace(SX, route=replace(SX.route, total_steps=13 * 1_500))
LIFE = st.lists(st.tuples(plausible, campaign_moments, st.integers(0, 3)), min_size=1, max_size=30)
"""Commands with their moments, and how many hours later each arrives."""

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of what is tested."""

Evening = list[tuple[datetime, int]]
FIRST = date(2019, 7, 1)


def versionless(play: Play) -> Play:
    """The play without the numbers that say in which order things were written."""
    return replace(play, days=tuple(replace(day, version=0) for day in play.days))


def played(syncs: Evening, rules: Rulebook = NEAR) -> Play:
    """The play after these syncs, delivered in this order just before midnight."""
    story = Story(rules).enrol(at="06-30 10:00").syncs(7_000, "06-30 21:00")
    for when, steps in syncs:
        story.syncs(steps, when, delivered="07-01 23:59:59")
    return versionless(story.enrolment().play)


def lived(life: list[tuple[Command, datetime, int]], rules: Rulebook = NEAR) -> Story:
    """A participant who does all this, each when it arrives; half of it is refused, as it should be."""
    story = Story(rules).enrol(at="06-18 10:00")
    for command, when, hours in life:
        story.post(command, at=when, delivered=when + timedelta(hours=hours))
    return story


@pytest.mark.rule("SX-05", "SX-12", "SX-13", "SX-08")
@UNHURRIED
@given(evenings(), st.data())
def test_any_order_and_repetition_of_a_window_ends_as_its_last_sync_alone(
    evening: Evening, data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(evening), max_size=4))
    shuffled = data.draw(st.permutations([*evening, *again]))
    assert played(shuffled) == played(evening) == played([evening[-1]])


@pytest.mark.rule("SX-05")
@UNHURRIED
@given(evenings(), st.integers(0, 8))
def test_a_day_in_two_deliveries_ends_like_a_day_in_one(evening: Evening, cut: int) -> None:
    assert played(evening[cut:] + evening[:cut]) == played(evening)


@pytest.mark.rule("SX-06", "SX-12", "SX-13")
@UNHURRIED
@given(evenings())
def test_a_day_is_worth_what_its_last_sync_is_worth(evening: Evening) -> None:
    play, steps = played(evening), min(evening[-1][1], 10_000)
    assert (play.total, play.attained) == (steps, steps >= 6_000)
    assert play.balance == min(5, steps // 2_000) + (steps >= 6_000)
    assert play.lit == min(13, steps // 1_500)


@pytest.mark.rule("GX-06")
@UNHURRIED
@given(LIFE)
def test_postings_sum_to_zero_and_every_balance_follows_from_the_one_before(
    life: list[tuple[Command, datetime, int]],
) -> None:
    story = lived(life)
    held = balances(story.log)
    legs = [leg for entry in story.log for leg in entry.event.postings]
    assert all((leg.balance_after is None) == (not leg.account.endswith(":p-1")) for leg in legs)
    assert all(leg.clause for leg in legs if leg.balance_after is not None)
    state = story.enrolment()
    assert state.play.balance == held[f"points:{SX.book(state.trial)}:p-1"]
    assert held["points:sx-2019:p-1"] + held["spent:sx-2019"] == -held["issued:sx-2019"]


@pytest.mark.rule("GX-06")
@UNHURRIED
@given(LIFE)
def test_stored_events_tell_the_same_state_as_the_ones_in_memory(
    life: list[tuple[Command, datetime, int]],
) -> None:
    story = lived(life)
    states = replayed(story.log)
    assert states == {stream: state for stream, state in story.states.items() if stream in states}
    for state in states.values():
        assert msgspec.json.decode(msgspec.json.encode(state), type=type(state)) == state
    for entry in story.log:
        assert encode(decode(entry.event.TOPIC, encode(entry.event))) == encode(entry.event)


@pytest.mark.rule("SX-08", "SX-05")
@UNHURRIED
@given(LIFE)
def test_what_is_lit_is_what_the_counted_steps_reach(life: list[tuple[Command, datetime, int]]) -> None:
    play = lived(life).enrolment().play
    assert play.lit == sum(threshold <= play.total for threshold in NEAR.thresholds)
    assert play.attained >= 0
    assert play.sign_ins == sum(byte.bit_count() for byte in play.signed_in)


@pytest.mark.rule("GX-08")
@UNHURRIED
@given(
    evenings(),
    st.integers(0, 4 * 3600),
    st.integers(1, 9),
    st.integers(1, 20_000),
    st.integers(6_000, 30_000),
)
def test_an_amendment_takes_nothing_back_from_whoever_walks_on(
    evening: Evening, cut: int, amount: int, every: int, cap: int
) -> None:
    assert SX.steps is not None
    steps = replace(SX.steps, daily_cap=cap, daily_goal=min(cap, 8_000))
    points = tuple(replace(r, every=every, amount=amount) if r.on == "steps" else r for r in SX.points)
    story = Story(NEAR).enrol(at="06-30 10:00")
    story.amend(replace(SX, steps=steps, points=points), effective_at=evening[0][0] + timedelta(seconds=cut))
    before, most = story.enrolment().play, 0
    for when, count in evening:
        story.syncs(count, when)
        after = story.enrolment().play
        if count >= most:
            assert after.balance >= before.balance
            assert after.total >= before.total
            assert after.lit >= before.lit
            assert after.attained >= before.attained
        before, most = after, count


@pytest.mark.rule("GX-04")
@settings(UNHURRIED, max_examples=500)
@given(
    anything | plausible,
    st.none() | any_moments | campaign_moments,
    any_moments | campaign_moments,
    st.booleans(),
)
def test_every_command_at_every_time_is_decided_refused_or_malformed(
    command: Command, occurred_at: datetime | None, now: datetime, enrolled: bool
) -> None:
    assert decodable(command)
    story = Story().enrol(at="06-18 10:00") if enrolled else Story()
    try:
        asked = request(
            command, source="s", id="i", campaign="sx-2019", participant="p-1", occurred_at=occurred_at
        )
        states, _ = loaded(asked, story.states, story.rulebooks)
        seeds = {stream: seed_of(stream) for stream in states if stream.startswith("pool/")}
        events = decide(asked, states, story.rulebooks, now, given=Given(seeds)).events
    except Malformed:
        assert occurred_at is None or occurred_at.year == 1 or occurred_at.year >= 2199
        return
    assert events[0].stream == "p-1@sx-2019"
    assert_recorded(events, states)


def assert_recorded(events: list[Placed], states: dict[str, State]) -> None:
    """The events can be stored, read back and folded; a refusal stands alone."""
    for stream, version, event in events:
        told = decode(event.TOPIC, encode(event))
        states[stream] = evolve(states[stream], told)
        assert states[stream].version == version
    assert len(events) == 1 or not any(isinstance(event, ActivityRefused) for _, _, event in events)


@pytest.mark.rule("SX-05", "GX-04")
@UNHURRIED
@given(campaign_moments, st.integers(-2, 2), st.integers(0, 30))
def test_a_sync_counts_only_from_eight_in_the_evening_of_its_day_to_ten_past_midnight(
    when: datetime, days: int, minutes: int
) -> None:
    day = when.astimezone(SHANGHAI).date() + timedelta(days=days)
    arrival = when + timedelta(minutes=minutes)
    story = Story().enrol(at="06-18 10:00").syncs(8_000, when, day=day.isoformat(), delivered=arrival)
    evening = datetime(day.year, day.month, day.day, 20, tzinfo=SHANGHAI)
    inside = evening <= when and arrival < evening + timedelta(hours=4, minutes=10)
    trial_over = day < FIRST <= arrival.astimezone(SHANGHAI).date()
    (event, *_) = story.answer
    counted = isinstance(event, StepsSynced) and event.standing == "counted"
    assert counted == (inside and SX.phase_of(day) is not None and not trial_over)
