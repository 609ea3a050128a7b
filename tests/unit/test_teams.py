"""Teams (团队): who is in one, what captains can do, and the day that a whole team attains."""

import pytest
from msgspec.structs import replace

from ledger.commands import AnnounceToTeam, RemoveMember, SetTeamGoal
from ledger.events import (
    CaptainRewarded,
    Event,
    MemberAdded,
    MemberRemoved,
    StepsSynced,
    TeamAnnounced,
    TeamCreated,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalLost,
    TeamGoalMet,
    TeamGoalSet,
    TeamJoined,
    TeamLeft,
)
from ledger.refusals import (
    AfterCampaign,
    AlreadyInTeam,
    BeforeCampaign,
    CaptainCannotRemove,
    DayClosed,
    NotAMember,
    NotCaptain,
    NotEnrolled,
    NotPlayed,
    TeamExists,
    TeamFull,
    TeamUnknown,
    TrialOver,
)
from ledger.rulebook import Rulebook
from ledger.team import Team
from tests.given import SX, Story, balances, day_of, replayed

assert SX.teams is not None
PAIR = replace(SX, teams=replace(SX.teams, size=2, team_goal=12_000))
LOOSE = replace(PAIR, teams=replace(SX.teams, size=3, team_goal=12_000, captain_can_remove=True))
SIX = [f"p-{n}" for n in range(1, 7)]


def together(rules: Rulebook, *people: str, at: str = "07-01 08:00") -> Story:
    """People who have enrolled; the first has created a team, and the others have joined."""
    story = Story(rules)
    for who in people:
        story.enrol(who, at="06-20 10:00")
    story.creates("t-1", at, who=people[0])
    for who in people[1:]:
        story.joins("t-1", at, who=who)
    return story


def points(story: Story, *people: str) -> list[int]:
    return [story.enrolment(who).play.balance for who in people]


def met(story: Story) -> list[tuple[str, int]]:
    """(stream, points) of each posting to a member that the newest answer brought for a team's day."""
    placed = story.log[-len(story.answer) :]
    return [
        (entry.stream, leg.amount)
        for entry in placed
        if isinstance(entry.event, TeamGoalMet | TeamGoalLost)
        for leg in entry.event.postings
        if leg.balance_after is not None
    ]


@pytest.mark.rule("SX-03")
def test_who_creates_a_team_is_its_captain_and_first_member() -> None:
    story = together(PAIR, "p-1").expect(TeamCreated, MemberAdded, team="t-1")
    assert story.team("t-1") == Team(1, "p-1", story.team("t-1").members)
    assert [(m.id, m.joined_on) for m in story.team("t-1").members] == [("p-1", day_of("07-01"))]
    assert [entry.stream for entry in story.log[-2:]] == ["p-1@sx-2019", "team/sx-2019/t-1"]


@pytest.mark.rule("SX-03", "SX-16")
def test_six_fill_a_team_and_a_seventh_is_refused() -> None:
    story = together(SX, *SIX[:5])
    story.expect(TeamJoined, MemberAdded, who="p-5").enrol("p-6", at="07-01 08:00").enrol("p-7")
    story.joins("t-1", who="p-6").expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded)
    story.joins("t-1", who="p-7").expect(TeamFull)
    assert [member.id for member in story.team("t-1").members] == SIX
    assert points(story, *SIX) == [20, 0, 0, 0, 0, 0]


@pytest.mark.rule("SX-03")
def test_a_person_is_in_one_team_as_captain_or_member() -> None:
    story = together(SX, "p-1", "p-2").enrol("p-3", at="07-01 09:00").creates("t-2", who="p-3")
    story.creates("t-3", who="p-1").expect(AlreadyInTeam)
    story.creates("t-3", who="p-2").expect(AlreadyInTeam)
    story.joins("t-2", who="p-1").expect(AlreadyInTeam)
    story.joins("t-2", who="p-2").expect(AlreadyInTeam)
    story.joins("t-1", who="p-2").expect(AlreadyInTeam)
    assert [member.id for member in story.team("t-2").members] == ["p-3"]


@pytest.mark.rule("SX-03")
def test_a_team_has_an_id_of_its_own_and_must_be_there_to_be_joined() -> None:
    story = together(SX, "p-1").enrol("p-2", at="07-01 09:00")
    story.creates("t-1", who="p-2").expect(TeamExists).joins("t-9", who="p-2").expect(TeamUnknown)
    story.creates("T-1", who="p-2").expect(TeamCreated, MemberAdded)


