"""Quizzes, occasions on site, and honour certificates. Source: EC-04, EC-08, EC-14, ZG-06."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from msgspec import Meta, Struct

from api.auth import CAMPAIGN_MAKERS, LOG_READERS, READERS, may
from api.bodies import json_body, required_idempotency_key
from api.campaign_views import AskedQuestion
from api.events import REPLAYED
from api.funds import inside
from api.lines import PersonLine, deny_outside, submit_lines
from api.paging import AtLeast, Cursor, Limit, link_to_next, read_cursor
from api.paths import CampaignPath, OccasionPath, ParticipantPath, QuizPath
from api.problems import Problem, not_found, problems
from api.programme_views import TwoLanguages
from api.reading import Trial, is_trial, not_enrolled, reached, rules_at
from api.scope import HANDLER, OPEN, PARTICIPANT
from api.state import service_of
from api.writes import asked_by
from ledger.activity_commands import RecordAttendance
from ledger.command import Request as LedgerRequest
from ledger.fund_refusals import OccasionUnknown
from ledger.quizzes import question_of
from ledger.rulebook import Rulebook
from ledger.rulebook_programmes import Quiz, QuizQuestion
from projections import fund_reads, reads

MAX_LIST = 5_000
PARTICIPANT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
Moment = Annotated[datetime, Meta(tz=True)]


class QuizView(Struct, kw_only=True):
    """A quiz as participants see it: never with its right answers."""

    id: str
    name: TwoLanguages
    clause: str
    daily: Annotated[bool, Meta(description="A question a day (每日一题); only today's is shown.")]
    tries: Annotated[
        int | None, Meta(description="How often a question may be tried; null: until it is right.")
    ]
    count: Annotated[int, Meta(description="How many questions it has.")]
    day: Annotated[date | None, Meta(description="Of a daily quiz, the day whose question is shown.")]
    questions: Annotated[list[AskedQuestion], Meta(description="None before the campaign begins.")]


class QuizAnswer(Struct, kw_only=True):
    """A question that was answered."""

    question: str
    day: Annotated[date | None, Meta(description="Of a daily quiz, the question's day.")]
    tries: int
    right_at: Annotated[datetime | None, Meta(description="Null while it was not answered right.")]


class QuizProgress(Struct, kw_only=True):
    """How far a participant is with a quiz."""

    quiz: str
    right: Annotated[int, Meta(description="Right answers that counted.")]
    count: Annotated[int, Meta(description="How many questions the quiz has.")]
    answers: list[QuizAnswer]


class CertificateView(Struct, kw_only=True):
    """An electronic honour certificate (电子荣誉证书), as data to render. The name to print is the client's."""

    number: Annotated[str, Meta(description="No other certificate ever has it.")]
    badge: str
    title: TwoLanguages
    campaign: str
    campaign_title: TwoLanguages
    participant: str
    clause: str
    awarded_at: Moment
    position: Annotated[int, Meta(description="The event that awarded it.")]


class HonourCertificates(Struct):
    """The certificates of a participant in a campaign."""

    certificates: list[CertificateView]


class AttendanceList(Struct, forbid_unknown_fields=True):
    """Who attended."""

    time: Annotated[
        datetime, Meta(tz=True, description="A moment of the occasion, on a day on which it took place.")
    ]
    participants: Annotated[list[Any], Meta(min_length=1, max_length=MAX_LIST, description="Their ids.")]


class AttendanceResults(Struct):
    """What became of each line, in order."""

    results: list[PersonLine]


class Attendee(Struct, kw_only=True):
    """Somebody who attended."""

    participant: str
    day: date
    actor: Annotated[str, Meta(description="Who recorded it: a person, or the source of a client app.")]
    position: int


class Attendees(Struct):
    """A page of those who attended, in the order in which it was recorded."""

    attendees: list[Attendee]


