"""`jifen import`: bring in what was counted elsewhere, through the same door as every client.

Each line becomes one event whose id follows from what it says, so a second run of a file is a pure repeat.
Lines are sent in the order of their days: a service whose clock follows events is never asked to go back.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.client import CloudEvent, Service, ServiceProblem, ServiceUnreachable, default_url
from api.cli.import_report import Remark, Tally, show, write_report
from api.cli.steps_csv import Columns, Rejected, Row, UnreadableFile, judge_encoding, read_steps, survey
from api.cli.steps_fields import DateFormat


class Sender(msgspec.Struct, frozen=True):
    """What all events of an import share. at, zone: when a day's count is handed over, local time."""

    campaign: str
    source: str
    provider: str
    at: dt.time
    zone: ZoneInfo

    def event(self, row: Row) -> CloudEvent:
        """The step sync that a row stands for.

        The id depends on person, day, occurrence and count alone, not on the file's name or the line.
        A later count of the same day is handed over a millisecond after the one before, so that it stands.
        """
        said = f"{row.person}\0{row.day}\0{row.occurrence}\0{row.steps}"
        later = dt.timedelta(milliseconds=row.occurrence - 1)
        return CloudEvent(
            id=hashlib.sha256(said.encode()).hexdigest()[:32],
            source=self.source,
            type="jifen.steps_synced",
            subject=row.person,
            time=(dt.datetime.combine(row.day, self.at, self.zone) + later).isoformat(
                timespec="milliseconds"
            ),
            campaign=self.campaign,
            data={"day": row.day.isoformat(), "steps": row.steps, "provider": self.provider},
        )


class Reading(msgspec.Struct, frozen=True):
    """How a file is to be read. first_day: where the earliest day goes, else all move by shift_days."""

    columns: Columns
    date_format: DateFormat | None = None
    first_day: dt.date | None = None
    shift_days: int = 0
    prefix: str = ""

    def rows(self, path: Path, tally: Tally, notice: Callable[[str], None]) -> list[Row]:
        """The rows of a file in the order of their days; what cannot be read goes into tally.

        Raises UnreadableFile when the whole file cannot be read, also when its dates have two readings.
        """
        with path.open("rb") as raw:
            encoding, remark = judge_encoding(iter(partial(raw.read, 1 << 16), b""))
        with path.open(encoding=encoding) as lines:
            found = survey(lines, self.columns, date_format=self.date_format)
        if found.undecided:
            raise UnreadableFile(found.notices[-1])
        for sentence in (remark, *found.notices):
            if sentence:
                notice(sentence)
        moved = self.first_day - found.first_day if self.first_day and found.first_day else None
        shift_days = self.shift_days if moved is None else moved.days
        rows: list[Row] = []
        with path.open(encoding=encoding) as lines:
            for item in read_steps(
                lines, self.columns, shift_days=shift_days, date_format=found.date_format, prefix=self.prefix
            ):
                if isinstance(item, Rejected):
                    tally.remarks.append(Remark(item.line, "reader", item.code, "", item.says, item.raw))
                    continue
                rows.append(item)
                if item.follows:
                    says = f"A later count of the day of line {item.follows}; sent after it, so it stands."
                    tally.remarks.append(Remark(item.line, "notice", "later_count", "", says, _text(item)))
        return sorted(rows, key=lambda row: (row.day, row.occurrence, row.line))


def send(
    rows: Sequence[Row],
    sender: Sender,
    service: Service,
    tally: Tally,
    *,
    batch: int,
    done: Callable[[int], None],
) -> None:
    """Post the rows in batches and write down in tally what became of each; done hears of every batch.

    Raises ServiceProblem or ServiceUnreachable; the batches before that are in the ledger and in tally.
    """
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        for row, result in zip(part, service.post_events([sender.event(row) for row in part]), strict=True):
            if result.status == "accepted" and result.replayed:
                tally.repeats += 1
            elif result.status == "accepted":
                tally.taken += 1
            else:
                says = result.detail + (f" (at {result.pointer})" if result.pointer else "")
                if result.status == "conflict":
                    says += "; was it sent before with another --at, --timezone or --provider?"
                code = result.code or result.status
                tally.remarks.append(Remark(row.line, "service", code, result.clause, says, _text(row)))
        done(len(part))


@click.group("import")
def importing() -> None:
    """Bring in what was counted elsewhere (导入)."""


