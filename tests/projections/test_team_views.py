"""What the views say of teams."""

import asyncio
from datetime import date

import msgspec
import psycopg
import pytest

from ledger.commands import RemoveMember, SetTeamGoal
from ledger.rulebook import Rulebook
from projections import reads, team_reads
from projections.reads import ParticipantPage
from projections.rebuild import rebuild
from projections.team_reads import TeamPage
from tests.conftest import Database
from tests.given import SX, Story, moment
from tests.projections.logs import append, catch_up, stored, views

MEMBERS = [f"p-{number}" for number in range(1, 7)]


def with_team(rules: Rulebook = SX) -> Story:
    """Six people in one team on the campaign's first day, who walk 7,000 steps each but the last."""
    story = Story(rules)
    for who in [*MEMBERS, "p-7"]:
        story.enrol(who, at="06-20 09:00")
    story.creates("t-1", "07-01 09:00")
    for who in MEMBERS[1:]:
        story.joins("t-1", "07-01 09:10", who=who)
    for who in MEMBERS[:-1]:
        story.syncs(7000, "07-01 20:30", who=who)
    return story


def shown(database: Database, story: Story, played: int = 0) -> None:
    append(database, stored(story.log[played:]))
    catch_up(database)


def page(database: Database, team: str = "t-1") -> TeamPage | None:
    async def read() -> TeamPage | None:
        async with await _connection(database) as connection:
            return await team_reads.team(connection, "sx-2019", team)

    return asyncio.run(read())


def participant(database: Database, who: str) -> ParticipantPage:
    async def read() -> ParticipantPage:
        async with await _connection(database) as connection:
            return await reads.participant_page(connection, "sx-2019", who)

    return asyncio.run(read())


async def _connection(database: Database) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(
        database.url, autocommit=True, options=f"-csearch_path={database.schema} -ctimezone=UTC"
    )


@pytest.mark.rule("SX-03")
@pytest.mark.rule("SX-16")
def test_a_team_shows_its_members_and_when_it_was_filled(database: Database) -> None:
    shown(database, with_team())
    team = page(database)
    assert team is not None
    assert [member.participant for member in team.members] == MEMBERS
    assert [member.captain for member in team.members] == [True] + [False] * 5
    assert (team.captain, team.name, team.goal) == ("p-1", "t-1 队", None)
    assert (team.created_at, team.filled_at) == (moment("07-01 09:00"), moment("07-01 09:10"))
    assert page(database, "t-2") is None


@pytest.mark.rule("SX-14")
@pytest.mark.rule("SX-17")
def test_a_team_day_is_attained_lost_and_attained_again(database: Database) -> None:
    story = with_team()
    attained = []
    played = 0
    for steps, at in ((6000, "20:40"), (5999, "20:50"), (6001, "21:00")):
        story.syncs(steps, f"07-01 {at}", who="p-6")
        shown(database, story, played)
        played = len(story.log)
        team = page(database)
        assert team is not None
        attained.append((team.days_attained, views(database, ["team_days"])["team_days"]))
    day = date(2019, 7, 1)
    assert attained == [
        (1, [("sx-2019", "t-1", day, 41_000)]),
        (0, []),
        (1, [("sx-2019", "t-1", day, 41_001)]),
    ]
    balances = {row[3]: row[4:6] for row in views(database, ["balances"])["balances"] if row[3]}
    assert balances["p-6"] == (
        6,
        6,
    )  # 3 for the steps, 1 for the own goal, 2 for the team's; taken back once, not spent


@pytest.mark.rule("SX-14")
def test_a_member_counts_for_the_team_from_the_day_of_joining(database: Database) -> None:
    story = Story().enrol(at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.creates("t-1", "07-01 09:00")
    for who in ("p-1", "p-2"):
        story.syncs(8000, "07-01 20:30", who=who)
    story.joins("t-1", "07-02 09:00", who="p-2")
    for who in ("p-1", "p-2"):
        story.syncs(9000, "07-02 20:30", who=who)
    shown(database, story)
    team = page(database)
    assert team is not None
    assert [(m.participant, m.joined_on.isoformat(), m.steps) for m in team.members] == [
        ("p-1", "2019-07-01", 17_000),
        ("p-2", "2019-07-02", 9000),
    ]
    assert team.average == (26_000, 2)


def test_a_participant_is_shown_with_the_team(database: Database) -> None:
    shown(database, with_team())
    found = participant(database, "p-2").team
    assert found is not None
    assert (found.team, found.name, found.captain, found.joined_on) == (
        "t-1",
        "t-1 队",
        "p-1",
        date(2019, 7, 1),
    )
    assert participant(database, "p-7").team is None


@pytest.mark.rule("SX-01")
def test_a_team_of_the_trial_is_apart_from_those_of_the_campaign(database: Database) -> None:
    story = Story().enrol(at="06-18 09:00").creates("t-1", "06-20 09:00").creates("t-1", "07-01 09:00")
    shown(database, story)
    found = views(database)
    assert [row[:2] for row in found["teams"]] == [("sx-2019", "t-1"), ("sx-2019.trial", "t-1")]
    assert [row[0] for row in found["team_members"]] == ["sx-2019", "sx-2019.trial"]


@pytest.mark.rule("SX-04")
def test_a_removed_member_is_no_member_any_more_and_may_come_back(database: Database) -> None:
    assert SX.teams is not None
    lenient = msgspec.structs.replace(SX, teams=msgspec.structs.replace(SX.teams, captain_can_remove=True))
    story = with_team(lenient)
    story.post(SetTeamGoal(team="t-1", goal=50_000), at="07-02 09:00")
    story.post(RemoveMember(team="t-1", member="p-6"), at="07-02 09:00")
    shown(database, story)
    team = page(database)
    assert team is not None
    assert [member.participant for member in team.members] == MEMBERS[:-1]
    assert team.goal == 50_000
    played = len(story.log)
    story.joins("t-1", "07-02 10:00", who="p-6")
    shown(database, story, played)
    team = page(database)
    assert team is not None
    assert [member.participant for member in team.members] == MEMBERS
    assert participant(database, "p-6").team is not None


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_the_teams_rebuilt_are_the_teams_followed(database: Database, batch: int) -> None:
    story = with_team()
    story.syncs(6000, "07-01 20:40", who="p-6").syncs(10, "07-01 20:50", who="p-6")
    append(database, stored(story.log))
    catch_up(database, batch=batch)
    report = rebuild(database.url, database.schema, "teams", batch=7)
    assert report.same
    assert [table.live for table in report.tables] == [1, 6, 0]
