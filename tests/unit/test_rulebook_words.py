"""The rules in words: every rule of a rulebook is said, in both languages, with its clause; no answer ever is."""

from pathlib import Path

import pytest

import ledger
from ledger.rulebook_campaigns import Branch
from ledger.rulebook_file import load
from ledger.rulebook_words import in_words, total_quota
from tests.small_rulebook import SMALL, changed

RULEBOOKS = Path(ledger.__file__).parent / "rulebooks"
SX = load((RULEBOOKS / "sx-2019.toml").read_bytes())
JS = load((RULEBOOKS / "js-2023.toml").read_bytes())


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
        (
            "XY-23",
            "仅限其中3个工会的会员参加。请先申请入会。",
            "Only members under 3 of these unions can take part. Apply for membership first.",
        ),
        (
            "XY-24",
            "参加活动前须先观看“安全须知”。",
            "“How to walk safely” must be viewed before taking part.",
        ),
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
            "抽奖：徽章“全勤”可抽一次，限用一次。",
            "Lucky draw: the badge “Always here” is good for one draw.",
        ),
        ("XY-15", "抽奖：奖项有一元、毛巾（5份）。", "Lucky draw: the prizes are One yuan, A towel (5)."),
        (
            "XY-15",
            "抽奖：各奖项中奖机会之比依次为9∶1。",
            "Lucky draw: the chances of the prizes are, in this order, as 9 to 1.",
        ),
        (
            "XY-15",
            "抽奖：须在2024年5月7日12:00之前抽奖，此前的抽奖最迟可在其后10分钟内送达。",
            (
                "Lucky draw: no draw at or after 2024-05-07 12:00; "
                "one from before can still be delivered within 10 minutes."
            ),
        ),
        (
            "XY-15",
            "抽奖：地址提交后不可更改。",
            "Lucky draw: an address cannot be changed once it was submitted.",
        ),
        ("XY-16", "优胜团队：依据“团队榜”最终排名。", "Best teams: given by the final ranking “Teams”."),
        ("XY-16", "优胜团队：奖项有奖杯（3份）。", "Best teams: the prizes are Cup (3)."),
        (
            "XY-16",
            "优胜团队：第1名得奖杯，队员每人一份。",
            "Best teams: place 1: Cup; one for each member of the team.",
        ),
        (
            "XY-16",
            "优胜团队：地址提交后不可更改。",
            "Best teams: an address cannot be changed once it was submitted.",
        ),
        (
            "XY-21",
            "电影票：“个人榜”最终排名前20名每人可报名一次。",
            "Cinema: each of the first 20 of the final ranking “Walkers” can take one ticket.",
        ),
        (
            "XY-21",
            "电影票：报名截止后统一抽奖，未报名者不参加。",
            "Cinema: one draw is held of all tickets when no more are given out.",
        ),
        ("XY-21", "电影票：奖项有电影票（6份）。", "Cinema: the prizes are Ticket (6)."),
        (
            "XY-21",
            "电影票：须在2024年5月10日09:00之前报名，此前的报名最迟可在其后3分钟内送达。",
            (
                "Cinema: no ticket at or after 2024-05-10 09:00; "
                "one from before can still be delivered within 3 minutes."
            ),
        ),
        ("XY-21", "电影票：每人最多中奖2次。", "Cinema: a person wins at most 2 prizes."),
        (
            "XY-22",
            "每日红包：每次签到后20分钟内可抽一次，离开抽奖页面即视为放弃。",
            "Daily packet: each sign-in gives one draw within 20 minutes; leaving the draw page forfeits it.",
        ),
        (
            "XY-22",
            "每日红包：奖项有五角（20份）、谢谢参与（40份）。",
            "Daily packet: the prizes are Half a yuan (20), Not this time (40).",
        ),
        (
            "XY-22",
            "每日红包：剩余的每一份中奖机会均等。",
            "Daily packet: each single prize that is left is equally likely.",
        ),
        (
            "XY-22",
            "每日红包：奖金总额不超过9元。",
            "Daily packet: the prizes are worth 9 yuan at most together.",
        ),
        (
            "XY-22",
            "每日红包：须在活动最后一天结束前抽奖。",
            "Daily packet: no draw after the campaign's last day.",
        ),
        ("XY-22", "每日红包：每人每天最多抽奖3次。", "Daily packet: at most 3 draws a day for a person."),
        ("XY-22", "每日红包：每人总共最多抽奖4次。", "Daily packet: at most 4 draws in all for a person."),
        (
            "XY-17",
            "团队榜：依次按达标率从高到低排名，以2024年5月7日22:00的名次为最终结果。",
            "The ranking “Teams” goes by attainment rate, highest first; it is final as of 2024-05-07 22:00.",
        ),
        (
            "XY-20",
            (
                "个人榜：依次按签到天数从高到低、最后同步时间从早到晚排名，公布前50名，每人可查看自己的名次，"
                "每天07:00至23:00每15分钟更新一次，以2024年5月8日00:00的名次为最终结果。"
            ),
            (
                "The ranking “Walkers” goes by sign-in days, highest first, then time of the last sync, "
                "earliest first; the first 50 are shown, and to everyone their own rank; "
                "refreshed every 15 minutes from 07:00 to 23:00; it is final as of 2024-05-08 00:00."
            ),
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
        ("2024-05-07T12:00:00+08:00", '2024-05-07T12:00:00+08:00\ngrace = "0s"',
         "12:00之前抽奖。", "at or after 2024-05-07 12:00."),
        ("daily_max = 3", "daily_max = 1", "每人每天最多抽奖1次", "at most 1 draw a day for a person"),
        ("person_max = 2", "person_max = 1", "每人最多中奖1次", "wins at most 1 prize."),
        ("first = 20", "first = 20\ncost_points = 1500", "每1,500积分可报名一次", "a ticket costs 1,500 points"),
        ("first = 20", 'first = 20\ncost_badges = ["always-here"]', "徽章“全勤”可报名一次", "good for one ticket"),
        ("first = 20", 'first = 20\nchance = {}', "每次签到后10分钟内可报名一次", "gives one ticket within 10 minutes"),
        ("budget = 900", "budget = 123456", "不超过1,234.56元", "worth 1,234.56 yuan at most"),
        ('places = 1, stock = 3', "places = 2", "第1至2名得奖杯，队员每人一份", "places 1 to 2: Cup; one for each"),
        ('board = "teams"', 'board = "walkers"', "第1名得奖杯。", "place 1: Cup."),
        ('"ascending"', '"descending"', "从晚到早", "latest first"),
        ('"sign_in_days"', '"total_steps"', "累计步数从高到低、", "total steps, highest first, then"),
        ('board = "teams"', 'board = "teams"\nmainland_only = true', "仅限寄往中国大陆", "to mainland China only"),
        ('board = "teams"', 'board = "teams"\ndeliver_within_working_days = 15',
         "15个工作日", "within 15 working days"),
        ('entrants = "teams"', 'entrants = "teams"\nvisible = 600', "公布前600名，以", "first 600 are shown; it is"),
        ('"attainment_rate" }', '"average_steps", order = "ascending" }', "人均步数从低到高", "member, lowest first"),
        ('on = "sign_in"', 'on = "team_filled"', "创建团队并满员的团长", "to a captain who creates a team"),
    ],
)  # fmt: skip
def test_another_rule_is_said_in_other_words(old: str, new: str, zh: str, en: str) -> None:
    sentences = said(changed((old, new)))
    assert [zh in a and en in b for _, a, b in sentences].count(True) == 1, sentences


