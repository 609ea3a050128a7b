"""When a board is made anew, and when it stands still (JS-07, SX-23). Pure: no database."""

from datetime import UTC, datetime

import msgspec
import pytest

from ledger.rulebook import Refresh
from projections import boards
from projections.boards import Published
from projections.standing import Frozen
from tests.given import SX
from tests.projections.standings import JS, JS_BOARD, SX_BOARD

EVERY_5 = Refresh(opens="08:00", closes="24:00", every="5m")


def at(text: str) -> datetime:
    """``11-03 08:00`` is in 2023, by the wall clock of Shanghai."""
    return datetime.fromisoformat(f"2023-{text}+08:00")


def standing(slot: str = "", position: int = 1, *, frozen: bool = False, rested: bool = True) -> Published:
    moment = at(slot) if slot else None
    return Published(
        recorded=frozen,
        edition=1,
        as_of=moment or at("11-02 00:00"),
        slot=moment,
        position=position,
        entrants=1,
        frozen=frozen,
        root=None,
        last_day=None,
        rested=rested,
    )


@pytest.mark.rule("JS-07")
@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("11-03 08:00:00", "11-03 08:00"),
        ("11-03 08:04:59.999", "11-03 08:00"),
        ("11-03 08:05:00", "11-03 08:05"),
        ("11-03 13:37:11", "11-03 13:35"),
        ("11-03 23:59:59", "11-03 23:55"),
        ("11-04 00:00:00", "11-03 23:55"),
        ("11-04 07:59:59", "11-03 23:55"),
        ("11-04 08:00:00", "11-04 08:00"),
    ],
)
def test_the_slots_are_every_five_minutes_from_eight_to_midnight(now: str, wanted: str) -> None:
    assert boards.slot(JS, EVERY_5, at(now)) == at(wanted)
    assert boards.slot(JS, EVERY_5, at(now).astimezone(UTC)) == at(wanted)


def test_slots_that_do_not_fill_the_hours_end_before_they_close() -> None:
    refresh = Refresh(opens="09:30", closes="11:00", every="40m")
    moments = ["09:30", "10:09", "10:10", "10:50", "11:30"]
    found = [boards.slot(JS, refresh, at(f"11-03 {moment}")) for moment in moments]
    assert found == [at(f"11-03 {slot}") for slot in ("09:30", "09:30", "10:10", "10:50", "10:50")]
    assert boards.slot(JS, refresh, at("11-03 09:29")) == at("11-02 10:50")


@pytest.mark.rule("JS-07")
@pytest.mark.parametrize(
    ("published", "now", "wanted"),
    [
        ("11-03 08:00", "11-03 08:04:59", None),
        ("11-03 08:00", "11-03 08:05:01", "11-03 08:05"),
        ("11-03 08:00", "11-03 17:21", "11-03 17:20"),  # after downtime, once
        ("11-03 23:55", "11-04 03:00", None),
        ("11-03 12:00", "11-04 03:00", None),  # not between midnight and eight, also not to catch up
        ("11-03 12:00", "11-04 08:00", "11-04 08:00"),
    ],
)
def test_a_board_is_due_at_its_slots_and_at_no_other_time(
    published: str, now: str, wanted: str | None
) -> None:
    found = boards.due(JS, JS_BOARD, JS.id, standing(published), at(now), 99)
    assert found == (at(wanted) if wanted else None)


@pytest.mark.rule("JS-07")
def test_the_first_standing_is_made_at_once() -> None:
    assert boards.due(JS, JS_BOARD, JS.id, None, at("11-03 03:00"), 0) == at("11-03 03:00")


def test_a_board_without_hours_is_due_when_its_views_have_moved_and_it_has_rested() -> None:
    board = msgspec.structs.replace(JS_BOARD, refresh=None)
    now = at("11-03 03:00")
    assert boards.due(JS, board, JS.id, standing(position=7), now, 7) is None
    assert boards.due(JS, board, JS.id, standing(position=7), now, 8) == now
    assert boards.due(JS, board, JS.id, standing(position=7, rested=False), now, 8) is None


def test_a_board_is_not_due_before_anything_can_happen_nor_long_after_nor_frozen() -> None:
    assert boards.due(JS, JS_BOARD, JS.id, None, at("10-31 12:00"), 5) is None
    assert boards.due(JS, JS_BOARD, JS.id, standing("11-08 23:55"), at("11-15 23:00"), 5) is not None
    assert boards.due(JS, JS_BOARD, JS.id, standing("11-08 23:55"), at("11-16 00:00"), 5) is None
    assert boards.due(JS, JS_BOARD, JS.id, standing(frozen=True), at("11-05 12:00"), 5) is None


def test_a_board_of_the_trial_is_due_around_the_trial_and_never_frozen() -> None:
    trial = SX.book(trial=True)
    moments = ("2019-06-18T00:00+08:00", "2019-07-07T23:59+08:00", "2019-07-08T00:00+08:00")
    assert [
        boards.due(SX, SX_BOARD, trial, None, datetime.fromisoformat(moment), 1) is not None
        for moment in moments
    ] == [True, True, False]
    late = datetime.fromisoformat("2020-01-01T00:00+08:00")
    assert not boards.freeze_due(SX, SX_BOARD, trial, None, late)
    assert boards.freeze_due(SX, SX_BOARD, SX.id, None, late)


@pytest.mark.rule("SX-23")
def test_what_counts_for_the_final_standing() -> None:
    frozen = Frozen.of(SX, SX_BOARD)
    assert frozen is not None
    assert (
        frozen.last_day.isoformat() == "2019-10-07"
    )  # the window of the last day but one closes at that moment
    assert frozen.as_of == datetime.fromisoformat("2019-10-08T00:00:00+08:00")
    assert frozen.recorded_before == datetime.fromisoformat("2019-10-08T00:10:00+08:00")
    assert Frozen.of(SX, msgspec.structs.replace(SX_BOARD, freezes_at=None)) is None


@pytest.mark.parametrize(
    ("frozen", "recorded", "wanted"), [(False, False, True), (True, False, True), (True, True, False)]
)
def test_a_freeze_is_due_until_the_log_says_it(frozen: bool, recorded: bool, wanted: bool) -> None:
    found = msgspec.structs.replace(standing(), frozen=frozen, recorded=recorded)
    for now, over in (("11-09 00:09:59", False), ("11-09 00:10:00", True), ("12-09 00:10:00", True)):
        assert boards.freeze_due(JS, JS_BOARD, JS.id, found, at(now)) is (wanted and over)
