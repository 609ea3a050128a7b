"""The route: checkpoints light by counted steps, a right answer passes one, and a pass has one reflection."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from ledger.enrolment import Play
from ledger.events import (
    CheckpointDimmed,
    CheckpointLit,
    CheckpointPassed,
    QuestionAnswered,
    ReflectionPosted,
    StepsSynced,
)
from ledger.refusals import (
    CheckpointAlreadyPassed,
    CheckpointNotLit,
    CheckpointNotPassed,
    CheckpointUnknown,
    NotPlayed,
    QuestionUnknown,
    ReflectionAlreadyPosted,
)
from tests.given import SX, Story

assert SX.route is not None
LEG = 700_000 // 13
NEAR = replace(SX, route=replace(SX.route, total_steps=13 * 2_000))
"""The same campaign with checkpoints every 2,000 steps, so that a day of 10,000 lights five."""


def walked(steps: int, story: Story | None = None) -> Story:
    """A participant of the campaign with the near checkpoints who walked so much on the first day."""
    return (story or Story(NEAR)).enrol(at="06-30 10:00").syncs(steps, "07-01 21:00")


@pytest.mark.rule("SX-07")
def test_thirteen_equal_legs_make_700000_and_the_last_takes_the_remainder() -> None:
    legs = [after - before for before, after in pairwise((0, *SX.thresholds))]
    assert legs == [LEG] * 12 + [LEG + 700_000 % 13]
    assert (len(legs), legs[0], legs[-1], sum(legs)) == (13, 53_846, 53_848, 700_000)


@pytest.mark.rule("SX-07")
def test_legs_that_the_rulebook_states_are_taken_and_the_others_share_the_rest() -> None:
    assert SX.route is not None
    stated = (None, 1_000, None, 2_000)
    checkpoints = tuple(replace(c, leg=leg) for c, leg in zip(SX.route.checkpoints[:4], stated, strict=True))
    route = replace(SX.route, total_steps=10_001, checkpoints=checkpoints)
    assert replace(SX, route=route).thresholds == (3_500, 4_500, 8_000, 10_001)


@pytest.mark.rule("SX-08")
@pytest.mark.parametrize(("last", "lit"), [(LEG - 50_000 - 1, 0), (LEG - 50_000, 1), (LEG - 50_000 + 1, 1)])
def test_a_checkpoint_is_lit_by_the_step_that_reaches_it(last: int, lit: int) -> None:
    story = Story().enrol(at="06-30 10:00")
    for day in range(1, 6):
        story.syncs(10_000, f"07-{day:02} 21:00").expect(StepsSynced, lit=0)
    story.syncs(last, "07-06 21:00").expect(StepsSynced, *[CheckpointLit] * lit, lit=lit, total=50_000 + last)


@pytest.mark.rule("SX-07", "SX-08")
def test_the_last_checkpoint_is_lit_by_step_700000() -> None:
    story = Story().enrol(at="06-30 10:00")
    days = [f"07-{day:02}" for day in range(1, 32)] + [f"08-{day:02}" for day in range(1, 32)]
    days += [f"09-{day:02}" for day in range(1, 9)]
    for day in days[:69]:
        story.syncs(10_000, f"{day} 21:00")
    story.syncs(9_999, f"{days[69]} 21:00").expect(total=699_999, lit=12)
    story.syncs(10_000, f"{days[69]} 21:01").expect(StepsSynced, CheckpointLit, total=700_000, lit=13)


@pytest.mark.rule("SX-08")
def test_one_sync_can_light_several_each_with_its_event() -> None:
    story = walked(6_500)
    lit = [event for event in story.answer if isinstance(event, CheckpointLit)]
    assert [(event.checkpoint, event.total) for event in lit] == [(1, 6_500), (2, 6_500), (3, 6_500)]


@pytest.mark.rule("SX-08")
def test_only_counted_steps_light() -> None:
    walked(9_999_99).expect(lit=5, total=10_000)
    Story(NEAR).enrol(at="06-30 10:00").syncs(10_000, "07-01 19:00").expect(StepsSynced, lit=0)


@pytest.mark.rule("SX-05", "SX-08")
def test_a_lower_last_sync_dims_what_is_no_longer_reached_and_a_higher_lights_it_again() -> None:
    story = walked(8_000).expect(lit=4).syncs(3_999, "07-01 22:00")
    story.expect(StepsSynced, CheckpointDimmed, CheckpointDimmed, CheckpointDimmed, lit=1, total=3_999)
    assert [e.checkpoint for e in story.answer if isinstance(e, CheckpointDimmed)] == [4, 3, 2]
    story.syncs(4_000, "07-01 23:00").expect(StepsSynced, CheckpointLit, lit=2)


@pytest.mark.rule("SX-09")
def test_a_right_answer_passes_a_lit_checkpoint() -> None:
    story = walked(2_000).answers("cp-01", "A", "07-01 21:30")
    story.expect(QuestionAnswered, CheckpointPassed, passed=(1,), balance=1)


@pytest.mark.rule("SX-09")
def test_wrong_answers_are_recorded_and_any_number_may_come_before_the_right_one() -> None:
    story = walked(2_000)
    for n in range(30):
        story.answers("cp-01", "BC"[n % 2], f"07-02 09:00:{n:02}").expect(QuestionAnswered, passed=())
    (event,) = story.answer
    assert isinstance(event, QuestionAnswered)
    assert (event.answer, event.correct) == ("C", False)
    story.answers("cp-01", "A", "07-02 09:01").expect(QuestionAnswered, CheckpointPassed, passed=(1,))


@pytest.mark.rule("SX-09")
@pytest.mark.parametrize("answer", ["A", "a", " A ", "\uff21", "\uff41 "])
def test_case_width_and_spaces_do_not_make_an_answer_wrong(answer: str) -> None:
    walked(2_000).answers("cp-01", answer, "07-02 09:00").expect(passed=(1,))


@pytest.mark.rule("SX-09")
@pytest.mark.parametrize("answer", ["B", "AA", "隋唐", "-"])
def test_any_other_answer_is_wrong(answer: str) -> None:
    walked(2_000).answers("cp-01", answer, "07-02 09:00").expect(QuestionAnswered, passed=())


@pytest.mark.rule("SX-09")
def test_the_question_of_an_unlit_checkpoint_cannot_be_answered() -> None:
    walked(1_999).answers("cp-01", "A", "07-02 09:00").expect(CheckpointNotLit, passed=())
    story = walked(2_000).answers("cp-02", "B", "07-02 09:00").expect(CheckpointNotLit)
    assert "4000" in story.refusal.detail


@pytest.mark.rule("SX-09")
def test_checkpoints_may_be_passed_in_any_order() -> None:
    story = walked(6_000).answers("cp-03", "B", "07-02 09:00").answers("cp-01", "A", "07-02 09:01")
    story.expect(passed=(3, 1))


@pytest.mark.rule("SX-09")
@pytest.mark.parametrize("answer", ["A", "B"])
def test_a_passed_checkpoint_is_not_answered_again(answer: str) -> None:
    story = walked(2_000).answers("cp-01", "A", "07-02 09:00")
    story.answers("cp-01", answer, "07-02 09:01").expect(CheckpointAlreadyPassed, passed=(1,))


@pytest.mark.rule("SX-09", "SX-05")
def test_a_pass_stands_when_the_checkpoint_goes_dark() -> None:
    story = walked(4_000).answers("cp-02", "A", "07-01 21:30").syncs(1_000, "07-01 22:00")
    story.expect(lit=0, passed=(2,))
    story.answers("cp-02", "A", "07-01 22:01").expect(CheckpointAlreadyPassed)
    story.answers("cp-01", "A", "07-01 22:02").expect(CheckpointNotLit)
    story.reflects(2, "07-01 22:03").expect(ReflectionPosted)


@pytest.mark.rule("SX-09")
@pytest.mark.parametrize("checkpoint", [None, 1, "cp-01"])
def test_a_checkpoint_may_be_named_beside_its_question(checkpoint: int | str | None) -> None:
    walked(2_000).answers("cp-01", "A", "07-02 09:00", checkpoint=checkpoint).expect(passed=(1,))


@pytest.mark.rule("SX-09")
@pytest.mark.parametrize(
    ("question", "checkpoint"),
    [("cp-14", None), ("cp-1", None), ("", None), ("cp-01", 2), ("cp-01", "cp-02")],
)
def test_a_question_that_is_not_there_or_of_another_checkpoint_is_refused(
    question: str, checkpoint: int | str | None
) -> None:
    story = walked(10_000).answers(question, "A", "07-02 09:00", checkpoint=checkpoint)
    story.expect(QuestionUnknown, passed=())
    assert story.refusal.clause == "SX-09"


@pytest.mark.rule("SX-10", "SX-15")
@pytest.mark.parametrize("checkpoint", [1, "cp-01"])
def test_a_reflection_after_a_pass_earns_two_points_once(checkpoint: int | str) -> None:
    story = walked(2_000).answers("cp-01", "A", "07-02 09:00").reflects(checkpoint, "07-02 09:01")
    story.expect(ReflectionPosted, balance=3, reflected=(1,))
    (event,) = story.answer
    assert isinstance(event, ReflectionPosted)
    assert event.ref == "notes/1"
    assert [(leg.amount, leg.clause) for leg in event.postings if leg.balance_after is not None] == [
        (2, "SX-15")
    ]
    story.reflects(1, "07-02 09:02").expect(ReflectionAlreadyPosted, balance=3)


@pytest.mark.rule("SX-10", "SX-15")
def test_each_passed_checkpoint_has_a_reflection_of_its_own() -> None:
    story = walked(4_000).answers("cp-01", "A", "07-02 09:00").answers("cp-02", "A", "07-02 09:01")
    story.reflects(1, "07-02 09:02").reflects(2, "07-02 09:03").expect(balance=6, reflected=(1, 2))


@pytest.mark.rule("SX-10")
def test_a_reflection_needs_a_pass_not_only_a_light() -> None:
    walked(2_000).reflects(1, "07-02 09:00").expect(CheckpointNotPassed, balance=1)


@pytest.mark.rule("SX-10")
@pytest.mark.parametrize("checkpoint", [0, 14, 200, "cp-14", "cp-00", "somewhere"])
def test_a_reflection_on_no_checkpoint_is_refused(checkpoint: int | str) -> None:
    story = walked(2_000).reflects(checkpoint, "07-02 09:00").expect(CheckpointUnknown)
    assert story.refusal.clause == "SX-15"


def test_a_campaign_without_a_route_has_neither_questions_nor_reflections() -> None:
    flat = replace(SX, route=None, badges=())
    story = walked(10_000, Story(flat)).expect(StepsSynced, lit=0)
    story.answers("cp-01", "A", "07-02 09:00").expect(NotPlayed)
    story.reflects(1, "07-02 09:00").expect(NotPlayed)
    assert story.enrolment().play.passed == Play().passed
