"""The life of a prize as operators and finance report it: issued, delivered, returned, lapsed, replaced, redeemed."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.params import Parameter
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import PRIZE_KEEPERS, may
from api.bodies import json_body, required_idempotency_key
from api.paths import CampaignPath, PrizePath
from api.prizes import find_prize, prize_unknown
from api.problems import problems
from api.reading import Trial, is_trial, rules_at
from api.scope import CAMPAIGN
from api.state import service_of
from api.writes import answer_one, asked_by
from ledger.command import Command
from ledger.commands import DeliverPrize, IssuePrize, LapsePrize, RedeemVoucher, ReplacePrize, ReturnPrize
from ledger.refusal import Malformed

REASONED: dict[str, type[ReturnPrize | LapsePrize | ReplacePrize]] = {
    "returned": ReturnPrize,
    "lapsed": LapsePrize,
    "replaced": ReplacePrize,
}
SENT: dict[str, type[IssuePrize | DeliverPrize]] = {"issued": IssuePrize, "delivered": DeliverPrize}
SHORTEST_REASON = 3

StepPath = Annotated[
    str,
    Parameter(
        pattern=rf"^({'|'.join((*SENT, *REASONED, 'redeemed'))})\Z",
        description="What happened: issued, delivered, returned, lapsed, replaced or redeemed.",
    ),
]


class PrizeStep(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What there is to say of a step of a prize."""

    ref: Annotated[
        str, Meta(max_length=200, description="What the provider calls it: of issued, delivered, redeemed.")
    ] = ""
    reason: Annotated[
        str,
        Meta(
            max_length=1000,
            description="Why: of returned, lapsed, replaced. Stays in the log for ever: no personal data.",
        ),
    ] = ""
    redeemed_at: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="When the outside mall took the code: of redeemed."),
    ] = None


@post(
    "/v1/campaigns/{campaign:str}/prizes/{prize:str}/{step:str}",
    opt=may(PRIZE_KEEPERS, CAMPAIGN),
    operation_id="movePrize",
    tags=["prizes"],
    summary="Say how far a prize has come",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def move_prize(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    prize: PrizePath,
    step: StepPath,
    trial: Trial = None,
) -> Response[Accepted]:
    """Take a step of a prize's life: won → issued → delivered or returned; won → lapsed; then replaced.

    A voucher is issued by handing out its code, and redeemed when the outside mall says so. A replacement is a prize
    of its own.
    """
    id_ = required_idempotency_key(request)
    command = _command(prize, step, await json_body(request, PrizeStep))
    service = service_of(request)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
    row, _ = await find_prize(service, book.book(is_trial(book, now, trial)), prize)
    if row is None:
        raise prize_unknown(f"Nobody in {campaign} has won a prize {prize}.", book.clause)
    asked = asked_by(request, id_, command, campaign=campaign, participant=row.participant)
    return await answer_one(request, asked)


def _command(prize: str, step: str, said: PrizeStep) -> Command:
    """The command of a step. Raises Malformed for what it does not take, or misses."""
    takes_reason = step in REASONED
    if takes_reason and len(said.reason.strip()) < SHORTEST_REASON:
        raise Malformed("/reason", f"Say why, in {SHORTEST_REASON} characters or more.")
    if said.reason and not takes_reason:
        raise Malformed("/reason", f"{step} takes no reason.")
    if said.ref and takes_reason:
        raise Malformed("/ref", f"{step} takes no ref.")
    if said.redeemed_at and step != "redeemed":
        raise Malformed("/redeemed_at", f"{step} takes no such moment.")
    if takes_reason:
        return REASONED[step](prize=prize, reason=said.reason)
    if step == "redeemed":
        return RedeemVoucher(prize=prize, redeemed_at=said.redeemed_at, ref=said.ref)
    return SENT[step](prize=prize, ref=said.ref)
