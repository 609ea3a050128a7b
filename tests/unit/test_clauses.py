"""`make clauses`: every clause is listed with its tests, and one without a test is told."""

import subprocess
import sys
from pathlib import Path

from tests.test_tidy import CLAUSES

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "clauses.py"


def run(tool: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the tool answers."""
    return subprocess.run([sys.executable, tool, *arguments], capture_output=True, text=True, check=False)


def copied(to: Path, test: str) -> Path:
    """A house of its own with the list, the tool and one test file."""
    for name in ("tools", "docs", "tests"):
        (to / name).mkdir()
    (to / "tools" / "clauses.py").write_bytes(TOOL.read_bytes())
    (to / "docs" / "clauses.md").write_text("| SX-01 | a hundred days |\n| SX-02 | enrolment |\n", "utf-8")
    (to / "tests" / "test_it.py").write_text(test, "utf-8")
    return to / "tools" / "clauses.py"


def test_every_clause_is_listed_in_order_and_has_its_tests() -> None:
    result = run(TOOL)
    listed = [line.split()[0] for line in result.stdout.splitlines() if line and line[0] != " "]
    assert listed[:-1] == CLAUSES
    assert (result.returncode, result.stderr) == (0, "")
    assert f"{len(CLAUSES)} clauses, {len(CLAUSES)} with tests." in result.stdout


def test_a_clause_without_a_test_is_told_and_fails(tmp_path: Path) -> None:
    result = run(copied(tmp_path, 'import pytest\n\n@pytest.mark.rule("SX-01")\ndef test_days(): ...\n'))
    assert result.returncode == 1
    assert result.stderr == "SX-02 has no test: enrolment\n"
    assert "SX-01  a hundred days\n         tests/test_it.py::test_days\n" in result.stdout


def test_marks_of_a_whole_file_and_of_async_tests_count_and_strays_are_told(tmp_path: Path) -> None:
    test = (
        "import pytest\n\npytestmark = [pytest.mark.rule('SX-01', 'SX-02')]\n\n"
        "@pytest.mark.rule('SX-09')\nasync def test_it(): ...\n\n@pytest.mark.rule('SX-01')\ndef helper(): ...\n"
    )
    result = run(copied(tmp_path, test), "--missing")
    assert result.returncode == 1
    assert result.stderr == "SX-09 is no clause, but tests/test_it.py::test_it names it\n"
    assert result.stdout == ""
