"""Chances, prizes and teams of a participant as the API shows them. Voucher codes are not in here; see prizes.py."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from projections import reads

Moment = Annotated[datetime, Meta(tz=True)]
ChanceState = Literal["open", "used", "forfeited", "expired"]


class TeamOfView(Struct, kw_only=True):
    """The team that a participant is in."""

    team: Annotated[str, Meta(description="Its id.")]
    name: str
    captain: Annotated[bool, Meta(description="This participant is its captain (团长).")]
    joined_on: Annotated[date, Meta(description="The first day that counts for the team.")]


class ChanceView(Struct, kw_only=True):
    """A right to draw."""

    pool: str
    chance: Annotated[
        str, Meta(description="The day of the sign-in, or the id of the badge or board that gave it.")
    ]
    state: Annotated[ChanceState, Meta(description="By the ledger's clock; open: it can be used now.")]
    expires_at: Annotated[
        datetime | None, Meta(description="When it is gone; null: with the pool's deadline.")
    ]
    rank: Annotated[int | None, Meta(description="The place on the board that gave it.")]
    number: Annotated[int | None, Meta(description="Of the draw or ticket that it was used for.")]


class PrizeView(Struct, kw_only=True):
    """A prize that was won, and how far it has come."""

    prize: Annotated[str, Meta(description="What this one is called.")]
    pool: str
    outcome: Annotated[str, Meta(description="Id of the prize in the rulebook.")]
    kind: Annotated[str, Meta(description="money, goods, voucher or credit (of a phone).")]
    amount: Annotated[int, Meta(description="What it is worth, in unit.")]
    unit: str
    status: Annotated[
        str, Meta(description="won, issued, delivered, redeemed, returned, lapsed, replaced or cancelled.")
    ]
    number: Annotated[int | None, Meta(description="Of the instant draw that brought it.")]
    cause: Annotated[
        str | None, Meta(description="The batch draw, the board, or the prize that it replaces.")
    ]
    won_at: Moment
    address: Annotated[bool, Meta(description="An address was given; it cannot be changed.")]
    due: Annotated[date | None, Meta(description="The last working day for sending it.")]
    issued_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None
    lapsed_at: datetime | None
    redeemed_at: datetime | None
    cancelled_at: Annotated[
        datetime | None, Meta(description="When a redeemed item was given back before it was issued.")
    ]
    replaced_by: Annotated[str | None, Meta(description="The prize that took its place.")]
    price: Annotated[int | None, Meta(description="Points that it was redeemed for; null if it was won.")]
    expires_at: Annotated[
        datetime | None,
        Meta(description="Until when a redeemed item can be claimed or used; null: for ever."),
    ]


class PoolPrizeView(PrizeView, kw_only=True):
    """A prize of a pool, with its winner and what operators need to send it."""

    participant: Annotated[str, Meta(description="Who won it.")]
    address_ref: Annotated[str | None, Meta(description="Where the address lies.")]
    region: str | None
    voucher: Annotated[int | None, Meta(description="Number of the voucher code, not the code.")]
    ref: Annotated[str | None, Meta(description="What the provider calls it.")]
    reason: Annotated[str | None, Meta(description="Why it came back, lapsed or was replaced.")]


def team_of(row: reads.TeamOf | None, participant: str) -> TeamOfView | None:
    """The team of a participant."""
    if row is None:
        return None
    return TeamOfView(
        team=row.team, name=row.name, captain=row.captain == participant, joined_on=row.joined_on
    )


def chance_view(row: reads.ChanceRow, now: datetime) -> ChanceView:
    """A chance. One whose time is over is expired, whether or not the log says so already."""
    over = row.state == "open" and row.expires_at is not None and row.expires_at <= now
    state: ChanceState = "expired" if over else row.state  # type: ignore[assignment]  # the table's own constraint
    return ChanceView(
        pool=row.pool,
        chance=row.chance,
        state=state,
        expires_at=row.expires_at,
        rank=row.rank,
        number=row.number,
    )


def open_chance(pool: str, badge: str) -> ChanceView:
    """A badge that can be exchanged for a draw until the pool's deadline."""
    return ChanceView(pool=pool, chance=badge, state="open", expires_at=None, rank=None, number=None)


def prize_view(row: reads.PrizeRow) -> PrizeView:
    """A prize as its winner may see it."""
    return PrizeView(
        prize=row.prize,
        pool=row.pool,
        outcome=row.outcome,
        kind=row.kind,
        amount=row.amount,
        unit=row.unit,
        status=row.status,
        number=row.number,
        cause=row.cause,
        won_at=row.won_at,
        address=row.address_ref is not None,
        due=row.due,
        issued_at=row.issued_at,
        delivered_at=row.delivered_at,
        returned_at=row.returned_at,
        lapsed_at=row.lapsed_at,
        redeemed_at=row.redeemed_at,
        cancelled_at=row.cancelled_at,
        replaced_by=row.replaced_by,
        price=row.price,
        expires_at=row.expires_at,
    )


def pool_prize_view(row: reads.PrizeRow) -> PoolPrizeView:
    """A prize as operators and finance see it."""
    shown = prize_view(row)
    return PoolPrizeView(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        participant=row.participant,
        address_ref=row.address_ref,
        region=row.region,
        voucher=row.voucher,
        ref=row.ref,
        reason=row.reason,
    )
