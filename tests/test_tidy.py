"""The house stays in order: imports go one way, the core stays pure, files stay small, every clause has its test."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("ledger", "projections", "api", "migrations")
MAY_IMPORT = {
    "ledger": {"ledger", "migrations"},
    "projections": {"ledger", "projections", "migrations"},
    "migrations": {"migrations", "ledger"},
    "api": {"ledger", "projections", "api", "migrations"},
}
"""A room imports itself and what is under it; nobody but tests imports tests, tools or benchmarks."""

PURE = (
    "activation", "activities", "activity_commands", "activity_events", "area", "audit_funds", "audit_pools",
    "badges", "board", "boards", "branch", "branch_commands", "branch_events", "branch_refusals", "branches",
    "campaign", "changed", "command", "commands", "contests", "context", "corrections", "decide", "decision",
    "details", "doings", "drawing", "draws", "eligibility", "enrolling", "enrolment", "event", "events",
    "fairness", "fold", "fund", "fund_commands", "fund_events", "fund_refusals", "funds", "identity",
    "join_events", "joined", "joining", "linking", "loading", "lots", "member", "member_commands",
    "member_events", "member_refusals", "membership", "merkle", "movement", "office", "opening", "past",
    "personal", "points", "pool", "posting", "prize_events", "prizes", "quizzes", "refusal", "refusals",
    "reviewing", "rewards", "route", "rulebook", "rulebook_base", "rulebook_campaigns", "rulebook_checks",
    "rulebook_file", "rulebook_findings", "rulebook_lookups", "rulebook_offer_words", "rulebook_offers",
    "rulebook_phrases",
    "rulebook_prize_words", "rulebook_prizes", "rulebook_programme_checks", "rulebook_programme_words",
    "rulebook_programmes", "rulebook_shape", "rulebook_words", "serving", "shop", "shop_commands",
    "shop_events", "steps", "streams", "tally", "team", "team_events", "teams", "toml_lines", "wallet",
    "workdays",
)  # fmt: skip
"""Files of ledger that do no I/O, read no clock and draw no random number."""

MAY_BE_PURE = {
    "bisect", "collections", "contextlib", "datetime", "difflib", "enum", "fractions", "functools", "hashlib", "hmac",
    "importlib", "itertools", "math", "msgspec", "operator", "re", "string", "tomllib", "types", "typing",
    "unicodedata", "zoneinfo",
}  # fmt: skip
"""Modules that pure files may import besides each other. importlib: for constant data that lies in the package."""

LAST_CLAUSES = {"SX": 28, "JS": 13, "EC": 14, "ZG": 10, "SJ": 9, "GX": 8}
CLAUSES = [f"{of}-{number:02}" for of, last in LAST_CLAUSES.items() for number in range(1, last + 1)]
"""All clauses of the programmes; each has a test with its mark."""

PLACES = re.compile(r"/(?:work|root|home|tmp|Users|mnt)/[A-Za-z0-9_.-]+")
REGISTRIES = re.compile(
    r"(?:pypi|registry|artifactory|nexus|mirrors?|packages|devpi|goproxy)[A-Za-z0-9-]*"
    r"\.(?!org\b)[a-z0-9-]+\.[a-z]{2,}",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
WRITTEN = {".py", ".md", ".toml", ".sql", ".yaml", ".yml", ".html", ".css", ".js", ".sh", ".cfg", ".ini", ""}


@cache
def tracked() -> list[Path]:
    """Files that are, or are about to be, in version control; without git, all that lie here but are not made."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        made = {".venv", ".jifen", ".git", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache"}
        paths = [p for p in ROOT.rglob("*") if not made & set(p.relative_to(ROOT).parts)]
    return sorted(path for path in paths if path.is_file())


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Name and text of each tracked file with one of these suffixes."""
    for path in tracked():
        if path.suffix in suffixes:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def imports(source: str) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module or ""}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    ours = {*ROOMS, "tests", "tools"}
    for name, source in texts(".py"):
        if name.startswith(f"{room}/"):
            assert {module.partition(".")[0] for module in imports(source)} & ours <= MAY_IMPORT[room], name


@pytest.mark.parametrize("name", PURE)
def test_the_core_is_pure(name: str) -> None:
    source = (ROOT / "ledger" / f"{name}.py").read_text(encoding="utf-8")
    pure = {f"ledger.{each}" for each in PURE} | MAY_BE_PURE
    for module in imports(source):
        head = ".".join(module.split(".")[:2]) if module.startswith("ledger.") else module.partition(".")[0]
        assert head in pure | {"ledger"}, module
    nodes = list(ast.walk(ast.parse(source)))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert not called & {"open", "input", "print", "exec", "eval", "__import__"}
    assert not [call for call in called if call.rpartition(".")[2] in {"now", "utcnow", "today"}]


def test_every_file_of_the_ledger_is_pure_or_known_not_to_be() -> None:
    impure = {
        *("__init__", "application", "audit", "beacon", "clock", "codec", "grouping", "keeping", "keys"),
        *("ledger", "outcomes", "postgres", "settings", "states", "store", "vault", "writer"),
    }
    files = {path.stem for path in (ROOT / "ledger").glob("*.py")}
    assert set(PURE) <= files
    assert files <= impure | set(PURE)


@pytest.mark.parametrize("suffix", [".py", ".sql", ".js", ".css", ".html"])
def test_no_file_has_more_than_500_lines(suffix: str) -> None:
    long = {name: count for name, source in texts(suffix) if (count := source.count("\n")) > 500}
    long.pop("migrations/schema.sql", None)  # made by a tool: all migrations at once
    assert not long, "a file over 500 lines is two files that have not met yet"


def marks() -> Iterator[tuple[str, str, str]]:
    """(clause, file, test) for each rule mark on a test."""
    for name, source in texts(".py"):
        if not name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                        yield from ((ast.literal_eval(clause), name, node.name) for clause in mark.args)


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_promised_clause_has_a_test(clause: str) -> None:
    assert any(marked == clause for marked, _, _ in marks())


def test_every_mark_names_a_clause() -> None:
    for clause, name, test in marks():
        assert re.fullmatch(r"(SX|JS|EC|ZG|SJ|GX)-\d\d", clause), f"{name}::{test}"


def test_nothing_names_a_place_on_somebodys_machine() -> None:
    for name, source in texts(*WRITTEN, ".csv", ".lock"):
        assert not PLACES.findall(source), name


def test_nothing_names_a_private_package_registry() -> None:
    for name, source in texts(*WRITTEN, ".lock"):
        assert not REGISTRIES.findall(source), name
        assert "--index-url" not in source or name == "tests/test_tidy.py", name


def test_nothing_is_left_unfinished() -> None:
    for name, source in texts(*WRITTEN):
        assert not UNFINISHED.findall(source), name


def test_no_file_is_empty_or_not_text() -> None:
    for path in tracked():
        if path.suffix in WRITTEN and path.name != "__init__.py":
            assert path.read_text(encoding="utf-8").strip(), path