def test_limits_that_a_rulebook_leaves_out_are_not_said() -> None:
    assert not [en for _, _, en in said(changed(("daily_cap = 8000\n", ""))) if "above" in en]
    assert not [en for _, _, en in said(changed(('"5m"', '"0s"'))) if "delivered within 5 minutes" in en]
    towel = SMALL[SMALL.index('  { id = "towel"') : SMALL.index("]", SMALL.index('  { id = "towel"'))]
    assert not [en for _, _, en in said(changed((towel, ""))) if "the chances of the prizes" in en]


@pytest.mark.rule("SX-09")
def test_neither_a_question_nor_its_answer_is_ever_said() -> None:
    text = changed(
        ('answer = "2"', 'answer = "SECRET"'), ("一加一？", "QUESTION?"), ('answer = "A"', 'answer = "B"')
    )
    words = repr(said(text)) + repr(in_words(SX))
    assert SX.route is not None
    hidden = ["SECRET", "QUESTION", "渭河"]
    for checkpoint in SX.route.checkpoints:
        assert checkpoint.question is not None
        hidden += [
            checkpoint.question.text,
            *(choice for choice in checkpoint.question.choices.values() if choice > "一"),
        ]
    assert [each for each in hidden if each in words] == []


def test_every_clause_that_the_shipped_rulebook_names_is_said() -> None:
    named = {rule.clause for rule in SX.points} | {badge.clause for badge in SX.badges}
    named |= {pool.clause for pool in SX.pools} | {board.clause for board in SX.boards}
    others = {
        "SX-01",
        "SX-02",
        "SX-03",
        "SX-05",
        "SX-08",
        "SX-09",
        "SX-13",
        "SX-15",
        "SX-17",
        "SX-25",
        "GX-04",
    }
    assert named | others == {each["clause"] for each in in_words(SX)}
    of_js = ("01", "02", "03", "04", "05", "08", "10", "13")
    assert {f"JS-{each}" for each in of_js} | {"GX-04"} == {each["clause"] for each in in_words(JS)}


