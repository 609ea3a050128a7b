"""The recorder: the log, the requests that caused it, and the newest states, in PostgreSQL.

One writer at a time holds the row lock of ``log_head``; under it positions are handed out without gaps and in commit
order. A dead writer's lock goes with its connection. ``LedgerRecorder`` is the eventsourcing library's own PostgreSQL
recorder with that lock and COPY in place of its table lock and INSERT.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from ledger.clock import Clock
from ledger.vault import SESSION_KEY

EVENTS = CHANNEL = "stored_events"

SESSION = "-cenable_seqscan=off -csynchronous_commit=on -clock_timeout=10s"
"""What a connection of the recorder needs, whatever the server's defaults.

All our look-ups are by key, and a plan that was kept from when the tables were empty would read them whole for ever.
An answer must be on disk. A writer that stands still with the lock must not hold up the others without a word; it
loses its session when it has been idle for STALLED seconds.
"""
STALLED = 15.0
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

COPY_EVENTS = (
    "COPY stored_events (originator_id, originator_version, topic, state, notification_id)"
    " FROM STDIN (FORMAT BINARY)"
)
LOCK_HEAD = "SELECT position, clock_base, clock_set_at FROM log_head FOR UPDATE"
EVENTS_OF = "SELECT topic, state FROM stored_events WHERE originator_id = %s ORDER BY originator_version"
HISTORIES = """
    SELECT e.originator_id, e.topic, e.state
    FROM unnest(%b::text[], %b::text[]) AS person (begins, ends)
    JOIN stored_events e ON e.originator_id >= person.begins COLLATE "C" AND e.originator_id < person.ends COLLATE "C"
    ORDER BY e.originator_id, e.originator_version
"""
PUBLICATION = """
    SELECT originator_id, originator_version, topic, state, notification_id
    FROM stored_events WHERE originator_id = %s AND topic = 'campaign-published.v1'
    ORDER BY originator_version LIMIT 1
"""
TEXT_OF_VERSION = """
    SELECT convert_from(state, 'UTF8')::jsonb ->> 'text' FROM stored_events
    WHERE originator_id = %s AND topic IN ('campaign-published.v1', 'campaign-amended.v1')
    ORDER BY originator_version OFFSET %s LIMIT 1
"""
"""The text of a version of a campaign's rules. Refusals and closed days stand in the same stream between them."""
SET_CLOCK = "UPDATE log_head SET clock_base = %s, clock_set_at = %s"
FIND_REQUESTS = "SELECT request, content, position, events FROM requests WHERE request = ANY(%b)"
LOAD_STATES = "SELECT originator_id, state FROM aggregate_snapshots WHERE originator_id = ANY(%b)"
FINISH = """
    WITH logged AS (
        INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id)
        SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[], %b::bigint[])
    ), answered AS (
        INSERT INTO requests (request, content, position, events)
        SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bigint[], %b::smallint[])
    ), kept AS (
        INSERT INTO aggregate_snapshots (originator_id, version, state)
        SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bytea[])
        ON CONFLICT (originator_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state
    )
    UPDATE log_head SET position = %b, recorded_at = %b, clock_base = %b, clock_set_at = %b
"""
KEEP_SECRETS = """
    INSERT INTO secrets (stream, kind, number, sealed, fingerprint)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bytea[], %b::text[])
"""
SECRETS = "SELECT stream, sealed FROM secrets WHERE stream = ANY(%b) AND kind = %b"
KNOWN_FINGERPRINTS = "SELECT fingerprint FROM secrets WHERE fingerprint = ANY(%b)"
PERSONAL = "SELECT person, wrapped_key, fields, reference FROM personal WHERE person = ANY(%b)"
KEEP_PERSONAL = """
    INSERT INTO personal (person, wrapped_key, fields, reference, kept_at)
    SELECT *, %b FROM unnest(%b::text[], %b::bytea[], %b::bytea[], %b::text[])
    ON CONFLICT (person) DO UPDATE
    SET
        wrapped_key = EXCLUDED.wrapped_key,
        fields = EXCLUDED.fields,
        reference = coalesce(EXCLUDED.reference, personal.reference),
        kept_at = EXCLUDED.kept_at
"""
CALLED = """
    SELECT asked.reference, called.person
    FROM unnest(%b::text[]) AS asked (reference)
    CROSS JOIN LATERAL (SELECT person FROM personal WHERE personal.reference = asked.reference LIMIT 2) AS called
"""
ERASE_PERSONAL = "DELETE FROM personal WHERE person = ANY(%b)"
LOCK_SESSION_KEYS = "SELECT pg_advisory_xact_lock(hashtextextended(each, 0)) FROM unnest(%b::text[]) AS each"
ERASE_SESSION_KEYS = "DELETE FROM secrets WHERE stream = ANY(%b) AND kind = %b"
EVENTS_AT = """
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events WHERE notification_id = ANY(%s) ORDER BY notification_id
"""


