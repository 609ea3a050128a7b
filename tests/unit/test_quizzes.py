"""Quizzes and the question of the day. EC-08, ZG-05, ZG-06."""

import pytest
from msgspec.structs import replace

from ledger.activity_events import QuizAnswered
from ledger.events import ChanceGranted, DrawEntered, EntryTaken, QuestionAnswered
from ledger.fund_refusals import AlreadyAnswered, NotToday, TooLate
from ledger.refusals import AfterCampaign, BeforeCampaign, CheckpointNotLit, NotEnrolled, QuestionUnknown
from ledger.rulebook_campaigns import Question
from tests.given import Story, replayed
from tests.unit.eco import ECO, Eco

assert ECO.route is not None


def granted(story: Story) -> list[str]:
    return [chance.id for chance in story.enrolment().play.rewards.chances_of("quiz-draw")]


@pytest.mark.rule("EC-08")
def test_a_wrong_answer_is_recorded_and_can_be_tried_again() -> None:
    story = Eco().answers("q-1", "B", "07-01 10:00").expect(QuizAnswered)
    story.answers("q-1", "ａ ", "07-01 10:01").expect(QuizAnswered)
    right = story.answer[0]
    assert isinstance(right, QuizAnswered)
    assert (right.correct, right.number, right.tried) == (True, 1, 0)


@pytest.mark.rule("EC-08")
def test_a_question_counts_once() -> None:
    story = (
        Eco().answers("q-1", "A", "07-01 10:00").answers("q-1", "A", "07-09 10:00").expect(AlreadyAnswered)
    )
    assert story.refusal.clause == "EC-08"
    assert story.enrolment().play.doings.quiz("hundred").right == 1


@pytest.mark.rule("EC-08")
def test_so_many_right_answers_give_an_entry_to_the_quizs_own_draw() -> None:
    story = Eco().answers("q-1", "A", "07-01 10:00").answers("q-2", "绿水青山", "07-02 10:00")
    story.answers("q-3", "A", "07-03 10:00").expect(QuizAnswered)
    story.answers("q-3", "B", "07-03 10:01").expect(QuizAnswered, ChanceGranted)
    story.answers("q-4", "B", "07-03 10:02").expect(QuizAnswered)
    assert granted(story) == ["hundred-3"]
    story.draws("quiz-draw", "07-04 10:00", chance="hundred-3").expect(DrawEntered, EntryTaken)


@pytest.mark.rule("EC-08")
def test_a_rule_that_names_no_quiz_counts_the_answers_of_all() -> None:
    health, quiz = ECO.pools
    assert quiz.chance is not None
    rules = replace(ECO, pools=(health, replace(quiz, chance=replace(quiz.chance, quiz=None, every=2))))
    story = Eco(rules).answers("q-1", "A", "07-01 10:00").expect(QuizAnswered)
    story.answers("d-1", "A", "07-01 10:01").expect(QuizAnswered, ChanceGranted)
    assert granted(story) == ["answers-2"]


@pytest.mark.rule("EC-08", "GX-04")
def test_a_quiz_is_open_while_the_campaign_runs() -> None:
    story = Eco().answers("q-1", "A", "06-30 23:00").expect(BeforeCampaign)
    story.answers("q-1", "A", "07-01 10:00", who="stranger").expect(NotEnrolled)
    story.answers("q-9", "A", "07-01 10:00").expect(QuestionUnknown)
    assert story.refusal.clause == "EC-08"
    story.answers("q-1", "A", "07-01 10:00", checkpoint=1).expect(QuestionUnknown)
    story.answers("q-1", "A", "08-11 00:00").expect(AfterCampaign)


@pytest.mark.rule("EC-08", "SX-09")
def test_questions_of_checkpoints_and_of_quizzes_are_told_by_their_ids() -> None:
    assert ECO.route is not None
    first = replace(ECO.route.checkpoints[0], question=Question(text="？", answer="A"))
    route = replace(ECO.route, checkpoints=(first, *ECO.route.checkpoints[1:]))
    story = Eco(replace(ECO, route=route)).answers("cp-01", "A", "07-01 10:00").expect(CheckpointNotLit)
    assert "1 attained days" in story.refusal.detail
    story.syncs(6_000, "07-01 21:00").answers("cp-01", "B", "07-01 21:01").expect(QuestionAnswered)
    story.answers("q-3", "B", "07-01 21:02").expect(QuizAnswered)


