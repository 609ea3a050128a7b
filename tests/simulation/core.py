"""The pure core as the oracle's opponent, with what the writer adds: repeats are answered, the clock follows events."""

import json
from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

from api.cloudevents import read_event
from ledger.clock import EPOCH
from ledger.command import Request
from ledger.decide import decide
from ledger.decision import Decision, Given
from ledger.enrolment import Enrolment, Play
from ledger.events import ActivityRefused, DrawEntered, DrawMade, SignedIn, StepsSynced
from ledger.events import Event as Fact
from ledger.loading import loaded
from ledger.refusal import Malformed
from ledger.rulebook import Rulebook
from ledger.team import Team
from tests.given import Entry, Story, seed_of
from tests.oracle import Answer, Day, Event, Standing, TeamStanding
from tests.stranger import instant_outcome, shares_left

NO_DAY = Day(0, attained=False, signed_in=False)


class Core:
    """Plays a campaign in memory."""

    def __init__(self, rules: Rulebook, published: str) -> None:
        self.rules = rules
        self.story = Story(rules, published=published)
        self.story.now = EPOCH
        self.taken: dict[bytes, tuple[bytes, Answer]] = {}
        self.days: dict[str, dict[date, Day]] = {}
        self.spent: Counter[str] = Counter()
        self.won: Counter[str] = Counter()
        self.paid: Counter[str] = Counter()

    def post(self, event: Event) -> Answer:
        """The answer to one more event."""
        try:
            asked = read_event(json.dumps(event).encode())
        except Malformed:
            return Answer("invalid")
        assert isinstance(asked, Request), "no app of these workloads sends encrypted days"
        if asked.key in self.taken:
            said, answer = self.taken[asked.key]
            return answer._replace(repeat=True) if said == asked.content else Answer("conflict")
        answer = self.decide(asked)
        self.taken[asked.key] = (asked.content, answer)
        return answer

    def decide(self, asked: Request) -> Answer:
        """Decide a request and keep what follows, as the writer does."""
        assert asked.occurred_at is not None
        story = self.story
        story.now = max(story.now, asked.occurred_at)
        decision = self._decision(asked)
        story.states |= decision.changed
        story.log += [Entry(*placed) for placed in decision.events]
        number = 0
        for stream, _, event in decision.events:
            self.note(stream.rpartition("@")[0], event)
            if isinstance(event, DrawMade | DrawEntered):
                number = event.number
        first = decision.events[0].event
        if isinstance(first, ActivityRefused):
            return Answer("refused", first.code)
        return Answer("accepted", number=number)

    def _decision(self, asked: Request) -> Decision:
        """Load the states that are needed, and decide."""
        story = self.story
        states, _ = loaded(asked, story.states, story.rulebooks)
        told = Given({stream: seed_of(stream) for stream in states if stream.startswith("pool/")})
        return decide(asked, states, story.rulebooks, story.now, given=told)

    def note(self, who: str, event: Fact) -> None:
        """Keep the rows of the days, and what draws cost and brought, as a projection would."""
        if event.trial:
            return
        days = self.days.setdefault(who, {})
        if isinstance(event, StepsSynced) and event.standing == "counted":
            before = days.get(event.day, NO_DAY)
            days[event.day] = before._replace(steps=event.counted, attained=event.attained)
        if isinstance(event, SignedIn):
            days[event.day] = days.get(event.day, NO_DAY)._replace(signed_in=True)
        if isinstance(event, DrawMade | DrawEntered):
            mine = f"points:{self.rules.id}:{who}"
            self.spent[who] -= sum(leg.amount for leg in event.postings if leg.account == mine)
        if isinstance(event, DrawMade):
            self.won[who] += event.amount
            transit = f"transit:{self.rules.id}"
            self.paid[who] += sum(leg.amount for leg in event.postings if leg.account == transit)

    def play_of(self, who: str) -> Play:
        """The play of the campaign proper."""
        state = self.story.states[f"{who}@{self.rules.id}"]
        assert isinstance(state, Enrolment)
        return state.play_of(trial=False)

    def standing(self, who: str) -> Standing:
        """Where a participant stands. That all money won was paid out at once (SX-19) is a claim of its own."""
        reached = self.play_of(who)
        assert sum(prize.amount for prize in reached.rewards.prizes) == self.won[who] == self.paid[who]
        assert not any(reached.rewards.holdings.values())
        return Standing(
            points=reached.balance,
            spent=self.spent[who],
            total_steps=reached.total,
            days_attained=reached.attained,
            sign_in_days=reached.sign_ins,
            lit=list(range(1, reached.lit + 1)),
            passed=sorted(reached.passed),
            badges=sorted(reached.badges),
            days=dict(sorted(self.days.get(who, {}).items())),
            team=reached.team,
        )

    def team(self, id: str) -> TeamStanding:
        """Where a team stands."""
        team = self.story.states[f"team/{self.rules.id}/{id}"]
        assert isinstance(team, Team)
        steps = sum(
            row.steps
            for member in team.members
            for day, row in self.days[member.id].items()
            if day >= member.joined_on
        )
        average = Fraction(steps, len(team.members))
        return TeamStanding(team.captain, [m.id for m in team.members], team.attained, average)

    def draws(self) -> list[DrawMade]:
        """All instant draws, in the order of the log."""
        return [entry.event for entry in self.story.log if isinstance(entry.event, DrawMade)]

    def wrong_outcomes(self, book: dict[str, Any]) -> list[DrawMade]:
        """The draws whose outcome a stranger, now that the seed is known, computes otherwise. book: the rulebook."""
        moves: dict[str, list[tuple[str, int, int]]] = {}
        wrong = []
        for draw in self.draws():
            pool = next(pool for pool in book["pools"] if pool["id"] == draw.pool)
            stream = f"pool/{self.rules.book(draw.trial)}/{draw.pool}"
            shares = shares_left(pool["prizes"], pool.get("budget"), moves.setdefault(stream, []))
            right = instant_outcome(seed_of(stream), stream, draw.number, draw.source, draw.id, shares)
            moves[stream].append((draw.outcome, 1, draw.amount))
            if draw.outcome != right or draw.number != len(moves[stream]):
                wrong.append(draw)
        return wrong
