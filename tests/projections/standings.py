"""Logs of many entrants, made of events by hand, and boards over them: ties and orders that a campaign rarely has."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from ledger.events import Enrolled, Event, MemberAdded, SignedIn, StepsSynced, TeamDayAttained, TeamDayLost
from ledger.rulebook import Board, Rulebook
from ledger.rulebook_file import load
from projections import boards
from projections.log import decoded
from projections.projection import Fact
from projections.session import Connection
from projections.session import connect as session
from projections.standing import Row
from tests.conftest import Database
from tests.given import SX, Entry
from tests.projections.logs import Row as Stored
from tests.projections.logs import append, catch_up, stored

JS = load((Path(__file__).parents[2] / "ledger/rulebooks/js-2023.toml").read_text(encoding="utf-8"))
JS_BOARD = JS.board_ids["participants"]
SX_BOARD = SX.board_ids["teams"]


class Log:
    """Events as the writer would have written them, each in its stream, delivered when it happened unless said."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self.entries: list[Entry] = []
        self._versions: dict[str, int] = {}

    def add(self, stream: str, event: Event) -> None:
        self._versions[stream] = self._versions.get(stream, 0) + 1
        self.entries.append(Entry(stream, self._versions[stream], event))

    def enrols(
        self, who: str, at: datetime, recorded: datetime | None = None, *, branch: str = "nanjing"
    ) -> None:
        self._mine(who, Enrolled(**said(at, recorded), branch=branch))

    def signs_in(self, who: str, day: date, at: datetime, recorded: datetime | None = None) -> None:
        self._mine(who, SignedIn(**said(at, recorded), day=day, number=0))

    def syncs(self, who: str, day: date, steps: int, at: datetime, *, attained: bool | None = None) -> None:
        goal = self.rules.steps.daily_goal if self.rules.steps else 0
        met = steps >= goal if attained is None else attained
        self._mine(
            who,
            StepsSynced(
                **said(at),
                day=day,
                steps=steps,
                standing="counted",
                provider="werun",
                counted=steps,
                attained=met,
                replaces=1 if self._synced(who, day) else None,
            ),
        )

    def adds(self, team: str, who: str, day: date, at: datetime, recorded: datetime | None = None) -> None:
        first = not any(entry.stream == self._team(team) for entry in self.entries)
        name = f"{team} 队" if first else ""
        self.add(
            self._team(team),
            MemberAdded(**said(at, recorded), team=team, member=who, joined_on=day, name=name),
        )

    def attains(self, team: str, day: date, at: datetime) -> None:
        self.add(self._team(team), TeamDayAttained(**said(at), team=team, day=day, steps=36_000, members=()))

    def loses(self, team: str, day: date, at: datetime) -> None:
        self.add(self._team(team), TeamDayLost(**said(at), team=team, day=day, steps=0))

    def _mine(self, who: str, event: Event) -> None:
        self.add(f"{who}@{self.rules.id}", event)

    def _team(self, team: str) -> str:
        return f"team/{self.rules.id}/{team}"

    def _synced(self, who: str, day: date) -> bool:
        stream = f"{who}@{self.rules.id}"
        return any(
            isinstance(each.event, StepsSynced) and each.event.day == day
            for each in self.entries
            if each.stream == stream
        )

    def facts(self, upto: int | None = None) -> list[Fact]:
        """The events as a reader of the log would see them."""
        rows: Iterable[Stored] = stored(self.entries)
        return decoded((n, row[0], row[2], row[3]) for n, row in enumerate(rows, start=1))[0][:upto]


def said(at: datetime, recorded: datetime | None = None) -> dict[str, Any]:
    """The members that every event has."""
    return {"occurred_at": at, "recorded_at": recorded or at, "source": "//tests", "id": "1"}


def written(database: Database, log: Log, played: int = 0) -> int:
    """Append a log, all of it or from an event on, and let the views follow. Returns the head."""
    head = append(database, stored(log.entries[played:]))
    catch_up(database)
    return head


def opened(database: Database) -> Connection:
    """A connection as the worker has it."""
    return session(database.url, database.schema, "test")


def kept(connection: Connection, board: Board, rules: Rulebook) -> list[Row]:
    """All rows of the published standing."""
    found = connection.execute(
        "SELECT edition, keys, days FROM boards WHERE book = %s AND board = %s", (rules.id, board.id)
    ).fetchone()
    assert found is not None
    edition, keys, days = found
    with connection.transaction():
        return list(boards.stream(connection, board, keys, days, edition))


def noon(day: date, seconds: int = 0) -> datetime:
    """Noon of a day in Shanghai, and some seconds."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(seconds=seconds)


def walkers(seed: int, people: int = 40) -> Log:
    """People of js-2023 whose figures are few and small, so that many of them tie on one key or on all."""
    random, log = Random(seed), Log(JS)
    names = [f"p-{number}" for number in range(people)]
    random.shuffle(names)
    for who in names:
        log.enrols(who, noon(JS.starts))
    for number in range(7):
        day = JS.starts + timedelta(days=number)
        for who in names:
            if random.random() < 0.6:
                log.signs_in(who, day, noon(day))
            if random.random() < 0.7:
                log.syncs(who, day, random.choice([0, 3000, 6000, 6000]), noon(day, random.randrange(2)))
            if random.random() < 0.1:
                log.syncs(who, day, random.choice([100, 9000]), noon(day, 10))
    return log


def teams(seed: int, count: int = 12) -> Log:
    """Teams of sx-2019 of one to four members who join on different days, with few different figures."""
    random, log = Random(seed), Log(SX)
    people: list[str] = []
    for number in range(count):
        team = f"t-{random.randrange(10_000)}-{number}"
        for member in range(random.randrange(1, 5)):
            who = f"p-{number}-{member}"
            people.append(who)
            log.enrols(who, noon(SX.starts))
            joined = SX.starts + timedelta(days=0 if member == 0 else random.randrange(3))
            log.adds(team, who, joined, noon(joined))
        for later in range(6):
            day = SX.starts + timedelta(days=later)
            if random.random() < 0.5:
                log.attains(team, day, noon(day))
                if random.random() < 0.2:
                    log.loses(team, day, noon(day, 9))
    for later in range(6):
        day = SX.starts + timedelta(days=later)
        for who in people:
            if random.random() < 0.8:
                log.syncs(who, day, random.choice([1000, 2000, 3000]), noon(day))
    return log
