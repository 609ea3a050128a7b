"""The rules of standing programmes in words: each is said, in both languages, with its clause; no answer ever is."""

import re
from pathlib import Path

import pytest

import ledger
from ledger.rulebook_file import load
from ledger.rulebook_words import in_words
from tests.small_programme import PROGRAMME, changed

RULEBOOKS = Path(ledger.__file__).parent / "rulebooks"
NEW = ("ec-2018", "zg", "sj")
CLAUSE = re.compile(r'clause = "([A-Z]{2}-[0-9]{2})"')


def said(text: str) -> list[tuple[str, str, str]]:
    """The sentences of a rulebook file: clause, Chinese, English."""
    return [(each["clause"], each["zh"], each["en"]) for each in in_words(load(text))]


SENTENCES = [
    (
        "XY-04",
        "申请入会时须填写就业类型：在岗职工、new-form。",
        "Who applies names the type of employment: Staff, new-form.",
    ),
    ("XY-04", "new-form还须填写职业：courier。", "Of the type new-form, the trade too: courier."),
    ("XY-05", "申请人须同意《承诺书》（版本1）。", "Applicants agree to “Pledge” (version 1)."),
    (
        "XY-06",
        "先入会、后审核：提交申请即成为会员，由工会随后审核；审核不通过的，会籍终止并告知本人。",
        "Join first, review later: who applies is a member at once; a refusal by the union ends that, and is told.",
    ),
    (
        "XY-07",
        "转会须经审核，审核前会籍不变；姓名和身份证号不可更改，其他信息可以更正。",
        "A transfer is reviewed first; name and identity number are fixed, the rest can be corrected.",
    ),
    (
        "XY-08",
        "因恶意行为或刷单被限制者，不能重新入会或转会。",
        "Who was restricted for abuse can neither join again nor transfer.",
    ),
    (
        "XY-09",
        "查不到单位的，可选择所在地并填写单位名称，由工会确认或合并。",
        "For a unit that is not found, the place and its name are given; a union confirms or merges it.",
    ),
    ("XY-02", "面向2个工会及其下级工会。", "It is for 2 unions and those below."),
    (
        "XY-03",
        "仅限其中1个工会的审核通过的会员参加。请先入会。",
        "Only members who have been reviewed under 1 of these unions can take part. Join first.",
    ),
    (
        "XY-12",
        "路线共2个地标点；每达标一天点亮下一个并展示其介绍，每天最多点亮一个。",
        (
            "The route has 2 landmarks; each attained day lights the next one and shows its introduction, "
            "at most one a day."
        ),
    ),
    ("XY-14", "每日签到得2积分。", "2 points for signing in, once a day."),
    (
        "XY-15",
        "“问答”每答对一题得1积分，每天最多3积分。",
        "1 point for each right answer in “Quiz”, at most 3 a day.",
    ),
    ("XY-16", "每参加一次现场活动得5积分。", "5 points for attending something on site."),
    ("XY-13", "点亮全部地标点，获得证书“荣誉”。", "The certificate “Honour” is for lighting every landmark."),
    (
        "XY-29",
        "商城：杯子需20积分，共9份，每人最多2份，兑换后30天内有效。",
        "Shop: Mug costs 20 points, 9 in all, at most 2 for a person, good for 30 days afterwards.",
    ),
    (
        "XY-29",
        "商城：话费需50积分，2024年5月10日00:00起可兑换，2024年5月20日00:00前可兑换。",
        "Shop: Top-up costs 50 points, from 2024-05-10 00:00 on, until 2024-05-20 00:00.",
    ),
    (
        "XY-29",
        "商城：须在2024年12月31日00:00之前兑换。",
        "Shop: nothing is redeemed at or after 2024-12-31 00:00.",
    ),
    ("XY-30", "商城：须为审核通过的会员方可兑换。", "Shop: only members who have been reviewed can redeem."),
    (
        "XY-31",
        "见面礼：2024年5月1日00:00至2024年5月8日00:00之间申请入会者获赠五元，共100份，送完为止。",
        (
            "Welcome: who applies for membership from 2024-05-01 00:00 to 2024-05-08 00:00 is given Five yuan, "
            "100 in all, while there are any."
        ),
    ),
    (
        "XY-32",
        "健康奖：当天步行或跑步满1,000米可报名一次（没有距离数据的步数按每步70厘米折算）。",
        "Health draw: a day with 1,000 metres walked or run gives one ticket; a step without a distance counts 70 cm.",
    ),
    (
        "XY-32",
        "健康奖：报名截止后统一抽奖，未报名者不参加。",
        "Health draw: one draw is held of all tickets when no more are given out.",
    ),
    (
        "XY-32",
        "健康奖：须在活动最后一天结束前报名。",
        "Health draw: no ticket after the campaign's last day.",
    ),
    (
        "XY-33",
        "答题奖：“问答”每答对2题后2小时内可抽一次。",
        "Quiz draw: every 2 right answers in “Quiz” give one draw within 2 hours.",
    ),
    (
        "XY-33",
        "答题奖：剩余的每一份中奖机会均等。",
        "Quiz draw: each single prize that is left is equally likely.",
    ),
    ("XY-33", "答题奖：须在活动最后一天结束前抽奖。", "Quiz draw: no draw after the campaign's last day."),
    (
        "XY-17",
        "积分归会员个人账户所有，活动结束后继续有效。",
        "Points belong to the member's own account and outlive the programme.",
    ),
    ("XY-17", "获得的积分次日起可用。", "Points can be spent from the day after they were earned."),
    (
        "XY-18",
        "积分有效期90天，至当月最后一天止；先获得的先使用。",
        "Points last for 90 days, and then to the end of that month; what was earned first is spent first.",
    ),
    (
        "XY-19",
        "“问答”：共2题，答题次数不限，每题答对计一次。",
        "“Quiz” has 2 questions, with any number of tries; each counts once.",
    ),
    (
        "XY-20",
        "“每日一题”：每天一题，共1题轮换，每题可答2次。",
        "“Question of the day” has one question a day, 1 in turn, with 2 tries each.",
    ),
    (
        "XY-15",
        "有每日上限的行为最迟可在发生后12小时内送达。",
        "A doing with a daily cap can be delivered within 12 hours after it happened.",
    ),
    (
        "XY-21",
        "现场活动“健步走”：2024年5月4日至2024年5月5日，由组织者登记出席。",
        "“Walk” is from 2024-05-04 to 2024-05-05; organisers record who attended.",
    ),
    (
        "XY-22",
        "设立“绿色资金”，各工会分别设立；支出不超过收入。",
        "There is a “Green fund”, one for each union; it never pays out more than came in.",
    ),
    (
        "XY-23",
        "每个工会最多推荐2个项目，经评审、公示后拨付。",
        "A union puts forward at most 2 projects, which are reviewed, published and paid.",
    ),
    (
        "XY-24",
        "参与者每累计10,000步，赞助人向“绿色资金”捐赠0.50元。",
        "For every 10,000 counted steps of a participant a sponsor gives 0.50 yuan to the “Green fund”.",
    ),
    (
        "XY-25",
        "困难会员可申请帮扶，审批通过后从资金中支付，每次最多3,000元。",
        "Members in hardship can apply for help, paid from the fund, at most 3,000 yuan at a time.",
    ),
    (
        "XY-26",
        "单位得分＝参与率×60%＋达标率×40%，达标率再除以已进行的天数。",
        "A unit's score is 60 % participation rate and 40 % attainment rate, attainment divided by the days so far.",
    ),
    (
        "XY-27",
        "单位榜（组内1个单位）：依次按综合得分从高到低、参与率从高到低排名，以2024年6月1日00:00的名次为最终结果。",
        (
            "The ranking “Units” of 1 union of one group goes by score, highest first, then participation rate, "
            "highest first; it is final as of 2024-06-01 00:00."
        ),
    ),
    (
        "XY-28",
        "单位榜：最终排名前3名获得“证书”。",
        "Units: the first 3 of the final standing get “Certificate”.",
    ),
]
"""What the programme says that a walk does not, in this order."""


