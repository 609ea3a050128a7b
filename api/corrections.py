"""Corrections: an operator reverses what an event has posted. Nothing is deleted. Source: GX-03."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import CAMPAIGN_MAKERS, may
from api.bodies import json_body, required_idempotency_key
from api.paths import CampaignPath, ParticipantPath
from api.problems import not_found, problems
from api.scope import PARTICIPANT
from api.state import service_of
from api.writes import answer_one, asked_by
from ledger.commands import Correct


class Correction(Struct, forbid_unknown_fields=True):
    """What to reverse, and why."""

    reverses: Annotated[
        int, Meta(ge=1, le=2**62, description="Position of the event whose postings are reversed.")
    ]
    reason: Annotated[
        str,
        Meta(min_length=2, max_length=1000, description="Why. Stays in the log for ever: no personal data."),
    ]


@post(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/corrections",
    opt=may(CAMPAIGN_MAKERS, PARTICIPANT),
    operation_id="correct",
    tags=["participants"],
    summary="Reverse what an event has posted",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def post_correction(
    request: Request[Any, Any, Any], campaign: CampaignPath, participant: ParticipantPath
) -> Response[Accepted]:
    """Reverse the postings of one event of a participant, once. The event stays; the correction is a new one.

    The log keeps who did it (the key's name) and why. Points that were spent already leave the balance below zero.
    """
    given = required_idempotency_key(request)
    body = await json_body(request, Correction)
    service = service_of(request)
    async with service.pool.connection() as connection:
        moment = await service.moment(connection, campaign)
    if moment.campaign is None:
        raise not_found(f"No campaign {campaign!r} is published here.")
    command = Correct(reverses=body.reverses, reason=body.reason)
    said = asked_by(request, given, command, campaign=campaign, participant=participant)
    # The time of a correction is when it arrives: it is no part of what was said, or a repeat would say something else.
    return await answer_one(request, msgspec.structs.replace(said, occurred_at=moment.now))
