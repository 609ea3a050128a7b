"""What the views say of wallets and of redeemed items: what the ledger itself says, however they are delivered."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ledger.command import Command
from ledger.commands import IssuePrize, LapsePrize, RedeemVoucher, SubmitAddress
from ledger.member_events import Lot
from projections import reads, wallet_reads
from projections.rebuild import rebuild
from projections.session import connect as session
from tests.conftest import Database
from tests.given import Story, moment
from tests.projections.logs import append, catch_up, connect, forget, stored, views
from tests.projections.test_prize_views import ask, shown
from tests.unit.wallets import (
    OTHER,
    PLAIN,
    WALLET,
    WALLETED,
    cancels,
    codes,
    earner,
    earns,
    expires,
    member,
    redeems,
)

TABLES = ("wallets", "wallet_lots", "wallet_campaigns", "redemptions", "prizes", "balances")


def lively() -> Story:
    """Points of two campaigns: spent, given back, taken back until there is debt, expired; p-2 has some too."""
    story = codes(earner(days=2), "movie", 2, "07-02 22:00").also(OTHER)
    story.enrol(at="07-03 08:00", campaign="other").signs_in("07-03 08:01", campaign="other")
    redeems(story, "towel", "07-03 10:00", quantity=2)
    redeems(story, "movie", "07-03 10:01")
    cancels(story, "mall.1.2", "07-03 10:02")
    story.draws("lucky", "07-03 10:03", campaign="other")
    earns(story.enrol("p-2", at="07-03 22:00"), 4, 5, "p-2")
    story.post(SubmitAddress(prize="mall.1.1", address_ref="vault/1"), at="07-05 10:00")
    story.corrects(
        next(n for n, each in enumerate(story.log, 1) if each.event.TOPIC == "steps-synced.v1"), "07-06 10:00"
    )
    return expires(expires(story, "08-03 10:00"), "08-04 10:00", who="p-2")


def known(story: Story, who: str) -> tuple[int, int, list[Lot]]:
    state = member(story, who)
    return state.balance, state.debt, sorted(state.lots, key=lambda lot: (lot.expires, lot.begins))


@pytest.mark.rule("ZG-08", "GX-06")
def test_a_wallet_is_shown_as_the_ledger_has_it(database: Database) -> None:
    story = lively()
    shown(database, story)
    for who in ("p-1", "p-2", "nobody"):
        row = ask(database, lambda c, who=who: wallet_reads.wallet(c, who))  # type: ignore[misc]
        lots = [Lot(lot.points, lot.begins, lot.expires) for lot in row.lots]
        assert (row.balance, row.debt, lots) == known(story, who)


@pytest.mark.rule("ZG-08")
def test_a_participants_page_shows_the_wallets_balance_and_the_campaigns_own_figures(
    database: Database,
) -> None:
    story = lively()
    shown(database, story)
    first, other = (
        ask(database, lambda c, book=book: reads.participant_page(c, book, "p-1")).wallet  # type: ignore[misc]
        for book in ("sx-2019", "other")
    )
    assert first.balance == other.balance == member(story).balance
    assert (first.earned, first.spent) == (12 - 5, 2 + 3)
    assert (other.earned, other.spent) == (1, 5)
    accounts = ask(database, lambda c: reads.balances(c, "p-1"))
    wallet = next(each for each in accounts if each.account == "points:member:p-1")
    assert (wallet.book, wallet.balance) == ("member", member(story).balance)
    assert (wallet.earned, wallet.spent) == (13 - 5, 10)
    (expired,) = ask(database, lambda c: reads.balances(c, "p-2"))
    assert (expired.balance, expired.earned, expired.spent) == (6, 12 - 6, 0)


@pytest.mark.rule("ZG-07")
def test_redeemed_items_are_shown_with_price_validity_and_how_far_they_have_come(database: Database) -> None:
    shown(database, lively())
    rows = ask(database, lambda c: wallet_reads.redemptions_of(c, "sx-2019", "p-1"))
    assert [(row.prize, row.item, row.price, row.status, row.kind) for row in rows] == [
        ("mall.2.1", "movie", 3, "issued", "voucher"),
        ("mall.1.1", "towel", 2, "won", "goods"),
        ("mall.1.2", "towel", 2, "cancelled", "goods"),
    ]
    assert {row.expires_at for row in rows} == {moment("07-14 00:00")}
    assert rows[2].cancelled_at == moment("07-03 10:02")
    assert [row.address for row in rows] == [False, True, False]
    second = ask(
        database,
        lambda c: wallet_reads.redemptions_of(c, "sx-2019", "p-1", before=(rows[0].position, rows[0].prize)),
    )
    assert second == rows[1:]
    prize = ask(database, lambda c: reads.participant_page(c, "sx-2019", "p-1")).prizes[0]
    assert (prize.prize, prize.price, prize.expires_at) == ("mall.2.1", 3, moment("07-14 00:00"))


@pytest.mark.rule("ZG-07")
def test_what_waits_for_its_owner_past_its_validity_is_due_and_nothing_else(database: Database) -> None:
    """Of towels and codes those that nobody has claimed or used; phone credit waits for the organiser alone."""
    dated = replace(
        PLAIN.pools[0], prizes=tuple(replace(each, valid_days=10) for each in PLAIN.pools[0].prizes)
    )
    story = codes(earner(replace(PLAIN, pools=(dated,)), days=4), "movie", 3, "07-04 22:00")
    for number, what in enumerate(("towel", "towel", "movie", "movie", "top-up")):
        redeems(story, what, f"07-05 10:0{number}")
    used: list[Command] = [
        SubmitAddress(prize="mall.2.1", address_ref="vault/1"),
        RedeemVoucher(prize="mall.4.1"),
    ]
    for command in used:
        story.post(command, at="07-06 10:00")
    shown(database, story)
    over = moment("07-16 00:00")
    with session(database.url, database.schema, "test") as connection:
        early = wallet_reads.due_redemptions(connection, "sx-2019", over - timedelta(milliseconds=1))
        due = wallet_reads.due_redemptions(connection, "sx-2019", over)
    assert early == []
    assert [(each.participant, each.prize, each.expires_at) for each in due] == [
        ("p-1", "mall.1.1", over),
        ("p-1", "mall.3.1", over),
    ]
    played = len(story.log)
    for each in due:
        story.post(LapsePrize(prize=each.prize, reason="not claimed"), at=over)
        assert not story.refused
    shown(database, story, played)
    with session(database.url, database.schema, "test") as connection:
        assert wallet_reads.due_redemptions(connection, "sx-2019", over) == []


@pytest.mark.rule("ZG-08")
def test_wallets_are_due_when_a_lot_has_expired_and_again_when_points_come_back_to_one(
    database: Database,
) -> None:
    story = earns(earner(days=1).enrol("p-2", at="07-01 22:00"), 2, 2, "p-2")
    redeems(story, "top-up", "07-03 10:00")
    shown(database, story)

    def due(at: str) -> list[tuple[str, int]]:
        with session(database.url, database.schema, "test") as connection:
            return [
                (each.participant, each.position) for each in wallet_reads.due_wallets(connection, moment(at))
            ]

    assert due("07-31 23:59:59") == []
    (first,) = due("08-01 00:00")
    assert first[0] == "p-1"
    assert [who for who, _ in due("08-02 00:00")] == ["p-1", "p-2"]
    played = len(story.log)
    expires(story, "08-01 00:00")
    shown(database, story, played)
    assert due("08-01 00:00") == []
    played = len(story.log)
    cancels(story, "mall.1.1", "08-01 10:00")
    shown(database, story, played)
    (again,) = due("08-01 10:00")
    assert again[0] == "p-1"
    assert again[1] > first[1]


@pytest.mark.rule("ZG-08", "GX-06")
def test_batches_and_rebuilding_change_nothing(database: Database) -> None:
    story = lively()
    story.post(IssuePrize(prize="mall.1.1"), at="08-05 10:00")
    append(database, stored(story.log))
    catch_up(database)
    whole = views(database, TABLES)
    assert all(whole.values())
    forget(database)
    catch_up(database, batch=1)
    assert views(database, TABLES) == whole
    for view in ("wallets", "prizes", "balances"):
        rebuild(database.url, database.schema, view)
    assert views(database, TABLES) == whole


def test_points_that_never_expire_have_no_end_and_are_never_due(database: Database) -> None:
    story = earner(replace(WALLETED, wallet=replace(WALLET, lasts=None)), days=1)
    shown(database, story)
    row = ask(database, lambda c: wallet_reads.wallet(c, "p-1"))
    assert [lot.expires for lot in row.lots] == [None]
    with session(database.url, database.schema, "test") as connection:
        assert wallet_reads.due_wallets(connection, moment("2199-01-01 00:00")) == []
    with connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM parked_events").fetchall() == [(0,)]
