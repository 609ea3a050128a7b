"""The base of all commands, and the request that carries one. The commands themselves: commands.py and others."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.refusal import Malformed

LAST_YEAR = 2199
"""No campaign lies in a later one; see rulebook_checks."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reference = Annotated[str, Meta(min_length=1, max_length=500)]
Participant = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
CampaignId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
TeamId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
PoolId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
PrizeName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}\Z")]
Reason = Annotated[str, Meta(min_length=2, max_length=1000)]
"""Two characters are enough in Chinese: 刷单."""
StepCount = Annotated[int, Meta(ge=0, le=1_000_000)]


class Command(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of all commands.

    TYPE: its CloudEvents type, for ever: requests are known by it. POSTED: whether client apps may post it.
    A new member needs a default, which is left out of what is digested, so that old requests stay what they were.
    """

    TYPE: ClassVar[str] = ""
    POSTED: ClassVar[bool] = True


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the participant agreed to, and when. document: id in the rulebook; none = all that it asks for."""

    version: Name
    at: Annotated[datetime, Meta(tz=True)] | None = None
    document: Name | None = None


Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""A keyed hash that stands for an identity number, a phone number, an account: the vault makes it (vault.py)."""
IdentityKind = Literal["id_number", "phone", "wechat", "weibo"]
Identities = dict[IdentityKind, Digest]
BranchId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
ItemId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}\Z")]
Fen = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]


class Request(msgspec.Struct, frozen=True, gc=False):
    """One command with the identity that makes repeating it harmless (GX-01).

    source, id: identify it for ever. key, content: 16-byte digests of that identity, and of what was said.
    participant: the client's id of the person, empty for what concerns a whole campaign.
    actor: name of the API key or of the person at the command line; stored for what an operator does.
    beside: sealed secrets that are kept beside the log if the command is accepted, such as voucher codes.
    """

    source: str
    id: str
    occurred_at: datetime | None
    participant: str
    campaign: str
    command: Command
    key: bytes
    content: bytes
    actor: str = ""
    beside: tuple[bytes, ...] = ()


_encode = msgspec.json.Encoder(order="deterministic").encode


def request(
    command: Command,
    *,
    source: str,
    id: str,
    campaign: str,
    participant: str = "",
    occurred_at: datetime | None = None,
    actor: str = "",
    beside: tuple[bytes, ...] = (),
) -> Request:
    """Build a Request; its digests follow from its parts, so that two spellings of one event are one event.

    occurred_at: kept in UTC. Raises Malformed at the very ends of the calendar, where it has none.
    """
    if occurred_at is not None:
        try:
            occurred_at = occurred_at.astimezone(UTC)
        except OverflowError:
            raise Malformed("/time", "the time is outside the years that can be computed with") from None
        if occurred_at.year > LAST_YEAR:
            raise Malformed(
                "/time", f"the time is after the year {LAST_YEAR}, the last that campaigns can have"
            )
    key = blake2b(f"{source}\0{id}".encode(), digest_size=16).digest()
    said = (command.TYPE, participant, campaign, occurred_at, command)
    content = blake2b(_encode(said), digest_size=16).digest()
    return Request(source, id, occurred_at, participant, campaign, command, key, content, actor, beside)
