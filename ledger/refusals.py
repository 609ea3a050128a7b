"""Every refusal: the business says no. One class each, in order of precedence: the first that holds is the answer.

A refusal becomes an ``activity-refused`` event in the participant's stream, with its code and clause, so that "why
did I get nothing?" has an answer. Codes are stable. A refusal knows no HTTP number.
"""

from typing import ClassVar


class Refusal(Exception):
    """Base of all refusals. clause: of the campaign's rulebook, or the general one of the class."""

    CODE: ClassVar[str] = ""
    CLAUSE: ClassVar[str] = ""

    def __init__(self, detail: str, clause: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.clause = clause or self.CLAUSE


class Malformed(Exception):
    """Not a valid event: nothing is recorded. pointer: JSON pointer to the member at fault."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


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


REFUSALS: tuple[type[Refusal], ...] = tuple(Refusal.__subclasses__())
"""All refusals in order of precedence; the reference page and the table test share it."""
