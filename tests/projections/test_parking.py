"""A failing event parks its stream for the projections that cannot take it; everybody else goes on."""

from typing import Any

import msgspec
import psycopg
import pytest

from ledger.codec import encode
from ledger.enrolment import evolve
from ledger.events import BadgeAwarded, Enrolled
from projections import PROJECTIONS
from projections.parking import ParkedEvent
from projections.rebuild import rebuild
from tests.conftest import Database
from tests.given import Entry, Story, moment
from tests.projections.logs import (
    Row,
    append,
    campaign,
    catch_up,
    connect,
    forget,
    runner,
    stored,
    views,
)

POISONED = "p-2@sx-2019"


def at(story: Story, stream: str, place: int) -> int:
    """The index in the log of an event of a stream."""
    return [number for number, entry in enumerate(story.log) if entry.stream == stream][place]


def poisoned(story: Story, topic: str, state: bytes, *, place: int = 3) -> tuple[list[Row], int]:
    """The log with one event of a participant replaced, and its position."""
    rows = stored(story.log)
    index = at(story, POISONED, place)
    stream, version, old_topic, old_state = rows[index]
    rows[index] = (stream, version, topic or old_topic, state or old_state)
    return rows, index + 1


def repair(database: Database, position: int, entry: Entry) -> None:
    """Put the right bytes back, as an operator with psql and a backup would."""
    with connect(database) as connection:
        connection.execute(
            "UPDATE stored_events SET topic = %s, state = %s WHERE notification_id = %s",
            (entry.event.TOPIC, encode(entry.event), position),
        )


