"""A standing computed from nothing: the events one by one, in plain Python, without the views and without SQL.

Slow, and independent of how boards are made: what a frozen board is checked against (``jifen boards verify``), and
what a stranger would write after reading docs/boards.md. Nothing here is imported from the making of boards but the
shape of a row and its bytes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import msgspec

from ledger import merkle
from ledger.activity_events import RunRecorded
from ledger.boards import last_day
from ledger.branch_events import BranchConfirmed, BranchMerged, BranchRegistered
from ledger.codec import decode
from ledger.context import instant
from ledger.events import (
    BoardFrozen,
    Enrolled,
    Event,
    MemberAdded,
    MemberRemoved,
    SignedIn,
    StepsSynced,
    TeamDayAttained,
    TeamDayLost,
)
from ledger.join_events import HistoryGiven, HistoryJoined, MemberReplaced
from ledger.member_events import Activated
from ledger.rulebook import Board, Key, Rulebook
from ledger.streams import BRANCH, board_stream, campaign_of
from projections.log import decoded
from projections.projection import Fact
from projections.replay_units import Person, UnitsReplay
from projections.session import Connection
from projections.standing import Figure, Row, entry

READ = """
    SELECT notification_id, originator_id, topic, state FROM stored_events
    WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT 5000
"""


class Team:
    """What the events say of a team. members: who → first day that counts. days: those that it attained."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: dict[str, date] = {}
        self.days: set[date] = set()


