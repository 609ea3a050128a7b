"""One event of every type by which two participants become one, with every member that it can have."""

from datetime import date

import msgspec

from ledger.events import Event
from ledger.join_events import (
    HistoryGiven,
    HistoryJoined,
    JoinedBadge,
    JoinedChance,
    JoinedCheckpoint,
    JoinedDay,
    JoinedEnrolment,
    MemberReplaced,
    Twice,
)
from ledger.posting import Posting
from tests.unit.golden_rewards import SAID

OTHER = "p-000456@sx-2019"
AT = SAID["occurred_at"]
WRITTEN = SAID["recorded_at"]

EXAMPLES: list[Event] = [
    HistoryGiven(
        **SAID,
        postings=(
            Posting("points:sx-2019:p-000456", "points", -12, "EC-12", 0),
            Posting("joining:sx-2019", "points", 12, "EC-12"),
        ),
        to="p-000123",
        spent={"points": 20},
    ),
    HistoryJoined(
        **SAID,
        postings=(
            Posting("points:sx-2019:p-000123", "points", 12, "EC-12", 69),
            Posting("joining:sx-2019", "points", -12, "EC-12"),
            Posting("points:sx-2019:p-000123", "points", -1, "SX-11", 68),
            Posting("issued:sx-2019", "points", 1),
        ),
        other="p-000456",
        gave=31,
        enrolment=JoinedEnrolment("xian", AT, WRITTEN, "西电集团", "三车间"),
        days=(
            JoinedDay(
                date(2019, 7, 3),
                counted=10_000,
                was=4_000,
                attained=True,
                synced_at=AT,
                stream=OTHER,
                version=17,
                earned={"steps": 5, "daily-goal": 1},
                provisional=9_000,
                provisional_at=AT,
                signed_in_at=WRITTEN,
                metres=5_000,
                runs=2,
            ),
        ),
        checkpoints=(JoinedCheckpoint(2, lit_at=AT, passed_at=AT, reflected_at=AT),),
        badges=(JoinedBadge("full-attendance", AT, "SX-20"),),
        chances=(JoinedChance("red-packet", "2019-07-03", "used", AT, AT, 7, 31),),
        viewed=("safety-video",),
        twice=(Twice(OTHER, 9, "signed-in.v1", 1, "SX-11", date(2019, 7, 2)),),
        spent={"points": 20},
        play={"total": msgspec.Raw(b"153000"), "passed": msgspec.Raw(b"[1,2]")},
    ),
    MemberReplaced(**SAID, team="t-7", member="p-000456", by="p-000123"),
]
