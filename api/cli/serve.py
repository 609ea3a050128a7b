"""``jifen serve``, ``jifen api`` and ``jifen worker``: the running service, in one piece or in parts."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
import structlog
import uvicorn

from api.cli.local import settings
from ledger.ledger import Ledger
from ledger.settings import Settings

log = structlog.get_logger("api")

WORKER_PAUSE = 1.0
"""Seconds before a worker that died is started again."""

FIRST_STEPS = """
  Jifen 积分 is at {address}
    API reference  {address}/docs         接口文档
    health         {address}/readyz
  A key for a client app     jifen keys create --role client "my app"
  A key for yourself         jifen keys create --role administrator "me"
  Stop with Ctrl-C; the data stays in {home}.
"""


class _Server(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            click.echo(self._ready)


def _listen(current: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in current.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((current.host, current.port))
    except OSError as fault:
        listener.close()
        raise click.ClickException(
            f"cannot listen on {current.host}:{current.port} ({fault.strerror}); is another Jifen running? "
            "Choose another port with JIFEN_PORT or --port."
        ) from None
    return listener


def _run(ledger: Ledger, current: Settings, listener: socket.socket) -> None:
    """Serve the API until SIGINT or SIGTERM; requests under way are answered first."""
    from api.app import create_app

    sys.setswitchinterval(
        0.002
    )  # the event loop and the writer share one lock; at 5 ms each waits for the other
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    host, port = listener.getsockname()[:2]
    address = f"http://{host if ':' not in host else f'[{host}]'}:{port}"
    where = "your PostgreSQL" if current.database_url else str(current.home.resolve())
    config = uvicorn.Config(
        create_app(ledger, current),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
        server_header=False,
        proxy_headers=False,  # nothing of ours asks who is in front
        backlog=2048,
    )
    _Server(config, FIRST_STEPS.format(address=address, home=where)).run(sockets=[listener])


def _with(current: Settings, host: str | None, port: int | None) -> Settings:
    changed = {"host": host, "port": port}
    environ = {**os.environ, **{f"JIFEN_{k.upper()}": str(v) for k, v in changed.items() if v is not None}}
    return Settings.from_env(environ) if any(v is not None for v in changed.values()) else current


_host = click.option("--host", help="Address to listen on; default JIFEN_HOST or 127.0.0.1.")
_port = click.option(
    "--port", type=int, help="Port to listen on; default JIFEN_PORT or 8000; 0 = any free one."
)


@click.command()
@_host
@_port
def serve(host: str | None, port: int | None) -> None:
    """Run everything: the database (unless JIFEN_DATABASE_URL names one), the API and the projections.

    \b
    Examples:
      jifen serve
      JIFEN_PORT=9000 jifen serve
      JIFEN_DATABASE_URL=postgresql://… jifen serve
    """
    from api.opening import open_ledger

    _end_when_told()
    current = _with(settings(), host, port)
    with _listen(current) as listener, open_ledger(current, serving=True) as ledger, _worker(ledger.url):
        _run(ledger, current, listener)


def _end_when_told() -> None:
    """Let SIGTERM and Ctrl-C unwind the stack, so that what was opened is closed. uvicorn raises them at its end."""

    def end(*_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


@contextmanager
def _worker(url: str) -> Iterator[None]:
    """A worker process beside this one, for as long as the block lasts; started again if it dies."""
    command = [sys.executable, "-P", "-m", "api.cli.main", "worker", "--until-stdin-closes"]
    environ = {**os.environ, "JIFEN_DATABASE_URL": url}
    environ.pop("JIFEN_BOOTSTRAP_KEY", None)
    over = threading.Event()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, start_new_session=True)

    running = [start()]

    def keep() -> None:
        while not over.is_set():
            code = running[-1].wait()
            if not over.wait(WORKER_PAUSE):
                log.error("worker_ended", code=code)
                running.append(start())

    keeper = threading.Thread(target=keep, name="worker-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        running[-1].terminate()
        try:
            running[-1].wait(timeout=15)
        except subprocess.TimeoutExpired:
            running[-1].kill()
        keeper.join()


@click.command()
@_host
@_port
def api(host: str | None, port: int | None) -> None:
    """Run the API alone; any number of them may run on one database. Views and the scheduler need `jifen worker`.

    \b
    Examples:
      JIFEN_DATABASE_URL=postgresql://… jifen api --port 8001
    """
    from api.opening import open_ledger

    _end_when_told()
    current = _with(settings(), host, port)
    with _listen(current) as listener, open_ledger(current, serving=True) as ledger:
        _run(ledger, current, listener)


@click.command()
@click.option(
    "--until-stdin-closes", is_flag=True, help="End when the program that started this one is gone."
)
def worker(until_stdin_closes: bool) -> None:
    """Run the projections and the scheduler: follow the log, keep the views up to date, and do what time brings about.

    Days and pools close, chances expire, boards are made and frozen. Of several workers, one leads.

    \b
    Examples:
      JIFEN_DATABASE_URL=postgresql://… jifen worker
    """
    from api.opening import open_ledger
    from api.scheduler import Scheduler
    from projections.runner import Runner

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_stdin, args=(stop,), daemon=True).start()
    with open_ledger(settings()) as ledger:
        scheduler = threading.Thread(
            target=Scheduler(ledger).run_forever, args=(stop,), name="scheduler", daemon=True
        )
        scheduler.start()
        Runner(ledger.url, ledger.schema).run_forever(stop)
        scheduler.join()


def _wait_for_end_of_stdin(stop: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    stop.set()
