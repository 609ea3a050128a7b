"""Pools, prizes and boards in plain sentences, Chinese and English. Part of ``rulebook_words``. Pure."""

from collections.abc import Iterator

from ledger import rulebook_offer_words as offers
from ledger.rulebook import Board, Key, Pool, Rulebook
from ledger.rulebook_base import seconds
from ledger.rulebook_phrases import duration, many, moment, yuan

RANKED_BY = {
    "attainment_rate": ("达标率", "attainment rate"),
    "average_steps": ("人均步数", "average steps per member"),
    "days_attained": ("达标天数", "days attained"),
    "sign_in_days": ("签到天数", "sign-in days"),
    "total_steps": ("累计步数", "total steps"),
    "last_sync": ("最后同步时间", "time of the last sync"),
    "score": ("综合得分", "score"),
    "participation_rate": ("参与率", "participation rate"),
}
ORDERS = {"descending": ("从高到低", "highest first"), "ascending": ("从低到高", "lowest first")}
ORDERS_OF_TIME = {"descending": ("从晚到早", "latest first"), "ascending": ("从早到晚", "earliest first")}


def about_pool(book: Rulebook, pool: Pool) -> Iterator[tuple[str, str, str]]:
    """What is to be known of a pool: clause, Chinese, English."""
    if pool.draw in ("shop", "gift"):
        parts = list(offers.about_gift(book, pool) if pool.gift else offers.about_shop(book, pool))
    else:
        parts = [*_cost(book, pool), *_winning(book, pool), *_limits(book, pool)]
    for zh, en in parts:
        yield pool.clause, f"{pool.name.zh}：{zh}。", f"{pool.name.en}: {en}."
    for zh, en in offers.about_standing(pool):
        yield pool.standing_clause or pool.clause, f"{pool.name.zh}：{zh}。", f"{pool.name.en}: {en}."
    for zh, en in _sending(pool):
        yield pool.address_clause or pool.clause, f"{pool.name.zh}：{zh}。", f"{pool.name.en}: {en}."


def _cost(book: Rulebook, pool: Pool) -> Iterator[tuple[str, str]]:
    """What a draw, or a ticket for one, costs. A ticket (抽奖券) is for one draw that is held later."""
    zh_draw, en_draw = ("报名一次", "ticket") if pool.draw == "batch" else ("抽一次", "draw")
    if pool.cost_points:
        yield f"每{pool.cost_points:,}积分可{zh_draw}", f"a {en_draw} costs {many(pool.cost_points, 'point')}"
    for badge in (badge.name for badge in book.badges if badge.id in pool.cost_badges):
        yield f"徽章“{badge.zh}”可{zh_draw}，限用一次", f"the badge “{badge.en}” is good for one {en_draw}"
    if pool.chance:
        yield offers.about_chance(book, pool.chance, zh_draw, en_draw)
    for board in (board.name for board in book.boards if board.id == pool.board):
        if pool.draw == "places":
            yield f"依据“{board.zh}”最终排名", f"given by the final ranking “{board.en}”"
        elif pool.first:
            yield (
                f"“{board.zh}”最终排名前{pool.first:,}名每人可{zh_draw}",
                f"each of the first {pool.first:,} of the final ranking “{board.en}” can take one {en_draw}",
            )


def _winning(book: Rulebook, pool: Pool) -> Iterator[tuple[str, str]]:
    """How a winner is found, and what there is to win."""
    if pool.draw == "batch":
        yield (
            "报名截止后统一抽奖，未报名者不参加",
            "one draw is held of all tickets when no more are given out",
        )
    stated = [(prize.name, f"{prize.stock:,}" if prize.stock else "") for prize in pool.prizes]
    yield (
        "奖项有" + "、".join(name.zh + (f"（{stock}份）" if stock else "") for name, stock in stated),
        "the prizes are " + ", ".join(name.en + (f" ({stock})" if stock else "") for name, stock in stated),
    )
    if pool.draw == "places":
        yield _places(book, pool)
    weights = [prize.weight for prize in pool.prizes if prize.weight is not None]
    if len(weights) > 1:
        yield (
            f"各奖项中奖机会之比依次为{'∶'.join(f'{weight:,}' for weight in weights)}",
            f"the chances of the prizes are, in this order, as {' to '.join(f'{weight:,}' for weight in weights)}",
        )
    elif pool.draw == "instant" and not weights:
        yield "剩余的每一份中奖机会均等", "each single prize that is left is equally likely"
    if pool.budget is not None:
        total = yuan(pool.budget)
        yield f"奖金总额不超过{total}元", f"the prizes are worth {total} yuan at most together"