@get(
    "/v1/campaigns/{campaign:str}/quizzes/{quiz:str}",
    opt=may(READERS, OPEN),
    operation_id="getQuiz",
    tags=["participants"],
    summary="Show a quiz",
    responses=problems(401, 403, 404),
)
async def get_quiz(
    request: Request[Any, Any, Any], campaign: CampaignPath, quiz: QuizPath, trial: Trial = None
) -> QuizView:
    """The questions of a quiz with their choices; of a daily one, that of today by the ledger's clock."""
    service = service_of(request)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
    found = _quiz_in(book, quiz)
    today = now.astimezone(book.tz).date()
    day, questions = _shown(book, found, today, is_trial(book, now, trial))
    return QuizView(
        id=found.id,
        name=TwoLanguages(found.name.zh, found.name.en),
        clause=found.clause,
        daily=found.daily,
        tries=found.tries,
        count=len(found.questions),
        day=day,
        questions=[AskedQuestion(id=each.id, text=each.text, choices=each.choices) for each in questions],
    )


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/quizzes/{quiz:str}",
    opt=may(READERS, PARTICIPANT),
    operation_id="getQuizProgress",
    tags=["participants"],
    summary="Show a participant's answers",
    responses=problems(401, 403, 404),
)
async def get_quiz_progress(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    quiz: QuizPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[QuizProgress]:
    """Which questions of a quiz a participant has answered, and which of them right."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        found = _quiz_in(book, quiz)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["doings"])
        rows = await fund_reads.quiz_answers(connection, name, participant, quiz)
        if not rows and await reads.progress(connection, name, participant) is None:
            raise not_enrolled(participant, campaign)
    answer = QuizProgress(
        quiz=quiz,
        right=sum(row.right_at is not None for row in rows),
        count=len(found.questions),
        answers=[
            QuizAnswer(
                question=row.question,
                day=date.fromisoformat(row.asked) if row.asked != row.question else None,
                tries=row.tries,
                right_at=row.right_at,
            )
            for row in rows
        ],
    )
    return Response(answer, headers={"Jifen-Position": str(position)})


@get(
    "/v1/campaigns/{campaign:str}/participants/{participant:str}/certificates",
    opt=may(READERS, PARTICIPANT),
    operation_id="listCertificates",
    tags=["participants"],
    summary="List a participant's certificates",
    responses=problems(401, 403, 404),
)
async def list_certificates(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    participant: ParticipantPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
) -> Response[HonourCertificates]:
    """Honour certificates as data (EC-04); what was awarded stays."""
    service = service_of(request)
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        name = book.book(is_trial(book, now, trial))
        position = await reads.position(connection, ["doings"])
        rows = await fund_reads.certificates(connection, name, participant)
        if not rows and await reads.progress(connection, name, participant) is None:
            raise not_enrolled(participant, campaign)
    titles = {badge.id: TwoLanguages(badge.name.zh, badge.name.en) for badge in book.badges}
    certificates = [
        CertificateView(
            number=row.number,
            badge=row.badge,
            title=titles.get(row.badge, TwoLanguages(row.badge, row.badge)),
            campaign=campaign,
            campaign_title=TwoLanguages(book.title.zh, book.title.en),
            participant=participant,
            clause=row.clause,
            awarded_at=row.awarded_at,
            position=row.position,
        )
        for row in rows
    ]
    return Response(HonourCertificates(certificates), headers={"Jifen-Position": str(position)})


@post(
    "/v1/campaigns/{campaign:str}/occasions/{occasion:str}/attendance",
    opt=may(CAMPAIGN_MAKERS, HANDLER),
    status_code=200,
    operation_id="recordAttendance",
    tags=["participants"],
    summary="Record who attended",
    responses=problems(401, 403, 404, 413, 415, 429),
)
async def record_attendance(
    request: Request[Any, Any, Any], campaign: CampaignPath, occasion: OccasionPath
) -> Response[AttendanceResults]:
    """Record a list of up to 5,000 people who attended an occasion on site (EC-14).

    Each line has its own result, in order; one bad line never sinks its neighbours: who is not in the branch of the
    key is denied, and the others go on. Sent again under the same
    Idempotency-Key it is a repeat, person by person.
    """
    id_ = required_idempotency_key(request)
    said = await json_body(request, AttendanceList)
    service = service_of(request)
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
    _require_occasion(book, occasion)
    results: list[PersonLine] = []
    asked: list[tuple[PersonLine, LedgerRequest]] = []
    for number, who in enumerate(said.participants, start=1):
        line = PersonLine(line=number, status="invalid", http_status=400)
        results.append(line)
        if not isinstance(who, str) or not PARTICIPANT_ID.fullmatch(who):
            line.code, line.detail = "malformed", "This is no id: 1 to 64 of A-Z a-z 0-9 . _ : -"
            line.pointer = f"/participants/{number - 1}"
            continue
        line.participant = who
        command = RecordAttendance(occasion=occasion)
        of_person = asked_by(
            request, f"{id_} {who}", command, campaign=campaign, participant=who, occurred_at=said.time
        )
        asked.append((line, of_person))
    asked = await deny_outside(request, asked, "/participants/{}")
    repeat = await submit_lines(request, asked) and len(asked) == len(results)
    return Response(AttendanceResults(results), headers=REPLAYED if repeat else {})


@get(
    "/v1/campaigns/{campaign:str}/occasions/{occasion:str}/attendance",
    opt=may(LOG_READERS, HANDLER),
    operation_id="listAttendance",
    tags=["participants"],
    summary="List who attended",
    responses=problems(401, 403, 404),
)
async def list_attendance(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    occasion: OccasionPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response[Attendees]:
    """Who attended an occasion. A key of a branch sees its own people; its pages may be shorter than asked for."""
    service = service_of(request)
    after = read_cursor(cursor, int) or 0
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        book, now = await rules_at(service, connection, campaign)
        _require_occasion(book, occasion)
        position = await reads.position(connection, ["doings"])
        name = book.book(is_trial(book, now, trial))
        rows = await fund_reads.attendance(connection, name, occasion, after=after, limit=limit + 1)
        place = rows[limit - 1].position if len(rows) > limit else None
        seen = await inside(request, connection, rows[:limit])
    people = [
        Attendee(participant=row.participant, day=row.day, actor=row.actor, position=row.position)
        for row in seen
    ]
    headers = {"Jifen-Position": str(position), **link_to_next(request, place)}
    return Response(Attendees(people), headers=headers)


def _quiz_in(book: Rulebook, quiz: str) -> Quiz:
    """A quiz of a rulebook. Raises Problem: 404."""
    found = next((each for each in book.quizzes if each.id == quiz), None)
    if found is None:
        raise not_found(f"{book.id} has no quiz {quiz}.")
    return found


def _shown(
    book: Rulebook, quiz: Quiz, today: date, trial: bool
) -> tuple[date | None, Sequence[QuizQuestion]]:
    """The questions that anybody may see by now, and of which day they are."""
    first = book.trial.starts if trial and book.trial else book.starts
    last = book.trial.ends if trial and book.trial else book.ends
    if today < first:
        return None, ()
    if not quiz.daily:
        return None, quiz.questions
    return (today, (question_of(quiz, today, first),)) if today <= last else (None, ())


def _require_occasion(book: Rulebook, occasion: str) -> None:
    if not any(each.id == occasion for each in book.occasions):
        raise Problem(404, OccasionUnknown.CODE, f"{book.id} has no occasion {occasion}.", clause=book.clause)
