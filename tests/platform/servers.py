"""What the tests of the embedded server ask of it, and other processes that use it."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from ledger.postgres import start
server = start(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""


@contextlib.contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that shares in the server of a home until its input is closed."""
    command = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(url: str, query: str) -> object:
    """The one value that a query answers."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def do(url: str, statement: str) -> None:
    """Run a statement; durable on return."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def answers(url: str) -> bool:
    """Whether anybody is there."""
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def postmaster(base: Path) -> int:
    """The number of the server's process."""
    return int((base / "data" / "postmaster.pid").read_text().split()[0])
