"""The rules of a campaign in plain sentences, Chinese and English, each with its clause.

What participants and operators read about a campaign follows from the same rulebook that decides. Never contains a
question or its right answer.
"""

from collections.abc import Iterable, Iterator
from typing import TypedDict

import msgspec

from ledger.rulebook import Rulebook
from ledger.rulebook_base import seconds
from ledger.rulebook_campaigns import Branch, Membership, PointsRule, Steps, Teams
from ledger.rulebook_phrases import day_zh, duration, many
from ledger.rulebook_prize_words import about_board, about_honours, about_pool
from ledger.rulebook_programme_words import about_joining, about_programme


class Sentence(TypedDict):
    """One rule: the clause of the published notice that it comes from, and what it says."""

    clause: str
    zh: str
    en: str


POINTS_FOR = {
    "sign_in": ("每日签到", "for signing in, once a day"),
    "daily_goal": ("个人当日达标", "for meeting the daily goal"),
    "team_goal": ("团队当日达标，每名成员", "to every member of a team that meets its daily goal"),
    "reflection": (
        "每通过一关后发布感想或游记",
        "for a reflection or travel note, once for each passed checkpoint",
    ),
    "team_filled": (
        "创建团队并满员的团长（仅一次）",
        "to a captain who creates a team and fills it, once ever",
    ),
    "activation": ("激活（每人仅一次）", "for activating, once ever"),
    "correct_answer": ("每答对一题", "for each right answer"),
    "comment": ("每发表一条评论", "for each comment"),
    "article": ("每阅读一篇资讯", "for each article that is read"),
    "content": ("每观看一项内容", "for each content that is viewed"),
    "attendance": ("每参加一次现场活动", "for attending something on site"),
}
BADGE_FOR = {
    "every_day_signed_in": ("活动期间每天签到", "signing in on every day of the campaign"),
    "every_checkpoint_passed": ("通过全部关卡", "passing every checkpoint"),
    "every_checkpoint_lit": ("点亮全部地标点", "lighting every landmark"),
}
UNSTATED = {member.name: member.default for member in msgspec.structs.fields(Steps)}
"""What stands for a limit that a rulebook leaves out; nobody needs to read it."""


def in_words(rulebook: Rulebook) -> list[Sentence]:
    """The rules of a campaign as sentences, in the order in which people ask for them. Never a right answer."""
    return list(_sentences(rulebook))


def _sentences(book: Rulebook) -> Iterator[Sentence]:
    yield from _dates(book)
    for clause, zh, en in about_joining(book):
        yield _say(clause, zh, en)
    yield from _enrolment(book)
    yield from _admission(book)
    if book.sign_in:
        yield _say(book.sign_in.clause, "每天可签到一次。", "Participants can sign in once a day.")
    if book.steps:
        yield from _steps(book.steps)
    yield from _route(book)
    for rule in book.points:
        yield _points(book, rule)
    for badge in book.badges:
        zh, en = BADGE_FOR[badge.on]
        zh_kind, en_kind = ("证书", "certificate") if badge.certificate else ("徽章", "badge")
        zh, en = f"{zh}，获得{zh_kind}“{badge.name.zh}”。", f"The {en_kind} “{badge.name.en}” is for {en}."
        yield _say(badge.clause, zh, en)
    if book.teams:
        yield from _teams(book.teams)
    for pool in book.pools:
        for clause, zh, en in about_pool(book, pool):
            yield _say(clause, zh, en)
    for clause, zh, en in about_programme(book):
        yield _say(clause, zh, en)
    for board in book.boards:
        yield _say(board.clause, *about_board(book, board))
        for clause, zh, en in about_honours(board):
            yield _say(clause, zh, en)
    zh, en = duration(book.future_tolerance)
    yield _say(
        "GX-04",
        f"时间超前{zh}以上的记录不予受理。",
        f"What is dated more than {en} in the future is refused.",
    )


def _say(clause: str, zh: str, en: str) -> Sentence:
    return {"clause": clause, "zh": zh, "en": en}


