"""Frozen boards, and what a place on one brings: a chance to enter a draw, or a prize. Source: SX-23, SX-24, JS-10.

The standing itself is computed by a view; frozen is its Merkle root. Whoever claims a place brings the proof.
"""

from datetime import date, datetime, timedelta

import msgspec

from ledger.board import Board as BoardState
from ledger.campaign import Campaign
from ledger.commands import AwardPlaces, CloseDay, FreezeBoard, GrantChance, Place
from ledger.contests import Vouchers
from ledger.context import Context, instant
from ledger.decision import Decision
from ledger.enrolment import Enrolment
from ledger.events import BoardFrozen, ChanceGranted, DayClosed, PlacesAwarded
from ledger.merkle import verify_inclusion
from ledger.opening import pool_of
from ledger.pool import Pool as PoolState
from ledger.prizes import award, prize_name
from ledger.refusals import (
    BoardFrozenAlready,
    BoardStillMoving,
    BoardUnknown,
    ChanceUsed,
    DayNotOver,
    NotDrawn,
    PlaceNotProven,
    PoolEmpty,
)
from ledger.rulebook import Board, Pool, Rulebook
from ledger.rulebook_base import seconds_of_day
from ledger.streams import board_stream, campaign_stream, pool_stream, team_stream
from ledger.team import Team

ONE_DAY = timedelta(days=1)


def freeze_due(board: Board, rules: Rulebook) -> datetime | None:
    """From when a board can be frozen: its moment, and the grace in which syncs of before may be delivered."""
    if board.freezes_at is None:
        return None
    _, closes, delivered_by = rules.window
    return board.freezes_at + timedelta(seconds=delivered_by - closes)


def last_day(board: Board, rules: Rulebook) -> date:
    """The last day of a frozen standing: the newest whose sync window has closed by the board's moment."""
    assert board.freezes_at is not None
    day = min(board.freezes_at.astimezone(rules.tz).date(), rules.ends)
    closes = seconds_of_day(rules.steps.window.closes) if rules.steps else 86_400
    while instant(rules.tz, day, closes) > board.freezes_at:
        day -= ONE_DAY
    return day


def freeze_board(command: FreezeBoard, context: Context, decision: Decision) -> None:
    """Make a ranking final.

    Refuses: BoardUnknown, BoardFrozenAlready, BoardStillMoving. Source: SX-23, JS-10.
    """
    rules = context.rules
    board = rules.board_ids.get(command.board)
    due = freeze_due(board, rules) if board else None
    if board is None or board.freezes_at is None or due is None:
        raise BoardUnknown(f"this campaign has no board {command.board} that freezes", rules.clause)
    stream = board_stream(rules.book(False), board.id)
    if decision.state(stream, BoardState).root:
        raise BoardFrozenAlready(f"{board.id} is frozen already", board.clause)
    if context.now < due:
        raise BoardStillMoving(f"{board.id} is frozen at {due.isoformat()}", board.clause)
    frozen = context.event(
        BoardFrozen,
        board=board.id,
        as_of=board.freezes_at,
        last_day=last_day(board, rules),
        position=command.position,
        root=command.root,
        entrants=command.entrants,
    )
    decision.add(stream, frozen)


def _require_place(place: Place, board: BoardState, clause: str) -> None:
    """Refuse PlaceNotProven unless the frozen board has this entrant at this rank."""
    try:
        said = msgspec.json.decode(place.entry)
        proof = [bytes.fromhex(each) for each in place.proof]
        proven = (
            (said["rank"], said["entrant"]) == (place.rank, place.entrant)
            and verify_inclusion(
                place.entry.encode(), place.rank - 1, board.entrants, proof, bytes.fromhex(board.root)
            )
        )  # fmt: skip
    except (msgspec.DecodeError, ValueError, KeyError, TypeError):
        proven = False
    if not proven:
        raise PlaceNotProven(f"{place.entrant} is not at rank {place.rank} of the frozen board", clause)


def _frozen(pool: Pool, context: Context, decision: Decision) -> BoardState:
    if pool.board is None:
        raise NotDrawn(f"{pool.id} has nothing to do with a board", pool.clause)
    state = decision.state(board_stream(context.rules.book(False), pool.board), BoardState)
    if not state.root:
        raise BoardStillMoving(f"the board {pool.board} is not frozen yet", pool.clause)
    return state


