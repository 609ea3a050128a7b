"""Final standings: the same whenever they are made, kept for ever, and what their events give."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ledger import merkle
from ledger.events import BoardFrozen
from ledger.posting import InvariantBroken
from ledger.rulebook import Board, Rulebook
from projections import boards, replay
from projections.rebuild import rebuild
from projections.standing import Frozen, entry
from tests.conftest import Database
from tests.given import SX
from tests.projections.logs import append, forget, stored
from tests.projections.standings import (
    JS,
    JS_BOARD,
    SX_BOARD,
    Log,
    kept,
    noon,
    opened,
    said,
    teams,
    walkers,
    written,
)

FREEZES = datetime.fromisoformat("2023-11-09T00:00:00+08:00")


def frozen_log(rules: Rulebook, board: Board, seed: int) -> tuple[Log, int]:
    """A log in which things go on after the freeze, or arrive late; and how many of its events were there in time."""
    log = walkers(seed) if rules is JS else teams(seed)
    frozen = Frozen.of(rules, board)
    assert frozen is not None
    before, in_time, late = (
        frozen.as_of - timedelta(minutes=1),
        frozen.recorded_before - timedelta(seconds=1),
        frozen.recorded_before,
    )
    last, who = frozen.last_day, "p-1" if rules is JS else "p-1-0"
    log.enrols("in-time", before, in_time)
    log.signs_in("in-time", last, before, in_time)
    log.syncs("in-time", last, 7000, before)
    log.adds("t-in-time", "in-time", last, before, in_time)
    log.attains("t-in-time", last, in_time)
    played = len(log.entries)
    log.enrols("late", before, late)
    log.enrols("after", frozen.as_of, frozen.as_of)
    log.signs_in(who, last, before, late)
    log.adds("t-in-time", "late", last + timedelta(days=1), before, late)
    log.adds("t-after", "after", last + timedelta(days=1), frozen.as_of)
    if rules is SX:  # its last day is one more than the board's
        log.syncs(who, rules.ends, 9999, noon(rules.ends))
        log.attains("t-in-time", rules.ends, noon(rules.ends))
    return log, played


@pytest.mark.rule("SX-23")
@pytest.mark.rule("JS-10")
@pytest.mark.parametrize(("rules", "board"), [(JS, JS_BOARD), (SX, SX_BOARD)])
@pytest.mark.parametrize("seed", range(2))
def test_a_board_frozen_late_is_the_board_frozen_in_time_and_the_replay(
    database: Database, rules: Rulebook, board: Board, seed: int
) -> None:
    log, played = frozen_log(rules, board, seed)
    whole = log.entries
    log.entries = whole[:played]
    with opened(database) as connection:
        head = written(database, log)
        in_time = boards.freeze(connection, rules, board, rules.id, head)
        rows = kept(connection, board, rules)
        assert rows == replay.replay(rules, board, rules.id, log.facts())
        assert in_time.root == merkle.root([merkle.leaf_hash(entry(row)) for row in rows]).hex()
        assert (in_time.entrants, in_time.position, in_time.last_day) == (
            len(rows),
            head,
            date(2023, 11, 8) if rules is JS else date(2019, 10, 7),
        )
        log.entries = whole
        later = written(database, log, played)
        connection.execute("DELETE FROM boards")
        late = boards.freeze(connection, rules, board, rules.id, later)
        assert (late.root, late.entrants, late.position) == (in_time.root, in_time.entrants, later)
        assert kept(connection, board, rules) == rows == replay.replay(rules, board, rules.id, log.facts())
        assert boards.freeze(connection, rules, board, rules.id, later + 9) == late
        assert "in-time" in {row.entrant.removeprefix("t-") for row in rows}
        assert not {"late", "after", "t-after"} & {row.entrant for row in rows}


def recorded(database: Database, rules: Rulebook, board: Board, frozen: boards.Refreshed) -> None:
    """The event that the writer would record, in the log."""
    assert board.freezes_at is not None
    assert frozen.last_day is not None
    at = board.freezes_at + timedelta(minutes=20)
    log = Log(rules)
    log.add(
        f"board/{rules.id}/{board.id}",
        BoardFrozen(
            **said(at),
            board=board.id,
            as_of=board.freezes_at,
            last_day=frozen.last_day,
            position=frozen.position,
            root=frozen.root,
            entrants=frozen.entrants,
        ),
    )
    append(database, stored(log.entries))


@pytest.mark.rule("JS-10")
def test_a_frozen_board_stays_as_it_is_also_after_a_rebuild(database: Database) -> None:
    log, _ = frozen_log(JS, JS_BOARD, 5)
    head = written(database, log)
    with opened(database) as connection:
        frozen = boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        recorded(database, JS, JS_BOARD, frozen)
        rows = kept(connection, JS_BOARD, JS)
        extra = Log(JS)
        extra.enrols("newcomer", FREEZES + timedelta(days=1))
        written(database, extra)
        assert boards.refresh(connection, JS, JS_BOARD, JS.id, FREEZES + timedelta(days=1)) is None
        rebuild(database.url, database.schema, "progress")
        assert boards.refresh(connection, JS, JS_BOARD, JS.id, FREEZES + timedelta(days=1)) is None
        assert kept(connection, JS_BOARD, JS) == rows
        verified = replay.verify(connection, JS, JS_BOARD, JS.id)
        assert verified is not None
        assert verified.same
        assert verified.entrants == len(rows)


@pytest.mark.rule("JS-10")
def test_a_frozen_board_whose_rows_are_lost_is_made_again_from_the_log(database: Database) -> None:
    log, _ = frozen_log(JS, JS_BOARD, 6)
    head = written(database, log)
    with opened(database) as connection:
        frozen = boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        recorded(database, JS, JS_BOARD, frozen)
        rows = kept(connection, JS_BOARD, JS)
        connection.execute("DELETE FROM boards")
        forget(database)
        played = len(log.entries)
        log.signs_in("p-2", JS.ends, noon(JS.ends), FREEZES + timedelta(days=2))
        now = FREEZES + timedelta(days=3)
        head = written(database, log, played)
        assert boards.refresh(connection, JS, JS_BOARD, JS.id, now) is None
        assert boards.freeze_due(JS, JS_BOARD, JS.id, boards.published(connection, JS.id, JS_BOARD.id), now)
        again = boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        assert (again.root, again.position) == (frozen.root, frozen.position)
        assert kept(connection, JS_BOARD, JS) == rows
        published = boards.published(connection, JS.id, JS_BOARD.id)
        assert not boards.freeze_due(JS, JS_BOARD, JS.id, published, now)


def test_a_frozen_board_that_the_views_contradict_is_never_shown_as_right(database: Database) -> None:
    log, _ = frozen_log(JS, JS_BOARD, 7)
    head = written(database, log)
    with opened(database) as connection:
        frozen = boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        recorded(database, JS, JS_BOARD, msgspec.structs.replace(frozen, root="00" * 32))
        with pytest.raises(InvariantBroken, match="was frozen at position"):
            boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        verified = replay.verify(connection, JS, JS_BOARD, JS.id)
        assert verified is not None
        assert not verified.same


def test_a_board_is_frozen_only_from_views_that_have_everything(database: Database) -> None:
    log, _ = frozen_log(JS, JS_BOARD, 8)
    head = written(database, log)
    with opened(database) as connection:
        with pytest.raises(boards.NotReady, match="not yet at"):
            boards.freeze(connection, JS, JS_BOARD, JS.id, head + 1)
        connection.execute("INSERT INTO parked_events VALUES ('progress', 'p-1@js-2023', 3, 'x', 1)")
        with pytest.raises(boards.NotReady, match="retry-parked"):
            boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        assert boards.published(connection, JS.id, JS_BOARD.id) is None


@pytest.mark.rule("SX-24")
@pytest.mark.rule("JS-10")
def test_a_place_comes_with_the_proof_that_it_stands_there(database: Database) -> None:
    log, _ = frozen_log(JS, JS_BOARD, 3)
    head = written(database, log)
    with opened(database) as connection:
        with pytest.raises(boards.NotReady):
            boards.places(connection, JS_BOARD, JS.id, 10)
        frozen = boards.freeze(connection, JS, JS_BOARD, JS.id, head)
        places = boards.places(connection, JS_BOARD, JS.id, 10)
        assert [place.rank for place in places] == list(range(1, 11))
        for place in places:
            proof = [bytes.fromhex(each) for each in place.proof]
            said = place.entry.encode()
            root = bytes.fromhex(frozen.root)
            assert merkle.verify_inclusion(said, place.rank - 1, frozen.entrants, proof, root)
            assert not merkle.verify_inclusion(said + b" ", place.rank - 1, frozen.entrants, proof, root)
            decoded = msgspec.json.decode(said)
            assert (decoded["rank"], decoded["entrant"]) == (place.rank, place.entrant)
        connection.execute(
            f"UPDATE standing_{frozen.edition} SET total_steps = total_steps + 1 WHERE rank = 9"
        )
        with pytest.raises(InvariantBroken, match="do not have its root"):
            boards.places(connection, JS_BOARD, JS.id, 1)


def test_the_example_of_the_documentation_is_right() -> None:
    text = (Path(__file__).parents[2] / "docs/boards.md").read_text(encoding="utf-8")
    entries = re.findall(r'(?m)^\{"rank":[123],"entrant":"t-.*\}$', text)
    assert len(entries) == 3
    tree = merkle.Tree([merkle.leaf_hash(each.encode()) for each in entries])
    assert [merkle.leaf_hash(each.encode()).hex() for each in entries] == re.findall(
        r"leaf of rank \d \| `([0-9a-f]{64})`", text
    )
    assert f"| root | `{tree.root.hex()}` |" in text
    assert [each.hex() for each in tree.proof(2)] == re.findall(r"proof of rank 3 .*`([0-9a-f]{64})`", text)
