"""Which kind of state a stream has, and how its events fold into it: the only table of its kind."""

from collections.abc import Callable
from typing import Any

from ledger import board, branch, campaign, enrolment, fund, identity, member, office, pool, team
from ledger.events import Event
from ledger.streams import (
    BOARD,
    BRANCH,
    CAMPAIGN,
    FUND,
    IDENTITY,
    MEMBER,
    NAMED,
    OFFICE,
    POOL,
    REFERENCE,
    TEAM,
)

State = (
    enrolment.Enrolment
    | member.Member
    | campaign.Campaign
    | team.Team
    | pool.Pool
    | board.Board
    | fund.Fund
    | identity.Identity
    | identity.Referenced
    | branch.Branch
    | branch.Named
    | office.Office
)

KINDS: tuple[tuple[str, type[State]], ...] = (
    (CAMPAIGN, campaign.Campaign),
    (TEAM, team.Team),
    (POOL, pool.Pool),
    (BOARD, board.Board),
    (MEMBER, member.Member),
    (IDENTITY, identity.Identity),
    (REFERENCE, identity.Referenced),
    (FUND, fund.Fund),
    (BRANCH, branch.Branch),
    (NAMED, branch.Named),
    (OFFICE, office.Office),
)
"""How the name of a stream begins → its state. All other streams are of participants."""

_KIND_OF = {begins.partition("/")[0]: kind for begins, kind in KINDS}


def kind_of(stream: str) -> type[State]:
    """The state that a stream has."""
    begins, slash, _ = stream.partition("/")
    return _KIND_OF.get(begins, enrolment.Enrolment) if slash else enrolment.Enrolment


def initial(stream: str) -> State:
    """The state of a stream without events."""
    return kind_of(stream)()


EVOLVE: dict[type[State], Callable[[Any, Event], State]] = {
    enrolment.Enrolment: enrolment.evolve,
    member.Member: member.evolve,
    campaign.Campaign: campaign.evolve,
    team.Team: team.evolve,
    pool.Pool: pool.evolve,
    board.Board: board.evolve,
    fund.Fund: fund.evolve,
    identity.Identity: identity.evolve,
    branch.Branch: branch.evolve,
    branch.Named: branch.evolve_named,
    office.Office: office.evolve,
}


def evolve(state: State, event: Event) -> State:
    """The state after one more event of its stream."""
    return EVOLVE[type(state)](state, event)
