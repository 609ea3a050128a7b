"""The core and the oracle play the same campaign and agree, event by event and at the end."""

import ast
import inspect
import json
import random
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from api.cloudevents import read_event
from ledger.clock import EPOCH
from ledger.commands import Request
from ledger.decide import decide, evolve, initial, stream_of, streams
from ledger.enrolment import Enrolment, Play
from ledger.events import ActivityRefused, SignedIn, StepsSynced
from ledger.events import Event as Fact
from ledger.refusals import REFUSALS, Malformed
from tests.given import Story
from tests.oracle import CHINA, Answer, Day, Event, Oracle, OracleResult, Standing, play
from tests.simulation.workload import batches, generate


class Core:
    """The pure core with what the writer adds: repeats are answered from memory, the clock follows the events."""

    def __init__(self) -> None:
        self.story = Story(published="2019-06-01T08:00:00+08:00")
        self.states = self.story.states
        self.now = EPOCH
        self.taken: dict[bytes, tuple[bytes, Answer]] = {}
        self.days: dict[str, dict[date, Day]] = {}

    def post(self, event: Event) -> Answer:
        """The answer to one more event."""
        try:
            asked = read_event(json.dumps(event).encode())
        except Malformed:
            return Answer("invalid")
        if asked.key in self.taken:
            said, answer = self.taken[asked.key]
            return answer._replace(repeat=True) if said == asked.content else Answer("conflict")
        answer = self.decide(asked)
        self.taken[asked.key] = (asked.content, answer)
        return answer

    def decide(self, asked: Request) -> Answer:
        assert asked.occurred_at is not None
        self.now = max(self.now, asked.occurred_at)
        for stream in streams(asked):
            self.states.setdefault(stream, initial(stream))
        events = decide(asked, self.states, self.story.rulebooks, self.now)
        for event in events:
            self.states[stream_of(asked)] = evolve(self.states[stream_of(asked)], event)
            self.note(asked.participant, event)
        first = events[0]
        return Answer("refused", first.code) if isinstance(first, ActivityRefused) else Answer("accepted")

    def note(self, who: str, event: Fact) -> None:
        """Keep the rows of the days, as a projection would."""
        if event.trial:
            return
        days = self.days.setdefault(who, {})
        if isinstance(event, StepsSynced) and event.standing == "counted":
            before = days.get(event.day, Day(0, attained=False, signed_in=False))
            days[event.day] = before._replace(steps=event.counted, attained=event.attained)
        if isinstance(event, SignedIn):
            before = days.get(event.day, Day(0, attained=False, signed_in=False))
            days[event.day] = before._replace(signed_in=True)

    def standing(self, who: str) -> Standing:
        state = self.states[f"{who}@sx-2019"]
        assert isinstance(state, Enrolment)
        reached = Play() if state.trial else state.play
        return Standing(
            points=reached.balance,
            total_steps=reached.total,
            days_attained=reached.attained,
            sign_in_days=reached.sign_ins,
            lit=list(range(1, reached.lit + 1)),
            passed=sorted(reached.passed),
            badges=sorted(reached.badges),
            days=dict(sorted(self.days.get(who, {}).items())),
        )


def agree(seed: int, people: int, days: int) -> OracleResult:
    """Play a campaign on both and compare. Returns what the oracle says."""
    events = generate(seed, people, days)
    core, expected = Core(), play(events)
    for number, (event, answer) in enumerate(zip(events, expected.answers, strict=True)):
        assert core.post(event) == answer, f"seed {seed}: event {number} of {people} × {days}: {event}"
    for who, standing in expected.participants.items():
        assert core.standing(who) == standing, f"seed {seed}: {who} of {people} × {days}"
    return expected


@pytest.mark.slow
@pytest.mark.rule(
    "SX-01", "SX-05", "SX-06", "SX-07", "SX-08", "SX-09", "SX-11", "SX-12", "SX-13", "SX-15", "SX-20"
)
def test_two_hundred_people_in_a_hundred_days_end_as_the_oracle_says() -> None:
    expected = agree(seed=2019, people=200, days=100)
    standings = expected.participants.values()
    assert len(standings) > 180
    assert max(len(standing.passed) for standing in standings) == 13
    badges = Counter(badge for standing in standings for badge in standing.badges)
    assert {"full-attendance", "with-the-motherland"} <= set(badges)


@pytest.mark.rule("GX-01", "GX-04")
def test_any_seed_ends_as_the_oracle_says() -> None:
    agree(seed=random.randrange(10**9), people=12, days=100)


def test_the_workload_meets_every_refusal_of_an_app_and_every_status() -> None:
    answers = play(generate(seed=7, people=60, days=100)).answers
    met = {answer.code for answer in answers if answer.status == "refused"}
    operators = {
        "campaign_exists",
        "campaign_unknown",
        "amendment_not_allowed",
        "nothing_to_reverse",
        "already_reversed",
        "day_still_open",
    }
    assert {r.CODE for r in REFUSALS} - operators - {"not_played"} == met
    assert {answer.status for answer in answers} == {"accepted", "refused", "invalid", "conflict"}
    assert any(answer.repeat for answer in answers)


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert generate(seed=1, people=3, days=20) == generate(seed=1, people=3, days=20)
    assert generate(seed=1, people=3, days=20) != generate(seed=2, people=3, days=20)


def moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def test_batches_lose_nothing_and_do_not_cross_midnight() -> None:
    events = generate(seed=3, people=20, days=10)
    found = list(batches(events, 50))
    assert [event for batch in found for event in batch] == events
    assert all(0 < len(batch) <= 50 for batch in found)
    newest = datetime.min.replace(tzinfo=CHINA)
    for batch in found:
        newest = max(newest, moment(batch[0]))
        day = newest.astimezone(CHINA).date()
        newest = max([newest, *map(moment, batch)])
        assert newest.astimezone(CHINA).date() == day


def test_the_oracle_shares_no_code_with_the_ledger() -> None:
    tree = ast.parse(Path(inspect.getsourcefile(Oracle) or "").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert modules == {"json", "tomllib", "datetime", "pathlib", "typing"}