def _dates(book: Rulebook) -> Iterator[Sentence]:
    days = book.days_of(trial=False)
    yield _say(
        book.clause,
        f"活动时间为{day_zh(book.starts)}至{day_zh(book.ends)}，共{days}天（时区{book.timezone}）。",
        f"The campaign runs from {book.starts} to {book.ends}, {many(days, 'day')} ({book.timezone}).",
    )
    if book.trial:
        yield _say(
            book.trial.clause,
            f"公测时间为{day_zh(book.trial.starts)}至{day_zh(book.trial.ends)}，公测数据不计入正式活动。",
            f"A public trial runs from {book.trial.starts} to {book.trial.ends}; nothing from it counts afterwards.",
        )


def _enrolment(book: Rulebook) -> Iterator[Sentence]:
    enrolment, by_itself = book.enrolment, not (book.application or book.activation)
    if enrolment.opens:
        zh = day_zh(enrolment.opens)
        yield _say(enrolment.clause, f"报名自{zh}开始。", f"Enrolment opens on {enrolment.opens}.")
    if enrolment.closes:
        zh = day_zh(enrolment.closes)
        yield _say(enrolment.clause, f"报名于{zh}结束。", f"The last day of enrolment is {enrolment.closes}.")
    if not by_itself and (count := len(enrolment.branches)) and not enrolment.tree:
        yield _say(
            enrolment.clause,
            f"面向{count}个工会及其下级工会。",
            f"It is for {many(count, 'union')} and those below.",
        )
    elif enrolment.tree:
        yield _say(
            enrolment.clause,
            f"报名时须选择所在工会，可选工会树中{enrolment.tree}及其下级工会。",
            f"Participants enrol with their union: {enrolment.tree} or one below it in the tree of unions.",
        )
    elif count := len(enrolment.branches):
        yield _say(
            enrolment.clause,
            f"报名时须选择所在工会，共{count}个可选。",
            f"Participants enrol with their union, one of {count}.",
        )
    if quota := total_quota(enrolment.branches):
        yield _say(
            enrolment.clause,
            f"各工会参与人数指标合计{quota:,}人。",
            f"The unions are to bring {many(quota, 'participant')} together.",
        )


def _admission(book: Rulebook) -> Iterator[Sentence]:
    """Who may take part, and what comes first."""
    if book.membership:
        zh, en = _who(book.membership, book.enrolment.branches)
        told = book.membership.how_to_join
        yield _say(book.membership.clause, f"仅限{zh}参加。{told.zh}", f"Only {en} can take part. {told.en}")
    for each in book.prerequisites:
        yield _say(
            each.clause,
            f"参加活动前须先观看“{each.name.zh}”。",
            f"“{each.name.en}” must be viewed before taking part.",
        )


def _who(asked: Membership, listed: tuple[Branch, ...]) -> tuple[str, str]:
    """Whom a membership rule lets in: by union, by standing, or by both."""
    zh, en = {"any": ("会员", "members"), "reviewed": ("审核通过的会员", "members who have been reviewed")}[
        asked.standing or "any"
    ]
    if not asked.groups and not asked.branches:
        return zh, en
    under = {branch.id for branch in listed if branch.group in asked.groups or branch.id in asked.branches}
    if under:
        return f"其中{len(under)}个工会的{zh}", f"{en} under {len(under)} of these unions"
    said = "、".join((*asked.groups, *asked.branches))
    return f"{said}工会的{zh}", f"{en} under unions of {said.replace('、', ', ')}"


def total_quota(branches: Iterable[Branch]) -> int:
    """Participants that the unions are to bring together; a union's figure includes those below it (SX-27)."""
    branches = tuple(branches)
    quotas = {branch.id: branch.quota for branch in branches}
    above = {branch.id: branch.parent for branch in branches}
    total = 0
    for branch in branches:
        parent = branch.parent
        while parent is not None and quotas[parent] is None:
            parent = above[parent]
        if parent is None:
            total += branch.quota or 0
    return total


