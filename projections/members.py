"""Persons: their membership and what became of it, entitlements, consents, messages (SJ-01 … SJ-09, ZG-03)."""

from collections.abc import Callable, Sequence
from typing import Any

from ledger.changed import read
from ledger.events import Event
from ledger.member import Member, Membership
from ledger.member_events import (
    Activated,
    DetailsCorrected,
    EntitlementEnded,
    EntitlementGranted,
    HardshipFlagged,
    IdentitiesAdded,
    MemberBecame,
    MemberJoined,
    MemberReleased,
    MemberRestricted,
    MembershipApplied,
    MembershipReviewed,
    MemberSuspended,
    MessageQueued,
    PersonErased,
    RestrictionLifted,
    TransferApplied,
    TransferReviewed,
)
from projections.projection import Fact, Projection, Row, Rows, Stage

CHANGED = Stage(
    "changed_members",
    {
        "participant": "text",
        "applied": "bool",
        "corrected": "bool",
        "restriction": "bool",
        "campaign": "text",
        "branch": "text",
        "status": "text",
        "position": "int8",
        "applied_at": "timestamptz",
        "reviewed_at": "timestamptz",
        "ended_at": "timestamptz",
        "employment": "text",
        "trade": "text",
        "unit": "text",
        "department": "text",
        "transfer": "text",
        "transfer_at": "timestamptz",
        "restricted": "text",
        "sealed": "bool",
        "restricted_until": "date",
        "suspended": "bool",
        "hardship": "bool",
        "activated_at": "timestamptz",
        "activated_in": "text",
        "activated_branch": "text",
        "activated_position": "int8",
        "identities_now": "int4",
        "identities": "int4",
        "became": "text",
        "erased_at": "timestamptz",
    },
)
COLUMNS = tuple(CHANGED.columns)[1:]
HISTORY = Stage(
    "member_history",
    {
        "participant": "text",
        "position": "int8",
        "what": "text",
        "campaign": "text",
        "branch": "text",
        "from_branch": "text",
        "about": "text",
        "sealed": "bool",
        "actor": "text",
        "reason": "text",
        "occurred_at": "timestamptz",
        "recorded_at": "timestamptz",
    },
    temporary=False,
)
GRANTED = Stage(
    "entitlements",
    {
        "participant": "text",
        "position": "int8",
        "entitlement": "text",
        "campaign": "text",
        "starts": "date",
        "ends": "date",
        "clause": "text",
        "granted_at": "timestamptz",
    },
    temporary=False,
)
ENDED = Stage(
    "ended_entitlements",
    {
        "participant": "text",
        "entitlement": "text",
        "ends": "date",
        "position": "int8",
        "ended_at": "timestamptz",
    },
)
JOINED_RIGHTS = Stage(
    "joined_entitlements",
    {
        "participant": "text",
        "position": "int8",
        "entitlement": "text",
        "starts": "date",
        "ends": "date",
        "ended": "bool",
        "joined_at": "timestamptz",
    },
)
CONSENTS = Stage(
    "consents",
    {
        "participant": "text",
        "position": "int8",
        "document": "text",
        "version": "text",
        "agreed_at": "timestamptz",
        "campaign": "text",
    },
    temporary=False,
)
MESSAGES = Stage(
    "messages",
    {
        "position": "int8",
        "participant": "text",
        "template": "text",
        "zh": "text",
        "en": "text",
        "queued_at": "timestamptz",
    },
    temporary=False,
)

Said = dict[str, Any]
"""Column → value. What is missing, or None, stays what it was; members_merge.sql says which columns are emptied."""


def _applied(event: MembershipApplied) -> Said:
    return {
        "applied": True,
        "campaign": event.campaign,
        "branch": event.branch,
        "status": "applied",
        "applied_at": event.occurred_at,
        "reviewed_at": None,
        "ended_at": None,
        "employment": event.employment,
        "trade": event.trade,
        "unit": None,
        "department": None,
        "transfer": "",
        "transfer_at": None,
    }


