"""The public trial (公测): it works in full, and nothing from it counts afterwards."""

import pytest

from ledger.events import CheckpointLit, SignedIn, StepsSynced
from ledger.refusals import AlreadyEnrolled, AlreadySignedIn, CheckpointNotLit, TrialOver
from tests.given import SX, Story


def tried() -> Story:
    """Someone who lit the first checkpoint of the trial, passed it and wrote a note."""
    story = Story().enrol(at="06-18 08:00")
    for day in range(18, 24):
        story.signs_in(f"06-{day} 09:00").syncs(10_000, f"06-{day} 21:00")
    return story.answers("cp-01", "A", "06-24 09:00").reflects(1, "06-24 09:01")


@pytest.mark.rule("SX-01")
def test_the_campaign_lasts_a_hundred_days_and_the_trial_thirteen() -> None:
    assert (SX.starts.isoformat(), SX.ends.isoformat(), SX.days_of(trial=False)) == (
        "2019-07-01",
        "2019-10-08",
        100,
    )
    assert SX.trial is not None
    trial = (SX.trial.starts.isoformat(), SX.trial.ends.isoformat(), SX.days_of(trial=True))
    assert trial == ("2019-06-18", "2019-06-30", 13)


@pytest.mark.rule("SX-01")
def test_the_trial_works_in_full() -> None:
    tried().expect(
        balance=6 * 7 + 2, sign_ins=6, total=60_000, attained=6, lit=1, passed=(1,), reflected=(1,)
    )


@pytest.mark.rule("SX-01")
def test_nothing_of_the_trial_counts_in_the_campaign() -> None:
    story = tried().signs_in("07-01 00:00:00")
    story.expect(SignedIn, balance=1, sign_ins=1, total=0, attained=0, lit=0, passed=(), reflected=())
    story.answers("cp-01", "A", "07-01 09:00").expect(CheckpointNotLit)
    story.syncs(10_000, "07-01 21:00").expect(StepsSynced, total=10_000, balance=7, lit=0)


@pytest.mark.rule("SX-01")
def test_the_points_of_the_trial_are_in_a_book_of_their_own() -> None:
    story = tried().signs_in("07-01 08:00")
    books = {
        (entry.event.trial, leg.account)
        for entry in story.log
        for leg in entry.event.postings
        if leg.balance_after is not None
    }
    assert books == {(True, "points:sx-2019.trial:p-1"), (False, "points:sx-2019:p-1")}


@pytest.mark.rule("SX-01")
def test_a_checkpoint_is_lit_anew_in_the_campaign() -> None:
    story = tried()
    for day in range(1, 6):
        story.syncs(10_000, f"07-{day:02} 21:00").expect(StepsSynced)
    story.syncs(10_000, "07-06 21:00").expect(StepsSynced, CheckpointLit, lit=1)


@pytest.mark.rule("SX-01")
def test_the_enrolment_of_the_trial_holds_for_the_campaign() -> None:
    tried().enrol(at="07-01 08:00").expect(AlreadyEnrolled).signs_in("07-01 08:01").expect(SignedIn)


@pytest.mark.rule("SX-01")
def test_the_trial_takes_no_more_facts_once_the_campaign_has_begun() -> None:
    late = {"delivered": "07-01 00:00:00"}
    story = tried().signs_in("06-30 23:59:59", delivered="06-30 23:59:59").expect(SignedIn)
    story.signs_in("06-29 12:00", **late).expect(TrialOver)
    story.syncs(10_000, "06-30 23:59:59", **late).expect(TrialOver)
    assert story.refusal.clause == "SX-01"
    story.signs_in("07-01 08:00").expect(SignedIn, balance=1)
    story.answers("cp-01", "A", "06-30 12:00", delivered="07-01 09:00").expect(TrialOver, passed=())


@pytest.mark.rule("SX-01")
def test_who_has_begun_the_campaign_by_a_clock_ahead_is_done_with_the_trial() -> None:
    story = tried().signs_in("07-01 00:02", delivered="06-30 23:58").expect(SignedIn, balance=1, sign_ins=1)
    story.signs_in("06-30 23:59").expect(TrialOver, balance=1)
    story.signs_in("07-01 08:00").expect(AlreadySignedIn)
