"""A ledger in memory: the very decisions of the service, given exactly the states that the writer would load."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from ledger.command import Command, request
from ledger.commands import PublishCampaign
from ledger.decide import decide
from ledger.decision import Given
from ledger.enrolment import Enrolment
from ledger.events import ActivityRefused, Event
from ledger.fold import State, initial
from ledger.loading import loaded
from ledger.lots import spendable
from ledger.member import Member
from ledger.pool import Pool
from ledger.rulebook import Rulebook
from ledger.streams import enrolment_stream, member_stream, pool_stream

SOURCE = "//jifen/forecast"


class Game:
    """One campaign, published at its beginning. rules: with stocks for as many people as play. seed: of all draws."""

    def __init__(self, rules: Rulebook, begins: datetime, seed: str) -> None:
        self.rules = rules
        self.seed = seed
        self.states: dict[str, State] = {}
        self._rulebooks = {"rules": rules}
        self._asked = 0
        self.post(PublishCampaign(text="", digest="rules"), "", begins)

    def post(
        self, command: Command, who: str, at: datetime, *, campaign: bool = True
    ) -> tuple[Iterable[Event], str]:
        """What follows from a command that arrives when it happens; and the code of the refusal, or nothing."""
        self._asked += 1
        asked = request(
            command,
            source=SOURCE,
            id=str(self._asked),
            campaign=self.rules.id if campaign else "",
            participant=who,
            occurred_at=at,
            actor="forecast",
        )
        states, _ = loaded(asked, self.states, self._rulebooks)
        seeds = {stream: self._seed(stream) for stream in states if stream.startswith("pool/")}
        decision = decide(asked, states, self._rulebooks, asked.occurred_at or at, None, Given(seeds=seeds))
        self.states.update(decision.changed)
        events = [placed.event for placed in decision.events]
        first = events[0]
        return events, first.code if isinstance(first, ActivityRefused) else ""

    def _seed(self, stream: str) -> bytes:
        return sha256(f"{self.seed} {stream}".encode()).digest()

    def _state(self, stream: str) -> State:
        return self.states.get(stream) or initial(stream)

    def enrolment(self, who: str) -> Enrolment:
        """What a participant has done in the campaign."""
        state = self._state(enrolment_stream(who, self.rules.id))
        assert isinstance(state, Enrolment)
        return state

    def member(self, who: str) -> Member:
        """The person of a participant."""
        state = self._state(member_stream(who))
        assert isinstance(state, Member)
        return state

    def pool(self, pool: str) -> Pool:
        """What has left a pool."""
        state = self._state(pool_stream(self.rules.id, pool))
        assert isinstance(state, Pool)
        return state

    def points(self, who: str, at: datetime) -> int:
        """The points that somebody can spend."""
        if self.rules.wallet:
            member = self.member(who)
            return spendable(member.lots, member.debt, at)
        return self.enrolment(who).play.balance
