"""`jifen draws`, `prizes` and `boards`, run as programs on a real ledger: what they print, and their exit codes."""

import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.api.conftest import Service
from tests.api.fair import DAYS, FAIR, Fair
from tests.api.test_command_line import jifen

LAST = DAYS[-1]
PEOPLE = ("p-1", "p-2", "p-3")


@pytest.fixture
def fair(service: Service) -> Fair:
    """A fair that is over: three draws from the packets, three tickets of the grand draw, and a frozen board."""
    fair = Fair(service)
    fair.enrol(*PEOPLE)
    fair.attend(*PEOPLE)
    for who in PEOPLE:
        fair.said("draw_requested", who, f"{LAST}T09:00:00", pool="packet")
        fair.said("draw_requested", who, f"{LAST}T09:01:00", pool="grand", chance="always-here")
    fair.pass_to("2023-11-05T12:10:00")
    fair.until(lambda: fair.get("pools/packet")["seed"])
    fair.until(lambda: fair.get("pools/grand")["closed"])
    fair.until(lambda: fair.get("rankings/walkers")["frozen"])
    return fair


def run(fair: Fair, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that knows the ledger's database and the running service."""
    service = fair.service
    service.settle()
    where = {"JIFEN_URL": service.url, "JIFEN_KEY": service.key, "COLUMNS": "200"}
    return jifen(service.database, *arguments, **where)


def tamper(fair: Fair, statement: str, *parameters: object) -> None:
    """Change the log behind the ledger's back."""
    options = f"-csearch_path={fair.service.database.schema}"
    with psycopg.connect(fair.service.database.url, options=options) as connection:
        assert connection.execute(statement.encode(), parameters).rowcount == 1


def replaced(stream: str, topic: str, number: int, old: str, new: str) -> tuple[str, str, str, str, int]:
    return old, new, stream, topic, number


REPLACE = """
    UPDATE stored_events SET state = replace(convert_from(state, 'UTF8'), %s, %s)::bytea
    WHERE originator_id = %s AND topic = %s AND convert_from(state, 'UTF8')::jsonb ->> 'number' = %s::text
"""


@pytest.mark.rule("SX-18", "SX-19")
def test_every_instant_draw_is_computed_again_and_a_forged_one_is_named(fair: Fair) -> None:
    verified = run(fair, "draws", "verify", "packet")
    assert verified.returncode == 0, verified.stderr
    assert "3 instant draws: their outcomes computed again" in verified.stdout
    outcome = fair.get("draws/packet/2")["outcome"]
    other = {"packet-0.30": "packet-5", "packet-5": "packet-0.30"}[outcome]
    tamper(fair, REPLACE, outcome, other, "pool/fair/packet", "prize-drawn.v1", 2)
    forged = run(fair, "draws", "verify", "packet", "--campaign", "fair")
    assert forged.returncode == 1
    assert f"draw 2: the outcome should be {outcome}, not {other}" in forged.stderr
    assert "The first differing draw is 2." in forged.stderr


def test_a_pool_without_a_draw_has_nothing_that_differs(fair: Fair) -> None:
    verified = run(fair, "draws", "verify", "grand")
    assert verified.returncode == 0, verified.stderr
    assert "3 tickets" in verified.stdout
    assert "nothing has been drawn yet; the tickets so far hold" in verified.stdout
    assert "there is nothing to check" in run(fair, "draws", "verify", "daily").stdout


def test_what_there_is_not_cannot_be_tried(fair: Fair) -> None:
    other = fair.service.publish(FAIR.replace('id = "fair"', 'id = "other"'))
    other.raise_for_status()
    for command in ("verify", "report"):
        assert run(fair, "draws", command, "nothing").returncode == 2
        assert run(fair, "draws", command, "packet", "--campaign", "nowhere").returncode == 2
        several = run(fair, "draws", command, "packet")
        assert (several.returncode, "say which with --campaign" in several.stderr) == (2, True)
    assert run(fair, "boards", "verify", "none", "--campaign", "fair").returncode == 2
    assert run(fair, "boards", "verify", "walkers", "--campaign", "nowhere").returncode == 2


IN_LOG = """
    UPDATE stored_events SET state = regexp_replace(convert_from(state, 'UTF8'), %s, %s)::bytea
    WHERE originator_id = %s AND topic = %s
"""
ONE_PRIZE = """
    UPDATE stored_events SET state = replace(convert_from(state, 'UTF8'), %s, %s)::bytea
    WHERE originator_id = %s AND topic = 'prize-won.v1' AND convert_from(state, 'UTF8') LIKE '%%"pool":"grand"%%'
"""
MOVE = """
    UPDATE stored_events SET originator_id = 'p-9@fair' WHERE originator_id = %s AND topic = %s
"""
UNLIKE = "the pool and the participant's own stream do not say the same of it"


def forged(fair: Fair, pool: str, statement: str, *parameters: object) -> str:
    """What verify says of a pool while the log is tampered with; the audit has to find something too."""
    options = f"-csearch_path={fair.service.database.schema}"
    with psycopg.connect(fair.service.database.url, options=options) as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM stored_events")
    tamper(fair, statement, *parameters)
    verified, audited = run(fair, "draws", "verify", pool), run(fair, "audit", "balance")
    with psycopg.connect(fair.service.database.url, options=options) as connection:
        # What the scheduler has written meanwhile stays.
        connection.execute(
            "DELETE FROM stored_events USING kept WHERE stored_events.notification_id = kept.notification_id"
        )
        connection.execute("INSERT INTO stored_events SELECT * FROM kept")
        connection.execute("DROP TABLE kept")
    assert (verified.returncode, audited.returncode) == (1, 1), verified.stdout + audited.stdout
    assert "not say the same" in audited.stdout + audited.stderr, audited.stdout
    return verified.stderr


@pytest.mark.rule("SX-19", "GX-06")
def test_a_draw_has_to_stand_in_the_participants_own_stream_too(fair: Fair) -> None:
    pool, own = ("pool/fair/packet", "prize-drawn.v1"), ("p-2@fair", "draw-made.v1")
    said = [
        forged(fair, "packet", REPLACE, '"p-2"', '"p-9"', *pool, 2),
        forged(fair, "packet", REPLACE, '"amount":', '"amount":7', *pool, 2),
        forged(fair, "packet", IN_LOG, '"outcome":"[^"]*"', '"outcome":"x"', *own),
        forged(fair, "packet", IN_LOG, '"amount":(\\d+),"unit"', '"amount":7\\1,"unit"', *own),
        forged(fair, "packet", IN_LOG, '"prize":"[^"]*"', '"prize":"packet.77"', *own),
        forged(fair, "packet", MOVE, *own),
    ]
    for each in said:
        assert f"draw 2: {UNLIKE}" in each
    assert f"ticket 2: {UNLIKE}" in forged(fair, "grand", MOVE, "p-2@fair", "draw-entered.v1")
    assert run(fair, "audit", "balance").returncode == 0


@pytest.mark.rule("SX-24", "GX-06")
def test_prizes_by_rank_are_compared_with_the_frozen_board(fair: Fair) -> None:
    fair.until(lambda: fair.get("pools/medals")["inside"]["awarded"])
    verified = run(fair, "draws", "verify", "medals")
    assert verified.returncode == 0, verified.stderr
    assert "2 prizes by rank: the frozen board walkers computed again" in verified.stdout
    pool, own = ("pool/fair/medals", "places-awarded.v1"), ("p-1@fair", "prize-won.v1")
    swapped = forged(fair, "medals", IN_LOG, '"p-2"', '"p-3"', *pool)
    assert "rank 2: the prizes should be silver for p-2, not silver for p-3" in swapped
    assert f"prize medals.2.1: {UNLIKE}" in swapped
    other = forged(fair, "medals", IN_LOG, '"gold"', '"silver"', *pool)
    assert "rank 1: the prizes should be gold for p-1, not silver for p-1" in other
    for old, new in (('"outcome":"gold"', '"outcome":"silver"'), ("medals.1.1", "medals.7.1")):
        assert f"prize medals.1.1: {UNLIKE}" in forged(fair, "medals", IN_LOG, old, new, *own)
    root = (IN_LOG, '"root":"..', '"root":"zz', "board/fair/walkers", "board-frozen.v1")
    tamper(fair, *root)
    assert "computed again is not the one that was frozen" in run(fair, "draws", "verify", "medals").stderr


ONE_MORE = (
    b'{"occurred_at":"2023-11-02T00:00:00Z","recorded_at":"2023-11-02T00:00:00Z","source":"//x","id":"x",'
    b'"rules":1,"pool":"grand","number":4,"participant":"p-9"}'
)
CHANGES = {
    "another holder": (REPLACE, replaced("pool/fair/grand", "entry-taken.v1", 2, '"p-2"', '"p-9"')),
    "another number": (REPLACE, replaced("pool/fair/grand", "entry-taken.v1", 2, '"number":2', '"number":7')),
    "a ticket less": (
        "DELETE FROM stored_events WHERE originator_id = %s AND topic = %s AND originator_version = %s",
        ("pool/fair/grand", "entry-taken.v1", 2),
    ),
    "a ticket more": (
        (
            "UPDATE stored_events SET originator_id = %s, originator_version = 99, topic = %s, state = %s"
            " WHERE originator_id = 'p-1@fair' AND originator_version = 1"
        ),
        ("pool/fair/grand", "entry-taken.v1", ONE_MORE),
    ),
}


@pytest.mark.rule("SX-22", "JS-10")
def test_a_batch_draw_is_sealed_held_and_computed_again(fair: Fair, tmp_path: Path) -> None:
    at = ("--announced", "a lottery", "--at", "2023-11-05T21:00:00+08:00")
    sealed = run(fair, "draws", "seal", "grand", "--campaign", "fair", *at)
    assert sealed.returncode == 0, sealed.stderr
    assert "3 tickets" in sealed.stdout
    again = run(fair, "draws", "seal", "grand", "--campaign", "fair", *at)
    assert (again.returncode, "draw_already_sealed" in again.stderr) == (1, True)
    early = run(fair, "draws", "run", "grand", "--campaign", "fair", "--text", "1 2 3")
    assert (early.returncode, "beacon_not_in_future" in early.stderr) == (1, True)
    fair.pass_to("2023-11-05T21:00:00")
    held = run(fair, "draws", "run", "grand", "--campaign", "fair", "--text", "1 2 3")
    assert held.returncode == 0, held.stderr
    assert len(re.findall(r"^\d\tphone$", held.stdout, re.MULTILINE)) == 2
    verified = run(fair, "draws", "verify", "grand")
    assert verified.returncode == 0, verified.stderr
    assert "1 sealed draws, 1 of them held" in verified.stdout
    (winner, name), *_ = [
        (each["subject"].split("/")[-1], each["data"]["prize"])
        for each in fair.events("prize-won.v1")
        if each["data"]["pool"] == "grand"
    ]
    stream = winner if winner.endswith("@fair") else f"{winner}@fair"
    for old, new in (('"outcome":"phone"', '"outcome":"tablet"'), (f'"{name}"', '"grand.77"')):
        wrong = forged(fair, "grand", ONE_PRIZE, old, new, stream)
        assert f"prize {name}: {UNLIKE}" in wrong
    status = run(fair, "draws", "status", "grand", "--campaign", "fair")
    assert "held" in status.stdout
    for name, (statement, parameters) in CHANGES.items():
        kept = _kept(fair)
        tamper(fair, statement, *parameters)
        changed = run(fair, "draws", "verify", "grand")
        assert changed.returncode == 1, name
        assert "the tickets in the log are not those that were sealed" in changed.stderr, name
        _restore(fair, kept)
    assert run(fair, "draws", "verify", "grand").returncode == 0


def _kept(fair: Fair) -> list[tuple[object, ...]]:
    with psycopg.connect(fair.service.database.url, options="-csearch_path=jifen") as connection:
        return connection.execute(
            "SELECT * FROM stored_events WHERE originator_id = 'pool/fair/grand'"
        ).fetchall()


def _restore(fair: Fair, kept: list[tuple[object, ...]]) -> None:
    with psycopg.connect(fair.service.database.url, options="-csearch_path=jifen") as connection:
        connection.execute("DELETE FROM stored_events WHERE originator_id = 'pool/fair/grand'")
        for row in kept:
            connection.execute("INSERT INTO stored_events VALUES (%s, %s, %s, %s, %s)", row)


def test_a_round_of_drand_is_read_from_a_file_and_a_wrong_one_is_not_taken(
    fair: Fair, tmp_path: Path
) -> None:
    sealed = run(fair, "draws", "seal", "grand", "--campaign", "fair", "--round", "2500000")
    assert sealed.returncode == 0, sealed.stderr
    fair.pass_to("2023-12-01T00:00:00")
    file = tmp_path / "round.json"
    file.write_text('{"round": 2500000, "signature": "' + "ab" * 48 + '"}')
    answer = run(fair, "draws", "run", "grand", "--campaign", "fair", "--file", str(file))
    assert (answer.returncode, "/signature" in answer.stderr) == (1, True)
    file.write_text("{}")
    assert (
        "no round of drand"
        in run(fair, "draws", "run", "grand", "--campaign", "fair", "--file", str(file)).stderr
    )
    nowhere = ("--drand", "http://127.0.0.1:9")
    assert "does not answer" in run(fair, "draws", "run", "grand", "--campaign", "fair", *nowhere).stderr


def test_the_fairness_report_of_fair_draws_gives_no_reason_to_look(fair: Fair) -> None:
    for pool in ("packet", "grand"):
        report = run(fair, "draws", "report", pool, "--seeds", "20000")
        assert report.returncode == 0, report.stdout + report.stderr
        assert re.search(r"p = 0\.\d{4} ✓|p = 1\.0000 ✓", report.stdout)


@pytest.mark.rule("SX-25")
def test_prizes_are_moved_and_listed_from_the_command_line(fair: Fair) -> None:
    def prizes(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(fair, "prizes", *arguments, "--campaign", "fair")

    fair.until(lambda: fair.get("pools/medals")["inside"]["awarded"])
    address = {"prize": "medals.1.1", "address_ref": "vault/1"}
    fair.said("address_submitted", "p-1", "2023-11-05T12:10:00", **address)
    assert prizes("issue", "medals.1.1", "--ref", "SF-1").returncode == 0
    assert prizes("deliver", "medals.1.1").returncode == 0
    again = prizes("deliver", "medals.1.1")
    assert (again.returncode, "prize_step_not_allowed" in again.stderr) == (1, True)
    assert prizes("lapse", "medals.2.1", "--reason", "never claimed").returncode == 0
    replacing = prizes("replace", "medals.2.1", "--reason", "claimed after all")
    assert "medals.2.1.r" in replacing.stdout
    listed = prizes("list", "medals").stdout
    assert all(each in listed for each in ("medals.1.1", "delivered", "medals.2.1.r"))


@pytest.mark.rule("JS-11")
def test_codes_are_imported_and_reported_from_files(fair: Fair, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("\ufeffcode\r\nC-1\r\nC-2\r\n", encoding="utf-8")
    of = ("--campaign", "fair", "--pool", "cinema", "--prize", "ticket", "--batch", "b")
    assert "Imported 2 codes, numbers 1 to 2" in run(fair, "prizes", "import", str(file), *of).stdout
    known = run(fair, "prizes", "import", str(file), *of)
    assert (known.returncode, "voucher_known" in known.stderr) == (1, True)
    assert "C-1" not in known.stderr
    file.write_text("code\nC-1\n", encoding="utf-8")
    report = run(fair, "prizes", "redeem", str(file), "--campaign", "fair")
    assert (report.returncode, "line 2:" in report.stderr) == (1, True)


@pytest.mark.rule("SX-23")
def test_a_frozen_board_is_shown_frozen_again_and_replayed(fair: Fair) -> None:
    of = ("walkers", "--campaign", "fair")
    shown = run(fair, "boards", "show", *of)
    assert "final" in shown.stdout
    frozen = run(fair, "boards", "freeze", *of)
    assert frozen.returncode == 0, frozen.stderr
    verified = run(fair, "boards", "verify", *of)
    assert verified.returncode == 0, verified.stderr
    tamper(fair, "UPDATE boards SET root = %s WHERE board = 'walkers'", "00" * 32)
    assert run(fair, "boards", "verify", *of).returncode == 1
    assert len(fair.events("board-frozen.v1")) == 1
