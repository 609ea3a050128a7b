"""Quizzes (百题问答), and the question of the day (每日一题). Source: EC-08, ZG-05, ZG-06."""

from collections.abc import Iterator
from datetime import date

from ledger.activities import require_enrolled
from ledger.activity_events import QuizAnswered
from ledger.commands import AnswerQuestion
from ledger.context import Context
from ledger.enrolment import Enrolment, Play
from ledger.events import ChanceGranted, Event
from ledger.fund_refusals import AlreadyAnswered, NotToday
from ledger.points import credit, earned_by, points_for, require_in_time
from ledger.refusals import QuestionUnknown
from ledger.route import answer_question, same_answer
from ledger.rulebook_lookups import Asked, answer_pools, quiz_questions
from ledger.rulebook_programmes import Quiz, QuizQuestion


def answer(state: Enrolment, command: AnswerQuestion, context: Context) -> tuple[Event, ...]:
    """Answer a question, of a campaign checkpoint or of a quiz: its id tells which.

    Refuses: what route.answer_question and answer_quiz refuse. Source: SX-09, EC-08, ZG-06.
    """
    asked = quiz_questions(context.rules).get(command.question)
    if asked is None:
        rules = context.rules
        if rules.quizzes and rules.route is None:
            require_enrolled(state, context)
            raise QuestionUnknown(
                f"this campaign has no question {command.question!r}", rules.quizzes[0].clause
            )
        return answer_question(state, command, context)
    return answer_quiz(state, command, asked, context)


def answer_quiz(
    state: Enrolment, command: AnswerQuestion, asked: Asked, context: Context
) -> tuple[Event, ...]:
    """Answer a question of a quiz. It counts once, when it is first answered right; of a daily quiz once a day.

    Refuses: NotEnrolled, PrerequisiteMissing, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, QuestionUnknown,
    TooLate, NotToday, AlreadyAnswered (first that holds). Source: EC-08, ZG-05, ZG-06, GX-04.
    """
    require_enrolled(state, context)
    context.require_not_future()
    day, quiz, question = context.occurred.date(), asked.quiz, asked.question
    trial = context.require_phase(day, state)
    if command.checkpoint is not None:
        raise QuestionUnknown(f"{question.id} is a question of {quiz.id}, not of a checkpoint", quiz.clause)
    play = state.play_of(trial)
    require_in_time(play, context)
    if quiz.daily:
        due = question_of(quiz, day, context.first_day(trial))
        if question.id != due.id:
            raise NotToday(f"the question of {day} is {due.id}", quiz.clause)
    tried = _require_untried(play, quiz, question.id, day)
    correct = same_answer(command.answer, question.answer)
    number = play.doings.quiz(quiz.id).right + correct
    rules = [rule for rule in points_for("correct_answer", context) if rule.quiz in (None, quiz.id)]
    earned = earned_by(rules, play.doings.day(day)) if correct else {}
    answered = context.event(
        QuizAnswered,
        trial=trial,
        postings=credit(earned, play, trial, context),
        quiz=quiz.id,
        question=question.id,
        answer=command.answer,
        correct=correct,
        day=day,
        number=number,
        daily=quiz.daily,
        tried=tried,
        earned=earned,
    )
    return (answered, *_chances(play, quiz, number, trial, context)) if correct else (answered,)


def question_of(quiz: Quiz, day: date, first: date) -> QuizQuestion:
    """The question of a day: one a day in their order from the first day on, and over again. Source: ZG-06."""
    return quiz.questions[(day - first).days % len(quiz.questions)]


def _require_untried(play: Play, quiz: Quiz, question: str, day: date) -> int:
    """How often a question is tried by now, this try included; 0 when tries are not counted."""
    if quiz.daily:
        done = play.doings.day(day)
        if quiz.id in done.right:
            raise AlreadyAnswered(f"the question of {day} was answered right already", quiz.clause)
        tries = done.tried.get(quiz.id, 0)
    else:
        of = play.doings.quiz(quiz.id)
        if of.has(question):
            raise AlreadyAnswered(f"{question} was answered right already", quiz.clause)
        tries = of.tried.get(question, 0)
    if quiz.tries is None:
        return 0
    if tries >= quiz.tries:
        raise AlreadyAnswered(f"{question} can be tried {quiz.tries} times, and was", quiz.clause)
    return tries + 1


def _chances(play: Play, quiz: Quiz, number: int, trial: bool, context: Context) -> Iterator[Event]:
    """The chances that so many right answers give: of one quiz, or of all together where the rule names none."""
    for pool in answer_pools(context.rules):
        chance = pool.chance
        if chance is None or chance.quiz not in (None, quiz.id):
            continue
        right = number if chance.quiz else 1 + sum(each.right for each in play.doings.quizzes)
        id = f"{chance.quiz or 'answers'}-{right}"
        if right % (chance.every or 1) == 0 and play.rewards.chance(pool.id, id) is None:
            expires_at = context.occurred_at + chance.lasts if chance.lasts else None
            yield context.event(ChanceGranted, trial=trial, pool=pool.id, chance=id, expires_at=expires_at)


def due_chances(before: Play, play: Play, trial: bool, context: Context) -> Iterator[Event]:
    """The chances that right answers give which two client ids of one person have given together. Source: EC-08, EC-12.

    before: that of the id with more right answers; what those have given is here already.
    """
    for pool in answer_pools(context.rules):
        chance = pool.chance
        if chance is None:
            continue
        had, right = (
            each.doings.quiz(chance.quiz).right if chance.quiz else sum(q.right for q in each.doings.quizzes)
            for each in (before, play)
        )
        every, lasts = chance.every or 1, chance.lasts
        for number in range(had + 1, right + 1):
            id = f"{chance.quiz or 'answers'}-{number}"
            if number % every == 0 and play.rewards.chance(pool.id, id) is None:
                expires_at = context.occurred_at + lasts if lasts else None
                yield context.event(
                    ChanceGranted, trial=trial, pool=pool.id, chance=id, expires_at=expires_at
                )