def _reviewed(event: MembershipReviewed) -> Said:
    said: Said = {"branch": event.branch, "reviewed_at": event.occurred_at}
    if event.approved:
        return said | {"status": "reviewed"}
    return said | {"status": "ended", "ended_at": event.occurred_at, "transfer": ""}


def _transfer_reviewed(event: TransferReviewed) -> Said:
    said: Said = {"transfer": ""}
    if event.approved:
        said["branch"] = event.branch
    if event.approved and event.employment:
        said |= {"corrected": True, "employment": event.employment, "trade": event.trade}
    return said


def _corrected(event: DetailsCorrected) -> Said:
    """A trade goes with the type of employment that it was named for."""
    said = {name: getattr(event, name) for name in ("employment", "trade", "unit", "department")}
    return {name: value for name, value in said.items() if value is not None} | (
        {"corrected": True, "trade": event.trade} if event.employment else {}
    )


def _restricted(event: MemberRestricted) -> Said:
    return {
        "restriction": True,
        "restricted": event.kind,
        "sealed": event.sealed,
        "restricted_until": event.until,
    }


def _lifted(_: RestrictionLifted) -> Said:
    return {"restriction": True, "restricted": "", "sealed": False, "restricted_until": None}


def _joined(event: MemberJoined) -> Said:
    """What is different now of who stays, besides entitlements: they are rows of their own."""
    after = read(Member, event.after)
    said: Said = {name: after[name] for name in ("suspended", "hardship") if name in after}
    membership: Membership | None = after.get("membership")
    if membership is not None:
        said |= {
            "applied": True,
            "reviewed_at": None,
            "ended_at": None,
            "unit": None,
            "department": None,
            "branch": membership.branch,
            "status": membership.status,
            "applied_at": membership.since,
            "employment": membership.employment,
            "trade": membership.trade,
            "transfer": membership.transfer,
            "transfer_at": event.occurred_at if membership.transfer else None,
        }
    if "restricted" in after or "restricted_until" in after:
        said |= {"restriction": True, "restricted_until": after.get("restricted_until")}
    if "restricted" in after:
        said |= {"restricted": after["restricted"], "sealed": after["restricted"] == "identity_fraud"}
    if "identities" in after:
        said |= {"identities_now": sum(map(len, after["identities"].values())), "identities": 0}
    return said


SAYS: dict[type[Event], Callable[[Any], Said]] = {
    MembershipApplied: _applied,
    MembershipReviewed: _reviewed,
    TransferApplied: lambda event: {"transfer": event.branch, "transfer_at": event.occurred_at},
    TransferReviewed: _transfer_reviewed,
    DetailsCorrected: _corrected,
    MemberRestricted: _restricted,
    RestrictionLifted: _lifted,
    MemberSuspended: lambda _: {"suspended": True},
    MemberReleased: lambda _: {"suspended": False},
    HardshipFlagged: lambda event: {"hardship": event.hardship},
    MemberBecame: lambda event: {"became": event.member},
    PersonErased: lambda event: {"erased_at": event.occurred_at},
    Activated: lambda event: {"activated_at": event.occurred_at, "activated_branch": event.branch},
    MemberJoined: _joined,
    IdentitiesAdded: lambda _: {},
}
"""What an event says of the row of its person."""

OF_MEMBERSHIP = frozenset({MembershipApplied, MembershipReviewed, TransferApplied, TransferReviewed})

TOLD: dict[type[Event], Callable[[Any], str]] = {
    MembershipApplied: lambda _: "applied",
    MembershipReviewed: lambda event: "approved" if event.approved else "refused",
    TransferApplied: lambda _: "transfer_applied",
    TransferReviewed: lambda event: "transferred" if event.approved else "transfer_refused",
    DetailsCorrected: lambda _: "corrected",
    MemberRestricted: lambda _: "restricted",
    RestrictionLifted: lambda _: "restriction_lifted",
    MemberSuspended: lambda _: "suspended",
    MemberReleased: lambda _: "released",
    MemberJoined: lambda _: "joined",
    MemberBecame: lambda _: "became",
    HardshipFlagged: lambda event: "hardship" if event.hardship else "hardship_ended",
    Activated: lambda _: "activated",
    EntitlementGranted: lambda _: "entitled",
    EntitlementEnded: lambda _: "entitlement_ended",
    PersonErased: lambda _: "erased",
}
"""Event → its word in the history."""

