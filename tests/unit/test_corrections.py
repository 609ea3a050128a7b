"""Corrections: a new event that reverses, and names what, who and why. Nothing is ever deleted."""

import pytest
from msgspec.structs import replace

from ledger.events import CaptainRewarded, CorrectionMade, Event, StepsSynced, TeamGoalLost, TeamGoalMet
from ledger.refusals import AlreadyReversed, DayStillOpen, NothingToReverse
from tests.given import SX, Story, balances


def walked() -> tuple[Story, int]:
    """Someone with 1 + 5 points, and the position of the sync."""
    story = (
        Story().enrol(at="06-30 10:00").signs_in("07-01 08:00").syncs(8312, "07-01 21:00").expect(balance=6)
    )
    return story, story.position


def correction(story: Story) -> CorrectionMade:
    (event,) = story.answer
    assert isinstance(event, CorrectionMade)
    return event


@pytest.mark.rule("GX-03")
def test_a_correction_reverses_the_postings_and_names_what_who_and_why() -> None:
    story, position = walked()
    event = correction(story.corrects(position, "07-03 10:00").expect(CorrectionMade, balance=1))
    assert (event.reverses, event.reverses_version) == (position, 3)
    assert (event.actor, event.reason) == ("operator", "counted twice")
    assert [(leg.account, leg.amount, leg.clause, leg.balance_after) for leg in event.postings] == [
        ("points:sx-2019:p-1", -4, "SX-12", 2),
        ("points:sx-2019:p-1", -1, "SX-13", 1),
        ("issued:sx-2019", 5, "", None),
    ]


@pytest.mark.rule("GX-03")
def test_the_reversed_event_stays_as_it_was() -> None:
    story, position = walked()
    before: list[Event] = [entry.event for entry in story.log]
    story.corrects(position, "07-03 10:00")
    assert [entry.event for entry in story.log][:-1] == before
    story.expect(total=8312, attained=1)


@pytest.mark.rule("GX-03")
def test_an_event_is_reversed_once() -> None:
    story, position = walked()
    story.corrects(position, "07-03 10:00").corrects(position, "07-03 10:01").expect(
        AlreadyReversed, balance=1
    )


@pytest.mark.rule("GX-03")
def test_a_correction_can_itself_be_corrected() -> None:
    story, position = walked()
    story.corrects(position, "07-03 10:00")
    wrong = story.position
    story.corrects(wrong, "07-03 11:00").expect(CorrectionMade, balance=6)
    story.corrects(wrong, "07-03 12:00").expect(AlreadyReversed)
    story.corrects(position, "07-03 13:00").expect(AlreadyReversed, balance=6)


@pytest.mark.rule("GX-03")
def test_what_moved_no_points_has_nothing_to_reverse() -> None:
    story, _ = walked()
    for position, said in (
        (0, "before the log"),
        (1, "the rulebook"),
        (2, "the enrolment"),
        (99, "not there yet"),
    ):
        story.corrects(position, "07-03 10:00").expect(NothingToReverse, balance=6), said
    story.syncs(0, "07-03 21:00").corrects(story.position, "07-03 22:00").expect(NothingToReverse)


@pytest.mark.rule("GX-03")
def test_an_event_of_somebody_else_cannot_be_reversed_here() -> None:
    story, position = walked()
    story.enrol("p-2", at="07-02 08:00").corrects(position, "07-03 10:00", who="p-2").expect(NothingToReverse)
    story.expect(balance=6)


@pytest.mark.rule("GX-03")
def test_an_open_day_is_corrected_by_the_right_count() -> None:
    story, position = walked()
    story.corrects(position, "07-01 21:30").expect(DayStillOpen, balance=6)
    story.corrects(position, "07-02 00:09:59").expect(DayStillOpen, balance=6)
    story.corrects(position, "07-02 00:10:00").expect(CorrectionMade, balance=1)


