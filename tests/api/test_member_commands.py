"""`jifen members` against a service: what it prints, and its exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.members import members
from tests.api.conftest import Service
from tests.api.test_command_line import jifen
from tests.api.union import Union


@pytest.fixture(scope="module")
def union(of_this_file: Service) -> Union:
    union = Union(of_this_file)
    for who in ("p-1", "p-2", "p-3", "p-4"):
        union.joins(who, "南京市总工会")
    return union


def run(union: Union, *arguments: str) -> Result:
    """A command that knows the running service, run in this process: starting one each takes a second."""
    where = {"JIFEN_URL": union.service.url, "JIFEN_KEY": union.service.key, "COLUMNS": "240"}
    union.service.settle()
    done = CliRunner().invoke(members, arguments, env=where)
    union.position = union.service.head()
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def test_the_commands_are_part_of_the_program(union: Union) -> None:
    where = {"JIFEN_URL": union.service.url, "JIFEN_KEY": union.service.key, "COLUMNS": "240"}
    union.service.settle()
    done = jifen(None, "members", "list", "--first", "2", **where)
    assert (done.returncode, "p-1" in done.stdout, "p-3" in done.stdout) == (0, True, False)


@pytest.mark.rule("SJ-03")
def test_the_queue_is_listed_and_reviewed_from_a_file(union: Union, tmp_path: Path) -> None:
    listed = run(union, "list", "--status", "applied", "--branch", "nanjing-federation")
    assert listed.exit_code == 0, listed.stderr
    assert "p-1" in listed.stdout
    assert "南京市总工会" in listed.stdout
    file = tmp_path / "reviews.csv"
    file.write_text(
        "\ufeffparticipant,decision,reason\np-1,approve,\np-2,refuse,works elsewhere\np-9,approve,\n", "utf-8"
    )
    reviewed = run(union, "review", "--file", str(file), "--idempotency-key", "file-1")
    assert reviewed.exit_code == 1
    assert "Taken: 2 of 3 lines" in reviewed.stdout
    assert "line 4: p-9" in reviewed.stderr
    again = run(union, "review", "--file", str(file), "--idempotency-key", "file-1")
    assert again.stdout == reviewed.stdout
    assert [union.get(f"members/{who}")["status"] for who in ("p-1", "p-2")] == ["reviewed", "ended"]


@pytest.mark.rule("SJ-08")
def test_a_member_is_shown_with_what_became_of_it(union: Union) -> None:
    run(union, "suspend", "p-3", "--reason", "a doubt")
    shown = run(union, "show", "p-3", "--history")
    assert shown.exit_code == 0, shown.stderr
    for said in ("南京市总工会", "待审核", "suspended 停用", "扫码入会", "a doubt", "by bootstrap"):
        assert said in shown.stdout
    assert run(union, "release", "p-3", "--reason", "it was nothing").exit_code == 0
    assert "停用" not in run(union, "show", "p-3").stdout
    assert run(union, "show", "nobody").exit_code == 1


@pytest.mark.rule("SJ-05", "SJ-09", "GX-07")
def test_restricting_merging_and_erasing(union: Union) -> None:
    done = run(union, "restrict", "p-4", "--reason", "brushing", "--until", "2099-12-31")
    assert (done.exit_code, "member-restricted.v1" in done.stdout) == (0, True)
    assert "until" not in run(union, "restrict", "p-4", "--lift", "--reason", "time is over").stderr
    assert run(union, "restrict", "p-4", "--lift", "--reason", "once more").exit_code == 1
    merged = run(union, "merge", "p-3", "p-4", "--reason", "the same phone", "--yes")
    assert (merged.exit_code, "member-joined.v1" in merged.stdout) == (0, True)
    assert "p-4" in run(union, "show", "p-3").stdout
    erased = run(union, "erase", "p-3", "--reason", "asked for it", "--yes")
    assert erased.exit_code == 0, erased.stderr
    assert "已删除" in run(union, "show", "p-4").stdout
    assert run(union, "erase", "p-3", "--reason", "asked again", "--yes").exit_code == 1


def test_wrong_options_and_files_end_with_2(union: Union, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    for text in ("who,what\n", "participant,decision\np-1,perhaps\n"):
        file.write_text(text, "utf-8")
        assert run(union, "review", "--file", str(file)).exit_code == 2
    assert run(union, "review").exit_code == 2
    assert run(union, "review", "p-1").exit_code == 2
    assert run(union, "review", "p-1", "--approve", "--file", str(file)).exit_code == 2
    assert run(union, "merge", "p-1", "p-2", "--reason", "nobody says yes").exit_code == 1
    for command in ("list", "show", "review", "restrict", "suspend", "release", "merge", "erase"):
        assert "Examples:" in run(union, command, "--help").stdout
