"""Who may do what: bearer keys, roles, and the only table that relates them."""

from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem
from api.state import note
from ledger.keys import ROLES, Key, Role

POSTERS: frozenset[Role] = frozenset({"client", "administrator"})
READERS: frozenset[Role] = frozenset(ROLES)
CAMPAIGN_MAKERS: frozenset[Role] = frozenset({"operator", "administrator"})
DRAW_MAKERS: frozenset[Role] = frozenset({"operator", "administrator"})
PRIZE_KEEPERS: frozenset[Role] = frozenset({"finance", "operator", "administrator"})
CODE_KEEPERS: frozenset[Role] = frozenset({"finance", "administrator"})
CODE_SEERS: frozenset[Role] = frozenset({"client", "finance", "administrator"})
"""Who sees a voucher's code: its winner's app, which asks for its own participant, and who answers for the codes."""
POOL_WATCHERS: frozenset[Role] = frozenset({"operator", "finance", "auditor", "administrator"})
LOG_READERS: frozenset[Role] = frozenset({"operator", "auditor", "administrator"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
PUBLIC: frozenset[Role] = frozenset()
"""No key needed."""


def may(roles: frozenset[Role]) -> dict[str, frozenset[Role]]:
    """The `opt` of a route handler that these roles may call."""
    return {"roles": roles}


async def require(scope: Scope, roles: frozenset[Role]) -> Key:
    """The key of a request, if its role is one of these; noted for the log and for the handler.

    Raises Problem: 401 without a key that opens anything, 403 for another role.
    """
    noted = note(scope)
    token = _bearer(scope["headers"])
    key = await noted.service.keyring.find(token)
    if key is None:
        raise _unauthorized("key_unknown", "The key opens nothing here.", ', error="invalid_token"')
    noted.key = key
    if key.role not in roles:
        raise Problem(
            403,
            "role_not_allowed",
            f"This is for {_any_of(roles)}; the key {key.id} is for {key.role}.",
            headers={"WWW-Authenticate": 'Bearer realm="jifen", error="insufficient_scope"'},
        )
    return key


class Gate:
    """In front of every handler: its roles only. A middleware, for a guard makes the framework copy its handler."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to its handler."""
        if scope["type"] == ScopeType.HTTP:
            roles = scope["route_handler"].opt.get(
                "roles", PUBLIC
            )  # OPTIONS, which the framework answers, has none
            if roles:
                await require(scope, roles)
        await self._app(scope, receive, send)


def _bearer(headers: Iterable[tuple[bytes, bytes]]) -> str:
    given = [value for name, value in headers if name == b"authorization"]
    if not given:
        raise _unauthorized("key_missing", "Send a key: Authorization: Bearer <key>.")
    scheme, _, token = given[0].partition(b" ")
    token = token.strip(b" ")
    if len(given) > 1 or scheme.lower() != b"bearer" or not token or not token.isascii():
        raise _unauthorized("key_missing", "The header Authorization must be: Bearer <key>.")
    return token.decode()


def _unauthorized(code: str, detail: str, more: str = "") -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": f'Bearer realm="jifen"{more}'})


def _any_of(roles: frozenset[Role]) -> str:
    names = [role for role in ROLES if role in roles]
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
