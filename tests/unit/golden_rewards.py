"""One event of every type of teams, draws, prizes and boards, with every member that it can have."""

from datetime import UTC, date, datetime
from typing import Any

from ledger.events import (
    AddressSubmitted,
    Beacon,
    BeaconPromise,
    BoardFrozen,
    CaptainRewarded,
    ChanceExpired,
    ChanceGranted,
    ContentViewed,
    DayClosed,
    DrawEntered,
    DrawForfeited,
    DrawMade,
    DrawRun,
    DrawSealed,
    EntryTaken,
    Event,
    MemberAdded,
    MemberRemoved,
    PlacesAwarded,
    PoolClosed,
    PoolOpened,
    PrizeCount,
    PrizeDelivered,
    PrizeDrawn,
    PrizeIssued,
    PrizeLapsed,
    PrizeReplaced,
    PrizeReturned,
    PrizeWon,
    SeedRevealed,
    StockMoved,
    TeamAnnounced,
    TeamCreated,
    TeamDayAttained,
    TeamDayLost,
    TeamFilled,
    TeamGoalLost,
    TeamGoalMet,
    TeamGoalSet,
    TeamJoined,
    TeamLeft,
    VoucherHanded,
    VoucherRedeemed,
    VouchersImported,
)
from ledger.posting import Posting

SAID: dict[str, Any] = {
    "occurred_at": datetime(2019, 7, 3, 13, 14, 9, tzinfo=UTC),
    "recorded_at": datetime(2019, 7, 3, 13, 14, 9, 412_000, tzinfo=UTC),
    "source": "//app.example/miniprogram",
    "id": "8f2c",
    "rules": 1,
}
DAY = date(2019, 7, 3)
POINTS, PRIZES, TRANSIT = "points:sx-2019:p-000123", "prizes:sx-2019:p-000123", "transit:sx-2019"
TEAM: dict[str, Any] = {"team": "lanterns-7"}
CAUSE: dict[str, Any] = {"cause": "team/sx-2019/lanterns-7", "cause_version": 9}
DRAWN: dict[str, Any] = {"pool": "red-packet", "number": 812}
BICYCLE: dict[str, Any] = {"prize": "grand-prize.77", "actor": "li.wei"}
ROOT = "4f1d6e0b2c9a8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e"
SIGNATURE = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"


def given(amount: int, clause: str, after: int) -> tuple[Posting, ...]:
    """Points that a participant gets, or gives back."""
    return (
        Posting(POINTS, "points", amount, clause, after),
        Posting("issued:sx-2019", "points", -amount),
    )


def moved(giver: str, taker: str, after: int | None = None) -> tuple[Posting, ...]:
    """A bicycle that moves."""
    return (
        Posting(giver, "bicycle", -1, "SX-25", after),
        Posting(taker, "bicycle", 1, "SX-25"),
    )


