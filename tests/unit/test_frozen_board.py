"""Boards that stand still: when they are frozen, of which days, and the chance that a proven place brings."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ledger.boards import freeze_due, last_day
from ledger.commands import CloseDay, FreezeBoard, GrantChance, Place, ViewContent
from ledger.events import BoardFrozen, ChanceGranted, DayClosed, DrawEntered, EntryTaken
from ledger.merkle import Tree, leaf_hash
from ledger.refusals import (
    BoardFrozenAlready,
    BoardStillMoving,
    BoardUnknown,
    ChanceUnknown,
    ChanceUsed,
    DayNotOver,
    DrawClosed,
    NotDrawn,
    PlaceNotProven,
    PoolUnknown,
)
from ledger.rulebook import Board, Rulebook
from ledger.rulebook_campaigns import Steps
from tests.given import JS, SX, Story, day_of, moment, replayed

FREEZES = "2023-11-09 00:10"
BOARD = JS.board_ids["participants"]
POOL = JS.pool_ids["movie-voucher"]
SHORT = replace(JS, pools=tuple(replace(pool, first=3) if pool is POOL else pool for pool in JS.pools))
"""Jiangsu's rules, but only the first three of the board may enter."""


def row(rank: int, entrant: str) -> str:
    """The entry of a row of the board: docs say how its keys are written."""
    keys: list[Any] = [7, 7, 50_000 - rank, "2023-11-08T13:14:09.000Z"]
    return msgspec.json.encode({"rank": rank, "entrant": entrant, "keys": keys}).decode()


def board(*entrants: str) -> tuple[FreezeBoard, list[Place]]:
    """The command that freezes a board of these entrants, and every place on it with its proof."""
    rows = [row(rank, entrant) for rank, entrant in enumerate(entrants, start=1)]
    tree = Tree([leaf_hash(each.encode()) for each in rows])
    places = [
        Place(rank, entrant, rows[rank - 1], tuple(each.hex() for each in tree.proof(rank - 1)))
        for rank, entrant in enumerate(entrants, start=1)
    ]
    command = FreezeBoard(board="participants", position=77, root=tree.root.hex(), entrants=len(rows))
    return command, places


PEOPLE = [f"p-{n}" for n in range(1, 6)]
FREEZE, PLACES = board(*PEOPLE)


def frozen(rules: Rulebook = SHORT) -> Story:
    """Five people on the final standing, in the order of their names."""
    story = Story(rules, published="2023-10-20 08:00")
    for who in PEOPLE:
        story.enrol(who, branch="nanjing", at="2023-11-02 07:00")
        story.post(ViewContent(ref="safety-video"), who=who)
    return story.post(FREEZE, who="", at=FREEZES).expect(BoardFrozen)


def grant(place: Place, pool: str = "movie-voucher") -> GrantChance:
    return GrantChance(pool=pool, place=place)


@pytest.mark.rule("JS-10", "SX-23")
def test_a_board_is_frozen_with_its_position_root_and_last_day() -> None:
    story = frozen()
    (event,) = story.answer
    assert isinstance(event, BoardFrozen)
    assert (event.board, event.position, event.root, event.entrants) == ("participants", 77, FREEZE.root, 5)
    assert event.as_of == moment("2023-11-09 00:00")
    assert str(event.last_day) == "2023-11-08"
    assert story.log[-1].stream == "board/js-2023/participants"


@pytest.mark.rule("JS-10")
def test_a_board_is_frozen_once_and_not_while_syncs_of_before_can_come() -> None:
    story = Story(JS, published="2023-10-20 08:00")
    story.post(FREEZE, who="", at="2023-11-09 00:09:59").expect(BoardStillMoving)
    assert story.refusal.clause == "JS-05"
    story.post(FREEZE, who="", at="2023-11-09 00:10").expect(BoardFrozen)
    story.post(FREEZE, who="").expect(BoardFrozenAlready)
    story.post(replace(FREEZE, root="00"), who="").expect(BoardFrozenAlready)


@pytest.mark.rule("SX-23")
def test_a_board_that_never_freezes_or_is_none_is_unknown() -> None:
    story = Story().post(replace(FREEZE, board="people"), who="", at="10-09 00:00").expect(BoardUnknown)
    endless = tuple(replace(each, freezes_at=None) for each in SX.boards)
    story = Story(replace(SX, boards=endless, pools=()))
    story.post(replace(FREEZE, board="teams"), who="", at="10-09 00:00").expect(BoardUnknown)


def sx_board(freezes_at: str, closes: str = "24:00") -> tuple[Board, Rulebook]:
    assert isinstance(SX.steps, Steps)
    window = replace(SX.steps.window, closes=closes)
    found = replace(SX.boards[0], freezes_at=moment(freezes_at))
    return found, replace(SX, steps=replace(SX.steps, window=window), boards=(found,))


@pytest.mark.rule("SX-23", "SX-05")
@pytest.mark.parametrize(
    ("freezes_at", "closes", "last"),
    [
        ("10-08 00:00", "24:00", "10-07"),
        ("10-07 23:59:59", "24:00", "10-06"),
        ("10-09 00:00", "24:00", "10-08"),
        ("10-20 12:00", "24:00", "10-08"),
        ("10-07 22:00", "22:00", "10-07"),
        ("10-07 21:59:59", "22:00", "10-06"),
    ],
)
def test_the_last_day_is_the_newest_whose_window_has_closed_by_then(
    freezes_at: str, closes: str, last: str
) -> None:
    found, rules = sx_board(freezes_at, closes)
    assert last_day(found, rules) == day_of(last)
    due = freeze_due(found, rules)
    assert due is not None
    assert (due - moment(freezes_at)).total_seconds() == 600


