"""A route that attained days light, one landmark each, and the honour certificate at its end. EC-02, EC-03, EC-04."""

import pytest
from msgspec.structs import replace

from ledger.activity_events import CertificateAwarded
from ledger.events import BadgeAwarded, CheckpointDimmed, CheckpointLit, StepsSynced
from ledger.refusals import QuestionUnknown
from ledger.rulebook import Rulebook
from tests.given import replayed
from tests.unit import eco

ECO = replace(eco.ECO, pools=())
assert ECO.route is not None
ROUTE = ECO.route


class Eco(eco.Eco):
    """A story of a campaign without draws."""

    def __init__(self, rules: Rulebook = ECO) -> None:
        super().__init__(rules)


@pytest.mark.rule("EC-02")
@pytest.mark.parametrize(("steps", "attained"), [(4_999, 0), (5_000, 1), (30_000, 1)])
def test_a_day_is_attained_at_5000_steps(steps: int, attained: int) -> None:
    Eco().syncs(steps, "07-01 21:00").expect(attained=attained, lit=attained)


@pytest.mark.rule("EC-03")
def test_each_attained_day_lights_the_next_landmark_whatever_the_days_between() -> None:
    story = Eco().syncs(6_000, "07-01 21:00").expect(StepsSynced, CheckpointLit, lit=1)
    story.syncs(100, "07-02 21:00").expect(StepsSynced, lit=1)
    story.syncs(5_000, "07-05 21:00").expect(StepsSynced, CheckpointLit, lit=2)
    lit = story.answer[1]
    assert isinstance(lit, CheckpointLit)
    assert (lit.checkpoint, lit.total) == (2, 2), "the total is of days, not of steps"


@pytest.mark.rule("EC-03")
def test_a_day_lights_one_landmark_however_often_and_far_is_walked() -> None:
    story = Eco().syncs(5_000, "07-01 10:00").syncs(90_000, "07-01 21:00").expect(StepsSynced, lit=1)
    story.syncs(5_001, "07-01 22:00").expect(StepsSynced, lit=1)


@pytest.mark.rule("EC-03")
def test_a_lower_last_sync_that_loses_the_day_dims_its_landmark() -> None:
    story = Eco().syncs(6_000, "07-01 21:00").syncs(6_000, "07-02 20:00").expect(lit=2)
    story.syncs(4_000, "07-02 21:00").expect(StepsSynced, CheckpointDimmed, lit=1, attained=1)
    story.syncs(6_000, "07-02 22:00").expect(StepsSynced, CheckpointLit, lit=2)


@pytest.mark.rule("EC-03")
def test_a_landmark_has_no_question_and_no_pass() -> None:
    story = Eco().syncs(6_000, "07-01 21:00").answers("cp-01", "A", "07-01 21:01")
    story.expect(QuestionUnknown, passed=())
    assert story.refusal.clause == "EC-08", "of the quizzes, which have all the questions"


@pytest.mark.rule("EC-03")
def test_days_beyond_the_last_landmark_light_nothing() -> None:
    story = Eco()
    for day in range(1, 4):
        story.syncs(6_000, f"07-0{day} 21:00")
    story.syncs(6_000, "07-04 21:00").expect(StepsSynced, lit=3, attained=4)


def walked() -> Eco:
    """Two of three landmarks are lit."""
    story = Eco()
    story.syncs(6_000, "07-01 21:00").syncs(6_000, "07-02 21:00")
    return story


@pytest.mark.rule("EC-04")
def test_the_last_landmark_brings_the_badge_and_its_certificate_at_once() -> None:
    story = walked().expect(badges=())
    story.syncs(6_000, "07-03 21:00").expect(StepsSynced, CheckpointLit, BadgeAwarded, CertificateAwarded)
    certificate = story.answer[3]
    assert isinstance(certificate, CertificateAwarded)
    assert (certificate.number, certificate.clause) == ("eco/pioneer/p-1", "EC-04")


@pytest.mark.rule("EC-04")
def test_a_certificate_is_awarded_once_and_stays_when_the_day_is_lost() -> None:
    story = walked()
    story.syncs(6_000, "07-03 20:00")
    story.syncs(10, "07-03 21:00").expect(StepsSynced, CheckpointDimmed, lit=2, badges=("pioneer",))
    story.syncs(6_000, "07-03 22:00").expect(StepsSynced, CheckpointLit, badges=("pioneer",))
    story.syncs(6_000, "07-04 22:00").expect(StepsSynced)
    assert replayed(story.log) == story.states


@pytest.mark.rule("EC-04", "GX-08")
def test_a_certificate_that_an_amendment_brings_is_awarded_by_the_next_sync() -> None:
    story = Eco(replace(ECO, badges=()))
    for day in (1, 2, 3):
        story.syncs(6_000, f"07-0{day} 21:00")
    story.expect(StepsSynced, CheckpointLit).amend(ECO, at="07-03 22:00")
    story.syncs(100, "07-04 21:00").expect(StepsSynced, BadgeAwarded, CertificateAwarded)


@pytest.mark.rule("EC-04")
def test_a_badge_that_is_no_certificate_has_none() -> None:
    rules = replace(ECO, badges=(replace(ECO.badges[0], certificate=False),))
    story = Eco(rules).syncs(6_000, "07-01 21:00").syncs(6_000, "07-02 21:00")
    story.syncs(6_000, "07-03 21:00").expect(StepsSynced, CheckpointLit, BadgeAwarded)


@pytest.mark.rule("EC-04")
def test_a_route_that_steps_light_can_end_with_a_certificate_too() -> None:
    route = replace(ROUTE, lit_by="steps", total_steps=9_000)
    story = Eco(replace(ECO, route=route)).syncs(8_999, "07-01 20:00").expect(badges=())
    story.syncs(9_000, "07-01 21:00").expect(StepsSynced, CheckpointLit, BadgeAwarded, CertificateAwarded)


@pytest.mark.rule("GX-08")
def test_landmarks_that_an_amendment_has_moved_away_stay_lit() -> None:
    story = Eco().syncs(6_000, "07-01 21:00")
    steps = replace(ROUTE, lit_by="steps", total_steps=90_000)
    story.amend(replace(ECO, route=steps), at="07-01 22:00")
    story.syncs(6_500, "07-01 22:30").expect(StepsSynced, lit=1)