@pytest.mark.rule("SX-03")
def test_a_team_is_of_the_campaign_and_of_its_days() -> None:
    Story().creates("t-1", "07-01 08:00").expect(NotEnrolled)
    story = Story().enrol(at="06-18 08:00")
    story.creates("t-1", "06-17 23:57", delivered="06-18 08:00").expect(NotEnrolled)
    story.creates("t-1", "10-09 00:00").expect(AfterCampaign)
    story.creates("t-1", "06-30 23:00", delivered="07-01 08:00").expect(TrialOver)
    early = Story(replace(SX, trial=None)).enrol(at="06-18 08:00")
    early.creates("t-1", "06-19 08:00").expect(BeforeCampaign)
    bare = Story(replace(SX, teams=None, points=(), boards=(), pools=())).enrol(at="07-01 08:00")
    bare.creates("t-1").expect(NotPlayed).joins("t-1").expect(NotPlayed)


@pytest.mark.rule("SX-04")
def test_the_captain_sets_a_goal_and_announces_and_nobody_else_does() -> None:
    story = together(SX, "p-1", "p-2")
    story.post(SetTeamGoal(team="t-1", goal=50_000)).expect(TeamGoalSet)
    assert story.team("t-1").goal == 50_000
    story.post(AnnounceToTeam(team="t-1", ref="notes/7")).expect(TeamAnnounced)
    assert story.log[-1].stream == "team/sx-2019/t-1"
    story.post(SetTeamGoal(team="t-1", goal=1), who="p-2").expect(NotCaptain)
    story.post(AnnounceToTeam(team="t-1", ref="x"), who="p-2").expect(NotCaptain)
    story.post(SetTeamGoal(team="t-2", goal=1)).expect(TeamUnknown)
    story.post(AnnounceToTeam(team="t-2", ref="x")).expect(TeamUnknown)


@pytest.mark.rule("SX-04", "SX-17")
def test_a_goal_of_the_captain_does_not_change_what_attains_a_day() -> None:
    story = together(PAIR, "p-1", "p-2").post(SetTeamGoal(team="t-1", goal=50_000))
    story.syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:01", who="p-2")
    assert met(story) == [("p-1@sx-2019", 2), ("p-2@sx-2019", 2)]


@pytest.mark.rule("SX-04")
def test_a_captain_cannot_remove_a_member() -> None:
    story = together(SX, "p-1", "p-2")
    story.post(RemoveMember(team="t-1", member="p-2")).expect(CaptainCannotRemove)
    assert story.refusal.clause == "SX-04"
    story.post(RemoveMember(team="t-1", member="p-1"), who="p-2").expect(NotCaptain)
    assert len(story.team("t-1").members) == 2


@pytest.mark.rule("SX-04")
def test_where_the_rulebook_lets_captains_a_member_is_removed_and_can_join_another_team() -> None:
    story = together(LOOSE, "p-1", "p-2").enrol("p-3", at="07-01 09:00").creates("t-2", who="p-3")
    story.post(RemoveMember(team="t-1", member="p-2")).expect(TeamLeft, MemberRemoved, who="p-2", team="")
    story.post(RemoveMember(team="t-1", member="p-2")).expect(NotAMember)
    story.post(RemoveMember(team="t-1", member="p-3")).expect(NotAMember)
    story.post(RemoveMember(team="t-1", member="p-1")).expect(NotAMember)
    story.joins("t-2", who="p-2").expect(TeamJoined, MemberAdded, who="p-2", team="t-2")


@pytest.mark.rule("SX-04", "SX-14")
def test_who_is_removed_loses_the_points_of_the_open_day_and_keeps_those_of_closed_ones() -> None:
    story = together(LOOSE, "p-1", "p-2", "p-3")
    for day in ("07-01", "07-02"):
        for who in ("p-1", "p-2", "p-3"):
            story.syncs(6_000, f"{day} 21:00", who=who)
    assert points(story, "p-1", "p-2", "p-3") == [20 + 2 * (4 + 2), 12, 12]
    story.post(RemoveMember(team="t-1", member="p-3"), at="07-02 22:00")
    story.expect(TeamLeft, MemberRemoved, TeamDayAttained, TeamGoalLost)
    assert points(story, "p-1", "p-2", "p-3") == [32, 12, 10]
    story.post(RemoveMember(team="t-1", member="p-2"), at="07-02 22:01")
    story.expect(TeamLeft, MemberRemoved, TeamDayLost, TeamGoalLost, TeamGoalLost)
    assert points(story, "p-1", "p-2", "p-3") == [30, 10, 10]
    assert story.team("t-1").attained == 1


