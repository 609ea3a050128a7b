"""Every refusal: the business says no. One class each, in order of precedence: the first that holds is the answer.

A refusal becomes an ``activity-refused`` event in the participant's stream, with its code and clause, so that "why
did I get nothing?" has an answer. Codes are stable. A refusal knows no HTTP number.
"""

from collections.abc import Iterator

from ledger import branch_refusals, fund_refusals, member_refusals
from ledger.member_refusals import PersonErased, Suspended
from ledger.refusal import Refusal


class CampaignExists(Refusal):
    """A campaign of this id has another rulebook already. Amend it instead."""

    CODE = "campaign_exists"
    CLAUSE = "GX-08"


class CampaignUnknown(Refusal):
    """An amendment needs a published campaign."""

    CODE = "campaign_unknown"
    CLAUSE = "GX-08"


class AmendmentNotAllowed(Refusal):
    """An amendment may not reach into the past, nor move the campaign's start, its trial or its time zone."""

    CODE = "amendment_not_allowed"
    CLAUSE = "GX-08"


class NotEnrolled(Refusal):
    """Only an enrolled participant can take part."""

    CODE = "not_enrolled"


class PrerequisiteMissing(Refusal):
    """Something has to be viewed before taking part, such as the safety video."""

    CODE = "prerequisite_missing"


class FutureDated(Refusal):
    """The event's time, or its day, lies in the future beyond the tolerance."""

    CODE = "future_dated"
    CLAUSE = "GX-04"


class BeforeCampaign(Refusal):
    """The event is dated before the campaign and its trial."""

    CODE = "before_campaign"
    CLAUSE = "GX-04"


class AfterCampaign(Refusal):
    """The event is dated after the campaign's last day."""

    CODE = "after_campaign"


class TrialOver(Refusal):
    """The campaign proper has begun; the trial takes no more facts."""

    CODE = "trial_over"


class MembershipRequired(Refusal):
    """Only members of certain unions can take part; the detail says how to join (申请入会)."""

    CODE = "membership_required"


class AlreadyEnrolled(Refusal):
    """A participant enrols once in a campaign."""

    CODE = "already_enrolled"


class BranchUnknown(Refusal):
    """The campaign's rulebook has no union of this id or name."""

    CODE = "branch_unknown"


class NotPlayed(Refusal):
    """The campaign has no such activity."""

    CODE = "not_played"


class AlreadySignedIn(Refusal):
    """One sign-in a day."""

    CODE = "already_signed_in"


class DayClosed(Refusal):
    """The day's window, with its grace for delivery, is over; the day's count stands."""

    CODE = "day_closed"


class QuestionUnknown(Refusal):
    """The campaign has no such question, or it belongs to another checkpoint."""

    CODE = "question_unknown"


class CheckpointUnknown(Refusal):
    """The campaign has no such checkpoint."""

    CODE = "checkpoint_unknown"


class CheckpointNotLit(Refusal):
    """The question of a checkpoint that is not lit cannot be answered."""

    CODE = "checkpoint_not_lit"


class CheckpointAlreadyPassed(Refusal):
    """A checkpoint is passed once."""

    CODE = "checkpoint_already_passed"


class CheckpointNotPassed(Refusal):
    """A reflection belongs to a passed checkpoint."""

    CODE = "checkpoint_not_passed"


class ReflectionAlreadyPosted(Refusal):
    """One reflection for each passed checkpoint."""

    CODE = "reflection_already_posted"


class TeamUnknown(Refusal):
    """The campaign has no such team."""

    CODE = "team_unknown"


class TeamExists(Refusal):
    """A team of this id exists already. Choose another id."""

    CODE = "team_exists"


class AlreadyInTeam(Refusal):
    """A person is in at most one team."""

    CODE = "already_in_team"


class TeamFull(Refusal):
    """The team has all its members."""

    CODE = "team_full"


class NotCaptain(Refusal):
    """Only the captain of the team can do this."""

    CODE = "not_captain"


class CaptainCannotRemove(Refusal):
    """A captain cannot remove a member."""

    CODE = "captain_cannot_remove"


class NotAMember(Refusal):
    """The person is not a member of the team who could be removed."""

    CODE = "not_a_member"


class PoolUnknown(Refusal):
    """The campaign has no such prize pool."""

    CODE = "pool_unknown"


class NotDrawn(Refusal):
    """The prizes of this pool are not drawn this way: they go by rank, or at once, or in one draw later."""

    CODE = "not_drawn"


class DrawClosed(Refusal):
    """The deadline of the draw is over."""

    CODE = "draw_closed"


class ChanceUnknown(Refusal):
    """There is no such chance: a badge of the participant, a day of sign-in, or a place on a frozen board."""

    CODE = "chance_unknown"


