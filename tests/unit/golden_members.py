"""One event of every type of persons, rosters and wallets, with every member that it can have."""

from datetime import UTC, date, datetime

import msgspec

from ledger.event import Event
from ledger.member_events import (
    AccessDenied,
    Activated,
    DetailsCorrected,
    DetailsKept,
    DetailsViewed,
    EntitlementEnded,
    EntitlementGranted,
    HardshipFlagged,
    HelpApplied,
    HelpDecided,
    IdentitiesAdded,
    IdentityClaimed,
    Lot,
    MemberBecame,
    MemberJoined,
    MemberReleased,
    MemberRestricted,
    MembershipApplied,
    MembershipReviewed,
    MemberSuspended,
    MessageQueued,
    PersonErased,
    PointsExpired,
    PointsMoved,
    RestrictionLifted,
    RosterActivated,
    RosterEntered,
    RosterImported,
    TransferApplied,
    TransferReviewed,
)
from ledger.office import ProgrammeServes
from ledger.posting import Posting
from tests.unit.golden_rewards import SAID

HASH = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
WALLET = "points:member:p-000123"
AGREED = datetime(2021, 3, 2, 2, tzinfo=UTC)
CONSENTS = (("application", "2021-1", AGREED), ("pledge", "2021-1", AGREED))
LOT = Lot(100, datetime(2020, 3, 14, 16, tzinfo=UTC), datetime(2021, 3, 31, 16, tzinfo=UTC))

EXAMPLES: list[Event] = [
    MembershipApplied(
        **SAID, campaign="sj", branch="zj-express", employment="new-form", trade="courier", consents=CONSENTS
    ),
    MembershipReviewed(**SAID, approved=True, branch="zj-express", actor="li.wei", reason="材料齐全"),
    MessageQueued(
        **SAID,
        template="membership_refused",
        zh="您的入会申请未通过审核，会籍已终止。",
        en="Your application for membership was not approved, and your membership has ended.",
    ),
    TransferApplied(
        **SAID,
        campaign="sj",
        from_branch="zj-express",
        branch="nanjing-federation",
        employment="new-form",
        trade="truck-driver",
        consents=CONSENTS,
    ),
    TransferReviewed(
        **SAID,
        approved=True,
        branch="nanjing-federation",
        from_branch="zj-express",
        actor="li.wei",
        reason="同意接收",
        employment="new-form",
        trade="truck-driver",
    ),
    DetailsCorrected(**SAID, employment="new-form", trade="courier", unit="京口站", department="夜班"),
    MemberRestricted(
        **SAID, kind="abuse", actor="li.wei", reason="刷单", until=date(2022, 3, 1), sealed=True
    ),
    RestrictionLifted(**SAID, actor="li.wei", reason="复核通过"),
    MemberSuspended(**SAID, actor="li.wei", reason="多账号刷步"),
    MemberReleased(**SAID, actor="li.wei", reason="申诉成立"),
    IdentityClaimed(**SAID, kind="phone", member="p-000123"),
    IdentitiesAdded(**SAID, identities={"phone": HASH, "wechat": HASH[::-1]}),
    MemberJoined(
        **SAID,
        postings=(
            Posting("joining:member", "points", -40, "EC-12"),
            Posting(WALLET, "points", 40, "EC-12", 140),
        ),
        other="p-000456",
        aliases=("p-000789",),
        by="phone",
        actor="li.wei",
        reason="本人到场核实",
        spent=15,
        after={"hardship": msgspec.Raw(b"true")},
    ),
    MemberBecame(
        **SAID,
        postings=(
            Posting("points:member:p-000456", "points", -40, "EC-12", 0),
            Posting("joining:member", "points", 40, "EC-12"),
        ),
        member="p-000123",
        spent=15,
        helps_after=2,
    ),
    RosterImported(**SAID, batch="2020 互助保障名单", entered=9_998, renewed=2, actor="li.wei"),
    RosterEntered(**SAID, batch="2020 互助保障名单", branch="zj-1", reference="职工-7", line=8),
    RosterActivated(**SAID, member="p-000123", campaign="zg"),
    Activated(
        **SAID,
        postings=(
            Posting("points:zg:p-000123", "points", 100, "ZG-03", 100),
            Posting("issued:zg", "points", -100),
        ),
        branch="zj-1",
        identity=HASH,
        consent="2020-1 2020-03-15T09:00:00+08:00",
    ),
    EntitlementGranted(
        **SAID,
        entitlement="accident-cover",
        campaign="zg",
        starts=date(2020, 3, 15),
        ends=date(2021, 3, 14),
        clause="ZG-03",
    ),
    EntitlementEnded(**SAID, entitlement="accident-cover", ends=date(2021, 3, 14)),
    HardshipFlagged(**SAID, hardship=True, actor="li.wei", reason="低保家庭"),
    HelpApplied(**SAID, campaign="zg", number=1, ref="vault/help/1", amount=200_000),
    HelpDecided(
        **SAID, campaign="zg", number=1, approved=True, actor="li.wei", amount=150_000, reason="按标准发放"
    ),
    DetailsKept(**SAID, fields=("name", "phone"), actor="li.wei", removed=("nickname",)),
    DetailsViewed(**SAID, fields=("phone",), actor="li.wei", reason="核对获奖人"),
    PersonErased(**SAID, actor="li.wei", reason="本人要求"),
    AccessDenied(**SAID, key="zj-office", method="GET", path="/v1/members/p-000123", scope="zhenjiang"),
    PointsMoved(
        **SAID,
        postings=(Posting(WALLET, "points", 100, "ZG-03", 100), Posting("issued:zg", "points", -100)),
        campaign="zg",
        stream="p-000123@zg",
        version=1,
        cause="activated.v1",
        lots=(LOT,),
        debt=-5,
    ),
    ProgrammeServes(**SAID, campaign="zg", services=("activation", "shop")),
    PointsExpired(
        **SAID,
        postings=(
            Posting(WALLET, "points", -100, "ZG-08", 0),
            Posting("expired:member", "points", 100, "ZG-08"),
        ),
        lots=(LOT,),
    ),
]
