"""Small programmes for tests: one that people apply to, one that a roster activates in, one with conditions."""

from typing import Any

from ledger.branch_commands import BranchEntry
from ledger.command import Command, Consent
from ledger.member_commands import Activate, ApplyForMembership, EnterRoster, RosterEntry
from ledger.rulebook_file import load
from tests.given import Story
from tests.unit.trees import CITY, register

JOIN_TEXT = """\
format = 1
id = "join"
title = { zh = "入会", en = "Joining" }
starts = 2021-01-01
ends = 2021-12-31
clause = "XY-01"

[enrolment]
clause = "XY-02"
tree = "jiangsu"

[sign_in]
clause = "XY-03"

[membership]
clause = "XY-04"
standing = "any"
how_to_join = { zh = "请先入会。", en = "Join first." }

[application]
clause = "XY-11"
consent_clause = "XY-12"
review_clause = "XY-13"
transfer_clause = "XY-14"
restricted_clause = "XY-15"
place_clause = "XY-16"
employment = ["staff", "new-form"]
trade_for = ["new-form"]
trades = ["courier", "driver"]
documents = [
  { id = "form", name = { zh = "申请书", en = "Application" }, version = "2021-1", clause = "XY-12" },
  { id = "pledge", name = { zh = "承诺书", en = "Pledge" }, version = "7", clause = "XY-12" },
]

[[pools]]
id = "welcome"
name = { zh = "入会礼", en = "Welcome" }
clause = "XY-17"
draw = "gift"
gift = { on = "application", begins = 2021-03-01T00:00:00+08:00, ends = 2021-04-01T00:00:00+08:00 }
prizes = [{ id = "towel", name = { zh = "毛巾", en = "A towel" }, kind = "goods", stock = 2 }]
"""

ROSTER_TEXT = """\
format = 1
id = "roster"
title = { zh = "激活", en = "Activation" }
starts = 2020-02-01
ends = 2025-12-31
clause = "XY-21"

[enrolment]
clause = "XY-22"
tree = "zhenjiang"

[activation]
clause = "XY-23"
roster_clause = "XY-24"
who_to_ask = { zh = "请联系镇江市总工会。", en = "Ask the Zhenjiang federation." }
entitlements = [
  { id = "cover", name = { zh = "意外保障", en = "Accident cover" }, months = 12, clause = "XY-25" },
]

[[points]]
id = "welcome"
on = "activation"
amount = 100
clause = "XY-26"

[[points]]
id = "signed"
on = "sign_in"
amount = 1
clause = "XY-27"

[sign_in]
clause = "XY-27"

[wallet]
clause = "XY-28"

[[pools]]
id = "top-up"
name = { zh = "话费", en = "Phone credit" }
clause = "XY-29"
draw = "gift"
gift = { on = "activation", begins = 2020-03-01T00:00:00+08:00, ends = 2020-04-01T00:00:00+08:00 }
prizes = [{ id = "ten", name = { zh = "10元话费", en = "Ten yuan" }, kind = "credit", amount = 1000, stock = 3 }]
"""

JOIN, ROSTER = load(JOIN_TEXT), load(ROSTER_TEXT)


def walk(standing: str = "", enrolment: str = 'tree = "jiangsu"', id: str = "walk") -> Any:
    """A campaign with conditions. standing: lines of [membership]; enrolment: of [enrolment]."""
    membership = (
        f'[membership]\nclause = "XY-32"\n{standing}\n'
        'how_to_join = { zh = "请先入会。", en = "Join first." }\n'
        if standing
        else ""
    )
    return load(
        f'format = 1\nid = "{id}"\ntitle = {{ zh = "健步走", en = "Walk" }}\n'
        'starts = 2021-01-01\nends = 2021-12-31\nclause = "XY-31"\n'
        f'[enrolment]\nclause = "XY-33"\n{enrolment}\n[sign_in]\nclause = "XY-34"\n{membership}'
    )


A, B, PHONE, OTHER_PHONE = "a" * 32, "b" * 32, "1" * 32, "2" * 32
"""Keyed hashes: of two identity numbers and two phones."""
AT = "2021-03-02 10:00"


def joining() -> Story:
    """The joining programme, and a tree of unions."""
    return register(Story(JOIN, published="2020-12-01 08:00"), *CITY)


def form(**told: Any) -> ApplyForMembership:
    """An application that fits, but for what is told."""
    fits: dict[str, Any] = {"branch": "zj-1", "employment": "staff", "consent": True}
    if "place" in told:
        del fits["branch"]
    return ApplyForMembership(**fits | told)


def member(who: str = "p-1", **told: Any) -> Story:
    """A member who waits for the review."""
    return joining().post(form(**told), who=who, at=AT, campaign="")


def office(story: Story, command: Command, who: str = "p-1", **how: Any) -> Story:
    """What a union does, which belongs to no campaign."""
    return story.post(command, who=who, campaign="", **how)


def consents(version: str = "2021-1", **pledge: Any) -> tuple[Consent, ...]:
    """Both documents agreed to, one by one."""
    return (
        Consent(version=version, document="form"),
        Consent(version="7", document="pledge", **pledge),
    )


def entry(identity: str = A, branch: str = "zj-1", reference: str = "", line: int = 0) -> RosterEntry:
    """A line of a roster."""
    return RosterEntry(identity=identity, branch=branch, reference=reference, line=line)


def rosters(*entries: RosterEntry, at: str = "2020-01-10 08:00", story: Story | None = None) -> Story:
    """The activation programme, a tree of unions, and a roster."""
    if story is None:
        more = BranchEntry(id="xian", name="西安市总工会")
        story = register(Story(ROSTER, published="2020-01-01 08:00"), *CITY, more)
    return story.post(EnterRoster(batch="保障名单", entries=entries), who="", campaign="", at=at)


def activate(story: Story, who: str = "p-1", at: str = "2020-03-15 09:00", **told: Any) -> Story:
    """Somebody activates; without a word about whom of the roster, as A."""
    return story.post(Activate(**(told or {"identity_hash": A})), who=who, at=at, campaign="")
