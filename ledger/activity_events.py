"""Events of a participant besides walking the route: running, quizzes, reading, attending, donating."""

from datetime import date

import msgspec

from ledger.event import Event


class RunRecorded(Event, frozen=True, kw_only=True):
    """A run. total_m: metres run on that day by now, this run included. Source: EC-06."""

    TOPIC = "run-recorded.v1"

    day: date
    distance_m: int
    duration_s: int
    provider: str
    device: str | None = None
    total_m: int = 0


class QuizAnswered(Event, frozen=True, kw_only=True):
    """An answer to a question of a quiz. number: of right answers in this quiz by now, this one included if it is.

    Source: EC-08, ZG-05, ZG-06.

    day: on which it was answered. daily: the quiz asks a question a day. tried: how often this question was tried by
    now (of a daily quiz, on this day); 0 when it can be tried for ever. earned: points by the id of their rule.
    """

    TOPIC = "quiz-answered.v1"

    quiz: str
    question: str
    answer: str
    correct: bool
    day: date
    number: int = 0
    daily: bool = False
    tried: int = 0
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class CommentPosted(Event, frozen=True, kw_only=True):
    """A comment. ref: where it lies. earned: points by the id of their rule. Source: ZG-05."""

    TOPIC = "comment-posted.v1"

    ref: str
    day: date
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class ArticleRead(Event, frozen=True, kw_only=True):
    """News that were read. earned: points by the id of their rule. Source: ZG-05."""

    TOPIC = "article-read.v1"

    ref: str
    day: date
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class ContentCounted(Event, frozen=True, kw_only=True):
    """A content was viewed where viewing earns points. earned: points by the id of their rule. Source: ZG-05."""

    TOPIC = "content-counted.v1"

    ref: str
    day: date
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class AttendanceRecorded(Event, frozen=True, kw_only=True):
    """Somebody attended something on site. actor: who recorded it, a person or a client app. Source: EC-14.

    day: of the occasion. earned: points by the id of their rule.
    """

    TOPIC = "attendance-recorded.v1"

    occasion: str
    day: date
    actor: str = ""
    earned: dict[str, int] = msgspec.field(default_factory=dict)


class DaysReceived(Event, frozen=True, kw_only=True):
    """A payload of many days was opened: each day that is taken is a sync of its own, and follows. Source: SX-05.

    days: how many there were. skipped: (day, code of the refusal).
    """

    TOPIC = "days-received.v1"

    days: int
    taken: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...] = ()


class DonationMade(Event, frozen=True, kw_only=True):
    """A sponsor donates for what a participant has walked. amount: fen. total: counted steps.

    Source: EC-07.

    donations: how many there are of this participant by now. fund: the stream's id of the fund that is credited.
    """

    TOPIC = "donation-made.v1"

    fund: str
    donations: int
    total: int
    amount: int


class CertificateAwarded(Event, frozen=True, kw_only=True):
    """An honour certificate. badge: that it certifies; number: of the certificate, for ever.

    Source: EC-04.
    """

    TOPIC = "certificate-awarded.v1"

    badge: str
    number: str
    clause: str