@importing.command("steps", context_settings={"show_default": True})
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "columns", default="person=person,day=day,steps=steps", help="The file's columns.")
@click.option("--campaign", required=True, help="The campaign that the steps are for.")
@click.option("--source", help="Source of the events.  [default: //import/CAMPAIGN]")
@click.option("--url", default=default_url, show_default="JIFEN_URL, or JIFEN_HOST and JIFEN_PORT")
@click.option("--key", envvar="JIFEN_KEY", show_envvar=True, help="A key that may post events.")
@click.option("--shift-days", type=int, default=0, help="Move every day by so many days.")
@click.option(
    "--first-day", type=click.DateTime(["%Y-%m-%d"]), help="Move the earliest day here, the rest along."
)
@click.option(
    "--date-format", type=click.Choice(["day-first", "month-first"]), help="How 4/12/2016 is meant."
)
@click.option(
    "--at", type=click.DateTime(["%H:%M"]), default="21:00", help="When a day's count is handed over."
)
@click.option("--timezone", default="Asia/Shanghai", help="Time zone of --at.")
@click.option("--provider", default="csv", help="Who counted the steps, as the events say it.")
@click.option("--prefix", default="", help="Put before every person's id.")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, help="Events in one request.")
@click.option("--dry-run", is_flag=True, help="Read and report, but send nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="CSV of remarks."
)
@click.pass_context
def steps(
    context: click.Context,
    *,
    file: Path,
    columns: str,
    campaign: str,
    source: str | None,
    url: str,
    key: str | None,
    shift_days: int,
    first_day: dt.datetime | None,
    date_format: DateFormat | None,
    at: dt.datetime,
    timezone: str,
    provider: str,
    prefix: str,
    batch: int,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Import a CSV of daily step counts, one line for each person and day.

    Every line that is not taken is named at the end, with its number and what to do about it. A person's
    day that comes again with the same count is left out; with another count it is sent as a later sync, and
    the last stands. Running the same import again is safe: what was taken is recognised. So is what a rule
    refused, and a first answer stands; when the cause is gone, ask anew with another --source.

    \b
    Exit code: 0 every line was taken; 1 some were not; 2 the import could not run or not to its end.

    \b
    Examples:
      jifen import steps fitbit.csv --map person=Id,day=ActivityDate,steps=TotalSteps \\
            --campaign sx-2019 --first-day 2019-07-01 --dry-run
      JIFEN_KEY=… jifen import steps june.csv --map person=工号,day=日期,steps=步数 \\
            --campaign sx-2019 --prefix p- --report not-taken.csv
    """
    if first_day and shift_days:
        raise click.UsageError("Say either --first-day or --shift-days.")
    if not key and not dry_run:
        raise click.UsageError("An import needs a key: say --key or set JIFEN_KEY. --dry-run needs none.")
    try:
        mapping, zone = Columns.parse(columns), ZoneInfo(timezone)
    except (ValueError, KeyError, OSError) as error:
        raise click.UsageError(f"{error.args[0] if error.args else error}") from error
    reading = Reading(mapping, date_format, first_day.date() if first_day else None, shift_days, prefix)
    sender = Sender(campaign, source or f"//import/{campaign}", provider, at.time(), zone)
    tally, console, aside = Tally(), Console(), Console(stderr=True)
    failure = ""
    rows: list[Row] = []
    try:
        with aside.status("读取 / reading"):
            rows = reading.rows(file, tally, lambda said: aside.print(said, markup=False, highlight=False))
        if not dry_run:
            with Service(url, key or "") as service, _progress(aside) as progress:
                task = progress.add_task("导入 / importing", total=len(rows))
                send(rows, sender, service, tally, batch=batch, done=partial(progress.advance, task))
    except (UnreadableFile, UnicodeError) as error:
        failure = str(error)
    except (ServiceProblem, ServiceUnreachable) as error:
        failure = f"{error} Run the same import again: what was taken before is recognised."
    if report:
        write_report(report, tally)
    if rows or tally.remarks or not failure:
        show(console, tally, planned=len(rows) if dry_run else None, report=report)
    if failure:
        aside.print(f"Stopped: {failure}", markup=False, highlight=False)
        context.exit(2)
    context.exit(1 if tally.not_taken else 0)


def _progress(console: Console) -> Progress:
    """A progress bar on a terminal, and nothing in a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _text(row: Row) -> str:
    return f"{row.person} {row.day} {row.steps}"