class Replay:
    """Folds the events of one book. frozen: whether only what a board's ``freezes_at`` lets in counts."""

    def __init__(self, rules: Rulebook, board: Board, book: str, *, frozen: bool) -> None:
        self._rules = rules
        self._board = board
        self._book = book
        self._until = board.freezes_at if frozen else None
        self._enrolled: set[str] = set()
        self._units = UnitsReplay(rules, board)
        self._people: dict[str, Person] = defaultdict(Person)
        self._teams: dict[str, Team] = {}

    def take(self, fact: Fact) -> None:
        """One event more, in the order of the log."""
        event = fact.event
        if isinstance(event, Enrolled | Activated):  # the trial and the campaign share it
            again = isinstance(event, Activated) and fact.participant in self._enrolled
            if fact.campaign == self._rules.id and self._in_time(event) and not again:
                self._enrolled.add(fact.participant)
                self._units.enrolled[fact.participant] = event.branch
            return
        if isinstance(event, HistoryGiven | HistoryJoined) and fact.campaign == self._rules.id:
            self._follow_enrolment(fact, event)
        if isinstance(event, BranchRegistered | BranchConfirmed | BranchMerged):
            self._units.take(event, in_time=self._until is None or event.occurred_at < self._until)
            return
        if fact.book != self._book:
            return
        match event:
            case StepsSynced(standing="counted") if self._counts(event.day):
                person = self._people[fact.participant]
                person.days[event.day] = (event.counted, event.attained, event.occurred_at)
            case RunRecorded() if self._counts(event.day):
                self._people[fact.participant].ran = True
            case SignedIn() if self._counts(event.day) and self._recorded_in_time(event):
                self._people[fact.participant].signed_in.add(event.day)
            case MemberAdded() if self._in_time(event):
                team = self._teams.setdefault(event.team, Team(event.name))
                team.members[event.member] = event.joined_on
            case MemberRemoved() if self._in_time(event) and event.team in self._teams:
                self._teams[event.team].members.pop(event.member, None)
            case MemberReplaced() if event.team in self._teams:
                members = self._teams[event.team].members
                if event.member in members:
                    members[event.by] = members.pop(event.member)
            case HistoryJoined():
                self._join(fact, event)
            case HistoryGiven():
                self._people.pop(fact.participant, None)
            case TeamDayAttained() if self._counts(event.day) and event.team in self._teams:
                self._teams[event.team].days.add(event.day)
            case TeamDayLost() if event.team in self._teams:
                self._teams[event.team].days.discard(event.day)

    def _join(self, fact: Fact, event: HistoryJoined) -> None:
        """What another client id of the same person had done is this one's, as if it had always been (EC-12)."""
        person = self._people[fact.participant]
        for joined in event.days:
            if not self._counts(joined.day):
                continue
            if joined.counted is not None and joined.synced_at is not None:
                person.days[joined.day] = (joined.counted, joined.attained, joined.synced_at)
            if joined.signed_in_at is not None and self._before_grace(joined.signed_in_at):
                person.signed_in.add(joined.day)
            person.ran = person.ran or joined.metres is not None

    def _follow_enrolment(self, fact: Fact, event: HistoryJoined | HistoryGiven) -> None:
        if isinstance(event, HistoryGiven):
            self._enrolled.discard(fact.participant)
            self._units.enrolled.pop(fact.participant, None)
        elif (e := event.enrolment) is not None and (
            self._until is None or (e.enrolled_at < self._until and self._before_grace(e.recorded_at))
        ):
            self._enrolled.add(fact.participant)
            self._units.enrolled[fact.participant] = e.branch

    def _counts(self, day: date) -> bool:
        """Whether a day's sync window has closed by the freeze."""
        return self._until is None or instant(self._rules.tz, day, self._rules.window[1]) <= self._until

    def _in_time(self, event: Event) -> bool:
        return self._until is None or (event.occurred_at < self._until and self._recorded_in_time(event))

    def _recorded_in_time(self, event: Event) -> bool:
        return self._before_grace(event.recorded_at)

    def _before_grace(self, recorded_at: datetime) -> bool:
        _, closes, delivered_by = self._rules.window
        grace = timedelta(seconds=delivered_by - closes)
        return self._until is None or recorded_at < self._until + grace

    def rows(self) -> list[Row]:
        """The standing: sorted by the last criterion first, for Python's sort keeps the order of equals."""
        ranked = list(self._entrants())
        ranked.sort(key=lambda each: each[0])
        for place, key in reversed(list(enumerate(self._board.keys))):
            _sort(ranked, place, key)
        return [
            Row(rank, entrant, name, figures) for rank, (entrant, name, figures) in enumerate(ranked, start=1)
        ]

    def _entrants(self) -> Iterator[tuple[str, str | None, tuple[Figure, ...]]]:
        if self._board.entrants == "teams":
            for name, team in self._teams.items():
                if team.members:
                    yield name, team.name, tuple(self._of_team(team, key.by) for key in self._board.keys)
        elif self._board.entrants == "branches":
            moment = None
            if self._until is not None:
                moment = last_day(self._board, self._rules)
            yield from self._units.rows(self._people, moment)
        else:
            for name in self._enrolled:
                person = self._people.get(name) or Person()
                yield name, None, tuple(self._of_person(person, key.by) for key in self._board.keys)

    def _of_person(self, person: Person, by: str) -> Figure:
        attained = sum(1 for _, met, _ in person.days.values() if met)
        match by:
            case "days_attained":
                return attained
            case "attainment_rate":
                return attained, self._length
            case "sign_in_days":
                return len(person.signed_in)
            case "total_steps":
                return sum(counted for counted, _, _ in person.days.values())
            case "last_sync":
                last = max((when for _, _, when in person.days.values()), default=None)
                return last and last.astimezone(UTC).replace(microsecond=last.microsecond // 1000 * 1000)
        raise ValueError(f"participants cannot be ranked by {by}")

    def _of_team(self, team: Team, by: str) -> Figure:
        steps = sum(
            counted
            for member, joined_on in team.members.items()
            for day, (counted, _, _) in (self._people.get(member) or Person()).days.items()
            if day >= joined_on
        )
        match by:
            case "days_attained":
                return len(team.days)
            case "attainment_rate":
                return len(team.days), self._length
            case "total_steps":
                return steps
            case "average_steps":
                return steps, len(team.members)
        raise ValueError(f"teams cannot be ranked by {by}")

    @property
    def _length(self) -> int:
        return max(self._rules.days_of(self._book != self._rules.id), 1)


def _sort(ranked: list[tuple[str, str | None, tuple[Figure, ...]]], place: int, key: Key) -> None:
    """Sort by one key, its direction included; who has no figure comes last either way."""

    def figure(each: tuple[str, str | None, tuple[Figure, ...]]) -> Any:
        found = each[2][place]
        return Fraction(*found) if isinstance(found, tuple) else found

    known = [each for each in ranked if each[2][place] is not None]
    unknown = [each for each in ranked if each[2][place] is None]
    known.sort(key=figure, reverse=key.order == "descending")  # also in reverse, equals keep their order
    ranked[:] = known + unknown


class Verified(msgspec.Struct, frozen=True):
    """A frozen board beside what its events give. kept: root of the rows that the API shows; None for none."""

    entrants: int
    root: str
    recorded: BoardFrozen
    kept: str | None

    @property
    def same(self) -> bool:
        """Whether the event, the kept rows and the replay say the same."""
        recorded = self.recorded.root == self.root and self.recorded.entrants == self.entrants
        return recorded and self.kept == self.root


def facts(connection: Connection, campaign: str, until: int) -> Iterator[Fact]:
    """The events of a campaign, all streams, and of the union tree, up to a position.

    Raises ValueError for one that cannot be read.
    """
    after = 0
    while rows := connection.execute(READ, (after, until), binary=True).fetchall():
        after = rows[-1][0]
        found, unreadable = decoded(
            row for row in rows if row[1].startswith(BRANCH) or campaign_of(row[1]) == campaign
        )
        if unreadable:
            raise ValueError(f"the event at position {unreadable[0].position} cannot be read")
        yield from found


def replay(
    rules: Rulebook, board: Board, book: str, events: Iterable[Fact], *, frozen: bool = True
) -> list[Row]:
    """The standing that these events, in the order of the log, lead to.

    frozen: as the board's ``freezes_at`` has it, so later events change nothing; otherwise as of the last of them.
    """
    state = Replay(rules, board, book, frozen=frozen)
    for fact in events:
        state.take(fact)
    return state.rows()


def verify(connection: Connection, rules: Rulebook, board: Board, book: str) -> Verified | None:
    """Replay a frozen board from nothing and compare. None when the log does not say that it was frozen.

    rules: those in force when it was frozen. Reads the log up to the position of the standing: about 30 seconds for a
    million events.
    """
    row = connection.execute(
        "SELECT state FROM stored_events WHERE originator_id = %s AND topic = %s ORDER BY originator_version LIMIT 1",
        (board_stream(book, board.id), BoardFrozen.TOPIC),
    ).fetchone()
    if row is None:
        return None
    recorded = decode(BoardFrozen.TOPIC, row[0])
    assert isinstance(recorded, BoardFrozen)
    rows = replay(rules, board, book, facts(connection, rules.id, recorded.position))
    root = merkle.root([merkle.leaf_hash(entry(each)) for each in rows]).hex()
    kept = connection.execute(
        "SELECT root FROM boards WHERE book = %s AND board = %s AND frozen", (book, board.id)
    ).fetchone()
    return Verified(len(rows), root, recorded, kept[0] if kept else None)
