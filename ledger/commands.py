"""What a client can say happened: the ``data`` of each CloudEvents type, and the request that carries it.

A command is a claim about the past or a wish; a rule decides which events follow. Members and limits are those of
the published contract; what does not fit them is malformed and leaves no trace.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from ledger import activity_commands, branch_commands, fund_commands, member_commands, shop_commands
from ledger.command import (
    Command,
    Consent,
    Identities,
    Name,
    Participant,
    PoolId,
    PrizeName,
    Reason,
    Reference,
    StepCount,
    TeamId,
)
from ledger.events import Beacon, BeaconPromise, PrizeCount


class Enrol(Command, frozen=True, kw_only=True):
    """Join a campaign. branch: union id or its exact name. identities: keyed hashes that tell who it is.

    Source: SX-02.
    """

    TYPE = "jifen.enrolled"

    branch: Name
    unit: Name | None = None
    department: Name | None = None
    consent: Consent | Name | bool | None = None
    identities: Identities = msgspec.field(default_factory=dict)


class SignIn(Command, frozen=True, kw_only=True):
    """Sign in on the day of the event's time. Source: SX-11."""

    TYPE = "jifen.signed_in"


class SyncSteps(Command, frozen=True, kw_only=True):
    """Steps of a day so far, as the phone counted them. distance_m: metres. Source: SX-05."""

    TYPE = "jifen.steps_synced"

    day: date
    steps: StepCount
    provider: Annotated[str, Meta(min_length=1, max_length=64)]
    device: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    distance_m: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class AnswerQuestion(Command, frozen=True, kw_only=True):
    """Answer a question. checkpoint: its number, or the question's id again; may be left out.

    Source: SX-09.
    """

    TYPE = "jifen.question_answered"

    question: Name
    answer: Name
    checkpoint: Annotated[int, Meta(ge=1, le=200)] | Name | None = None


class PostReflection(Command, frozen=True, kw_only=True):
    """Say where a reflection, travel note or photo lies. checkpoint: number, or ``cp-01``.

    Source: SX-10, SX-15.
    """

    TYPE = "jifen.reflection_posted"

    checkpoint: Annotated[int, Meta(ge=1, le=200)] | Name
    ref: Reference


class ViewContent(Command, frozen=True, kw_only=True):
    """Say that a content was viewed, such as the safety video. Source: JS-13."""

    TYPE = "jifen.content_viewed"

    ref: Reference


class CreateTeam(Command, frozen=True, kw_only=True):
    """Create a team and be its captain. team: an id that no other team has. Source: SX-03."""

    TYPE = "jifen.team_created"

    team: TeamId
    name: Name


class JoinTeam(Command, frozen=True, kw_only=True):
    """Join a team. Source: SX-03."""

    TYPE = "jifen.team_joined"

    team: TeamId
    invited_by: Name | None = None


class RemoveMember(Command, frozen=True, kw_only=True):
    """Remove a member from the captain's own team, where the rulebook lets captains. Source: SX-04."""

    TYPE = "jifen.team_member_removed"

    team: TeamId
    member: Participant


class SetTeamGoal(Command, frozen=True, kw_only=True):
    """Set the goal that the captain's team has for itself, in steps a day. Source: SX-04."""

    TYPE = "jifen.team_goal_set"

    team: TeamId
    goal: Annotated[int, Meta(ge=1, le=1_000_000_000)]


class AnnounceToTeam(Command, frozen=True, kw_only=True):
    """Say where an announcement of the captain lies. Source: SX-04."""

    TYPE = "jifen.team_announced"

    team: TeamId
    ref: Reference


class RequestDraw(Command, frozen=True, kw_only=True):
    """Draw from a pool, or enter its draw. chance: a badge, a sign-in's day, a board; none = points.

    Source: SX-18.
    """

    TYPE = "jifen.draw_requested"

    pool: PoolId
    chance: Name | None = None


class ForfeitDraw(Command, frozen=True, kw_only=True):
    """Give up a chance to draw, by leaving the draw page. Source: JS-08."""

    TYPE = "jifen.draw_forfeited"

    pool: PoolId
    chance: Name


class SubmitAddress(Command, frozen=True, kw_only=True):
    """Say where a prize is to be sent, once. address_ref: a handle of the vault. region: ISO 3166.

    Source: SX-25.
    """

    TYPE = "jifen.address_submitted"

    prize: PrizeName
    address_ref: Reference
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?\Z")] | None = None


class ClosePool(Command, frozen=True, kw_only=True):
    """Take no more draws and reveal the seed, after the deadline and its grace. trial: the trial's pool."""

    TYPE = "jifen.pool_closed"
    POSTED = False

    pool: PoolId
    trial: bool = False


class CloseDay(Command, frozen=True, kw_only=True):
    """Say that a day's counts stand. Source: SX-05."""

    TYPE = "jifen.day_closed"
    POSTED = False

    day: date


class ExpireChance(Command, frozen=True, kw_only=True):
    """Say that a participant's chance was not used in time. Source: JS-08."""

    TYPE = "jifen.chance_expired"
    POSTED = False

    pool: PoolId
    chance: Name
    trial: bool = False


class FreezeBoard(Command, frozen=True, kw_only=True):
    """Make a ranking final. What was computed from the log up to ``position`` comes along.

    Source: SX-23, JS-10.
    """

    TYPE = "jifen.board_frozen"
    POSTED = False

    board: PoolId
    position: Annotated[int, Meta(ge=0)]
    root: str
    entrants: Annotated[int, Meta(ge=0)]


