"""What pools, their prizes and boards ask of each other and of the rest of a rulebook. Part of ``rulebook_checks``.

Pure, and written for a sound rulebook like the other checks: FAULTY agrees with all of them.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.posting import POINTS
from ledger.rulebook import Board, Pool, Prize, Refresh, Rulebook
from ledger.rulebook_base import seconds, seconds_of_day
from ledger.rulebook_campaigns import Window
from ledger.rulebook_findings import (
    contradiction,
    duration,
    has_group,
    is_absent,
    is_stated,
    is_zone,
    missing,
    names,
    needs,
    twice,
    unknown,
)
from ledger.rulebook_offers import check_chance, check_items, check_offer, may_be_chance
from ledger.rulebook_phrases import many
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place

KEYS_OF = {
    "participants": ("days_attained", "attainment_rate", "sign_in_days", "total_steps", "last_sync"),
    "teams": ("days_attained", "attainment_rate", "total_steps", "average_steps"),
    "branches": (
        "score",
        "participation_rate",
        "attainment_rate",
        "days_attained",
        "total_steps",
        "average_steps",
    ),
}
"""What the entrants of a board can be ranked by."""

TABLE_OF_KEYS = {"sign_in_days": "sign_in", "score": "score"}
"""The table that a key comes from; all others come from steps."""

NOT_OF_PLACES = ("cost_points", "cost_badges", "chance", "first", "deadline", "daily_max", "person_max")
OF_GOODS = ("address_clause", "deliver_within_working_days", "mainland_only")


def check_boards(book: Rulebook) -> Iterator[Finding]:
    """Everything in the boards of a rulebook that contradicts something."""
    for index, board in enumerate(book.boards):
        place: Place = ("boards", index)
        if board.entrants == "teams":
            yield from needs(book, (*place, "entrants"), board.entrants, "teams")
        yield from _keys(book, board, (*place, "keys"))
        yield from _of_unions(book, board, place)
        if board.refresh:
            yield from _refresh(board.refresh, (*place, "refresh"))
        ranked = _first_ranked(book)
        if board.freezes_at is not None and ranked is not None and board.freezes_at < ranked:
            detail = f"It is {board.freezes_at}, but the first day that can be ranked ends at {ranked}."
            yield contradiction((*place, "freezes_at"), detail)


def _keys(book: Rulebook, board: Board, place: Place) -> Iterator[Finding]:
    keys = [((*place, number, "by"), key.by) for number, key in enumerate(board.keys)]
    for at, key in keys:
        if is_absent(key, KEYS_OF.get(board.entrants, FAULTY)):
            yield contradiction(at, f"{key} is no key of {board.entrants}; there are {_either(board)}.")
        elif key is not FAULTY:
            yield from needs(book, at, key, TABLE_OF_KEYS.get(key, "steps"))
    yield from twice(keys)


def _of_unions(book: Rulebook, board: Board, place: Place) -> Iterator[Finding]:
    """What only a board of unions has, and what it gives to the first of it."""
    if board.group is not None and is_absent(board.entrants, ("branches",)):
        detail = f"Only a board of branches has a group, not one of {board.entrants}."
        yield contradiction((*place, "group"), detail)
    elif board.group is not None and not has_group(book, board.group):
        yield unknown((*place, "group"), "group of branches", board.group)
    if board.honours is None:
        return
    if is_absent(board.entrants, ("branches",)):
        yield contradiction((*place, "honours"), f"Only branches are given honours, not {board.entrants}.")
    if board.freezes_at is None:
        yield contradiction(
            (*place, "honours"), "The board never freezes, so nobody is finally among its first."
        )


def _either(board: Board) -> str:
    return ", ".join(KEYS_OF[board.entrants])


def _refresh(refresh: Refresh, place: Place) -> Iterator[Finding]:
    if refresh.opens >= refresh.closes:
        detail = f"It closes at {refresh.closes}, not after it opens at {refresh.opens}."
        yield contradiction((*place, "closes"), detail)
    yield from duration((*place, "every"), refresh.every, least="1s")


def _first_ranked(book: Rulebook) -> datetime | None:
    """When the sync window of the campaign's first day closes; None when it cannot be said."""
    starts, closes = _midnight(book, book.starts), (book.steps.window if book.steps else Window()).closes
    if starts is None or closes is FAULTY:
        return None
    return starts + timedelta(seconds=seconds_of_day(closes))


def _midnight(book: Rulebook, day: date) -> datetime | None:
    """The first moment of a day of the campaign; None when it cannot be said."""
    if day is FAULTY or book.timezone is FAULTY or not is_zone(book.timezone):
        return None
    return datetime.combine(day, time(), ZoneInfo(book.timezone))


