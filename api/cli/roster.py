"""`jifen import roster`: who may activate, from the lists of unions and insurers. Source: ZG-01.

It works on the ledger's database itself, with the ledger's own writer, beside a running service or without one: a
million people are encrypted where the master key is, and not sent anywhere.
"""

import csv
import os
import queue
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.cli.campaign import login
from api.cli.local import settings
from api.opening import open_ledger
from api.roster import Listed, Remark, UnreadableFile, chunks, reading_of
from api.roster_entering import CHUNK, Chunk, Entering, Sealed, Tally, sealed
from ledger.ledger import Ledger
from ledger.outcomes import Outcome
from ledger.vault import Vault

AHEAD = 3
"""So many chunks wait for the ledger while the next one is read; memory does not grow with the file."""

SMALL = 4 * 1024 * 1024
"""Up to so many bytes a file is read here; the start of a process would take longer."""

People = list[Sealed | Remark]
SHOWN = 20
TRIES = 5


@click.command("roster", context_settings={"show_default": True})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--batch", help="What the list is called in the log.  [default: the file's name]")
@click.option(
    "--actor", default=login, show_default="your login", help="Who does it; the log keeps the name."
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Read and report, enter nobody; unions and repeats are told by the import only.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="CSV of remarks."
)
@click.pass_context
def roster(
    context: click.Context, *, file: Path, batch: str | None, actor: str, dry_run: bool, report: Path | None
) -> None:
    """Import a roster (名册): people who may activate, one on a line, with their union.

    The first line names the columns: 身份证号 and 单位 or 工会 (an id of the tree, or an exact name); 姓名, 手机号 and
    编号 if there are any. UTF-8 and GB18030 are told apart by themselves. Numbers are checked by their check digits.
    Personal data go encrypted into the vault; the log, the report and the screen have none.

    A line that is not taken is named in the report with what to do about it. Running the same import again is safe,
    also after it was killed: what was entered is recognised.

    \b
    Exit code: 0 every line was taken; 1 some were not; 2 the import could not run or not to its end.

    \b
    Examples:
      jifen import roster 镇江2020.csv --batch insurance-2020 --dry-run
      jifen import roster 镇江2020.csv --batch insurance-2020 --report not-taken.csv
    """
    console, aside = Console(), Console(stderr=True)
    failure = ""
    tally, codes, first = Tally(), Counter[tuple[str, bool]](), list[Remark]()
    with _report(report) as write:

        def told(remark: Remark) -> None:
            codes[remark.code, remark.taken] += 1
            if not remark.taken and len(first) < SHOWN:
                first.append(remark)
            write(remark)

        try:
            with file.open("rb") as raw:
                encoding = reading_of(raw).encoding
            if encoding != "utf-8":
                aside.print(f"The file is read as {encoding}.", highlight=False)
            with _progress(aside) as progress:
                task = progress.add_task("导入 / importing", total=file.stat().st_size)

                def done(position: int) -> None:
                    progress.update(task, completed=position)

                if dry_run:
                    tally = read_only(file, told, done)
                else:
                    with open_ledger(settings()) as ledger:
                        entering = Entering(ledger, batch or file.stem, told, actor=actor)
                        tally = entering.tally
                        enter(ledger, entering, file, done)
        except UnreadableFile as fault:
            failure = str(fault)
        except Interrupted as fault:
            failure = f"{fault} Run the same import again: what was entered before is recognised."
    show(console, tally, codes, first, dry_run=dry_run, report=report)
    if failure:
        aside.print(f"Stopped: {failure}", markup=False, highlight=False)
        context.exit(2)
    context.exit(1 if tally.not_taken else 0)


class Interrupted(Exception):
    """The ledger took no more."""


def enter(ledger: Ledger, entering: Entering, path: Path, done: Callable[[int], None]) -> None:
    """Enter a roster: the ledger decides some chunks while the next ones are read and encrypted.

    done: hears after each chunk how many bytes were read. Raises UnreadableFile, before anything; Interrupted, when
    what came before is entered.
    """
    waiting: deque[tuple[Chunk, queue.SimpleQueue[list[Outcome]]]] = deque()

    def ask(chunk: Chunk) -> None:
        if chunk.asked is not None:
            answer: queue.SimpleQueue[list[Outcome]] = queue.SimpleQueue()
            ledger.writer.submit_with([chunk.asked], answer.put)
            waiting.append((chunk, answer))

    def settle() -> None:
        chunk, answer = waiting.popleft()
        (outcome,) = answer.get()
        for _ in range(TRIES):
            if outcome.status != "unavailable":
                break
            assert chunk.asked is not None, "only what was asked is waited for"
            (outcome,) = ledger.writer.submit_now([chunk.asked])
        if outcome.status in ("unavailable", "fault"):
            raise Interrupted(outcome.detail)
        if (again := entering.settle(chunk, outcome)) is not None:
            ask(again)

    for people, position in read_and_sealed(ledger.vault, path):
        ask(entering.chunk(people))
        while len(waiting) > AHEAD:
            settle()
        done(position)
    while waiting:
        settle()


def read_and_sealed(vault: Vault, path: Path) -> Iterator[tuple[People, int]]:
    """The people of a roster by chunks, with how many bytes were read; of a large one, by a process beside this one.

    Raises UnreadableFile, Interrupted.
    """
    with path.open("rb") as file:
        reading = reading_of(file)
        if path.stat().st_size <= SMALL or (os.cpu_count() or 1) < 2:
            for lines in chunks(file, CHUNK):
                yield sealed(vault, reading, lines), file.tell()
            return
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    beside = context.Process(target=_read_beside, args=(sender, vault, path), name="roster", daemon=True)
    beside.start()
    sender.close()  # so that the end of the process is an end of file here
    with receiver:
        try:
            while (chunk := receiver.recv()) is not None:
                yield chunk
        except EOFError:
            raise Interrupted("The process that reads the file has ended.") from None
    beside.join()


def _read_beside(sender: Connection, vault: Vault, path: Path) -> None:
    """Read, check and encrypt a roster. Nobody at the other end any more, killed or done, is the end of this too."""
    with suppress(ConnectionError, KeyboardInterrupt), path.open("rb") as file:
        reading = reading_of(file)
        for lines in chunks(file, CHUNK):
            sender.send((sealed(vault, reading, lines), file.tell()))
        sender.send(None)


def read_only(path: Path, told: Callable[[Remark], None], done: Callable[[int], None]) -> Tally:
    """What a dry run can tell without the ledger: which lines are people. Raises UnreadableFile."""
    tally = Tally()
    with path.open("rb") as file:
        reading = reading_of(file)
        for lines in chunks(file, CHUNK):
            for each in reading.people(lines):
                if isinstance(each, Listed):
                    tally.people += 1
                else:
                    tally.not_taken += not each.taken
                    told(each)
            done(file.tell())
    return tally


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Remark], None]]:
    """A function that writes a remark to the report, as they come."""
    if path is None:
        yield lambda _: None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table: Any = csv.writer(out)
        table.writerow(["line", "code", "taken", "what to do"])
        yield lambda one: table.writerow([one.line, one.code, "yes" if one.taken else "no", one.says])


