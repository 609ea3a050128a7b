"""Which kind of state a stream has, and how its events fold into it: the only table of its kind."""

from ledger import board, campaign, enrolment, pool, team
from ledger.events import Event
from ledger.streams import BOARD, CAMPAIGN, POOL, TEAM

State = campaign.Campaign | enrolment.Enrolment | team.Team | pool.Pool | board.Board

KINDS: tuple[tuple[str, type[State]], ...] = (
    (CAMPAIGN, campaign.Campaign),
    (TEAM, team.Team),
    (POOL, pool.Pool),
    (BOARD, board.Board),
)
"""How the name of a stream begins → its state. All other streams are of participants."""


def kind_of(stream: str) -> type[State]:
    """The state that a stream has."""
    if "/" in stream:
        for begins, kind in KINDS:
            if stream.startswith(begins):
                return kind
    return enrolment.Enrolment


def initial(stream: str) -> State:
    """The state of a stream without events."""
    return kind_of(stream)()


def evolve(state: State, event: Event) -> State:
    """The state after one more event of its stream."""
    match state:
        case enrolment.Enrolment():
            return enrolment.evolve(state, event)
        case team.Team():
            return team.evolve(state, event)
        case pool.Pool():
            return pool.evolve(state, event)
        case board.Board():
            return board.evolve(state, event)
        case campaign.Campaign():
            return campaign.evolve(state, event)