@pytest.mark.rule("EC-08")
def test_a_campaign_without_a_route_says_that_the_question_is_unknown() -> None:
    story = Eco(replace(ECO, route=None, badges=())).answers("cp-01", "A", "07-01 10:00")
    story.expect(QuestionUnknown)
    story.answers("cp-01", "A", "07-01 10:00", who="stranger").expect(NotEnrolled)


@pytest.mark.rule("ZG-06")
def test_each_day_has_one_question_in_their_order_and_over_again() -> None:
    story = Eco().answers("d-2", "B", "07-01 10:00").expect(NotToday)
    assert "d-1" in story.refusal.detail
    story.answers("d-1", "A", "07-01 10:01").expect(QuizAnswered)
    story.answers("d-2", "B", "07-02 10:00").expect(QuizAnswered)
    story.answers("d-1", "A", "07-03 00:00").expect(QuizAnswered)
    assert story.enrolment().play.doings.quiz("daily").right == 3


@pytest.mark.rule("ZG-06")
def test_the_question_of_a_day_is_answered_right_once_a_day() -> None:
    story = Eco().answers("d-1", "A", "07-01 10:00").answers("d-1", "A", "07-01 11:00")
    story.expect(AlreadyAnswered)


@pytest.mark.rule("ZG-06")
def test_tries_are_counted_by_the_day() -> None:
    story = Eco().answers("d-1", "B", "07-01 10:00").answers("d-1", "C", "07-01 10:01").expect(QuizAnswered)
    story.answers("d-1", "A", "07-01 10:02").expect(AlreadyAnswered)
    story.answers("d-2", "B", "07-02 10:00").answers("d-1", "A", "07-03 10:00").expect(QuizAnswered)


@pytest.mark.rule("EC-08")
def test_tries_of_a_quiz_that_is_open_all_the_time_are_counted_by_the_question() -> None:
    rules = replace(ECO, quizzes=(replace(ECO.quizzes[0], tries=2), ECO.quizzes[1]))
    story = Eco(rules).answers("q-1", "B", "07-01 10:00").answers("q-3", "B", "07-01 10:01")
    story.answers("q-1", "C", "07-05 10:00").answers("q-1", "A", "07-06 10:00").expect(AlreadyAnswered)
    done = story.enrolment().play.doings.quiz("hundred")
    assert (done.tried, done.answered, done.right) == ({"q-1": 2}, "q-3", 1)


@pytest.mark.rule("ZG-06", "GX-04")
def test_an_answer_that_is_delivered_late_is_to_the_question_of_its_day() -> None:
    story = Eco().answers("d-1", "A", "07-01 20:00", delivered="07-02 19:00").expect(QuizAnswered)
    story.answers("d-2", "B", "07-02 20:00", delivered="07-03 20:01").expect(TooLate)
    assert story.refusal.clause == "GX-04"


@pytest.mark.rule("ZG-05", "ZG-06")
def test_a_right_answer_earns_points_up_to_the_days_most() -> None:
    story = Eco().answers("d-1", "B", "07-01 10:00")
    assert story.earned() == 0
    assert story.answers("d-1", "A", "07-01 10:01").expect(balance=4).answer[0].postings[0].clause == "ZG-06"
    story.answers("q-1", "A", "07-01 10:02").expect(balance=4)
    story.answers("d-2", "B", "07-02 10:01").expect(balance=8)
    assert replayed(story.log) == story.states


@pytest.mark.rule("ZG-05")
def test_a_rule_for_all_quizzes_stops_at_its_most_of_a_day() -> None:
    rule = next(rule for rule in ECO.points if rule.id == "answered")
    story = Eco(replace(ECO, points=(replace(rule, quiz=None, amount=2),)))
    for number, question in enumerate(("q-1", "q-3", "q-4", "d-1")):
        story.answers(question, "A" if question in ("q-1", "d-1") else "B", f"07-01 10:0{number}")
    story.expect(balance=5)