@pytest.mark.rule("GX-03", "SX-05")
def test_of_a_days_syncs_the_one_that_stands_is_reversed_with_all_that_the_day_earned() -> None:
    story = Story().enrol(at="06-30 10:00").syncs(4_000, "07-01 20:30").expect(balance=2)
    first = story.position
    story.syncs(10_000, "07-01 21:00").expect(balance=6)
    last = story.position
    story.corrects(first, "07-03 10:00").expect(NothingToReverse, balance=6)
    story.corrects(last, "07-03 10:00").expect(CorrectionMade, balance=0)


@pytest.mark.rule("GX-03")
def test_a_sync_that_a_lower_one_took_back_cannot_be_taken_back_again() -> None:
    story = Story().enrol(at="06-30 10:00").syncs(10_000, "07-01 20:30").expect(balance=6)
    position = story.position
    story.syncs(0, "07-01 21:00").expect(balance=0).corrects(position, "07-03 10:00")
    story.expect(NothingToReverse, balance=0)


@pytest.mark.rule("GX-03", "SX-01")
def test_the_trial_can_be_corrected_while_it_lasts() -> None:
    story = Story().enrol(at="06-18 10:00").signs_in("06-19 08:00").expect(balance=1)
    position = story.position
    story.corrects(position, "06-19 09:00").expect(CorrectionMade, balance=0)
    assert correction(story).trial
    story.signs_in("06-20 08:00").signs_in("07-01 08:00").expect(balance=1)
    story.corrects(position + 2, "07-01 09:00").expect(NothingToReverse, balance=1)


def team_of_two() -> Story:
    """A full team; both have 4 points for 6,000 steps and 2 for the team's day, the captain 20 more."""
    assert SX.teams is not None
    story = Story(replace(SX, teams=replace(SX.teams, size=2, team_goal=12_000)))
    story.enrol(at="06-30 10:00").enrol("p-2").creates("t-1", "07-01 08:00").joins("t-1", who="p-2")
    story.syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:00", who="p-2")
    return story.expect(balance=26).expect(who="p-2", balance=6)


def place(story: Story, kind: type[Event], stream: str = "p-1@sx-2019") -> int:
    """The position of the newest event of a kind in a stream."""
    return max(n for n, e in enumerate(story.log, 1) if type(e.event) is kind and e.stream == stream)


@pytest.mark.rule("GX-03", "SX-14", "SX-16")
def test_points_for_a_teams_goal_and_a_captains_task_can_be_reversed() -> None:
    story = team_of_two()
    story.corrects(place(story, TeamGoalMet), "07-03 10:00").expect(CorrectionMade, balance=24)
    story.corrects(place(story, TeamGoalMet)).expect(AlreadyReversed)
    story.corrects(place(story, CaptainRewarded)).expect(CorrectionMade, balance=4)
    story.corrects(place(story, TeamGoalMet, "p-2@sx-2019")).expect(NothingToReverse)
    story.expect(who="p-2", balance=6)
    assert balances(story.log)["issued:sx-2019"] == -10


@pytest.mark.rule("GX-03", "SX-14")
def test_a_teams_open_day_is_not_corrected() -> None:
    story = team_of_two()
    goal = place(story, TeamGoalMet)
    story.corrects(goal, "07-02 00:09:59").expect(DayStillOpen, balance=26)
    story.corrects(goal, "07-02 00:10").expect(CorrectionMade, balance=24)


@pytest.mark.rule("GX-03", "SX-14")
def test_a_goal_that_was_lost_and_its_loss_are_not_reversed_again() -> None:
    story = team_of_two().syncs(0, "07-01 22:00", who="p-2").expect(balance=24)
    story.corrects(place(story, TeamGoalMet), "07-03 10:00").expect(NothingToReverse, balance=24)
    story.corrects(place(story, TeamGoalLost)).expect(NothingToReverse, balance=24)
    story.corrects(place(story, StepsSynced)).expect(CorrectionMade, balance=20)