FEW = 200
"""Up to so many events of a group one statement is cheaper than a COPY beside it."""


class EventRow(NamedTuple):
    """One row of the log, in the order of its columns."""

    originator_id: str
    originator_version: int
    topic: str
    state: bytes
    position: int


class KnownRequest(NamedTuple):
    """A request that was answered: digest of what it said, and where its events stand (contiguous)."""

    content: bytes
    position: int
    events: int


class RequestRow(NamedTuple):
    """One row of ``requests``."""

    request: bytes
    content: bytes
    position: int
    events: int


class StateRow(NamedTuple):
    """The newest state of a stream, encoded."""

    originator_id: str
    version: int
    state: bytes


class SecretRow(NamedTuple):
    """Something that must not be in the log, encrypted: a pool's seed, a voucher's code. See vault.py."""

    stream: str
    kind: str
    number: int
    sealed: bytes
    fingerprint: str | None


class PersonalRow(NamedTuple):
    """What the vault keeps of a person, encrypted. person: its stream. See vault.py.

    reference: what the newest roster that gives one calls the person, so that it can be found by it. None when it is
    kept leaves the one that stands.
    """

    person: str
    wrapped_key: bytes
    fields: bytes
    reference: str | None = None


def _columns(rows: Sequence[tuple[Any, ...]], kind: type[NamedTuple]) -> list[list[Any]]:
    """The columns of rows of one kind, as arrays for unnest; as many empty ones when there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in kind._fields]


class LedgerDatastore(PostgresDatastore):
    """The library's datastore for a libpq URL and one schema; every connection finds our tables by search_path."""

    def __init__(self, url: str, schema: str, *, pool_size: int = 2, max_overflow: int = 8) -> None:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        super().__init__(
            dbname=given.get("dbname", ""),
            host=given.get("host", ""),
            port=given.get("port", ""),
            user=given.get("user", ""),
            password=given.get("password", ""),
            schema=schema,
            pool_size=pool_size,
            max_overflow=max_overflow,
            originator_id_type="text",
            idle_in_transaction_session_timeout=STALLED,
        )
        assert isinstance(self.pool.kwargs, dict)
        kept = {name: value for name, value in self.pool.kwargs.items() if value != ""}
        self.pool.kwargs = {**KEEPALIVE, **kept, **{n: v for n, v in given.items() if n not in kept}}


