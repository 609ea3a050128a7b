"""Commands about persons: membership, activation, identities, restrictions, what the vault keeps of them."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ledger.command import (
    BranchId,
    Command,
    Consent,
    Digest,
    Identities,
    Name,
    Participant,
    Reason,
    Reference,
)


class ApplyForMembership(Command, frozen=True, kw_only=True):
    """Apply to join a union, and be in at once (先入会、后审核). Source: SJ-01, SJ-02, SJ-03, SJ-07.

    branch: id or exact name; or place (of the union above) and unit_name, for a unit that was not found.
    employment, trade: as the rulebook names them. consent: to the documents that the rulebook asks for: true agrees to
    the versions that are in force, a text is the version of all of them, or one by one; a consent without a time is
    of the time of the application.
    identities: keyed hashes by which the same person is known in other channels (SJ-09).
    """

    TYPE = "jifen.membership_applied"

    branch: Name | None = None
    place: Name | None = None
    unit_name: Name | None = None
    employment: Name | None = None
    trade: Name | None = None
    consent: Consent | Name | bool | tuple[Consent, ...] | None = None
    identities: Identities = msgspec.field(default_factory=dict)


class ApplyForTransfer(Command, frozen=True, kw_only=True):
    """Ask to be moved to another union (转会); the membership stays where it is until it is reviewed.

    employment, trade: the work there; none = as it is. consent: need not be given again. Source: SJ-06.
    """

    TYPE = "jifen.transfer_applied"

    branch: Name | None = None
    place: Name | None = None
    unit_name: Name | None = None
    employment: Name | None = None
    trade: Name | None = None
    consent: Consent | Name | bool | tuple[Consent, ...] | None = None


class CorrectDetails(Command, frozen=True, kw_only=True):
    """Correct what the membership says of the person's work (信息纠错). Name and identity number are fixed.

    Source: SJ-06.
    """

    TYPE = "jifen.details_corrected"

    employment: Name | None = None
    trade: Name | None = None
    unit: Name | None = None
    department: Name | None = None


class Activate(Command, frozen=True, kw_only=True):
    """Activate as a person of the roster (激活): by the keyed hash of the identity number, or by the roster's own
    reference. Source: ZG-01, ZG-02, ZG-03."""

    TYPE = "jifen.activated"

    identity_hash: Digest | None = None
    roster: Name | None = None
    identities: Identities = msgspec.field(default_factory=dict)
    consent: Consent | Name | bool | None = None


class LinkIdentities(Command, frozen=True, kw_only=True):
    """Say by which keyed hashes the person is known. A hash of somebody else makes the two one.

    Source: EC-12, SJ-09.
    """

    TYPE = "jifen.identities_linked"

    identities: Annotated[Identities, Meta(min_length=1)]


class ApplyForHelp(Command, frozen=True, kw_only=True):
    """Apply for help (帮扶). amount: fen asked for; none = what the union decides. ref: where it is set out.

    Source: ZG-10.
    """

    TYPE = "jifen.hardship_applied"

    ref: Reference
    amount: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class ReviewMembership(Command, frozen=True, kw_only=True):
    """Approve a membership, or refuse it, which ends it and queues a message. Source: SJ-03."""

    TYPE = "jifen.membership_reviewed"
    POSTED = False

    approved: bool
    reason: Annotated[str, Meta(max_length=1000)] = ""


class ReviewTransfer(Command, frozen=True, kw_only=True):
    """Approve a transfer, or refuse it. Source: SJ-06."""

    TYPE = "jifen.transfer_reviewed"
    POSTED = False

    approved: bool
    reason: Annotated[str, Meta(max_length=1000)] = ""


class RestrictMember(Command, frozen=True, kw_only=True):
    """Keep somebody from re-joining and transferring. identity_fraud: is escalated, and the case sealed.

    Source: SJ-05.
    """

    TYPE = "jifen.member_restricted"
    POSTED = False

    kind: Literal["abuse", "identity_fraud"]
    reason: Reason
    until: date | None = None


class LiftRestriction(Command, frozen=True, kw_only=True):
    """Let somebody re-join and transfer again. Source: SJ-05."""

    TYPE = "jifen.restriction_lifted"
    POSTED = False

    reason: Reason


class SuspendMember(Command, frozen=True, kw_only=True):
    """Suspend for fraud: the history stays; earning, drawing and redeeming are refused. Source: GX-05."""

    TYPE = "jifen.member_suspended"
    POSTED = False

    reason: Reason


class ReleaseMember(Command, frozen=True, kw_only=True):
    """Release a suspended person: it goes on. Source: GX-05."""

    TYPE = "jifen.member_released"
    POSTED = False

    reason: Reason


class MergeMembers(Command, frozen=True, kw_only=True):
    """Make another participant's history part of this one's: they are one person. Source: EC-12, SJ-09."""

    TYPE = "jifen.members_merged"
    POSTED = False

    other: Participant
    reason: Reason


class FlagHardship(Command, frozen=True, kw_only=True):
    """Say that a member is, or is no longer, in hardship. Source: ZG-10."""

    TYPE = "jifen.hardship_flagged"
    POSTED = False

    hardship: bool
    reason: Reason


class RosterEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One person of a roster. identity: keyed hash of the identity number.

    branch: id in the tree. reference: what the roster calls the person. line: of the file.
    """

    identity: Digest
    branch: BranchId
    reference: str = ""
    line: int = 0


