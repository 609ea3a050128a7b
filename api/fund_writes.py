"""What operators and finance do with funds: money comes in, projects are reviewed and paid, help is decided."""

from typing import Annotated, Any

from litestar import Request, Response, post
from msgspec import Meta, Struct

from api.answers import Accepted
from api.auth import CAMPAIGN_MAKERS, FUND_KEEPERS, HELP_DECIDERS, may
from api.bodies import json_body, required_idempotency_key
from api.funds import require_union_of, rules_with_fund
from api.member_writes import require_reason_for
from api.paths import CampaignPath, FundPath, HelpPath, ParticipantPath, ProjectPath
from api.persons import person_of
from api.problems import Problem, problems
from api.reading import rules_at, state
from api.scope import HANDLER, STANDING, WHOLE
from api.state import service_of
from api.writes import answer_one, asked_by
from ledger.command import BranchId, Command, Fen, Name, Reason
from ledger.enrolment import Enrolment
from ledger.fund import Fund
from ledger.fund_commands import (
    DecideHelp,
    DepositInFund,
    PayProject,
    PublishProject,
    PutForwardProject,
    ReviewProject,
)
from ledger.fund_refusals import ProjectUnknown
from ledger.funds import fund_of_help
from ledger.refusal import Malformed
from ledger.streams import enrolment_stream, fund_stream

KEPT = "Stays in the log for ever: no personal data."
ASKED = problems(401, 403, 404, 409, 413, 415, 422, 429)


class Deposit(Struct, forbid_unknown_fields=True):
    """Money that comes into a fund."""

    amount: Annotated[Fen, Meta(description="In fen.")]
    ref: Annotated[Name, Meta(description="Of the bank's statement.")]


class ProjectProposal(Struct, forbid_unknown_fields=True):
    """A volunteer project that a union puts forward."""

    project: Annotated[BranchId, Meta(description="An id that no other project of the fund has.")]
    name: Name
    amount: Annotated[Fen, Meta(description="What is asked for, in fen.")]


