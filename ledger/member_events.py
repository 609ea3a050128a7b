"""Events of persons: streams ``member/{p}``, ``identity/{hash}`` and ``office/ledger``. No personal data is in them."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.command import Identities, IdentityKind
from ledger.event import Event


class MembershipApplied(Event, frozen=True, kw_only=True):
    """Somebody joined a union; a review follows. campaign: the programme. consents: (document, version, when).

    Stream: member. Source: SJ-01, SJ-02, SJ-03.
    """

    TOPIC = "membership-applied.v1"

    campaign: str
    branch: str
    employment: str = ""
    trade: str | None = None
    consents: tuple[tuple[str, str, datetime], ...] = ()


class MembershipReviewed(Event, frozen=True, kw_only=True):
    """A union has looked at a membership. Refused, it has ended. Stream: member. Source: SJ-03."""

    TOPIC = "membership-reviewed.v1"

    approved: bool
    branch: str
    actor: str
    reason: str = ""


class MessageQueued(Event, frozen=True, kw_only=True):
    """Something has to be told to the person, through whatever channel there is.

    Stream: member. Source: SJ-03.
    """

    TOPIC = "message-queued.v1"

    template: str
    zh: str
    en: str


class TransferApplied(Event, frozen=True, kw_only=True):
    """Somebody asks to be moved to another union. Stream: member. Source: SJ-06.

    employment, trade: the work there; empty when it stays what it is.
    """

    TOPIC = "transfer-applied.v1"

    campaign: str
    from_branch: str
    branch: str
    employment: str = ""
    trade: str | None = None
    consents: tuple[tuple[str, str, datetime], ...] = ()


class TransferReviewed(Event, frozen=True, kw_only=True):
    """A transfer was approved, and the membership is with ``branch`` now; or refused.

    employment, trade: the work there, as it was asked for; empty when it stays what it is.
    Stream: member. Source: SJ-06.
    """

    TOPIC = "transfer-reviewed.v1"

    approved: bool
    branch: str
    from_branch: str
    actor: str
    reason: str = ""
    employment: str = ""
    trade: str | None = None


class DetailsCorrected(Event, frozen=True, kw_only=True):
    """What the membership says of the person's work was corrected; what is absent stays as it was.

    employment: comes with the trade that stands beside it, which is none if absent. Stream: member. Source: SJ-06.
    """

    TOPIC = "details-corrected.v1"

    employment: str | None = None
    trade: str | None = None
    unit: str | None = None
    department: str | None = None


class MemberRestricted(Event, frozen=True, kw_only=True):
    """Re-joining and transferring are refused from now on. sealed: the case is, and escalated.

    Source: SJ-05.

    Of a sealed case the reason stands in the vault, not here. Stream: member.
    """

    TOPIC = "member-restricted.v1"

    kind: Literal["abuse", "identity_fraud"]
    actor: str
    reason: str = ""
    until: date | None = None
    sealed: bool = False


class RestrictionLifted(Event, frozen=True, kw_only=True):
    """Re-joining and transferring are allowed again. Stream: member. Source: SJ-05."""

    TOPIC = "restriction-lifted.v1"

    actor: str
    reason: str


class MemberSuspended(Event, frozen=True, kw_only=True):
    """Earning, drawing and redeeming are refused from now on. Stream: member. Source: GX-05."""

    TOPIC = "member-suspended.v1"

    actor: str
    reason: str


class MemberReleased(Event, frozen=True, kw_only=True):
    """A suspension ended. Stream: member. Source: GX-05."""

    TOPIC = "member-released.v1"

    actor: str
    reason: str


class IdentityClaimed(Event, frozen=True, kw_only=True):
    """A keyed hash belongs to a person from now on. Stream: identity. Source: EC-12, SJ-09."""

    TOPIC = "identity-claimed.v1"

    kind: IdentityKind
    member: str


class IdentitiesAdded(Event, frozen=True, kw_only=True):
    """By which keyed hashes the person is known, besides those of before.

    Stream: member. Source: EC-12, SJ-09.
    """

    TOPIC = "identities-added.v1"

    identities: Identities


class MemberJoined(Event, frozen=True, kw_only=True):
    """Another participant turned out to be this person: what it posts is this one's.

    Stream: member (of who stays).

    other: its client id. aliases: those that had been joined to it before. by: what told it. The postings take over its
    wallet. spent: what had been spent of that wallet: it counts as spent by this person from now on.
    after: members of the state (member.Member) that are different now, by name. Source: EC-12, SJ-09.
    """

    TOPIC = "member-joined.v1"

    other: str
    aliases: tuple[str, ...] = ()
    by: str = ""
    actor: str = ""
    reason: str = ""
    spent: int = 0
    after: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)


class MemberBecame(Event, frozen=True, kw_only=True):
    """This client id is of another participant from now on, and its wallet too.

    Stream: member (of who is joined).

    spent: as in ``member-joined``. helps_after: its applications for help are numbered on after so many of the other's;
    none = it has none. What it was granted moves over ``joining:{campaign}``. Source: EC-12, SJ-09, ZG-10.
    """

    TOPIC = "member-became.v1"

    member: str
    spent: int = 0
    helps_after: int | None = None


class RosterImported(Event, frozen=True, kw_only=True):
    """People of a roster were entered. Stream: office. Source: ZG-01."""

    TOPIC = "roster-imported.v1"

    batch: str
    entered: int
    renewed: int
    actor: str


class RosterEntered(Event, frozen=True, kw_only=True):
    """A person is on a roster. Again with another branch, the newest holds.

    Stream: identity. Source: ZG-01.
    """

    TOPIC = "roster-entered.v1"

    batch: str
    branch: str
    reference: str = ""
    line: int = 0


class RosterActivated(Event, frozen=True, kw_only=True):
    """A person of the roster has activated, once ever. Stream: identity. Source: ZG-03."""

    TOPIC = "roster-activated.v1"

    member: str
    campaign: str


class Activated(Event, frozen=True, kw_only=True):
    """Somebody on the roster became a participant of the programme (激活).

    Stream: participant in it. Source: ZG-02.

    branch: that the roster names. identity: the keyed hash. Who had not enrolled before is enrolled by it.
    consent: as in ``enrolled``.
    """

    TOPIC = "activated.v1"

    branch: str
    identity: str
    consent: str | None = None


class EntitlementGranted(Event, frozen=True, kw_only=True):
    """A right with a start and an end. Stream: member. Source: ZG-03."""

    TOPIC = "entitlement-granted.v1"

    entitlement: str
    campaign: str
    starts: date
    ends: date
    clause: str


class EntitlementEnded(Event, frozen=True, kw_only=True):
    """A right has run out. Stream: member. Source: ZG-03."""

    TOPIC = "entitlement-ended.v1"

    entitlement: str
    ends: date


class HardshipFlagged(Event, frozen=True, kw_only=True):
    """A member is, or is no longer, in hardship. Stream: member. Source: ZG-10."""

    TOPIC = "hardship-flagged.v1"

    hardship: bool
    actor: str
    reason: str


class HelpApplied(Event, frozen=True, kw_only=True):
    """A member in hardship applied for help. Stream: member. Source: ZG-10."""

    TOPIC = "help-applied.v1"

    campaign: str
    number: int
    ref: str
    amount: int | None = None


class HelpDecided(Event, frozen=True, kw_only=True):
    """A grant was approved and paid from its fund, or refused. amount: fen.

    Stream: member. Source: ZG-10.
    """

    TOPIC = "help-decided.v1"

    campaign: str
    number: int
    approved: bool
    actor: str
    amount: int = 0
    reason: str = ""


class DetailsKept(Event, frozen=True, kw_only=True):
    """The vault keeps these fields of a person from now on, and no longer those that were removed.

    The values are not here. A field that begins with address/ is the handle of a postal address, for address_ref.
    Stream: member. Source: SX-02, SX-25, SJ-01.
    """

    TOPIC = "details-kept.v1"

    fields: tuple[str, ...]
    actor: str = ""
    removed: tuple[str, ...] = ()


class DetailsViewed(Event, frozen=True, kw_only=True):
    """Somebody looked at these fields of what the vault keeps of a person. Stream: member. Source: GX-07."""

    TOPIC = "details-viewed.v1"

    fields: tuple[str, ...]
    actor: str
    reason: str


class PersonErased(Event, frozen=True, kw_only=True):
    """What the vault kept of a person was destroyed, and its key. The history stays, under the same ids.

    Streams: member, and identity for each keyed hash of the person: what was given once ever stays given (ZG-03), and
    a roster does not bring the person back. Source: GX-07.
    """

    TOPIC = "person-erased.v1"

    actor: str
    reason: str


class AccessDenied(Event, frozen=True, kw_only=True):
    """A key reached for what is not in its branch of the union tree, and got nothing.

    Stream: office. Source: ZG-09.
    """

    TOPIC = "access-denied.v1"

    key: str
    method: str
    path: str
    scope: str


class Lot(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Points that begin and expire together. begins: can be spent from then on; expires: not any more from then on."""

    points: int
    begins: datetime
    expires: datetime | None = None


class PointsMoved(Event, frozen=True, kw_only=True):
    """Points of a member's wallet moved, because of an event in another stream.

    Stream: member. Source: ZG-08.

    campaign: whose doing. stream, cause: where the event stands that brought it, and its topic.
    lots: what came into each lot, or (negative) left it; the sum is what the balance changed by, but for ``debt``.
    debt: by how much the wallet is more, or (negative) less in debt, from points taken back that were spent already.
    """

    TOPIC = "points-moved.v1"

    campaign: str
    stream: str
    version: int
    cause: str
    lots: tuple[Lot, ...] = ()
    debt: int = 0

    @property
    def is_payment(self) -> bool:
        """Whether points paid for something, or came back because it was given back or taken back."""
        return any(leg.account.startswith("spent:") for leg in self.postings)

    @property
    def spent(self) -> int:
        """The points that paid for something; negative, those that came back from it."""
        if not self.is_payment:
            return 0
        return -sum(leg.amount for leg in self.postings if leg.balance_after is not None)


class PointsExpired(Event, frozen=True, kw_only=True):
    """Points that were not spent in time are gone. Stream: member. Source: ZG-08."""

    TOPIC = "points-expired.v1"

    lots: tuple[Lot, ...]
