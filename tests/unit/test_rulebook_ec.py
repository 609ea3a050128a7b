"""The shipped rulebook of 生态文明你我行 says what the published notice says, and its main lines can be played."""

import re
from datetime import date
from pathlib import Path

import pytest

import ledger
from ledger.activity_commands import RecordAttendance, RecordRun
from ledger.activity_events import DonationMade
from ledger.commands import RequestDraw
from ledger.events import BadgeAwarded, ChanceGranted, CheckpointLit, DrawEntered
from ledger.fund import Fund
from ledger.refusals import AfterCampaign
from ledger.rulebook_file import load
from tests.given import Story

FILE = Path(ledger.__file__).parent / "rulebooks" / "ec-2018.toml"
JS = load((FILE.parent / "js-2023.toml").read_bytes())
EC = load(FILE.read_bytes())


def story(**how: str) -> Story:
    """The campaign, published before it, with p-1 of Nanjing in it on the first morning."""
    return Story(EC, "2018-12-01 08:00").enrol(branch="nanjing-federation", at="2018-12-03 06:00", **how)


def walked(told: Story, days: int, steps: int = 6000) -> Story:
    """So many days from the first on, each with so many steps."""
    for number in range(days):
        told.syncs(steps, f"{date(2018, 12, 3 + number)} 21:00")
    return told


@pytest.mark.rule("EC-01")
def test_the_campaign_has_64_days_and_enrolment_stays_open() -> None:
    assert EC.id == FILE.stem
    assert (EC.starts, EC.ends, EC.days_of(trial=False)) == (date(2018, 12, 3), date(2019, 2, 4), 64)
    assert (EC.enrolment.opens, EC.enrolment.closes) == (EC.starts, EC.ends)
    late = Story(EC, "2018-12-01 08:00").enrol(branch="suqian-federation", at="2019-02-04 23:00")
    late.syncs(6000, "2019-02-04 23:30")
    assert late.enrolment().play.attained == 1
    Story(EC, "2018-12-01 08:00").enrol(branch="post", at="2019-02-05 00:00").expect(AfterCampaign)


def test_what_the_notice_does_not_name_is_not_there() -> None:
    assert (EC.points, EC.teams, EC.sign_in, EC.trial, EC.wallet) == ((), None, None, None, None)


@pytest.mark.rule("EC-02")
def test_the_daily_goal_is_5000_steps() -> None:
    assert EC.steps is not None
    assert EC.steps.daily_goal == 5000
    assert walked(story(), 1, 4999).enrolment().play.attained == 0
    assert walked(story(), 1, 5000).enrolment().play.attained == 1


@pytest.mark.rule("EC-03")
def test_the_route_has_a_place_of_each_of_the_13_cities_with_an_introduction() -> None:
    assert EC.route is not None
    assert EC.route.lit_by == "attained_days"
    federations = [branch.name for branch in EC.enrolment.branches if branch.group == "city"]
    cities = [place.name.split(" · ")[0] for place in EC.route.checkpoints]
    assert [f"{city}市总工会" for city in cities] == federations
    told = [place.introduction for place in EC.route.checkpoints]
    assert all(each and len(each.zh) > 10 and len(each.en) > 10 for each in told)


@pytest.mark.rule("EC-03", "EC-04")
def test_13_attained_days_light_13_landmarks_and_give_the_certificate() -> None:
    told = walked(story(), 12)
    assert (told.enrolment().play.lit, told.enrolment().play.badges) == (12, ())
    told.syncs(5000, "2018-12-15 21:00")
    kinds = [type(event) for event in told.answer]
    assert CheckpointLit in kinds
    assert BadgeAwarded in kinds
    assert (told.enrolment().play.lit, told.enrolment().play.badges) == (13, ("certificate",))


@pytest.mark.rule("EC-05", "EC-06")
def test_a_day_of_1610_metres_walked_or_run_gives_an_entry_to_the_health_draw() -> None:
    pool = EC.pool_ids["health"]
    assert pool.chance is not None
    assert (pool.draw, pool.chance.on, pool.chance.metres) == ("batch", "movement", 1610)
    assert [prize.kind for prize in pool.prizes] == ["goods", "goods", "goods", "credit"]
    told = walked(story(), 1, 2476)
    assert not [event for event in told.answer if isinstance(event, ChanceGranted)]
    told.syncs(2477, "2018-12-03 22:00")
    assert [event.pool for event in told.answer if isinstance(event, ChanceGranted)] == ["health"]
    run = RecordRun(day=date(2018, 12, 4), distance_m=1610, duration_s=600, provider="watch")
    told.post(run, at="2018-12-04 07:00")
    assert [event.pool for event in told.answer if isinstance(event, ChanceGranted)] == ["health"]
    for _ in range(2):
        told.post(RequestDraw(pool="health"), at="2018-12-04 08:00")
        assert isinstance(told.answer[0], DrawEntered)
    assert told.post(RequestDraw(pool="health"), at="2018-12-04 08:00").refused


