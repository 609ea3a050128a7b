"""The rules of a campaign in plain sentences, Chinese and English, each with its clause.

What participants and operators read about a campaign follows from the same rulebook that decides. Never contains a
question or its right answer.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TypedDict

import msgspec

from ledger.rulebook import Board, Branch, Enrolment, PointsRule, Pool, Rulebook, Steps, Teams, seconds


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
}
BADGE_FOR = {
    "every_day_signed_in": ("活动期间每天签到", "signing in on every day of the campaign"),
    "every_checkpoint_passed": ("通过全部关卡", "passing every checkpoint"),
}
RANKED_BY = {
    "attainment_rate": ("达标率", "attainment rate"),
    "average_steps": ("人均步数", "average steps per member"),
    "days_attained": ("达标天数", "days attained"),
    "sign_in_days": ("签到天数", "sign-in days"),
    "total_steps": ("累计步数", "total steps"),
    "last_sync": ("最后同步时间", "time of the last sync"),
}
UNSTATED = {member.name: member.default for member in msgspec.structs.fields(Steps)}
"""What stands for a limit that a rulebook leaves out; nobody needs to read it."""

UNITS = {"s": ("秒", "second"), "m": ("分钟", "minute"), "h": ("小时", "hour"), "d": ("天", "day")}


def in_words(rulebook: Rulebook) -> list[Sentence]:
    """The rules of a campaign as sentences, in the order in which people ask for them. Never a right answer."""
    return list(_sentences(rulebook))


def _sentences(book: Rulebook) -> Iterator[Sentence]:
    yield from _dates(book)
    yield from _enrolment(book.enrolment)
    if book.sign_in:
        yield _say(book.sign_in.clause, "每天可签到一次。", "Participants can sign in once a day.")
    if book.steps:
        yield from _steps(book.steps)
    yield from _route(book)
    for rule in book.points:
        yield _points(rule)
    for badge in book.badges:
        zh, en = BADGE_FOR[badge.on]
        yield _say(
            badge.clause, f"{zh}，获得徽章“{badge.name.zh}”。", f"The badge “{badge.name.en}” is for {en}."
        )
    if book.teams:
        yield from _teams(book.teams)
    for pool in book.pools:
        yield from _pool(book, pool)
    for board in book.boards:
        yield _board(book, board)
    zh, en = _duration(book.future_tolerance)
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
        f"活动时间为{_day(book.starts)}至{_day(book.ends)}，共{days}天（时区{book.timezone}）。",
        f"The campaign runs from {book.starts} to {book.ends}, {_many(days, 'day')} ({book.timezone}).",
    )
    if book.trial:
        yield _say(
            book.trial.clause,
            f"公测时间为{_day(book.trial.starts)}至{_day(book.trial.ends)}，公测数据不计入正式活动。",
            f"A public trial runs from {book.trial.starts} to {book.trial.ends}; nothing from it counts afterwards.",
        )


def _enrolment(enrolment: Enrolment) -> Iterator[Sentence]:
    if enrolment.opens:
        zh = _day(enrolment.opens)
        yield _say(enrolment.clause, f"报名自{zh}开始。", f"Enrolment opens on {enrolment.opens}.")
    if enrolment.closes:
        zh = _day(enrolment.closes)
        yield _say(enrolment.clause, f"报名于{zh}结束。", f"The last day of enrolment is {enrolment.closes}.")
    if count := len(enrolment.branches):
        yield _say(
            enrolment.clause,
            f"报名时须选择所在工会，共{count}个可选。",
            f"Participants enrol with their union, one of {count}.",
        )
    if quota := total_quota(enrolment.branches):
        yield _say(
            enrolment.clause,
            f"各工会参与人数指标合计{quota:,}人。",
            f"The unions are to bring {_many(quota, 'participant')} together.",
        )


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
        zh, en = _duration(window.grace)
        yield _say(
            steps.clause,
            f"当天的同步最迟可在{closes}后{zh}内送达。",
            f"A sync of the day can still be delivered within {en} after {closes}.",
        )
    yield _say(
        steps.goal_clause,
        f"个人每日目标为{steps.daily_goal:,}步。",
        f"A person's daily goal is {_many(steps.daily_goal, 'step')}.",
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
            f"At most {_many(steps.total_cap, 'step')} count in the whole campaign.",
        )


def _route(book: Rulebook) -> Iterator[Sentence]:
    if not book.route:
        return
    count, total = len(book.route.checkpoints), book.route.total_steps
    yield _say(
        book.route.clause,
        f"路线共{count}个关卡，合计{total:,}步；累计步数到达即自动点亮。",
        f"The route has {_many(count, 'checkpoint')} and {_many(total, 'step')}; "
        f"a checkpoint is lit when the counted steps reach it.",
    )
    yield _say(
        book.route.question_clause,
        "关卡点亮后答对该关问题即通关，答题次数不限。",
        "The right answer to its question passes a lit checkpoint, after any number of tries.",
    )
    yield _say(
        book.route.reflection_clause,
        "每通过一关可发布一次感想、游记或照片。",
        "After each pass a participant may post one reflection, travel note or photo.",
    )


def _points(rule: PointsRule) -> Sentence:
    amount = rule.amount
    if rule.on == "steps":
        zh, en = f"每计入{rule.every:,}步", f"for every {rule.every:,} counted steps of a day"
    else:
        zh, en = POINTS_FOR[rule.on]
    zh, en = f"{zh}得{amount}积分", f"{_many(amount, 'point')} {en}"
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
        f"A team's day is attained when every member makes {_many(teams.member_goal, 'step')} "
        f"and the team {_many(teams.team_goal, 'step')}.",
    )
    if teams.captain_can_remove:
        yield _say(teams.clause, "团长可以移除成员。", "A captain can remove a member.")
    else:
        yield _say(teams.clause, "团长不能移除成员。", "A captain cannot remove a member.")


def _pool(book: Rulebook, pool: Pool) -> Iterator[Sentence]:
    for zh, en in _about(book, pool):
        yield _say(pool.clause, f"{pool.name.zh}：{zh}。", f"{pool.name.en}: {en}.")


def _about(book: Rulebook, pool: Pool) -> Iterator[tuple[str, str]]:
    if pool.cost_points:
        yield f"每{pool.cost_points}积分可抽一次", f"a draw costs {_many(pool.cost_points, 'point')}"
    for badge in (badge.name for badge in book.badges if badge.id in pool.cost_badges):
        yield f"徽章“{badge.zh}”可兑换一次抽奖", f"the badge “{badge.en}” is good for one draw"
    for board in (board.name for board in book.boards if board.id == pool.board):
        yield f"依据“{board.zh}”最终排名", f"given by the final ranking “{board.en}”"
    prizes = [(prize.name, prize.stock) for prize in pool.prizes]
    yield (
        "奖项有" + "、".join(name.zh + (f"（{stock:,}份）" if stock else "") for name, stock in prizes),
        "the prizes are " + ", ".join(name.en + (f" ({stock:,})" if stock else "") for name, stock in prizes),
    )
    if pool.deadline:
        zh, en = _moment(book, pool.deadline)
        yield f"须在{zh}之前进行", f"no draw at or after {en}"
    if pool.daily_max:
        yield f"每人每天最多{pool.daily_max}次", f"at most {_many(pool.daily_max, 'draw')} a day for a person"
    if pool.deliver_within_working_days:
        days = pool.deliver_within_working_days
        yield (
            f"奖品在中奖者提交有效地址后{days}个工作日内寄出",
            f"prizes go out within {_many(days, 'working day')} after the winner gives a valid address",
        )
    if pool.mainland_only:
        yield "奖品仅限寄往中国大陆", "prizes are sent to mainland China only"


def _board(book: Rulebook, board: Board) -> Sentence:
    keys = [(RANKED_BY[key.by], key.order == "descending") for key in board.keys]
    zh = "、".join(f"{name}{'从高到低' if descending else '从低到高'}" for (name, _), descending in keys)
    en = ", then ".join(
        f"{name}, {'highest' if descending else 'lowest'} first" for (_, name), descending in keys
    )
    zh, en = f"{board.name.zh}：依次按{zh}排名", f"The ranking “{board.name.en}” goes by {en}"
    if board.visible:
        zh, en = f"{zh}，显示前{board.visible:,}名", f"{en}; the first {board.visible:,} are shown"
    if board.freezes_at:
        zh_moment, en_moment = _moment(book, board.freezes_at)
        zh, en = f"{zh}，以{zh_moment}的名次为最终结果", f"{en}; it is final as of {en_moment}"
    return _say(board.clause, f"{zh}。", f"{en}.")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(book: Rulebook, moment: datetime) -> tuple[str, str]:
    """A moment on the campaign's clock."""
    local = moment.astimezone(book.tz)
    return f"{_day(local.date())}{local:%H:%M}", f"{local:%Y-%m-%d %H:%M}"


def _duration(text: str) -> tuple[str, str]:
    count, (zh, en) = int(text[:-1]), UNITS[text[-1]]
    return f"{count}{zh}", _many(count, en)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