EXAMPLES: list[Event] = [
    ContentViewed(**SAID, ref="safety-video"),
    TeamCreated(**SAID, **TEAM, name="灯笼队"),
    TeamJoined(**SAID, **TEAM, invited_by="p-000007"),
    TeamLeft(**SAID, **TEAM, removed_by="p-000007"),
    MemberAdded(**SAID, **TEAM, member="p-000123", joined_on=DAY, name="灯笼队", captain=True),
    MemberRemoved(**SAID, **TEAM, member="p-000123", captain="p-000007"),
    TeamFilled(**SAID, **TEAM, captain="p-000007"),
    CaptainRewarded(**SAID, **TEAM, **CAUSE, postings=given(20, "SX-16", 77)),
    TeamGoalSet(**SAID, **TEAM, goal=40_000, by="p-000007"),
    TeamAnnounced(**SAID, **TEAM, ref="notes/公告-1", by="p-000007"),
    TeamDayAttained(**SAID, **TEAM, day=DAY, steps=41_200, members=("p-000007", "p-000123")),
    TeamDayLost(**SAID, **TEAM, day=DAY, steps=35_999),
    TeamGoalMet(**SAID, **TEAM, **CAUSE, day=DAY, points=2, postings=given(2, "SX-14", 79)),
    TeamGoalLost(**SAID, **TEAM, **CAUSE, day=DAY, reverses_version=41, postings=given(-2, "SX-14", 77)),
    ChanceGranted(
        **SAID,
        pool="red-packet",
        chance="2023-11-02",
        expires_at=datetime(2023, 11, 2, tzinfo=UTC),
        rank=9_999,
    ),
    DrawForfeited(**SAID, pool="red-packet", chance="2023-11-02"),
    ChanceExpired(**SAID, pool="red-packet", chance="2023-11-02"),
    DrawMade(
        **SAID,
        **DRAWN,
        postings=(
            Posting(POINTS, "points", -20, "SX-18", 57),
            Posting("spent:sx-2019", "points", 20, "SX-18"),
            Posting("pool:sx-2019:red-packet", "CNY-fen", -50, "SX-18"),
            Posting("money:sx-2019:p-000123", "CNY-fen", 50, "SX-18", 50),
            Posting("money:sx-2019:p-000123", "CNY-fen", -50, "SX-18", 0),
            Posting(TRANSIT, "CNY-fen", 50, "SX-18"),
        ),
        day=DAY,
        chance="full-attendance",
        outcome="red-packet-0.50",
        kind="money",
        prize="red-packet.812",
        amount=50,
        unit="CNY-fen",
        status="issued",
        voucher=12,
    ),
    DrawEntered(
        **SAID,
        pool="grand-prize",
        number=77,
        day=DAY,
        chance="full-attendance",
        postings=(
            Posting(POINTS, "points", -20, "SX-22", 57),
            Posting("spent:sx-2019", "points", 20, "SX-22"),
        ),
    ),
    PoolOpened(**SAID, pool="red-packet", commitment=ROOT),
    PrizeDrawn(**SAID, **DRAWN, participant="p-000123", outcome="red-packet-0.50", amount=50, voucher=12),
    EntryTaken(**SAID, pool="grand-prize", number=77, participant="p-000123"),
    PoolClosed(**SAID, pool="red-packet"),
    SeedRevealed(**SAID, pool="red-packet", seed=ROOT),
    DrawSealed(
        **SAID,
        pool="grand-prize",
        contest=2,
        algorithm="jifen-batch-v1",
        position=1_204_112,
        root=ROOT,
        tickets=8_123,
        prizes=(PrizeCount("bicycle", 10), PrizeCount("towel", 90)),
        beacon=BeaconPromise(
            kind="drand",
            at=datetime(2019, 10, 17, 2, tzinfo=UTC),
            chain="quicknet",
            round=1_000,
            source="福利彩票3D 2019178",
        ),
        actor="li.wei",
        person_max=1,
        reason="a winner withdrew",
        approver="wang.fang",
    ),
    DrawRun(
        **SAID,
        pool="grand-prize",
        contest=2,
        beacon=Beacon(signature=SIGNATURE, text="5 1 7"),
        randomness=ROOT,
        winners=((77, "bicycle"), (12, "towel")),
        actor="li.wei",
        vouchers={"movie": 12},
        amount=6_000,
    ),
    PlacesAwarded(
        **SAID,
        pool="team-prize",
        board="teams",
        winners=((1, "p-000007", "team-first"), (1, "p-000123", "team-first")),
        actor="li.wei",
        vouchers={"movie": 12},
        amount=6_000,
    ),
    VouchersImported(
        **SAID,
        pool="movie-voucher",
        prize="movie",
        first=501,
        count=500,
        batch="2023-11 第二批",
        actor="finance",
    ),
    StockMoved(
        **SAID, pool="grand-prize", outcome="bicycle", count=-1, amount=-90_000, prize="grand-prize.77"
    ),
    VoucherHanded(**SAID, pool="movie-voucher", prize="movie", voucher=12),
    PrizeWon(
        **SAID,
        postings=(
            Posting("pool:sx-2019:grand-prize", "bicycle", -1, "SX-22"),
            Posting(PRIZES, "bicycle", 1, "SX-22", 1),
        ),
        pool="grand-prize",
        prize="grand-prize.77",
        outcome="bicycle",
        kind="goods",
        cause="pool/sx-2019/grand-prize#2",
        amount=90_000,
        unit="CNY-fen",
        status="issued",
        voucher=12,
    ),
    AddressSubmitted(
        **SAID, prize="grand-prize.77", address_ref="vault/9c1e", region="CN-SN", due=date(2019, 11, 6)
    ),
    PrizeIssued(**SAID, **BICYCLE, ref="SF-1090", voucher=12, postings=moved(PRIZES, TRANSIT, 0)),
    PrizeDelivered(**SAID, **BICYCLE, ref="SF-1090", postings=moved(TRANSIT, "delivered:sx-2019")),
    PrizeReturned(
        **SAID, **BICYCLE, reason="nobody there", postings=moved(TRANSIT, "pool:sx-2019:grand-prize")
    ),
    PrizeLapsed(
        **SAID, **BICYCLE, reason="no address given", postings=moved(PRIZES, "pool:sx-2019:grand-prize", 0)
    ),
    PrizeReplaced(**SAID, **BICYCLE, by="grand-prize.77.r", reason="arrived broken"),
    VoucherRedeemed(
        **SAID,
        **BICYCLE,
        redeemed_at=datetime(2019, 11, 20, 4, tzinfo=UTC),
        ref="PHSC-7",
        postings=moved(TRANSIT, "delivered:sx-2019"),
    ),
    BoardFrozen(
        **SAID,
        board="teams",
        as_of=datetime(2019, 10, 7, 16, tzinfo=UTC),
        last_day=date(2019, 10, 7),
        position=1_204_112,
        root=ROOT,
        entrants=31_415,
    ),
    DayClosed(**SAID, day=DAY),
]
