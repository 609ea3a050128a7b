"""Funds, their projects, every movement of their money, and applications for help (EC-07, EC-13, ZG-10)."""

from collections.abc import Sequence
from datetime import datetime

from ledger.fund_events import (
    FundCredited,
    GrantPaid,
    ProjectPaid,
    ProjectPublished,
    ProjectPutForward,
    ProjectReviewed,
)
from ledger.member_events import HelpApplied, HelpDecided, MemberBecame
from projections.projection import Fact, Projection, Row, Rows, Stage

MOVED_FUNDS = Stage(
    "moved_funds",
    {
        "book": "text",
        "fund": "text",
        "donated": "int8",
        "deposited": "int8",
        "paid": "int8",
        "donations": "int8",
    },
)
ENTRIES = Stage(
    "fund_entries",
    {
        "book": "text",
        "fund": "text",
        "position": "int8",
        "kind": "text",
        "amount": "int8",
        "balance": "int8",
        "participant": "text",
        "project": "text",
        "actor": "text",
        "ref": "text",
        "occurred_at": "timestamptz",
    },
    temporary=False,
)
CHANGED_PROJECTS = Stage(
    "changed_projects",
    {
        "book": "text",
        "fund": "text",
        "project": "text",
        "name": "text",
        "amount": "int8",
        "paid": "int8",
        "status": "text",
        "reason": "text",
        "put_forward_at": "timestamptz",
        "reviewed_at": "timestamptz",
        "published_at": "timestamptz",
        "position": "int8",
    },
)
CHANGED_HELP = Stage(
    "changed_help",
    {
        "campaign": "text",
        "participant": "text",
        "number": "int4",
        "ref": "text",
        "asked": "int8",
        "granted": "int8",
        "status": "text",
        "actor": "text",
        "reason": "text",
        "applied_at": "timestamptz",
        "decided_at": "timestamptz",
        "position": "int8",
    },
)
JOINED_HELP = Stage("joined_help", {"other": "text", "participant": "text", "after": "int4"})
OfProject = ProjectPutForward | ProjectReviewed | ProjectPublished | ProjectPaid


OfHelp = tuple[str, str, int]
"""The campaign of an application for help, the participant, and its number."""


class Project:
    """What a batch of events says of a project. None is: nothing; what stood before stays."""

    __slots__ = (
        "amount",
        "name",
        "paid",
        "position",
        "published_at",
        "put_forward_at",
        "reason",
        "reviewed_at",
        "status",
    )

    def __init__(self) -> None:
        self.name: str | None = None
        self.amount: int | None = None
        self.paid: int | None = None
        self.status: str | None = None
        self.reason: str | None = None
        self.put_forward_at: datetime | None = None
        self.reviewed_at: datetime | None = None
        self.published_at: datetime | None = None
        self.position: int | None = None

    def take(self, event: OfProject, position: int) -> None:
        """One event more, in the order of the fund's stream."""
        match event:
            case ProjectPutForward():
                self.name, self.amount, self.paid, self.status = event.name, event.amount, 0, "put_forward"
                self.reason, self.put_forward_at, self.position = "", event.occurred_at, position
            case ProjectReviewed():
                self.status = "approved" if event.approved else "turned_down"
                self.reason, self.reviewed_at = event.reason, event.occurred_at
            case ProjectPublished():
                self.status, self.published_at = "published", event.occurred_at
            case ProjectPaid():
                self.paid = event.paid

    def row(self) -> Row:
        """The members in the order of the stage's columns."""
        return (
            self.name,
            self.amount,
            self.paid,
            self.status,
            self.reason,
            self.put_forward_at,
            self.reviewed_at,
            self.published_at,
            self.position,
        )


