"""What a client can say happened: the ``data`` of each CloudEvents type, and the request that carries it.

A command is a claim about the past or a wish; a rule decides which events follow. Members and limits are those of
the published contract; what does not fit them is malformed and leaves no trace.
"""

from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from ledger.refusals import Malformed

LAST_YEAR = 2199
"""No campaign lies in a later one; see rulebook_checks."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reference = Annotated[str, Meta(min_length=1, max_length=500)]
Participant = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
CampaignId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
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
    """What the participant agreed to, and when."""

    version: Name
    at: Annotated[datetime, Meta(tz=True)] | None = None


class Enrol(Command, frozen=True, kw_only=True):
    """Join a campaign. branch: union id or its exact name. Source: SX-02."""

    TYPE = "jifen.enrolled"

    branch: Name
    unit: Name | None = None
    department: Name | None = None
    consent: Consent | Name | bool | None = None


class SignIn(Command, frozen=True, kw_only=True):
    """Sign in on the day of the event's time. Source: SX-11."""

    TYPE = "jifen.signed_in"


class SyncSteps(Command, frozen=True, kw_only=True):
    """Steps of a day so far, as the phone counted them. distance_m: metres. Source: SX-05."""

    TYPE = "jifen.steps_synced"

    day: date
    steps: StepCount
    provider: Annotated[str, Meta(min_length=1, max_length=64)]
    device: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    distance_m: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class AnswerQuestion(Command, frozen=True, kw_only=True):
    """Answer a question. checkpoint: its number, or the question's id again; may be left out. Source: SX-09."""

    TYPE = "jifen.question_answered"

    question: Name
    answer: Name
    checkpoint: Annotated[int, Meta(ge=1, le=200)] | Name | None = None


class PostReflection(Command, frozen=True, kw_only=True):
    """Say where a reflection, travel note or photo lies. checkpoint: number, or ``cp-01``. Source: SX-10, SX-15."""

    TYPE = "jifen.reflection_posted"

    checkpoint: Annotated[int, Meta(ge=1, le=200)] | Name
    ref: Reference


class PublishCampaign(Command, frozen=True, kw_only=True):
    """Publish a campaign's first rulebook. digest: of the text. Source: GX-08."""

    TYPE = "jifen.campaign_published"
    POSTED = False

    text: str
    digest: str


class AmendCampaign(Command, frozen=True, kw_only=True):
    """Publish another version. effective_at: from when it holds; none = from now on. Source: GX-08."""

    TYPE = "jifen.campaign_amended"
    POSTED = False

    text: str
    digest: str
    effective_at: datetime | None = None


class Correct(Command, frozen=True, kw_only=True):
    """Reverse what an event has posted. reverses: its position in the log. Source: GX-03."""

    TYPE = "jifen.corrected"
    POSTED = False

    reverses: Annotated[int, Meta(ge=1, le=2**62)]
    reason: Annotated[str, Meta(min_length=3, max_length=1000)]


COMMAND_TYPES: dict[str, type[Command]] = {cls.TYPE: cls for cls in Command.__subclasses__() if cls.POSTED}
"""CloudEvents type → the struct of its data."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One command with the identity that makes repeating it harmless (GX-01).

    source, id: identify it for ever. key, content: 16-byte digests of that identity, and of what was said.
    participant: the client's id of the person, empty for what concerns a whole campaign.
    actor: name of the API key or of the person at the command line; stored for what an operator does.
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
    return Request(source, id, occurred_at, participant, campaign, command, key, content, actor)