@pytest.mark.rule("SX-14", "SX-17")
def test_the_sync_that_completes_a_day_brings_every_member_two_points_in_the_same_decision() -> None:
    story = together(SX, *SIX)
    for who in SIX[:5]:
        story.syncs(6_000, "07-01 21:00", who=who).expect(StepsSynced)
    story.syncs(6_000, "07-01 23:59:59", who="p-6")
    story.expect(StepsSynced, TeamDayAttained, *[TeamGoalMet] * 6)
    assert met(story) == [(f"{who}@sx-2019", 2) for who in SIX]
    attained = story.answer[1]
    assert isinstance(attained, TeamDayAttained)
    assert (attained.day, attained.steps, attained.members) == (day_of("07-01"), 36_000, tuple(SIX))
    assert points(story, *SIX) == [20 + 4 + 2, *[4 + 2] * 5]


@pytest.mark.rule("SX-14", "GX-06")
def test_a_members_points_name_the_event_of_the_team_that_brought_them() -> None:
    story = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:01", who="p-2")
    for entry in story.log:
        if isinstance(entry.event, TeamGoalMet | CaptainRewarded):
            cause = next(
                e
                for e in story.log
                if (e.stream, e.version) == (entry.event.cause, entry.event.cause_version)
            )
            assert type(cause.event) is (
                TeamDayAttained if isinstance(entry.event, TeamGoalMet) else TeamFilled
            )
            assert {leg.clause for leg in entry.event.postings} - {""} <= {"SX-14", "SX-16"}
            assert (cause.event.source, cause.event.id) == (entry.event.source, entry.event.id)


@pytest.mark.rule("SX-17")
@pytest.mark.parametrize(
    ("steps", "attained"),
    [
        ((6_000, 6_000), False),
        ((6_000, 7_000), True),
        ((7_000, 6_000), True),
        ((5_999, 10_000), False),
        ((13_000, 13_000), True),
        ((5_999, 5_999), False),
    ],
)
def test_a_day_is_attained_when_all_members_and_the_team_reach_their_goals(
    steps: tuple[int, int], attained: bool
) -> None:
    assert SX.teams is not None
    rules = replace(SX, teams=replace(SX.teams, size=2, team_goal=13_000))
    story = together(rules, "p-1", "p-2")
    for who, count in zip(("p-1", "p-2"), steps, strict=True):
        story.syncs(count, "07-01 21:00", who=who)
    assert story.team("t-1").attained == attained


@pytest.mark.rule("SX-06", "SX-17")
def test_what_is_above_the_cap_of_a_person_does_not_count_for_the_team() -> None:
    assert SX.teams is not None
    rules = replace(SX, teams=replace(SX.teams, size=2, team_goal=20_000))
    story = together(rules, "p-1", "p-2").syncs(14_000, "07-01 21:00").syncs(9_999, "07-01 21:00", who="p-2")
    story.expect(StepsSynced).syncs(10_000, "07-01 21:01", who="p-2")
    story.expect(StepsSynced, TeamDayAttained, TeamGoalMet, TeamGoalMet)


@pytest.mark.rule("SX-05", "SX-14", "GX-03")
def test_a_lower_last_sync_takes_all_points_back_and_a_higher_one_brings_them_again() -> None:
    story = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00")
    for minute in (10, 20, 30):
        story.syncs(6_000, f"07-01 21:{minute}", who="p-2")
        story.expect(StepsSynced, TeamDayAttained, TeamGoalMet, TeamGoalMet)
        given = story.log[-2].version
        assert points(story, "p-1", "p-2") == [26, 6]
        story.syncs(5_999, f"07-01 21:{minute + 1}", who="p-2")
        story.expect(StepsSynced, TeamDayLost, TeamGoalLost, TeamGoalLost)
        assert met(story) == [("p-1@sx-2019", -2), ("p-2@sx-2019", -2)]
        lost = story.answer[-2]
        assert isinstance(lost, TeamGoalLost)
        assert lost.reverses_version == given, "a reversal names what it reverses"
        assert points(story, "p-1", "p-2") == [24, 2]
    assert story.team("t-1").attained == 0


@pytest.mark.rule("SX-05", "SX-14")
def test_a_closed_day_never_changes() -> None:
    story = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:00", who="p-2")
    story.syncs(0, "07-02 00:10", day="07-01").expect(DayClosed)
    assert points(story, "p-1", "p-2") == [26, 6]
    one_short = together(PAIR, "p-1").syncs(6_000, "07-01 21:00").enrol("p-2", at="07-01 22:00")
    one_short.syncs(6_000, "07-01 22:00", who="p-2").joins("t-1", "07-02 00:10", who="p-2")
    one_short.expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded)
    assert one_short.team("t-1").attained == 0


