"""The eventsourcing library's own recorder test case, and its stock projection runner, over our log."""

from collections.abc import Callable
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.tests.persistence import ApplicationRecorderTestCase

from ledger.application import LedgerApplication, application_env
from ledger.codec import RecordedEvent
from ledger.events import SignedIn
from ledger.store import LedgerDatastore, LedgerRecorder
from tests.conftest import Database
from tests.store.playing import Playing

NewRecorder = Callable[[], LedgerRecorder]


class TestLibraryRecorderCase(ApplicationRecorderTestCase[LedgerRecorder]):
    """Runs every test of the library's case, the optional one on subscriptions too."""

    @pytest.fixture(autouse=True)
    def _database(self, database: Database) -> Any:
        self._datastore = LedgerDatastore(database.url, database.schema)
        yield
        self._datastore.close()

    def new_originator_id(self) -> str:
        """Our streams have text ids."""
        return str(uuid4())

    def create_recorder(self) -> LedgerRecorder:
        """Our recorder, on an empty ledger."""
        return LedgerRecorder(self._datastore)

    def test_insert_subscribe(self) -> None:
        """The library leaves this one to recorders that can be subscribed to."""
        self.optional_test_insert_subscribe()


class SignInCounter(PostgresTrackingRecorder):
    """A view that only tracks."""


class CountSignIns(Projection[SignInCounter]):
    """A stock projection of the library: it is given our events one by one."""

    name = "sign_in_counter"
    topics = (SignedIn.TOPIC,)
    seen: list[RecordedEvent] = []  # noqa: RUF012  # the runner makes the instance; the test looks here
    done = Signal()

    def process_event(self, domain_event: RecordedEvent, tracking: Tracking) -> None:
        """Remember the event, and track it."""
        self.seen.append(domain_event)
        self.view.insert_tracking(tracking)
        if len(self.seen) == 3:
            self.done.set()


def test_the_stock_projection_runner_follows_our_log(database: Database) -> None:
    with Playing(database) as playing:
        playing.enrol("p-1", "p-2", "p-3")
        with ProjectionRunner(
            application_class=LedgerApplication,
            projection_class=CountSignIns,
            view_class=SignInCounter,
            env=application_env(database.url, database.schema),
        ) as runner:
            playing.sign_in("p-1", "p-2", "p-3")
            assert CountSignIns.done.wait(timeout=20)
            runner.wait(playing.ledger.head(), timeout=20)
    assert [event.originator_id for event in CountSignIns.seen] == [f"p-{n}@sx-2019" for n in (1, 2, 3)]
    assert all(isinstance(event.event, SignedIn) for event in CountSignIns.seen)