class ChanceUsed(Refusal):
    """The chance, or the badge, was used for a draw already."""

    CODE = "chance_used"


class ChanceForfeited(Refusal):
    """The chance was forfeited by leaving the draw page."""

    CODE = "chance_forfeited"


class ChanceExpired(Refusal):
    """The chance was not used in time."""

    CODE = "chance_expired"


class ChanceStillOpen(Refusal):
    """A chance that can still be used does not expire."""

    CODE = "chance_still_open"


class DrawsUsedUp(Refusal):
    """A person has had as many draws of this pool, on this day or in all, as the rules give."""

    CODE = "draws_used_up"


class NotEnoughPoints(Refusal):
    """The balance is below what it costs."""

    CODE = "not_enough_points"


class PoolEmpty(Refusal):
    """No prize of the pool, or nothing of its budget, is left. Nothing was paid."""

    CODE = "pool_empty"


class PrizeUnknown(Refusal):
    """The participant has no such prize."""

    CODE = "prize_unknown"


class AddressNotNeeded(Refusal):
    """The prize is not sent to an address."""

    CODE = "address_not_needed"


class AddressAlreadySubmitted(Refusal):
    """An address cannot be changed once it was submitted."""

    CODE = "address_already_submitted"


class AddressNotInMainland(Refusal):
    """Prizes are sent to mainland China only."""

    CODE = "address_not_in_mainland"


class PrizeStepNotAllowed(Refusal):
    """The prize is not where this step begins: see its status."""

    CODE = "prize_step_not_allowed"


class PoolStillOpen(Refusal):
    """Before the deadline and its grace are over a pool is neither closed nor drawn."""

    CODE = "pool_still_open"


class DrawAlreadySealed(Refusal):
    """A pool has one draw. A redraw needs a reason and an approver, and comes after the draw."""

    CODE = "draw_already_sealed"


class BeaconNotInFuture(Refusal):
    """The public random number must not be known yet when a draw is sealed."""

    CODE = "beacon_not_in_future"


class DrawNotSealed(Refusal):
    """Only a sealed draw can be run, and once."""

    CODE = "draw_not_sealed"


class SealBroken(Refusal):
    """The tickets, the random number or the winners are not those that the seal leads to."""

    CODE = "seal_broken"


class BoardUnknown(Refusal):
    """The campaign has no such board, or it never freezes."""

    CODE = "board_unknown"


class BoardStillMoving(Refusal):
    """A board is frozen at its time, not before; places on it count from then on."""

    CODE = "board_still_moving"


class BoardFrozenAlready(Refusal):
    """A board is frozen once."""

    CODE = "board_frozen_already"


class PlaceNotProven(Refusal):
    """The place is not one of the frozen board, or not among the first that count."""

    CODE = "place_not_proven"


class VoucherLineEmpty(Refusal):
    """A line of the file has no code. Nothing of the file was taken."""

    CODE = "voucher_line_empty"


class VoucherTwice(Refusal):
    """A code stands twice in the file. Nothing of the file was taken."""

    CODE = "voucher_twice"


class VoucherKnown(Refusal):
    """A code of the file was imported before. Nothing of the file was taken."""

    CODE = "voucher_known"


class NoVoucherLeft(Refusal):
    """No code is left to hand out; import more."""

    CODE = "no_voucher_left"


class DayNotOver(Refusal):
    """A day is closed after its window and the grace for delivery."""

    CODE = "day_not_over"


class NothingToReverse(Refusal):
    """The event named by a correction posted nothing, or is not this participant's."""

    CODE = "nothing_to_reverse"
    CLAUSE = "GX-03"


class DayStillOpen(Refusal):
    """A day that can still change is corrected by posting the right count, not by a reversal."""

    CODE = "day_still_open"
    CLAUSE = "GX-03"


class AlreadyReversed(Refusal):
    """An event is reversed once."""

    CODE = "already_reversed"
    CLAUSE = "GX-03"


def _of(module: str) -> list[type[Refusal]]:
    return [refusal for refusal in Refusal.__subclasses__() if refusal.__module__ == module]


def _in_order() -> Iterator[type[Refusal]]:
    """Who asks, and for which union; whether anything counts now; then what is asked for."""
    yield from (PersonErased, Suspended)  # of all that is posted, before any rule is looked at
    yield from _of(branch_refusals.__name__)
    yield from _of(member_refusals.__name__)
    own = _of(__name__)
    of_doings = own.index(TeamUnknown)
    yield from own[:of_doings]
    yield from _of(fund_refusals.__name__)
    yield from own[of_doings:]


REFUSALS: tuple[type[Refusal], ...] = tuple(dict.fromkeys(_in_order()))
"""All refusals in order of precedence; the reference page and the table test share it."""
