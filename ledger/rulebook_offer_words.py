"""Chances, shops and gifts in plain words, Chinese and English. Part of ``rulebook_prize_words``. Pure."""

from collections.abc import Iterator

from ledger.rulebook import ChanceRule, Pool, Prize, Rulebook
from ledger.rulebook_phrases import duration, many, moment

Words = tuple[str, str]
"""Chinese, English: without the name before and the stop after."""

STANDING = {
    "any": ("须为会员", "only members can"),
    "reviewed": ("须为审核通过的会员", "only members who have been reviewed can"),
}
GIVEN_FOR = {
    "activation": ("激活", "who activates"),
    "application": ("申请入会", "who applies for membership"),
}


def about_chance(book: Rulebook, chance: ChanceRule, zh_draw: str, en_draw: str) -> Words:
    """What gives a chance, and how long it lasts."""
    lasts = chance.lasts
    zh_within, en_within = "", ""
    if lasts is not None:
        zh_ttl, en_ttl = duration(chance.ttl or "10m")
        zh_within, en_within = f"后{zh_ttl}内", f" within {en_ttl}"
    if chance.on == "sign_in":
        zh = f"每次签到{zh_within}可{zh_draw}，离开抽奖页面即视为放弃"
        return zh, f"each sign-in gives one {en_draw}{en_within}; leaving the draw page forfeits it"
    if chance.on == "movement":
        metres = chance.metres or 0
        zh = f"当天步行或跑步满{metres:,}米{zh_within}可{zh_draw}"
        en = f"a day with {many(metres, 'metre')} walked or run gives one {en_draw}{en_within}"
        if chance.stride_cm:
            zh += f"（没有距离数据的步数按每步{chance.stride_cm}厘米折算）"
            en += f"; a step without a distance counts {chance.stride_cm} cm"
        return zh, en
    quiz = next((quiz.name for quiz in book.quizzes if quiz.id == chance.quiz), None)
    zh_of, en_of = (f"“{quiz.zh}”", f" in “{quiz.en}”") if quiz else ("", "")
    every = "each right answer" if chance.every == 1 else f"every {chance.every} right answers"
    gives = "gives" if chance.every == 1 else "give"
    zh = f"{zh_of}每答对{chance.every}题{zh_within}可{zh_draw}"
    return zh, f"{every}{en_of} {gives} one {en_draw}{en_within}"


def about_gift(book: Rulebook, pool: Pool) -> Iterator[Words]:
    """What is given, for what, and when."""
    assert pool.gift is not None
    (zh_begins, en_begins), (zh_ends, en_ends) = moment(book, pool.gift.begins), moment(book, pool.gift.ends)
    zh_for, en_for = GIVEN_FOR[pool.gift.on]
    for prize in pool.prizes:
        yield (
            f"{zh_begins}至{zh_ends}之间{zh_for}者获赠{prize.name.zh}{_only_zh(prize)}",
            f"{en_for} from {en_begins} to {en_ends} is given {prize.name.en}{_only_en(prize)}",
        )


def _only_zh(prize: Prize) -> str:
    return f"，共{prize.stock:,}份，送完为止" if prize.stock is not None else ""


def _only_en(prize: Prize) -> str:
    return f", {prize.stock:,} in all, while there are any" if prize.stock is not None else ""


def about_shop(book: Rulebook, pool: Pool) -> Iterator[Words]:
    """Each item with its price and limits."""
    for prize in pool.prizes:
        zh = [f"{prize.name.zh}需{prize.price:,}积分"]
        en = [f"{prize.name.en} costs {many(prize.price or 0, 'point')}"]
        if prize.stock is not None:
            zh.append(f"共{prize.stock:,}份")
            en.append(f"{prize.stock:,} in all")
        if prize.person_max is not None:
            zh.append(f"每人最多{prize.person_max:,}份")
            en.append(f"at most {prize.person_max:,} for a person")
        if prize.sells_from is not None:
            zh_from, en_from = moment(book, prize.sells_from)
            zh.append(f"{zh_from}起可兑换")
            en.append(f"from {en_from} on")
        if prize.sells_until is not None:
            zh_until, en_until = moment(book, prize.sells_until)
            zh.append(f"{zh_until}前可兑换")
            en.append(f"until {en_until}")
        if prize.valid_days is not None:
            zh.append(f"兑换后{prize.valid_days:,}天内有效")
            en.append(f"good for {many(prize.valid_days, 'day')} afterwards")
        yield "，".join(zh), ", ".join(en)
    if pool.deadline:
        zh_end, en_end = moment(book, pool.deadline)
        yield f"须在{zh_end}之前兑换", f"nothing is redeemed at or after {en_end}"


def about_standing(pool: Pool) -> Iterator[Words]:
    """Whose membership it takes."""
    if pool.standing:
        zh, en = STANDING[pool.standing]
        zh_do, en_do = {"shop": ("兑换", "redeem"), "gift": ("获赠", "be given it")}.get(
            pool.draw, ("抽奖", "draw")
        )
        yield f"{zh}方可{zh_do}", f"{en} {en_do}"
