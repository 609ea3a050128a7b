"""Every draw of a pool done again, from the log alone: the views and the service are not asked.

The pool's stream is folded event by event. Before each instant draw the shares are computed from what has left the
pool, and with the revealed seed its outcome; for each sealed draw the tickets are read up to its position, their root
is computed, the public random number proven, and the winners drawn. Prizes by rank are compared with the frozen board,
which is computed again itself. And whatever the pool says of a participant has to stand in the participant's own stream
too. See docs/draws.md and docs/boards.md.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import msgspec

from api.contests import verified_randomness
from ledger import merkle
from ledger.audit import joined
from ledger.audit_pools import Links, pool_of_event
from ledger.boards import places_of, prize_at
from ledger.codec import decode
from ledger.drawing import Ticket, pick, tickets_root, winners
from ledger.events import (
    BoardFrozen,
    DrawEntered,
    DrawMade,
    DrawRun,
    DrawSealed,
    EntryTaken,
    PlacesAwarded,
    PoolOpened,
    PrizeDrawn,
    PrizeWon,
    SeedRevealed,
)
from ledger.fold import State, initial
from ledger.fold import evolve as folded
from ledger.pool import Pool as PoolState
from ledger.pool import evolve, shares
from ledger.refusal import Malformed
from ledger.rulebook import Board, Pool, Rulebook
from ledger.streams import board_stream, campaign_of, team_stream
from ledger.team import Team
from projections.replay import facts, replay
from projections.session import Connection
from projections.standing import Row, entry

STREAM = """
    SELECT topic, state, notification_id, originator_version FROM stored_events
    WHERE originator_id = %s ORDER BY originator_version
"""
OF_PARTICIPANTS = """
    SELECT originator_id, topic, state FROM stored_events
    WHERE topic = ANY(%s) AND right(originator_id, %s) = %s
"""
FROZEN = """
    SELECT state, notification_id FROM stored_events WHERE originator_id = %s AND topic = %s
    ORDER BY originator_version LIMIT 1
"""
OF_TEAMS = """
    SELECT originator_id, topic, state FROM stored_events
    WHERE originator_id = ANY(%s) AND notification_id < %s ORDER BY originator_id, originator_version
"""
EVERY = 500


class Fault(msgspec.Struct, frozen=True):
    """What does not hold. draw: number of the instant draw, or of the contest; 0 for the pool as a whole."""

    draw: int
    detail: str


class Checked(msgspec.Struct):
    """What was computed again. seed: whether it is revealed, so that outcomes could be. contests, held: batch draws.

    places: how many prizes went by rank, of the board that was computed again.
    """

    draws: int = 0
    tickets: int = 0
    contests: int = 0
    held: int = 0
    places: int = 0
    board: str = ""
    seed: bool = False
    faults: list[Fault] = []
    expected: dict[str, float] = {}
    observed: dict[str, int] = {}

    def fault(self, draw: int, detail: str) -> None:
        """Note what does not hold."""
        self.faults.append(Fault(draw, detail))


class Verifier:
    """Folds the events of one pool. rules: version → the pool as that version's rulebook has it.

    joined: client id → the participant that it is of by now, who gets what the id wins.
    """

    def __init__(
        self, stream: str, rules: Mapping[int, Pool], seed: bytes | None, joined: Mapping[str, str]
    ) -> None:
        self._stream = stream
        self._rules = rules
        self._seed = seed
        self._state = PoolState()
        self._tickets: list[tuple[int, Ticket]] = []
        self._sealed: dict[int, DrawSealed] = {}
        self._held: list[DrawRun] = []
        self._links = Links(joined)
        self.awarded: list[tuple[int, PlacesAwarded]] = []
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
            case PlacesAwarded():
                self.awarded.append((position, event))
        self._links.pool(self._stream, event)
        self._state = msgspec.structs.replace(evolve(self._state, event), version=version)

    def _drawn(self, event: PrizeDrawn) -> None:
        checked, number = self.checked, self._state.draws + 1
        checked.draws += 1
        if event.number != number:
            checked.fault(number, f"it has the number {event.number}")
        if not self._state.commitment:
            checked.fault(number, "no commitment was published before it")
        if event.rules not in self._rules:
            checked.fault(number, f"version {event.rules} of the rules has no such pool")
            return
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

    def compare(self, stream: str, topic: str, stored: bytes) -> None:
        """One event of a participant's stream, which may be about this pool."""
        event = decode(topic, stored)
        if pool_of_event(stream, event) == self._stream:
            self._links.person(stream, event)

    def finish(self) -> None:
        """Check the batch draws, once every event that may be a ticket was seen, wherever in the stream it stands.

        And that participants and the pool say the same, once both were seen.
        """
        for label, told in self._links.faults(self._rules):
            if isinstance(label, int):
                self.checked.fault(label, told)
            else:
                self.checked.fault(0, f"{label}: {told}")
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