@pytest.mark.rule("SX-05", "SX-14")
def test_syncs_that_do_not_count_do_not_touch_the_team() -> None:
    story = together(PAIR, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:00", who="p-2")
    story.syncs(0, "07-01 20:30", who="p-2", delivered="07-01 21:30").expect(StepsSynced)
    story.syncs(0, "07-01 19:30", who="p-2", delivered="07-01 21:31").expect(StepsSynced)
    assert points(story, "p-1", "p-2") == [26, 6]


@pytest.mark.rule("SX-14", "SX-16")
def test_a_joiner_counts_from_the_day_of_joining_on() -> None:
    story = together(SX, *SIX[:5])
    for day in ("07-01", "07-02"):
        for who in SIX[:5]:
            story.syncs(8_000, f"{day} 21:00", who=who)
        assert story.team("t-1").attained == int(day[-1]), "five with 40,000 are enough"
    story.enrol("p-6", at="07-02 22:00").joins("t-1", who="p-6")
    story.expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded, TeamDayLost, *[TeamGoalLost] * 5)
    assert story.team("t-1").attained == 1, "yesterday stands"
    story.syncs(6_000, "07-02 22:30", who="p-6").expect(StepsSynced, TeamDayAttained, *[TeamGoalMet] * 6)
    assert points(story, *SIX) == [20 + 2 * (4 + 1 + 2), *[14] * 4, 4 + 2]


@pytest.mark.rule("SX-14")
def test_a_joiner_who_has_walked_already_gets_the_days_points_at_once() -> None:
    story = together(LOOSE, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:01", who="p-2")
    story.enrol("p-3", at="07-01 22:00").syncs(6_000, who="p-3").expect(StepsSynced)
    story.joins("t-1", who="p-3")
    story.expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded, TeamDayAttained, TeamGoalMet)
    assert met(story) == [("p-3@sx-2019", 2)]
    assert story.team("t-1").attained == 1


@pytest.mark.rule("SX-05", "SX-14")
def test_who_joined_before_midnight_counts_for_that_day_while_it_is_open() -> None:
    story = together(LOOSE, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:01", who="p-2")
    story.enrol("p-3", at="07-01 22:00").joins("t-1", "07-01 23:58", who="p-3", delivered="07-02 00:05")
    story.expect(
        TeamJoined, MemberAdded, TeamFilled, CaptainRewarded, TeamDayLost, TeamGoalLost, TeamGoalLost
    )
    story.syncs(6_000, "07-02 00:06", day="07-01", who="p-3")
    story.expect(StepsSynced, TeamDayAttained, *[TeamGoalMet] * 3)


@pytest.mark.rule("SX-05", "SX-14")
def test_who_joins_after_midnight_leaves_yesterday_alone() -> None:
    story = together(LOOSE, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:01", who="p-2")
    story.enrol("p-3", at="07-01 22:00").joins("t-1", "07-02 00:05", who="p-3")
    story.expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded)
    story.syncs(6_000, "07-02 00:06", day="07-01", who="p-3").expect(StepsSynced)
    story.syncs(0, "07-02 00:07", day="07-01").expect(StepsSynced, TeamDayLost, TeamGoalLost, TeamGoalLost)


@pytest.mark.rule("SX-14")
def test_a_joining_that_is_delivered_after_its_day_is_closed_counts_from_today() -> None:
    story = together(LOOSE, "p-1", "p-2").enrol("p-3", at="07-01 22:00")
    story.joins("t-1", "07-01 22:00", who="p-3", delivered="07-05 10:00")
    assert story.team("t-1").members[-1].joined_on == day_of("07-05")


@pytest.mark.rule("SX-16")
def test_the_captains_task_is_rewarded_once_ever() -> None:
    assert SX.teams is not None
    rules = replace(SX, teams=replace(SX.teams, size=2, captain_can_remove=True))
    story = together(rules, "p-1", "p-2").expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded)
    story.expect(captain_rewarded=True, balance=20).enrol("p-3", at="07-02 08:00")
    story.post(RemoveMember(team="t-1", member="p-2"))
    story.joins("t-1", who="p-3").expect(TeamJoined, MemberAdded).expect(balance=20)


