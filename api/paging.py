"""Lists in pages: opaque cursors, and RFC 8288 links to the next page."""

import base64
import binascii
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.params import Parameter

from ledger.refusal import Malformed

T = TypeVar("T")

AtLeast = Annotated[
    int,
    Parameter(
        ge=0,
        le=2**62,
        description="A position of the log, as an answer to a write gave it: wait until the view has got that far.",
    ),
]
Limit = Annotated[int, Parameter(ge=1, le=500, description="At most so many.")]
Cursor = Annotated[
    str, Parameter(max_length=500, description="Where to go on: from the `next` link of the page before.")
]


def read_cursor(cursor: str, shape: type[T]) -> T | None:
    """What a cursor of ours says; None for the empty one. Raises Malformed."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True), type=shape
        )
    except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError):
        raise Malformed("/query/cursor", "This is no cursor of ours; take it from the page before.") from None


def write_cursor(place: object) -> str:
    """A cursor for a place in a list."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def link_to_next(request: Request[Any, Any, Any], place: object) -> dict[str, str]:
    """The header Link to the page that begins after a place; none for None."""
    if place is None:
        return {}
    query = {
        name: value for name, value in request.query_params.items() if name not in ("cursor", "at_least")
    }
    target = f"{request.scope['path']}?{urlencode({**query, 'cursor': write_cursor(place)})}"
    return {"Link": f'<{target}>; rel="next"'}
