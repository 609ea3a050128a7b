"""One group of requests, from lock to commit. See writer.py for who calls it."""

import secrets
from collections.abc import Callable
from datetime import datetime

import structlog

from ledger.campaign import is_published
from ledger.clock import EPOCH, Clock
from ledger.codec import decode, encode
from ledger.commands import AmendCampaign, Correct, ImportVouchers, PublishCampaign, Request
from ledger.corrections import Found, replaces
from ledger.decide import decide, members, more_streams, stream_of, streams
from ledger.decision import Decision, Given
from ledger.drawing import SEED_BYTES
from ledger.events import PoolOpened, VouchersImported
from ledger.fold import State
from ledger.outcomes import Outcome, Recorded
from ledger.pool import Pool
from ledger.refusals import Malformed
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from ledger.states import StateCache, States, encode_state
from ledger.store import EventRow, Group, LedgerRecorder, RequestRow, SecretRow, StateRow
from ledger.streams import POOL
from ledger.vault import SEED, VOUCHER, Vault

log = structlog.get_logger("ledger.writer")


class GroupCommit:
    """Decides a group of requests in order and commits what follows, all or nothing.

    ``run`` returns one outcome for each request. It raises what the database raises; then nothing was kept in memory,
    and whether the group was committed is told by asking again.
    """

    def __init__(
        self, requests: list[Request], recorder: LedgerRecorder, cache: StateCache, vault: Vault
    ) -> None:
        self._requests = requests
        self._recorder = recorder
        self._cache = cache
        self._vault = vault
        self._clock: Clock
        self._states = States()
        self._changed: dict[str, State] = {}
        self._append: Callable[[EventRow], None]
        self._named: dict[int, tuple[str, Found]] = {}
        self._position = 0
        self._rows: list[RequestRow] = []
        self._secrets: list[SecretRow] = []
        self._seeds: dict[str, bytes] = {}
        self._known: frozenset[str] = frozenset()
        self._answered: dict[bytes, tuple[bytes, tuple[Recorded, ...]]] = {}
        self._recorded_at = EPOCH

    def run(self) -> list[Outcome]:
        """Commit the group. When this returns, what it answers is durable."""
        with self._recorder.group([request.key for request in self._requests]) as group:
            self._position = group.head
            self._clock = group.clock
            fresh = [request for request in self._requests if request.key not in group.known]
            self._load(group, fresh)
            self._recall(group)
            self._find(group, fresh)
            with group.appending() as self._append:
                outcomes = [self._answer(request) for request in self._requests]
            encoded = {stream: encode_state(state) for stream, state in self._changed.items()}
            if self._secrets:
                group.keep_secrets(self._secrets)
            group.finish(
                self._rows,
                [StateRow(stream, self._changed[stream].version, state) for stream, state in encoded.items()],
                self._position,
                self._recorded_at,
            )
        self._cache.keep(self._position, encoded)
        self._cache.seeds |= {
            row.stream: self._seeds[row.stream] for row in self._secrets if row.kind == SEED
        }
        return outcomes

    def _load(self, group: Group, fresh: list[Request]) -> None:
        """The states that the group can touch: each round names streams by what the one before has loaded.

        A person who joins a team in this group and syncs in it finds the team, for the joining names it.
        """
        rulebooks = self._cache.rulebooks
        coming: dict[str, list[Rulebook]] = {}
        for request in fresh:
            command = request.command
            if isinstance(command, PublishCampaign | AmendCampaign):
                if command.digest not in rulebooks:
                    rulebooks[command.digest] = load(command.text)
                coming.setdefault(request.campaign, []).append(rulebooks[command.digest])
        load_states, states = self._cache.load, self._states
        load_states(group, (stream for request in fresh for stream in streams(request)), states)
        more = {s for request in fresh for s in more_streams(request, states, rulebooks, coming)}
        if more:
            load_states(group, more, states)
            load_states(group, members(states, more), states)
            self._learn_secrets(group, fresh)

    def _learn_secrets(self, group: Group, fresh: list[Request]) -> None:
        """The seeds of the pools at hand, new ones for those that are not open yet; the codes that are known."""
        loaded = [stream for stream in self._states.encoded if stream.startswith(POOL)]
        pools = {stream: pool for stream in loaded if isinstance(pool := self._states[stream], Pool)}
        kept = self._cache.seeds
        missing = [stream for stream, pool in pools.items() if pool.commitment and stream not in kept]
        for stream, sealed in group.secrets(missing, SEED) if missing else ():
            kept[stream] = self._vault.open(sealed, f"{SEED} {stream}")
        self._seeds = {
            stream: kept[stream] if pool.commitment else secrets.token_bytes(SEED_BYTES)
            for stream, pool in pools.items()
        }
        codes = [
            code
            for request in fresh
            if isinstance(request.command, ImportVouchers)
            for code in request.command.fingerprints
        ]
        self._known = group.known_fingerprints(codes) if codes else frozenset()

    def _find(self, group: Group, fresh: list[Request]) -> None:
        """Read the events that corrections name, and those that published a text that is published again."""
        named = [request.command.reverses for request in fresh if isinstance(request.command, Correct)]
        for position, row in group.events_at(named).items() if named else ():
            later = [decode(topic, state) for topic, state in group.events_of(row.originator_id)]
            replaced = any(replaces(event, row.originator_version) for event in later)
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
            decision = self._decide(request, now)
        except Malformed as fault:
            self._clock.base = before  # what is no event does not move the clock
            return Outcome(status="invalid", code="malformed", pointer=fault.pointer, detail=fault.detail)
        except Exception:
            # A mistake of ours in one decision; so far nothing is changed, and its neighbours go on.
            log.exception("decision_failed", source=request.source, event_id=request.id)
            return Outcome.fault()
        return self._record(request, decision, now)

    def _decide(self, request: Request, now: datetime) -> Decision:
        found: Found | None = None
        if isinstance(request.command, Correct):
            stream, found = self._named.get(request.command.reverses, ("", None))
            if stream != stream_of(request):
                found = None
        given = Given(self._seeds, self._known)
        return decide(request, self._states, self._cache.rulebooks, now, found, given)

    def _record(self, request: Request, decision: Decision, now: datetime) -> Outcome:
        rows = [
            EventRow(stream, version, event.TOPIC, encode(event), position)
            for position, (stream, version, event) in enumerate(decision.events, self._position + 1)
        ]
        self._secrets += self._secrets_of(request, decision)
        for row in rows:
            self._append(row)
        self._position += len(rows)
        self._states.update(decision.changed)
        self._changed |= decision.changed
        answer = tuple([_recorded(row) for row in rows])
        self._answered[request.key] = (request.content, answer)
        self._rows.append(RequestRow(request.key, request.content, answer[0].position, len(answer)))
        self._recorded_at = now
        return Outcome.of([placed.event for placed in decision.events], answer, repeat=False)

    def _secrets_of(self, request: Request, decision: Decision) -> list[SecretRow]:
        """What belongs beside the log to what was decided: the seed of a pool that opens, imported codes."""
        if not self._seeds:
            return []
        rows = []
        for stream, _, event in decision.events:
            if isinstance(event, PoolOpened) and event.commitment:
                sealed = self._vault.seal(self._seeds[stream], f"{SEED} {stream}")
                rows.append(SecretRow(stream, SEED, 0, sealed, None))
            elif isinstance(event, VouchersImported) and isinstance(request.command, ImportVouchers):
                kind = f"{VOUCHER} {event.prize}"
                rows += [
                    SecretRow(stream, kind, number, sealed, fingerprint)
                    for number, (sealed, fingerprint) in enumerate(
                        zip(request.beside, request.command.fingerprints, strict=True), event.first
                    )
                ]
                self._known |= set(request.command.fingerprints)
        return rows


def _recorded(row: EventRow) -> Recorded:
    return Recorded(row.position, row.topic, row.originator_version, row.state, row.originator_id)
