"""Reading the bodies of requests: strictly, and a body that cannot be read is a problem with a pointer."""

import re
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from api.problems import Problem
from ledger.refusal import Malformed

T = TypeVar("T", bound=msgspec.Struct)

TOML = "application/toml"
JSON = "application/json"

_AT = re.compile(r" - at `\$(.*)`$")
_MEMBER = re.compile(r"(?:missing required|unknown) field `(.+?)`")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?")


async def text_body(request: Request[Any, Any, Any], media_type: str) -> str:
    """The body as text. Raises Problem: 415 for another media type, 400 for what is not UTF-8."""
    given, parameters = request.content_type
    encoding = request.headers.get("content-encoding", "identity")
    charset = parameters.get("charset", "utf-8").lower()
    if given.lower() != media_type or encoding != "identity" or charset not in ("utf-8", "utf8"):
        raise Problem(
            415,
            "unsupported_media_type",
            f"Send {media_type} in UTF-8, without Content-Encoding.",
            headers={"Accept-Post": media_type} if request.method == "POST" else {},
        )
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as fault:
        raise Malformed("", f"Byte {fault.start} of the body is not UTF-8.") from None
    except InternalServerException:
        raise Malformed("", "The connection ended before the body did.") from None


async def json_body(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """The body as JSON of a flat shape. Raises Problem, Malformed."""
    text = await text_body(request, JSON)
    try:
        body = msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError as fault:
        raise malformed(str(fault)) from None
    except RecursionError:
        raise Malformed("", "The JSON is nested too deeply.") from None
    for name, value in msgspec.structs.asdict(body).items():
        if isinstance(value, str) and "\0" in value:
            raise Malformed(f"/{name}", "NUL characters cannot be stored; leave them out.")
    return body


def idempotency_key(request: Request[Any, Any, Any]) -> str:
    """The header Idempotency-Key; empty when it is missing. Raises Malformed."""
    given = request.headers.getall("idempotency-key", [])
    if not given:
        return ""
    if len(given) > 1 or not _IDEMPOTENCY_KEY.fullmatch(given[0]):
        raise Malformed("/headers/Idempotency-Key", "Send one value of 1 to 200 visible ASCII characters.")
    return given[0]


def required_idempotency_key(request: Request[Any, Any, Any]) -> str:
    """The header Idempotency-Key. Raises Problem when it is missing, Malformed."""
    key = idempotency_key(request)
    if not key:
        raise Problem(
            400,
            "idempotency_key_missing",
            "Send the header Idempotency-Key with a value of your choice, the same again when you repeat the request.",
            pointer="/headers/Idempotency-Key",
        )
    return key


def malformed(message: str) -> Malformed:
    """A decoder's complaint with a pointer to the member at fault."""
    at = _AT.search(message)
    pointer = re.sub(r"\[(\d+)\]", r"/\1", at[1]).replace(".", "/") if at else ""
    if member := _MEMBER.search(message):
        pointer += f"/{member[1]}"
    return Malformed(pointer, _AT.sub("", message))
