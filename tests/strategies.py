"""Hypothesis strategies: commands and moments, from what a client would send to what nobody would."""

import string
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ledger.commands import (
    COMMAND_TYPES,
    AnswerQuestion,
    Command,
    Consent,
    Correct,
    Enrol,
    PostReflection,
    SignIn,
    SyncSteps,
)
from tests.given import SHANGHAI, SX

DAYS = [SX.starts + timedelta(days=n) for n in range(-15, 104)]
QUESTIONS = [*SX.questions, "cp-00", "cp-14"]

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
"""What a client may put where a name is asked for."""

offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))

any_moments = st.datetimes(timezones=offsets)
"""Years 1 to 9999, in any offset that RFC 3339 can write."""

edges = st.sampled_from(
    [
        time(0),
        time(0, 9, 59),
        time(0, 10),
        time(8),
        time(19, 59, 59),
        time(20),
        time(23, 55),
        time(23, 59, 59),
    ]
)
campaign_moments = st.builds(
    lambda day, clock, zone: datetime.combine(day, clock, SHANGHAI).astimezone(zone),
    st.sampled_from(DAYS),
    edges | st.times().map(lambda t: t.replace(microsecond=0)),
    st.sampled_from([SHANGHAI, UTC]) | offsets,
)
"""Moments around the campaign, often on the edge of something."""

step_counts = st.sampled_from([0, 1999, 2000, 5999, 6000, 9999, 10_000, 10_001, 1_000_000]) | st.integers(
    0, 30_000
)

some_checkpoint: SearchStrategy[int | str] = st.integers(1, 200) | st.sampled_from(QUESTIONS) | names
answers = st.sampled_from(["A", "B", "C"]) | names

syncs = st.builds(SyncSteps, day=st.sampled_from(DAYS), steps=step_counts, provider=st.just("werun"))

plausible: SearchStrategy[Command] = st.one_of(
    st.builds(SignIn),
    syncs,
    st.builds(AnswerQuestion, question=st.sampled_from(QUESTIONS), answer=answers),
    st.builds(PostReflection, checkpoint=some_checkpoint, ref=names),
    st.builds(Correct, reverses=st.integers(1, 60), reason=st.just("counted twice")),
)
"""What a participant or an operator could do during the campaign."""

consents = st.one_of(
    st.none(), st.booleans(), names, st.builds(Consent, version=names, at=st.none() | any_moments)
)
anything: SearchStrategy[Command] = st.one_of(
    st.builds(Enrol, branch=names, unit=st.none() | names, department=st.none() | names, consent=consents),
    st.builds(SignIn),
    st.builds(
        SyncSteps,
        day=st.dates(date.min, date.max),
        steps=st.integers(0, 1_000_000),
        provider=names,
        device=st.none() | names,
        distance_m=st.none() | st.integers(0, 1_000_000),
    ),
    st.builds(AnswerQuestion, question=names, answer=names, checkpoint=st.none() | some_checkpoint),
    st.builds(PostReflection, checkpoint=some_checkpoint, ref=names),
    st.builds(Correct, reverses=st.integers(1, 2**62), reason=st.text(string.printable, min_size=3)),
)
"""Every command that a client can get past the decoder."""


def decodable(command: Command) -> bool:
    """Whether a command is what its own bytes decode to: the strategies may not go beyond the contract."""
    told: Any = msgspec.json.decode(msgspec.json.encode(command), type=type(command))
    return told == command and (type(command) in COMMAND_TYPES.values() or isinstance(command, Correct))


@st.composite
def evenings(draw: st.DrawFn) -> list[tuple[datetime, int]]:
    """The syncs of one window, (when, steps), one for each moment, in the order of their moments."""
    start = datetime(2019, 7, 1, 20, tzinfo=SHANGHAI)
    seconds = draw(st.lists(st.integers(0, 4 * 3600 - 1), min_size=1, max_size=8, unique=True))
    return [(start + timedelta(seconds=second), draw(step_counts)) for second in sorted(seconds)]
