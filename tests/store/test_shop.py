"""The last item of a shop, when everybody wants it: exactly as many as there are, against a real database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from ledger.audit import audit
from ledger.clock import Clock
from ledger.codec import decode
from ledger.command import request
from ledger.events import ActivityRefused
from ledger.ledger import Ledger
from ledger.lots import spendable
from ledger.member import Member
from ledger.member_commands import ExpirePoints
from ledger.outcomes import Outcome
from ledger.shop_commands import CancelRedemption, RedeemItem
from ledger.shop_events import ItemRedeemed, StockTaken
from ledger.states import decode_state
from ledger.streams import member_stream
from tests.conftest import Database
from tests.store.drawing import log_of
from tests.store.playing import CHINA
from tests.store.selling import EACH, ask, codes, earning, publish
from tests.store.vaults import VAULT

PEOPLE = [f"p-{number}" for number in range(1, 31)]


def opened(database: Database) -> Ledger:
    return Ledger(database.url, database.schema, VAULT).start()


def shopping(database: Database, stock: int) -> None:
    """A campaign with so many flasks, and thirty people with six points each."""
    with opened(database) as ledger:
        ledger.set_clock(Clock.following_events())
        asked = [publish(stock), *(each for who in PEOPLE for each in earning(who))]
        assert {outcome.status for outcome in ledger.writer.submit_now(asked)} == {"accepted"}


def wallet(ledger: Ledger, who: str) -> Member:
    stream = member_stream(who)
    ((state,),) = ledger.recorder.read(
        "SELECT state FROM aggregate_snapshots WHERE originator_id = %s", (stream,)
    )
    member = decode_state(stream, bytes(state))
    assert isinstance(member, Member)
    return member


def code_of(outcome: Outcome) -> str:
    event = decode(outcome.events[0].topic, outcome.events[0].state)
    return event.code if isinstance(event, ActivityRefused) else ""


@pytest.mark.rule("ZG-07", "GX-01", "GX-02")
def test_the_last_items_of_a_shop_go_to_exactly_as_many_whoever_asks_how_often(database: Database) -> None:
    """Three writers at once; everybody asks each of them, with the same id, and twice in a row."""
    stock, writers = 7, 3
    shopping(database, stock)
    ready = Barrier(writers)

    def stampede(turn: int) -> dict[str, list[Outcome]]:
        asked = [ask(RedeemItem(item="thermos"), who) for who in PEOPLE[turn * 7 :] + PEOPLE[: turn * 7]]
        with opened(database) as ledger:
            ready.wait()
            found: dict[str, list[Outcome]] = {}
            for start in range(0, len(asked), 5):
                part = asked[start : start + 5]
                for each, outcome in zip(
                    [*part, *part], ledger.writer.submit_now([*part, *part]), strict=True
                ):
                    found.setdefault(each.participant, []).append(outcome)
            return found

    with ThreadPoolExecutor(writers) as threads:
        answers = list(threads.map(stampede, range(writers)))
    told: dict[str, str] = {}
    for who in PEOPLE:
        of_one = [outcome for answer in answers for outcome in answer[who]]
        assert len({(outcome.position, outcome.status, outcome.events) for outcome in of_one}) == 1
        assert sum(not outcome.repeat for outcome in of_one) == 1
        told[who] = code_of(of_one[0])
    assert Counter(told.values()) == {"": stock, "sold_out": len(PEOPLE) - stock}
    log = [event for _, _, event in log_of(database)]
    assert sum(isinstance(event, ItemRedeemed) for event in log) == stock
    assert [event.number for event in log if isinstance(event, StockTaken)] == [*range(1, stock + 1)]
    with opened(database) as ledger:
        for who in PEOPLE:
            assert wallet(ledger, who).balance == EACH - (4 if told[who] == "" else 0)
    report = audit(database.url, database.schema)
    assert report.sound, report.faults
    assert report.balances["points:member:p-1", "points"] >= 0
    assert report.balances["spent:mall", "points"] == 4 * stock


@pytest.mark.rule("ZG-08", "GX-02")
def test_points_are_not_spent_twice_and_no_code_is_handed_out_twice(database: Database) -> None:
    """Everybody can pay for one film and asks for three, in one group and over two writers."""
    shopping(database, 1)
    with opened(database) as ledger:
        (imported,) = ledger.writer.submit_now([codes(25)])
        assert imported.status == "accepted"
    wanted = [ask(RedeemItem(item="movie"), who, id=f"{who} {n}") for n in range(3) for who in PEOPLE]

    def buys(part: int) -> list[str]:
        with opened(database) as ledger:
            return [code_of(outcome) for outcome in ledger.writer.submit_now(wanted[part::2])]

    with ThreadPoolExecutor(2) as threads:
        told = Counter(code for part in threads.map(buys, range(2)) for code in part)
    assert told[""] == 25
    assert told["sold_out"] + told["not_enough_points"] == len(wanted) - 25
    handed = [
        code for _, _, event in log_of(database) if isinstance(event, StockTaken) for code in event.vouchers
    ]
    assert sorted(handed) == [*range(1, 26)]
    assert audit(database.url, database.schema).sound


@pytest.mark.rule("ZG-08")
def test_a_wallet_is_kept_expired_and_audited_over_restarts(database: Database) -> None:
    shopping(database, 2)
    later = datetime(2019, 7, 5, 10, tzinfo=CHINA)
    over = datetime(2019, 8, 1, 0, tzinfo=CHINA)
    with opened(database) as ledger:
        bought, given_back = ledger.writer.submit_now(
            [
                ask(RedeemItem(item="thermos"), "p-1", at=later),
                ask(CancelRedemption(prize="shop.1.1"), "p-1", at=later),
            ]
        )
        assert (bought.status, given_back.status) == ("accepted", "accepted")
        assert [leg.balance_after for leg in (*bought.postings, *given_back.postings)][:1] == [2]
        before = wallet(ledger, "p-1")
        assert before.balance == spendable(before.lots, before.debt, later) == EACH
    expiry = [
        request(
            ExpirePoints(), source="//s", id=f"expire {who}", campaign="", participant=who, occurred_at=over
        )
        for who in PEOPLE
    ]
    with opened(database) as ledger:
        assert {outcome.status for outcome in ledger.writer.submit_now(expiry)} == {"accepted"}
        assert wallet(ledger, "p-1").lots == ()
    report = audit(database.url, database.schema)
    assert report.sound, report.faults
    assert report.balances["expired:member", "points"] == EACH * len(PEOPLE)
    assert report.totals["points"] == 0
