"""Funds: donations, deposits, volunteer projects, grants. A fund never pays more than it holds.

Source: EC-07, EC-13, ZG-10. Amounts in fen.
"""

from collections.abc import Iterable
from typing import Any

from ledger import membership
from ledger.activity_events import DonationMade
from ledger.area import Area, States
from ledger.command import Request
from ledger.context import Context
from ledger.decision import Decision
from ledger.enrolment import Enrolment
from ledger.events import StepsSynced
from ledger.fund import Fund, Project
from ledger.fund_commands import (
    DecideHelp,
    DepositInFund,
    PayProject,
    PublishProject,
    PutForwardProject,
    ReviewProject,
)
from ledger.fund_events import (
    FundCredited,
    GrantPaid,
    ProjectPaid,
    ProjectPublished,
    ProjectPutForward,
    ProjectReviewed,
)
from ledger.fund_refusals import (
    AmountAboveLimit,
    FundShort,
    FundUnknown,
    HelpUnknown,
    NotInHardship,
    ProjectExists,
    ProjectStepNotAllowed,
    ProjectUnknown,
    TooManyProjects,
)
from ledger.member import Help, Member
from ledger.member_commands import ApplyForHelp
from ledger.member_events import HelpApplied, HelpDecided
from ledger.posting import (
    MONEY,
    deposits_account,
    fund_account,
    granted_account,
    grants_account,
    move,
    project_account,
    sponsor_account,
)
from ledger.refusal import Malformed
from ledger.refusals import AfterCampaign, BeforeCampaign, NotPlayed
from ledger.rulebook import Rulebook
from ledger.rulebook_lookups import fund_named, fund_of
from ledger.rulebook_programmes import Fund as FundRules
from ledger.rulebook_programmes import Hardship
from ledger.streams import enrolment_stream, fund_stream, member_stream

OfFund = DepositInFund | PutForwardProject | ReviewProject | PublishProject | PayProject


def of_donations(state: Enrolment, rules: Rulebook, steps: int) -> Iterable[str]:
    """The streams of the funds that a sync of so many steps can bring donations to; mostly none."""
    for trial in (False, True) if state.trial and rules.trial else (False,):
        play = state.play_of(trial)
        for donation in rules.donations:
            if (play.total + steps) // donation.every > play.doings.donations.get(donation.fund, 0):
                yield fund_stream(rules.book(trial), fund_of(rules, donation.fund, state.branch))


def follow_sync(synced: StepsSynced, context: Context, decision: Decision) -> None:
    """After a counted sync: what sponsors donate for the steps so far, less what they have donated already.

    A lower sync later takes nothing back; the next donation waits until the steps have passed it. The fund is that of
    the participant's union by now. Source: EC-07.
    """
    rules, who = context.rules, context.request.participant
    for donation in rules.donations:
        state = decision.state(context.stream, Enrolment)
        play = state.play_of(synced.trial)
        before = play.doings.donations.get(donation.fund, 0)
        donations = play.total // donation.every
        if donations <= before:
            continue
        fund, amount = fund_of(rules, donation.fund, state.branch), (donations - before) * donation.amount
        made = context.event(
            DonationMade, trial=synced.trial, fund=fund, donations=donations, total=play.total, amount=amount
        )
        decision.add(context.stream, made)
        source = (sponsor_account(rules.book(synced.trial)), None)
        _credit(fund, amount, source, donation.clause, synced.trial, context, decision, participant=who)


def _credit(
    fund: str, amount: int, source: tuple[str, None], clause: str, trial: bool, context: Context,
    decision: Decision, **said: str,
) -> None:  # fmt: skip
    """Money comes into a fund: its own event moves it, so that the fund's balance stands beside it."""
    book = context.rules.book(trial)
    stream = fund_stream(book, fund)
    balance = decision.state(stream, Fund).balance
    credited = context.event(
        FundCredited,
        trial=trial,
        postings=move(MONEY, amount, source, (fund_account(book, fund), balance), clause),
        fund=fund,
        amount=amount,
        balance=balance + amount,
        **said,
    )
    decision.add(stream, credited)