def grant_chance(command: GrantChance, context: Context, decision: Decision) -> None:
    """Let one of the first of a frozen board enter a draw.

    Refuses: PoolUnknown, NotDrawn, BoardStillMoving, PlaceNotProven, ChanceUsed (it was granted before). Source: JS-10.
    """
    pool = pool_of(command.pool, context)
    board = _frozen(pool, context, decision)
    if pool.draw != "batch" or context.rules.board_ids[pool.board or ""].entrants != "participants":
        raise NotDrawn(f"{pool.id} takes no entries for places", pool.clause)
    place = command.place
    _require_place(place, board, pool.clause)
    mine = place.entrant in (context.request.participant, *context.member.aliases)
    if not mine or (pool.first and place.rank > pool.first):
        raise PlaceNotProven(f"only the first {pool.first} of the board may enter", pool.clause)
    assert pool.board is not None
    if decision.state(context.stream, Enrolment).play_of(False).rewards.chance(pool.id, pool.board):
        raise ChanceUsed("the chance was granted before", pool.clause)
    granted = context.event(ChanceGranted, pool=pool.id, chance=pool.board, rank=place.rank)
    decision.add(context.stream, granted)


def prize_at(pool: Pool, rank: int) -> str | None:
    """The prize of a rank: the first ``places`` ranks get the first prize, and so on; None beyond. Source: SX-24."""
    for prize in pool.prizes:
        if rank <= (prize.places or 0):
            return prize.id
        rank -= prize.places or 0
    return None


def places_of(pool: Pool) -> int:
    """How many ranks of the board get a prize."""
    return sum(prize.places or 0 for prize in pool.prizes)


def award_places(command: AwardPlaces, context: Context, decision: Decision) -> None:
    """Give the prizes to the first of a frozen board; of a team, one to each member.

    Decision: also to who is suspended by now. GX-05 refuses what is done while suspended, and keeps the history: the
    place was reached before, like a ticket that is drawn later. The board is proven, and its places are awarded once,
    so who is passed over could not get the prize after a release. An address or a use of it is refused till then.
    Refuses: PoolUnknown, NotDrawn, BoardStillMoving, PlaceNotProven, PoolEmpty, ChanceUsed (awarded before).
    Source: SX-24, GX-05.
    """
    pool, rules = pool_of(command.pool, context), context.rules
    board = _frozen(pool, context, decision)
    stream = pool_stream(rules.book(False), pool.id)
    state = decision.state(stream, PoolState)
    if pool.draw != "places":
        raise NotDrawn(f"the prizes of {pool.id} do not go by rank", pool.clause)
    if state.awarded:
        raise ChanceUsed("the places have their prizes", pool.clause)
    wanted = range(1, min(places_of(pool), board.entrants) + 1)
    if [place.rank for place in command.places] != list(wanted):
        raise PlaceNotProven(f"the places 1 to {len(wanted)} are needed, in their order", pool.clause)
    vouchers, awards = Vouchers(state), []
    gone: dict[str, int] = {}
    for place in command.places:
        _require_place(place, board, pool.clause)
        prize = pool.by_id[prize_at(pool, place.rank) or ""]
        for number, winner in enumerate(_members(place.entrant, pool, context, decision), start=1):
            gone[prize.id] = gone.get(prize.id, 0) + 1
            left = state.left(prize)
            if left is not None and gone[prize.id] > left:
                raise PoolEmpty(f"{left} of {prize.id} are left, more are needed", pool.clause)
            name = prize_name(pool.id, place.rank, number)
            awards.append((place.rank, winner, name, prize, vouchers.next(prize)))
    awarded = context.event(
        PlacesAwarded,
        pool=pool.id,
        board=pool.board or "",
        winners=tuple((rank, winner, prize.id) for rank, winner, _, prize, _ in awards),
        actor=context.request.actor,
        vouchers=vouchers.handed,
        amount=sum(prize.amount or 0 for *_, prize, _ in awards),
    )
    decision.add(stream, awarded)
    for rank, winner, name, prize, voucher in awards:
        award(winner, name, prize, pool, False, f"{stream}@{rank}", voucher, context, decision)


def _members(entrant: str, pool: Pool, context: Context, decision: Decision) -> list[str]:
    """Who gets the prize of an entrant: the participant, or each member of the team at the board's moment."""
    board = context.rules.board_ids[pool.board or ""]
    if board.entrants != "teams":
        return [entrant]
    team = decision.state(team_stream(context.rules.book(False), entrant), Team)
    last = last_day(board, context.rules)
    return [member.id for member in team.members if member.joined_on <= last]


def close_day(command: CloseDay, context: Context, decision: Decision) -> None:
    """Say that a day's counts stand. Refuses: DayNotOver. Source: SX-05."""
    rules = context.rules
    clause = rules.steps.clause if rules.steps else rules.clause
    if context.is_open(command.day):
        raise DayNotOver(f"{command.day} is open until {context.window(command.day)[1].isoformat()}", clause)
    stream = campaign_stream(rules.id)
    through = decision.state(stream, Campaign).closed_through
    if through is not None and command.day <= through:
        raise DayNotOver(f"{command.day} is closed already", clause)
    trial = rules.phase_of(command.day) == "trial"
    decision.add(stream, context.event(DayClosed, trial=trial, day=command.day))
