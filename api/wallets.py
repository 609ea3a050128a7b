"""The wallet of a member: points that outlive campaigns, and when they expire. Source: ZG-08."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.auth import READERS, may
from api.paging import AtLeast
from api.paths import ParticipantPath
from api.problems import problems
from api.reading import reached, rules_at
from api.scope import PARTICIPANT
from api.state import service_of
from ledger import lots
from ledger.lots import Spend
from ledger.member_events import Lot
from projections import wallet_reads
from projections.wallet_reads import WalletRow

Moment = Annotated[datetime, Meta(tz=True)]


class LotView(Struct, kw_only=True):
    """Points that begin and expire together."""

    points: int
    begins: Annotated[datetime, Meta(tz=True, description="They can be spent from then on.")]
    expires: Annotated[
        datetime | None,
        Meta(description="They cannot be spent any more from then on; null: they never expire."),
    ]
    spendable: Annotated[bool, Meta(description="They have begun and not expired, by the ledger's clock.")]


class WalletView(Struct, kw_only=True):
    """A member's wallet."""

    participant: str
    balance: Annotated[int, Meta(description="All lots less the debt; below zero after some corrections.")]
    spendable: Annotated[int, Meta(description="What can be paid with now.")]
    debt: Annotated[
        int, Meta(description="Points that were taken back and had been spent; the next points pay it.")
    ]
    lots: Annotated[list[LotView], Meta(description="In the order in which they are spent.")]
    expires_next: Annotated[list[LotView], Meta(description="All lots that will expire, the next one first.")]


@get(
    "/v1/participants/{participant:str}/wallet",
    opt=may(READERS, PARTICIPANT),
    operation_id="getWallet",
    tags=["participants"],
    summary="Show a member's wallet",
    responses=problems(401, 403, 404),
)
async def get_wallet(
    request: Request[Any, Any, Any],
    participant: ParticipantPath,
    campaign: Annotated[
        str,
        Parameter(
            pattern=r"^([a-z0-9][a-z0-9-]{0,39})?\Z",
            description="The order of spending is this campaign's. Left out: what expires first is spent first.",
        ),
    ] = "",
    at_least: AtLeast = 0,
) -> Response[WalletView]:
    """Points of all campaigns whose points lie in the wallet, lot by lot, and what expires when."""
    service = service_of(request)
    await reached(service, at_least)
    spend: Spend = "expiring_first"
    async with service.pool.connection() as connection:
        if campaign:
            rules, now = await rules_at(service, connection, campaign)
            spend = rules.wallet.spend if rules.wallet else spend
        else:
            now = (await service.moment(connection)).now
        found = await wallet_reads.wallet(connection, participant)
    answer = wallet_view(participant, found, spend, now)
    return Response(answer, headers={"Jifen-Position": str(found.position)})


def wallet_view(participant: str, row: WalletRow, spend: Spend, now: datetime) -> WalletView:
    """A wallet as it is at a moment. Points whose time is over are not spendable, whether or not the log says so."""
    have = tuple(Lot(lot.points, lot.begins, lot.expires) for lot in row.lots)
    return WalletView(
        participant=participant,
        balance=row.balance,
        spendable=lots.spendable(have, row.debt, now),
        debt=row.debt,
        lots=_shown(lots.in_order(have, spend), now),
        expires_next=_shown(lots.expires_next(have, now), now),
    )


def _shown(have: Sequence[Lot], now: datetime) -> list[LotView]:
    return [
        LotView(points=lot.points, begins=lot.begins, expires=lot.expires, spendable=lots.is_usable(lot, now))
        for lot in have
    ]
