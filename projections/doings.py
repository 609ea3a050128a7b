"""Quizzes, attendance and certificates of participants (EC-04, EC-08, EC-14, ZG-06)."""

from collections.abc import Sequence
from datetime import datetime

from ledger.activity_events import AttendanceRecorded, CertificateAwarded, QuizAnswered
from ledger.join_events import HistoryJoined
from projections.projection import Fact, Projection, Row, Rows, Stage

CHANGED_ANSWERS = Stage(
    "changed_quiz_answers",
    {
        "book": "text",
        "participant": "text",
        "quiz": "text",
        "asked": "text",
        "question": "text",
        "tries": "int4",
        "last_at": "timestamptz",
        "right_at": "timestamptz",
    },
)
ATTENDANCE = Stage(
    "attendance",
    {
        "book": "text",
        "occasion": "text",
        "participant": "text",
        "day": "date",
        "actor": "text",
        "position": "int8",
    },
    temporary=False,
)
CERTIFICATES = Stage(
    "certificates",
    {
        "book": "text",
        "participant": "text",
        "badge": "text",
        "number": "text",
        "clause": "text",
        "awarded_at": "timestamptz",
        "position": "int8",
    },
    temporary=False,
)
JOINED = Stage("joined_doings", {"book": "text", "participant": "text", "other": "text"})


class Answers:
    """How a batch of events has a question answered."""

    __slots__ = ("last_at", "question", "right_at", "tries")

    def __init__(self, question: str) -> None:
        self.question = question
        self.tries = 0
        self.last_at: datetime | None = None
        self.right_at: datetime | None = None


class Doings(Projection):
    """Rows of a client id that was joined to another participant are that participant's from then on (EC-12)."""

    NAME = "doings"
    TABLES = ("quiz_answers", "attendance", "certificates")
    STAGES = (CHANGED_ANSWERS, ATTENDANCE, CERTIFICATES, JOINED)
    STATEMENTS = ("quiz_answers_merge", "quiz_answers_join", "attendance_join", "certificates_join")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each question that was answered, each attendance, each certificate, each joining."""
        answers: dict[tuple[str, str, str, str], Answers] = {}
        attendance: list[Row] = []
        certificates: list[Row] = []
        joined: list[Row] = []
        for fact in facts:
            who = (fact.book, fact.participant)
            match fact.event:
                case QuizAnswered() as event:
                    asked = event.day.isoformat() if event.daily else event.question
                    said = answers.setdefault((*who, event.quiz, asked), Answers(event.question))
                    said.tries += 1
                    said.last_at = event.occurred_at
                    if event.correct:
                        said.right_at = event.occurred_at
                case AttendanceRecorded() as event:
                    attendance.append(
                        (fact.book, event.occasion, fact.participant, event.day, event.actor, fact.position)
                    )
                case CertificateAwarded() as event:
                    certificates.append(
                        (*who, event.badge, event.number, event.clause, event.occurred_at, fact.position)
                    )
                case HistoryJoined() as event:
                    joined.append((*who, event.other))
        changed = [(*key, a.question, a.tries, a.last_at, a.right_at) for key, a in sorted(answers.items())]
        return changed, sorted(attendance), sorted(certificates), joined
