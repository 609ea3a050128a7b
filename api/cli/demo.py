"""`jifen demo`: a whole campaign in a minute, played over HTTP against a throwaway ledger.

Nothing is left behind: the database lives in a temporary folder and the service is a child process that is stopped
by its own id. The progress goes to standard error and the outcome to standard output, so it can be piped.
"""

import base64
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli import demo_ending as ending
from api.cli import demo_union as union
from api.cli.client import CloudEvent, Service, ServiceProblem, ServiceUnreachable
from api.cli.demo_story import Plan, Story
from api.cli.steps_csv import Columns, Row, read_steps, survey
from ledger.postgres import EmbeddedError, throwaway

_READY_WITHIN = 60.0
_STOPPED_WITHIN = 45.0
_PIPE_WIDTH = 120


class Played(msgspec.Struct):
    """What the service said to the story so far. position: of the newest event in its log.

    drawn: what came out of draws, by the prize; newest_draw: number of the last of them.
    """

    drawn: Counter[str] = msgspec.field(default_factory=Counter)
    newest_draw: int = 0
    sent: int = 0
    recorded: int = 0
    position: int = 0
    refusals: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)


class CouldNotPlay(click.ClickException):
    """The demo could not run, or not to its end."""

    exit_code = 2


@click.command("demo")
@click.option("--seed", type=int, default=2019, show_default=True, help="Another number, another story.")
@click.option(
    "--days", type=click.IntRange(1, 61), default=61, show_default=True, help="Days of steps to play."
)
@click.option(
    "--stay", is_flag=True, help="Keep the service running afterwards, to look around; Ctrl-C ends it."
)
def demo(seed: int, days: int, stay: bool) -> None:
    """Play the campaign 与祖国同行 (sx-2019) with 17 real people's steps in a throwaway ledger.

    Starts a database and a service of its own, publishes the rulebook, enrols everybody, lets them form teams, posts
    day after day what their phones would have sent and the red packets that they draw, and prints what the ledger made
    of it: standings, the teams' board, and the proof of one draw, computed again before your eyes. Then a union goes
    on: members activate, join, are reviewed and joined together, points buy something, a fund pays a project, a person
    is erased. Your own ledger is not touched.

    \b
    Examples:
      jifen demo
      jifen demo --days 20 --seed 7 --stay
    """
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # else the child would outlive us
    out, aside = Console(), Console(stderr=True)
    if not out.is_terminal:
        out = Console(width=_PIPE_WIDTH)
    began = time.monotonic()
    rulebook = (files("ledger") / "rulebooks" / "sx-2019.toml").read_bytes()
    plan = Plan.of(tomllib.loads(rulebook.decode()))
    story = Story(plan, sample(plan, days), seed)
    try:
        with _service(aside) as (service, url, key, wait):
            service.publish(rulebook, idempotency_key=f"demo-{seed}")
            played = _play(story, service, aside)
            out.print(_standing(story, plan, service, played))
            ending.end(plan, service, out, played.position, played.drawn, played.newest_draw)
            union.play(service, out)
            _tell(out, played, time.monotonic() - began)
            if stay:
                out.print(f"{url}  key {key}  Ctrl-C 结束 / ends it", markup=False, highlight=False)
                with contextlib.suppress(KeyboardInterrupt):
                    wait()
    except (ServiceProblem, ServiceUnreachable, EmbeddedError) as error:
        raise CouldNotPlay(str(error)) from error


def sample(plan: Plan, days: int) -> list[Row]:
    """The sample's rows, its first day moved to the campaign's; only so many days of them."""
    columns = Columns(person="Id", day="ActivityDate", steps="TotalSteps")
    text = (files("api") / "samples" / "fitabase_2016" / "daily_steps.csv").read_text("utf-8").splitlines()
    first = survey(text, columns).first_day
    assert first is not None
    read = read_steps(text, columns, shift_days=(plan.starts - first).days, prefix="p-")
    return [row for row in read if isinstance(row, Row) and (row.day - plan.starts).days < days]


