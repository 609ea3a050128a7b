"""Events to stored bytes and back: JSON, so that an auditor with psql can read every one.

Hash the stored bytes, never a re-rendering of them. A changed shape is a new topic; UPCASTS turns the old into the new.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent

from ledger.events import EVENT_TYPES, Event

UPCASTS: dict[str, Callable[[bytes], Event]] = {}
"""Topic of an old version → how its bytes are read today. Empty while no shape has changed."""

encode: Callable[[Event], bytes] = msgspec.json.Encoder().encode
"""The bytes that are stored for an event."""

_DECODERS: dict[str, Callable[[bytes], Any]] = {
    topic: msgspec.json.Decoder(cls).decode for topic, cls in EVENT_TYPES.items()
} | UPCASTS


class UnknownTopic(Exception):
    """The log holds an event type that this version does not know; a newer one wrote it."""


def decode(topic: str, state: bytes) -> Event:
    """The event of stored bytes. Raises UnknownTopic, msgspec.DecodeError."""
    try:
        decoder = _DECODERS[topic]
    except KeyError:
        raise UnknownTopic(f"unknown event type {topic!r}: was the log written by a newer version?") from None
    event: Event = decoder(state)
    return event


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event with its place in a stream: what the eventsourcing library calls a domain event."""

    originator_id: str
    originator_version: int
    event: Event


class EventMapper(Mapper[str]):
    """The library's mapper for our structs, which its stock one cannot take. Topics are ours, not import paths."""

    def to_stored_event(self, domain_event: RecordedEvent) -> StoredEvent:  # type: ignore[override]
        """What the recorder stores of a recorded event."""
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.event.TOPIC,
            state=encode(domain_event.event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> RecordedEvent:
        """The event of a stored one. Raises UnknownTopic, msgspec.DecodeError."""
        return RecordedEvent(
            str(stored_event.originator_id),
            stored_event.originator_version,
            decode(stored_event.topic, stored_event.state),
        )