class Group:
    """One transaction of the writer, under the lock. Nothing is durable until the ``with`` block that gave it ends.

    Statements go out together where they can, for each wait for an answer is time in which nobody else can write.
    Order of use: ``head`` and ``known``, look-ups, then ``appending`` and at last ``finish``.
    """

    def __init__(self, connection: Connection[Any], keys: list[bytes]) -> None:
        self._connection = connection
        with connection.pipeline():
            connection.execute("BEGIN")
            head = self._cursor().execute(LOCK_HEAD)
            known = self._cursor().execute(FIND_REQUESTS, (keys,), binary=True) if keys else None
        row = head.fetchone()
        assert row is not None, "log_head has its one row since the first migration"
        self.head: int = row[0]
        self.clock = Clock(row[1], row[2])
        self._few: list[EventRow] = []
        self.known = {row[0]: KnownRequest(*row[1:]) for row in known} if known else {}

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(row_factory=tuple_row)

    def load_states(self, streams: list[str]) -> dict[str, bytes]:
        """The newest encoded state of each of these streams that has one."""
        return dict(self._cursor().execute(LOAD_STATES, (streams,), binary=True).fetchall())

    def events_at(self, positions: list[int]) -> dict[int, EventRow]:
        """The events at these positions, by position."""
        rows = self._cursor().execute(EVENTS_AT, (positions,), binary=True)
        return {row[0]: EventRow(row[1], row[2], row[3], row[4], row[0]) for row in rows}

    def events_of(self, stream: str) -> list[tuple[str, bytes]]:
        """Topic and bytes of every event of a stream, in order."""
        return self._cursor().execute(EVENTS_OF, (stream,), binary=True).fetchall()

    def histories(self, participants: list[str]) -> list[tuple[str, str, bytes]]:
        """Stream, topic and bytes of every event of these participants in campaigns, in the order of each stream."""
        ends = [f"{participant}A" for participant in participants]  # in byte order, A comes right after @
        begins = [f"{participant}@" for participant in participants]
        return self._cursor().execute(HISTORIES, (begins, ends), binary=True).fetchall()

    def publication(self, stream: str) -> EventRow:
        """The event that published a campaign; the stream must have one, maybe after refused amendments."""
        row = self._cursor().execute(PUBLICATION, (stream,), binary=True).fetchone()
        assert row is not None, f"{stream} is published"
        return EventRow(*row)

    @contextmanager
    def appending(self, few: int = FEW) -> Iterator[Callable[[EventRow], None]]:
        """A function that appends one event. No look-up can be made inside the block.

        Few events wait for ``finish`` and go with its statement. More are streamed by COPY: PostgreSQL takes the rows
        in while the next ones are being decided.
        """
        with ExitStack() as stack:
            write: Callable[[EventRow], None] | None = None

            def append(event: EventRow) -> None:
                nonlocal write
                if write is not None:
                    write(event)
                    return
                self._few.append(event)
                if len(self._few) > few:
                    copy = stack.enter_context(self._cursor().copy(COPY_EVENTS))
                    copy.set_types(["text", "int8", "text", "bytea", "int8"])
                    write = copy.write_row
                    for each in self._few:
                        write(each)
                    self._few.clear()

            yield append

    def together(self) -> AbstractContextManager[object]:
        """Statements inside the block are not waited for one by one: PostgreSQL runs one while the next is made.

        Such blocks must not be nested: psycopg would wait for ever on a statement larger than the socket's buffer.
        """
        return self._connection.pipeline()

    def secrets(self, streams: list[str], kind: str) -> list[tuple[str, bytes]]:
        """The sealed secret of one kind of each of these streams."""
        return self._cursor().execute(SECRETS, (streams, kind), binary=True).fetchall()

    def known_fingerprints(self, fingerprints: list[str]) -> frozenset[str]:
        """Those of these fingerprints that are kept already."""
        rows = self._cursor().execute(KNOWN_FINGERPRINTS, (fingerprints,), binary=True)
        return frozenset(row[0] for row in rows)

    def keep_secrets(self, rows: Sequence[SecretRow]) -> None:
        """Write secrets beside the log, in the same transaction."""
        self._cursor().execute(KEEP_SECRETS, _columns(rows, SecretRow))

    def personal(self, persons: list[str]) -> list[PersonalRow]:
        """What the vault keeps of these persons, encrypted."""
        rows = self._cursor().execute(PERSONAL, (persons,), binary=True)
        return [PersonalRow(*row) for row in rows]

    def called(self, references: list[str]) -> list[tuple[str, str]]:
        """Of each reference, with the stream of somebody whom rosters call so; two people are enough to be too many."""
        return self._cursor().execute(CALLED, (references,), binary=True).fetchall()

    def keep_personal(self, rows: Sequence[PersonalRow], at: datetime) -> None:
        """Write what the vault keeps of persons beside the log, in the same transaction, in place of what was."""
        self._cursor().execute(KEEP_PERSONAL, (at, *_columns(rows, PersonalRow)))

    def erase_personal(self, persons: list[str]) -> None:
        """Delete what the vault keeps of persons, and the session keys of their phones, in the same transaction."""
        cursor = self._cursor()
        # Against a session key that is being kept at this moment; who keeps one looks for the erasure then.
        cursor.execute(LOCK_SESSION_KEYS, (sorted(persons),))
        cursor.execute(ERASE_SESSION_KEYS, (persons, SESSION_KEY))
        cursor.execute(ERASE_PERSONAL, (persons,))

    def finish(
        self, requests: Sequence[RequestRow], states: Sequence[StateRow], position: int, recorded_at: datetime
    ) -> None:
        """Write the requests that the events answer and the states after them, move the head, and commit.

        To be called inside ``together``: when that ends, all of it is durable. Without requests there is nothing to
        write. The clock is written as it stands in ``clock``, for it may have followed the events.
        """
        cursor = self._cursor()
        if requests:
            columns = (*_columns(self._few, EventRow), *_columns(requests, RequestRow))
            head = (position, recorded_at, self.clock.base, self.clock.set_at)
            cursor.execute(FINISH, (*columns, *_columns(states, StateRow), *head))
        cursor.execute("COMMIT")
        if requests:
            # After the commit: inside it, NOTIFY would hold a lock that all databases of the server share.
            cursor.execute(f"NOTIFY {CHANNEL}")

    def move_head(self, position: int) -> None:
        """Say that the log reaches to this position now, and wake its readers."""
        self._cursor().execute("UPDATE log_head SET position = %s", (position,))
        self._cursor().execute(f"NOTIFY {CHANNEL}")

    def set_clock(self, clock: Clock) -> None:
        """Keep which clock the ledger has and where it stands, for all its processes."""
        self._cursor().execute(SET_CLOCK, (clock.base, clock.set_at))