@pytest.mark.rule("SX-01", "SX-03", "SX-16")
def test_teams_of_the_trial_stand_apart_and_are_gone_with_it() -> None:
    story = together(PAIR, "p-1", "p-2", at="06-29 08:00").expect(balance=20)
    story.syncs(6_000, "06-29 21:00").syncs(6_000, "06-29 21:00", who="p-2").expect(balance=26)
    assert story.team("t-1") == Team()
    assert "team/sx-2019.trial/t-1" in story.states
    story.creates("t-1", "07-01 08:00", who="p-2").expect(TeamCreated, MemberAdded)
    story.joins("t-1", "07-01 08:01").expect(TeamJoined, MemberAdded, TeamFilled, CaptainRewarded)
    story.expect(balance=0, team="t-1").expect(who="p-2", balance=20)
    assert story.team("t-1").captain == "p-2"


@pytest.mark.rule("SX-01")
def test_what_the_trials_team_does_never_touches_a_member_who_has_begun_the_campaign() -> None:
    assert SX.teams is not None
    rules = replace(SX, teams=replace(SX.teams, size=2, team_goal=12_000, captain_can_remove=True))
    story = together(rules, "p-1", at="06-29 08:00").enrol("p-2", at="06-30 10:00")
    story.signs_in("07-01 00:01", delivered="06-30 23:57").expect(balance=1)  # a clock that is ahead
    story.joins("t-1", "06-30 23:58", who="p-2").expect(TeamJoined, MemberAdded, TeamFilled)
    story.expect(balance=1)
    other = together(rules, "p-1", "p-2", at="06-29 08:00")
    other.signs_in("07-01 00:01", who="p-2", delivered="06-30 23:57")
    other.post(RemoveMember(team="t-1", member="p-2"), at="06-30 23:58").expect(TeamLeft, MemberRemoved)
    other.expect(who="p-2", balance=1, sign_ins=1)
    assert not {*balances(story.log), *balances(other.log)} & {"points:sx-2019.trial:p-2"}


@pytest.mark.rule("GX-03", "SX-14")
def test_the_goals_of_three_days_can_be_lost_in_any_order() -> None:
    """Yesterday is met again after today was met: the next day must not make the ledger forget today."""
    assert SX.teams is not None
    assert SX.steps is not None
    window = replace(SX.steps.window, opens="00:00")
    rules = replace(PAIR, steps=replace(SX.steps, window=window))
    story = together(rules, "p-1", "p-2").syncs(6_000, "07-01 23:00").syncs(6_000, "07-01 23:00", who="p-2")
    story.syncs(6_000, "07-02 00:01").syncs(6_000, "07-02 00:01", who="p-2")
    story.syncs(0, "07-02 00:02", day="07-01").syncs(6_000, "07-02 00:03", day="07-01")
    story.syncs(6_000, "07-03 00:01").syncs(6_000, "07-03 00:01", who="p-2")
    story.syncs(0, "07-03 00:02", day="07-02").expect(StepsSynced, TeamDayLost, TeamGoalLost, TeamGoalLost)
    assert points(story, "p-2") == [3 * 4 + 2 * 2]
    assert balances(story.log)["points:sx-2019:p-2"] == 16


@pytest.mark.rule("GX-08", "SX-14")
def test_an_amendment_that_drops_the_points_takes_nothing_back_and_one_that_adds_them_gives_what_follows() -> (
    None
):
    dry = replace(PAIR, points=tuple(rule for rule in PAIR.points if rule.on != "team_goal"))
    story = together(dry, "p-1", "p-2").syncs(6_000, "07-01 21:00").syncs(6_000, "07-01 21:00", who="p-2")
    story.expect(StepsSynced, TeamDayAttained).amend(PAIR, "07-01 21:10")
    story.syncs(5_999, "07-01 21:11").expect(StepsSynced, TeamDayLost)
    story.syncs(6_000, "07-01 21:12").expect(StepsSynced, TeamDayAttained, TeamGoalMet, TeamGoalMet)


@pytest.mark.rule("GX-06")
def test_the_team_is_what_its_events_say() -> None:
    story = together(LOOSE, "p-1", "p-2", "p-3").syncs(6_000, "07-01 21:00")
    story.syncs(6_000, "07-01 21:00", who="p-2").syncs(6_000, "07-01 21:00", who="p-3")
    story.post(RemoveMember(team="t-1", member="p-2"))
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
    assert balances(story.log)["issued:sx-2019"] == -sum(points(story, "p-1", "p-2", "p-3"))


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.TOPIC for event in events]


@pytest.mark.rule("SX-26")
def test_without_a_team_everything_of_a_person_is_the_same() -> None:
    alone = Story().enrol(at="06-30 10:00").syncs(6_000, "07-01 21:00")
    member = together(SX, "p-1", "p-2").syncs(6_000, "07-01 21:00")
    assert kinds(alone.answer) == kinds(member.answer)
    assert alone.enrolment().play.balance == member.enrolment().play.balance == 4
