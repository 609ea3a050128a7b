"""Draws, seeds and vouchers in a real database: nothing is drawn twice, no secret is in the log, no seed is lost."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.audit import audit
from ledger.clock import Clock
from ledger.command import Request, request
from ledger.commands import AmendCampaign, ClosePool, CreateTeam, ImportVouchers, JoinTeam, RequestDraw
from ledger.drawing import commitment, pick
from ledger.events import DrawMade, PoolOpened, PrizeDrawn, SeedRevealed, TeamGoalMet, VouchersImported
from ledger.ledger import Ledger
from ledger.outcomes import Outcome
from ledger.rulebook_file import digest
from ledger.settings import SettingsError
from ledger.vault import SEED, VOUCHER, Vault, check_key
from tests.conftest import Database
from tests.store import playing as sx
from tests.store.drawing import MORNING, POOL, ask, draw, log_of, publish, ready, small_text, wins
from tests.store.vaults import VAULT

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    """An open ledger whose clock follows the events."""
    with Ledger(database.url, database.schema, VAULT).start() as ledger:
        ledger.set_clock(Clock.following_events())
        yield ledger


def submit(ledger: Ledger, *requests: Request) -> list[Outcome]:
    return ledger.writer.submit_now(requests)


def assert_sound(database: Database) -> None:
    report = audit(database.url, database.schema)
    assert report.sound, report.faults


def sealed_rows(database: Database, kind: str) -> dict[tuple[str, int], bytes]:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        rows = connection.execute("SELECT stream, number, sealed FROM secrets WHERE kind = %s", (kind,))
        return {(stream, number): bytes(sealed) for stream, number, sealed in rows}


def operator(command: ClosePool | ImportVouchers, id: str, *codes: str) -> Request:
    sealed = tuple(VAULT.seal(code.encode(), "voucher") for code in codes)
    return request(command, source="//desk", id=id, campaign="js-2023", actor="finance", beside=sealed)


def delivery(*codes: str, batch: str = "b-1") -> ImportVouchers:
    prints = tuple(VAULT.fingerprint(code) if code else "" for code in codes)
    return ImportVouchers(pool="movie-voucher", prize="movie-voucher", batch=batch, fingerprints=prints)


def drawing(database: Database, people: tuple[int, int], size: int) -> subprocess.Popen[str]:
    """A process in which these people draw, so many in a group."""
    command = [sys.executable, "-m", "tests.store.stampede", database.url, database.schema]
    return subprocess.Popen(
        [*command, *map(str, people), str(size)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.rule("SX-14", "GX-01", "GX-06")
def test_one_request_has_its_events_in_many_streams_at_positions_that_follow_each_other(
    database: Database,
) -> None:
    with sx.Playing(database) as playing:
        people = [f"p-{n}" for n in range(1, 7)]
        playing.enrol(*people)
        playing.submit(sx.said(CreateTeam(team="t-1", name="队"), "p-1"))
        playing.submit(*(sx.said(JoinTeam(team="t-1"), who) for who in people[1:]))
        playing.submit(*(sx.sync(who, 6_000) for who in people[:5]))
        last = sx.sync("p-6", 6_000, id="the-last")
        first, again = playing.submit(last)[0], playing.submit(last)[0]
    assert [event.position for event in first.events] == list(range(first.position, first.position + 8))
    assert [event.stream for event in first.events] == [
        "p-6@sx-2019",
        "team/sx-2019/t-1",
        *(f"{who}@sx-2019" for who in people),
    ]
    assert [(leg.account, leg.amount, leg.balance_after) for leg in first.postings] == [
        ("points:sx-2019:p-6", 3, 3),
        ("points:sx-2019:p-6", 1, 4),
        ("points:sx-2019:p-6", 2, 6),
    ], "what others got is not told to whoever walked"
    assert again.repeat
    assert (again.events, again.postings, again.position) == (first.events, first.postings, first.position)
    logged = [(position, stream) for position, stream, _ in log_of(database)][first.position - 1 :]
    assert logged == [(event.position, event.stream) for event in first.events]
    assert sum(isinstance(event, TeamGoalMet) for _, _, event in log_of(database)) == 6
    assert_sound(database)


def test_a_campaign_can_be_published_and_played_in_one_group(database: Database, ledger: Ledger) -> None:
    told = submit(ledger, publish(small_text(p030=1)), *ready("p-1"), draw("p-1"))
    assert [outcome.status for outcome in told] == ["accepted"] * 5
    assert [type(event) for _, _, event in log_of(database)][-2:] == [DrawMade, PrizeDrawn]
    assert_sound(database)


def test_a_pool_can_be_added_and_drawn_from_in_one_group(database: Database, ledger: Ledger) -> None:
    text = small_text(p030=2)
    pools = text[text.index("[[pools]]") : text.index("# JS-10")]
    added = text + pools.replace('id = "red-packet"\n', 'id = "more"\n')
    enrolled, viewed, signed_in = ready("p-1")
    submit(ledger, publish(text), enrolled, viewed)
    amended, _, _, drawn = submit(
        ledger,
        request(
            AmendCampaign(text=added, digest=digest(added)),
            source="//desk",
            id="a-1",
            campaign="js-2023",
            actor="desk",
        ),
        signed_in,
        draw("p-1"),
        ask(RequestDraw(pool="more"), "p-1", id="d-2"),
    )
    assert [event.stream for event in amended.events] == ["campaign/js-2023", "pool/js-2023/more"]
    assert [event.stream for event in drawn.events] == ["p-1@js-2023", "pool/js-2023/more"]
    assert_sound(database)


@pytest.mark.rule("GX-01", "JS-09")
def test_a_repeated_draw_gets_the_same_outcome_and_costs_no_second_chance(
    database: Database, ledger: Ledger
) -> None:
    submit(ledger, publish(small_text(p030=5)), *ready("p-1"))
    first, twin = submit(ledger, draw("p-1", "d-1"), draw("p-1", "d-1"))
    later = submit(ledger, draw("p-1", "d-1"))[0]
    assert [first.repeat, twin.repeat, later.repeat] == [False, True, True]
    assert first.events == twin.events == later.events
    assert [leg.account for leg in first.postings] == ["money:js-2023:p-1"] * 2
    assert submit(ledger, draw("p-1", "d-2"))[0].code == "chance_used"
    assert len(wins(database)) == 1


@pytest.mark.rule("JS-09", "GX-02")
def test_two_processes_at_one_pool_take_exactly_its_stock(database: Database, ledger: Ledger) -> None:
    people = 600
    submit(ledger, publish(small_text(p030=250, p050=150)))
    submit(ledger, *(one for n in range(people) for one in ready(f"p-{n}")))
    halves = [(0, people // 2), (people // 2, people)]
    processes = [drawing(database, half, size=20) for half in halves]
    answers = [
        line.split() for process in processes for line in process.communicate(timeout=120)[0].splitlines()
    ]
    assert [process.returncode for process in processes] == [0, 0]
    fresh = [said for status, repeat, said in answers if repeat == "False"]
    assert len(answers) == 2 * people
    assert sorted(said for _, repeat, said in answers if repeat == "True") == sorted(fresh)
    assert Counter(fresh)["pool_empty"] == people - 400
    assert sorted(int(said) for said in fresh if said != "pool_empty") == list(range(1, 401))
    assert Counter(event.outcome for event in wins(database)) == {
        "red-packet-0.30": 250,
        "red-packet-0.50": 150,
    }
    assert_sound(database)


@pytest.mark.rule("GX-01", "GX-02", "JS-09")
def test_a_killed_process_has_drawn_what_it_answered_and_the_next_goes_on(
    database: Database, ledger: Ledger
) -> None:
    submit(ledger, publish(small_text(p030=120)))
    submit(ledger, *(one for n in range(200) for one in ready(f"p-{n}")))
    with drawing(database, (0, 200), size=2) as process:
        assert process.stdout is not None
        answered = [process.stdout.readline() for _ in range(100)]
        process.kill()
        answered += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    again = drawing(database, (0, 200), size=2).communicate(timeout=120)[0].splitlines()
    assert len(again) == 400
    said = [line.split()[2] for line in answered]
    assert said == [line.split()[2] for line in again[: len(said)]], "the first answer stands"
    assert [event.number for event in wins(database)] == list(range(1, 121))
    assert_sound(database)


@pytest.mark.rule("SX-19")
def test_every_ledger_of_a_database_draws_with_the_one_seed_that_was_committed_to(
    database: Database, ledger: Ledger
) -> None:
    submit(ledger, publish(small_text(p030=40, p050=40)))
    people = [f"p-{n}" for n in range(30)]
    submit(ledger, *(one for who in people for one in ready(who)))
    for turn in range(3):
        with Ledger(database.url, database.schema, VAULT).start() as other:
            for n in range(turn * 10, turn * 10 + 10):
                outcome = submit((ledger, other)[n % 2], draw(f"p-{n}"))[0]
                assert outcome.status == "accepted"
    seed = VAULT.open(sealed_rows(database, SEED)[POOL, 0], f"{SEED} {POOL}")
    opened = next(event for _, _, event in log_of(database) if isinstance(event, PoolOpened))
    assert commitment(seed) == opened.commitment
    left = {"red-packet-0.30": 40, "red-packet-0.50": 40}
    drawn = wins(database)
    assert [made.number for made in drawn] == list(range(1, 31))
    for made in drawn:
        assert made.outcome == pick(seed, POOL, made.number, made.source, made.id, [*left.items()])
        left[made.outcome] -= 1
    close = operator(ClosePool(pool="red-packet"), "close")
    ledger.set_clock(Clock(MORNING.replace(day=11)))
    assert submit(ledger, close)[0].status == "accepted"
    revealed = [event for _, _, event in log_of(database) if isinstance(event, SeedRevealed)]
    assert [event.seed for event in revealed] == [seed.hex()]
    assert_sound(database)


@pytest.mark.rule("SX-19")
def test_a_ledger_opened_with_another_master_key_is_refused_and_says_why(
    database: Database, ledger: Ledger
) -> None:
    check_key(VAULT, database.url, database.schema)
    check_key(VAULT, database.url, database.schema)
    with pytest.raises(SettingsError, match="JIFEN_MASTER_KEY"):
        check_key(Vault(bytes(32)), database.url, database.schema)


@pytest.mark.rule("SX-19", "JS-11")
def test_no_secret_is_in_the_log_nor_in_the_kept_states(database: Database, ledger: Ledger) -> None:
    submit(
        ledger, publish(small_text(p030=5)), operator(delivery("PHSC-1", "PHSC-2"), "v-1", "PHSC-1", "PHSC-2")
    )
    submit(ledger, *ready("p-1"), draw("p-1"))
    seed = VAULT.open(sealed_rows(database, SEED)[POOL, 0], f"{SEED} {POOL}")
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        kept = b"\n".join(
            bytes(row[0])
            for table in ("stored_events", "aggregate_snapshots")
            for row in connection.execute(f"SELECT state FROM {table}")
        )
    for secret in (seed, seed.hex().encode(), b"PHSC-", VAULT.fingerprint("PHSC-1").encode()):
        assert secret not in kept
    assert commitment(seed).encode() in kept


@pytest.mark.rule("JS-11")
def test_codes_come_in_all_or_none_and_each_once(database: Database, ledger: Ledger) -> None:
    submit(ledger, publish(small_text(p030=1)))
    one, same_group, empty, twice = submit(
        ledger,
        operator(delivery("A", "B"), "v-1", "A", "B"),
        operator(delivery("C", "B", batch="b-2"), "v-2", "C", "B"),
        operator(delivery("C", "", batch="b-3"), "v-3", "C", ""),
        operator(delivery("C", "C", batch="b-4"), "v-4", "C", "C"),
    )
    assert one.status == "accepted"
    assert [each.code for each in (same_group, empty, twice)] == [
        "voucher_known",
        "voucher_line_empty",
        "voucher_twice",
    ]
    later, rest = submit(
        ledger,
        operator(delivery("B", "D", batch="b-5"), "v-5", "B", "D"),
        operator(delivery("C", "D", batch="b-6"), "v-6", "C", "D"),
    )
    assert (later.code, rest.status) == ("voucher_known", "accepted")
    kept = sealed_rows(database, f"{VOUCHER} movie-voucher")
    opened = {number: VAULT.open(sealed, "voucher") for (_, number), sealed in kept.items()}
    assert opened == {1: b"A", 2: b"B", 3: b"C", 4: b"D"}
    imported = [event for _, _, event in log_of(database) if isinstance(event, VouchersImported)]
    assert [(event.first, event.count) for event in imported] == [(1, 2), (3, 2)]


@pytest.mark.rule("GX-01", "JS-11")
def test_a_delivery_that_is_sent_again_is_a_repeat_however_it_was_sealed(
    database: Database, ledger: Ledger
) -> None:
    submit(ledger, publish(small_text(p030=1)))
    first = submit(ledger, operator(delivery("A"), "v-1", "A"))[0]
    again = submit(ledger, operator(delivery("A"), "v-1", "A"))[0]
    assert (again.status, again.repeat, again.position) == ("accepted", True, first.position)
    assert len(sealed_rows(database, f"{VOUCHER} movie-voucher")) == 1


def test_everything_of_a_draw_survives_a_ledger_that_is_opened_anew(database: Database) -> None:
    with Ledger(database.url, database.schema, VAULT).start() as ledger:
        ledger.set_clock(Clock.following_events())
        submit(ledger, publish(small_text(p030=2)))
        submit(ledger, *(one for n in (1, 2, 3) for one in ready(f"p-{n}")))
        submit(ledger, draw("p-1", "d-1"))
    with Ledger(database.url, database.schema, VAULT).start() as ledger:
        assert submit(ledger, draw("p-1", "d-1"))[0].repeat
        assert submit(ledger, draw("p-1", "d-2"))[0].code == "chance_used"
        codes = [outcome.code for outcome in submit(ledger, draw("p-2"), draw("p-3"))]
    assert codes == ["", "pool_empty"]
    assert [made.number for made in wins(database)] == [1, 2]
    assert_sound(database)


def test_who_is_not_known_yet_can_enrol_and_draw_in_the_group_of_others(
    database: Database, ledger: Ledger
) -> None:
    submit(ledger, publish(small_text(p030=50)))
    told = submit(ledger, *(one for n in range(20) for one in (*ready(f"p-{n}"), draw(f"p-{n}"))))
    assert Counter(outcome.status for outcome in told) == {"accepted": 80}
    assert submit(ledger, draw("p-99"))[0].code == "not_enrolled"
    assert_sound(database)