class LedgerRecorder(PostgresApplicationRecorder):
    """The library's application recorder over our log. Any number of processes may use it at once.

    Tables belong to the migrations, so ``create_table`` creates none.
    """

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = EVENTS) -> None:  # noqa: ARG002  # see below
        # The library would name the table after the application; ours has one name. The first connection is made by
        # the call to super, so the search path must be known before.
        assert isinstance(datastore.pool.kwargs, dict)
        options = datastore.pool.kwargs.get("options", "")
        datastore.pool.kwargs["options"] = f"{options} -csearch_path={datastore.schema} {SESSION}".strip()
        super().__init__(datastore, events_table_name=EVENTS)

    def create_table(self) -> None:
        """Nothing to create: see migrations/."""

    @contextmanager
    def group(self, keys: list[bytes] = []) -> Iterator[Group]:  # noqa: B006  # it is only read
        """A transaction that holds the ledger's lock. It is durable when ``finish`` returns, or the block ends.

        keys: of requests that may have been answered before. Waits while another writer holds the lock. Raises the
        library's OperationalError or InterfaceError when the database is away; then nothing, or everything, was
        committed: asking again by request id tells.
        """
        with self.datastore.get_connection() as connection:
            try:
                yield Group(connection, keys)
                connection.commit()
            finally:
                if connection.info.transaction_status != TransactionStatus.IDLE:
                    connection.rollback()

    def read(self, query: LiteralString, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query outside of any lock."""
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            return cursor.execute(query, parameters).fetchall()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """The library's own way to append: positions follow the head, without gaps. Raises IntegrityError."""
        if not stored_events:
            return None
        with self.group() as group:
            with group.appending(few=0) as append:
                for position, event in enumerate(stored_events, start=group.head + 1):
                    stream, version = str(event.originator_id), event.originator_version
                    append(EventRow(stream, version, event.topic, event.state, position))
            group.move_head(position)
        return list(range(group.head + 1, position + 1))
