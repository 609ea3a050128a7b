"""Who may do what: bearer keys, roles, and the only table that relates them."""

from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api import scope as scopes
from api.problems import Problem
from api.scope import Scope as About
from api.state import note
from ledger.keys import ROLES, Key, Role

POSTERS: frozenset[Role] = frozenset({"client", "administrator"})
READERS: frozenset[Role] = frozenset(ROLES)
CAMPAIGN_MAKERS: frozenset[Role] = frozenset({"operator", "administrator"})
BRANCH_KEEPERS: frozenset[Role] = frozenset({"operator", "administrator"})
DRAW_MAKERS: frozenset[Role] = frozenset({"operator", "administrator"})
PRIZE_KEEPERS: frozenset[Role] = frozenset({"finance", "operator", "administrator"})
CODE_KEEPERS: frozenset[Role] = frozenset({"finance", "administrator"})
CODE_SEERS: frozenset[Role] = frozenset({"client", "finance", "administrator"})
"""Who sees a voucher's code: its winner's app, which asks for its own participant, and who answers for the codes."""
MEMBER_KEEPERS: frozenset[Role] = frozenset({"operator", "administrator"})
MEMBER_WATCHERS: frozenset[Role] = frozenset({"operator", "auditor", "administrator"})
CASE_SEERS: frozenset[Role] = frozenset({"administrator"})
"""Who sees what a sealed case is about (SJ-05)."""
MESSENGERS: frozenset[Role] = frozenset({"client", "operator", "administrator"})
"""Who delivers messages to persons."""
DETAIL_KEEPERS: frozenset[Role] = frozenset({"client", "operator", "administrator"})
DETAIL_SEERS: frozenset[Role] = frozenset({"finance", "operator", "administrator"})
"""Who sees personal details, each time with a reason: who sends prizes, and who answers for the members. No app does:
it has what its user told it, and a key that leaks opens nothing."""
ERASERS: frozenset[Role] = frozenset({"operator", "administrator"})
FUND_KEEPERS: frozenset[Role] = frozenset({"finance", "administrator"})
"""Who says that money came in or goes out."""
FUND_WATCHERS: frozenset[Role] = frozenset({"operator", "finance", "auditor", "administrator"})
HELP_DECIDERS: frozenset[Role] = frozenset({"finance", "operator", "administrator"})
POOL_WATCHERS: frozenset[Role] = frozenset({"operator", "finance", "auditor", "administrator"})
LOG_READERS: frozenset[Role] = frozenset({"operator", "auditor", "administrator"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
PUBLIC: frozenset[Role] = frozenset()
"""No key needed."""


def may(roles: frozenset[Role], about: About | None = None) -> dict[str, object]:
    """The `opt` of a route handler that these roles may call.

    about: what it is about, for keys that are for one branch of the union tree; see scope.py. None: closed to those.
    """
    return {"roles": roles, "scope": about}


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
    """In front of every handler: its roles only, and for a key of a branch what lies in that branch.

    A middleware, for a guard makes the framework copy its handler.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to its handler."""
        if scope["type"] == ScopeType.HTTP:
            declared = scope["route_handler"].opt
            roles = declared.get("roles", PUBLIC)  # OPTIONS, which the framework answers, has none
            if roles:
                key = await require(scope, roles)
                if key.branch is not None:
                    await scopes.check(scope, key, declared.get("scope"))
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
