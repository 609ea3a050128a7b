"""One event of every type of doings and funds, with every member that it can have."""

from datetime import date
from typing import Any

from ledger.activity_events import (
    ArticleRead,
    AttendanceRecorded,
    CertificateAwarded,
    CommentPosted,
    ContentCounted,
    DaysReceived,
    DonationMade,
    QuizAnswered,
    RunRecorded,
)
from ledger.event import Event
from ledger.fund_events import (
    FundCredited,
    GrantPaid,
    ProjectPaid,
    ProjectPublished,
    ProjectPutForward,
    ProjectReviewed,
)
from ledger.posting import Posting
from tests.unit.golden_rewards import SAID

DAY = date(2019, 7, 3)
ONE_POINT = (
    Posting("points:zg:p-000123", "points", 1, "ZG-05", 58),
    Posting("issued:zg", "points", -1),
)
EARNED: dict[str, Any] = {"postings": ONE_POINT, "day": DAY, "earned": {"doing": 1}}
FUND = "green.nanjing"
PROJECT: dict[str, Any] = {"fund": FUND, "project": "trees", "actor": "li.wei"}


def money(*legs: tuple[str, int, int | None]) -> tuple[Posting, ...]:
    return tuple(Posting(account, "CNY-fen", amount, "EC-07", after) for account, amount, after in legs)


EXAMPLES: list[Event] = [
    RunRecorded(
        **SAID, day=DAY, distance_m=3_200, duration_s=1_260, provider="band", device="d-77", total_m=4_000
    ),
    QuizAnswered(
        **SAID,
        **EARNED,
        quiz="hundred",
        question="q-07",
        answer="A",
        correct=True,
        number=10,
        daily=True,
        tried=2,
    ),
    CommentPosted(**SAID, **EARNED, ref="comments/7"),
    ArticleRead(**SAID, **EARNED, ref="news/7"),
    ContentCounted(**SAID, **EARNED, ref="films/7"),
    AttendanceRecorded(**SAID, **EARNED, occasion="park-walk", actor="li.wei"),
    DaysReceived(**SAID, days=2, taken=(DAY,), skipped=((date(2019, 7, 1), "day_closed"),)),
    DonationMade(**SAID, fund=FUND, donations=3, total=312_000, amount=100),
    CertificateAwarded(**SAID, badge="pioneer", number="ec-2018/pioneer/p-000123", clause="EC-04"),
    FundCredited(
        **SAID,
        postings=money(("sponsor:ec-2018", -100, None), ("fund:ec-2018:green.nanjing", 100, 700)),
        fund=FUND,
        amount=100,
        balance=700,
        participant="p-000123",
        actor="li.wei",
        ref="bank/1",
    ),
    ProjectPutForward(**SAID, **PROJECT, name="植树", amount=500),
    ProjectReviewed(**SAID, **PROJECT, approved=True, reason="fits the fund"),
    ProjectPublished(**SAID, **PROJECT),
    ProjectPaid(
        **SAID,
        **PROJECT,
        postings=money(
            ("fund:ec-2018:green.nanjing", -500, 200), ("project:ec-2018:green.nanjing:trees", 500, None)
        ),
        amount=500,
        paid=500,
        balance=200,
        ref="bank/2",
    ),
    GrantPaid(
        **SAID,
        postings=money(("fund:zg:help", -300, 700), ("granted:zg", 300, None)),
        fund="help",
        member="p-000123",
        number=1,
        amount=300,
        balance=700,
        actor="li.wei",
    ),
]
