"""CloudEvents 1.0 over HTTP: structured, batched and binary, to requests of the ledger.

Reading is strict and total: what comes out is a Request or a Malformed with a JSON pointer to the member at fault.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import Meta

from api.open_data import EncryptedSteps, Unopened
from ledger.command import CampaignId, Participant, Request, request
from ledger.commands import COMMAND_TYPES
from ledger.decide import FREE, SERVES
from ledger.refusal import Malformed

MAX_BATCH = 5_000
MAY_NAME_NO_CAMPAIGN = FREE | SERVES.keys()
"""What concerns a person and no campaign, and what a standing programme serves, when there is one."""
OURS = "//jifen/"
"""What operators do is known by sources of our own; nobody else may take their ids."""

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
JSON = "application/json"

Identity = Annotated[str, Meta(min_length=1, max_length=256)]


class UnsupportedMediaType(Exception):
    """The Content-Type is none of those that carry events."""


class TooMany(Exception):
    """More events than a batch may have."""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """The context attributes that we need; other extension attributes are allowed and ignored."""

    specversion: Literal["1.0"]
    id: Identity
    source: Identity
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    time: Annotated[datetime, Meta(tz=True)]
    subject: Participant
    campaign: CampaignId | None = None
    datacontenttype: Literal["application/json"] | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Identified(msgspec.Struct, frozen=True):
    id: Any = None


_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_envelope = msgspec.json.Decoder(Envelope).decode
_decode_id = msgspec.json.Decoder(_Identified).decode
DATA: dict[str, type[msgspec.Struct]] = COMMAND_TYPES | {EncryptedSteps.TYPE: EncryptedSteps}
"""CloudEvents type → the struct of its data as it is posted: that of the command, but for what is encrypted."""
_DATA: dict[str, Callable[[msgspec.Raw | bytes], Any]] = {
    name: msgspec.json.Decoder(cls).decode for name, cls in DATA.items()
}

_AT = re.compile(r" - at `\$(.*)`$")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_MISSING = re.compile(r"missing required field `(.+?)`")
_UNKNOWN = re.compile(r"contains unknown field `(.+?)`")


def media_type(content_type: str) -> str:
    """The media type without parameters. Raises Malformed for a character set that JSON does not have."""
    kind, _, parameters = content_type.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Malformed("", f"JSON is UTF-8 (RFC 8259), not {charset[1]}; encode the body again")
    return kind.strip().lower()


def is_batch(kind: str, body: bytes) -> bool:
    """Whether a body is a list of events: by its media type, or for application/json by its first character."""
    return kind == BATCHED or (kind == JSON and body.lstrip()[:1] == b"[")


def read_batch(body: bytes) -> list[tuple[str | None, Request | Unopened | Malformed]]:
    """Each event of a batch: its id as far as it can be read, and the request, or why there is none.

    Raises Malformed when the body is no JSON list, TooMany above MAX_BATCH events.
    """
    try:
        items = _decode_list(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _malformed(fault, "") from None
    if len(items) > MAX_BATCH:
        raise TooMany(f"{len(items)} events in a batch; at most {MAX_BATCH} are taken")
    read: list[tuple[str | None, Request | Unopened | Malformed]] = []
    for item in items:
        try:
            one = read_event(bytes(item))
        except Malformed as fault:
            read.append((readable_id(item), fault))
        else:
            read.append((one.id, one))
    return read


def read_event(body: bytes) -> Request | Unopened:
    """One event in structured mode; one whose data are encrypted is still to be opened. Raises Malformed."""
    try:
        envelope = _decode_envelope(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _malformed(fault, "") from None
    return _request(envelope, body)


def read_binary(headers: Mapping[str, str], kind: str, body: bytes) -> Request | Unopened:
    """One event in binary mode: attributes in ``ce-`` headers, data in the body. Raises Malformed."""
    if body and kind != JSON:
        raise UnsupportedMediaType(kind)
    given = {
        name[3:]: value for name, value in headers.items() if name.startswith("ce-") and name != "ce-data"
    }
    try:
        encoded = msgspec.json.encode({name: _unquoted(value) for name, value in given.items()})
        envelope = _decode_envelope(encoded)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise _malformed(fault, "") from None
    return _request(msgspec.structs.replace(envelope, data=msgspec.Raw(body or b"{}")), encoded + body)


def _request(envelope: Envelope, whole: bytes) -> Request | Unopened:
    command_type = _DATA.get(envelope.type)
    if command_type is None:
        raise Malformed("/type", f"unknown type {envelope.type!r}; known are {', '.join(COMMAND_TYPES)}")
    if envelope.source.startswith(OURS):
        raise Malformed(
            "/source", f"sources that begin with {OURS} are the ledger's own; name your app instead"
        )
    if envelope.campaign is None and COMMAND_TYPES[envelope.type] not in MAY_NAME_NO_CAMPAIGN:
        raise Malformed("/campaign", f"{envelope.type} needs the campaign that it belongs to")
    if b"\\u0000" in whole and _has_nul(whole):
        raise Malformed(_nul_pointer(envelope), "NUL characters cannot be stored; leave them out")
    try:
        command = command_type(b"{}" if bytes(envelope.data) == b"null" else envelope.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _malformed(fault, "/data") from None
    if isinstance(command, EncryptedSteps):
        return Unopened(
            source=envelope.source,
            id=envelope.id,
            campaign=envelope.campaign or "",
            participant=envelope.subject,
            occurred_at=envelope.time,
            data=command,
        )
    return request(
        command,
        source=envelope.source,
        id=envelope.id,
        campaign=envelope.campaign or "",
        participant=envelope.subject,
        occurred_at=envelope.time,
    )


def _has_nul(whole: bytes) -> bool:
    """Whether an escaped NUL is really one: an odd number of backslashes stands before its ``u0000``."""
    return _NUL.search(whole) is not None


def _nul_pointer(envelope: Envelope) -> str:
    for name in ("id", "source", "subject"):
        if "\0" in getattr(envelope, name):
            return f"/{name}"
    return "/data"


def _unquoted(value: str) -> str:
    """A header value as text: percent-encoded as the HTTP binding of CloudEvents says."""
    return unquote(value.strip().strip('"'), errors="strict")


def readable_id(item: msgspec.Raw | bytes) -> str | None:
    """The id of an event that could not be read as a whole, if at least that can be."""
    try:
        found = _decode_id(item).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) and len(found) <= 256 else None


def _malformed(fault: Exception, inside: str) -> Malformed:
    """A decoder's complaint as a Malformed: JSON pointer to the member, and a sentence."""
    if isinstance(fault, RecursionError):
        return Malformed(inside, "the JSON is nested too deeply")
    if isinstance(fault, UnicodeDecodeError):
        return Malformed(inside, "the text is not UTF-8; encode the body again")
    message = str(fault)
    if "truncated" in message:
        message = "the JSON ends too early, or has a broken escape such as half a surrogate pair"
    at = _AT.search(message)
    pointer = inside + (re.sub(r"\[(\d+)\]", r"/\1", at[1]).replace(".", "/") if at else "")
    for pattern in (_MISSING, _UNKNOWN):
        if member := pattern.search(message):
            pointer += f"/{member[1]}"
    return Malformed(pointer, _AT.sub("", message).replace("Object", "The object", 1))