class EnterRoster(Command, frozen=True, kw_only=True):
    """Enter people of a roster (the insurance list, the member database). batch: what the list is called.

    Source: ZG-01.

    What the vault keeps of each travels beside the command, encrypted: in the order of the entries, two each (the
    wrapped key and the fields), both empty for none.
    """

    TYPE = "jifen.roster_entered"
    POSTED = False

    batch: Name
    entries: Annotated[tuple[RosterEntry, ...], Meta(min_length=1, max_length=10_000)]


class KeepDetails(Command, frozen=True, kw_only=True):
    """Say which personal fields the vault keeps of somebody from now on. The values travel beside, encrypted.

    fields, removed: names only. identities: keyed hashes of those values that identify. values: keyed hash of all of
    them, for the digest of the request alone: another value under the same id is a conflict. It is left out of what is
    decided, so it never stands in the log. Source: SJ-01, SJ-06, SX-02, SX-25.
    """

    TYPE = "jifen.details_kept"
    POSTED = False

    fields: tuple[str, ...]
    removed: tuple[str, ...] = ()
    identities: Identities = msgspec.field(default_factory=dict)
    values: str = ""


class ViewDetails(Command, frozen=True, kw_only=True):
    """Say who looks at which personal fields of somebody, and why, before they are shown."""

    TYPE = "jifen.details_viewed"
    POSTED = False

    fields: tuple[str, ...]
    reason: Reason


class ErasePerson(Command, frozen=True, kw_only=True):
    """Destroy what the vault keeps of a person, and its key, for ever. Source: GX-07.

    identity: of somebody who is on a roster only, and has no participant's id.
    """

    TYPE = "jifen.person_erased"
    POSTED = False

    reason: Reason
    identity: Digest | None = None


class ExpirePoints(Command, frozen=True, kw_only=True):
    """Take the points of a wallet that have expired by now. Source: ZG-08."""

    TYPE = "jifen.points_expired"
    POSTED = False


class EndEntitlement(Command, frozen=True, kw_only=True):
    """Say that an entitlement has run out; it ended at its time, whenever this is written.

    Source: ZG-03.
    """

    TYPE = "jifen.entitlement_ended"
    POSTED = False

    entitlement: Name


class DenyAccess(Command, frozen=True, kw_only=True):
    """Say that a key reached for what is not in its branch of the union tree. Source: ZG-09."""

    TYPE = "jifen.access_denied"
    POSTED = False

    key: str
    method: str
    path: str
    scope: str
    at: datetime | None = None
