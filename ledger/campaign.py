"""A campaign's stream (``campaign/sx-2019``): which rulebook versions exist and from when each holds.

The texts stand in the events; the state names them by digest. Source: GX-08.
"""

from datetime import date, datetime

import msgspec

from ledger.command import Request, request
from ledger.commands import AmendCampaign, PublishCampaign
from ledger.events import CampaignAmended, CampaignPublished, DayClosed, Event
from ledger.refusals import AmendmentNotAllowed, CampaignExists, CampaignUnknown
from ledger.rulebook import Rulebook
from ledger.rulebook_file import digest, load

SOURCE = "//jifen/campaigns"


class Version(msgspec.Struct, frozen=True, array_like=True):
    """One version of the rules. position of its event in the stream = number."""

    number: int
    digest: str
    effective_at: datetime


class Campaign(msgspec.Struct, frozen=True, array_like=True):
    """versions: in the order in which they were published. closed_through: the newest day that was closed (SX-05)."""

    version: int = 0
    versions: tuple[Version, ...] = ()
    closed_through: date | None = None

    def at(self, moment: datetime) -> Version | None:
        """The version in force for what happens at a moment; before the first, the first.

        It is the one that took effect last; of two that take effect together, the one that was published later. So a
        scheduled amendment is replaced by another for the same moment.
        """
        if len(self.versions) < 2:
            return self.versions[0] if self.versions else None
        in_force = [v for v in self.versions[1:] if v.effective_at <= moment]
        return max(in_force, key=lambda v: (v.effective_at, v.number), default=self.versions[0])


def is_published(state: object, command: PublishCampaign) -> bool:
    """Whether a campaign was published with this very text: then publishing it is a repeat, whoever asks."""
    return isinstance(state, Campaign) and bool(state.versions) and state.versions[0].digest == command.digest


def evolve(state: Campaign, event: Event) -> Campaign:
    """The state after one more event of its stream."""
    if isinstance(event, CampaignPublished | CampaignAmended):
        added = Version(event.version, event.digest, event.effective_at)
        return Campaign(state.version + 1, (*state.versions, added), state.closed_through)
    if isinstance(event, DayClosed):
        return Campaign(state.version + 1, state.versions, event.day)
    return msgspec.structs.replace(state, version=state.version + 1)


def publish(state: Campaign, command: PublishCampaign, said: Request, now: datetime) -> tuple[Event, ...]:
    """Publish the first rulebook.

    Refuses: CampaignExists. Publishing the same text again is a repeat, which the writer answers from the log.
    Source: GX-08.
    """
    if state.versions:
        raise CampaignExists(f"campaign {said.campaign} is published already; amend it instead")
    return (_event(CampaignPublished, command, said, now, 1, now),)


def amend(
    state: Campaign,
    command: AmendCampaign,
    said: Request,
    now: datetime,
    current: Rulebook | None,
    amended: Rulebook,
) -> tuple[Event, ...]:
    """Publish another version, from effective_at on. What was awarded before stays as it was.

    Refuses: CampaignUnknown, AmendmentNotAllowed. Source: GX-08.
    """
    if current is None:
        raise CampaignUnknown(f"campaign {said.campaign} is not published")
    for member in ("id", "timezone", "starts", "trial"):
        if getattr(current, member) != getattr(amended, member):
            raise AmendmentNotAllowed(f"{member} cannot be amended, for what is counted rests on it")
    if (current.wallet is None) != (amended.wallet is None):
        raise AmendmentNotAllowed("whether points lie in the wallet cannot be amended: those that lie stay")
    for kept, of in (("pool", "pools"), ("board", "boards")):
        if gone := {each.id for each in getattr(current, of)} - {each.id for each in getattr(amended, of)}:
            raise AmendmentNotAllowed(
                f"the {kept} {min(gone)} cannot be dropped: what it has given rests on it"
            )
    effective_at = command.effective_at or now
    if effective_at < now:
        raise AmendmentNotAllowed(
            f"an amendment holds from now on ({now.isoformat()}) or later, not from {effective_at.isoformat()}"
        )
    if amended.ends < current.ends and amended.ends < effective_at.astimezone(amended.tz).date():
        raise AmendmentNotAllowed(f"the campaign cannot end on {amended.ends}, before the amendment holds")
    return (_event(CampaignAmended, command, said, now, len(state.versions) + 1, effective_at),)


def _event(
    cls: type[CampaignPublished] | type[CampaignAmended],
    command: PublishCampaign | AmendCampaign,
    said: Request,
    now: datetime,
    version: int,
    effective_at: datetime,
) -> Event:
    return cls(
        occurred_at=now,
        recorded_at=now,
        source=said.source,
        id=said.id,
        rules=version,
        campaign=said.campaign,
        version=version,
        text=command.text,
        digest=command.digest,
        effective_at=effective_at,
        actor=said.actor,
    )


def publish_request(text: str, *, actor: str, source: str = SOURCE, id: str = "") -> Request:
    """The request that publishes a rulebook file. Without an id, the same text is the same request (GX-01).

    Raises RulebookFaulty.
    """
    rulebook = load(text)
    command = PublishCampaign(text=text, digest=digest(text))
    id = id or f"publish {rulebook.id} {command.digest}"
    return request(command, source=source, id=id, campaign=rulebook.id, actor=actor)


def amend_request(
    campaign: str,
    text: str,
    effective_at: datetime | None,
    *,
    actor: str,
    id: str,
    source: str = SOURCE,
) -> Request:
    """The request that amends a campaign. id: a new one for every amendment; the same again is a repeat.

    Raises RulebookFaulty.
    """
    load(text)
    command = AmendCampaign(text=text, digest=digest(text), effective_at=effective_at)
    return request(command, source=source, id=id, campaign=campaign, actor=actor)
