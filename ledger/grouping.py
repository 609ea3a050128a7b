"""One group of requests, from lock to commit. See writer.py for who calls it."""

from collections.abc import Callable
from datetime import datetime

import structlog

from ledger.campaign import is_published
from ledger.clock import EPOCH, Clock
from ledger.codec import decode, encode
from ledger.commands import AmendCampaign, Correct, PublishCampaign, Request
from ledger.corrections import Found
from ledger.decide import State, decide, evolve, stream_of, streams
from ledger.events import Event, StepsSynced
from ledger.outcomes import Outcome, Recorded
from ledger.refusals import Malformed
from ledger.rulebook_file import load
from ledger.states import StateCache, encode_state
from ledger.store import EventRow, Group, LedgerRecorder, RequestRow, StateRow

log = structlog.get_logger("ledger.writer")


class GroupCommit:
    """Decides a group of requests in order and commits what follows, all or nothing.

    ``run`` returns one outcome for each request. It raises what the database raises; then nothing was kept in memory,
    and whether the group was committed is told by asking again.
    """

    def __init__(self, requests: list[Request], recorder: LedgerRecorder, cache: StateCache) -> None:
        self._requests = requests
        self._recorder = recorder
        self._cache = cache
        self._clock: Clock
        self._states: dict[str, State] = {}
        self._changed: dict[str, State] = {}
        self._append: Callable[[EventRow], None]
        self._named: dict[int, tuple[str, Found]] = {}
        self._position = 0
        self._rows: list[RequestRow] = []
        self._answered: dict[bytes, tuple[bytes, tuple[Recorded, ...]]] = {}
        self._recorded_at = EPOCH

    def run(self) -> list[Outcome]:
        """Commit the group. When this returns, what it answers is durable."""
        with self._recorder.group([request.key for request in self._requests]) as group:
            self._position = group.head
            self._clock = group.clock
            fresh = [request for request in self._requests if request.key not in group.known]
            self._states = self._cache.states(
                group, (stream for request in fresh for stream in streams(request))
            )
            self._recall(group)
            self._find(group, fresh)
            with group.appending() as self._append:
                outcomes = [self._answer(request) for request in self._requests]
            encoded = {stream: encode_state(state) for stream, state in self._changed.items()}
            group.finish(
                self._rows,
                [StateRow(stream, self._changed[stream].version, state) for stream, state in encoded.items()],
                self._position,
                self._recorded_at,
            )
        self._cache.keep(self._position, encoded)
        return outcomes

    def _find(self, group: Group, fresh: list[Request]) -> None:
        """Read the events that corrections name, and those that published a text that is published again."""
        named = [request.command.reverses for request in fresh if isinstance(request.command, Correct)]
        for position, row in group.events_at(named).items() if named else ():
            later = [decode(topic, state) for topic, state in group.events_of(row.originator_id)]
            replaced = any(isinstance(e, StepsSynced) and e.replaces == row.originator_version for e in later)
            found = Found(row.originator_version, decode(row.topic, row.state), replaced=replaced)
            self._named[position] = (row.originator_id, found)
        for request in fresh:
            stream, command = stream_of(request), request.command
            if isinstance(command, PublishCampaign) and is_published(self._states[stream], command):
                self._answered[request.key] = (request.content, (_recorded(group.first_event(stream)),))

    def _recall(self, group: Group) -> None:
        """Read the events that answered the requests that are repeats."""
        known = group.known
        if not known:
            return
        positions = [k.position + n for k in known.values() for n in range(k.events)]
        found = group.events_at(positions)
        for key, k in known.items():
            answer = tuple(_recorded(found[k.position + n]) for n in range(k.events))
            self._answered[key] = (k.content, answer)

    def _answer(self, request: Request) -> Outcome:
        answered = self._answered.get(request.key)
        if answered is not None:
            content, events = answered
            if content != request.content:
                return Outcome(
                    status="conflict",
                    code="event_id_reused",
                    detail=f"the id {request.id!r} was used before for something else; what is new needs a new id",
                    position=events[0].position,
                )
            return Outcome.again(events)
        before = self._clock.base
        now = self._clock.follow(request.occurred_at)
        try:
            events_of_it, rows, state = self._decide(request, now)
        except Malformed as fault:
            self._clock.base = before  # what is no event does not move the clock
            return Outcome(status="invalid", code="malformed", pointer=fault.pointer, detail=fault.detail)
        except Exception:
            # A mistake of ours in one decision; so far nothing is changed, and its neighbours go on.
            log.exception("decision_failed", source=request.source, event_id=request.id)
            return Outcome.fault()
        return self._record(request, events_of_it, rows, state, now)

    def _decide(self, request: Request, now: datetime) -> tuple[tuple[Event, ...], list[EventRow], State]:
        """The events that a request leads to, their rows, and the state after them."""
        command = request.command
        rulebooks = self._cache.rulebooks
        found: Found | None = None
        if isinstance(command, PublishCampaign | AmendCampaign) and command.digest not in rulebooks:
            rulebooks[command.digest] = load(command.text)
        if isinstance(command, Correct):
            stream, found = self._named.get(command.reverses, ("", None))
            if stream != stream_of(request):
                found = None
        stream = stream_of(request)
        state = self._states[stream]
        rows = []
        events = decide(request, self._states, rulebooks, now, found)
        for position, event in enumerate(events, self._position + 1):
            state = evolve(state, event)
            rows.append(EventRow(stream, state.version, event.TOPIC, encode(event), position))
        return events, rows, state

    def _record(
        self, request: Request, events: tuple[Event, ...], rows: list[EventRow], state: State, now: datetime
    ) -> Outcome:
        for row in rows:
            self._append(row)
        self._position += len(rows)
        stream = rows[0].originator_id
        self._states[stream] = self._changed[stream] = state
        answer = tuple(_recorded(row) for row in rows)
        self._answered[request.key] = (request.content, answer)
        self._rows.append(RequestRow(request.key, request.content, answer[0].position, len(answer)))
        self._recorded_at = now
        return Outcome.of(events, answer, repeat=False)


def _recorded(row: EventRow) -> Recorded:
    return Recorded(row.position, row.topic, row.originator_version, row.state)