class _Scene:
    """A fund of the campaign, its rules, and what it holds. Refuses: FundUnknown."""

    def __init__(self, fund: str, context: Context, decision: Decision) -> None:
        rules = fund_named(context.rules, fund)
        if rules is None:
            raise FundUnknown(f"{context.rules.id} has no fund {fund}", context.rules.clause)
        self.id = fund
        self.rules: FundRules = rules
        self.clause = rules.project_clause or rules.clause
        self.book = context.rules.id
        self.context = context
        self.decision = decision
        self.stream = fund_stream(self.book, fund)
        self.fund = decision.state(self.stream, Fund)

    def project(self, id: str) -> Project:
        """A project of the fund. Refuses: ProjectUnknown."""
        project = self.fund.project(id)
        if project is None:
            raise ProjectUnknown(f"{self.id} has no project {id}", self.clause)
        return project

    def require(self, project: Project, status: str) -> None:
        """Refuse ProjectStepNotAllowed unless the project has this status."""
        if project.status != status:
            raise ProjectStepNotAllowed(
                f"{project.id} is {project.status}; this needs one that is {status}", self.clause
            )

    def require_money(self, amount: int) -> None:
        """Refuse FundShort unless the fund holds so much."""
        if amount > self.fund.balance:
            raise FundShort(f"{self.id} holds {self.fund.balance} fen, not {amount}", self.rules.clause)

    def pay(self, amount: int, taker: str, clause: str) -> dict[str, Any]:
        """The members of an event that pays: what moves, what it leaves, who said so."""
        giver = (fund_account(self.book, self.id), self.fund.balance)
        return {
            "postings": move(MONEY, amount, giver, (taker, None), clause),
            "fund": self.id,
            "amount": amount,
            "balance": self.fund.balance - amount,
            "actor": self.context.request.actor,
        }


def deposit(command: DepositInFund, context: Context, decision: Decision) -> None:
    """Put money into a fund. Refuses: FundUnknown. Source: ZG-10."""
    scene = _Scene(command.fund, context, decision)
    said = {"actor": context.request.actor, "ref": command.ref}
    source = (deposits_account(scene.book), None)
    _credit(command.fund, command.amount, source, scene.rules.clause, False, context, decision, **said)


def put_forward(command: PutForwardProject, context: Context, decision: Decision) -> None:
    """Put a project forward. Of a fund for each union, the limit is that union's; who was turned down does not count.

    Refuses: FundUnknown, ProjectExists, TooManyProjects. Source: EC-13.
    """
    scene = _Scene(command.fund, context, decision)
    if scene.fund.project(command.project):
        raise ProjectExists(f"{command.fund} has a project {command.project} already", scene.clause)
    most = scene.rules.projects
    waiting = [each for each in scene.fund.projects if each.status != "turned_down"]
    if most is not None and len(waiting) >= most:
        raise TooManyProjects(f"{command.fund} takes {most} projects, and has them", scene.clause)
    told = context.event(
        ProjectPutForward,
        fund=command.fund,
        project=command.project,
        name=command.name,
        amount=command.amount,
        actor=context.request.actor,
    )
    decision.add(scene.stream, told)


def review(command: ReviewProject, context: Context, decision: Decision) -> None:
    """Approve a project or turn it down. Refuses: FundUnknown, ProjectUnknown, ProjectStepNotAllowed. Source: EC-13."""
    scene = _Scene(command.fund, context, decision)
    scene.require(scene.project(command.project), "put_forward")
    told = context.event(
        ProjectReviewed,
        fund=command.fund,
        project=command.project,
        approved=command.approved,
        actor=context.request.actor,
        reason=command.reason,
    )
    decision.add(scene.stream, told)


def publish(command: PublishProject, context: Context, decision: Decision) -> None:
    """Publish an approved project. Refuses: FundUnknown, ProjectUnknown, ProjectStepNotAllowed. Source: EC-13."""
    scene = _Scene(command.fund, context, decision)
    scene.require(scene.project(command.project), "approved")
    told = context.event(
        ProjectPublished, fund=command.fund, project=command.project, actor=context.request.actor
    )
    decision.add(scene.stream, told)


def pay(command: PayProject, context: Context, decision: Decision) -> None:
    """Pay a published project, in one sum or in several.

    Refuses: FundUnknown, ProjectUnknown, ProjectStepNotAllowed, AmountAboveLimit, FundShort. Source: EC-13.
    """
    scene = _Scene(command.fund, context, decision)
    project = scene.project(command.project)
    scene.require(project, "published")
    if command.amount > (due := project.amount - project.paid):
        raise AmountAboveLimit(
            f"{project.id} asked for {project.amount} fen, of which {due} are not paid yet", scene.clause
        )
    scene.require_money(command.amount)
    taker = project_account(scene.book, command.fund, command.project)
    paid = context.event(
        ProjectPaid,
        **scene.pay(command.amount, taker, scene.clause),
        project=command.project,
        paid=project.paid + command.amount,
        ref=command.ref,
    )
    decision.add(scene.stream, paid)


def _hardship(context: Context) -> Hardship:
    if context.rules.hardship is None:
        raise NotPlayed("this programme gives no help", context.rules.clause)
    return context.rules.hardship