class Place(msgspec.Struct, frozen=True, gc=False):
    """A row of a frozen board with the proof that it stands there. entry: its bytes; proof: of inclusion, in hex."""

    rank: int
    entrant: str
    entry: str
    proof: tuple[str, ...]


class GrantChance(Command, frozen=True, kw_only=True):
    """Let a participant enter a pool's draw for a place on a frozen board. Source: JS-10."""

    TYPE = "jifen.chance_granted"
    POSTED = False

    pool: PoolId
    place: Place


class AwardPlaces(Command, frozen=True, kw_only=True):
    """Give the prizes of a pool to the first of a frozen board. Source: SX-24."""

    TYPE = "jifen.places_awarded"
    POSTED = False

    pool: PoolId
    places: tuple[Place, ...]


class SealDraw(Command, frozen=True, kw_only=True):
    """Fix all that a batch draw depends on. prizes: none = all that are left. Source: JS-10.

    position, root, tickets: of the tickets as the log holds them up to the position. reason, approver: for a redraw.
    """

    TYPE = "jifen.draw_sealed"
    POSTED = False

    pool: PoolId
    position: Annotated[int, Meta(ge=0)]
    root: str
    tickets: Annotated[int, Meta(ge=0)]
    beacon: BeaconPromise
    prizes: tuple[PrizeCount, ...] = ()
    reason: str = ""
    approver: str = ""
    trial: bool = False


class RunDraw(Command, frozen=True, kw_only=True):
    """Hold a sealed draw. beacon: verified already. tickets: (number, participant) in the order of the seal.

    randomness: of the beacon, in hex. winners: what follows from it, checked by the decision.
    """

    TYPE = "jifen.draw_run"
    POSTED = False

    pool: PoolId
    contest: Annotated[int, Meta(ge=1)]
    beacon: Beacon
    randomness: str
    tickets: tuple[tuple[int, str], ...]
    winners: tuple[tuple[int, str], ...]
    trial: bool = False


class ImportVouchers(Command, frozen=True, kw_only=True):
    """Take in voucher codes of a prize. fingerprints: keyed hashes of the codes, line by line; empty for an empty line.

    batch: what the delivery is called. first_line: of the file on which the first code stands, for refusals. The codes
    themselves travel beside the command, encrypted.
    """

    TYPE = "jifen.vouchers_imported"
    POSTED = False

    pool: PoolId
    prize: str
    batch: Name
    fingerprints: tuple[str, ...]
    first_line: int = 1


class IssuePrize(Command, frozen=True, kw_only=True):
    """Say that a prize is on its way. ref: of the provider. Source: SX-25."""

    TYPE = "jifen.prize_issued"
    POSTED = False

    prize: PrizeName
    ref: str = ""


class DeliverPrize(Command, frozen=True, kw_only=True):
    """Say that a prize has arrived."""

    TYPE = "jifen.prize_delivered"
    POSTED = False

    prize: PrizeName
    ref: str = ""


class ReturnPrize(Command, frozen=True, kw_only=True):
    """Say that a prize came back."""

    TYPE = "jifen.prize_returned"
    POSTED = False

    prize: PrizeName
    reason: Reason


class LapsePrize(Command, frozen=True, kw_only=True):
    """Say that a prize can no longer be claimed."""

    TYPE = "jifen.prize_lapsed"
    POSTED = False

    prize: PrizeName
    reason: Reason


class ReplacePrize(Command, frozen=True, kw_only=True):
    """Give another prize of the same kind for one that came back or lapsed."""

    TYPE = "jifen.prize_replaced"
    POSTED = False

    prize: PrizeName
    reason: Reason


class RedeemVoucher(Command, frozen=True, kw_only=True):
    """Take the outside mall's report that a voucher's code was used. Source: JS-11."""

    TYPE = "jifen.voucher_redeemed"
    POSTED = False

    prize: PrizeName
    redeemed_at: datetime | None = None
    ref: str = ""


class PublishCampaign(Command, frozen=True, kw_only=True):
    """Publish a campaign's first rulebook. digest: of the text. Source: GX-08."""

    TYPE = "jifen.campaign_published"
    POSTED = False

    text: str
    digest: str


class AmendCampaign(Command, frozen=True, kw_only=True):
    """Publish another version. effective_at: from when it holds; none = from now on. Source: GX-08."""

    TYPE = "jifen.campaign_amended"
    POSTED = False

    text: str
    digest: str
    effective_at: datetime | None = None


class Correct(Command, frozen=True, kw_only=True):
    """Reverse what an event has posted. reverses: its position in the log. Source: GX-03."""

    TYPE = "jifen.corrected"
    POSTED = False

    reverses: Annotated[int, Meta(ge=1, le=2**62)]
    reason: Annotated[str, Meta(min_length=2, max_length=1000)]


# Commands that live in files of their own are known by being imported here; in this order, whatever was imported first.
KNOWN = (activity_commands, branch_commands, fund_commands, member_commands, shop_commands)
ORDER = (*(module.__name__ for module in KNOWN), __name__)

COMMAND_TYPES: dict[str, type[Command]] = {
    cls.TYPE: cls
    for cls in sorted(Command.__subclasses__(), key=lambda cls: ORDER.index(cls.__module__))
    if cls.POSTED
}
"""CloudEvents type → the struct of its data."""
