"""What a campaign's shops sell for points, and what a participant has redeemed. Source: ZG-07."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from msgspec import Meta, Struct

from api.auth import READERS, may
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import CampaignPath, ParticipantPath
from api.problems import problems
from api.programme_views import TwoLanguages
from api.reading import Trial, is_trial, reached, rules_of, state
from api.scope import OPEN, PARTICIPANT
from api.state import service_of
from ledger.pool import Pool as PoolState
from ledger.rulebook import Pool, Prize, Rulebook
from ledger.shop import available, sale_ends, shops
from ledger.streams import pool_stream
from projections import reads, wallet_reads
from projections.wallet_reads import RedemptionRow

Moment = Annotated[datetime, Meta(tz=True)]


class ItemView(Struct, kw_only=True):
    """An item that points buy."""

    item: Annotated[str, Meta(description="As in jifen.item_redeemed.")]
    shop: Annotated[str, Meta(description="Id of the pool that it is in.")]
    name: TwoLanguages
    kind: Annotated[str, Meta(description="goods, voucher, credit or money.")]
    amount: Annotated[int | None, Meta(description="What it is worth, in fen.")]
    price: Annotated[int, Meta(description="Points for one.")]
    left: Annotated[
        int | None,
        Meta(description="How many can be redeemed now; null: the organiser limits it by nothing."),
    ]
    person_max: Annotated[int | None, Meta(description="The most for a person, ever.")]
    sells_from: datetime | None
    sells_until: Annotated[datetime, Meta(tz=True, description="It, or its shop, closes then.")]
    on_sale: Annotated[bool, Meta(description="It can be redeemed at this moment, as long as any is left.")]
    valid_days: Annotated[
        int | None,
        Meta(description="So many days after redeeming it can be claimed or used; null: for ever."),
    ]
    clause: str


class Shop(Struct):
    """All items of a campaign's shops, in the order of the rulebook."""

    items: list[ItemView]


class RedemptionView(Struct, kw_only=True):
    """An item that was redeemed, and how far it has come."""

    prize: Annotated[str, Meta(description="What this one is called: under prizes it has its own page.")]
    shop: str
    item: str
    name: Annotated[TwoLanguages | None, Meta(description="Null for an item that is not sold any more.")]
    kind: str
    amount: Annotated[int, Meta(description="What it is worth, in unit.")]
    unit: str
    number: Annotated[int, Meta(description="Of the redemption in its shop; several items of one share it.")]
    price: Annotated[int, Meta(description="Points that it cost.")]
    status: Annotated[
        Literal["won", "issued", "delivered", "returned", "lapsed", "replaced", "redeemed", "cancelled"],
        Meta(description="won: it can be given back. cancelled: it was. redeemed: its code was used."),
    ]
    redeemed_at: Moment
    expires_at: Annotated[
        datetime | None, Meta(description="Until when it can be claimed or used; null: for ever.")
    ]
    address: Annotated[bool, Meta(description="An address was given.")]
    due: Annotated[date | None, Meta(description="The last working day for sending it.")]
    issued_at: datetime | None
    delivered_at: datetime | None
    lapsed_at: datetime | None
    used_at: Annotated[datetime | None, Meta(description="When its code was used, as the mall says.")]
    cancelled_at: datetime | None


class Redemptions(Struct):
    """A page of what a participant has redeemed, newest first."""

    redemptions: list[RedemptionView]


@get(
    "/v1/campaigns/{campaign:str}/shop",
    opt=may(READERS, OPEN),
    operation_id="getShop",
    tags=["shop"],
    summary="List what points buy",
    responses=problems(401, 403, 404),
)
async def get_shop(
    request: Request[Any, Any, Any], campaign: CampaignPath, trial: Trial = None, at_least: AtLeast = 0
) -> Response[Shop]:
    """The items of a campaign's shops (福利): prices, what is left, limits and validity."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
        rules, now = await rules_of(service, connection, campaign, moment)
        of_trial = is_trial(rules, now, trial)
        stocks = {
            pool.id: await state(connection, pool_stream(rules.book(of_trial), pool.id), PoolState)
            for pool in shops(rules)
        }
    items = [
        _item(item, pool, rules, stocks, of_trial, now)
        for pool in shops(rules)
        for item in pool.prizes
        if item.price is not None
    ]
    return Response(Shop(items), headers={"Jifen-Position": str(moment.head)})


def _item(
    item: Prize, pool: Pool, rules: Rulebook, stocks: Mapping[str, PoolState], trial: bool, now: datetime
) -> ItemView:
    ends = sale_ends(pool, item, rules, trial)
    return ItemView(
        item=item.id,
        shop=pool.id,
        name=TwoLanguages(item.name.zh, item.name.en),
        kind=item.kind,
        amount=item.amount,
        price=item.price or 0,
        left=available(pool, item, stocks[pool.id]),
        person_max=item.person_max,
        sells_from=item.sells_from,
        sells_until=ends,
        on_sale=(item.sells_from is None or item.sells_from <= now) and now < ends,
        valid_days=item.valid_days,
        clause=item.clause or pool.clause,
    )


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/redemptions",
    opt=may(READERS, PARTICIPANT),
    operation_id="listRedemptions",
    tags=["shop"],
    summary="List what a participant has redeemed",
    responses=problems(401, 403, 404),
)
async def list_redemptions(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[Redemptions]:
    """Items that points have bought, newest first. A voucher's code is shown under the prize of the same name."""
    service = service_of(request)
    before = read_cursor(cursor, tuple[int, str])
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
        rules, now = await rules_of(service, connection, campaign, moment)
        book = rules.book(is_trial(rules, now, trial))
        position = await reads.position(connection, ["prizes"])
        rows = await wallet_reads.redemptions_of(
            connection, book, participant, before=before, limit=limit + 1
        )
    place = (rows[limit - 1].position, rows[limit - 1].prize) if len(rows) > limit else None
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(Redemptions([_redemption(row, rules) for row in rows[:limit]]), headers=headers)


def _redemption(row: RedemptionRow, rules: Rulebook) -> RedemptionView:
    pool = rules.pool_ids.get(row.pool)
    item = pool.by_id.get(row.item) if pool else None
    return RedemptionView(
        prize=row.prize,
        shop=row.pool,
        item=row.item,
        name=TwoLanguages(item.name.zh, item.name.en) if item else None,
        kind=row.kind,
        amount=row.amount,
        unit=row.unit,
        number=row.number,
        price=row.price,
        status=row.status,  # type: ignore[arg-type]  # the table's own constraint
        redeemed_at=row.redeemed_at,
        expires_at=row.expires_at,
        address=row.address,
        due=row.due,
        issued_at=row.issued_at,
        delivered_at=row.delivered_at,
        lapsed_at=row.lapsed_at,
        used_at=row.used_at,
        cancelled_at=row.cancelled_at,
    )