def check_pools(book: Rulebook) -> Iterator[Finding]:
    """Everything in the pools of a rulebook that contradicts something."""
    badges, boards = names(book.badges), names(book.boards)
    for index, pool in enumerate(book.pools):
        if pool is FAULTY:
            continue
        place: Place = ("pools", index)
        for number, badge in enumerate(pool.cost_badges):
            if is_absent(badge, badges):
                yield unknown((*place, "cost_badges", number), "badge", badge)
        yield from twice(((*place, "cost_badges", n), badge) for n, badge in enumerate(pool.cost_badges))
        if pool.board is not None and is_absent(pool.board, boards):
            yield unknown((*place, "board"), "board", pool.board)
        board = next((board for board in book.boards if board.id == pool.board), None)
        yield from _cost(pool, place)
        yield from check_offer(book, pool, place)
        yield from _chances(book, pool, place)
        if board is not None and pool.draw in ("batch", "places"):
            yield from _board(book, pool, board, place)
        yield from _limits(book, pool, place)
        yield from _prizes(pool, (*place, "prizes"))
        size = book.teams.size if book.teams and board is not None and board.entrants == "teams" else 1
        if pool.draw == "places":
            yield from _places(pool, size, (*place, "prizes"))
        yield from _budget(pool, size, place)
    yield from check_items(book)


def _cost(pool: Pool, place: Place) -> Iterator[Finding]:
    """What a draw costs, by the kind of draw."""
    if pool.draw == "places":
        for member in NOT_OF_PLACES:
            if is_stated(getattr(pool, member)):
                detail = "Places go by rank: nobody draws for them, so there is nothing to pay or to limit."
                yield contradiction((*place, member), detail)
        if pool.board is None:
            yield missing((*place, "board"), "places are those of a board")
        return
    if pool.draw in ("shop", "gift"):
        return
    costs = (pool.cost_points, pool.cost_badges, pool.chance, pool.board)
    if not any(is_stated(cost) for cost in costs):
        why = "a draw costs points, badges (cost_badges), a chance or, in a batch draw, a place on a board"
        yield missing((*place, "cost_points"), why)
    if pool.board is not None and pool.draw == "instant":
        detail = "An instant draw does not go by a board; a draw of the kind batch or places does."
        yield contradiction((*place, "board"), detail)
    if pool.board is not None and pool.draw == "batch" and pool.first is None:
        why = "a draw among the first of a board needs to know how many they are"
        yield missing((*place, "first"), why)
    if pool.board is None and pool.first is not None:
        yield contradiction((*place, "first"), "It needs a board to be the first of, and there is none.")


def _chances(book: Rulebook, pool: Pool, place: Place) -> Iterator[Finding]:
    if pool.chance:
        yield from check_chance(book, pool.chance, (*place, "chance"))
    for number, badge in enumerate(pool.cost_badges):
        # A draw names what pays for it in one word: a badge, a board, a day, or a quiz and a number.
        if badge == pool.board or (badge is not FAULTY and pool.chance and may_be_chance(badge, pool.chance)):
            detail = f"In a draw {badge} could mean this badge, or something else that pays for it."
            yield contradiction((*place, "cost_badges", number), detail)


def _board(book: Rulebook, pool: Pool, board: Board, place: Place) -> Iterator[Finding]:
    """A board that decides who gets something must become final, and before the pool closes."""
    if board.freezes_at is None:
        yield contradiction(
            (*place, "board"), f"The board {pool.board} never freezes, so no place on it is final."
        )
    if pool.draw != "batch":
        return
    if board.entrants == "teams":
        yield contradiction((*place, "board"), f"Participants enter a draw, but {pool.board} ranks teams.")
    grace = book.steps.window.grace if book.steps else Window().grace
    closes = _midnight(book, book.ends) if pool.deadline is None else pool.deadline
    if closes is None or board.freezes_at is None or FAULTY in (grace, closes, board.freezes_at):
        return
    if pool.deadline is None:
        closes += timedelta(days=1)
    frozen = board.freezes_at + timedelta(seconds=seconds(grace))
    if closes <= frozen:
        at, when = ("board", "with the last day") if pool.deadline is None else ("deadline", f"at {closes}")
        detail = f"The pool closes {when}, but places on {pool.board} are final from {frozen} on."
        yield contradiction((*place, at), detail)


def _limits(book: Rulebook, pool: Pool, place: Place) -> Iterator[Finding]:
    yield from duration((*place, "grace"), pool.grace)
    first_days = [book.starts, book.enrolment.opens, book.trial.starts if book.trial else None]
    if pool.deadline is not None and not any(day is FAULTY for day in first_days):
        opens = _midnight(book, min(day for day in first_days if day is not None))
        if opens is not None and pool.deadline <= opens:
            yield contradiction((*place, "deadline"), f"It is {pool.deadline}, before the first day of all.")
    daily, total = pool.daily_max, pool.person_max  # in a batch draw the second is of wins, not of draws
    if pool.draw == "instant" and daily is not None and total is not None and daily > total:
        yield contradiction((*place, "daily_max"), f"{daily} draws a day are more than {total} in all.")
    kinds = [prize.kind for prize in pool.prizes]
    if not any(kind is FAULTY or kind == "goods" for kind in kinds) and pool.prizes is not FAULTY:
        for member in (member for member in OF_GOODS if is_stated(getattr(pool, member))):
            yield contradiction((*place, member), "Only goods are sent, and this pool has none.")


