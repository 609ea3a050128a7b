"""Commands about funds: money that comes in, projects that are funded, grants that are paid."""

from typing import Annotated

from msgspec import Meta

from ledger.command import BranchId, Command, Fen, Name, Reason

FundId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}(\.[a-z0-9][a-z0-9-]{0,39})?\Z")]
"""The fund's id in the rulebook; of a fund for each union, followed by a point and the union's id."""


class DepositInFund(Command, frozen=True, kw_only=True):
    """Put money into a fund. ref: of the bank's statement. Source: ZG-10."""

    TYPE = "jifen.fund_deposited"
    POSTED = False

    fund: FundId
    amount: Fen
    ref: Name


class PutForwardProject(Command, frozen=True, kw_only=True):
    """A union puts a volunteer project forward for its fund. amount: fen asked for. Source: EC-13."""

    TYPE = "jifen.project_put_forward"
    POSTED = False

    fund: FundId
    project: BranchId
    name: Name
    amount: Fen


class ReviewProject(Command, frozen=True, kw_only=True):
    """Approve a project or turn it down. Source: EC-13."""

    TYPE = "jifen.project_reviewed"
    POSTED = False

    fund: FundId
    project: BranchId
    approved: bool
    reason: Annotated[str, Meta(max_length=1000)] = ""


class PublishProject(Command, frozen=True, kw_only=True):
    """Publish an approved project, so that everybody can see what is funded. Source: EC-13."""

    TYPE = "jifen.project_published"
    POSTED = False

    fund: FundId
    project: BranchId


class PayProject(Command, frozen=True, kw_only=True):
    """Pay a published project from its fund; never more than the fund holds, nor than was asked for.

    Source: EC-13.
    """

    TYPE = "jifen.project_paid"
    POSTED = False

    fund: FundId
    project: BranchId
    amount: Fen
    ref: Name


class DecideHelp(Command, frozen=True, kw_only=True):
    """Approve a member's application for help, which is paid from its fund at once, or refuse it.

    Source: ZG-10.

    The participant of the request is the member. number: of the application. amount: fen, needed to approve.
    """

    TYPE = "jifen.help_decided"
    POSTED = False

    number: Annotated[int, Meta(ge=1)]
    approved: bool
    amount: Fen | None = None
    reason: Reason
