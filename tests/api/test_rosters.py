"""Rosters over HTTP and at the command line: every line is told, nothing is entered twice, nothing personal is said."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.cli import roster as cli
from api.cli.roster import read_and_sealed
from api.roster import Remark, UnreadableFile
from api.roster_entering import Sealed
from ledger import keys
from ledger.audit import audit
from ledger.streams import identity_stream
from ledger.vault import Kept
from tests.api.conftest import Service
from tests.conftest import Database
from tests.people import Person, person, roster
from tests.store.vaults import VAULT
from tests.waiting import until

ROOT = Path(__file__).parents[2]
HEADER = "姓名,身份证号,手机号,单位,编号"
TREE = [
    {"id": "js", "name": "江苏省总工会"},
    {"id": "zj", "name": "镇江市总工会", "parent": "js"},
    {"id": "zj-1", "name": "镇江第一机械厂工会", "parent": "zj"},
    {"id": "nj", "name": "南京市总工会", "parent": "js"},
    {"id": "zj-2", "name": "后勤工会", "parent": "zj"},
    {"id": "nj-2", "name": "后勤工会", "parent": "nj"},
]


@pytest.fixture(scope="module")
def service(of_this_file: Service) -> Service:
    """A service whose union tree has some unions."""
    headers = {"Idempotency-Key": "tree"}
    of_this_file.client.post("/v1/branches", json={"branches": TREE}, headers=headers).raise_for_status()
    return of_this_file


def post(
    service: Service, text: str | bytes, id: str, *, batch: str = "b-1", key: str = ""
) -> httpx.Response:
    headers = {"Idempotency-Key": id, "Content-Type": "text/csv"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    content = text.encode() if isinstance(text, str) else text
    return service.client.post("/v1/rosters", params={"batch": batch}, content=content, headers=headers)


def line(who: Person, union: str = "镇江市总工会", reference: str = "") -> str:
    return ",".join((*who, union, reference))


def text(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def told(answer: httpx.Response) -> list[tuple[int, str, bool]]:
    assert answer.status_code == 200, answer.text
    return [(each["line"], each["code"], each["taken"]) for each in answer.json()["lines"]]


def counts(answer: httpx.Response) -> tuple[int, int, int, int]:
    said = answer.json()
    return said["entered"], said["renewed"], said["same"], said["not_taken"]


def listed(database: Database) -> int:
    """How many people the roster has, by the log."""
    query = "SELECT count(DISTINCT originator_id) FROM stored_events WHERE topic = 'roster-entered.v1'"
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        return int(connection.execute(query).fetchall()[0][0])


def kept_of_roster(database: Database, who: Person) -> dict[str, str]:
    """What the vault keeps of somebody on the roster."""
    stream = identity_stream(VAULT.identity("id_number", who.id_number))
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        (row,) = connection.execute(
            "SELECT wrapped_key, fields FROM personal WHERE person = %s", (stream,)
        ).fetchall()
    return VAULT.kept(stream, Kept(bytes(row[0]), bytes(row[1])))


@pytest.mark.rule("ZG-01")
def test_every_line_of_a_roster_is_told(service: Service) -> None:
    bad = person(3)._replace(id_number=person(3).id_number[:-1] + "Y")
    answer = post(
        service,
        text(
            line(person(0)),
            line(person(1), "zj-1", "ZG-1"),
            line(person(2), "没有这个工会"),
            line(bad),
            line(person(4), "后勤工会"),
            line(person(5), "nj-2"),
            line(person(0)),
            line(person(1), "南京市总工会", "ZG-1"),
        ),
        "lines",
    )
    assert told(answer) == [
        (4, "unknown_union", False),
        (5, "bad_id_number", False),
        (6, "ambiguous_union", False),
        (8, "repeated", True),
        (9, "listed_again", True),
    ]
    assert counts(answer) == (3, 1, 1, 3)
    for who in map(person, range(6)):
        assert not [each for each in who if each in answer.text]


@pytest.mark.rule("ZG-01", "GX-01")
def test_the_same_roster_again_is_a_repeat_and_against_the_ledger_nothing_new(service: Service) -> None:
    body = text(*(line(person(n)) for n in range(10, 15)))
    first, again = post(service, body, "again"), post(service, body, "again")
    assert (counts(first), first.json()) == ((5, 0, 0, 0), again.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = post(service, body, "again-2", batch="b-2")
    assert counts(other) == (0, 0, 5, 0)
    assert told(other) == [(n, "known", True) for n in range(2, 7)]
    moved = post(service, text(line(person(10), "nj")), "again-3", batch="b-3")
    assert (counts(moved), told(moved)) == ((0, 1, 0, 0), [(2, "renewed", True)])
    conflict = post(service, text(line(person(10), "zj")), "again-3", batch="b-3")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "event_id_reused")


@pytest.mark.rule("ZG-01")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_encoding_is_found_out(encoding: str, service: Service) -> None:
    first = 20 if encoding == "gb18030" else 30
    answer = post(service, roster(3, first=first).encode(encoding), encoding)
    assert counts(answer) == (3, 0, 0, 0)
    who = person(first)
    kept = {"id_number": who.id_number, "name": who.name, "phone": f"+86{who.phone}"}
    assert kept_of_roster(service.database, who) == kept


@pytest.mark.parametrize(
    ("raw", "says"),
    [(b"", "empty"), ("姓名,单位\n".encode(), "id_number"), (text().encode("utf-16"), "UTF-16")],
)
def test_a_file_that_cannot_be_read_is_malformed(raw: bytes, says: str, service: Service) -> None:
    answer = post(service, raw, says)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert says in answer.json()["detail"]


def test_another_media_type_is_not_taken(service: Service) -> None:
    answer = service.client.post(
        "/v1/rosters", params={"batch": "b"}, json={}, headers={"Idempotency-Key": "json"}
    )
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "text/csv")


@pytest.mark.rule("ZG-09")
def test_an_operator_enters_people_of_its_own_branch_only(service: Service) -> None:
    database = service.database
    _, key = keys.create(database.url, database.schema, "operator", "zj office", branch="zj")
    assert counts(post(service, text(line(person(40), "zj-1")), "own", key=key)) == (1, 0, 0, 0)
    before = listed(database)
    answer = post(service, text(line(person(41), "zj-1"), line(person(42), "nj")), "foreign", key=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_branch")
    assert listed(database) == before


@pytest.mark.rule("ZG-09", "SJ-06")
def test_an_operator_takes_nobody_from_a_roster_of_another_branch(service: Service) -> None:
    database = service.database
    assert counts(post(service, text(line(person(43), "nj", "NJ-43")), "of nj")) == (1, 0, 0, 0)
    kept = kept_of_roster(database, person(43))
    _, key = keys.create(database.url, database.schema, "operator", "zj office", branch="zj")
    denials = "SELECT count(*) FROM stored_events WHERE topic = 'access-denied.v1'"
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        (before,) = connection.execute(denials).fetchall()[0]
        taken = person(43)._replace(name=person(44).name)
        answer = post(service, text(line(taken, "zj-1", "ZJ-43"), line(person(45), "zj-1")), "taken", key=key)
        assert (told(answer), counts(answer)) == ([(2, "outside_branch", False)], (1, 0, 0, 1))
        assert connection.execute(denials).fetchall() == [(before + 1,)]
    assert kept_of_roster(database, person(43)) == kept
    moved = post(service, text(line(person(43), "zj-1")), "by one who may")
    assert counts(moved) == (0, 1, 0, 0)


@pytest.mark.rule("ZG-01")
def test_an_updated_list_under_the_same_name_tells_what_it_changes(service: Service) -> None:
    def enters(union: str, id: str) -> tuple[tuple[int, int, int, int], list[tuple[int, str, bool]]]:
        answer = post(service, text(line(person(46), union)), id, batch="roster.csv")
        return counts(answer), told(answer)

    assert enters("zj", "list 1") == ((1, 0, 0, 0), [])
    assert enters("nj", "list 2") == ((0, 1, 0, 0), [(2, "renewed", True)])
    assert enters("zj", "list 3") == ((0, 1, 0, 0), [(2, "renewed", True)])
    assert enters("zj", "list 4") == ((0, 0, 1, 0), [(2, "known", True)])


def jifen(service: Service, *arguments: str | Path, **how: Any) -> subprocess.Popen[str]:
    """The command line, on the database of a running service."""
    environ = {**os.environ, "JIFEN_DATABASE_URL": service.database.url, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", "import", "roster", *map(str, arguments)],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate()
    return process.returncode, output


def summary(output: str) -> dict[str, int]:
    """How many lines each outcome has in the table that an import prints."""
    rows = [line.replace("│", " ").split() for line in output.splitlines() if line.startswith("│")]
    return {row[0]: int(row[-1]) for row in rows}


@pytest.mark.rule("ZG-01", "GX-01")
def test_an_import_that_is_killed_is_run_again_without_harm(service: Service, tmp_path: Path) -> None:
    people, first = 14_000, 1_000
    file, report = tmp_path / "镇江.csv", tmp_path / "report.csv"
    broken = f"{person(0).name},123,,镇江市总工会,\n"
    file.write_text(roster(people, first=first) + broken + roster(1, first=first).split("\n", 1)[1], "utf-8")
    before = listed(service.database)
    killed = jifen(service, file)
    until(lambda: listed(service.database) >= before + 2_000)
    killed.kill()
    killed.communicate()
    at_the_kill = listed(service.database) - before
    assert at_the_kill % 2_000 == 0, "a chunk is entered whole or not at all"
    status, output = finished(jifen(service, file, "--report", report))
    assert status == 1, output
    assert listed(service.database) == before + people
    told = summary(output)
    assert told["新增"] + told["此前已收"] == people
    assert told["此前已收"] >= at_the_kill
    with report.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["line"], row["code"], row["taken"]) for row in rows] == [
        (str(people + 2), "bad_id_number", "no"),
        (str(people + 3), "repeated", "yes"),
    ]
    who = person(first)
    assert not [each for each in who if each in output + report.read_text("utf-8-sig")]
    again, output = finished(jifen(service, file))
    assert (again, listed(service.database)) == (1, before + people)
    told = summary(output)
    assert (told["新增"], told["此前已收"]) == (0, people)
    found = audit(service.database.url, service.database.schema)
    assert found.sound, found.faults


def test_a_dry_run_reads_and_enters_nobody(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster(5, first=60_000) + "x,1,1,y,\n", "gb18030")
    before = listed(service.database)
    status, output = finished(jifen(service, file, "--dry-run"))
    assert (status, listed(service.database)) == (1, before)
    assert "gb18030" in output
    assert "bad_id_number" in output


def test_a_file_without_its_columns_stops_the_import(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("姓名\n", "utf-8")
    status, output = finished(jifen(service, file))
    assert status == 2
    assert "Stopped" in output


BESIDE = """
import multiprocessing, sys
from pathlib import Path
from api.cli import roster
from tests.store.vaults import VAULT

