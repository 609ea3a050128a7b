"""An example answer of each operation, for the OpenAPI description. They are built from the structs that answer."""

from datetime import UTC, date, datetime

import msgspec

from api.campaign_views import (
    AskedQuestion,
    BadgeOffered,
    CampaignDetail,
    CampaignSummary,
    Day,
    RouteCheckpoint,
    Rule,
    RuleVersion,
    Trial,
    UnionOffered,
)
from api.campaigns import Campaigns, Checked, Published
from api.clock import ClockReading
from api.example_answers import Answer, answer
from api.examples_of_branches import ANSWERS_OF_BRANCHES
from api.examples_of_details import ANSWERS_OF_DETAILS
from api.examples_of_draws import ANSWERS_OF_DRAWS, CHANCE, PRIZE, TEAM_OF
from api.examples_of_funds import ANSWERS_OF_FUNDS
from api.examples_of_members import ANSWERS_OF_MEMBERS
from api.examples_of_shops import ANSWERS_OF_SHOPS
from api.health import Health, Readiness
from api.log import LoggedEvent, LogPage
from api.participant_views import (
    Account,
    Accounts,
    AwardedBadge,
    DayRow,
    Days,
    ParticipantView,
    Points,
    ReachedCheckpoint,
    StatementLine,
    StatementPage,
    Timeline,
    TimelineEvent,
)
from api.problems import Fault
from api.programme_views import Programme, TwoLanguages

RULEBOOK = 'format = 1\nid = "sx-2019"\ntitle = { zh = "与祖国同行", en = "Walk with the Motherland" }\n# …\n'
DIGEST = "339b29173aecd15cae2ea349106809b2d3853bb89870e5040adcb96e8028ecf7"
ACCOUNT = "points:sx-2019:p-000123"

_OPENED = datetime(2019, 6, 17, 16, 0, tzinfo=UTC)
_HAPPENED = datetime(2019, 7, 3, 13, 14, 9, tzinfo=UTC)
_RECORDED = datetime(2019, 7, 3, 13, 14, 9, 412_000, tzinfo=UTC)


