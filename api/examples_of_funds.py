"""Example answers about funds, quizzes, certificates and attendance, for the OpenAPI description."""

from datetime import UTC, date, datetime

from api.campaign_views import AskedQuestion
from api.doings import (
    AttendanceResults,
    Attendee,
    Attendees,
    CertificateView,
    HonourCertificates,
    QuizAnswer,
    QuizProgress,
    QuizView,
)
from api.example_answers import Answer, answer
from api.funds import (
    FundDetail,
    FundEntries,
    FundEntry,
    Funds,
    FundView,
    HelpApplications,
    HelpView,
    ProjectView,
)
from api.lines import PersonLine
from api.programme_views import TwoLanguages

_WHO = "p-000123"
_AT = datetime(2018, 12, 20, 13, 14, 9, tzinfo=UTC)
_NAME = TwoLanguages("公益项目基金", "Project fund")
_FUND = FundView(
    fund="projects.nanjing",
    name=_NAME,
    union="nanjing",
    union_name="南京市总工会",
    clause="EC-07",
    donated=31_200,
    deposited=0,
    collected=31_200,
    paid=20_000,
    balance=11_200,
    donations=305,
)
_PROJECT = ProjectView(
    project="river-trees",
    name="秦淮河植树",
    amount=20_000,
    paid=20_000,
    status="published",
    reason="",
    put_forward_at=_AT,
    reviewed_at=_AT,
    published_at=_AT,
)
_DONE = {
    "id": "9b1d-1",
    "status": "accepted",
    "position": 18_233,
    "recorded_at": "2018-12-21T01:00:00.000Z",
    "events": [],
    "postings": [],
}

ANSWERS_OF_FUNDS: dict[str, Answer] = {
    "listFunds": answer("Funds.", Funds([_FUND])),
    "getFund": answer(
        "The fund.",
        FundDetail(**{name: getattr(_FUND, name) for name in _FUND.__struct_fields__}, projects=[_PROJECT]),
    ),
    "listFundEntries": answer(
        "Movements.",
        FundEntries(
            [
                FundEntry(
                    position=18_231,
                    kind="donation",
                    amount=100,
                    balance=11_200,
                    participant=_WHO,
                    project="",
                    actor="",
                    ref="",
                    occurred_at=_AT,
                )
            ]
        ),
    ),
    "listHelp": answer(
        "Applications.",
        HelpApplications(
            [
                HelpView(
                    participant=_WHO,
                    number=1,
                    ref="forms/77",
                    asked=200_000,
                    granted=None,
                    status="applied",
                    actor="",
                    reason="",
                    applied_at=_AT,
                    decided_at=None,
                )
            ]
        ),
    ),
    "depositInFund": Answer("The money is in the fund.", _DONE),
    "putForwardProject": Answer("The project waits for its review.", _DONE),
    "reviewProject": Answer("The project is reviewed.", _DONE),
    "publishProject": Answer("The project is published.", _DONE),
    "payProject": Answer("The project is paid.", _DONE),
    "decideHelp": Answer("The application is decided, and the grant paid.", _DONE),
    "getQuiz": answer(
        "The quiz.",
        QuizView(
            id="hundred",
            name=TwoLanguages("百题问答", "Hundred questions"),
            clause="EC-08",
            daily=False,
            tries=None,
            count=100,
            day=None,
            questions=[
                AskedQuestion(
                    id="q-001", text="世界环境日是哪一天？", choices={"A": "6月5日", "B": "4月22日"}
                )
            ],
        ),
    ),
    "getQuizProgress": answer(
        "The participant's answers.",
        QuizProgress(
            quiz="hundred",
            right=1,
            count=100,
            answers=[QuizAnswer(question="q-001", day=None, tries=2, right_at=_AT)],
        ),
    ),
    "listCertificates": answer(
        "HonourCertificates.",
        HonourCertificates(
            [
                CertificateView(
                    number=f"ec-2018/honour/{_WHO}",
                    badge="honour",
                    title=TwoLanguages("先进个人电子荣誉证书", "Electronic honour certificate"),
                    campaign="ec-2018",
                    campaign_title=TwoLanguages("生态文明你我行", "Eco walk"),
                    participant=_WHO,
                    clause="EC-04",
                    awarded_at=_AT,
                    position=18_230,
                )
            ]
        ),
    ),
    "recordAttendance": answer(
        "What became of each line.",
        AttendanceResults(
            [
                PersonLine(line=1, status="accepted", http_status=201, participant=_WHO, position=18_234),
                PersonLine(
                    line=2,
                    status="refused",
                    http_status=422,
                    participant="p-000456",
                    position=18_235,
                    code="not_enrolled",
                    clause="EC-01",
                    detail="p-000456 has not enrolled in ec-2018; post jifen.enrolled first.",
                ),
            ]
        ),
    ),
    "listAttendance": answer(
        "Who attended.",
        Attendees([Attendee(participant=_WHO, day=date(2018, 12, 8), actor="li.wei", position=18_234)]),
    ),
}
"""Operation id → what it answers."""