@contextlib.contextmanager
def _service(aside: Console) -> Iterator[tuple[Service, str, str, Callable[[], object]]]:
    """A ledger and a service that are gone at the end: a client, the address, the key, and a wait for its end."""
    key = secrets.token_urlsafe(24)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    aside.print("启动一次性账本 / starting a throwaway ledger …", highlight=False)
    with throwaway() as database, tempfile.TemporaryFile() as log:
        environment = {
            **os.environ,
            "JIFEN_DATABASE_URL": database.url,
            "JIFEN_HOST": "127.0.0.1",
            "JIFEN_PORT": str(port),
            "JIFEN_CLOCK": "events",
            "JIFEN_ALLOW_TIME_TRAVEL": "1",
            "JIFEN_BOOTSTRAP_KEY": key,
            "JIFEN_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        command = [sys.executable, "-P", "-m", "api.cli.main", "serve"]
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            with Service(url, key) as service:
                try:
                    service.wait_until_ready(_READY_WITHIN, lambda: child.poll() is None)
                except ServiceUnreachable as error:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-2000:]
                    raise ServiceUnreachable(f"{error} It said:\n{said}") from error
                yield service, url, key, child.wait
        finally:
            child.terminate()
            try:
                child.wait(_STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _play(story: Story, service: Service, aside: Console) -> Played:
    """Post the story, a part of a day at a time, and let it hear the answers."""
    played = Played()

    def post(told: list[CloudEvent]) -> None:
        if not told:
            return
        results = service.post_events(told)
        story.hear(told, results)
        played.sent += len(told)
        for result in results:
            played.recorded += len(result.events)
            for event in result.events:
                if event["type"] == "draw-made.v1":
                    played.drawn[event["data"]["outcome"]] += 1
                    played.newest_draw = max(played.newest_draw, event["data"]["number"])
            positions = (result.position, *(event["position"] for event in result.events))
            played.position = max(played.position, *(position or 0 for position in positions))
            if result.status != "accepted":
                played.refusals[result.code or result.status, result.clause] += 1

    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bar, console=aside, disable=not aside.is_terminal) as progress:
        task = progress.add_task("天 / days", total=len(story.days) + 1)
        post(story.enrolments())
        post(story.teams())
        for day in story.days:
            post(story.morning(day))
            post(story.afternoon(day))
            post(story.evening(day))
            post(story.sunday(day))
            progress.update(task, advance=1, description=f"{day}")
        post(story.epilogue())
        progress.advance(task)
    return played


def _standing(story: Story, plan: Plan, service: Service, played: Played) -> Table:
    """Where everybody stands, as the service tells it; most points first."""
    table = Table(title="与祖国同行 / Walk with the Motherland", title_justify="left")
    table.add_column("参加者\nperson")
    for heading in (
        "计入步数\nsteps",
        "达标\ndays attained",
        "签到\nsign-ins",
        "积分\npoints",
        "点亮\nlit",
        "通关\npassed",
    ):
        table.add_column(heading, justify="right")
    table.add_column("徽章\nbadges")
    standings = [
        service.get(f"/v1/campaigns/{plan.campaign}/participants/{person}", at_least=played.position)
        | {"person": person}
        for person in story.people
    ]
    for standing in sorted(standings, key=lambda one: -one["points"]["balance"]):
        checkpoints = standing["checkpoints"]
        table.add_row(
            standing["person"],
            f"{standing['total_steps']:,}",
            str(standing["days_attained"]),
            str(standing["sign_in_days"]),
            str(standing["points"]["balance"]),
            str(sum(1 for checkpoint in checkpoints if checkpoint.get("lit_at"))),
            str(sum(1 for checkpoint in checkpoints if checkpoint.get("passed_at"))),
            " ".join(badge["name"]["zh"] for badge in standing["badges"]),
        )
    return table


def _tell(out: Console, played: Played, seconds: float) -> None:
    """How much happened, what was refused and why, and what to try next."""
    out.print(
        f"{played.sent:,} 件事 / events posted, {played.recorded:,} 条记录 / events recorded, {seconds:.1f} 秒 / s",
        highlight=False,
    )
    for (code, clause), times in played.refusals.most_common():
        out.print(f"拒绝 / refused {times:>4} × {code} {clause}", markup=False, highlight=False)
    out.print(
        "下一步 / next: make run, then jifen import steps --help; jifen demo --stay to look around this one."
    )
