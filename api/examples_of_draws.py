"""Example answers about teams, draws, prizes and rankings, for the OpenAPI description."""

from datetime import UTC, date, datetime

from api.example_answers import Answer, answer
from api.pools import PoolContest, PoolInside, PoolPrize, PoolView, PrizeCounts
from api.prize_views import ChanceView, PoolPrizeView, PrizeView, TeamOfView
from api.prizes import PoolPrizes, PrizeDetail, Prizes
from api.proofs import (
    ContestProof,
    DrawnBeacon,
    DrawProof,
    PromisedBeacon,
    SealedContest,
    Share,
)
from api.ranking_views import Average, Keys, Ranking, RankingPlace, RankingRow, Rate
from api.teams import TeamMemberView, TeamView
from api.vouchers import ImportedCodes, Redeemed, RedeemedLine

_AT = datetime(2019, 7, 3, 13, 20, tzinfo=UTC)
_FILLED = datetime(2019, 7, 2, 2, 0, tzinfo=UTC)
_RECORDED = "2019-07-03T13:20:00.412Z"
_SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
_COMMITMENT = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
_ROOT = "9d91dabfb4444ebbf058446b2a085fd8c8cec43ac62d53f07bf05b373c70ca38"
_SIGNATURE = (
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
_RANDOMNESS = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
_PROMISED = PromisedBeacon(
    kind="drand", at=datetime(2023, 8, 23, 15, 59, 24, tzinfo=UTC), chain="quicknet", round=1000
)

TEAM_OF = TeamOfView(team="t-1024", name="一车间健步队", captain=True, joined_on=date(2019, 7, 1))
CHANCE = ChanceView(
    pool="grand-prize", chance="full-attendance", state="used", expires_at=None, rank=None, number=17
)
PRIZE = PrizeView(
    prize="red-packet.812",
    pool="red-packet",
    outcome="red-packet-0.50",
    kind="money",
    amount=50,
    unit="CNY-fen",
    status="issued",
    number=812,
    cause=None,
    won_at=_AT,
    address=False,
    due=None,
    issued_at=_AT,
    delivered_at=None,
    returned_at=None,
    lapsed_at=None,
    redeemed_at=None,
    cancelled_at=None,
    replaced_by=None,
    price=None,
    expires_at=None,
)
_VOUCHER = PrizeDetail(
    prize="movie-voucher.1201",
    pool="movie-voucher",
    outcome="movie-voucher",
    kind="voucher",
    amount=6000,
    unit="CNY-fen",
    status="issued",
    number=None,
    cause="pool/js-2023/movie-voucher#1",
    won_at=_AT,
    address=False,
    due=None,
    issued_at=_AT,
    delivered_at=None,
    returned_at=None,
    lapsed_at=None,
    redeemed_at=None,
    cancelled_at=None,
    replaced_by=None,
    price=None,
    expires_at=None,
    code="MV-7H2K-0001",
)
_POOL_PRIZE = PoolPrizeView(
    **{name: getattr(PRIZE, name) for name in PRIZE.__struct_fields__},
    participant="p-000123",
    address_ref=None,
    region=None,
    voucher=None,
    ref=None,
    reason=None,
)
_TEAM = TeamView(
    campaign="sx-2019",
    team="t-1024",
    name="一车间健步队",
    captain="p-000123",
    goal=48_000,
    members=[
        TeamMemberView(participant="p-000123", captain=True, joined_on=date(2019, 7, 1), steps=26_100),
        TeamMemberView(participant="p-000456", captain=False, joined_on=date(2019, 7, 2), steps=17_305),
    ],
    size=6,
    created_at=datetime(2019, 7, 1, 1, 0, tzinfo=UTC),
    filled_at=_FILLED,
    days_attained=3,
    rate=Rate(numerator=3, denominator=100, percent="3.0000"),
    average_steps=Average(steps=43_405, members=2, rounded=21_703),
    attained_days=[date(2019, 7, 3)],
)
_KEYS = Keys(
    attainment_rate=Rate(numerator=3, denominator=100, percent="3.0000"),
    average_steps=Average(steps=43_405, members=2, rounded=21_703),
)
_RANKING = Ranking(
    campaign="sx-2019",
    board="teams",
    name={"zh": "团队排行榜", "en": "Teams"},
    entrants=8_214,
    visible=None,
    as_of=_AT,
    position=18_240,
    frozen=False,
    root=None,
    rows=[RankingRow(rank=1, entrant="t-1024", name="一车间健步队", keys=_KEYS)],
)
_PLACE = RankingPlace(
    campaign="sx-2019",
    board="teams",
    as_of=_AT,
    position=18_240,
    entrants=8_214,
    frozen=False,
    live=False,
    visible=True,
    rank=1,
    entrant="t-1024",
    name="一车间健步队",
    keys=_KEYS,
)
_POOL = PoolView(
    campaign="sx-2019",
    pool="red-packet",
    stream="pool/sx-2019/red-packet",
    draw="instant",
    clause="SX-18",
    closed=False,
    closes_at=datetime(2019, 10, 7, 16, 0, tzinfo=UTC),
    draws=812,
    commitment=_COMMITMENT,
    seed=None,
    contests=[PoolContest(contest=1, root=_ROOT, tickets=5, beacon=_PROMISED, run=False)],
    inside=PoolInside(
        prizes=[
            PoolPrize(
                prize="red-packet-0.50",
                kind="money",
                amount=50,
                stock=None,
                gone=243,
                left=None,
                codes_imported=0,
                codes_handed=0,
            )
        ],
        budget=None,
        budget_left=None,
        spent=81_300,
        awarded=False,
        standing=[PrizeCounts(prize="red-packet-0.50", status="issued", count=243, amount=12_150)],
    ),
)
_DRAW = DrawProof(
    campaign="sx-2019",
    pool="red-packet",
    stream="pool/sx-2019/red-packet",
    number=812,
    algorithm="jifen-instant-v1",
    source="//app.example/miniprogram",
    id="8f2c-12",
    participant="p-000123",
    outcome="red-packet-0.50",
    shares=[Share("red-packet-0.30", 4000), Share("red-packet-0.50", 3000)],
    commitment=_COMMITMENT,
    seed=_SEED,
    position=18_240,
)
_CONTEST = ContestProof(
    campaign="sx-2019",
    pool="grand-prize",
    stream="pool/sx-2019/grand-prize",
    contest=1,
    algorithm="jifen-batch-v1",
    sealed=SealedContest(
        position=18_240,
        root=_ROOT,
        tickets=5,
        prizes=[{"prize": "phone", "count": 1}, {"prize": "cup", "count": 2}],
        person_max=1,
        beacon=_PROMISED,
    ),
    beacon=DrawnBeacon(round=1000, chain="quicknet", signature=_SIGNATURE, randomness=_RANDOMNESS),
    tickets=[(1, "p-1"), (2, "p-2"), (3, "p-1"), (4, "p-3"), (5, "p-4")],
    winners=[(1, "phone"), (5, "cup"), (2, "cup")],
    reason="",
    approver="",
)
_WRITTEN = {
    "id": "9b1d-2",
    "status": "accepted",
    "position": 18_241,
    "recorded_at": _RECORDED,
    "events": [],
    "postings": [],
}
_REDEEMED = RedeemedLine(
    line=2, status="accepted", http_status=201, prize="movie-voucher.1201", position=18_250
)

ANSWERS_OF_DRAWS: dict[str, Answer] = {
    "getTeam": answer("The team.", _TEAM),
    "getRanking": answer("The published ranking.", _RANKING),
    "getRank": answer("The place.", _PLACE),
    "getPool": answer("The pool.", _POOL),
    "findDraw": answer("The proof.", _DRAW),
    "getDraw": answer("The proof.", _DRAW),
    "getContest": answer("The proof.", _CONTEST),
    "sealDraw": answer("The draw is sealed.", _WRITTEN),
    "runDraw": answer("The draw was held.", _WRITTEN),
    "awardPlaces": answer("The places have their prizes.", _WRITTEN),
    "listPrizes": answer("Prizes.", Prizes([PRIZE])),
    "getPrize": answer("The prize.", _VOUCHER),
    "listPoolPrizes": answer("Prizes.", PoolPrizes([_POOL_PRIZE])),
    "movePrize": answer("The step is written down.", _WRITTEN),
    "importVouchers": answer(
        "The codes are here.",
        ImportedCodes(
            pool="movie-voucher",
            prize="movie-voucher",
            batch="2023-11 first delivery",
            first=1,
            count=1000,
            position=18_249,
        ),
    ),
    "redeemVouchers": answer("What became of each line.", Redeemed([_REDEEMED])),
}
"""Operation id → what it answers."""
