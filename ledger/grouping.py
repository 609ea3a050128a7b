"""One group of requests, from lock to commit. See writer.py for who calls it."""

import secrets
from collections.abc import Callable
from datetime import datetime

import structlog

from ledger import linking
from ledger.campaign import is_published
from ledger.clock import EPOCH, Clock
from ledger.codec import decode, encode
from ledger.command import Request
from ledger.commands import Correct, ImportVouchers, PublishCampaign
from ledger.corrections import Found, around, fact_at, look_after
from ledger.decide import ASKED_AGAIN, PUBLISHES, decide, members, more_streams, resolved, stream_of, streams
from ledger.decision import Decision, Given
from ledger.drawing import SEED_BYTES
from ledger.events import Event, PoolOpened, VouchersImported
from ledger.fold import State
from ledger.keeping import Keeping
from ledger.member import Member
from ledger.member_commands import EnterRoster
from ledger.outcomes import Outcome, Recorded
from ledger.pool import Pool
from ledger.refusal import Malformed
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from ledger.states import NotLoaded, StateCache, States, encode_state
from ledger.store import EventRow, Group, LedgerRecorder, RequestRow, SecretRow, StateRow
from ledger.streams import POOL, REFERENCE, campaign_of, member_stream, participant_of
from ledger.vault import SEED, VOUCHER, Vault

log = structlog.get_logger("ledger.writer")


class GroupCommit:
    """Decides a group of requests in order and commits what follows, all or nothing.

    ``run`` returns an outcome for each request, or for the first of them only: a request that an earlier one of the
    group has led to streams that were not loaded begins the next group. It raises what the database raises; then
    nothing was kept in memory, and whether the group was committed is told by asking again.
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
        self._personal = Keeping(vault)
        self._persons: set[str] = set()
        self._histories: dict[str, list[Event]] = {}
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
                outcomes = self._answers()
            with group.together():
                if self._secrets:
                    group.keep_secrets(self._secrets)
                self._personal.write(group, self._recorded_at)
                encoded = {stream: encode_state(state) for stream, state in self._changed.items()}
                states = [
                    StateRow(name, self._changed[name].version, state) for name, state in encoded.items()
                ]
                group.finish(self._rows, states, self._position, self._recorded_at)
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
            if isinstance(command, PUBLISHES):
                if command.digest not in rulebooks:
                    rulebooks[command.digest] = load(command.text)
                coming.setdefault(request.campaign, []).append(rulebooks[command.digest])
        load_states, states = self._cache.load, self._states
        load_states(group, (stream for request in fresh for stream in streams(request)), states)
        known = [_resolved(request, states) for request in fresh]
        others = (each for each, request in zip(known, fresh, strict=True) if each is not request)
        load_states(group, (stream for request in others for stream in streams(request)), states)
        more: set[str] = set()
        pending = known
        while pending:
            named = [(request, self._unloaded(request, rulebooks, coming)) for request in pending]
            new = set().union(*(found for _, found in named))
            if new:
                load_states(group, new, states)
                more |= new
            pending = [request for request, found in named if found and type(request.command) in ASKED_AGAIN]
        self._learn_histories(group, known)
        self._personal.learn(group, known, states)
        if more:
            load_states(group, members(states, more), states)
            self._learn_secrets(group, fresh)

    def _unloaded(
        self, request: Request, rulebooks: dict[str, Rulebook], coming: dict[str, list[Rulebook]]
    ) -> list[str]:
        loaded = self._states.encoded
        return [
            stream
            for stream in more_streams(request, self._states, rulebooks, coming)
            if stream not in loaded
        ]

    def _learn_histories(self, group: Group, known: list[Request]) -> None:
        """All that participants have done who may turn out to be one person; rare, so it may read a lot."""
        persons = {person for request in known for person in linking.persons(request, self._states)}
        if not persons:
            return
        for stream, topic, state in group.histories(sorted(persons)):
            self._histories.setdefault(stream, []).append(decode(topic, state))
        self._persons = persons
        also, new = set[str](), {*self._histories, *map(member_stream, persons)}
        while not new <= also:
            also |= new
            self._cache.load(group, new, self._states)
            new = set(linking.besides(persons, self._histories, self._states, self._cache.rulebooks))
        self._cache.load(group, members(self._states, also), self._states)

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
        rows = group.events_at(around(named)) if named else {}
        standing = {
            position: (row.originator_id, row.originator_version, decode(row.topic, row.state))
            for position, row in rows.items()
        }

        def events_of(stream: str) -> list[Event]:
            return [decode(topic, state) for topic, state in group.events_of(stream)]

        for position in named:
            if (fact := fact_at(position, standing)) is not None:
                stream, found = fact
                look_after(found, stream, events_of)
                self._named[position] = (stream, found)
        for request in fresh:
            stream, command = stream_of(request), request.command
            if isinstance(command, PublishCampaign) and is_published(self._states[stream], command):
                self._answered[request.key] = (request.content, (_recorded(group.publication(stream)),))

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

    def _answers(self) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for request in self._requests:
            try:
                outcomes.append(self._answer(request))
            except NotLoaded:
                break
        return outcomes

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
        except NotLoaded:
            if self._changed:
                self._clock.base = before
                raise
            log.exception("decision_failed", source=request.source, event_id=request.id)
            return Outcome.fault()
        except Exception:
            # A mistake of ours in one decision; so far nothing is changed, and its neighbours go on.
            log.exception("decision_failed", source=request.source, event_id=request.id)
            return Outcome.fault()
        return self._record(request, decision, now)

    def _decide(self, request: Request, now: datetime) -> Decision:
        found: Found | None = None
        if isinstance(request.command, Correct):
            stream, found = self._named.get(request.command.reverses, ("", None))
            known = resolved(request, self._states)
            if found is not None and (found.owner, campaign_of(stream)) != (
                known.participant,
                known.campaign,
            ):
                member = self._states[member_stream(known.participant)]
                if isinstance(member, Member) and found.owner in member.aliases:
                    raise NotLoaded(stream)  # this group has made them one
                found = None
        changes = self._personal.changes(request, self._states)
        given = Given(self._seeds, self._known, self._history_of(request), changes)
        return decide(request, self._states, self._cache.rulebooks, now, found, given)

    def _history_of(self, request: Request) -> dict[str, tuple[Event, ...]]:
        """What the persons that a request may join have done. Raises NotLoaded when this group has changed it."""
        if type(request.command) not in linking.LINKS:
            return {}
        persons = set(linking.persons(resolved(request, self._states), self._states))
        if not persons:
            return {}
        if not persons <= self._persons or any(participant_of(stream) in persons for stream in self._changed):
            raise NotLoaded(request.participant)
        return {
            stream: tuple(events)
            for stream, events in self._histories.items()
            if participant_of(stream) in persons
        }

    def _record(self, request: Request, decision: Decision, now: datetime) -> Outcome:
        rows = [
            EventRow(stream, version, event.TOPIC, encode(event), position)
            for position, (stream, version, event) in enumerate(decision.events, self._position + 1)
        ]
        self._secrets += self._secrets_of(request, decision)
        self._personal.follow(request, decision)
        for row in rows:
            self._append(row)
        self._position += len(rows)
        self._states.update(decision.changed)
        if isinstance(request.command, EnterRoster):
            self._states.forget(REFERENCE)  # who asks for one of them begins the next group
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


def _resolved(request: Request, states: States) -> Request:
    """As it will be decided, as far as that can be told; what is malformed is told when it is decided."""
    try:
        return resolved(request, states)
    except Malformed:
        return request
