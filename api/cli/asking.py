"""What commands that speak with a running service share: where it is, the key, and how its problems are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.client import Service, ServiceProblem, ServiceUnreachable, default_url

F = TypeVar("F", bound=Callable[..., Any])

CAMPAIGN = click.option("--campaign", required=True, help="The campaign, such as js-2023.")
TRIAL = click.option("--trial", is_flag=True, help="That of the public trial (公测).")
IDEMPOTENCY_KEY = click.option(
    "--idempotency-key",
    default=lambda: str(uuid4()),
    show_default="a new one",
    help="The same again for a repeat: it is then done once.",
)


def asking(command: F) -> F:
    """Give a command the options --url and --key."""
    url = click.option(
        "--url", "address", default=default_url, show_default="JIFEN_URL, or JIFEN_HOST and JIFEN_PORT"
    )
    key = click.option(
        "--key", envvar="JIFEN_KEY", show_envvar=True, required=True, help="A key that may do it."
    )
    return url(key(command))


@contextmanager
def service(address: str, key: str) -> Iterator[Service]:
    """A service to speak with. What it refuses is said, and ends the command with 1; 2 when nobody answers."""
    try:
        with Service(address, key) as found:
            yield found
    except ServiceProblem as problem:
        clause = f" [{problem.members['clause']}]" if problem.members.get("clause") else ""
        click.echo(f"{problem}{clause}", err=True)
        raise SystemExit(1) from None
    except ServiceUnreachable as fault:
        click.echo(str(fault), err=True)
        raise SystemExit(2) from None


def progress_bar() -> Progress:
    """A progress bar on a terminal, and nothing in a pipe."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, disable=not console.is_terminal)
