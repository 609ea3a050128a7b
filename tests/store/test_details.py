"""Personal fields in a real database: with the event or not at all, under the lock, and gone with the person."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from api.persons import keeping
from api.session_keys import keep_session_key
from ledger.audit import audit
from ledger.branch_commands import BranchEntry, RegisterBranches
from ledger.clock import Clock
from ledger.command import Request, request
from ledger.ledger import Ledger
from ledger.member_commands import EnterRoster, ErasePerson, MergeMembers, RosterEntry, ViewDetails
from ledger.outcomes import Outcome
from ledger.store import LedgerDatastore
from ledger.streams import identity_stream
from ledger.vault import Kept
from ledger.writer import Writer
from tests.conftest import Database
from tests.people import person
from tests.store.test_writer import Cut
from tests.store.vaults import VAULT

WANG, LI = person(0), person(1)


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    """An open ledger whose clock follows the events."""
    with Ledger(database.url, database.schema, VAULT).start() as ledger:
        ledger.set_clock(Clock.following_events())
        yield ledger


def keep(id: str, who: str = "p-1", removed: tuple[str, ...] = (), **told: str) -> Request:
    return keeping(VAULT, told, removed, participant=who, source="//desk", id=id, actor="li.wei")


def erase(id: str, who: str = "p-1") -> Request:
    return request(
        ErasePerson(reason="asked for it"),
        source="//desk",
        id=id,
        campaign="",
        participant=who,
        actor="li.wei",
    )


def submit(ledger: Ledger, *requests: Request) -> list[Outcome]:
    return ledger.writer.submit_now(requests)


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        return connection.execute(query.encode()).fetchall()


def kept(database: Database) -> dict[str, dict[str, str]]:
    """What the vault keeps, opened: of whom → the fields."""
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        found = connection.execute("SELECT person, wrapped_key, fields FROM personal")
        return {who: VAULT.kept(who, Kept(bytes(key), bytes(fields))) for who, key, fields in found}


def codes(outcomes: list[Outcome]) -> list[str]:
    return [outcome.code or outcome.status for outcome in outcomes]


def assert_sound(database: Database) -> None:
    report = audit(database.url, database.schema)
    assert report.sound, report.faults


@pytest.mark.rule("SX-02", "SJ-01")
def test_fields_are_put_together_under_the_lock_whoever_told_them(ledger: Ledger, database: Database) -> None:
    submit(ledger, keep("1", name=WANG.name, email="old@example.org"), keep("2", phone="+8613900000000"))
    submit(ledger, keep("3", removed=("email",), region="西安市"))
    assert kept(database) == {
        "member/p-1": {"name": WANG.name, "phone": "+8613900000000", "region": "西安市"}
    }
    assert_sound(database)


@pytest.mark.rule("SJ-06")
def test_of_two_who_tell_a_name_at_once_the_first_stands(ledger: Ledger, database: Database) -> None:
    begin = threading.Barrier(8)
    found: list[str] = []

    def tell(n: int) -> None:
        asked = keep(f"n-{n}", name=person(n).name)
        begin.wait()
        found.extend(codes(submit(ledger, asked)))

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["accepted"] + ["field_fixed"] * 7
    assert len(kept(database)["member/p-1"]["name"]) == 3
    assert codes(submit(ledger, keep("again", removed=("name",)))) == ["field_fixed"]


@pytest.mark.rule("SJ-06")
def test_in_one_group_too_the_first_stands_and_the_same_again_is_no_change(
    ledger: Ledger, database: Database
) -> None:
    told = submit(ledger, keep("1", name=WANG.name), keep("2", name=LI.name), keep("3", name=WANG.name))
    assert codes(told) == ["accepted", "field_fixed", "accepted"]
    assert kept(database) == {"member/p-1": {"name": WANG.name}}


@pytest.mark.rule("GX-01")
def test_another_value_under_the_same_id_is_a_conflict(ledger: Ledger, database: Database) -> None:
    told = submit(ledger, keep("1", region="西安市"), keep("1", region="西安市"), keep("1", region="咸阳市"))
    assert codes(told) == ["accepted", "accepted", "event_id_reused"]
    assert [outcome.repeat for outcome in told] == [False, True, False]
    assert kept(database) == {"member/p-1": {"region": "西安市"}}


@pytest.mark.parametrize(
    "point", ["before the lock", "under the lock", "before the commit", "after the commit"]
)
@pytest.mark.rule("GX-07")
def test_an_erasure_that_is_cut_at_any_point_is_whole_when_it_is_answered(
    point: str, ledger: Ledger, database: Database
) -> None:
    submit(ledger, keep("1", name=WANG.name), keep("2", who="p-2", name=LI.name))
    recorder = Cut(LedgerDatastore(database.url, database.schema))
    writer = Writer(recorder, VAULT)
    writer.start()
    try:
        recorder.point = point
        (outcome,) = writer.submit_now([erase("e")])
    finally:
        writer.stop()
        recorder.datastore.close()
    assert outcome.status == "accepted"
    assert list(kept(database)) == ["member/p-2"]
    assert rows(database, "SELECT count(*) FROM stored_events WHERE topic = 'person-erased.v1'") == [(1,)]
    assert_sound(database)


@pytest.mark.rule("GX-07", "EC-12", "ZG-01")
def test_everything_of_a_person_goes_at_once(ledger: Ledger, database: Database) -> None:
    submit(ledger, *_roster(WANG, LI))
    submit(ledger, keep("1", name=WANG.name, id_number=WANG.id_number), keep("2", who="wx-1", email="a@b.cn"))
    merge = MergeMembers(other="wx-1", reason="the same person")
    submit(ledger, request(merge, source="//desk", id="m", campaign="", participant="p-1", actor="li.wei"))
    assert keep_session_key(ledger, "wx-1", bytes(16))
    wang, li = (identity_stream(VAULT.identity("id_number", each.id_number)) for each in (WANG, LI))
    assert set(kept(database)) == {"member/p-1", "member/wx-1", wang, li}
    assert codes(submit(ledger, erase("e", "wx-1"))) == ["accepted"]
    assert set(kept(database)) == {li}
    assert rows(database, "SELECT count(*) FROM secrets WHERE kind = 'session-key'") == [(0,)]
    assert not keep_session_key(ledger, "wx-1", bytes(16))
    assert not keep_session_key(ledger, "p-1", bytes(16))
    view = ViewDetails(fields=("name",), reason="wants to know")
    again = [
        request(view, source="//desk", id="v", campaign="", participant="wx-1", actor="li.wei"),
        keep("3", who="wx-1", region="西安市"),
        erase("e-2"),
    ]
    assert codes(submit(ledger, *again)) == ["person_erased"] * 3
    assert_sound(database)


@pytest.mark.rule("GX-07", "ZG-01")
def test_a_roster_does_not_bring_back_who_was_erased(ledger: Ledger, database: Database) -> None:
    enter, li = _roster(WANG)[1], identity_stream(VAULT.identity("id_number", LI.id_number))
    submit(ledger, _roster()[0], enter)
    digest = VAULT.identity("id_number", WANG.id_number)
    erased = ErasePerson(reason="asked for it", identity=digest)
    submit(ledger, request(erased, source="//desk", id="e", campaign="", actor="li.wei"))
    assert kept(database) == {}
    assert codes(submit(ledger, _roster(WANG, LI, batch="next year")[1])) == ["accepted"]
    assert set(kept(database)) == {li}


@pytest.mark.rule("ZG-01")
def test_a_roster_that_is_refused_leaves_nothing_in_the_vault(ledger: Ledger, database: Database) -> None:
    assert codes(submit(ledger, _roster(WANG)[1])) == ["branch_not_in_tree"]
    assert kept(database) == {}


@pytest.mark.rule("ZG-01")
def test_a_newer_roster_renews_what_is_kept(ledger: Ledger, database: Database) -> None:
    submit(ledger, *_roster(WANG))
    moved = WANG._replace(name=WANG.name + "华")
    submit(ledger, _roster(moved, batch="next year")[1])
    assert [each["name"] for each in kept(database).values()] == [moved.name]


@pytest.mark.rule("GX-07")
def test_a_session_key_that_is_kept_while_its_person_is_erased_does_not_stay(
    ledger: Ledger, database: Database
) -> None:
    for n in range(10):
        who = f"p-{n}"
        submit(ledger, keep(f"k-{n}", who=who, region="西安市"))
        begin = threading.Barrier(2)

        def log_in(who: str = who, begin: threading.Barrier = begin) -> None:
            begin.wait()
            keep_session_key(ledger, who, bytes(16))

        thread = threading.Thread(target=log_in)
        thread.start()
        begin.wait()
        submit(ledger, erase(f"e-{n}", who))
        thread.join()
    assert rows(database, "SELECT count(*) FROM secrets WHERE kind = 'session-key'") == [(0,)]


def _roster(*people: object, batch: str = "insurance") -> list[Request]:
    """The union tree, and a roster of these people."""
    entries, beside = [], list[bytes]()
    for each in people:
        assert isinstance(each, type(WANG))
        digest = VAULT.identity("id_number", each.id_number)
        entries.append(RosterEntry(identity=digest, branch="zj"))
        beside += VAULT.keep(identity_stream(digest), {"name": each.name})
    tree = RegisterBranches(branches=(BranchEntry(id="zj", name="镇江市总工会", kind="city"),))
    enter = EnterRoster(batch=batch, entries=tuple(entries))
    return [
        request(tree, source="//desk", id="tree", campaign="", actor="li.wei"),
        request(enter, source="//desk", id=batch, campaign="", actor="li.wei", beside=tuple(beside)),
    ]
