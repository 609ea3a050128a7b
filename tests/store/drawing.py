"""A ledger whose people have points enough for many draws, and what its log and its secrets hold."""

from datetime import datetime
from importlib.resources import files

import psycopg

from ledger.campaign import publish_request
from ledger.codec import decode
from ledger.command import Command, Request, request
from ledger.commands import Enrol, RequestDraw, SignIn, ViewContent
from ledger.events import DrawMade, Event
from tests.conftest import Database
from tests.store.playing import CHINA

TEXT = (files("ledger") / "rulebooks" / "js-2023.toml").read_text()
POOL = "pool/js-2023/red-packet"
MORNING = datetime(2023, 11, 2, 8, tzinfo=CHINA)


def small_text(**stocks: int) -> str:
    """Jiangsu's rulebook with so many red packets of each amount (``p030``, ``p050``); none of the others."""
    text = TEXT
    wanted = {"0.30": stocks.get("p030", 0), "0.50": stocks.get("p050", 0)}
    for line in TEXT.splitlines():
        if 'id = "red-packet-' in line:
            stock = next((n for amount, n in wanted.items() if f'"red-packet-{amount}"' in line), 0)
            before, _, _ = line.partition("stock = ")
            text = text.replace(line, f"{before}stock = {stock} }},")
    return text


def publish(text: str) -> Request:
    return publish_request(text, actor="test")


def ask(command: Command, who: str, *, id: str = "", at: datetime = MORNING) -> Request:
    """A request of a client app about a participant in js-2023."""
    id = id or f"{type(command).__name__}-{who}"
    return request(command, source="//js", id=id, campaign="js-2023", participant=who, occurred_at=at)


def ready(who: str) -> list[Request]:
    """All that somebody does before drawing: enrol, watch the video, sign in."""
    return [ask(Enrol(branch="nanjing"), who), ask(ViewContent(ref="safety-video"), who), ask(SignIn(), who)]


def draw(who: str, id: str = "") -> Request:
    return ask(RequestDraw(pool="red-packet"), who, id=id)


def log_of(database: Database) -> list[tuple[int, str, Event]]:
    """Position, stream and event of everything that was logged."""
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        rows = connection.execute(
            "SELECT notification_id, originator_id, topic, state FROM stored_events ORDER BY 1"
        ).fetchall()
    return [(position, stream, decode(topic, bytes(state))) for position, stream, topic, state in rows]


def wins(database: Database) -> list[DrawMade]:
    """All draws in the order of the log."""
    return [event for _, _, event in log_of(database) if isinstance(event, DrawMade)]