@pytest.mark.rule("SX-24", "SX-25")
def test_team_prizes_are_said_by_place_and_how_they_are_sent_by_the_clause_of_that() -> None:
    words = [(each["clause"], each["zh"]) for each in in_words(SX) if each["zh"].startswith("团队奖：")]
    assert words[2:] == [
        (
            "SX-24",
            "团队奖：第1至3名得团队一等奖，第4至13名得团队二等奖，第14至33名得团队三等奖，队员每人一份。",
        ),
        ("SX-25", "团队奖：奖品在中奖者提交有效地址后15个工作日内寄出。"),
        ("SX-25", "团队奖：地址提交后不可更改。"),
        ("SX-25", "团队奖：奖品仅限寄往中国大陆。"),
    ]


@pytest.mark.rule("JS-02", "JS-13")
def test_who_may_take_part_and_what_comes_first_is_said() -> None:
    said_js = [each for each in in_words(JS) if each["clause"] in ("JS-02", "JS-13")]
    assert [each["zh"][:12] for each in said_js] == [
        "报名时须选择所在工会，共",
        "仅限其中19个工会的会员",
        "参加活动前须先观看“健步",
    ]
    assert "申请入会" in said_js[1]["zh"]
    assert "申请入会" in said_js[1]["en"]


@pytest.mark.rule("SX-27")
def test_a_quota_inside_a_parents_is_not_counted_twice() -> None:
    def branch(id_: str, parent: str | None, quota: int | None) -> Branch:
        return Branch(id=id_, name=id_, parent=parent, quota=quota)

    assert total_quota([branch("a", None, 10), branch("b", "a", 4), branch("c", "b", 2)]) == 10
    assert total_quota([branch("a", None, None), branch("b", "a", 4), branch("c", "a", 2)]) == 6
    assert total_quota([branch("a", None, 10), branch("b", "a", None), branch("c", "b", 2)]) == 10
    assert total_quota([branch("a", None, None)]) == 0
