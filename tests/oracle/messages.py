"""What an event says, and whether it can be one. Only as strict as the workload is wild."""

import json
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
}


def valid(event: Event) -> bool:
    """Whether an event has what its type needs."""
    data = event.get("data") or {}
    needed = KINDS.get(event["type"])
    if needed is None or "campaign" not in event or any(name not in data for name in needed):
        return False
    if event["type"] != "jifen.steps_synced":
        return True
    try:
        date.fromisoformat(data["day"])
    except ValueError:
        return False
    return bool(0 <= data["steps"] <= 1_000_000)


def content(event: Event) -> str:
    """What an event says, however it is spelled."""
    when = datetime.fromisoformat(event["time"]).timestamp()
    data = {name: value for name, value in (event.get("data") or {}).items() if value is not None}
    said = [event["type"], event["subject"], event["campaign"], when, data]
    return json.dumps(said, sort_keys=True)
