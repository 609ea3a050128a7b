"""Example answers about persons, for the OpenAPI description."""

from datetime import UTC, date, datetime

from api.example_answers import Answer, answer
from api.lines import PersonLine
from api.member_views import (
    ActivityView,
    ConsentView,
    CouponView,
    MemberHistory,
    MemberList,
    MemberSummary,
    MemberView,
    MessageQueue,
    MessageView,
    OfferView,
    RightView,
    StepView,
    UnionView,
    WalletPoints,
)
from api.member_writes import Reviewed

_APPLIED = datetime(2023, 5, 4, 0, 59, tzinfo=UTC)
_REVIEWED = datetime(2023, 5, 8, 2, 30, tzinfo=UTC)
_WHO = "p-000123"
_UNION = UnionView(id="nanjing-federation", name="南京市总工会")
_SUMMARY = MemberSummary(
    participant=_WHO,
    status="reviewed",
    union=_UNION,
    campaign="sj",
    applied_at=_APPLIED,
    reviewed_at=_REVIEWED,
    ended_at=None,
    employment="new-form",
    trade="courier",
    unit=None,
    department=None,
    transfer=UnionView(id="suzhou-federation", name="苏州市总工会"),
    transfer_at=datetime(2023, 9, 18, 2, 30, tzinfo=UTC),
    restriction=None,
    suspended=False,
    hardship=False,
    activated_at=None,
    identities=1,
    erased=False,
    position=18_260,
)
_PAGE = MemberView(
    **{name: getattr(_SUMMARY, name) for name in _SUMMARY.__struct_fields__},
    aliases=["wx-778"],
    points=WalletPoints(balance=36, earned=46, spent=10),
    rights=[
        RightView(
            entitlement="accident-cover",
            name={"zh": "职工意外伤害互助保障", "en": "Accident cover"},
            campaign="zg",
            starts=date(2023, 5, 4),
            ends=date(2024, 5, 3),
            in_force=True,
            clause="ZG-03",
        )
    ],
    coupons=[
        CouponView(
            campaign="sj",
            prize="points-draw.88",
            name={"zh": "20元消费券", "en": "Coupon of 20 yuan"},
            amount=2000,
            unit="CNY-fen",
            status="issued",
            won_at=datetime(2023, 9, 1, 4, 0, tzinfo=UTC),
            redeemed_at=None,
            href=f"/v1/campaigns/sj/participants/{_WHO}/prizes/points-draw.88",
        )
    ],
    activities=[
        ActivityView(
            campaign="sj",
            title={"zh": "扫码入会", "en": "Scan to join"},
            state="running",
            branch="nanjing-federation",
            enrolled_at=_APPLIED,
            points=0,
            href=f"/v1/campaigns/sj/participants/{_WHO}",
        )
    ],
    offers=[
        OfferView(
            kind="draw",
            campaign="sj",
            id="points-draw",
            name={"zh": "积分抽奖", "en": "Points draw"},
            href="/v1/campaigns/sj/pools/points-draw",
            type="jifen.draw_requested",
        )
    ],
    consents=[ConsentView(document="application", version="2021-1", agreed_at=_APPLIED, campaign="sj")],
)
_STEP = StepView(
    position=18_260,
    participant=_WHO,
    what="approved",
    campaign="",
    branch="nanjing-federation",
    from_branch="",
    about="",
    actor="nanjing reviews",
    reason="",
    occurred_at=_REVIEWED,
    recorded_at=_REVIEWED,
)
_MESSAGE = MessageView(
    position=18_261,
    participant="p-000456",
    template="membership-refused",
    zh="您的入会申请未通过审核。",
    en="Your application was not approved.",
    queued_at=_REVIEWED,
)
_WRITTEN = {
    "id": "9b1d-5",
    "status": "accepted",
    "position": 18_262,
    "recorded_at": "2023-05-08T02:30:00.412Z",
    "events": [],
    "postings": [],
}
_REFUSED = PersonLine(
    line=2,
    status="refused",
    http_status=422,
    participant="p-000456",
    position=18_263,
    code="nothing_to_review",
    clause="SJ-03",
    detail="p-000456 has no application that waits for a review",
)

ANSWERS_OF_MEMBERS: dict[str, Answer] = {
    "listMembers": answer("Members.", MemberList([_SUMMARY])),
    "getMember": answer("The member's page.", _PAGE),
    "listMemberHistory": answer("What became of the member.", MemberHistory([_STEP])),
    "listMessages": answer("Messages.", MessageQueue([_MESSAGE])),
    "reviewMemberships": answer(
        "What became of each review.",
        Reviewed(
            [
                PersonLine(line=1, status="accepted", http_status=201, participant=_WHO, position=18_262),
                _REFUSED,
            ]
        ),
    ),
    "reviewMembership": answer("The membership was reviewed.", _WRITTEN),
    "reviewTransfer": answer("The transfer was reviewed.", _WRITTEN),
    "restrictMember": answer("The member is restricted.", _WRITTEN),
    "liftRestriction": answer("The restriction is lifted.", _WRITTEN),
    "suspendMember": answer("The member is suspended.", _WRITTEN),
    "releaseMember": answer("The member is released.", _WRITTEN),
    "flagHardship": answer("It is written down.", _WRITTEN),
    "mergeMembers": answer("The two client ids are one participant.", _WRITTEN),
}
"""Operation id → what it answers."""