if __name__ == "__main__":
    roster.SMALL = 0
    chunks = roster.read_and_sealed(VAULT, Path(sys.argv[1]))
    next(chunks)
    print(multiprocessing.active_children()[0].pid, flush=True)
    sys.stdin.read()
"""


def test_a_large_file_is_read_by_a_process_beside_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(roster(4_500) + "x,1,1,y,\n", "utf-8")
    here = list(read_and_sealed(VAULT, file))
    monkeypatch.setattr(cli, "SMALL", 0)
    beside = list(read_and_sealed(VAULT, file))
    assert [[each.line for each in people] for people, _ in beside] == [
        [each.line for each in people] for people, _ in here
    ]
    first, last = beside[0][0][0], beside[-1][0][-1]
    assert isinstance(first, Sealed)
    kept = VAULT.kept(identity_stream(first.identity), Kept(first.wrapped_key, first.fields))
    assert kept["name"] == person(0).name
    assert isinstance(last, Remark)
    assert beside[-1][1] == file.stat().st_size
    file.write_text("姓名\n", "utf-8")
    with pytest.raises(UnreadableFile):
        list(read_and_sealed(VAULT, file))


def test_the_process_beside_does_not_outlive_an_import_that_is_killed(tmp_path: Path) -> None:
    file, script = tmp_path / "roster.csv", tmp_path / "beside.py"
    file.write_text(roster(20_000), "utf-8")
    script.write_text(BESIDE, "utf-8")
    importing = subprocess.Popen(
        [sys.executable, script, file],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert importing.stdout is not None
    beside = int(importing.stdout.readline())
    assert _lives(beside)
    importing.kill()
    importing.communicate()
    until(lambda: not _lives(beside))  # or it still holds the master key in its memory


def _lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked how it ended does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False
