"""Given/when/then for the pure core: a campaign played in memory, as the writer plays it against the database."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import astuple

from ledger.codec import decode, encode
from ledger.command import Command, Request, request
from ledger.commands import (
    AmendCampaign,
    AnswerQuestion,
    Correct,
    CreateTeam,
    Enrol,
    ImportVouchers,
    JoinTeam,
    PostReflection,
    PublishCampaign,
    RequestDraw,
    SignIn,
    SyncSteps,
)
from ledger.corrections import Found, fact_at, look_after
from ledger.decide import decide
from ledger.decision import Decision, Given
from ledger.enrolment import Enrolment
from ledger.events import ActivityRefused, Event
from ledger.fold import State, evolve, initial
from ledger.loading import loaded
from ledger.member import Member
from ledger.pool import Pool
from ledger.posting import check_balanced
from ledger.refusal import Refusal
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from ledger.streams import (
    campaign_of,
    enrolment_stream,
    member_stream,
    participant_of,
    pool_stream,
    team_stream,
)
from ledger.team import Team

Time = str | datetime
SHANGHAI = ZoneInfo("Asia/Shanghai")
SX_TEXT = (Path(__file__).parent.parent / "ledger/rulebooks/sx-2019.toml").read_text(encoding="utf-8")
SX = load(SX_TEXT)
JS = load((Path(__file__).parent.parent / "ledger/rulebooks/js-2023.toml").read_text(encoding="utf-8"))


def moment(text: Time) -> datetime:
    """``07-01 21:14:09`` is in 2019, by the wall clock of Shanghai; so is a moment without an offset, of any year."""
    if isinstance(text, datetime):
        return text
    told = datetime.fromisoformat(f"2019-{text}" if text[2] == "-" else text)
    return told if told.tzinfo else told.replace(tzinfo=SHANGHAI)


def day_of(text: str) -> date:
    """``07-01`` is in 2019."""
    return date.fromisoformat(text if len(text) > 5 else f"2019-{text}")


def seed_of(stream: str) -> bytes:
    """A seed for each pool: the same in every test."""
    return sha256(stream.encode()).digest()


class Entry(msgspec.Struct, frozen=True):
    """An event as it would stand in the log; its position is its index, counted from 1."""

    stream: str
    version: int
    event: Event


def replayed(log: Iterable[Entry]) -> dict[str, State]:
    """The states of all streams, from nothing but what is stored of their events."""
    states: dict[str, State] = {}
    for stream, _, event in map(astuple, log):
        told = decode(event.TOPIC, encode(event))
        states[stream] = evolve(states.get(stream, initial(stream)), told)
    return states


def balances(log: Iterable[Entry]) -> Counter[str]:
    """What every account holds; each event balances, and each running balance is the one before and what moved."""
    held: Counter[tuple[str, str]] = Counter()
    for entry in log:
        check_balanced(entry.event.postings)
        for leg in entry.event.postings:
            held[leg.account, leg.asset] += leg.amount
            assert leg.balance_after in (None, held[leg.account, leg.asset]), (entry, leg)
            if leg.balance_after is not None:
                assert leg.account.endswith(f":{entry.stream.partition('@')[0].rpartition('/')[2]}"), (
                    "an account of the stream's own"
                )
    named: Counter[str] = Counter()
    for (account, asset), amount in held.items():
        named[
            account
            if account.startswith(("points:", "money:", "issued:", "spent:"))
            else f"{account} {asset}"
        ] = amount
    return named


class Story:
    """A published campaign and what participants do in it.

    An event happens ``at`` a moment and arrives then too, unless ``delivered`` says later. Without ``at`` it happens
    where the clock stands. Every call returns the story; ``expect`` looks at what the newest request led to.
    """

    def __init__(self, rules: Rulebook = SX, published: Time = "06-01 08:00") -> None:
        self.rules = rules
        self.now = moment(published)
        self.states: dict[str, State] = {}
        self.rulebooks: dict[str, Rulebook] = {}
        self.log: list[Entry] = []
        self.answer: tuple[Event, ...] = ()
        self.codes: set[str] = set()
        self.changes: frozenset[str] = frozenset()
        """What the vault would say of the personal fields that are told: those that stand with another value."""
        self.post(PublishCampaign(text="", digest=self._known(rules)), who="")

    def at(self, now: Time) -> Self:
        """Set the clock."""
        self.now = moment(now)
        return self

    def post(
        self,
        command: Command,
        *,
        who: str = "p-1",
        at: Time = "",
        delivered: Time = "",
        actor: str = "operator",
        campaign: str | None = None,
    ) -> Self:
        """Decide a command and fold what follows, like the writer. Raises what ``decide`` raises.

        campaign: none = the story's own; empty for what concerns a person and no campaign.
        """
        occurred_at = moment(at) if at else self.now
        self.now = moment(delivered) if delivered else occurred_at
        asked = request(
            command,
            source="//tests/app",
            id=f"e-{len(self.log) + 1}",
            campaign=self.rules.id if campaign is None else campaign,
            participant=who,
            occurred_at=occurred_at,
            actor=actor,
        )
        decision = self._decide(asked)
        self.answer = tuple(event for _, _, event in decision.events)
        self.states |= decision.changed
        self.log += [Entry(*placed) for placed in decision.events]
        if isinstance(command, ImportVouchers) and not self.refused:
            self.codes |= set(command.fingerprints)
        return self

    def _decide(self, asked: Request) -> Decision:
        """Load what the writer would load, and decide."""
        states, persons = loaded(asked, self.states, self.rulebooks)
        command = asked.command
        found = self._found(command, asked.participant) if isinstance(command, Correct) else None
        seeds = {stream: seed_of(stream) for stream in states if stream.startswith("pool/")}
        histories: dict[str, tuple[Event, ...]] = {}
        for entry in self.log:
            if "@" in entry.stream and participant_of(entry.stream) in persons:
                histories[entry.stream] = (*histories.get(entry.stream, ()), entry.event)
        given = Given(seeds, frozenset(self.codes), histories, self.changes)
        return decide(asked, states, self.rulebooks, self.now, found, given)

    def enrol(self, who: str = "p-1", *, branch: str = "xian", **how: Any) -> Self:
        return self.post(Enrol(branch=branch, unit="一车间"), who=who, **how)

    def signs_in(self, at: Time = "", **how: Any) -> Self:
        return self.post(SignIn(), at=at, **how)

    def syncs(self, steps: int, at: Time = "", *, day: str = "", **how: Any) -> Self:
        """day: left out, it is the day of ``at`` in the campaign's time zone."""
        happened = moment(at) if at else self.now
        of = day_of(day) if day else happened.astimezone(self.rules.tz).date()
        return self.post(SyncSteps(day=of, steps=steps, provider="werun"), at=at, **how)

    def answers(
        self, question: str, answer: str, at: Time = "", *, checkpoint: int | str | None = None, **how: Any
    ) -> Self:
        return self.post(
            AnswerQuestion(question=question, answer=answer, checkpoint=checkpoint), at=at, **how
        )

    def reflects(self, checkpoint: int | str, at: Time = "", **how: Any) -> Self:
        return self.post(PostReflection(checkpoint=checkpoint, ref="notes/1"), at=at, **how)

    def corrects(self, position: int, at: Time = "", **how: Any) -> Self:
        return self.post(Correct(reverses=position, reason="counted twice"), at=at, **how)

    def amend(self, rules: Rulebook, at: Time = "", *, effective_at: Time = "") -> Self:
        effective = moment(effective_at) if effective_at else None
        return self.post(
            AmendCampaign(text="", digest=self._known(rules), effective_at=effective), who="", at=at
        )

    def creates(self, team: str, at: Time = "", **how: Any) -> Self:
        return self.post(CreateTeam(team=team, name=f"{team} 队"), at=at, **how)

    def joins(self, team: str, at: Time = "", **how: Any) -> Self:
        return self.post(JoinTeam(team=team), at=at, **how)

    def draws(self, pool: str, at: Time = "", *, chance: str | None = None, **how: Any) -> Self:
        return self.post(RequestDraw(pool=pool, chance=chance), at=at, **how)

    def team(self, team: str) -> Team:
        """The state of a team in the campaign proper."""
        state = self.states.get(team_stream(self.rules.id, team), Team())
        assert isinstance(state, Team)
        return state

    def pool(self, pool: str) -> Pool:
        """The state of a pool in the campaign proper."""
        state = self.states.get(pool_stream(self.rules.id, pool), Pool())
        assert isinstance(state, Pool)
        return state

    def also(self, rules: Rulebook) -> Self:
        """Publish another campaign beside the story's own."""
        return self.post(
            PublishCampaign(text="", digest=self._known(rules)), who="", campaign=rules.id, at=self.now
        )

    def enrolment(self, who: str = "p-1", campaign: str = "") -> Enrolment:
        """The state of a participant."""
        state = self.states.get(enrolment_stream(who, campaign or self.rules.id), Enrolment())
        assert isinstance(state, Enrolment)
        return state

    def member(self, who: str = "p-1") -> Member:
        """The state of a person."""
        state = self.states.get(member_stream(who), Member())
        assert isinstance(state, Member)
        return state

    @property
    def position(self) -> int:
        """The position of the first event of the newest answer."""
        return len(self.log) - len(self.answer) + 1

    def expect(self, *what: type[Event | Refusal], who: str = "p-1", **play: object) -> Self:
        """The newest answer is exactly these events, or this refusal; members of the play have these values."""
        refusals = [each for each in what if issubclass(each, Refusal)]
        if refusals:
            assert [type(event) for event in self.answer] == [ActivityRefused], self.answer
            assert [self.refusal.code] == [each.CODE for each in refusals], self.refusal.detail
        elif what:
            assert tuple(type(event) for event in self.answer) == what, self.answer
        found = {name: getattr(self.enrolment(who).play, name) for name in play}
        assert found == play
        return self

    @property
    def refused(self) -> bool:
        """Whether the newest answer is a refusal."""
        return isinstance(self.answer[0], ActivityRefused)

    @property
    def refusal(self) -> ActivityRefused:
        """The newest answer, which is a refusal."""
        (event,) = self.answer
        assert isinstance(event, ActivityRefused)
        return event

    def _known(self, rules: Rulebook) -> str:
        digest = f"rules-{len(self.rulebooks) + 1}"
        self.rulebooks[digest] = rules
        return digest

    def _found(self, command: Correct, who: str) -> Found | None:
        standing = {position: astuple(entry) for position, entry in enumerate(self.log, start=1)}
        stream, found = fact_at(command.reverses, standing) or ("", None)
        if found is None or campaign_of(stream) != self.rules.id:
            return None
        look_after(found, stream, lambda of: [each.event for each in self.log if each.stream == of])
        return found if found.owner == (self.member(who).became or who) else None
