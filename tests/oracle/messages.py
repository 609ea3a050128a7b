"""What an event says, and whether it can be one. Only as strict as the workload is wild."""

import json
import unicodedata
from datetime import date, datetime

from tests.oracle.facts import Event

KINDS = {
    "jifen.enrolled": ("branch",),
    "jifen.signed_in": (),
    "jifen.steps_synced": ("day", "steps", "provider"),
    "jifen.question_answered": ("question", "answer"),
    "jifen.reflection_posted": ("checkpoint", "ref"),
    "jifen.content_viewed": ("ref",),
    "jifen.team_created": ("team", "name"),
    "jifen.team_joined": ("team",),
    "jifen.team_member_removed": ("team", "member"),
    "jifen.team_goal_set": ("team", "goal"),
    "jifen.team_announced": ("team", "ref"),
    "jifen.draw_requested": ("pool",),
    "jifen.draw_forfeited": ("pool", "chance"),
    "jifen.run_recorded": ("day", "distance_m", "duration_s", "provider"),
    "jifen.attendance_recorded": ("occasion",),
    "jifen.comment_posted": ("ref",),
    "jifen.article_read": ("ref",),
    "jifen.activated": (),
    "jifen.item_redeemed": ("item",),
    "jifen.redemption_cancelled": ("prize",),
}

LIMITS = {
    "steps": (0, 1_000_000),
    "distance_m": (0, 1_000_000),
    "duration_s": (1, 86_400),
    "quantity": (1, 100),
}
"""Member → the least and the most that it can be."""


def valid(event: Event) -> bool:
    """Whether an event has what its type needs."""
    data = event.get("data") or {}
    needed = KINDS.get(event["type"])
    if needed is None or "campaign" not in event or any(name not in data for name in needed):
        return False
    if event["type"] == "jifen.run_recorded" and data["distance_m"] == 0:
        return False
    if any(not low <= data.get(name, low) <= high for name, (low, high) in LIMITS.items()):
        return False
    try:
        date.fromisoformat(data.get("day", "2000-01-01"))
    except ValueError:
        return False
    return True


def content(event: Event) -> str:
    """What an event says, however it is spelled."""
    when = datetime.fromisoformat(event["time"]).timestamp()
    data = {name: value for name, value in (event.get("data") or {}).items() if value is not None}
    said = [event["type"], event["subject"], event["campaign"], when, data]
    return json.dumps(said, sort_keys=True)


def same(given: str, right: str) -> bool:
    """Whether two answers say the same, however they are typed."""
    return _plain(given) == _plain(right)


def _plain(answer: str) -> str:
    return unicodedata.normalize("NFKC", answer).strip().upper()