_title = TwoLanguages("与祖国同行", "Walk with the Motherland")
_published = Published(id="sx-2019", version=1, digest=DIGEST, position=1, effective_at=_OPENED)
_summary = CampaignSummary(
    id="sx-2019",
    title=_title,
    starts=date(2019, 7, 1),
    ends=date(2019, 10, 8),
    timezone="Asia/Shanghai",
    trial=Trial(date(2019, 6, 18), date(2019, 6, 30)),
    state="running",
    version=1,
)
_question = AskedQuestion(
    id="cp-01", text="西安城墙始建于哪个朝代的皇城基础之上？", choices={"A": "隋唐", "B": "宋", "C": "清"}
)
_detail = CampaignDetail(
    **msgspec.structs.asdict(_summary),
    versions=[RuleVersion(version=1, digest=DIGEST, effective_at=_OPENED, position=1)],
    rules=[Rule("SX-11", "每天可签到一次。", "Participants can sign in once a day.")],
    day=Day(goal=6000, cap=10000, opens="20:00", closes="24:00", grace="10m"),
    checkpoints=[RouteCheckpoint(number=1, name="西安市", target=53846, question=_question)],
    badges=[BadgeOffered("full-attendance", TwoLanguages("全勤奖", "Full attendance"), "SX-20")],
    boards=[],
    pools=[],
    branches=[UnionOffered(id="xian", name="西安市总工会", group="city", parent=None, quota=250000)],
    lit_by="steps",
    programme=Programme(),
)
_day = DayRow(day=date(2019, 7, 3), steps=8312, attained=True, signed_in=True, final=False, provisional=False)
_participant = ParticipantView(
    campaign="sx-2019",
    participant="p-000123",
    trial=False,
    branch="xian",
    branch_name="西安市总工会",
    enrolled_at=datetime(2019, 7, 1, 0, 12, tzinfo=UTC),
    points=Points(balance=58, earned=58, spent=0),
    days_attained=3,
    sign_in_days=3,
    total_steps=26100,
    checkpoints=[ReachedCheckpoint(number=1, name="西安市", target=53846, lit_at=None, passed_at=None)],
    badges=[
        AwardedBadge(
            id="full-attendance", name={"zh": "全勤奖", "en": "Full attendance"}, awarded_at=_HAPPENED
        )
    ],
    team=TEAM_OF,
    chances=[CHANCE],
    prizes=[PRIZE],
    prizes_count=1,
    today=_day,
)
_line = StatementLine(
    position=18231,
    account=ACCOUNT,
    asset="points",
    amount=4,
    balance_after=57,
    clause="SX-12",
    type="steps-synced.v1",
    occurred_at=_HAPPENED,
    recorded_at=_RECORDED,
    source="//app.example/miniprogram",
    id="8f2c-3",
)
_stored = msgspec.Raw(
    b'{"occurred_at":"2019-07-03T13:14:09Z","recorded_at":"2019-07-03T13:14:09.412Z",'
    b'"source":"//app.example/miniprogram","id":"8f2c-2","rules":1,"day":"2019-07-03","number":2}'
)
_logged = LoggedEvent(
    specversion="1.0",
    id="p-000123@sx-2019/17",
    source="//jifen/jifen",
    type="signed-in.v1",
    subject="p-000123@sx-2019",
    time="2019-07-03T13:14:09Z",
    datacontenttype="application/json",
    position=18230,
    originatorid="p-000123@sx-2019",
    originatorversion=17,
    recordedat="2019-07-03T13:14:09.412Z",
    data=_stored,
)
_seen = TimelineEvent(
    position=18230,
    campaign="sx-2019",
    type="signed-in.v1",
    occurred_at=_HAPPENED,
    recorded_at=_RECORDED,
    data=_stored,
)
_correction = {
    "id": "9b1d-1",
    "status": "accepted",
    "position": 18233,
    "recorded_at": "2019-07-04T01:00:00.000Z",
    "events": [],
    "postings": [
        {"account": ACCOUNT, "asset": "points", "amount": -5, "balance_after": 53, "clause": "SX-12"}
    ],
}
_fault = Fault(detail="Expected a whole number from 1.", path="steps.daily_goal", line=29, code="wrong_value")

ANSWERS: dict[str, Answer] = {
    "publishCampaign": answer("The campaign is published, now or before.", _published),
    "amendCampaign": answer("The amendment is published, now or before.", _published),
    "checkRulebook": answer("What is wrong with the text; an empty list for nothing.", Checked([_fault])),
    "listCampaigns": answer("Campaigns.", Campaigns([_summary])),
    "getCampaign": answer("The campaign.", _detail),
    "getParticipant": answer("The participant.", _participant),
    "listDays": answer("Days.", Days([_day])),
    "listAccounts": answer(
        "Accounts.",
        Accounts([Account(account=ACCOUNT, asset="points", book="sx-2019", balance=58, earned=58, spent=0)]),
    ),
    "listPostings": answer("Postings.", StatementPage([_line])),
    "listTimeline": answer("Events.", Timeline([_seen])),
    "correct": answer("The event's postings are reversed.", _correction),
    "readLog": answer("Events in order.", LogPage([_logged], 18231)),
    "readLogEvent": answer("The event.", _logged),
    "getClock": answer("The ledger's time.", ClockReading(_RECORDED, adjustable=False)),
    "setClock": answer("The ledger's time.", ClockReading(_RECORDED, adjustable=True)),
    "getHealth": answer("The process is up.", Health("up")),
    "getReadiness": answer("The service can work.", Readiness("ready", 18231)),
    "getMetrics": Answer("Metrics in Prometheus' text format.", "jifen_log_head 18231.0\n"),
    **ANSWERS_OF_BRANCHES,
    **ANSWERS_OF_DETAILS,
    **ANSWERS_OF_DRAWS,
    **ANSWERS_OF_FUNDS,
    **ANSWERS_OF_SHOPS,
    **ANSWERS_OF_MEMBERS,
    "getOpenApi": Answer("This document.", {"openapi": "3.1.0"}),
}
"""Operation id → what it answers. A test says when one is missing."""
