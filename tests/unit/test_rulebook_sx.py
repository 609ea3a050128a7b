"""The shipped rulebook of 与祖国同行 says what the published notice says. The figures here are the notice's own."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import ledger
from ledger.rulebook import Pool, Rulebook
from ledger.rulebook_file import RulebookFaulty, digest, load, reread
from ledger.rulebook_words import in_words, total_quota

FILE = Path(ledger.__file__).parent / "rulebooks" / "sx-2019.toml"

# allocations of the notice: union and minimum number of participants (SX-27).
QUOTAS = {
    "city": "西安250000 宝鸡100000 咸阳100000 铜川30000 渭南80000 韩城10000 延安60000 榆林80000 汉中70000 安康40000 "
    "商洛30000 杨凌10000",
    "industry": "国防30000 教科文卫体13000 财贸金融轻工20000 能源化工地质30000 机械冶金建材10000 农林水利气象5000 "
    "交通运输5000 建设17000",
    "direct": "直属机关5000 西部机场5000 铁路10000",
}


@pytest.fixture(scope="module")
def sx() -> Rulebook:
    """The rulebook as it ships."""
    return load(FILE.read_bytes())


def pool(sx: Rulebook, id_: str) -> Pool:
    """One pool of the rulebook."""
    (found,) = (each for each in sx.pools if each.id == id_)
    return found


@pytest.mark.rule("SX-01")
def test_the_campaign_has_100_days_and_the_trial_the_13_before(sx: Rulebook) -> None:
    assert sx.id == FILE.stem
    assert (sx.starts, sx.ends, sx.days_of(trial=False)) == (date(2019, 7, 1), date(2019, 10, 8), 100)
    assert sx.trial is not None
    assert (sx.trial.starts, sx.trial.ends, sx.days_of(trial=True)) == (
        date(2019, 6, 18),
        date(2019, 6, 30),
        13,
    )
    assert str(sx.tz) == "Asia/Shanghai"
    assert sx.book(trial=True) != sx.book(trial=False)


@pytest.mark.rule("SX-01")
@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (date(2019, 6, 17), None),
        (date(2019, 6, 18), "trial"),
        (date(2019, 6, 30), "trial"),
        (date(2019, 7, 1), "campaign"),
        (date(2019, 10, 8), "campaign"),
        (date(2019, 10, 9), None),
    ],
)
def test_each_day_belongs_to_the_trial_or_the_campaign_or_neither(
    sx: Rulebook, day: date, phase: str | None
) -> None:
    assert sx.phase_of(day) == phase


@pytest.mark.rule("SX-02", "SX-26")
def test_enrolment_is_open_from_the_trial_on_and_asks_for_no_team(sx: Rulebook) -> None:
    assert (sx.enrolment.opens, sx.enrolment.closes) == (date(2019, 6, 18), None)
    assert sx.opens == date(2019, 6, 18)
    assert {rule.on for rule in sx.points} >= {"daily_goal", "team_goal"}


@pytest.mark.rule("SX-03", "SX-04", "SX-17")
def test_a_team_has_six_members_of_6000_steps_each_and_keeps_them(sx: Rulebook) -> None:
    assert sx.teams is not None
    assert (sx.teams.size, sx.teams.member_goal, sx.teams.team_goal) == (6, 6000, 36000)
    assert not sx.teams.captain_can_remove


@pytest.mark.rule("SX-05")
def test_the_window_is_the_last_four_hours_and_ten_minutes_of_grace(sx: Rulebook) -> None:
    assert sx.window == (20 * 3600, 24 * 3600, 24 * 3600 + 600)


@pytest.mark.rule("SX-06", "SX-13")
def test_steps_above_10000_neither_count_nor_show_and_the_goal_is_6000(sx: Rulebook) -> None:
    assert sx.steps is not None
    assert (sx.steps.daily_cap, sx.steps.show_above_cap, sx.steps.daily_goal) == (10_000, False, 6000)


@pytest.mark.rule("SX-07", "SX-08")
def test_13_checkpoints_share_700000_steps_and_the_last_takes_the_remainder(sx: Rulebook) -> None:
    assert len(sx.thresholds) == 13
    legs = [reached - before for before, reached in zip((0, *sx.thresholds), sx.thresholds, strict=False)]
    assert legs == [53_846] * 12 + [53_848]
    assert sx.thresholds[-1] == 700_000


@pytest.mark.rule("SX-07")
def test_the_checkpoints_are_ten_cities_a_district_a_separately_planned_city_and_the_federation(
    sx: Rulebook,
) -> None:
    assert sx.route is not None
    names = [checkpoint.name for checkpoint in sx.route.checkpoints]
    assert len(set(names)) == 13
    assert [name for name in names if not name.endswith("市")] == ["杨凌示范区", "陕西省总工会"]
    assert names[-1] == "陕西省总工会"


@pytest.mark.rule("SX-09")
def test_each_checkpoint_has_a_question_and_one_right_choice(sx: Rulebook) -> None:
    assert sx.route is not None
    assert list(sx.questions) == [f"cp-{number:02}" for number in range(1, 14)]
    for checkpoint in sx.route.checkpoints:
        assert checkpoint.question is not None
        assert checkpoint.question.answer in checkpoint.question.choices
        assert len(set(checkpoint.question.choices.values())) == 3


@pytest.mark.rule("SX-11", "SX-12", "SX-13", "SX-14", "SX-15", "SX-16")
def test_points_are_those_of_the_notice(sx: Rulebook) -> None:
    assert {(rule.on, rule.amount, rule.every, rule.daily_max, rule.clause) for rule in sx.points} == {
        ("sign_in", 1, None, None, "SX-11"),
        ("steps", 1, 2000, 5, "SX-12"),
        ("daily_goal", 1, None, None, "SX-13"),
        ("team_goal", 2, None, None, "SX-14"),
        ("reflection", 2, None, None, "SX-15"),
        ("team_filled", 20, None, None, "SX-16"),
    }
    assert {rule.on for rule in sx.day_rules} == {"steps", "daily_goal"}


@pytest.mark.rule("SX-18")
def test_a_red_packet_costs_20_points_until_the_last_midnight(sx: Rulebook) -> None:
    packets = pool(sx, "red-packet")
    assert (packets.draw, packets.cost_points, packets.cost_badges) == ("instant", 20, ())
    assert packets.deadline == datetime(2019, 10, 7, 16, tzinfo=UTC)
    assert (packets.chance, packets.board, packets.daily_max, packets.person_max) == (None, None, None, None)


@pytest.mark.rule("SX-19")
def test_red_packets_come_in_eight_amounts(sx: Rulebook) -> None:
    prizes = pool(sx, "red-packet").prizes
    assert [prize.amount for prize in prizes] == [30, 50, 100, 300, 500, 1000, 2000, 5000]
    assert {prize.kind for prize in prizes} == {"money"}
    assert [prize.weight or 0 for prize in prizes] == sorted(
        (prize.weight or 0 for prize in prizes), reverse=True
    )
    assert all(prize.weight for prize in prizes)


@pytest.mark.rule("SX-20", "SX-21", "SX-22")
def test_two_badges_are_each_good_for_one_grand_prize_draw(sx: Rulebook) -> None:
    assert [(badge.name.zh, badge.on, badge.clause) for badge in sx.badges] == [
        ("全勤奖", "every_day_signed_in", "SX-20"),
        ("与祖国同行", "every_checkpoint_passed", "SX-21"),
    ]
    grand = pool(sx, "grand-prize")
    assert grand.cost_badges == tuple(badge.id for badge in sx.badges)
    assert (grand.draw, grand.cost_points, grand.chance, grand.board, grand.person_max) == (
        "batch",
        None,
        None,
        None,
        1,
    )
    assert grand.deadline is not None
    assert grand.deadline.astimezone(sx.tz).date() > sx.ends  # the last sign-in still makes a ticket


@pytest.mark.rule("SX-23")
def test_teams_are_ranked_by_attainment_then_average_steps(sx: Rulebook) -> None:
    (board,) = sx.boards
    assert board.entrants == "teams"
    assert [(key.by, key.order) for key in board.keys] == [
        ("attainment_rate", "descending"),
        ("average_steps", "descending"),
    ]
    assert board.freezes_at == datetime(2019, 10, 7, 16, tzinfo=UTC)


@pytest.mark.rule("SX-24")
def test_3_10_and_20_teams_win_a_prize_for_each_member(sx: Rulebook) -> None:
    prizes = pool(sx, "team-prize")
    assert sx.teams is not None
    assert (prizes.draw, prizes.board) == ("places", sx.boards[0].id)
    assert [prize.places for prize in prizes.prizes] == [3, 10, 20]
    assert [prize.stock for prize in prizes.prizes] == [teams * sx.teams.size for teams in (3, 10, 20)]


@pytest.mark.rule("SX-25")
def test_goods_go_out_within_15_working_days_in_mainland_china(sx: Rulebook) -> None:
    goods = [each for each in sx.pools if any(prize.kind == "goods" for prize in each.prizes)]
    assert {(each.deliver_within_working_days, each.mainland_only) for each in goods} == {(15, True)}
    assert {each.address_clause for each in goods} == {"SX-25"}
    assert len(goods) == 2


def test_every_clause_up_to_27_is_named_in_the_file() -> None:
    named = set(re.findall(r"SX-[0-9]{2}", FILE.read_text("utf-8")))
    assert named == {f"SX-{number:02}" for number in range(1, 28)}


@pytest.mark.rule("GX-08")
def test_the_text_of_before_pools_went_by_rank_is_still_read() -> None:
    text = (Path(__file__).parent.parent / "golden" / "sx-2019-v1.toml").read_text("utf-8")
    assert digest(text) == "339b29173aecd15cae2ea349106809b2d3853bb89870e5040adcb96e8028ecf7"
    with pytest.raises(RulebookFaulty):
        load(text)
    before = reread(text)
    assert pool(before, "team-prize").draw == "batch"
    assert (pool(before, "grand-prize").deadline, before.membership, before.prerequisites) == (None, None, ())
    assert in_words(before)


@pytest.mark.rule("SX-27")
def test_the_quotas_of_23_unions_are_those_of_the_notice(sx: Rulebook) -> None:
    branches = sx.enrolment.branches
    assert len(branches) == 23
    for group, row in QUOTAS.items():
        listed = [branch for branch in branches if branch.group == group]
        for said, branch in zip(row.split(" "), listed, strict=True):
            name = said.rstrip("0123456789")
            assert name in branch.name
            assert branch.quota == int(said.removeprefix(name))


@pytest.mark.rule("SX-27")
def test_quotas_sum_to_the_stated_totals_when_a_parents_figure_includes_its_childs(sx: Rulebook) -> None:
    totals: Counter[str] = Counter()
    for branch in sx.enrolment.branches:
        if branch.parent is None:
            totals[branch.group] += branch.quota or 0
    assert totals == {"city": 850_000, "industry": 130_000, "direct": 20_000}
    assert total_quota(sx.enrolment.branches) == 1_000_000
    children = {branch.name: branch.parent for branch in sx.enrolment.branches if branch.parent}
    assert children == {"韩城市总工会": "weinan"}
    assert sx.branch_ids["渭南市总工会"] == sx.branch_ids["weinan"] == "weinan"