def test_every_rule_of_the_programme_is_said_once_in_both_languages() -> None:
    assert [each for each in said(PROGRAMME) if each in SENTENCES] == SENTENCES


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        ('begins = "next_day"\n', "", "积分有效期90天", "Points last for 90 days"),
        ('until_end_of = "month"', 'until_end_of = "day"', "至当天最后一天止", "to the end of that day"),
        ('spend = "earned_first"\n', "", "先到期的先使用", "what expires first is spent first"),
        ("by_day = true", "by_day = false", "达标率×40%。", "40 % attainment rate."),
        ("most = 300000\n", "", "审批通过后从资金中支付。", "for help, paid from the fund."),
        ('groups = ["city"]\nprojects', "projects", "设立“绿色资金”；支出", "There is a “Green fund”; it never"),
        ("tries = 2", "tries = 1", "每题可答1次", "with 1 try each"),
        ("ends = 2024-05-05\n", "ends = 2024-05-04\n", "“健步走”：2024年5月4日，由", "“Walk” is on 2024-05-04;"),
        ('standing = "reviewed"\nhow', 'standing = "any"\nhow', "1个工会的会员参加", "Only members under 1"),
        ('branches = ["north"]\n', "", "仅限审核通过的会员参加", "Only members who have been reviewed can take part"),
        ('quiz = "twenty"\namount', "amount", "每答对一题得1积分，每天", "1 point for each right answer, at most 3"),
        ('quiz = "twenty", every = 2, ttl = "2h"', "every = 1", "每答对1题可抽一次", "right answer gives one draw."),
        (", stride_cm = 70", "", "满1,000米可报名一次。", "1,000 metres walked or run gives one ticket."),
        ('on = "attendance"', 'on = "comment"', "每发表一条评论得5积分", "5 points for each comment"),
        ('on = "attendance"', 'on = "article"', "每阅读一篇资讯得5积分", "5 points for each article that is read"),
        ('on = "attendance"', 'on = "content"', "每观看一项内容得5积分", "5 points for each content that is viewed"),
        ('clause = "XY-02"', 'clause = "XY-02"\ntree = "north"', "工会树中north及其下级", "north or one below it"),
    ],
)  # fmt: skip
def test_another_rule_is_said_in_other_words(old: str, new: str, zh: str, en: str) -> None:
    sentences = said(changed((old, new)))
    assert [zh in a and en in b for _, a, b in sentences].count(True) == 1, sentences


