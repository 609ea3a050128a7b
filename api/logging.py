"""Logs: one JSON object a line on standard error, of ours and of the libraries alike.

Never in a log: keys, bodies, values of query strings, paths with the ids of people.
"""

import atexit
import logging
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from structlog.processors import TimeStamper, add_log_level, format_exc_info
from structlog.typing import EventDict, Processor

FLUSH_EVERY = 0.1


def _encode(event: EventDict, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def _shared() -> list[Processor]:
    return [add_log_level, TimeStamper(fmt="iso", utc=True), format_exc_info]


class Lines:
    """Where structlog's lines go: what is only told is written every FLUSH_EVERY seconds, trouble at once.

    A write for every request would cost more than answering it, for each hands Python's lock to another thread.
    """

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._writing = threading.Lock()
        self._flusher: threading.Thread | None = None

    def msg(self, line: bytes) -> None:
        """Write soon."""
        self._waiting.append(line)
        if self._flusher is None:
            self._flusher = threading.Thread(target=self._flush_for_ever, name="log", daemon=True)
            self._flusher.start()
            atexit.register(self.flush)

    def msg_now(self, line: bytes) -> None:
        """Write at once, after what waits."""
        self._waiting.append(line)
        self.flush()

    debug = info = msg
    warning = warn = error = critical = exception = fatal = msg_now

    def flush(self) -> None:
        """Write what waits. A closed standard error loses lines, and nothing else."""
        with self._writing:
            lines, self._waiting = self._waiting, []
            if lines:
                with suppress(OSError, ValueError):
                    sys.stderr.buffer.write(b"\n".join(lines) + b"\n")
                    sys.stderr.buffer.flush()

    def _flush_for_ever(self) -> None:
        while True:
            time.sleep(FLUSH_EVERY)
            self.flush()


LINES = Lines()


def configure() -> None:
    """Set up the logs of this process; a second call changes nothing."""
    structlog.configure(
        processors=[*_shared(), structlog.processors.JSONRenderer(serializer=_encode)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: LINES,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _Lines(logging.Formatter):
    """Lines of the libraries, in our form."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()
