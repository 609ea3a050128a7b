"""Waiting for news of the log without asking again and again: one connection that listens, for the whole process."""

import asyncio
import contextlib

from psycopg import AsyncConnection, Error

from ledger.store import CHANNEL

AGAIN_AFTER = 1.0
"""Seconds after which a waiter looks anyway: news can get lost while the connection is away."""


class Listener:
    """Wakes whoever waits when something was written to a log of this database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made again."""
        while True:
            with contextlib.suppress(Error):
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, application_name="jifen listener"
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        self._tell()
            await asyncio.sleep(AGAIN_AFTER)

    def ticket(self) -> asyncio.Event:
        """Is set by the first news after now. Take one, look, and if there is nothing yet, wait for it."""
        return self._news

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def wait(ticket: asyncio.Event, seconds: float) -> None:
    """Wait for news, for so many seconds at most, and no longer than a second at a time."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ticket.wait(), min(seconds, AGAIN_AFTER))
