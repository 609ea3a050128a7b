"""Until a view has reached a position: ``at_least=<position>`` of the API (read your own write).

By asking, not by LISTEN: it works on a replica and through pgbouncer, and no connection is held between two questions,
so readers that wait for a view that lags take none from those that do not.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from psycopg_pool import AsyncConnectionPool

from projections import reads
from projections.reads import Connection

FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.1


class ViewBehind(Exception):
    """The views have not reached the position in time. reached: how far they are."""

    def __init__(self, wanted: int, reached: int) -> None:
        super().__init__(f"the views have reached position {reached}, not yet {wanted}")
        self.wanted = wanted
        self.reached = reached


async def wait_for(
    source: Connection | AsyncConnectionPool[Connection],
    position: int,
    timeout: float,  # noqa: ASYNC109 - the deadline is part of the question, and its answer an error of ours
    names: Iterable[str] | None = None,
) -> int:
    """Wait until all of these views (all there are, when left out) have reached a position; returns how far they are.

    source: an autocommit connection, or a pool of them. Raises ViewBehind after ``timeout`` seconds.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        async with _connection(source) as connection:
            reached = await reads.position(connection, names)
        if reached >= position:
            return reached
        left = deadline - time.monotonic()
        if left <= 0:
            raise ViewBehind(position, reached)
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


@asynccontextmanager
async def _connection(source: Connection | AsyncConnectionPool[Connection]) -> AsyncIterator[Connection]:
    if isinstance(source, AsyncConnectionPool):
        async with source.connection() as connection:
            yield connection
    else:
        yield source
