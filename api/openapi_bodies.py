"""The bodies that operations take, with an example of each, and which of them take an Idempotency-Key."""

from typing import Any

import msgspec

from api.bodies import JSON, TOML
from api.branches import Confirmation, Entries, UnionMerger
from api.clock import ClockSetting
from api.corrections import Correction
from api.doings import AttendanceList
from api.draw_writes import Running, Sealing
from api.examples import RULEBOOK
from api.examples_of_details import BODIES_OF_DETAILS, KEYS_OF_DETAILS
from api.fund_writes import Deposit, HelpDecision, Payment, ProjectProposal, ProjectReview
from api.member_writes import HardshipFlag, Merger, Reasoned, Restriction, Reviews, Verdict
from api.prize_writes import PrizeStep
from api.vouchers import CSV

BODIES: dict[str, tuple[str, type[msgspec.Struct] | None, Any]] = {
    "publishCampaign": (TOML, None, RULEBOOK),
    "amendCampaign": (TOML, None, RULEBOOK),
    "checkRulebook": (TOML, None, RULEBOOK),
    "correct": (JSON, Correction, {"reverses": 18231, "reason": "The phone's clock was a day off."}),
    "sealDraw": (JSON, Sealing, {"beacon": {"kind": "drand", "round": 4200000}}),
    "runDraw": (
        JSON,
        Running,
        {"signature": "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e3…"},
    ),
    "movePrize": (JSON, PrizeStep, {"ref": "SF1234567890"}),
    "importVouchers": (CSV, None, "code\nMV-7H2K-0001\nMV-7H2K-0002\n"),
    "redeemVouchers": (CSV, None, "code,redeemed_at,ref\nMV-7H2K-0001,2023-11-20T19:30:00+08:00,A-88\n"),
    "reviewMemberships": (
        JSON,
        Reviews,
        {
            "reviews": [
                {"participant": "p-000123", "approved": True},
                {"participant": "p-000456", "approved": False, "reason": "works in another province"},
            ]
        },
    ),
    "reviewMembership": (JSON, Verdict, {"approved": True}),
    "reviewTransfer": (JSON, Verdict, {"approved": False, "reason": "the unit does not know the applicant"}),
    "restrictMember": (
        JSON,
        Restriction,
        {"kind": "abuse", "reason": "brushing orders", "until": "2024-12-31"},
    ),
    "suspendMember": (JSON, Reasoned, {"reason": "one phone signs in for forty people"}),
    "flagHardship": (JSON, HardshipFlag, {"hardship": True, "reason": "on the list of spring 2020"}),
    "mergeMembers": (JSON, Merger, {"other": "wx-778", "reason": "the same phone number"}),
    "depositInFund": (JSON, Deposit, {"amount": 5_000_000, "ref": "bank/2020-03-02/77"}),
    "putForwardProject": (
        JSON,
        ProjectProposal,
        {"project": "river-trees", "name": "秦淮河植树", "amount": 20_000},
    ),
    "reviewProject": (JSON, ProjectReview, {"approved": True}),
    "payProject": (JSON, Payment, {"amount": 20_000, "ref": "bank/2019-02-20/12"}),
    "decideHelp": (JSON, HelpDecision, {"approved": True, "amount": 200_000, "reason": "reviewed at home"}),
    "recordAttendance": (
        JSON,
        AttendanceList,
        {"time": "2018-12-08T09:00:00+08:00", "participants": ["p-000123", "p-000456"]},
    ),
    "registerBranches": (
        JSON,
        Entries,
        {
            "branches": [
                {"id": "zj-1", "name": "镇江第一机械厂工会", "parent": "zhenjiang", "kind": "unit", "line": 2}
            ]
        },
    ),
    "confirmBranch": (JSON, Confirmation, {"name": "镇江市顺丰速运工会", "kind": "unit"}),
    "mergeBranch": (JSON, UnionMerger, {"into": "zj-1", "reason": "the same unit, typed in"}),
    **BODIES_OF_DETAILS,
    "setClock": (JSON, ClockSetting, {"now": "2019-07-01T08:00:00+08:00"}),
}
IDEMPOTENCY_KEY = {
    "depositInFund": True,
    "putForwardProject": True,
    "reviewProject": True,
    "publishProject": True,
    "payProject": True,
    "decideHelp": True,
    "keepSessionKey": True,
    "recordAttendance": True,
    "publishCampaign": False,
    "amendCampaign": True,
    "correct": True,
    "sealDraw": True,
    "runDraw": True,
    "awardPlaces": True,
    "movePrize": True,
    "importVouchers": True,
    "redeemVouchers": True,
    "reviewMemberships": True,
    "reviewMembership": True,
    "reviewTransfer": True,
    "restrictMember": True,
    "liftRestriction": True,
    "suspendMember": True,
    "releaseMember": True,
    "flagHardship": True,
    "mergeMembers": True,
    "registerBranches": True,
    "confirmBranch": True,
    "mergeBranch": True,
    **KEYS_OF_DETAILS,
}
"""Operation → whether the header is required."""
