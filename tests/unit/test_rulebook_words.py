"""The rules in words: every rule of a rulebook is said, in both languages, with its clause; no answer ever is."""

from pathlib import Path

import pytest

import ledger
from ledger.rulebook import Branch
from ledger.rulebook_file import load
from ledger.rulebook_words import in_words, total_quota
from tests.small_rulebook import SMALL, changed

SX = load((Path(ledger.__file__).parent / "rulebooks" / "sx-2019.toml").read_bytes())


def said(text: str) -> list[tuple[str, str, str]]:
    """The sentences of a rulebook file: clause, Chinese, English."""
    return [(each["clause"], each["zh"], each["en"]) for each in in_words(load(text))]


def test_every_rule_of_the_small_rulebook_is_said_once_in_both_languages() -> None:
    assert said(SMALL) == [
        (
            "XY-01",
            "活动时间为2024年5月1日至2024年5月7日，共7天（时区Asia/Shanghai）。",
            "The campaign runs from 2024-05-01 to 2024-05-07, 7 days (Asia/Shanghai).",
        ),
        (
            "XY-02",
            "公测时间为2024年4月20日至2024年4月25日，公测数据不计入正式活动。",
            "A public trial runs from 2024-04-20 to 2024-04-25; nothing from it counts afterwards.",
        ),
        ("XY-03", "报名自2024年4月20日开始。", "Enrolment opens on 2024-04-20."),
        ("XY-03", "报名于2024年5月5日结束。", "The last day of enrolment is 2024-05-05."),
        ("XY-03", "报名时须选择所在工会，共3个可选。", "Participants enrol with their union, one of 3."),
        ("XY-03", "各工会参与人数指标合计10人。", "The unions are to bring 10 participants together."),
        ("XY-04", "每天可签到一次。", "Participants can sign in once a day."),
        (
            "XY-05",
            "每天18:00至22:00之间须打开应用同步步数，以其间最后一次同步为准。",
            "Steps must be synced between 18:00 and 22:00 of the day; the last sync in that window stands.",
        ),
        (
            "XY-05",
            "当天的同步最迟可在22:00后5分钟内送达。",
            "A sync of the day can still be delivered within 5 minutes after 22:00.",
        ),
        ("XY-06", "个人每日目标为5,000步。", "A person's daily goal is 5,000 steps."),
        (
            "XY-05",
            "每天超过8,000步的部分不计入，也不显示。",
            "Steps above 8,000 on a day do not count and are not shown.",
        ),
        (
            "XY-09",
            "路线共2个关卡，合计9,000步；累计步数到达即自动点亮。",
            "The route has 2 checkpoints and 9,000 steps; a checkpoint is lit when the counted steps reach it.",
        ),
        (
            "XY-10",
            "关卡点亮后答对该关问题即通关，答题次数不限。",
            "The right answer to its question passes a lit checkpoint, after any number of tries.",
        ),
        (
            "XY-11",
            "每通过一关可发布一次感想、游记或照片。",
            "After each pass a participant may post one reflection, travel note or photo.",
        ),
        ("XY-12", "每日签到得7积分。", "7 points for signing in, once a day."),
        (
            "XY-13",
            "每计入1,000步得2积分，每天最多12积分。",
            "2 points for every 1,000 counted steps of a day, at most 12 a day.",
        ),
        (
            "XY-14",
            "活动期间每天签到，获得徽章“全勤”。",
            "The badge “Always here” is for signing in on every day of the campaign.",
        ),
        (
            "XY-07",
            "每队3人；每人只能加入一个团队，可任团长或成员。",
            "A team has 3 members; a person is in at most one, as its captain or a member.",
        ),
        (
            "XY-08",
            "每名成员达到4,000步且全队达到15,000步，团队当日达标。",
            "A team's day is attained when every member makes 4,000 steps and the team 15,000 steps.",
        ),
        ("XY-07", "团长不能移除成员。", "A captain cannot remove a member."),
        ("XY-15", "抽奖：每3积分可抽一次。", "Lucky draw: a draw costs 3 points."),
        (
            "XY-15",
            "抽奖：徽章“全勤”可兑换一次抽奖。",
            "Lucky draw: the badge “Always here” is good for one draw.",
        ),
        ("XY-15", "抽奖：奖项有一元、毛巾（5份）。", "Lucky draw: the prizes are One yuan, A towel (5)."),
        (
            "XY-15",
            "抽奖：须在2024年5月7日12:00之前进行。",
            "Lucky draw: no draw at or after 2024-05-07 12:00.",
        ),
        ("XY-16", "优胜团队：依据“团队榜”最终排名。", "Best teams: given by the final ranking “Teams”."),
        ("XY-16", "优胜团队：奖项有奖杯（3份）。", "Best teams: the prizes are Cup (3)."),
        (
            "XY-17",
            "团队榜：依次按达标率从高到低排名，以2024年5月7日22:00的名次为最终结果。",
            "The ranking “Teams” goes by attainment rate, highest first; it is final as of 2024-05-07 22:00.",
        ),
        (
            "GX-04",
            "时间超前2分钟以上的记录不予受理。",
            "What is dated more than 2 minutes in the future is refused.",
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        ("daily_cap = 8000", "daily_cap = 8000\nshow_above_cap = true", "的部分不计入。", "on a day do not count."),
        ("daily_cap = 8000", "total_cap = 140000", "全程最多计入140,000步。", "At most 140,000 steps count in the"),
        ('opens = "18:00", closes = "22:00"', 'opens = "00:00"',
         "当天最后一次同步", "The last sync of a day stands."),
        ('"5m"', '"1h"', "22:00后1小时内", "within 1 hour after 22:00"),
        ("size = 3", "size = 3\ncaptain_can_remove = true", "团长可以移除成员。", "A captain can remove a member."),
        ("amount = 7", "amount = 1", "签到得1积分", "1 point for signing in"),
        ("ends = 2024-05-07", "ends = 2024-05-01", "共1天", "to 2024-05-01, 1 day ("),
        ("T12:00:00+08:00", "T12:00:00Z", "2024年5月7日20:00之前", "at or after 2024-05-07 20:00"),
        ("cost_points = 3", "cost_points = 3\ndaily_max = 1", "每人每天最多1次", "at most 1 draw a day for a person"),
        ('board = "teams"', 'board = "teams"\nmainland_only = true', "仅限寄往中国大陆", "to mainland China only"),
        ('board = "teams"', 'board = "teams"\ndeliver_within_working_days = 15',
         "15个工作日", "within 15 working days"),
        ('entrants = "teams"', 'entrants = "teams"\nvisible = 600', "显示前600名", "the first 600 are shown"),
        ('"attainment_rate" }', '"last_sync", order = "ascending" }', "时间从低到高", "last sync, lowest first"),
        ('on = "sign_in"', 'on = "team_filled"', "创建团队并满员的团长", "to a captain who creates a team"),
    ],
)  # fmt: skip
def test_another_rule_is_said_in_other_words(old: str, new: str, zh: str, en: str) -> None:
    sentences = said(changed((old, new)))
    assert [zh in a and en in b for _, a, b in sentences].count(True) == 1, sentences


