"""Reads for a client id that was joined to another participant answer for that one, in one place for all of them.

Whose it is is told by the ledger's newest state, so it never lags behind the views. Source: EC-12, SJ-09.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from api.paths import is_participant
from api.persons import person_of
from api.state import service_of

HEADER = "Jifen-Participant"
"""Who was answered for, if the path names another client id of the same person."""
READS = frozenset({"GET", "HEAD"})
ANSWERED_FOR = "jifen_answered_for"


async def ask_for_who_it_is(request: Request[Any, Any, Any]) -> None:
    """Before a handler that reads: put the participant in the place of a client id that was joined to it."""
    named = request.path_params.get("participant")
    if named is None or request.method not in READS or not is_participant(named):
        return
    async with service_of(request).pool.connection() as connection:
        who, _ = await person_of(connection, named)
    if who != named:
        scope: Any = request.scope
        scope["path_params"] = {**request.path_params, "participant": who}
        answer_for(request, who)


def answer_for(request: Request[Any, Any, Any], who: str) -> None:
    """Note that the answer is about another participant than its path names."""
    scope: Any = request.scope
    scope[ANSWERED_FOR] = who


async def say_who_it_is(message: Message, scope: Scope) -> None:
    """With the answer: say who it is about, whatever it shows."""
    if message["type"] == "http.response.start" and (who := scope.get(ANSWERED_FOR)):
        MutableScopeHeaders.from_message(message)[HEADER] = str(who)
