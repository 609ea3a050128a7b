"""List every clause of docs/clauses.md with the tests that carry its mark. Exits with 1 when a clause has none.

python tools/clauses.py            every clause with its tests
python tools/clauses.py --missing  only those without one
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| ([A-Z]{2}-[0-9]{2}) \| (.+) \|$", re.MULTILINE)
SHOWN = 4
"""Tests that are listed of a clause; how many more there are is said."""


def clauses() -> dict[str, str]:
    """Clause → what it says in short, in the order of the list."""
    return dict(ROW.findall((ROOT / "docs" / "clauses.md").read_text(encoding="utf-8")))


def marks(source: str) -> Iterator[tuple[str, str]]:
    """(clause, test) for each rule mark of a test file, those of its classes and the file itself included."""
    tree = ast.parse(source)
    of_file = [
        clause for node in tree.body if isinstance(node, ast.Assign) for clause in _clauses(node.value)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for mark in node.decorator_list:
                yield from ((clause, node.name) for clause in _clauses(mark))
            yield from ((clause, node.name) for clause in of_file)


def _clauses(mark: ast.expr) -> Iterator[str]:
    for node in ast.walk(mark):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            yield from (ast.literal_eval(clause) for clause in node.args)


def tests() -> dict[str, list[str]]:
    """Clause → its tests, as ``file::test``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT)
        for clause, test in marks(path.read_text(encoding="utf-8")):
            found[clause].append(f"{name}::{test}")
    return found


def main() -> int:
    """Print the list. Returns the exit code."""
    known, proved = clauses(), tests()
    missing = [clause for clause in known if clause not in proved]
    only_missing = "--missing" in sys.argv[1:]
    for clause in () if only_missing else known:
        of = proved.get(clause, [])
        print(f"{clause}  {known[clause]}")
        for test in of[:SHOWN]:
            print(f"         {test}")
        if len(of) > SHOWN:
            print(f"         and {len(of) - SHOWN} more")
    strays = sorted(set(proved) - set(known))
    for clause in missing:
        print(f"{clause} has no test: {known[clause]}", file=sys.stderr)
    for clause in strays:
        print(f"{clause} is no clause, but {proved[clause][0]} names it", file=sys.stderr)
    if not only_missing:
        print(f"{len(known)} clauses, {len(known) - len(missing)} with tests.")
    return 1 if missing or strays else 0


if __name__ == "__main__":
    sys.exit(main())