@pytest.mark.parametrize("name", NEW)
def test_every_clause_that_a_shipped_programme_names_is_said(name: str) -> None:
    text = (RULEBOOKS / f"{name}.toml").read_text("utf-8")
    assert set(CLAUSE.findall(text)) <= {clause for clause, _, _ in said(text)}


@pytest.mark.parametrize("name", NEW)
@pytest.mark.rule("EC-08", "ZG-06", "SJ-08")
def test_no_question_and_no_answer_is_ever_said(name: str) -> None:
    text = (RULEBOOKS / f"{name}.toml").read_text("utf-8")
    words = repr(said(text))
    questions = [question for quiz in load(text).quizzes for question in quiz.questions]
    assert questions
    assert [question.text for question in questions if question.text in words] == []
    hidden = changed(('answer = "2"', 'answer = "SECRET"'), ("一加一？", "QUESTION?"))
    assert not {"SECRET", "QUESTION"} & set(re.findall("[A-Z]+", repr(said(hidden))))


def test_a_roster_is_said_with_whom_to_ask() -> None:
    words = [
        each for each in in_words(load((RULEBOOKS / "zg.toml").read_bytes())) if each["clause"] == "ZG-01"
    ]
    assert "其他人将被告知：名册中没有您的信息" in words[0]["zh"]
    assert "others are told: You are not on the roster" in words[0]["en"]