def show(
    console: Console,
    tally: Tally,
    codes: Counter[tuple[str, bool]],
    first: list[Remark],
    *,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Print the summary, and the first lines that were not taken."""
    table = Table(title="名册导入 / Roster", title_justify="left")
    table.add_column("结果 / outcome")
    table.add_column("行 / lines", justify="right")
    if dry_run:
        table.add_row("试运行 / people read", str(tally.people))
    else:
        table.add_row("新增 / new on the roster", str(tally.entered - tally.entered_before))
        table.add_row("更新 / renewed", str(tally.renewed - tally.renewed_before))
        table.add_row("未变 / there already", str(tally.same))
        if before := tally.entered_before + tally.renewed_before:
            table.add_row("此前已收 / taken before by this import", str(before))
    table.add_row("未收 / not taken", str(tally.not_taken))
    for (code, taken), lines in sorted(codes.items()):
        table.add_row(f"  {code}{'' if taken else ' ✗'}", str(lines))
    console.print(table)
    for one in first:
        console.out(f"line {one.line}: {one.code}: {one.says}", highlight=False)
    if tally.not_taken > len(first):
        where = str(report) if report else "--report FILE"
        console.out(f"… and {tally.not_taken - len(first)} more; {where} has every line.", highlight=False)


def _progress(console: Console) -> Progress:
    """A progress bar on a terminal, and nothing in a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
