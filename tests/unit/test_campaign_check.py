"""`jifen campaign check`: every fault with its file and line, and exit codes that scripts can use."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import ledger
from api.cli.campaign import campaign
from tests.small_rulebook import SMALL, changed, line_of

SX = Path(ledger.__file__).parent / "rulebooks" / "sx-2019.toml"


def run(*arguments: str | Path) -> Result:
    """What `jifen campaign …` answers."""
    return CliRunner().invoke(campaign, [str(argument) for argument in arguments])


def test_a_sound_file_gives_one_line_and_exit_code_0(tmp_path: Path) -> None:
    file = Path(shutil.copy(SX, tmp_path / "walk.toml"))
    result = run("check", file)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{file}: 与祖国同行 / Walk with the Motherland: "
        "100 days, 6 points rules, 13 checkpoints, 2 badges, 3 pools, 1 board\n"
    )


def test_the_other_shipped_programme_is_sound_too(tmp_path: Path) -> None:
    file = Path(shutil.copy(SX.with_name("js-2023.toml"), tmp_path / "walk.toml"))
    result = run("check", file)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{file}: 全省教职工线上健步走 / Online walk of the education staff: "
        "7 days, 0 points rules, 0 checkpoints, 0 badges, 2 pools, 1 board\n"
    )


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("ec-2018", "2 pools, 3 boards, 100 questions, 2 occasions, 1 fund"),
        ("zg", "3 pools, 0 boards, 6 shop items, 51 questions, 1 fund"),
        ("sj", "1 pool, 0 boards, 31 questions"),
    ],
)
def test_a_standing_programme_is_told_with_what_else_it_holds(name: str, held: str) -> None:
    result = run("check", SX.with_name(f"{name}.toml"))
    assert result.exit_code == 0
    assert result.stdout.endswith(f", {held}\n")


def test_a_faulty_pool_is_told_with_what_it_contradicts(tmp_path: Path) -> None:
    text = changed(("first = 20\n", ""), ("stock = 3", "stock = 2"))
    file = tmp_path / "walk.toml"
    file.write_text(text, "utf-8")
    result = run("check", file)
    assert result.exit_code == 1
    cup, cinema = line_of(text, '"cup"'), line_of(text, 'id = "cinema"') - 1
    assert result.stdout == (
        f"{file}:{cup} pools[1].prizes[0].stock: "
        "A stock of 2 is not enough: 1 place of 3 members each take 3.\n"
        f"{file}:{cinema} pools[2].first: "
        "It is missing; a draw among the first of a board needs to know how many they are.\n"
    )


def test_every_fault_has_a_line_of_its_own_and_exit_code_1(tmp_path: Path) -> None:
    text = changed(("size = 3", "size = 1"), ("amount = 7\n", ""), ("amount = 100, ", ""))
    file = tmp_path / "walk.toml"
    file.write_text(text, "utf-8")
    result = run("check", file)
    assert result.exit_code == 1
    rule = line_of(text, 'id = "signed"') - 1
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()] == [
        f"{file}:{line_of(text, 'size = 1')} teams.size",
        f"{file}:{rule} points[0].amount",
        f"{file}:{line_of(text, 'One yuan')} pools[0].prizes[0].amount",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(b"\xff", ":1: A byte that is not UTF-8"), (b"#" * (1 << 21), ": The file has 2,097,152 bytes")],
)
def test_a_file_that_is_no_text_is_named_as_a_whole(tmp_path: Path, raw: bytes, expected: str) -> None:
    file = tmp_path / "walk.toml"
    file.write_bytes(raw)
    result = run("check", file)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}{expected}")


@pytest.mark.parametrize("command", ["publish", "amend"])
def test_a_faulty_file_is_neither_published_nor_amended(tmp_path: Path, command: str) -> None:
    file = tmp_path / "walk.toml"
    file.write_text(SMALL + "\n[colours]\n", "utf-8")
    result = run(command, file)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}:{SMALL.count(chr(10)) + 2} colours: ")


@pytest.mark.parametrize("moment", ["tomorrow", "2019-08-01T00:00:00", "2019-08-01"])
def test_an_amendment_asks_for_a_moment_with_an_offset(moment: str) -> None:
    result = run("amend", SX, "--effective-at", moment)
    assert result.exit_code == 2
    assert "2019-08-01T00:00:00+08:00" in result.stderr


def test_a_file_that_is_not_there_is_a_mistake_of_the_call() -> None:
    assert run("check", "nowhere.toml").exit_code == 2


@pytest.mark.parametrize("command", ["check", "publish", "amend", "show"])
def test_the_help_of_every_command_has_examples_and_exit_codes(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert "Exit code:" in result.stdout
    assert f"jifen campaign {command}" in result.stdout
