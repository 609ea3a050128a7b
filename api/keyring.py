"""Finding the key behind a bearer token without asking the database for every request."""

import time

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from ledger.keys import Key, id_of

VALID_FOR = 1.5
"""Seconds for which a key that was looked up is taken without looking again."""
WHILE_LOOKING = 0.5
"""Seconds more for requests beside the one that looks. Together: how long a revoked key may still work."""
MAX_REMEMBERED = 10_000


class Keyring:
    """Finds the key behind a bearer token. Remembers for a moment what the table said of an id, also its absence."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool
        self._known: dict[str, tuple[float, Key | None]] = {}

    async def find(self, token: str) -> Key | None:
        """The key that the token is; None when it opens nothing."""
        key_id = id_of(token)
        until, key = self._known.get(key_id, (0.0, None))
        if until < time.monotonic():
            if key:  # one request looks again; those beside it go on with what is known for that moment
                self._known[key_id] = (time.monotonic() + WHILE_LOOKING, key)
            key = await self._look_up(key_id)
        return key if key and key.opens(token) else None

    async def _look_up(self, key_id: str) -> Key | None:
        until = time.monotonic() + VALID_FOR  # counted from before the question, so that it is never longer
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Key))
            key = await (await cursor.execute("SELECT * FROM api_keys WHERE id = %s", (key_id,))).fetchone()
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[key_id] = (until, key)
        return key
