"""One group of requests, from lock to commit. See writer.py for who calls it."""

from collections.abc import Callable
from datetime import datetime

import structlog

from ledger.clock import EPOCH, Clock
from ledger.codec import decode, encode
from ledger.commands import AmendCampaign, Correct, PublishCampaign, Request
from ledger.corrections import Found
from ledger.decide import State, decide, evolve, stream_of, streams
from ledger.events import Event
from ledger.outcomes import Outcome, Recorded
from ledger.refusals import Malformed, Refusal
from ledger.rulebook_file import load
from ledger.states import StateCache, encode_state
from ledger.store import EventRow, Group, LedgerRecorder, RequestRow, StateRow

log = structlog.get_logger("ledger.writer")


class GroupCommit:
    """Decides a group of requests in order and commits what follows, all or nothing.

    ``run`` returns one outcome for each request. It raises what the database raises; then nothing was kept in memory,
    and whether the group was committed is told by asking again.
    """

    def __init__(
        self, requests: list[Request], recorder: LedgerRecorder, cache: StateCache, clock: Clock
    ) -> None:
        self._requests = requests
        self._recorder = recorder
        self._cache = cache
        self._clock = clock
        self._states: dict[str, State] = {}
        self._changed: dict[str, State] = {}
        self._append: Callable[[EventRow], None]
        self._named: dict[int, EventRow] = {}
        self._position = 0
        self._rows: list[RequestRow] = []
        self._answered: dict[bytes, tuple[bytes, tuple[Recorded, ...]]] = {}
        self._recorded_at = EPOCH

    def run(self) -> list[Outcome]:
        """Commit the group. When this returns, what it answers is durable."""
        with self._recorder.group([request.key for request in self._requests]) as group:
            self._position = group.head
            self._clock.refresh(group.clock_base, group.clock_set_at)
            fresh = [request for request in self._requests if request.key not in group.known]
            self._states = self._cache.states(
                group, (stream for request in fresh for stream in streams(request))
            )
            self._recall(group)
            self._find(group, fresh)
            before = self._clock.base
            with group.appending() as self._append:
                outcomes = [self._answer(request) for request in self._requests]
            encoded = {stream: encode_state(state) for stream, state in self._changed.items()}
            group.finish(
                self._rows,
                [StateRow(stream, self._changed[stream].version, state) for stream, state in encoded.items()],
                self._position,
                self._recorded_at,
                None if self._clock.base == before else (self._clock.base, self._clock.set_at),
            )
        self._cache.keep(self._position, encoded)
        return outcomes

    def _find(self, group: Group, fresh: list[Request]) -> None:
        """Read the events that corrections name."""
        named = [request.command.reverses for request in fresh if isinstance(request.command, Correct)]
        if named:
            self._named = group.events_at(named)

    def _recall(self, group: Group) -> None:
        """Read the events that answered the requests that are repeats."""
        known = group.known
        if not known:
            return
        positions = [k.position + n for k in known.values() for n in range(k.events)]
        found = group.events_at(positions)
        for key, k in known.items():
            rows = (found[k.position + n] for n in range(k.events))
            self._answered[key] = (
                k.content,
                tuple(Recorded(row.position, row.topic, row.originator_version, row.state) for row in rows),
            )

    def _answer(self, request: Request) -> Outcome:
        answered = self._answered.get(request.key)
        if answered is not None:
            content, events = answered
            if content != request.content:
                return Outcome(
                    status="conflict",
                    code="event_id_reused",
                    detail=f"an event with id {request.id!r} from {request.source!r} was taken before, and said"
                    " something else; a new event needs a new id",
                    position=events[0].position,
                )
            return Outcome.of(events, repeat=True)
        now = self._clock.follow(request.occurred_at)
        try:
            events_of_request = self._decide(request, now)
        except Malformed as fault:
            return Outcome(status="invalid", code="malformed", pointer=fault.pointer, detail=fault.detail)
        except Refusal as refusal:
            return Outcome(status="refused", code=refusal.CODE, clause=refusal.clause, detail=refusal.detail)
        except Exception:
            # A mistake of ours in one decision; decisions change nothing, so its neighbours go on.
            log.exception("decision_failed", source=request.source, event_id=request.id)
            return Outcome(
                status="unavailable", code="fault", detail="this event could not be decided; it is logged"
            )
        return self._record(request, events_of_request, now)

    def _decide(self, request: Request, now: datetime) -> tuple[Event, ...]:
        command = request.command
        rulebooks = self._cache.rulebooks
        found = None
        if isinstance(command, PublishCampaign | AmendCampaign) and command.digest not in rulebooks:
            rulebooks[command.digest] = load(command.text)
        if isinstance(command, Correct):
            row = self._named.get(command.reverses)
            if row is not None and row.originator_id == stream_of(request):
                found = Found(row.originator_version, decode(row.topic, row.state))
        return decide(request, self._states, rulebooks, now, found)

    def _record(self, request: Request, events: tuple[Event, ...], now: datetime) -> Outcome:
        stream = stream_of(request)
        state = self._states[stream]
        recorded = []
        for event in events:
            state = evolve(state, event)
            stored = encode(event)
            self._position += 1
            self._append(EventRow(stream, state.version, event.TOPIC, stored, self._position))
            recorded.append(Recorded(self._position, event.TOPIC, state.version, stored))
        self._states[stream] = self._changed[stream] = state
        answer = tuple(recorded)
        self._answered[request.key] = (request.content, answer)
        self._rows.append(RequestRow(request.key, request.content, answer[0].position, len(answer)))
        self._recorded_at = now
        return Outcome.of(answer, repeat=False)