class Funds(Projection):
    """All from the fund's own stream, but for help, which is from the members'.

    Applications of a client id that was joined to another participant are that participant's from then on, numbered as
    the ledger numbers them; the joining says so in the client id's own stream, after its applications (EC-12).
    """

    NAME = "funds"
    TABLES = ("funds", "fund_entries", "projects", "help_applications")
    STAGES = (MOVED_FUNDS, ENTRIES, CHANGED_PROJECTS, CHANGED_HELP, JOINED_HELP)
    STATEMENTS = ("funds_merge", "projects_merge", "help_join", "help_merge")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """What moved each fund by how much, a row for each movement, and each project and application that changed."""
        moved: dict[tuple[str, str], tuple[int, int, int, int]] = {}
        entries: list[Row] = []
        projects: dict[tuple[str, str, str], Project] = {}
        help_: dict[OfHelp, tuple[object, ...]] = {}
        joined: dict[str, tuple[str, int]] = {}
        for fact in facts:
            event = fact.event
            if isinstance(event, OfProject):
                place = (fact.book, event.fund, event.project)
                projects.setdefault(place, Project()).take(event, fact.position)
            if isinstance(event, FundCredited | ProjectPaid | GrantPaid):
                kind, amount, who, project, ref = _movement(event)
                key = (fact.book, event.fund)
                row = (*key, fact.position, kind, amount, event.balance, who, project, event.actor, ref)
                entries.append((*row, event.occurred_at))
                moved[key] = _sum(moved.get(key, (0, 0, 0, 0)), kind, amount)
            elif isinstance(event, HelpApplied | HelpDecided):
                key_of_help = (event.campaign, fact.participant, event.number)
                help_[key_of_help] = _help(help_.get(key_of_help), event, fact.position)
            elif isinstance(event, MemberBecame) and event.helps_after is not None:
                new = (event.member, event.helps_after)
                help_ = {_numbered_on(key, fact.participant, *new): said for key, said in help_.items()}
                joined = {
                    other: (event.member, after + event.helps_after)
                    if who == fact.participant
                    else (who, after)
                    for other, (who, after) in joined.items()
                } | {fact.participant: new}
        changed = [(*key, *project.row()) for key, project in projects.items()]
        return (
            [(*key, *sums) for key, sums in sorted(moved.items())],
            sorted(entries),
            changed,
            [(*key, *said) for key, said in help_.items()],
            [(other, *new) for other, new in joined.items()],
        )


def _numbered_on(key: OfHelp, other: str, who: str, after: int) -> OfHelp:
    """The key of an application, once those of ``other`` are ``who``'s."""
    campaign, participant, number = key
    return (campaign, who, number + after) if participant == other else key


def _movement(event: FundCredited | ProjectPaid | GrantPaid) -> tuple[str, int, str, str, str]:
    """The kind of a movement, its amount, whom and which project it is about, and the bank's reference."""
    match event:
        case FundCredited():
            kind = "donation" if event.participant else "deposit"
            return kind, event.amount, event.participant, "", event.ref
        case ProjectPaid():
            return "project", -event.amount, "", event.project, event.ref
        case GrantPaid():
            return "grant", -event.amount, event.member, "", ""


def _sum(before: tuple[int, int, int, int], kind: str, amount: int) -> tuple[int, int, int, int]:
    donated, deposited, paid, donations = before
    match kind:
        case "donation":
            return donated + amount, deposited, paid, donations + 1
        case "deposit":
            return donated, deposited + amount, paid, donations
    return donated, deposited, paid - amount, donations


def _help(
    before: tuple[object, ...] | None, event: HelpApplied | HelpDecided, position: int
) -> tuple[object, ...]:
    """ref, asked, granted, status, actor, reason, applied_at, decided_at, position; None leaves what stood before."""
    if isinstance(event, HelpApplied):
        return event.ref, event.amount, None, "applied", "", "", event.occurred_at, None, position
    ref, asked, applied_at, applied = (before[0], before[1], before[6], before[8]) if before else (None,) * 4
    status = "approved" if event.approved else "refused"
    granted = event.amount if event.approved else None
    return ref, asked, granted, status, event.actor, event.reason, applied_at, event.occurred_at, applied
