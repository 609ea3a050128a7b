"""Refusals about activities, shops, help and funds, in order of precedence. See refusals.py."""

from ledger.refusal import Refusal


class OccasionUnknown(Refusal):
    """The campaign has no such occasion, or it is not on that day."""

    CODE = "occasion_unknown"


class TooLate(Refusal):
    """A doing with a daily cap was delivered later than the rulebook takes it."""

    CODE = "too_late"
    CLAUSE = "GX-04"


class NotToday(Refusal):
    """The question of the day is another."""

    CODE = "not_today"


class AlreadyAnswered(Refusal):
    """A question counts once, or has been tried as often as it may be."""

    CODE = "already_answered"


class AlreadyDone(Refusal):
    """The comment, article or occasion was counted before."""

    CODE = "already_done"


class ItemUnknown(Refusal):
    """The shop has no such item."""

    CODE = "item_unknown"


class ItemNotOnSale(Refusal):
    """The item is not on sale at that moment."""

    CODE = "item_not_on_sale"


class ItemLimitReached(Refusal):
    """A person has had as many of this item as the rules give."""

    CODE = "item_limit_reached"


class SoldOut(Refusal):
    """Not as many of the item are left. Nothing was paid."""

    CODE = "sold_out"


class NotInHardship(Refusal):
    """Only a member who is flagged as in hardship can apply for help."""

    CODE = "not_in_hardship"


class HelpUnknown(Refusal):
    """There is no such application for help that waits."""

    CODE = "help_unknown"


class FundUnknown(Refusal):
    """The campaign has no such fund."""

    CODE = "fund_unknown"


class ProjectUnknown(Refusal):
    """The fund has no such project."""

    CODE = "project_unknown"


class ProjectExists(Refusal):
    """The fund has a project of this id already."""

    CODE = "project_exists"


class TooManyProjects(Refusal):
    """The union has put forward as many projects as it may."""

    CODE = "too_many_projects"


class ProjectStepNotAllowed(Refusal):
    """The project is not where this step begins: it is reviewed, published and paid in this order."""

    CODE = "project_step_not_allowed"


class AmountAboveLimit(Refusal):
    """More than was asked for, or than one grant can have."""

    CODE = "amount_above_limit"


class FundShort(Refusal):
    """The fund holds less than that. Nothing was paid."""

    CODE = "fund_short"
