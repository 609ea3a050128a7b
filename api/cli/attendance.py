"""`jifen import attendance`: who came to an occasion on site, from a list of ids. Source: EC-14."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from api.cli.asking import CAMPAIGN, asking, progress_bar, service
from api.cli.client import Service
from api.cli.import_report import Remark, Tally, show, write_report
from api.cli.steps_csv import UnreadableFile, judge_encoding

Line = tuple[int, str]
"""The number of a line in the file, and who stands there."""


@click.command("attendance", context_settings={"show_default": True})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CAMPAIGN
@click.option("--occasion", required=True, help="The occasion, as the campaign's rules name it.")
@click.option(
    "--at", "moment", required=True, help="A moment of it, such as 2018-12-08T09:00:00+08:00 (RFC 3339)."
)
@click.option("--column", default="participant", help="The column with the ids, if the file has a header.")
@click.option("--batch", type=click.IntRange(1, 5000), default=1000, help="People in one request.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="CSV of remarks."
)
@asking
def attendance(
    *, file: Path, campaign: str, occasion: str, moment: str, column: str, batch: int, report: Path | None,
    address: str, key: str,
) -> None:  # fmt: skip
    """Record who came to an occasion on site (现场签到): one id on a line, or a CSV with a column of ids.

    Each line is taken by itself; those that were not are named with the reason. Running the same import again is
    safe, also with a longer list: who was recorded is recognised, and a first answer stands.

    \b
    Exit code: 0 everybody was recorded; 1 some were not; 2 no answer, or a file that cannot be read.

    \b
    Examples:
      jifen import attendance list.csv --campaign ec-2018 --occasion park-walk \\
            --at 2018-12-08T09:00:00+08:00 --report not-taken.csv
    """
    tally = Tally()
    try:
        lines = read_list(file, column)
    except (UnreadableFile, UnicodeError, csv.Error) as fault:
        click.echo(f"{file}: {fault}", err=True)
        raise SystemExit(2) from None
    path = f"/v1/campaigns/{campaign}/occasions/{occasion}/attendance"
    name = f"attendance {occasion} {moment}"
    with service(address, key) as jifen, progress_bar() as progress:
        task = progress.add_task("登记 / recording", total=len(lines))
        for start in range(0, len(lines), batch):
            part = lines[start : start + batch]
            _record(jifen, path, name, moment, part, tally)
            progress.advance(task, len(part))
    if report:
        write_report(report, tally)
    show(Console(), tally, planned=None, report=report)
    if tally.not_taken:
        raise SystemExit(1)


def read_list(file: Path, column: str) -> list[Line]:
    """The people of a list, with their lines. The first line is a header if it has the column.

    Raises UnreadableFile for a table of several columns without such a header, csv.Error, UnicodeError.
    """
    with file.open("rb") as raw:
        encoding, _ = judge_encoding(iter(partial(raw.read, 1 << 16), b""))
    with file.open(encoding=encoding, newline="") as text:
        return list(_people(text, column))


def _people(text: Iterator[str], column: str) -> Iterator[Line]:
    rows = csv.reader(text, strict=True)
    place: int | None = None
    for row in rows:
        cells = [cell.strip() for cell in row]
        if place is None:
            if column in cells:
                place = cells.index(column)
                continue
            if len(cells) > 1:
                raise UnreadableFile(
                    f"the first line has no column {column!r}; say which one it is: --column"
                )
            place = 0
        if any(cells):
            yield rows.line_num, cells[place] if place < len(cells) else ""


def _record(jifen: Service, path: str, name: str, moment: str, part: list[Line], tally: Tally) -> None:
    """Send a part of the list, and write down what became of each line."""
    body = {"time": moment, "participants": [who for _, who in part]}
    answer = jifen.write(path, idempotency_key=name, json=body)
    for (line, who), result in zip(part, answer["results"], strict=True):
        if result["status"] != "accepted":
            code, clause = result["code"], result.get("clause", "")
            tally.remarks.append(Remark(line, "service", code, clause, result["detail"], who))
        elif result.get("replayed"):
            tally.repeats += 1
        else:
            tally.taken += 1
