"""A person in the ledger, whatever campaigns it takes part in. The stream is ``member/{participant}``."""

from datetime import date, datetime
from typing import Any

import msgspec

from ledger.changed import read
from ledger.event import Event
from ledger.lots import evolve_lots
from ledger.member_events import (
    DetailsCorrected,
    DetailsKept,
    EntitlementEnded,
    EntitlementGranted,
    HardshipFlagged,
    HelpApplied,
    HelpDecided,
    IdentitiesAdded,
    Lot,
    MemberBecame,
    MemberJoined,
    MemberReleased,
    MemberRestricted,
    MembershipApplied,
    MembershipReviewed,
    MemberSuspended,
    PersonErased,
    PointsExpired,
    PointsMoved,
    RestrictionLifted,
    TransferApplied,
    TransferReviewed,
)
from ledger.personal import CASE


class Membership(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Of a union. status: applied (in, not reviewed), reviewed, or ended. since: when it was applied for.

    transfer: the union that is asked for, empty for none; transfer_employment, transfer_trade: the work there, empty
    when it stays what it is.
    """

    branch: str
    status: str
    since: datetime
    employment: str = ""
    trade: str | None = None
    transfer: str = ""
    transfer_employment: str = ""
    transfer_trade: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether the person is a member now, reviewed or not. Source: SJ-03."""
        return self.status in ("applied", "reviewed")


NO_TRANSFER: dict[str, Any] = {"transfer": "", "transfer_employment": "", "transfer_trade": None}


class Right(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An entitlement that was granted."""

    entitlement: str
    starts: date
    ends: date
    ended: bool = False


class Help(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An application for help. status: applied, approved or refused. amount: that was asked for; approved, granted."""

    number: int
    campaign: str
    amount: int | None
    status: str = "applied"


class Member(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """became: the participant that this client id is of, empty for its own. aliases: client ids that are of this one.

    identities: kind → keyed hash. restricted: kind, empty for none; until: the last day. kept: fields in the vault.
    lots: the wallet's points; debt: points taken back that were spent already; spent: what its points have paid for,
    less what came back of it.
    """

    version: int = 0
    became: str = ""
    aliases: tuple[str, ...] = ()
    identities: dict[str, tuple[str, ...]] = {}
    membership: Membership | None = None
    restricted: str = ""
    restricted_until: date | None = None
    suspended: bool = False
    erased: bool = False
    kept: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    hardship: bool = False
    helps: tuple[Help, ...] = ()
    lots: tuple[Lot, ...] = ()
    debt: int = 0
    spent: int = 0

    @property
    def is_member(self) -> bool:
        """Whether the person is a member of a union now, reviewed or not. Source: SJ-03."""
        return self.membership is not None and self.membership.in_force

    @property
    def is_reviewed(self) -> bool:
        """Whether the membership is in force and was reviewed. Source: SJ-04."""
        return self.membership is not None and self.membership.status == "reviewed"

    def is_restricted(self, day: date) -> bool:
        """Whether re-joining and transferring are refused on a day; the last day is included. Source: SJ-05."""
        return bool(self.restricted) and (self.restricted_until is None or day <= self.restricted_until)

    @property
    def balance(self) -> int:
        """All points of the wallet, those that have not begun or have expired unsaid included."""
        return sum(lot.points for lot in self.lots) - self.debt


def evolve(state: Member, event: Event) -> Member:
    """The state after one more event of its stream."""
    version = state.version + 1
    if isinstance(event, PointsMoved | PointsExpired):
        spent = state.spent + (event.spent if isinstance(event, PointsMoved) else 0)
        return msgspec.structs.replace(evolve_lots(state, event), version=version, spent=spent)
    if isinstance(event, MemberBecame):  # all that there was is the other's
        return Member(version, became=event.member)
    changes = _of_membership(state.membership, event)
    changes |= _of_standing(event)
    changes |= _of_identity(state, event)
    changes |= _of_rights(state, event)
    return msgspec.structs.replace(state, version=version, **changes)


def _of_membership(before: Membership | None, event: Event) -> dict[str, Any]:
    """What an event changes of the membership."""
    if isinstance(event, MembershipApplied):
        return {
            "membership": Membership(
                event.branch, "applied", event.occurred_at, event.employment, event.trade
            )
        }
    if before is None:
        return {}
    changes: dict[str, Any]
    match event:
        case MembershipReviewed():
            changes = {"status": "reviewed"} if event.approved else {"status": "ended"} | NO_TRANSFER
        case TransferApplied():
            changes = {
                "transfer": event.branch,
                "transfer_employment": event.employment,
                "transfer_trade": event.trade,
            }
        case TransferReviewed():
            changes = dict(NO_TRANSFER)
            if event.approved:
                changes["branch"] = event.branch
            if event.approved and event.employment:
                changes |= {"employment": event.employment, "trade": event.trade}
        case DetailsCorrected() if event.employment is not None:
            changes = {"employment": event.employment, "trade": event.trade}
        case DetailsCorrected() if event.trade is not None:
            changes = {"trade": event.trade}
        case _:
            return {}
    return {"membership": msgspec.structs.replace(before, **changes)}


def _of_standing(event: Event) -> dict[str, Any]:
    """What an event changes of what the person may do."""
    match event:
        case MemberRestricted():
            return {"restricted": event.kind, "restricted_until": event.until}
        case RestrictionLifted():
            return {"restricted": "", "restricted_until": None}
        case MemberSuspended():
            return {"suspended": True}
        case MemberReleased():
            return {"suspended": False}
        case PersonErased():
            return {"erased": True, "kept": ()}
        case _:
            return {}


def _of_identity(state: Member, event: Event) -> dict[str, Any]:
    """What an event changes of who the person is, and of what the vault keeps."""
    match event:
        case IdentitiesAdded():
            known = dict(state.identities)
            for kind, digest in event.identities.items():
                known[kind] = tuple(dict.fromkeys((*known.get(kind, ()), digest)))
            return {"identities": known}
        case MemberJoined():
            aliases = tuple(dict.fromkeys((*state.aliases, event.other, *event.aliases)))
            return read(Member, event.after) | {"aliases": aliases, "spent": state.spent + event.spent}
        case MemberRestricted() if event.sealed:
            return {"kept": tuple(dict.fromkeys((*state.kept, CASE)))}
        case DetailsKept():
            kept = dict.fromkeys((*state.kept, *event.fields))
            return {"kept": tuple(field for field in kept if field not in event.removed)}
        case _:
            return {}


def _of_rights(state: Member, event: Event) -> dict[str, Any]:
    """What an event changes of entitlements and of help."""
    replace = msgspec.structs.replace
    match event:
        case EntitlementGranted():
            return {"rights": (*state.rights, Right(event.entitlement, event.starts, event.ends))}
        case EntitlementEnded():
            over = (event.entitlement, event.ends)
            rights = tuple(
                replace(right, ended=True) if (right.entitlement, right.ends) == over else right
                for right in state.rights
            )
            return {"rights": rights}
        case HardshipFlagged():
            return {"hardship": event.hardship}
        case HelpApplied():
            return {"helps": (*state.helps, Help(event.number, event.campaign, event.amount))}
        case HelpDecided():
            status = "approved" if event.approved else "refused"
            asked = (event.number, event.campaign)
            granted = {"amount": event.amount} if event.approved else {}
            helps = tuple(
                replace(each, status=status, **granted) if (each.number, each.campaign) == asked else each
                for each in state.helps
            )
            return {"helps": helps}
        case _:
            return {}