ABOUT: dict[type[Event], str] = {
    MemberRestricted: "kind",
    MemberJoined: "other",
    MemberBecame: "member",
    EntitlementGranted: "entitlement",
    EntitlementEnded: "entitlement",
}
"""Event → the member that says what it is about."""

KNOWN = frozenset({*SAYS, *TOLD, MessageQueued})
"""All events that say anything of a person. Most events of a log do not: they are passed over at once."""


class Members(Projection):
    """All from the person's own streams. A row begins with the first event that says more than what campaigns know."""

    NAME = "members"
    TABLES = ("members", "member_history", "entitlements", "consents", "messages")
    STAGES = (CHANGED, HISTORY, GRANTED, ENDED, JOINED_RIGHTS, CONSENTS, MESSAGES)
    STATEMENTS = (
        "members_merge",
        "entitlements_end",  # those that ended before a joining in the same batch
        "entitlements_superseded",
        "entitlements_join",
        "entitlements_end",
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each person that changed; one for each step, entitlement, consent and message."""
        members: dict[str, Said] = {}
        history: list[Row] = []
        granted: list[Row] = []
        ended: list[Row] = []
        joined: list[Row] = []
        consents: list[Row] = []
        messages: list[Row] = []
        for fact in facts:
            event: Any = fact.event
            kind, who = type(event), fact.participant
            if kind not in KNOWN or not who:  # nobody: somebody who is on a roster only
                continue
            if kind in SAYS:
                _fold(members.setdefault(who, {}), fact)
            if kind in TOLD:
                history.append(_step(fact))
            match event:
                case MembershipApplied() | TransferApplied():
                    newest = {document: (version, at) for document, version, at in event.consents}
                    consents += [
                        (who, fact.position, document, *agreed, event.campaign)
                        for document, agreed in newest.items()
                    ]
                case EntitlementGranted():
                    granted.append(
                        (
                            who, fact.position, event.entitlement, event.campaign, event.starts, event.ends,
                            event.clause, event.occurred_at,
                        )
                    )  # fmt: skip
                case EntitlementEnded():
                    ended.append((who, event.entitlement, event.ends, fact.position, event.occurred_at))
                case MemberJoined():
                    joined += [
                        (who, fact.position, r.entitlement, r.starts, r.ends, r.ended, event.occurred_at)
                        for r in read(Member, event.after).get("rights", ())
                    ]
                case MessageQueued():
                    messages.append(
                        (fact.position, who, event.template, event.zh, event.en, event.occurred_at)
                    )
        changed = [(who, *map(members[who].get, COLUMNS)) for who in sorted(members)]
        return changed, history, granted, ended, joined, consents, messages


def _fold(said: Said, fact: Fact) -> None:
    """Put what an event says over what the batch has said of the person so far."""
    event: Any = fact.event
    said.update(SAYS[type(event)](event))
    if type(event) in OF_MEMBERSHIP or (isinstance(event, MemberJoined) and "membership" in event.after):
        said["position"] = fact.position
    if isinstance(event, Activated):
        said |= {"activated_in": fact.campaign, "activated_position": fact.position}
    if isinstance(event, IdentitiesAdded):
        said["identities"] = said.get("identities", 0) + len(event.identities)


def _step(fact: Fact) -> Row:
    """The row of the history."""
    event: Any = fact.event
    kind = type(event)
    return (
        fact.participant,
        fact.position,
        TOLD[kind](event),
        getattr(event, "campaign", fact.campaign),
        getattr(event, "branch", ""),
        getattr(event, "from_branch", ""),
        getattr(event, ABOUT[kind]) if kind in ABOUT else "",
        getattr(event, "sealed", False),
        getattr(event, "actor", ""),
        getattr(event, "reason", ""),
        event.occurred_at,
        event.recorded_at,
    )
