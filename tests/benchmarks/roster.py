"""A million people through the importer of `jifen import roster`, against PostgreSQL's COPY of the same CSV."""

import io
import random
import resource
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg

import migrations
from api.cli.roster import enter
from api.roster_entering import Entering
from ledger.branch_commands import BranchEntry, RegisterBranches
from ledger.command import request
from ledger.ledger import Ledger
from ledger.personal import check_digit
from tests.benchmarks import service
from tests.benchmarks.report import Report
from tests.store.vaults import VAULT

PEOPLE = 1_000_000
UNIONS = 200
HEADER = "姓名,身份证号,手机号,工会,编号"


def of_a_million(report: Report, people: int = PEOPLE) -> None:
    """A CSV of a million people checked, hashed, encrypted, decided and committed in one process; durable."""
    report.say(
        "span: the file opened → the last chunk durable: per person a row in the vault under a key of its own, found"
        " by two keys, an event and a state; COPY: the same file into one table with a key"
    )
    with TemporaryDirectory() as folder, service.database() as url:
        path = Path(folder) / "roster.csv"
        write(path, people)
        copied = people / _seconds_of_copy(url, path)
        migrations.migrate(url, "jifen")
        with Ledger(url, "jifen", VAULT).start() as ledger:
            _tree(ledger)
            entering = Entering(ledger, "bench", lambda _: None)
            began = perf_counter()
            enter(ledger, entering, path, lambda _: None)
            seconds = perf_counter() - began
        assert entering.tally.entered == people, entering.tally
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = people / seconds
    report.add("roster: PostgreSQL's COPY of the file", copied, "rows/s")
    report.add("roster: imported", rate, "rows/s", "COPY", rate / copied)
    report.add("roster: most memory of this process since it began", peak, "MB")


def write(path: Path, people: int) -> None:
    """A CSV of so many different people."""
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        out.writelines(f"{line}\n" for line in lines(people))


def lines(people: int) -> Iterator[str]:
    """One line a person, each with an identity number of its own whose check digit fits."""
    chance = random.Random(11643)
    for n in range(people):
        day = f"19{50 + n // 1000 % 50}{1 + n // 50_000 % 12:02}{1 + n // 600_000:02}"
        number = f"3211{chance.randrange(1, 90):02}{day}{n % 1000:03}"
        yield f"王{chr(0x4E00 + n % 5000)},{number}{check_digit(number)},139{n:08},工会{n % UNIONS},ZG{n:08}"


def _tree(ledger: Ledger) -> None:
    unions = tuple(BranchEntry(id=f"union-{n}", name=f"工会{n}", kind="city") for n in range(UNIONS))
    asked = request(
        RegisterBranches(branches=unions), source="//bench", id="tree", campaign="", actor="bench"
    )
    (outcome,) = ledger.writer.submit_now([asked])
    assert outcome.status == "accepted", outcome


def _seconds_of_copy(url: str, path: Path) -> float:
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE plain (name text, id_number text PRIMARY KEY, phone text, branch text, reference text)"
        )
        connection.commit()
        began = perf_counter()
        with (
            path.open("rb") as raw,
            connection.cursor().copy("COPY plain FROM STDIN (FORMAT CSV, HEADER)") as copy,
        ):
            while block := raw.read(io.DEFAULT_BUFFER_SIZE * 16):
                copy.write(block)
        connection.commit()
        seconds = perf_counter() - began
        connection.execute("DROP TABLE plain")
        connection.commit()
    return seconds
