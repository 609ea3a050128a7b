"""What the API asks of funds, help, quizzes, attendance and certificates. Like reads.py: one statement a call."""

from datetime import date, datetime

import msgspec

from projections.reads import NEWEST, Connection, rows


class FundRow(msgspec.Struct, frozen=True):
    """A fund, in fen. donations: how often a sponsor gave something for steps."""

    fund: str
    donated: int = 0
    deposited: int = 0
    paid: int = 0
    donations: int = 0

    @property
    def balance(self) -> int:
        """What it holds."""
        return self.donated + self.deposited - self.paid


class ProjectRow(msgspec.Struct, frozen=True):
    """A project. amount: fen asked for. status: put_forward, approved, turned_down or published."""

    project: str
    name: str
    amount: int
    paid: int
    status: str
    reason: str
    put_forward_at: datetime
    reviewed_at: datetime | None
    published_at: datetime | None
    position: int


class EntryRow(msgspec.Struct, frozen=True):
    """A movement of a fund's money. kind: donation, deposit, project or grant. amount: fen, below zero for paid out."""

    position: int
    kind: str
    amount: int
    balance: int
    participant: str
    project: str
    actor: str
    ref: str
    occurred_at: datetime


class HelpRow(msgspec.Struct, frozen=True):
    """An application for help. asked, granted: fen. status: applied, approved or refused."""

    participant: str
    number: int
    ref: str
    asked: int | None
    granted: int | None
    status: str
    actor: str
    reason: str
    applied_at: datetime
    decided_at: datetime | None
    position: int


class AnswerRow(msgspec.Struct, frozen=True):
    """A question that was answered. asked: its id, or the day of a daily quiz. right_at: None while it was not."""

    asked: str
    question: str
    tries: int
    last_at: datetime
    right_at: datetime | None


class AttendanceRow(msgspec.Struct, frozen=True):
    """Somebody who attended an occasion. actor: who recorded it."""

    participant: str
    day: date
    actor: str
    position: int


class CertificateRow(msgspec.Struct, frozen=True):
    """An honour certificate."""

    badge: str
    number: str
    clause: str
    awarded_at: datetime
    position: int


async def funds(conn: Connection, book: str, fund: str | None = None) -> dict[str, FundRow]:
    """Name → fund, of those that ever had money; all, or one."""
    found = await rows(conn, "funds", {"book": book, "fund": fund})
    return {row[0]: FundRow(*row) for row in found}


async def projects(conn: Connection, book: str, fund: str) -> list[ProjectRow]:
    """The projects of a fund, in the order in which they were put forward."""
    return [ProjectRow(*row) for row in await rows(conn, "projects", {"book": book, "fund": fund})]


async def entries(
    conn: Connection, book: str, fund: str, *, before: int | None = None, limit: int = 50
) -> list[EntryRow]:
    """What moved a fund's money, newest first. before: position of the last row of the page before."""
    parameters = {"book": book, "fund": fund, "before": before or NEWEST, "limit": limit}
    return [EntryRow(*row) for row in await rows(conn, "fund_entries", parameters)]


async def help_applications(
    conn: Connection, campaign: str, status: str | None = None, *, after: int = 0, limit: int = 50
) -> list[HelpRow]:
    """Applications for help, oldest first. after: position of the last row of the page before."""
    parameters = {"campaign": campaign, "status": status, "after": after, "limit": limit}
    return [HelpRow(*row) for row in await rows(conn, "help_applications", parameters)]


async def quiz_answers(conn: Connection, book: str, participant: str, quiz: str) -> list[AnswerRow]:
    """What a participant has answered in a quiz."""
    parameters = {"book": book, "participant": participant, "quiz": quiz}
    return [AnswerRow(*row) for row in await rows(conn, "quiz_answers", parameters)]


async def attendance(
    conn: Connection, book: str, occasion: str, *, after: int = 0, limit: int = 50
) -> list[AttendanceRow]:
    """Who attended an occasion. after: position of the last row of the page before."""
    parameters = {"book": book, "occasion": occasion, "after": after, "limit": limit}
    return [AttendanceRow(*row) for row in await rows(conn, "attendance", parameters)]


async def certificates(conn: Connection, book: str, participant: str) -> list[CertificateRow]:
    """The certificates of a participant, in the order in which they were awarded."""
    found = await rows(conn, "certificates", {"book": book, "participant": participant})
    return [CertificateRow(*row) for row in found]
