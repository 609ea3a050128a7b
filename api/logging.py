"""Logs: one JSON object a line on standard error, of ours and of the libraries alike.

Never in a log: keys, bodies, values of query strings, paths with the ids of people.
"""

import logging
import sys
from typing import Any

import msgspec
import structlog
from structlog.processors import TimeStamper, add_log_level, format_exc_info
from structlog.typing import EventDict, Processor


def _encode(event: EventDict, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def _shared() -> list[Processor]:
    return [add_log_level, TimeStamper(fmt="iso", utc=True), format_exc_info]


def configure() -> None:
    """Set up the logs of this process; a second call changes nothing."""
    structlog.configure(
        processors=[*_shared(), structlog.processors.JSONRenderer(serializer=_encode)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
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