def _prizes(pool: Pool, place: Place) -> Iterator[Finding]:
    if pool.prizes == ():
        yield contradiction(place, "A pool needs at least one prize.")
    prizes = [(number, prize) for number, prize in enumerate(pool.prizes) if prize is not FAULTY]
    for number, prize in prizes:
        at: Place = (*place, number)
        if prize.id == POINTS:
            detail = f"{prize.id} is what the ledger calls points; a prize needs a name of its own."
            yield Finding((*at, "id"), "duplicate", detail)
        yield from _amount(prize, at)
        if prize.kind == "nothing" and is_absent(pool.draw, ("instant",)):
            detail = "Only an instant draw has blanks; in any other, who wins nothing is not drawn."
            yield contradiction((*at, "kind"), detail)
        if is_stated(prize.places) and is_absent(pool.draw, ("places",)):
            yield contradiction((*at, "places"), "Only a pool of places goes by rank.")
        if is_stated(prize.weight) and is_absent(pool.draw, ("instant",)):
            yield contradiction((*at, "weight"), "Only an instant draw has weights.")
        if pool.draw == "batch" and prize.stock is None:
            yield missing((*at, "stock"), "a batch draw needs to know how many of a prize there are")
        if pool.draw == "batch" and prize.stock == 0:
            yield contradiction((*at, "stock"), "A prize of which there is none cannot be won.")
    if pool.draw == "instant":
        yield from _instant(prizes, place)


def _amount(prize: Prize, place: Place) -> Iterator[Finding]:
    if prize.kind == "money" and prize.amount is None:
        yield missing((*place, "amount"), "money needs its amount in fen")
    elif prize.kind == "nothing" and prize.amount is not None:
        yield contradiction((*place, "amount"), "Nothing is worth nothing; a blank has no amount.")
    elif prize.amount == 0:
        yield contradiction((*place, "amount"), f"A prize of the kind {prize.kind} is not worth 0 fen.")


def _instant(prizes: list[tuple[int, Prize]], place: Place) -> Iterator[Finding]:
    """Weights for all or for none, and without them stocks; something must be left to draw."""
    weighted = any(prize.weight is not None for _, prize in prizes)
    for number, prize in prizes:
        if weighted and prize.weight is None:
            yield missing((*place, number, "weight"), "other prizes of this pool have one")
        if not weighted and prize.stock is None:
            why = "a prize that is drawn instantly needs a stock or a weight"
            yield missing((*place, number, "stock"), why)
    if prizes and all(prize.stock == 0 or prize.weight == 0 for _, prize in prizes):
        yield contradiction(place, "No prize can be drawn: each has a stock or a weight of 0.")


def _places(pool: Pool, size: int, place: Place) -> Iterator[Finding]:
    """Each place gets one of its prize, or on a board of teams one for each member."""
    for number, prize in enumerate(pool.prizes):
        if prize.places is None:
            yield missing(
                (*place, number, "places"), "a prize by rank needs to know for how many places it is"
            )
        elif prize.stock is not None and prize.stock < prize.places * size:
            takers = many(prize.places, "place") + (f" of {size} members each" if size != 1 else "")
            detail = f"A stock of {prize.stock} is not enough: {takers} take {prize.places * size}."
            yield contradiction((*place, number, "stock"), detail)


def _budget(pool: Pool, size: int, place: Place) -> Iterator[Finding]:
    """A budget pays for one prize of an instant draw, and for all prizes where all are given out."""
    if pool.budget is None:
        return
    amounts = [prize.amount for prize in pool.prizes if prize.amount is not None]
    if not amounts and pool.prizes != () and pool.prizes is not FAULTY:
        yield contradiction((*place, "budget"), "No prize of this pool has an amount to be paid from it.")
    elif pool.draw == "instant" and amounts and all(amount > pool.budget for amount in amounts):
        detail = f"{pool.budget} fen do not pay for a single prize with an amount."
        yield contradiction((*place, "budget"), detail)
    elif pool.draw in ("batch", "places"):
        counts = [
            (prize.places or 0) * size if pool.draw == "places" else prize.stock or 0 for prize in pool.prizes
        ]
        total = sum((prize.amount or 0) * count for prize, count in zip(pool.prizes, counts, strict=True))
        if total > pool.budget:
            detail = f"All prizes together are worth {total} fen, more than the budget of {pool.budget}."
            yield contradiction((*place, "budget"), detail)