def _steps(steps: Steps) -> Iterator[Sentence]:
    window = steps.window
    opens, closes = window.opens, window.closes
    if (opens, closes) == ("00:00", "24:00"):
        yield _say(steps.clause, "以当天最后一次同步的步数为准。", "The last sync of a day stands.")
    else:
        yield _say(
            steps.clause,
            f"每天{opens}至{closes}之间须打开应用同步步数，以其间最后一次同步为准。",
            f"Steps must be synced between {opens} and {closes} of the day; the last sync in that window stands.",
        )
    if seconds(window.grace):
        zh, en = duration(window.grace)
        yield _say(
            steps.clause,
            f"当天的同步最迟可在{closes}后{zh}内送达。",
            f"A sync of the day can still be delivered within {en} after {closes}.",
        )
    yield _say(
        steps.goal_clause,
        f"个人每日目标为{steps.daily_goal:,}步。",
        f"A person's daily goal is {many(steps.daily_goal, 'step')}.",
    )
    if steps.daily_cap != UNSTATED["daily_cap"]:
        zh, en = ("", "") if steps.show_above_cap else ("，也不显示", " and are not shown")
        yield _say(
            steps.clause,
            f"每天超过{steps.daily_cap:,}步的部分不计入{zh}。",
            f"Steps above {steps.daily_cap:,} on a day do not count{en}.",
        )
    if steps.total_cap != UNSTATED["total_cap"]:
        yield _say(
            steps.clause,
            f"全程最多计入{steps.total_cap:,}步。",
            f"At most {many(steps.total_cap, 'step')} count in the whole campaign.",
        )


def _route(book: Rulebook) -> Iterator[Sentence]:
    if not book.route:
        return
    count, total = len(book.route.checkpoints), book.route.total_steps or 0
    if book.route.lit_by == "attained_days":
        yield _say(
            book.route.clause,
            f"路线共{count}个地标点；每达标一天点亮下一个并展示其介绍，每天最多点亮一个。",
            f"The route has {many(count, 'landmark')}; each attained day lights the next one and shows its "
            f"introduction, at most one a day.",
        )
    else:
        yield _say(
            book.route.clause,
            f"路线共{count}个关卡，合计{total:,}步；累计步数到达即自动点亮。",
            f"The route has {many(count, 'checkpoint')} and {many(total, 'step')}; "
            f"a checkpoint is lit when the counted steps reach it.",
        )
    if not any(checkpoint.question for checkpoint in book.route.checkpoints):
        return
    yield _say(
        book.route.question_clause or book.route.clause,
        "关卡点亮后答对该关问题即通关，答题次数不限。",
        "The right answer to its question passes a lit checkpoint, after any number of tries.",
    )
    yield _say(
        book.route.reflection_clause or book.route.clause,
        "每通过一关可发布一次感想、游记或照片。",
        "After each pass a participant may post one reflection, travel note or photo.",
    )


def _points(book: Rulebook, rule: PointsRule) -> Sentence:
    amount = rule.amount
    if rule.on == "steps":
        zh, en = f"每计入{rule.every:,}步", f"for every {rule.every:,} counted steps of a day"
    else:
        zh, en = POINTS_FOR[rule.on]
    if rule.quiz:
        quiz = next(quiz.name for quiz in book.quizzes if quiz.id == rule.quiz)
        zh, en = f"“{quiz.zh}”{zh}", f"{en} in “{quiz.en}”"
    zh, en = f"{zh}得{amount}积分", f"{many(amount, 'point')} {en}"
    if rule.daily_max:
        zh, en = f"{zh}，每天最多{rule.daily_max}积分", f"{en}, at most {rule.daily_max} a day"
    return _say(rule.clause, f"{zh}。", f"{en}.")


def _teams(teams: Teams) -> Iterator[Sentence]:
    yield _say(
        teams.clause,
        f"每队{teams.size}人；每人只能加入一个团队，可任团长或成员。",
        f"A team has {teams.size} members; a person is in at most one, as its captain or a member.",
    )
    yield _say(
        teams.goal_clause,
        f"每名成员达到{teams.member_goal:,}步且全队达到{teams.team_goal:,}步，团队当日达标。",
        f"A team's day is attained when every member makes {many(teams.member_goal, 'step')} "
        f"and the team {many(teams.team_goal, 'step')}.",
    )
    if teams.captain_can_remove:
        yield _say(teams.clause, "团长可以移除成员。", "A captain can remove a member.")
    else:
        yield _say(teams.clause, "团长不能移除成员。", "A captain cannot remove a member.")
