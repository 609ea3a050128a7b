"""The writer: one answer for ever, no gap in the log, nothing answered is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import OperationalError

from ledger import states
from ledger.audit import audit
from ledger.campaign import publish_request
from ledger.command import request
from ledger.commands import Correct, Enrol, SignIn
from ledger.events import EVENT_TYPES
from ledger.ledger import Ledger
from ledger.store import Group, LedgerDatastore, LedgerRecorder
from ledger.writer import Overloaded, Stopped, Writer
from tests.conftest import Database
from tests.store.playing import EVENING, SX, Playing, said, sync
from tests.store.vaults import VAULT

PUBLISHED = 3 + 2 * 23
"""Events of publishing: the campaign, its pool of instant draws and that of the trial, 23 unions and their names."""


@pytest.fixture
def playing(database: Database) -> Iterator[Playing]:
    with Playing(database) as playing:
        yield playing


def log_of(database: Database) -> list[tuple[int, str, int, str]]:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        return connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic FROM stored_events ORDER BY 1"
        ).fetchall()


def assert_sound(database: Database) -> None:
    report = audit(database.url, database.schema)
    assert report.sound, report.faults


@pytest.mark.rule("GX-01")
def test_a_repeat_gets_the_first_answer_and_counts_once(playing: Playing) -> None:
    playing.enrol("p-1")
    first = playing.submit(sync("p-1", 8312, id="a"))[0]
    later = playing.submit(sync("p-1", 9000, at=EVENING + timedelta(minutes=5)), sync("p-1", 8312, id="a"))[1]
    assert first.status == "accepted"
    assert not first.repeat
    assert later.repeat
    assert (later.position, later.recorded_at, later.events, later.postings) == (
        first.position,
        first.recorded_at,
        first.events,
        first.postings,
    )


@pytest.mark.rule("GX-01")
def test_a_repeat_inside_one_group_gets_the_first_answer(playing: Playing) -> None:
    playing.enrol("p-1")
    one, two, three = playing.submit(*(sync("p-1", 8312, id="a") for _ in range(3)))
    assert [one.repeat, two.repeat, three.repeat] == [False, True, True]
    assert one.events == two.events == three.events


@pytest.mark.rule("GX-01")
def test_the_same_id_with_other_content_is_a_conflict_and_leaves_no_trace(playing: Playing) -> None:
    playing.enrol("p-1")
    playing.submit(sync("p-1", 8312, id="a"))
    head = playing.ledger.head()
    in_a_later_group = playing.submit(sync("p-1", 8313, id="a"))[0]
    in_one_group = playing.submit(sync("p-1", 1, id="b"), sync("p-1", 2, id="b"))[1]
    assert (in_a_later_group.status, in_a_later_group.code) == ("conflict", "event_id_reused")
    assert in_one_group.status == "conflict"
    assert playing.ledger.head() == head + 1


def test_the_same_id_from_another_source_is_another_event(playing: Playing) -> None:
    playing.enrol("p-1")
    one = request(SignIn(), source="//a", id="1", campaign="sx-2019", participant="p-1", occurred_at=EVENING)
    two = request(SignIn(), source="//b", id="1", campaign="sx-2019", participant="p-1", occurred_at=EVENING)
    assert [outcome.status for outcome in playing.submit(one, two)] == ["accepted", "refused"]


def test_a_refusal_is_in_the_log_and_is_the_answer_for_ever(playing: Playing) -> None:
    refused = playing.submit(said(SignIn(), "p-9", id="early"))[0]
    playing.enrol("p-9")
    again = playing.submit(said(SignIn(), "p-9", id="early"))[0]
    assert (refused.status, refused.code, refused.clause) == ("refused", "not_enrolled", "SX-02")
    assert (again.status, again.position, again.repeat) == ("refused", refused.position, True)


def test_an_unknown_campaign_is_malformed_and_not_recorded(playing: Playing) -> None:
    head = playing.ledger.head()
    stray = request(
        SignIn(), source="//a", id="1", campaign="nowhere", participant="p-1", occurred_at=EVENING
    )
    invalid, enrolled = playing.submit(stray, said(Enrol(branch="xian"), "p-1"))
    assert (invalid.status, invalid.pointer) == ("invalid", "/campaign")
    assert enrolled.position == head + 1


def test_positions_are_contiguous_and_versions_follow_each_other(
    playing: Playing, database: Database
) -> None:
    playing.enrol(*(f"p-{n}" for n in range(50)))
    for day in range(5):
        at = EVENING + timedelta(days=day)
        playing.submit(*(sync(f"p-{n}", 10_000, at=at) for n in range(50)))
    rows = log_of(database)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    versions: dict[str, int] = {}
    for _, stream, version, topic in rows:
        assert version == versions.get(stream, 0) + 1
        assert topic in EVENT_TYPES
        versions[stream] = version
    assert_sound(database)


@pytest.mark.rule("GX-03")
def test_a_correction_reverses_what_an_event_posted_and_names_it(
    playing: Playing, database: Database
) -> None:
    playing.enrol("p-1")
    synced = playing.submit(sync("p-1", 10_000))[0]
    next_day = EVENING + timedelta(days=1)
    undo = said(Correct(reverses=synced.position, reason="counted twice by mistake"), "p-1", at=next_day)
    outcome = playing.submit(undo)[0]
    assert [(leg.amount, leg.balance_after) for leg in outcome.postings] == [(-5, 1), (-1, 0)]
    again = playing.submit(said(Correct(reverses=synced.position, reason="once more"), "p-1", at=next_day))[0]
    other = playing.submit(said(Correct(reverses=1, reason="not this person's"), "p-1", at=next_day))[0]
    assert [again.code, other.code] == ["already_reversed", "nothing_to_reverse"]
    assert_sound(database)


def test_a_second_process_that_has_written_is_noticed(playing: Playing, database: Database) -> None:
    playing.enrol("p-1")
    other = Ledger(database.url, database.schema, VAULT).start()
    try:
        for n in range(6):
            writer = (playing.ledger, other)[n % 2].writer
            outcome = writer.submit_now([sync("p-1", 2000 * (n + 1), at=EVENING + timedelta(minutes=n))])[0]
            assert outcome.status == "accepted"
            assert outcome.events[0].version == n + 2
    finally:
        other.close()
    assert_sound(database)


class Cut(LedgerRecorder):
    """A recorder whose connection breaks at a chosen point of the next group, before or after the commit."""

    point = ""

    def cut(self, at: str) -> None:
        """Break if this is the point."""
        if self.point == at:
            self.point = ""
            raise OperationalError(f"cut {at}")

    @contextmanager
    def group(self, keys: list[bytes] = []) -> Iterator[Group]:  # noqa: B006  # it is only read
        """A group that may break."""
        self.cut("before the lock")
        with super().group(keys) as group:
            self.cut("under the lock")
            finish = group.finish

            def finish_or_break(*given: Any) -> None:
                self.cut("before the commit")
                finish(*given)
                self.cut("after the commit")

            group.finish = finish_or_break  # type: ignore[method-assign, assignment]
            yield group


@pytest.mark.parametrize(
    "point", ["before the lock", "under the lock", "before the commit", "after the commit"]
)
def test_a_connection_that_breaks_at_any_point_neither_loses_nor_doubles(
    point: str, playing: Playing, database: Database
) -> None:
    playing.enrol("p-1")
    recorder = Cut(LedgerDatastore(database.url, database.schema))
    writer = Writer(recorder, VAULT)
    writer.start()
    try:
        recorder.point = point
        outcome = writer.submit_now([sync("p-1", 8000, id="cut")])[0]
        again = writer.submit_now([sync("p-1", 8000, id="cut")])[0]
    finally:
        writer.stop()
        recorder.datastore.close()
    assert outcome.status == "accepted"
    assert again.repeat
    assert again.events == outcome.events
    assert [row[3] for row in log_of(database)].count("steps-synced.v1") == 1
    assert_sound(database)


def test_requests_of_many_threads_share_commits(playing: Playing, database: Database) -> None:
    playing.enrol(*(f"p-{n}" for n in range(40)))
    groups = playing.ledger.writer.groups
    begin = threading.Barrier(40)

    def walk(n: int) -> None:
        begin.wait()
        for k in range(10):
            playing.submit(sync(f"p-{n}", 1000 * k, at=EVENING + timedelta(minutes=k)))

    threads = [threading.Thread(target=walk, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert playing.ledger.writer.groups - groups < 400
    assert len(log_of(database)) == PUBLISHED + 40 + 400
    assert_sound(database)


def test_a_stopped_writer_takes_nothing(playing: Playing) -> None:
    playing.ledger.writer.stop()
    with pytest.raises(Stopped):
        playing.submit(said(SignIn(), "p-1"))


def test_a_full_queue_refuses_before_it_takes(database: Database) -> None:
    recorder = LedgerRecorder(LedgerDatastore(database.url, database.schema))
    writer = Writer(recorder, VAULT)  # not started: what is queued stays queued
    answered: list[object] = []
    writer.submit_with([said(SignIn(), "p-1")] * 50_000, answered.append)
    with pytest.raises(Overloaded):
        writer.submit_with([said(SignIn(), "p-1")], answered.append)
    recorder.datastore.close()
    assert writer.waiting == 50_000


def test_an_answer_that_cannot_be_delivered_ends_nothing(playing: Playing) -> None:
    def gone(_: object) -> None:
        raise LookupError("the caller is gone")

    playing.enrol("p-1")
    playing.ledger.writer.submit_with([said(SignIn(), "p-1", id="undelivered")], gone)
    assert playing.submit(said(SignIn(), "p-1", id="undelivered"))[0].repeat
    assert playing.ledger.writer.alive


def test_publishing_the_same_text_again_is_a_repeat_whoever_asks(playing: Playing) -> None:
    again = playing.submit(publish_request(SX, actor="somebody else", source="//jifen/api/k", id="k-1"))[0]
    other = publish_request(SX + "# amended", actor="somebody else", source="//jifen/api/k", id="k-2")
    assert (again.status, again.repeat, again.position) == ("accepted", True, 1)
    refused = playing.submit(other)[0]
    assert (refused.code, playing.submit(other)[0].repeat) == ("campaign_exists", True)


def test_states_that_were_not_used_for_long_are_left_to_the_database(
    playing: Playing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "MAX_CACHED", 40)
    monkeypatch.setattr(states, "KEPT", 30)
    people = [f"p-{n}" for n in range(60)]
    for at in range(0, len(people), 10):
        playing.enrol(*people[at : at + 10])
        assert len(playing.ledger.writer.states) <= 40
    assert {each.status for each in playing.sign_in(*people)} == {"accepted"}
    assert len(playing.ledger.writer.states) <= 40