class ProjectReview(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the review of a project says."""

    approved: bool
    reason: Annotated[str, Meta(max_length=1000, description=f"Why; needed to turn it down. {KEPT}")] = ""


class Payment(Struct, forbid_unknown_fields=True):
    """Money that a project gets."""

    amount: Annotated[
        Fen, Meta(description="In fen; never more than the fund holds, nor than was asked for.")
    ]
    ref: Annotated[Name, Meta(description="Of the bank's statement.")]


class HelpDecision(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What becomes of an application for help."""

    approved: bool
    reason: Annotated[Reason, Meta(description=f"Why. {KEPT}")]
    amount: Annotated[
        Fen | None, Meta(description="What is granted, in fen, and paid at once; left out of a refusal.")
    ] = None


@post(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/deposits",
    opt=may(FUND_KEEPERS, HANDLER),
    operation_id="depositInFund",
    tags=["funds"],
    summary="Put money into a fund",
    responses=ASKED,
)
async def deposit_in_fund(
    request: Request[Any, Any, Any], campaign: CampaignPath, fund: FundPath
) -> Response[Accepted]:
    """Money that no sponsor gives for steps, such as a union's own means for hardship (ZG-10)."""
    said = await json_body(request, Deposit)
    return await _write(request, campaign, fund, DepositInFund(fund=fund, amount=said.amount, ref=said.ref))


@post(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/projects",
    opt=may(CAMPAIGN_MAKERS, HANDLER),
    operation_id="putForwardProject",
    tags=["funds"],
    summary="Put a project forward",
    responses=ASKED,
)
async def put_forward_project(
    request: Request[Any, Any, Any], campaign: CampaignPath, fund: FundPath
) -> Response[Accepted]:
    """A union puts a volunteer project forward for its fund; the rules say how many it may (EC-13)."""
    said = await json_body(request, ProjectProposal)
    command = PutForwardProject(fund=fund, project=said.project, name=said.name, amount=said.amount)
    return await _write(request, campaign, fund, command)


@post(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/projects/{project:str}/review",
    opt=may(CAMPAIGN_MAKERS, WHOLE),
    operation_id="reviewProject",
    tags=["funds"],
    summary="Review a project",
    responses=ASKED,
)
async def review_project(
    request: Request[Any, Any, Any], campaign: CampaignPath, fund: FundPath, project: ProjectPath
) -> Response[Accepted]:
    """Approve a project that was put forward, or turn it down. No key of a branch reviews its own projects."""
    said = await json_body(request, ProjectReview)
    require_reason_for(said.approved, said.reason)
    command = ReviewProject(fund=fund, project=project, approved=said.approved, reason=said.reason)
    return await _step(request, campaign, fund, project, command)


@post(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/projects/{project:str}/publication",
    opt=may(CAMPAIGN_MAKERS, WHOLE),
    operation_id="publishProject",
    tags=["funds"],
    summary="Publish a project",
    responses=ASKED,
)
async def publish_project(
    request: Request[Any, Any, Any], campaign: CampaignPath, fund: FundPath, project: ProjectPath
) -> Response[Accepted]:
    """Publish an approved project: everybody can see it, and it can be paid."""
    return await _step(request, campaign, fund, project, PublishProject(fund=fund, project=project))


@post(
    "/v1/campaigns/{campaign:str}/funds/{fund:str}/projects/{project:str}/payments",
    opt=may(FUND_KEEPERS, WHOLE),
    operation_id="payProject",
    tags=["funds"],
    summary="Pay a project",
    responses=ASKED,
)
async def pay_project(
    request: Request[Any, Any, Any], campaign: CampaignPath, fund: FundPath, project: ProjectPath
) -> Response[Accepted]:
    """Pay a published project from its fund, in one sum or in several. A fund never pays more than it holds."""
    said = await json_body(request, Payment)
    command = PayProject(fund=fund, project=project, amount=said.amount, ref=said.ref)
    return await _step(request, campaign, fund, project, command)


@post(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/help/{number:int}",
    opt=may(HELP_DECIDERS, STANDING),
    operation_id="decideHelp",
    tags=["funds"],
    summary="Decide an application for help",
    responses=ASKED,
)
async def decide_help(
    request: Request[Any, Any, Any], campaign: CampaignPath, participant: ParticipantPath, number: HelpPath
) -> Response[Accepted]:
    """Approve an application, which is paid from the programme's fund at once, or refuse it (ZG-10).

    A key of a branch decides only what a fund of a union in that branch pays; a fund of all is of none.
    """
    said = await json_body(request, HelpDecision)
    if said.approved != (said.amount is not None):
        raise Malformed("/amount", "An approval says how much is granted, in fen; a refusal does not.")
    service = service_of(request)
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
        who, member = await person_of(connection, participant)
        enrolment = await state(connection, enrolment_stream(who, campaign), Enrolment)
    if book.hardship is not None:
        await require_union_of(request, fund_of_help(book, book.hardship, member, enrolment))
    command = DecideHelp(number=number, approved=said.approved, amount=said.amount, reason=said.reason)
    return await _submit(request, campaign, command, participant)


async def _step(
    request: Request[Any, Any, Any], campaign: str, fund: str, project: str, command: Command
) -> Response[Accepted]:
    """Take a step with a project that is there. Raises Problem, 404, for one that is not."""
    service = service_of(request)
    book = await rules_with_fund(service, campaign, fund)
    async with service.pool.connection() as connection:
        found = await state(connection, fund_stream(book.id, fund), Fund)
    if found.project(project) is None:
        raise Problem(404, ProjectUnknown.CODE, f"{fund} has no project {project}.", clause=book.clause)
    return await _submit(request, campaign, command)


async def _write(
    request: Request[Any, Any, Any], campaign: str, fund: str, command: Command
) -> Response[Accepted]:
    """Do something with a fund that is there and, for a key of a branch, that union's."""
    await require_union_of(request, fund)
    await rules_with_fund(service_of(request), campaign, fund)
    return await _submit(request, campaign, command)


async def _submit(
    request: Request[Any, Any, Any], campaign: str, command: Command, participant: str = ""
) -> Response[Accepted]:
    id_ = required_idempotency_key(request)
    return await answer_one(
        request, asked_by(request, id_, command, campaign=campaign, participant=participant)
    )
