"""`jifen campaign`: check a rulebook file, forecast its costs, publish and amend a campaign, show its rules.

`check` and `simulate` need no service and no database. The others work on the ledger that JIFEN_DATABASE_URL or
JIFEN_HOME names.
"""

import getpass
import os
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import click

from api.cli import local
from api.cli.branches import report
from api.cli.simulate import simulate
from ledger.campaign import amend_request, publish_request
from ledger.command import Request
from ledger.rulebook import Rulebook
from ledger.rulebook_file import RulebookFaulty, load, reread
from ledger.rulebook_words import in_words

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def moment(text: str) -> datetime:
    """An instant with its offset, for without one nobody could say when it is. Raises click.BadParameter."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no moment, like 2019-08-01T00:00:00+08:00.") from error
    if read.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no offset; say it like 2019-08-01T00:00:00+08:00.")
    return read


def login() -> str:
    """Who is at the command line, as the log will say it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return f"uid-{os.getuid()}"


WHO = click.option(
    "--actor", default=login, show_default="your login", help="Who does it; the log keeps the name."
)


@click.group("campaign")
def campaign() -> None:
    """Check, forecast, publish, amend and show campaigns (活动)."""


campaign.add_command(simulate)
campaign.add_command(report)


@campaign.command("check")
@click.argument("file", type=FILE)
@click.pass_context
def check(context: click.Context, *, file: Path) -> None:
    """Say everything that is wrong with a rulebook file, and publish nothing. Needs no service.

    Prints a line for each fault, FILE:LINE path: what was found and what was expected; or, when there is none, one
    line with what the rulebook holds.

    \b
    Exit code: 0 no faults; 1 faults; 2 the file could not be read.

    \b
    Examples:
      jifen campaign check autumn-walk.toml
      jifen campaign check autumn-walk.toml && jifen campaign publish autumn-walk.toml
    """
    rulebook, _ = _read(context, file)
    click.echo(f"{file}: {summary(rulebook)}")


@campaign.command("publish")
@click.argument("file", type=FILE)
@WHO
@click.pass_context
def publish(context: click.Context, *, file: Path, actor: str) -> None:
    """Publish a campaign's rulebook file; its id is the id of the campaign.

    Publishing the same file again is harmless. Another text under an id that is taken is refused: amend it.

    \b
    Exit code: 0 published, now or before; 1 faults in the file, or refused; 2 it could not be tried.

    \b
    Examples:
      jifen campaign publish ledger/rulebooks/sx-2019.toml
      jifen campaign publish autumn-walk.toml --actor "Li Na"
    """
    rulebook, text = _read(context, file)
    _submit(context, publish_request(text, actor=actor), f"{rulebook.id}: {summary(rulebook)}")


@campaign.command("amend")
@click.argument("file", type=FILE)
@click.option(
    "--effective-at", type=moment, help="From when it holds, like 2019-08-01T00:00:00+08:00.  [default: now]"
)
@WHO
@click.pass_context
def amend(context: click.Context, *, file: Path, effective_at: datetime | None, actor: str) -> None:
    """Amend a published campaign: the file's rules hold from a moment on, now or later.

    What was awarded before stays as it was. The campaign's first day, its trial and its time zone cannot change.

    \b
    Exit code: 0 amended; 1 faults in the file, or refused; 2 it could not be tried.

    \b
    Examples:
      jifen campaign amend sx-2019.toml
      jifen campaign amend sx-2019.toml --effective-at 2019-08-01T00:00:00+08:00
    """
    rulebook, text = _read(context, file)
    request = amend_request(rulebook.id, text, effective_at, actor=actor, id=f"amend {uuid4()}")
    since = f"from {effective_at.isoformat()} on" if effective_at else "from now on"
    _submit(context, request, f"{rulebook.id} {since}: {summary(rulebook)}")


@campaign.command("show")
@click.argument("id_", metavar="ID")
@click.option("--text", is_flag=True, help="Print the rulebook file itself, exactly as it was published.")
@click.pass_context
def show(context: click.Context, *, id_: str, text: bool) -> None:
    """Show the rules of a published campaign in words, Chinese and English, each with its clause.

    It is the newest version, also when it was published for a later moment.
    With --text the output holds the right answers of the questions; without it never.

    \b
    Exit code: 0 shown; 1 there is no such campaign; 2 it could not be tried.

    \b
    Examples:
      jifen campaign show sx-2019
      jifen campaign show sx-2019 --text > sx-2019.toml
    """
    published = local.rulebook_text(id_)
    if published is None:
        click.echo(f"No campaign {id_} is published.", err=True)
        context.exit(1)
    if text:
        click.echo(published.encode(), nl=False)
        return
    rulebook = reread(published)
    click.echo(f"{rulebook.id}: {summary(rulebook)}")
    for sentence in in_words(rulebook):
        click.echo(f"{sentence['clause']:>6}  {sentence['zh']}\n        {sentence['en']}")


def summary(rulebook: Rulebook) -> str:
    """A rulebook in one line: its title and how much of everything it holds."""
    counts = {
        "day": rulebook.days_of(trial=False),
        "points rule": len(rulebook.points),
        "checkpoint": len(rulebook.thresholds),
        "badge": len(rulebook.badges),
        "pool": len(rulebook.pools),
        "board": len(rulebook.boards),
    }
    others = {
        "shop item": sum(len(pool.prizes) for pool in rulebook.pools if pool.draw == "shop"),
        "question": sum(len(quiz.questions) for quiz in rulebook.quizzes),
        "occasion": len(rulebook.occasions),
        "fund": len(rulebook.funds),
    }
    counts |= {what: count for what, count in others.items() if count}
    held = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items())
    return f"{rulebook.title.zh} / {rulebook.title.en}: {held}"


def _read(context: click.Context, file: Path) -> tuple[Rulebook, str]:
    """A file's rulebook and its text; prints its faults and ends the command when it has any."""
    raw = file.read_bytes()
    try:
        return load(raw), raw.decode()
    except RulebookFaulty as faulty:
        for fault in faulty.faults:
            where = str(file) if fault.line is None else f"{file}:{fault.line}"
            click.echo(f"{where} {fault.path}: {fault.detail}" if fault.path else f"{where}: {fault.detail}")
        context.exit(1)


def _submit(context: click.Context, request: Request, what: str) -> None:
    """Submit a request and say what became of it."""
    outcome = local.submit(request)
    if outcome.status == "accepted":
        done = (
            "was there already, word for word" if outcome.repeat else f"stands at position {outcome.position}"
        )
        click.echo(f"{what}. It {done}.")
        return
    reason = f"{outcome.detail} ({', '.join(part for part in (outcome.code, outcome.clause) if part)})"
    click.echo(f"{outcome.status}: {reason}", err=True)
    context.exit(2 if outcome.status == "unavailable" else 1)