class Standing:
    """Checks prizes by rank against the frozen board, as the log gives it."""

    def __init__(self, connection: Connection, rulebooks: Mapping[int, Rulebook], checked: Checked) -> None:
        self._connection = connection
        self._rulebooks = rulebooks
        self._checked = checked

    def check(self, position: int, event: PlacesAwarded) -> None:
        """The winners of an award that stands at a position of the log."""
        checked = self._checked
        checked.places += len(event.winners)
        checked.board = event.board
        rules = self._rulebooks.get(event.rules)
        pool = rules.pool_ids.get(event.pool) if rules else None
        if rules is None or pool is None or pool.board != event.board:
            checked.fault(0, f"the rules give no prizes of this pool for the board {event.board}")
            return
        row = self._connection.execute(
            FROZEN, (board_stream(rules.id, event.board), BoardFrozen.TOPIC), binary=True
        ).fetchone()
        frozen = decode(BoardFrozen.TOPIC, row[0]) if row else None
        if row is None or not isinstance(frozen, BoardFrozen) or row[1] >= position:
            checked.fault(0, f"the places were awarded before the board {event.board} was frozen")
            return
        then = self._rulebooks.get(frozen.rules, rules)
        board = then.board_ids[event.board]
        try:
            rows = replay(then, board, rules.id, facts(self._connection, rules.id, frozen.position))
        except ValueError as reason:
            checked.fault(0, f"the board {board.id} cannot be computed again: {reason}")
            return
        root = merkle.root([merkle.leaf_hash(entry(each)) for each in rows]).hex()
        if (root, len(rows)) != (frozen.root, frozen.entrants):
            checked.fault(0, f"the board {board.id} computed again is not the one that was frozen")
        first = rows[: places_of(pool)]
        members = self._members(board, rules.id, first, frozen, position)
        right = [(row.rank, who, prize_at(pool, row.rank)) for row in first for who in members[row.entrant]]
        given = list(event.winners)
        for rank in sorted({each[0] for each in (*right, *given)}):
            wanted, got = ([each[1:] for each in side if each[0] == rank] for side in (right, given))
            if wanted != got:
                checked.fault(0, f"rank {rank}: the prizes should be {_said(wanted)}, not {_said(got)}")

    def _members(
        self, board: Board, book: str, rows: list[Row], frozen: BoardFrozen, position: int
    ) -> dict[str, list[str]]:
        """Entrant → who gets the prize: the participant, or the members of the team who had joined by the last day."""
        if board.entrants != "teams":
            return {row.entrant: [row.entrant] for row in rows}
        streams = {team_stream(book, row.entrant): row.entrant for row in rows}
        teams: dict[str, State] = {stream: initial(stream) for stream in streams}
        for stream, topic, stored in self._connection.execute(
            OF_TEAMS, (list(streams), position), binary=True
        ).fetchall():
            teams[stream] = folded(teams[stream], decode(topic, stored))
        return {
            streams[stream]: [each.id for each in team.members if each.joined_on <= frozen.last_day]
            for stream, team in teams.items()
            if isinstance(team, Team)
        }


def _said(prizes: list[tuple[str, str | None]]) -> str:
    return ", ".join(f"{prize} for {who}" for who, prize in prizes) or "none"


def verify(
    connection: Connection,
    stream: str,
    pool: str,
    rulebooks: Mapping[int, Rulebook],
    progress: Callable[[int, int], None],
) -> Checked:
    """Do every draw of a pool again. progress: called now and then with events read, and events in all."""
    rules = {version: each.pool_ids[pool] for version, each in rulebooks.items() if pool in each.pool_ids}
    campaign = "@" + campaign_of(stream)
    topics = [DrawMade.TOPIC, DrawEntered.TOPIC, PrizeWon.TOPIC]
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SET LOCAL enable_seqscan TO on")  # the participants' events are all over the log
        count, seed = connection.execute(
            "SELECT count(*), (SELECT convert_from(r.state, 'UTF8')::jsonb ->> 'seed' FROM stored_events AS r"
            " WHERE r.originator_id = %s AND r.topic = %s LIMIT 1) FROM stored_events WHERE originator_id = %s",
            (stream, SeedRevealed.TOPIC, stream),
        ).fetchall()[0]
        verifier = Verifier(stream, rules, bytes.fromhex(seed) if seed else None, joined(connection))
        with connection.cursor(name="pool", binary=True) as cursor:
            _take_all(verifier, cursor.execute(STREAM, (stream,)), count, progress)
        with connection.cursor(name="participants", binary=True) as cursor:
            for who, topic, stored in cursor.execute(OF_PARTICIPANTS, (topics, len(campaign), campaign)):
                verifier.compare(who, topic, stored)
        verifier.finish()
        if len(verifier.awarded) > 1:
            verifier.checked.fault(0, "the places were awarded more than once")
        for position, event in verifier.awarded:
            Standing(connection, rulebooks, verifier.checked).check(position, event)
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