def without(found: dict[str, list[tuple[Any, ...]]], who: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that are of everybody else. What the issuing account gave is of all together."""
    return {
        table: [row for row in rows if who not in row and not str(row[0]).startswith("issued:")]
        for table, rows in found.items()
    }


def parked(database: Database) -> list[ParkedEvent]:
    with runner(database) as running:
        return running.parked()


@pytest.mark.parametrize(
    ("topic", "state", "says"),
    [
        ("", b'{"occurred_at": ', "DecodeError"),
        ("", b"{}", "missing required field"),
        ("", b"\xff\x00", "DecodeError"),
        ("walked-backwards.v9", b"", "unknown event type 'walked-backwards.v9'"),
    ],
)
@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_an_unreadable_event_parks_its_stream_and_all_others_go_on(
    database: Database, topic: str, state: bytes, says: str, batch: int
) -> None:
    story = campaign()
    append(database, stored(story.log))
    catch_up(database)
    whole = views(database)
    forget(database, log=True)

    rows, position = poisoned(story, topic, state)
    append(database, rows)
    catch_up(database, batch=batch)
    assert without(views(database), "p-2") == without(whole, "p-2")
    found = parked(database)
    behind = [number for number, row in enumerate(rows, start=1) if row[0] == POISONED and number >= position]
    for name in PROJECTIONS:
        mine = [event for event in found if event.projection == name]
        assert [event.position for event in mine] == behind
        assert [event.attempts for event in mine] == [1] + [0] * (len(behind) - 1)
        assert says in mine[0].error
        assert {event.error for event in mine[1:]} == {f"waits behind position {position}"}
    with runner(database) as running:
        assert [status.parked for status in running.status()] == [len(behind)] * len(PROJECTIONS)
        assert running.retry_parked("balances") == 0
    again = parked(database)
    attempts = {event.projection: event.attempts for event in again if event.position == position}
    assert attempts == dict.fromkeys(PROJECTIONS, 1) | {"balances": 2}
    assert [event.parked_at for event in again] == [event.parked_at for event in found]

    repair(database, position, story.log[position - 1])
    with runner(database, batch=batch) as running:
        assert running.retry_parked() == len(PROJECTIONS) * len(behind)
        assert [(status.parked, status.lag) for status in running.status()] == [(0, 0)] * len(PROJECTIONS)
    assert views(database) == whole


def test_later_events_of_a_parked_stream_wait_behind_it_in_order(database: Database) -> None:
    story = campaign()
    rows, position = poisoned(story, "", b"{}")
    append(database, rows)
    catch_up(database)
    before = len(parked(database))
    played = len(story.log)
    story.signs_in("07-05 08:00", who="p-2").signs_in("07-05 08:00", who="p-3")
    head = append(database, stored(story.log[played:]))
    catch_up(database)
    found = parked(database)
    assert [event.position for event in found if event.position > played] == [head - 1] * len(PROJECTIONS)
    assert len(found) == before + len(PROJECTIONS)
    repair(database, position, story.log[position - 1])
    with runner(database) as running:
        running.retry_parked()
    live = views(database)
    forget(database)
    catch_up(database)
    assert views(database) == live


def test_an_event_that_one_view_cannot_store_is_parked_for_that_view_alone(database: Database) -> None:
    story = campaign(participants=3)
    index = at(story, POISONED, 0)
    enrolled = story.log[index].event
    assert isinstance(enrolled, Enrolled)
    rows = stored(story.log)
    state = encode(msgspec.structs.replace(enrolled, unit="第一\0车间"))  # text that PostgreSQL cannot hold
    rows[index] = (*rows[index][:3], state)
    append(database, rows)
    catch_up(database)
    assert {event.projection for event in parked(database)} == {"progress"}
    found = views(database)
    assert [row for row in found["progress"] + found["days"] + found["enrolments"] if "p-2" in row] == []
    assert [row for row in found["balances"] if "p-2" in row]


def test_a_claim_of_a_table_that_an_event_breaks_parks_it(database: Database) -> None:
    story = campaign(participants=3)
    state = story.enrolment("p-2")
    for _ in range(2):
        badge = BadgeAwarded(
            occurred_at=moment("07-05 08:00"),
            recorded_at=moment("07-05 08:00"),
            source="//tests/app",
            id="twice",
            badge="full-attendance",
            clause="SX-20",
        )
        state = evolve(state, badge)
        story.log.append(Entry(POISONED, state.version, badge))
    append(database, stored(story.log))
    catch_up(database)
    (event,) = parked(database)
    assert (event.projection, event.position) == ("badges", len(story.log))
    assert "each_badge_once" in event.error
    assert len(views(database)["badges"]) == 1


def test_several_poisoned_streams_are_each_found(database: Database) -> None:
    story = campaign(participants=12)
    rows = stored(story.log)
    poisons = {at(story, f"p-{number}@sx-2019", number % 5) for number in (1, 4, 5, 9, 12)}
    for index in poisons:
        rows[index] = (*rows[index][:3], encode(story.log[index].event).replace(b"//tests/app", b"\\u0000"))
    append(database, rows)
    catch_up(database)
    tried = [event for event in parked(database) if event.attempts]
    assert {event.projection for event in tried} == {"statement"}
    failing = {index + 1 for index in poisons if story.log[index].event.postings}
    assert failing <= {event.position for event in tried}
    clean = {f"p-{number}" for number in (2, 3, 6, 7, 8, 10, 11)}
    shown = {row[0] for row in views(database)["statement"]}
    assert clean <= shown


def test_a_rebuild_parks_by_the_same_rule(database: Database) -> None:
    story = campaign()
    rows, position = poisoned(story, "", b"{}")
    append(database, rows)
    catch_up(database, batch=20)
    live, listed = views(database), parked(database)
    for name in PROJECTIONS:
        report = rebuild(database.url, database.schema, name, batch=15)
        assert report.same, report
        assert report.parked_live == report.parked_rebuilt > 0
    assert views(database) == live
    again = parked(database)
    assert [msgspec.structs.replace(event, parked_at=None) for event in again] == [
        msgspec.structs.replace(event, parked_at=None) for event in listed
    ]
    repair(database, position, story.log[position - 1])
    report = rebuild(database.url, database.schema, "progress")
    assert not report.same
    assert (report.parked_live > 0, report.parked_rebuilt) == (True, 0)
    with runner(database) as running:
        assert {status.name: bool(status.parked) for status in running.status()}["progress"] is False
        running.retry_parked()
    whole = views(database)
    forget(database)
    catch_up(database)
    assert views(database) == whole


def test_a_database_that_goes_away_parks_nothing(database: Database) -> None:
    append(database, stored(campaign().log))
    with runner(database) as running, connect(database) as connection:
        running.status()
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'jifen projections' AND datname = current_database()"
        )
        with pytest.raises(psycopg.OperationalError):
            running.run_once()
        running.close()
        running.catch_up()
        assert running.parked() == []
        assert [status.lag for status in running.status()] == [0] * len(PROJECTIONS)
