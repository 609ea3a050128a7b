"""Every draw of a pool done again, from the log alone: the views and the service are not asked.

The pool's stream is folded event by event. Before each instant draw the shares are computed from what has left the
pool, and with the revealed seed its outcome; for each sealed draw the tickets are read up to its position, their root
is computed, the public random number proven, and the winners drawn. See docs/draws.md.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import msgspec

from api.contests import verified_randomness
from ledger.codec import decode
from ledger.drawing import Ticket, pick, tickets_root, winners
from ledger.events import (
    DrawRun,
    DrawSealed,
    EntryTaken,
    PoolOpened,
    PrizeDrawn,
    SeedRevealed,
)
from ledger.pool import Pool as PoolState
from ledger.pool import evolve, shares
from ledger.refusals import Malformed
from ledger.rulebook import Pool
from projections.session import Connection

STREAM = """
    SELECT topic, state, notification_id, originator_version FROM stored_events
    WHERE originator_id = %s ORDER BY originator_version
"""
EVERY = 500


class Fault(msgspec.Struct, frozen=True):
    """What does not hold. draw: number of the instant draw, or of the contest; 0 for the pool as a whole."""

    draw: int
    detail: str


class Checked(msgspec.Struct):
    """What was computed again. seed: whether it is revealed, so that outcomes could be. contests, held: batch draws."""

    draws: int = 0
    tickets: int = 0
    contests: int = 0
    held: int = 0
    seed: bool = False
    faults: list[Fault] = []
    expected: dict[str, float] = {}
    observed: dict[str, int] = {}

    def fault(self, draw: int, detail: str) -> None:
        """Note what does not hold."""
        self.faults.append(Fault(draw, detail))


class Verifier:
    """Folds the events of one pool. rules: version → the pool as that version's rulebook has it."""

    def __init__(self, stream: str, rules: Mapping[int, Pool], seed: bytes | None) -> None:
        self._stream = stream
        self._rules = rules
        self._seed = seed
        self._state = PoolState()
        self._tickets: list[tuple[int, Ticket]] = []
        self._sealed: dict[int, DrawSealed] = {}
        self._held: list[DrawRun] = []
        self.checked = Checked(seed=seed is not None)

    def take(self, topic: str, stored: bytes, position: int, version: int) -> None:
        """One event more, in the order of the stream."""
        event = decode(topic, stored)
        if version != self._state.version + 1:
            self.checked.fault(0, f"event {self._state.version + 1} of the pool's stream is missing")
        match event:
            case PoolOpened():
                if self._state.draws:
                    self.checked.fault(0, "the commitment came after the first draw")
                if self._seed is not None and event.commitment != sha256(self._seed).hexdigest():
                    self.checked.fault(0, "the revealed seed is not the one that was committed to")
            case PrizeDrawn():
                self._drawn(event)
            case EntryTaken():
                self._entered(event, position)
            case DrawSealed():
                self._sealed[event.contest] = event
                self.checked.contests += 1
                if event.contest != self.checked.contests:
                    self.checked.fault(event.contest, "the draws are not numbered one after the other")
            case DrawRun():
                self._held.append(event)
        self._state = msgspec.structs.replace(evolve(self._state, event), version=version)

    def _drawn(self, event: PrizeDrawn) -> None:
        checked, number = self.checked, self._state.draws + 1
        checked.draws += 1
        if event.number != number:
            checked.fault(number, f"it has the number {event.number}")
        if not self._state.commitment:
            checked.fault(number, "no commitment was published before it")
        odds = shares(self._rules[event.rules], self._state)
        total = sum(weight for _, weight in odds)
        for prize, weight in odds:
            checked.expected[prize] = checked.expected.get(prize, 0.0) + weight / total
        checked.observed[event.outcome] = checked.observed.get(event.outcome, 0) + 1
        right = event.outcome
        if not odds:
            checked.fault(number, "nothing was left to draw")
        elif self._seed is not None:
            right = pick(self._seed, self._stream, event.number, event.source, event.id, odds)
        elif event.outcome not in dict(odds):
            checked.fault(number, f"{event.outcome} had no share")
        if right != event.outcome:
            checked.fault(number, f"the outcome should be {right}, not {event.outcome}")

    def _entered(self, event: EntryTaken, position: int) -> None:
        self.checked.tickets += 1
        if event.number != self._state.draws + 1:
            self.checked.fault(0, f"ticket {self._state.draws + 1} has the number {event.number}")
        self._tickets.append((position, Ticket(event.number, event.participant)))

    def finish(self) -> None:
        """Check the batch draws, once every event that may be a ticket was seen, wherever in the stream it stands."""
        for sealed in self._sealed.values():
            self._seal(sealed)
        for held in self._held:
            self._run(held)

    def _seal(self, event: DrawSealed) -> None:
        if event.recorded_at >= event.beacon.at:
            self.checked.fault(event.contest, "it was sealed when its random number could be known")
        tickets = self._up_to(event.position)
        if len(tickets) != event.tickets or tickets_root(tickets) != event.root:
            self.checked.fault(event.contest, "the tickets in the log are not those that were sealed")

    def _run(self, event: DrawRun) -> None:
        self.checked.held += 1
        sealed = self._sealed.get(event.contest)
        if sealed is None:
            self.checked.fault(event.contest, "it was held without having been sealed")
            return
        try:
            randomness = verified_randomness(sealed.beacon, event.beacon)
        except Malformed as fault:
            self.checked.fault(event.contest, f"the random number does not hold: {fault.detail}")
            return
        prizes = [(each.prize, each.count) for each in sealed.prizes]
        drawn = winners(randomness, sealed.root, self._up_to(sealed.position), prizes, sealed.person_max)
        if randomness.hex() != event.randomness:
            self.checked.fault(event.contest, "the randomness does not follow from the public number")
        elif drawn != event.winners:
            self.checked.fault(event.contest, "the winners are not those that the random number gives")

    def _up_to(self, position: int) -> list[Ticket]:
        return sorted(
            (ticket for at, ticket in self._tickets if at <= position), key=lambda each: each.number
        )


def verify(
    connection: Connection, stream: str, rules: Mapping[int, Pool], progress: Callable[[int, int], None]
) -> Checked:
    """Do every draw of a pool again. progress: called now and then with events read, and events in all."""
    with connection.transaction():
        count, seed = connection.execute(
            "SELECT count(*), (SELECT convert_from(r.state, 'UTF8')::jsonb ->> 'seed' FROM stored_events AS r"
            " WHERE r.originator_id = %s AND r.topic = %s LIMIT 1) FROM stored_events WHERE originator_id = %s",
            (stream, SeedRevealed.TOPIC, stream),
        ).fetchall()[0]
        verifier = Verifier(stream, rules, bytes.fromhex(seed) if seed else None)
        with connection.cursor(name="pool", binary=True) as cursor:
            _take_all(verifier, cursor.execute(STREAM, (stream,)), count, progress)
        verifier.finish()
    return verifier.checked


def _take_all(
    verifier: Verifier,
    rows: Iterable[tuple[str, bytes, int, int]],
    count: int,
    progress: Callable[[int, int], None],
) -> None:
    done = 0
    for done, (topic, stored, position, version) in enumerate(rows, start=1):
        verifier.take(topic, stored, position, version)
        if done % EVERY == 0:
            progress(done, count)
    progress(done, count)
