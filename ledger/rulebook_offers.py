"""What chances, shops and gifts ask of the rest of a rulebook. Part of ``rulebook_prizes``.

Pure, and written for a sound rulebook like the other checks: FAULTY agrees with all of them.
"""

import re
from collections.abc import Iterator

from ledger.rulebook import ChanceRule, Pool, Prize, Rulebook
from ledger.rulebook_findings import (
    contradiction,
    duration,
    is_absent,
    is_stated,
    missing,
    names,
    needs,
    twice,
    unknown,
)
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place

NOT_OF_SHOPS = ("cost_points", "cost_badges", "chance", "board", "first", "daily_max", "person_max")
NOT_OF_GIFTS = (*NOT_OF_SHOPS, "deadline")
OF_ITEMS = ("price", "person_max", "sells_from", "sells_until", "valid_days")
MEMBERS_OF_CHANCES = {
    "metres": "movement",
    "stride_cm": "movement",
    "every": "correct_answers",
    "quiz": "correct_answers",
}
"""Member of a chance → what the chance must come from to have it."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def may_be_chance(name: str, chance: ChanceRule) -> bool:
    """Whether a chance of this kind could be called so: by its day, or by the quiz and a number of right answers."""
    if chance.on != "correct_answers":
        return DAY.fullmatch(name) is not None
    quiz, _, number = name.rpartition("-")
    return quiz == (chance.quiz or "answers") and number.isdecimal()


def check_chance(book: Rulebook, chance: ChanceRule, place: Place) -> Iterator[Finding]:
    """What gives a chance must be there, and be said in full."""
    if chance.on == "sign_in":
        yield from needs(book, place, "A chance from a sign-in", "sign_in")
    for member, on in MEMBERS_OF_CHANCES.items():
        if is_stated(getattr(chance, member)) and is_absent(chance.on, (on,)):
            yield contradiction(
                (*place, member), f"Only a chance for {on} takes it, not one for {chance.on}."
            )
    if chance.on == "movement":
        yield from needs(book, place, "A chance for movement", "steps")
        if chance.metres is None:
            yield missing((*place, "metres"), "a chance for movement needs to know how far")
    if chance.on == "correct_answers":
        yield from _of_quiz(book, chance, place)
    if chance.ttl is not None:
        yield from duration((*place, "ttl"), chance.ttl, least="1s")
    yield from duration((*place, "grace"), chance.grace)


def _of_quiz(book: Rulebook, chance: ChanceRule, place: Place) -> Iterator[Finding]:
    if chance.every is None:
        yield missing((*place, "every"), "a chance for right answers needs to know for how many")
    if book.quizzes == ():
        detail = "A chance for right answers needs [[quizzes]], of which the rulebook has none."
        yield contradiction(place, detail)
    elif chance.quiz is None:
        return
    elif is_absent(chance.quiz, names(book.quizzes)):
        yield unknown((*place, "quiz"), "quiz", chance.quiz)
    for quiz in (quiz for quiz in book.quizzes if quiz.id == chance.quiz):
        if chance.every is not None and not quiz.daily and chance.every > len(quiz.questions or ()):
            detail = f"{chance.every} right answers cannot be given to {len(quiz.questions)} questions."
            yield contradiction((*place, "every"), detail)


def check_offer(book: Rulebook, pool: Pool, place: Place) -> Iterator[Finding]:
    """A shop has prices, and a gift what it is for; neither has what draws have, and no draw has theirs."""
    kinds = {"shop": NOT_OF_SHOPS, "gift": NOT_OF_GIFTS}
    why = {
        "shop": "Items of a shop have their prices and limits, and nothing is drawn.",
        "gift": "A gift comes by itself, so there is nothing to pay or to limit.",
    }
    for member in kinds.get(pool.draw, ()):
        if is_stated(getattr(pool, member)):
            yield contradiction((*place, member), why[pool.draw])
    if pool.gift is not None:
        yield from _gift(book, pool, place)
    elif pool.draw == "gift":
        yield missing((*place, "gift"), "a gift needs to know what it is for, and when")
    if is_stated(pool.standing_clause) and pool.standing is None:
        yield contradiction((*place, "standing_clause"), "It is the clause of standing, which is not there.")
    for number, prize in enumerate(pool.prizes):
        if prize is not FAULTY and pool is not FAULTY:
            yield from _item(book, pool, prize, (*place, "prizes", number))


def _gift(book: Rulebook, pool: Pool, place: Place) -> Iterator[Finding]:
    assert pool.gift is not None
    if is_absent(pool.draw, ("gift",)):
        yield contradiction((*place, "gift"), "Only a pool of the kind gift takes it.")
    gift = pool.gift
    if gift.on is not FAULTY:
        yield from needs(book, (*place, "gift", "on"), f"A gift for {gift.on}", gift.on)
    if gift.begins >= gift.ends:
        yield contradiction(
            (*place, "gift", "ends"), f"It ends at {gift.ends}, not after it begins, at {gift.begins}."
        )
    if pool.draw == "gift" and len(pool.prizes or ()) > 1:
        yield contradiction((*place, "prizes", 1), "A gift is one prize; another gift is another pool.")


def _item(book: Rulebook, pool: Pool, prize: Prize, place: Place) -> Iterator[Finding]:
    """An item of a shop, or a prize that is none."""
    if is_absent(pool.draw, ("shop",)):
        for member in OF_ITEMS:
            if is_stated(getattr(prize, member)):
                yield contradiction((*place, member), "Only an item of a shop takes it.")
    elif pool.draw == "shop":
        yield from _in_shop(book, prize, place)


def _in_shop(book: Rulebook, prize: Prize, place: Place) -> Iterator[Finding]:
    if prize.price is None:
        yield missing((*place, "price"), "an item of a shop needs its price in points")
    elif not book.points:
        detail = "Nothing in this rulebook earns points to pay with."
        yield contradiction((*place, "price"), detail)
    if prize.stock == 0:
        yield contradiction((*place, "stock"), "An item of which there is none cannot be sold.")
    if prize.stock is not None and prize.person_max is not None and prize.person_max > prize.stock > 0:
        detail = f"{prize.person_max} for a person are more than the stock of {prize.stock}."
        yield contradiction((*place, "person_max"), detail)
    starts, ends = prize.sells_from, prize.sells_until
    if starts is not None and ends is not None and starts >= ends:
        yield contradiction((*place, "sells_until"), f"It ends at {ends}, not after it begins, at {starts}.")


def check_items(book: Rulebook) -> Iterator[Finding]:
    """Who redeems says the item alone, so no two shops have one of the same id."""
    yield from twice(
        (("pools", index, "prizes", number, "id"), prize.id)
        for index, pool in enumerate(book.pools)
        if pool.draw == "shop"
        for number, prize in enumerate(_firsts(pool))
    )


def _firsts(pool: Pool) -> Iterator[Prize]:
    """The prizes of a pool, a repeated id as FAULTY: that it is repeated inside the pool is told elsewhere."""
    seen: set[str] = set()
    for prize in pool.prizes:
        yield FAULTY if prize.id in seen else prize
        if prize.id is not FAULTY:
            seen.add(prize.id)