def test_limits_that_a_rulebook_leaves_out_are_not_said() -> None:
    assert not [en for _, _, en in said(changed(("daily_cap = 8000\n", ""))) if "above" in en]
    assert not [en for _, _, en in said(changed(('"5m"', '"0s"'))) if "delivered" in en]


@pytest.mark.rule("SX-09")
def test_neither_a_question_nor_its_answer_is_ever_said() -> None:
    text = changed(
        ('answer = "2"', 'answer = "SECRET"'), ("一加一？", "QUESTION?"), ('answer = "A"', 'answer = "B"')
    )
    words = repr(said(text)) + repr(in_words(SX))
    assert SX.route is not None
    hidden = ["SECRET", "QUESTION", "渭河"]
    for checkpoint in SX.route.checkpoints:
        hidden += [
            checkpoint.question.text,
            *(choice for choice in checkpoint.question.choices.values() if choice > "一"),
        ]
    assert [each for each in hidden if each in words] == []


def test_every_clause_that_the_shipped_rulebook_names_is_said() -> None:
    named = {rule.clause for rule in SX.points} | {badge.clause for badge in SX.badges}
    named |= {pool.clause for pool in SX.pools} | {board.clause for board in SX.boards}
    assert named | {"SX-01", "SX-02", "SX-08", "SX-09", "SX-13", "SX-17", "GX-04"} <= {
        each["clause"] for each in in_words(SX)
    }


@pytest.mark.rule("SX-27")
def test_a_quota_inside_a_parents_is_not_counted_twice() -> None:
    def branch(id_: str, parent: str | None, quota: int | None) -> Branch:
        return Branch(id=id_, name=id_, parent=parent, quota=quota)

    assert total_quota([branch("a", None, 10), branch("b", "a", 4), branch("c", "b", 2)]) == 10
    assert total_quota([branch("a", None, None), branch("b", "a", 4), branch("c", "a", 2)]) == 6
    assert total_quota([branch("a", None, 10), branch("b", "a", None), branch("c", "b", 2)]) == 10
    assert total_quota([branch("a", None, None)]) == 0