@pytest.mark.rule("JS-10")
def test_one_of_the_first_gets_a_chance_enters_and_has_one_ticket() -> None:
    story = frozen().post(grant(PLACES[0])).expect(ChanceGranted)
    (event,) = story.answer
    assert isinstance(event, ChanceGranted)
    assert (event.pool, event.chance, event.rank, event.expires_at) == (
        "movie-voucher",
        "participants",
        1,
        None,
    )
    story.post(grant(PLACES[0])).expect(ChanceUsed)
    story.draws("movie-voucher", "2023-11-10 08:00").expect(DrawEntered, EntryTaken)
    entered = story.answer[0]
    assert isinstance(entered, DrawEntered)
    assert (entered.chance, entered.number) == ("participants", 1)
    story.draws("movie-voucher").expect(ChanceUsed).post(grant(PLACES[0])).expect(ChanceUsed)


@pytest.mark.rule("JS-10")
def test_who_does_not_enter_in_time_is_not_drawn() -> None:
    story = frozen().post(grant(PLACES[1]), who="p-2").expect(ChanceGranted)
    story.draws("movie-voucher", "2023-11-16 00:00", who="p-2").expect(DrawClosed)
    story = frozen().draws("movie-voucher", "2023-11-10 08:00", chance="participants").expect(ChanceUnknown)
    assert story.pool("movie-voucher").draws == 0


@pytest.mark.rule("JS-10")
def test_only_the_first_of_the_board_may_enter() -> None:
    story = frozen().post(grant(PLACES[2]), who="p-3").expect(ChanceGranted)
    story.post(grant(PLACES[3]), who="p-4").expect(PlaceNotProven)
    assert "3" in story.refusal.detail
    story.post(grant(PLACES[0]), who="p-4").expect(PlaceNotProven)


@pytest.mark.rule("JS-10")
def test_a_place_that_is_forged_in_any_part_is_not_proven() -> None:
    story, good = frozen(), PLACES[0]
    stranger = board("p-4", "p-1", "p-2")[1][0]
    for forged in (
        replace(PLACES[3], rank=1),
        replace(PLACES[3], rank=1, entry=row(1, "p-4")),
        replace(good, entrant="p-4"),
        replace(good, entrant="p-4", entry=row(1, "p-4")),
        stranger,
    ):
        story.post(grant(forged), who="p-4").expect(PlaceNotProven)
    for forged in (
        replace(good, entry=good.entry.replace("49999", "50000")),
        replace(good, entry=good.entry + " "),
        replace(good, proof=good.proof[:-1]),
        replace(good, proof=(*good.proof, "00" * 32)),
        replace(good, proof=tuple(reversed(good.proof))),
        replace(good, proof=("no hex",)),
        replace(good, proof=()),
        replace(good, rank=0),
        replace(good, rank=2),
        replace(good, rank=-1, entry=row(-1, "p-1")),
        replace(good, entry=""),
        replace(good, entry="[]"),
        replace(good, entry="null"),
        replace(good, entry='{"rank":1}'),
    ):
        story.post(grant(forged)).expect(PlaceNotProven)
    story.post(grant(good)).expect(ChanceGranted)


@pytest.mark.rule("JS-10")
def test_before_the_freeze_no_place_counts() -> None:
    story = Story(JS, published="2023-10-20 08:00").enrol(branch="nanjing", at="2023-11-02 07:00")
    story.post(grant(PLACES[0])).expect(BoardStillMoving)


@pytest.mark.rule("JS-10")
def test_only_a_pool_that_goes_by_a_board_and_takes_entries_gives_chances() -> None:
    story = frozen().post(grant(PLACES[0], pool="red-packet")).expect(NotDrawn)
    story.post(grant(PLACES[0], pool="no-such")).expect(PoolUnknown)


@pytest.mark.rule("JS-10", "GX-08")
def test_an_amendment_that_is_scheduled_does_not_hide_the_board_of_today() -> None:
    story = frozen().amend(replace(SHORT, boards=(), pools=JS.pools[:1]), effective_at="2023-11-12 00:00")
    story.post(grant(PLACES[0])).expect(ChanceGranted)


@pytest.mark.rule("JS-10")
def test_who_has_only_enrolled_can_be_on_the_board_too() -> None:
    rules = replace(SHORT, trial=replace(SX.trial, starts="2023-10-25", ends="2023-10-26"))  # type: ignore[type-var]
    story = frozen(msgspec.convert(msgspec.to_builtins(rules), Rulebook))
    story.post(grant(PLACES[0])).expect(ChanceGranted)
    assert story.enrolment().trial is False


@pytest.mark.rule("SX-05")
def test_a_day_is_closed_after_its_grace_once_and_in_order() -> None:
    def close(day: str) -> CloseDay:
        return CloseDay(day=day_of(day))

    story = Story().post(close("07-01"), who="", at="07-02 00:09:59").expect(DayNotOver)
    story.post(close("07-01"), who="", at="07-02 00:10").expect(DayClosed)
    (event,) = story.answer
    assert isinstance(event, DayClosed)
    assert (event.day, event.trial, story.log[-1].stream) == (day_of("07-01"), False, "campaign/sx-2019")
    story.post(close("07-01"), who="").expect(DayNotOver)
    story.post(close("06-30"), who="").expect(DayNotOver)
    story.post(close("07-02"), who="", at="07-03 00:10").expect(DayClosed)
    trial = Story().post(close("06-30"), who="", at="07-01 00:10").expect(DayClosed)
    assert trial.answer[0].trial


@pytest.mark.rule("GX-06", "JS-10")
def test_the_board_is_what_its_events_say() -> None:
    story = frozen().post(grant(PLACES[0])).draws("movie-voucher", "2023-11-10 08:00")
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