def apply_for_help(command: ApplyForHelp, context: Context, decision: Decision) -> None:
    """Apply for help. Whoever is flagged as in hardship can, enrolled in the programme or not.

    Refuses: FutureDated, BeforeCampaign, AfterCampaign, NotPlayed, NotInHardship. Source: ZG-10, GX-04.
    """
    context.require_not_future()
    rules, day = context.rules, context.occurred.date()
    if day < rules.opens:
        raise BeforeCampaign(f"{day} is before {rules.opens}, on which {rules.id} begins")
    if day > rules.ends:
        raise AfterCampaign(f"{day} is after {rules.ends}, the last day of {rules.id}", rules.clause)
    clause = _hardship(context).clause
    if not context.member.hardship:
        raise NotInHardship(f"{context.request.participant} is not known to be in hardship", clause)
    applied = context.event(
        HelpApplied,
        campaign=rules.id,
        number=max((each.number for each in context.member.helps), default=0) + 1,
        ref=command.ref,
        amount=command.amount,
    )
    decision.add(context.person, applied)


def decide_help(command: DecideHelp, context: Context, decision: Decision) -> None:
    """Approve an application, which is paid from the fund at once, or refuse it.

    Refuses: PersonErased, Suspended (nothing is paid to them), NotPlayed, HelpUnknown, FundUnknown, AmountAboveLimit,
    FundShort (first that holds). Source: ZG-10, GX-05.
    Raises Malformed for an approval without an amount, or a refusal with one.
    """
    if command.approved != (command.amount is not None):
        raise Malformed("/amount", "an approval says how much is granted, in fen; a refusal does not")
    if command.approved:
        membership.require_active(context)
    hardship = _hardship(context)
    asked = next((each for each in context.member.helps if each.number == command.number), None)
    if asked is None or asked.status != "applied" or asked.campaign != context.rules.id:
        raise HelpUnknown(
            f"{context.request.participant} has no application {command.number} that waits", hardship.clause
        )
    postings = _grant(command.amount, asked, hardship, context, decision) if command.amount else ()
    decided = context.event(
        HelpDecided,
        postings=postings,
        campaign=context.rules.id,
        number=command.number,
        approved=command.approved,
        actor=context.request.actor,
        amount=command.amount or 0,
        reason=command.reason,
    )
    decision.add(context.person, decided)


def _grant(
    amount: int, asked: Help, hardship: Hardship, context: Context, decision: Decision
) -> tuple[Any, ...]:
    """The fund's side of a grant, and the postings that bring it to the member: by way of an account between."""
    who, book, clause = context.request.participant, context.rules.id, hardship.clause
    for most, why in ((asked.amount, "were asked for"), (hardship.most, "is the most of one grant")):
        if most is not None and amount > most:
            raise AmountAboveLimit(f"{amount} fen are too much: {most} {why}", clause)
    enrolment = decision.state(context.stream, Enrolment)
    scene = _Scene(fund_of_help(context.rules, hardship, context.member, enrolment), context, decision)
    scene.require_money(amount)
    between = granted_account(book)
    paid = context.event(GrantPaid, **scene.pay(amount, between, clause), member=who, number=asked.number)
    decision.add(scene.stream, paid)
    had = sum(
        each.amount or 0
        for each in context.member.helps
        if each.status == "approved" and each.campaign == context.rules.id
    )
    return move(MONEY, amount, (between, None), (grants_account(book, who), had), clause)


def fund_of_help(rules: Rulebook, hardship: Hardship, member: Member, enrolment: Enrolment) -> str:
    """The fund that pays a member: that of the union which the person belongs to, or has enrolled under."""
    branch = member.membership.branch if member.membership else enrolment.branch
    return fund_of(rules, hardship.fund, branch)


def _named(request: Request) -> Iterable[str]:
    if isinstance(request.command, OfFund):
        yield fund_stream(request.campaign, request.command.fund)


def _more(request: Request, states: States, rulebooks: Iterable[Rulebook]) -> Iterable[str]:
    if not isinstance(request.command, DecideHelp):
        return
    enrolment = states[enrolment_stream(request.participant, request.campaign)]
    member = states[member_stream(request.participant)]
    assert isinstance(enrolment, Enrolment)
    assert isinstance(member, Member)
    for rules in rulebooks:
        if rules.hardship:
            fund = fund_of_help(rules, rules.hardship, member, enrolment)
            yield fund_stream(rules.id, fund)


AREA = Area(
    wide={
        DepositInFund: deposit,
        PutForwardProject: put_forward,
        ReviewProject: review,
        PublishProject: publish,
        PayProject: pay,
        ApplyForHelp: apply_for_help,
        DecideHelp: decide_help,
    },
    named=_named,
    more=_more,
    serves={ApplyForHelp: "hardship"},
)