@pytest.mark.rule("EC-07")
def test_100000_steps_bring_one_yuan_to_the_fund_of_the_city() -> None:
    (donation,) = EC.donations
    assert (donation.every, donation.amount) == (100_000, 100)
    told = walked(story(), 4, 25_000)
    assert [event.amount for event in told.answer if isinstance(event, DonationMade)] == [100]
    fund = told.states["fund/ec-2018/volunteer-projects.nanjing-federation"]
    assert isinstance(fund, Fund)
    assert fund.balance == 100


@pytest.mark.rule("EC-08")
def test_100_questions_are_asked_and_ten_right_answers_give_an_entry() -> None:
    (quiz,) = EC.quizzes
    assert len(quiz.questions) == 100
    assert len({question.text for question in quiz.questions}) == 100
    assert all(len(set(question.choices.values())) >= 2 for question in quiz.questions)
    # No letter is right so often that guessing it pays.
    letters = [question.answer for question in quiz.questions]
    assert max(map(letters.count, "ABC")) < 50
    told = story()
    for question in quiz.questions[:9]:
        told.answers(question.id, question.answer, "2018-12-03 12:00")
    assert not told.enrolment().play.rewards.chances
    told.answers(quiz.questions[9].id, quiz.questions[9].answer, "2018-12-03 12:00")
    assert [chance.pool for chance in told.enrolment().play.rewards.chances] == ["quiz"]


@pytest.mark.rule("EC-09")
def test_the_score_is_half_participation_and_half_attainment_taken_literally() -> None:
    assert EC.score is not None
    assert (EC.score.participation, EC.score.attainment, EC.score.by_day) == (50, 50, False)


@pytest.mark.rule("EC-10")
def test_there_are_13_cities_in_group_a_and_24_industries_in_group_b() -> None:
    groups = [branch.group for branch in EC.enrolment.branches]
    assert (groups.count("city"), groups.count("industry")) == (13, 24)
    boards = [EC.board_ids["units-a"], EC.board_ids["units-b"]]
    assert [(board.entrants, board.group) for board in boards] == [
        ("branches", "city"),
        ("branches", "industry"),
    ]
    assert [board.honours.first if board.honours else 0 for board in boards] == [3, 3]
    assert all(board.freezes_at for board in boards)


@pytest.mark.rule("EC-11")
def test_boards_of_persons_and_of_units_are_live() -> None:
    assert {board.id for board in EC.boards} == {"units-a", "units-b", "participants"}
    assert {board.refresh for board in EC.boards} == {None}


@pytest.mark.rule("EC-13")
def test_each_union_may_put_forward_two_projects_from_a_fund_of_its_own() -> None:
    (fund,) = EC.funds
    assert (fund.groups, fund.projects, fund.project_clause) == (("city", "industry"), 2, "EC-13")


@pytest.mark.rule("EC-14")
def test_an_organiser_records_who_attended_a_walk_on_site() -> None:
    told = story().post(RecordAttendance(occasion="winter-walk"), at="2018-12-15 10:00")
    assert not told.refused
    assert told.post(RecordAttendance(occasion="winter-walk"), at="2018-12-20 10:00").refused


def test_unions_that_two_programmes_name_have_one_name() -> None:
    names = {branch.id: branch.name for branch in JS.enrolment.branches}
    shared = [branch for branch in EC.enrolment.branches if branch.id in names]
    assert len(shared) == 14
    assert all(names[branch.id] == branch.name for branch in shared)


def test_every_clause_is_named_in_the_file() -> None:
    named = set(re.findall(r"EC-[0-9]{2}", FILE.read_text("utf-8")))
    assert named == {f"EC-{number:02}" for number in range(1, 15)}


def test_one_id_of_a_union_has_one_name_in_all_shipped_rulebooks() -> None:
    named: dict[str, set[str]] = {}
    for file in FILE.parent.glob("*.toml"):
        for branch in load(file.read_bytes()).enrolment.branches:
            named.setdefault(branch.id, set()).add(branch.name)
    assert [id for id, names in named.items() if len(names) > 1] == []
