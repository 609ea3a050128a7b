"""The questions and reflections of campaign checkpoints (关卡)."""

import unicodedata

import msgspec

from ledger.activities import require_enrolled
from ledger.badges import earned_badges
from ledger.commands import AnswerQuestion, PostReflection
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import CheckpointPassed, Event, QuestionAnswered, ReflectionPosted
from ledger.posting import credit_points
from ledger.refusals import (
    CheckpointAlreadyPassed,
    CheckpointNotLit,
    CheckpointNotPassed,
    CheckpointUnknown,
    NotPlayed,
    QuestionUnknown,
    ReflectionAlreadyPosted,
)
from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import Route


def same_answer(given: str, right: str) -> bool:
    """Whether two answers are the same, whatever their case, width of letters and outer spaces."""
    return _plain(given) == _plain(right)


def _plain(answer: str) -> str:
    return unicodedata.normalize("NFKC", answer).strip().casefold()


def _begin(state: Enrolment, context: Context) -> tuple[bool, Route]:
    require_enrolled(state, context)
    context.require_not_future()
    trial = context.require_phase(context.occurred.date(), state)
    if context.rules.route is None:
        raise NotPlayed("this campaign has no checkpoints", context.rules.clause)
    return trial, context.rules.route


def answer_question(state: Enrolment, command: AnswerQuestion, context: Context) -> tuple[Event, ...]:
    """Answer the question of a lit checkpoint; the right answer passes it (通关), any number of tries.

    Refuses: NotEnrolled, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed, QuestionUnknown,
    CheckpointNotLit, CheckpointAlreadyPassed (first that holds). Source: SX-09, SX-21.
    """
    trial, route = _begin(state, context)
    rules, play = context.rules, state.play_of(trial)
    number = rules.questions.get(command.question)
    question = route.checkpoints[number - 1].question if number else None
    if number is None or question is None:
        raise QuestionUnknown(
            f"this campaign has no question {command.question!r}", _question_clause(rules, route)
        )
    if command.checkpoint not in (None, number, command.question):
        raise QuestionUnknown(
            f"question {command.question} is of checkpoint {number}", _question_clause(rules, route)
        )
    if number > play.lit and number not in play.passed:
        of = "counted steps" if route.lit_by == "steps" else "attained days"
        raise CheckpointNotLit(
            f"checkpoint {number} is lit at {rules.thresholds[number - 1]} {of}", route.question_clause
        )
    if number in play.passed:
        raise CheckpointAlreadyPassed(f"checkpoint {number} is passed already", route.question_clause)
    correct = same_answer(command.answer, question.answer)
    answered = context.event(
        QuestionAnswered,
        trial=trial,
        question=command.question,
        checkpoint=number,
        answer=command.answer,
        correct=correct,
    )
    if not correct:
        return (answered,)
    passed = context.event(CheckpointPassed, trial=trial, checkpoint=number, question=command.question)
    after = msgspec.structs.replace(play, passed=(*play.passed, number))
    return (answered, passed, *earned_badges(after, "every_checkpoint_passed", trial, context))


def _question_clause(rules: Rulebook, route: Route) -> str:
    """The clause of questions: of the checkpoints, or of a quiz where checkpoints have none."""
    return route.question_clause or (rules.quizzes[0].clause if rules.quizzes else rules.clause)


def post_reflection(state: Enrolment, command: PostReflection, context: Context) -> tuple[Event, ...]:
    """Post a reflection, travel note or photo after passing a checkpoint, once for each.

    Refuses: NotEnrolled, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed, CheckpointUnknown,
    CheckpointNotPassed, ReflectionAlreadyPosted (first that holds). Source: SX-10, SX-15.
    """
    trial, route = _begin(state, context)
    rules, play = context.rules, state.play_of(trial)
    given = command.checkpoint
    number = rules.questions.get(given, 0) if isinstance(given, str) else given
    if not 1 <= number <= len(route.checkpoints):
        raise CheckpointUnknown(
            f"the checkpoints are 1 to {len(route.checkpoints)}, not {given!r}", route.reflection_clause
        )
    if number not in play.passed:
        raise CheckpointNotPassed(f"checkpoint {number} is not passed yet", route.reflection_clause)
    if number in play.reflected:
        raise ReflectionAlreadyPosted(f"checkpoint {number} has its reflection", route.reflection_clause)
    amounts = [(rule.amount, rule.clause) for rule in rules.points_on("reflection")]
    return (
        context.event(
            ReflectionPosted,
            trial=trial,
            postings=credit_points(rules.book(trial), context.request.participant, play.balance, amounts),
            checkpoint=number,
            ref=command.ref,
        ),
    )