def _places(book: Rulebook, pool: Pool) -> tuple[str, str]:
    """From which place to which each prize goes."""
    zh, en, next_place = [], [], 1
    for prize in pool.prizes:
        last = next_place + (prize.places or 1) - 1
        span_zh, span_en = f"第{next_place:,}至{last:,}名", f"places {next_place:,} to {last:,}"
        if last == next_place:
            span_zh, span_en = f"第{last:,}名", f"place {last:,}"
        zh.append(f"{span_zh}得{prize.name.zh}")
        en.append(f"{span_en}: {prize.name.en}")
        next_place = last + 1
    of_teams = any(board.entrants == "teams" for board in book.boards if board.id == pool.board)
    each_zh, each_en = ("，队员每人一份", "; one for each member of the team") if of_teams else ("", "")
    return "，".join(zh) + each_zh, ", ".join(en) + each_en


def _limits(book: Rulebook, pool: Pool) -> Iterator[tuple[str, str]]:
    zh_draw, en_draw = ("报名", "ticket") if pool.draw == "batch" else ("抽奖", "draw")
    if pool.deadline:
        zh, en = moment(book, pool.deadline)
        zh, en = f"须在{zh}之前{zh_draw}", f"no {en_draw} at or after {en}"
        if seconds(pool.grace):
            zh_grace, en_grace = duration(pool.grace)
            zh = f"{zh}，此前的{zh_draw}最迟可在其后{zh_grace}内送达"
            en = f"{en}; one from before can still be delivered within {en_grace}"
        yield zh, en
    elif pool.draw != "places":
        yield f"须在活动最后一天结束前{zh_draw}", f"no {en_draw} after the campaign's last day"
    if pool.daily_max:
        yield (
            f"每人每天最多{zh_draw}{pool.daily_max:,}次",
            f"at most {many(pool.daily_max, en_draw)} a day for a person",
        )
    if pool.person_max and pool.draw == "batch":
        yield f"每人最多中奖{pool.person_max:,}次", f"a person wins at most {many(pool.person_max, 'prize')}"
    elif pool.person_max:
        yield (
            f"每人总共最多{zh_draw}{pool.person_max:,}次",
            f"at most {many(pool.person_max, en_draw)} in all for a person",
        )


def _sending(pool: Pool) -> Iterator[tuple[str, str]]:
    """How goods reach their winners."""
    if pool.deliver_within_working_days:
        days = pool.deliver_within_working_days
        yield (
            f"奖品在中奖者提交有效地址后{days}个工作日内寄出",
            f"prizes go out within {many(days, 'working day')} after the winner gives a valid address",
        )
    if any(prize.kind == "goods" for prize in pool.prizes):
        yield "地址提交后不可更改", "an address cannot be changed once it was submitted"
    if pool.mainland_only:
        yield "奖品仅限寄往中国大陆", "prizes are sent to mainland China only"


def about_board(book: Rulebook, board: Board) -> tuple[str, str]:
    """How a board ranks and when it is shown, Chinese and English."""
    keys = [_key(key) for key in board.keys]
    zh_of, en_of = "", ""
    if board.group:
        count = sum(branch.group == board.group for branch in book.enrolment.branches)
        zh_of, en_of = f"（组内{count}个单位）", f" of {many(count, 'union')} of one group"
    zh = f"{board.name.zh}{zh_of}：依次按{'、'.join(zh for zh, _ in keys)}排名"
    en = f"The ranking “{board.name.en}”{en_of} goes by {', then '.join(en for _, en in keys)}"
    if board.visible:
        zh, en = f"{zh}，公布前{board.visible:,}名", f"{en}; the first {board.visible:,} are shown"
        if board.entrants == "participants":
            zh, en = f"{zh}，每人可查看自己的名次", f"{en}, and to everyone their own rank"
    if board.refresh:
        (every_zh, every_en), hours = duration(board.refresh.every), board.refresh
        zh = f"{zh}，每天{hours.opens}至{hours.closes}每{every_zh}更新一次"
        en = f"{en}; refreshed every {every_en} from {hours.opens} to {hours.closes}"
    if board.freezes_at:
        zh_moment, en_moment = moment(book, board.freezes_at)
        zh, en = f"{zh}，以{zh_moment}的名次为最终结果", f"{en}; it is final as of {en_moment}"
    return f"{zh}。", f"{en}."


def about_honours(board: Board) -> Iterator[tuple[str, str, str]]:
    """What the first of a final standing get: clause, Chinese, English."""
    if board.honours:
        honours, name = board.honours, board.name
        yield (
            honours.clause,
            f"{name.zh}：最终排名前{honours.first}名获得“{honours.name.zh}”。",
            f"{name.en}: the first {honours.first} of the final standing get “{honours.name.en}”.",
        )


def _key(key: Key) -> tuple[str, str]:
    zh, en = RANKED_BY[key.by]
    order_zh, order_en = (ORDERS_OF_TIME if key.by == "last_sync" else ORDERS)[key.order]
    return f"{zh}{order_zh}", f"{en}, {order_en}"
