"""Given/when/then for the pure core: a campaign played in memory, as the writer plays it against the database."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec

from ledger.commands import (
    AmendCampaign,
    AnswerQuestion,
    Command,
    Correct,
    Enrol,
    PostReflection,
    PublishCampaign,
    SignIn,
    SyncSteps,
    request,
)
from ledger.corrections import Found
from ledger.decide import State, decide, enrolment_stream, evolve, initial, stream_of, streams
from ledger.enrolment import Enrolment
from ledger.events import ActivityRefused, Event, StepsSynced
from ledger.refusals import Refusal
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load

Time = str | datetime
SHANGHAI = ZoneInfo("Asia/Shanghai")
SX_TEXT = (Path(__file__).parent.parent / "ledger/rulebooks/sx-2019.toml").read_text(encoding="utf-8")
SX = load(SX_TEXT)


def moment(text: Time) -> datetime:
    """``07-01 21:14:09`` is in 2019, by the wall clock of Shanghai; anything else is ISO 8601 with an offset."""
    if isinstance(text, datetime):
        return text
    if text[2] == "-":
        return datetime.fromisoformat(f"2019-{text}").replace(tzinfo=SHANGHAI)
    return datetime.fromisoformat(text)


def day_of(text: str) -> date:
    """``07-01`` is in 2019."""
    return date.fromisoformat(text if len(text) > 5 else f"2019-{text}")


class Entry(msgspec.Struct, frozen=True):
    """An event as it would stand in the log; its position is its index, counted from 1."""

    stream: str
    version: int
    event: Event


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
    ) -> Self:
        """Decide a command and fold what follows, like the writer. Raises what ``decide`` raises."""
        occurred_at = moment(at) if at else self.now
        self.now = moment(delivered) if delivered else occurred_at
        asked = request(
            command,
            source="//tests/app",
            id=f"e-{len(self.log) + 1}",
            campaign=self.rules.id,
            participant=who,
            occurred_at=occurred_at,
            actor=actor,
        )
        for stream in streams(asked):
            self.states.setdefault(stream, initial(stream))
        found = self._found(command, stream_of(asked)) if isinstance(command, Correct) else None
        self.answer = decide(asked, self.states, self.rulebooks, self.now, found)
        for event in self.answer:
            state = evolve(self.states[stream_of(asked)], event)
            self.states[stream_of(asked)] = state
            self.log.append(Entry(stream_of(asked), state.version, event))
        return self

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

    def enrolment(self, who: str = "p-1") -> Enrolment:
        """The state of a participant."""
        state = self.states.get(enrolment_stream(who, self.rules.id), Enrolment())
        assert isinstance(state, Enrolment)
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
    def refusal(self) -> ActivityRefused:
        """The newest answer, which is a refusal."""
        (event,) = self.answer
        assert isinstance(event, ActivityRefused)
        return event

    def _known(self, rules: Rulebook) -> str:
        digest = f"rules-{len(self.rulebooks) + 1}"
        self.rulebooks[digest] = rules
        return digest

    def _found(self, command: Correct, stream: str) -> Found | None:
        for entry in self.log[command.reverses - 1 : command.reverses]:
            if entry.stream == stream:
                later = [each.event for each in self.log if each.stream == stream]
                replaced = any(
                    isinstance(event, StepsSynced) and event.replaces == entry.version for event in later
                )
                return Found(entry.version, entry.event, replaced=replaced)
        return None
