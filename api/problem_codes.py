"""Every code that a problem can have, with its usual status and what to do about it. Codes are stable.

The refusals of the rules come from ledger/refusals.py with the docstrings that explain them there; the rest is what
HTTP, keys and waiting add.
"""

from typing import NamedTuple

from ledger.refusals import REFUSALS


class Code(NamedTuple):
    """status: the usual one. title: the same for every problem of this code. advice: what a caller can do."""

    status: int
    title: str
    advice: str


_EDGE = {
    "malformed": Code(
        400,
        "The request cannot be read",
        "`pointer` names the member at fault: a JSON pointer into the body, or /query/…, /path/…, /headers/… for what"
        " stands outside of it. Nothing was recorded; mend it and send it again, under the same id if you like.",
    ),
    "rulebook_faulty": Code(
        400,
        "The rulebook has faults",
        "`errors` lists every fault with its path and line. Nothing was published.",
    ),
    "idempotency_key_missing": Code(
        400,
        "The header Idempotency-Key is missing",
        "Send a new value of your choice for each thing that you want done, and the same value when you repeat it: it"
        " is then done once.",
    ),
    "key_missing": Code(
        401,
        "A key is needed",
        "Send `Authorization: Bearer <key>`. `jifen keys create` makes a key.",
    ),
    "key_unknown": Code(
        401,
        "The key opens nothing",
        "It was mistyped, revoked, or belongs to another ledger. `jifen keys list` shows the ids of all keys.",
    ),
    "role_not_allowed": Code(
        403,
        "The key's role may not do this",
        "`detail` names the roles that may. `jifen keys create --role …` makes a key of another role.",
    ),
    "outside_branch": Code(
        403,
        "This is outside of the key's branch",
        "The key is for one union and what stands below it in the tree; `detail` names it. What lies elsewhere is shown"
        " and done with the keys of those unions, or with one for all of the ledger. The log keeps that you asked.",
    ),
    "not_found": Code(404, "There is nothing here", "See /schema/openapi.json for what there is."),
    "method_not_allowed": Code(
        405, "The method is not allowed here", "The header Allow names those that are."
    ),
    "event_id_reused": Code(
        409,
        "The id was used for something else",
        "An id stands for one thing for ever. What is new needs a new id; what is repeated must say the same."
        " `position` is that of the event that has the id.",
    ),
    "clock_not_adjustable": Code(
        409,
        "The clock is the system's",
        "Only a service started with JIFEN_CLOCK and JIFEN_ALLOW_TIME_TRAVEL=1 has a clock that can be set.",
    ),
    "too_large": Code(
        413, "The request is too large", "A body has at most 8 MiB, a batch at most 5,000 events. Split it."
    ),
    "unsupported_media_type": Code(
        415,
        "The Content-Type is not taken here",
        "`detail` names those that are. Bodies are sent without Content-Encoding.",
    ),
    "too_fast": Code(
        429,
        "Too many requests are waiting",
        "Nothing was taken. Wait as long as the header Retry-After says, and send it again under the same id.",
    ),
    "fault": Code(
        500,
        "Something broke here",
        "It is in the service's log under the request id. Sending the same again is safe.",
    ),
    "unavailable": Code(
        503,
        "The database is away",
        "Whether the request was carried out is not known; send it again under the same id, and it counts once.",
    ),
    "view_behind": Code(
        503,
        "The view has not got that far",
        "`at_least` asks for a position that the view has not reached in time. Ask again.",
    ),
}

_STATUS = {"campaign_exists": 409, "campaign_unknown": 404}
"""Refusals with another status than 422. For what a path names and is not there, the handlers answer 404."""


def _of_refusals() -> dict[str, Code]:
    codes = {}
    for refusal in REFUSALS:
        said = " ".join((refusal.__doc__ or refusal.CODE).split())
        title, _, rest = said.partition(". ")
        advice = (
            rest
            or "A rule of the campaign says no: `clause` names it. The participant's timeline has the refusal."
        )
        codes[refusal.CODE] = Code(_STATUS.get(refusal.CODE, 422), title.rstrip("."), advice)
    return codes


CODES: dict[str, Code] = _EDGE | _of_refusals()
"""Code → what it means. GET /problems/{code} shows each."""
