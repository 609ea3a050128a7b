"""Golden files: the bytes that the log holds. They never change; a new shape is a new topic and an upcast."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import JSONTranscoder
from msgspec.structs import asdict

from ledger.codec import UPCASTS, EventMapper, RecordedEvent, UnknownTopic, decode, encode
from ledger.events import (
    EVENT_TYPES,
    ActivityRefused,
    BadgeAwarded,
    CampaignAmended,
    CampaignPublished,
    CheckpointDimmed,
    CheckpointLit,
    CheckpointPassed,
    CorrectionMade,
    Enrolled,
    Event,
    QuestionAnswered,
    ReflectionPosted,
    SignedIn,
    StepsSynced,
)
from ledger.posting import Posting
from tests.unit import (
    golden_branches,
    golden_doings,
    golden_joins,
    golden_members,
    golden_rewards,
    golden_shops,
)

GOLDEN = Path(__file__).parent.parent / "golden"
SAID = golden_rewards.SAID
RECORDED: datetime = SAID["recorded_at"]
ACCOUNT = "points:sx-2019:p-000123"
RULES: dict[str, Any] = {
    "campaign": "sx-2019",
    "text": 'format = 1\nid = "sx-2019"\ntitle = { zh = "与祖国同行", en = "Walk with the Motherland" }\n',
    "digest": "0b5d6f3e9a7c4c1f8a2e5d7b9c3f1a6e0d4b8c2f7a5e9d3b1c6f0a4e8d2b7c5f",
    "actor": "li.wei",
}

EXAMPLES: list[Event] = [
    *golden_rewards.EXAMPLES,
    *golden_branches.EXAMPLES,
    *golden_doings.EXAMPLES,
    *golden_joins.EXAMPLES,
    *golden_members.EXAMPLES,
    *golden_shops.EXAMPLES,
    CampaignPublished(**SAID, **RULES, version=1, effective_at=RECORDED),
    CampaignAmended(
        **SAID | {"rules": 2}, **RULES, version=2, effective_at=datetime(2019, 7, 10, 16, tzinfo=UTC)
    ),
    Enrolled(
        **SAID,
        branch="xian",
        unit="西电集团",
        department="三车间",
        consent="2019-06 2019-06-18T08:00:00+08:00",
    ),
    SignedIn(
        **SAID,
        trial=True,
        postings=(
            Posting("points:sx-2019.trial:p-000123", "points", 1, "SX-11", 12),
            Posting("issued:sx-2019.trial", "points", -1),
        ),
        day=date(2019, 6, 19),
        number=1,
    ),
    StepsSynced(
        **SAID,
        postings=(
            Posting(ACCOUNT, "points", -1, "SX-12", 56),
            Posting(ACCOUNT, "points", 1, "SX-13", 57),
        ),
        day=date(2019, 7, 3),
        steps=12_345,
        standing="counted",
        provider="werun",
        device="d-77",
        distance_m=8_120,
        counted=10_000,
        was=5_812,
        attained=True,
        replaces=41,
        earned={"steps": 4, "daily-goal": 1},
    ),
    CheckpointLit(**SAID, checkpoint=3, total=161_538),
    CheckpointDimmed(**SAID, checkpoint=3, total=161_537),
    QuestionAnswered(**SAID, question="cp-03", checkpoint=3, answer="B", correct=True),
    CheckpointPassed(**SAID, checkpoint=3, question="cp-03"),
    ReflectionPosted(
        **SAID,
        postings=(Posting(ACCOUNT, "points", 2, "SX-15", 59), Posting("issued:sx-2019", "points", -2)),
        checkpoint=3,
        ref="https://notes.example/宝鸡/1",
    ),
    BadgeAwarded(**SAID, badge="with-the-motherland", clause="SX-21"),
    ActivityRefused(
        **SAID,
        activity="jifen.steps_synced",
        code="day_closed",
        clause="SX-05",
        detail="2019-07-02 closed at 24:00 and 10m of grace; its count stands",
        data=msgspec.Raw(
            b'{"day":"2019-07-02","steps":8312,"provider":"werun","device":null,"distance_m":null}'
        ),
    ),
    CorrectionMade(
        **SAID,
        postings=(Posting(ACCOUNT, "points", -2, "SX-15", 57), Posting("issued:sx-2019", "points", 2)),
        reverses=18_231,
        reverses_version=44,
        actor="li.wei",
        reason="the note was posted twice",
        reverses_stream="p-000456@sx-2019",
    ),
]
"""One of each, with every member that it can have."""

ONE_EACH = pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.TOPIC)


def golden(event: Event) -> bytes:
    return (GOLDEN / f"{event.TOPIC}.json").read_bytes()


@ONE_EACH
def test_an_event_is_stored_as_its_golden_bytes(event: Event) -> None:
    assert encode(event) == golden(event)


@ONE_EACH
def test_golden_bytes_are_read_as_their_event(event: Event) -> None:
    told = decode(event.TOPIC, golden(event))
    assert plain(told) == plain(event)
    assert encode(told) == golden(event)


def plain(event: Event) -> dict[str, object]:
    """The members of an event; raw JSON compares by its bytes."""
    return {name: bytes(v) if isinstance(v, msgspec.Raw) else v for name, v in asdict(event).items()}


@ONE_EACH
def test_the_librarys_mapper_stores_and_reads_the_same(event: Event) -> None:
    mapper = EventMapper(JSONTranscoder())  # the library asks for one; ours has no use for it
    stored = mapper.to_stored_event(RecordedEvent("p-000123@sx-2019", 7, event))
    assert (stored.originator_id, stored.originator_version) == ("p-000123@sx-2019", 7)
    assert (stored.topic, stored.state) == (event.TOPIC, golden(event))
    told = mapper.to_domain_event(stored)
    assert (told.originator_id, told.originator_version, plain(told.event)) == (
        "p-000123@sx-2019",
        7,
        plain(event),
    )


def test_every_topic_has_an_example_and_a_golden_file_and_there_is_no_other() -> None:
    topics = set(EVENT_TYPES) | set(UPCASTS)
    assert {event.TOPIC for event in EXAMPLES} == set(EVENT_TYPES)
    assert {path.name for path in GOLDEN.glob("*.json")} == {f"{topic}.json" for topic in topics}


@ONE_EACH
def test_an_example_leaves_no_member_at_its_default(event: Event) -> None:
    """So that a member that is renamed, added or dropped changes the golden bytes."""
    always = {"trial", "postings"} if not event.postings else {"trial"}
    stored = set(msgspec.json.decode(golden(event)))
    assert set(event.__struct_fields__) - stored <= always


def test_a_topic_of_a_newer_version_is_not_guessed() -> None:
    with pytest.raises(UnknownTopic, match=r"steps-synced\.v9"):
        decode("steps-synced.v9", b"{}")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"{}", b'{"occurred_at":1}', b"\xff"])
def test_bytes_that_are_no_event_are_not_read(broken: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode("signed-in.v1", broken)
