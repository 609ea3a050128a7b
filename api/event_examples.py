"""An example of every event that can be posted, for the OpenAPI description; the shipped programmes take them."""

from typing import Any

from ledger.commands import COMMAND_TYPES

Schema = dict[str, Any]

SX, EC, ZG = "sx-2019", "ec-2018", "zg"
NONE = ""
"""No campaign is named: the event concerns the person, or the one programme that serves it."""

DATA: dict[str, Schema] = {
    "jifen.enrolled": {"branch": "西安市总工会", "unit": "第一机床厂", "consent": "2019-06"},
    "jifen.signed_in": {},
    "jifen.steps_synced": {"day": "2019-07-03", "steps": 8312, "provider": "werun", "device": "d-77"},
    "jifen.question_answered": {"question": "cp-01", "answer": "A", "checkpoint": 1},
    "jifen.reflection_posted": {"checkpoint": 1, "ref": "notes/8842"},
    "jifen.content_viewed": {"ref": "safety-video"},
    "jifen.team_created": {"team": "t-1024", "name": "一车间健步队"},
    "jifen.team_joined": {"team": "t-1024", "invited_by": "p-000123"},
    "jifen.team_member_removed": {"team": "t-1024", "member": "p-000456"},
    "jifen.team_goal_set": {"team": "t-1024", "goal": 48000},
    "jifen.team_announced": {"team": "t-1024", "ref": "announcements/77"},
    "jifen.draw_requested": {"pool": "red-packet"},
    "jifen.draw_forfeited": {"pool": "red-packet", "chance": "2023-11-02"},
    "jifen.address_submitted": {"prize": "grand-prize.17", "address_ref": "vault/9f31", "region": "CN-61"},
    "jifen.run_recorded": {"day": "2018-12-05", "distance_m": 5200, "duration_s": 1980, "provider": "keep"},
    "jifen.attendance_recorded": {"occasion": "winter-walk"},
    "jifen.comment_posted": {"ref": "comments/5521"},
    "jifen.article_read": {"ref": "news/2020-03-02/7"},
    "jifen.membership_applied": {
        "branch": "南京市总工会",
        "employment": "new-form",
        "trade": "courier",
        "consent": [
            {"document": "application", "version": "2021-1", "at": "2023-05-04T08:58:40+08:00"},
            {"document": "pledge", "version": "2021-1", "at": "2023-05-04T08:58:55+08:00"},
        ],
        "identities": {"phone": "5f0c7a1e9b3d4c628e07f1a2b3c4d5e6"},
    },
    "jifen.transfer_applied": {
        "place": "苏州市总工会",
        "unit_name": "苏州快送物流有限公司工会",
        "consent": {"version": "2021-1"},
    },
    "jifen.details_corrected": {"employment": "staff", "department": "二车间"},
    "jifen.activated": {
        "identity_hash": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "identities": {"phone": "5f0c7a1e9b3d4c628e07f1a2b3c4d5e6"},
    },
    "jifen.identities_linked": {"identities": {"wechat": "9d8c7b6a5f4e3d2c1b0a99887766554f"}},
    "jifen.hardship_applied": {"ref": "help/2020/17", "amount": 200000},
    "jifen.item_redeemed": {"item": "thermos", "quantity": 1},
    "jifen.redemption_cancelled": {"prize": "shop.17.1"},
    "jifen.steps_synced_encrypted": {
        "encryptedData": (
            "XoLUxF76jN/OsfTGUqF/ZjmZu0B4O82Y3eYgcmoqKbMkSblVyWgcqER8CEq/tIPc6UK2GDuTdFz49SfYeRkkBZ2F5x/6AYfa0l195repks5cEcIe"
            "Q8fXVf6yREyQcKZRyHL/Kvtu9B+gsA+nouAPbNIJ9tAKcFdMlYOXeFotuGmGQeK5Y8UzgmmlP3ayivJqnJ9OEPgixgpiecTbfrvvbQ=="
        ),
        "iv": "r7BXXKkLb8qrSNn05n0qiA==",
        "session_key": "tiihtNczf5v6AKRyjwEUhQ==",
    },
}
"""One for each type; a test says when one is missing."""

PLACED: dict[str, tuple[str, str]] = {
    "jifen.run_recorded": (EC, "2018-12-05T19:40:00+08:00"),
    "jifen.attendance_recorded": (EC, "2018-12-15T10:20:00+08:00"),
    "jifen.comment_posted": (ZG, "2020-03-02T12:10:00+08:00"),
    "jifen.article_read": (ZG, "2020-03-02T12:05:00+08:00"),
    "jifen.membership_applied": (NONE, "2023-05-04T08:59:00+08:00"),
    "jifen.transfer_applied": (NONE, "2023-09-18T10:30:00+08:00"),
    "jifen.details_corrected": (NONE, "2023-09-19T09:00:00+08:00"),
    "jifen.activated": (NONE, "2020-03-01T20:15:00+08:00"),
    "jifen.identities_linked": (NONE, "2020-03-01T20:20:00+08:00"),
    "jifen.hardship_applied": (NONE, "2020-04-07T09:30:00+08:00"),
    "jifen.item_redeemed": (NONE, "2020-05-01T11:00:00+08:00"),
    "jifen.redemption_cancelled": (NONE, "2020-05-01T11:05:00+08:00"),
}
"""Type → campaign and time of its example; those of sx-2019 are left out."""


def example_event(name: str) -> Schema:
    """A CloudEvent of a type."""
    campaign, time = PLACED.get(name, (SX, "2019-07-03T21:14:09+08:00"))
    return {
        "specversion": "1.0",
        "id": f"8f2c-{list(COMMAND_TYPES).index(name) + 1}",
        "source": "//app.example/miniprogram",
        "type": name,
        "subject": "p-000123",
        "time": time,
        **({"campaign": campaign} if campaign else {}),
        "data": DATA[name],
    }
