"""Hypothesis strategies: commands and moments, from what a client would send to what nobody would."""

import string
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ledger.command import Command, Consent
from ledger.commands import (
    COMMAND_TYPES,
    AnnounceToTeam,
    AnswerQuestion,
    Correct,
    CreateTeam,
    Enrol,
    ForfeitDraw,
    JoinTeam,
    PostReflection,
    RemoveMember,
    RequestDraw,
    SetTeamGoal,
    SignIn,
    SubmitAddress,
    SyncSteps,
    ViewContent,
)
from tests.given import SHANGHAI, SX, SX_TEXT

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

some_team = st.sampled_from(["t-1", "t-2"])
some_pool = st.sampled_from([*SX.pool_ids, "no-such-pool"])
some_chance = st.none() | st.sampled_from(["full-attendance", "with-the-motherland", "2019-07-01"])

plausible: SearchStrategy[Command] = st.one_of(
    st.builds(SignIn),
    syncs,
    st.builds(AnswerQuestion, question=st.sampled_from(QUESTIONS), answer=answers),
    st.builds(PostReflection, checkpoint=some_checkpoint, ref=names),
    st.builds(CreateTeam, team=some_team, name=names),
    st.builds(JoinTeam, team=some_team),
    st.builds(RequestDraw, pool=some_pool, chance=some_chance),
    st.builds(Correct, reverses=st.integers(1, 60), reason=st.just("counted twice")),
)
"""What a participant or an operator could do during the campaign."""

consents = st.one_of(
    st.none(), st.booleans(), names, st.builds(Consent, version=names, at=st.none() | any_moments)
)
ids = st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True)
slugs = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)
prize_names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,79}", fullmatch=True)
regions = st.none() | st.sampled_from(["CN", "CN-SN", "CN-HK", "JP"])

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
    st.builds(ViewContent, ref=names),
    st.builds(CreateTeam, team=ids, name=names),
    st.builds(JoinTeam, team=ids, invited_by=st.none() | names),
    st.builds(RemoveMember, team=ids, member=ids),
    st.builds(SetTeamGoal, team=ids, goal=st.integers(1, 1_000_000_000)),
    st.builds(AnnounceToTeam, team=ids, ref=names),
    st.builds(RequestDraw, pool=slugs, chance=st.none() | names),
    st.builds(ForfeitDraw, pool=slugs, chance=names),
    st.builds(SubmitAddress, prize=prize_names, address_ref=names, region=regions),
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


MODEST = SX_TEXT
for _old, _new in (
    ("size = 6", "size = 3"),
    ("team_goal = 36000", "team_goal = 18000"),
    ("cost_points = 20", "cost_points = 4"),
    ("total_steps = 700000", "total_steps = 60000"),
):
    assert MODEST.count(_old) == 1, _old
    MODEST = MODEST.replace(_old, _new)
"""Shaanxi's rulebook with teams of three, draws at four points, and a short route: much happens in few events."""

NEAR_DAYS = [date(2019, 6, 29) + timedelta(days=n) for n in range(5)]
CLOCKS = [time(9), time(20), time(21), time(23, 59, 59), time(0, 5), time(0, 9, 59), time(0, 10), time(0, 11)]


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """CloudEvents of five people around the first days of the campaign: teams, syncs, lower ones, late ones, draws."""
    people = [f"p-{n}" for n in range(1, 6)]
    opening = datetime(2019, 6, 28, 8, tzinfo=SHANGHAI)
    told: list[tuple[datetime, str, str, dict[str, Any]]] = [
        (opening, who, "enrolled", {"branch": "xian"}) for who in people
    ]
    for _ in range(draw(st.integers(5, 60))):
        day = draw(st.sampled_from(NEAR_DAYS))
        when = datetime.combine(day, draw(st.sampled_from(CLOCKS)), SHANGHAI)
        who = draw(st.sampled_from(people))
        kind, data = draw(_doings(day))
        told.append((when, who, kind, data))
    in_order = draw(st.booleans())
    if in_order:
        told.sort(key=lambda each: each[0])
    return [
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "//tests/app",
            "type": f"jifen.{kind}",
            "subject": who,
            "time": when.isoformat(),
            "campaign": SX.id,
            "data": data,
        }
        for number, (when, who, kind, data) in enumerate(told)
    ]


def _doings(day: date) -> SearchStrategy[tuple[str, dict[str, Any]]]:
    """What somebody does on a day: most often walking, on it or on the one before."""
    days = st.sampled_from([day, day, day - timedelta(days=1)]).map(date.isoformat)
    steps = st.sampled_from([0, 5_999, 6_000, 6_001, 10_000])
    sync = st.fixed_dictionaries({"day": days, "steps": steps, "provider": st.just("werun")})
    return st.one_of(
        st.tuples(st.just("steps_synced"), sync),
        st.tuples(st.just("steps_synced"), sync),
        st.tuples(st.just("team_created"), st.fixed_dictionaries({"team": some_team, "name": st.just("队")})),
        st.tuples(st.just("team_joined"), st.fixed_dictionaries({"team": some_team})),
        st.tuples(st.just("draw_requested"), st.just({"pool": "red-packet"})),
        st.tuples(st.just("signed_in"), st.just({})),
    )
