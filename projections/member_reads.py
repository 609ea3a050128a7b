"""What the API and the scheduler ask of persons. One statement a call.

The asynchronous ones take what reads.py takes; ``due_entitlements`` takes a connection of session.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from projections import session
from projections.projection import query
from projections.reads import NEWEST, Connection, rows

Standing = Literal["applied", "reviewed", "ended", "transferring"]
"""What members can be listed by; transferring: a transfer waits for its review."""

STATUSES = ["applied", "reviewed", "ended", "none"]
"""none: activated from a roster; others without a membership have no position, and are in no list."""


class MemberRow(msgspec.Struct, frozen=True):
    """A person. status: of the membership: none, applied, reviewed, ended. Empty texts stand for nothing.

    branch, transfer, activated_branch: ids of unions as the events name them; they may have been merged since.
    position: the newest event of the membership; of whom has none, the activation, and branch is then the roster's. 0:
    neither. became: the participant that this client id was joined to.
    """

    participant: str
    campaign: str
    branch: str
    status: str
    position: int
    applied_at: datetime | None
    reviewed_at: datetime | None
    ended_at: datetime | None
    employment: str
    trade: str | None
    unit: str | None
    department: str | None
    transfer: str
    transfer_at: datetime | None
    restricted: str
    sealed: bool
    restricted_until: date | None
    suspended: bool
    hardship: bool
    activated_at: datetime | None
    activated_in: str | None
    activated_branch: str | None
    identities: int
    became: str
    erased_at: datetime | None


class Step(msgspec.Struct, frozen=True):
    """What became of a person. actor: empty for the person. about: see the table's comment."""

    participant: str
    position: int
    what: str
    campaign: str
    branch: str
    from_branch: str
    about: str
    sealed: bool
    actor: str
    reason: str
    occurred_at: datetime
    recorded_at: datetime


class RightRow(msgspec.Struct, frozen=True):
    """An entitlement. ended_at: None while it was not written down that it has run out."""

    entitlement: str
    campaign: str
    starts: date
    ends: date
    clause: str
    granted_at: datetime
    ended_at: datetime | None
    position: int


class ConsentRow(msgspec.Struct, frozen=True):
    """A document that was agreed to."""

    document: str
    version: str
    agreed_at: datetime
    campaign: str
    position: int


class MessageRow(msgspec.Struct, frozen=True):
    """Something that is to be told to a person."""

    position: int
    participant: str
    template: str
    zh: str
    en: str
    queued_at: datetime


class ActivityRow(msgspec.Struct, frozen=True):
    """A campaign that a person takes part in. points: that it holds there, the wallet's left out."""

    campaign: str
    branch: str
    enrolled_at: datetime
    points: int


class CouponRow(msgspec.Struct, frozen=True):
    """A voucher of a person. participant: the client id that won it."""

    participant: str
    campaign: str
    prize: str
    pool: str
    outcome: str
    amount: int
    unit: str
    status: str
    won_at: datetime
    issued_at: datetime | None
    redeemed_at: datetime | None


class DueEntitlement(msgspec.Struct, frozen=True):
    """An entitlement that has run out."""

    participant: str
    entitlement: str
    campaign: str
    ends: date


async def member(conn: Connection, participant: str) -> MemberRow | None:
    """What is known of a person; None for nothing but what campaigns know."""
    for row in await rows(conn, "member", {"participant": participant}):
        return MemberRow(*row)
    return None


async def members(
    conn: Connection,
    *,
    standing: Standing | None = None,
    under: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[MemberRow]:
    """Members by when their membership last changed, the longest ago first.

    under: path of a union in the tree; None for all. after: position of the last row of the page before. A member whose
    membership changes meanwhile comes again later; none is left out.
    """
    parameters: dict[str, object] = {"under": under, "after": after, "limit": limit}
    if standing == "transferring":
        name = "members_transferring"
    else:
        name = "members" if under is None else "members_under"
        parameters["statuses"] = [standing] if standing else STATUSES
    return [MemberRow(*row) for row in await rows(conn, name, parameters)]


async def history(
    conn: Connection, participants: Sequence[str], *, before: int | None = None, limit: int = 50
) -> list[Step]:
    """What became of a person and of the client ids that are its own, newest first.

    before: position of the last row of the page before.
    """
    parameters = {"participants": list(participants), "before": before or NEWEST, "limit": limit}
    return [Step(*row) for row in await rows(conn, "member_history", parameters)]


async def rights(conn: Connection, participant: str, aliases: Sequence[str] = ()) -> list[RightRow]:
    """The entitlements of a person, newest first. aliases: the client ids that were joined to it."""
    parameters = {"participant": participant, "aliases": list(aliases)}
    return [RightRow(*row) for row in await rows(conn, "member_rights", parameters)]


async def consents(conn: Connection, participants: Sequence[str]) -> list[ConsentRow]:
    """What a person has agreed to under its client ids, newest first."""
    parameters = {"participants": list(participants)}
    return [ConsentRow(*row) for row in await rows(conn, "member_consents", parameters)]


async def messages(conn: Connection, *, after: int = 0, limit: int = 100) -> list[MessageRow]:
    """What is to be told to persons and stands after a position of the log, in order."""
    return [MessageRow(*row) for row in await rows(conn, "messages", {"after": after, "limit": limit})]


async def activities(conn: Connection, participant: str, campaigns: Sequence[str]) -> list[ActivityRow]:
    """Those of the campaigns that a person has enrolled in, the newest enrolment first."""
    parameters = {"participant": participant, "campaigns": list(campaigns)}
    return [ActivityRow(*row) for row in await rows(conn, "member_activities", parameters)]


async def coupons(
    conn: Connection, participants: Sequence[str], campaigns: Sequence[str], limit: int = 50
) -> list[CouponRow]:
    """The vouchers of a person, under all of its client ids, in these campaigns, newest first."""
    parameters = {"participants": list(participants), "campaigns": list(campaigns), "limit": limit}
    return [CouponRow(*row) for row in await rows(conn, "member_coupons", parameters)]


def due_entitlements(connection: session.Connection, day: date, limit: int = 1000) -> list[DueEntitlement]:
    """Entitlements whose last day is before a day and that have not ended in the log, the oldest first."""
    parameters = {"day": day, "limit": limit}
    return [DueEntitlement(*row) for row in connection.execute(query("entitlements_due"), parameters)]
