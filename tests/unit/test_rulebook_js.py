"""The shipped rulebook of 全省教职工线上健步走 says what the published notice says, in the notice's own figures."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import ledger
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load

FILE = Path(ledger.__file__).parent / "rulebooks" / "js-2023.toml"
CITIES = [
    "南京",
    "无锡",
    "徐州",
    "常州",
    "苏州",
    "南通",
    "连云港",
    "淮安",
    "盐城",
    "扬州",
    "镇江",
    "泰州",
    "宿迁",
]


@pytest.fixture(scope="module")
def js() -> Rulebook:
    """The rulebook as it ships."""
    return load(FILE.read_bytes())


@pytest.mark.rule("JS-01")
def test_the_campaign_has_7_days_and_no_trial(js: Rulebook) -> None:
    assert js.id == FILE.stem
    assert (js.starts, js.ends, js.days_of(trial=False)) == (date(2023, 11, 2), date(2023, 11, 8), 7)
    assert (js.trial, js.opens) == (None, date(2023, 11, 2))
    assert str(js.tz) == "Asia/Shanghai"


def test_what_the_notice_does_not_name_is_not_there(js: Rulebook) -> None:
    assert (js.points, js.badges, js.teams, js.route) == ((), (), None, None)


@pytest.mark.rule("JS-02")
def test_only_unions_of_the_education_and_science_system_may_take_part(js: Rulebook) -> None:
    assert js.membership is not None
    names = {branch.name: branch.group in js.membership.groups for branch in js.enrolment.branches}
    assert all(names[f"{city}市教育科技工会"] for city in CITIES)
    assert not any(names[f"{city}市总工会"] for city in CITIES)
    assert {name for name, member in names.items() if not member} == {f"{city}市总工会" for city in CITIES}


@pytest.mark.rule("JS-02")
def test_others_are_told_how_to_join_in_both_languages(js: Rulebook) -> None:
    assert js.membership is not None
    assert (js.membership.clause, "申请入会" in js.membership.how_to_join.zh) == ("JS-02", True)
    assert "To join (申请入会), apply to" in js.membership.how_to_join.en


@pytest.mark.rule("JS-02")
def test_every_union_of_the_system_is_under_the_provincial_one(js: Rulebook) -> None:
    parents = {branch.parent for branch in js.enrolment.branches if branch.group == "education-science"}
    assert parents == {None, "education-science"}
    assert js.branch_ids["江苏省教育科技工会"] == "education-science"


@pytest.mark.rule("JS-03")
def test_the_whole_day_is_the_window_of_its_last_sync(js: Rulebook) -> None:
    assert js.sign_in is not None
    assert js.window == (0, 24 * 3600, 24 * 3600 + 600)


@pytest.mark.rule("JS-04")
def test_6000_steps_are_the_goal_20000_a_day_count_and_140000_in_all(js: Rulebook) -> None:
    assert js.steps is not None
    assert (js.steps.daily_goal, js.steps.daily_cap, js.steps.total_cap) == (6000, 20_000, 140_000)
    assert js.steps.total_cap == js.steps.daily_cap * js.days_of(trial=False)


@pytest.mark.rule("JS-05")
def test_participants_are_ranked_by_four_keys_of_which_the_last_ascends(js: Rulebook) -> None:
    (board,) = js.boards
    assert board.entrants == "participants"
    assert [(key.by, key.order) for key in board.keys] == [
        ("days_attained", "descending"),
        ("sign_in_days", "descending"),
        ("total_steps", "descending"),
        ("last_sync", "ascending"),
    ]


@pytest.mark.rule("JS-06", "JS-07")
def test_the_first_600_are_shown_and_refreshed_from_8_on_every_5_minutes(js: Rulebook) -> None:
    (board,) = js.boards
    assert board.visible == 600
    assert board.refresh is not None
    assert (board.refresh.opens, board.refresh.closes, board.refresh.every) == ("08:00", "24:00", "5m")


@pytest.mark.rule("JS-10")
def test_the_final_ranking_has_the_last_day_in_it(js: Rulebook) -> None:
    (board,) = js.boards
    window_closes = datetime(2023, 11, 8, tzinfo=js.tz) + timedelta(seconds=js.window[1])
    assert board.freezes_at == window_closes == datetime(2023, 11, 8, 16, tzinfo=UTC)


@pytest.mark.rule("JS-08")
def test_a_sign_in_gives_a_chance_of_10_minutes_and_nothing_else_pays(js: Rulebook) -> None:
    packets = js.pool_ids["red-packet"]
    assert packets.chance is not None
    assert (packets.draw, packets.chance.ttl) == ("instant", "10m")
    assert (packets.cost_points, packets.cost_badges, packets.board) == (None, (), None)
    assert (packets.daily_max, packets.person_max, packets.budget) == (None, None, None)


@pytest.mark.rule("JS-08")
def test_a_sign_in_of_the_last_second_still_has_its_draw(js: Rulebook) -> None:
    packets = js.pool_ids["red-packet"]
    assert packets.chance is not None
    assert packets.deadline is not None
    end = datetime(2023, 11, 9, tzinfo=js.tz)
    assert packets.chance.lasts is not None
    assert packets.deadline == end + packets.chance.lasts
    assert packets.grace == packets.chance.grace


@pytest.mark.rule("JS-09")
def test_40000_red_packets_in_eight_amounts_and_no_blank(js: Rulebook) -> None:
    prizes = js.pool_ids["red-packet"].prizes
    assert [prize.amount for prize in prizes] == [30, 50, 100, 300, 500, 1000, 2000, 5000]
    assert {(prize.kind, prize.weight) for prize in prizes} == {("money", None)}
    stocks = [prize.stock or 0 for prize in prizes]
    assert sum(stocks) == 40_000
    assert stocks == sorted(stocks, reverse=True)
    assert all(stocks)


@pytest.mark.rule("JS-10", "JS-11")
def test_the_first_10000_can_enter_a_draw_of_1000_vouchers_of_60_yuan(js: Rulebook) -> None:
    vouchers = js.pool_ids["movie-voucher"]
    (board,) = js.boards
    assert (vouchers.draw, vouchers.board, vouchers.first) == ("batch", board.id, 10_000)
    assert (vouchers.cost_points, vouchers.cost_badges, vouchers.chance) == (None, (), None)
    (prize,) = vouchers.prizes
    assert (prize.kind, prize.amount, prize.stock) == ("voucher", 6000, 1000)
    assert vouchers.person_max == 1
    assert board.freezes_at is not None
    assert vouchers.deadline is not None
    assert vouchers.deadline > board.freezes_at + timedelta(days=1)


@pytest.mark.rule("JS-13")
def test_the_safety_video_comes_before_everything_else(js: Rulebook) -> None:
    assert [(each.id, each.clause) for each in js.prerequisites] == [("safety-video", "JS-13")]


def test_every_clause_is_named_in_the_file() -> None:
    named = set(re.findall(r"JS-[0-9]{2}", FILE.read_text("utf-8")))
    assert named == {f"JS-{number:02}" for number in range(1, 14)}
