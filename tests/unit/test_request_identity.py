"""What makes two requests the same one: (source, id), and what they say. GX-01, as far as the core goes."""

from datetime import date

import msgspec
import pytest

from ledger.commands import (
    COMMAND_TYPES,
    AmendCampaign,
    AnswerQuestion,
    Command,
    Correct,
    Enrol,
    PostReflection,
    PublishCampaign,
    Request,
    SignIn,
    SyncSteps,
    request,
)
from tests.given import moment

SYNC = SyncSteps(day=date(2019, 7, 1), steps=8312, provider="werun")


def asked(
    command: Command = SYNC,
    *,
    source: str = "//app",
    id: str = "e-1",
    who: str = "p-1",
    campaign: str = "sx-2019",
    at: str = "2019-07-01T13:14:09Z",
    actor: str = "",
) -> Request:
    return request(
        command, source=source, id=id, campaign=campaign, participant=who, occurred_at=moment(at), actor=actor
    )


@pytest.mark.rule("GX-01")
def test_the_same_parts_have_the_same_digests() -> None:
    assert (asked().key, asked().content) == (asked().key, asked().content)
    assert (len(asked().key), len(asked().content)) == (16, 16)


@pytest.mark.rule("GX-01")
def test_another_source_or_id_is_another_request() -> None:
    keys = {
        asked().key,
        asked(source="//other").key,
        asked(id="e-2").key,
        asked(source="//ap", id="pe-1").key,
    }
    assert len(keys) == 4


@pytest.mark.rule("GX-01")
@pytest.mark.parametrize(
    "other",
    [
        asked(SyncSteps(day=date(2019, 7, 1), steps=8313, provider="werun")),
        asked(SyncSteps(day=date(2019, 7, 2), steps=8312, provider="werun")),
        asked(SyncSteps(day=date(2019, 7, 1), steps=8312, provider="werun", device="d-77")),
        asked(SignIn()),
        asked(who="p-2"),
        asked(campaign="js-2023"),
        asked(at="2019-07-01T13:14:10Z"),
        asked(at="2019-07-01T13:14:09.001Z"),
    ],
)
def test_other_content_under_the_same_id_has_another_digest(other: Request) -> None:
    assert other.key == asked().key
    assert other.content != asked().content


@pytest.mark.rule("GX-01")
def test_who_is_told_apart_from_what_was_said() -> None:
    """A repeat by another key or operator is still a repeat."""
    assert asked(actor="li.wei").content == asked(actor="wang.fang").content


@pytest.mark.rule("GX-01")
@pytest.mark.parametrize(
    "spelling",
    [
        b'{"day":"2019-07-01","steps":8312,"provider":"werun"}',
        b'{ "steps" : 8312, "provider":"\\u0077erun", "day":"2019-07-01" }',
        b'{"day":"2019-07-01","steps":8312,"provider":"werun","device":null,"distance_m":null}',
    ],
)
def test_two_spellings_of_one_event_are_one_event(spelling: bytes) -> None:
    said = msgspec.json.decode(spelling, type=SyncSteps)
    assert asked(said).content == asked().content


@pytest.mark.rule("GX-01")
def test_commands_with_the_same_members_are_told_apart() -> None:
    empty: list[Command] = [cls() for cls in COMMAND_TYPES.values() if not cls.__struct_fields__]
    assert len({asked(command).content for command in empty}) == len(empty) > 0


@pytest.mark.rule("GX-01")
def test_a_checkpoint_by_number_or_by_name_is_not_the_same_saying() -> None:
    by_number = AnswerQuestion(question="cp-01", answer="A", checkpoint=1)
    by_name = AnswerQuestion(question="cp-01", answer="A", checkpoint="cp-01")
    assert asked(by_number).content != asked(by_name).content


KEPT = {
    "77fcbca4641d4cd066ef5882c919b7f4": SignIn(),
    "5b43c94ab387c635aa847b1f6a69b697": Enrol(branch="xian"),
    "0d86c18d157d060a69c5654ab7daef98": SyncSteps(day=date(2019, 7, 3), steps=8312, provider="werun"),
    "c8b32484ebd96b0876f12066783658dc": AnswerQuestion(question="cp-01", answer="A"),
    "ada8bb7f93296dc1e9122e369cc5e362": PostReflection(checkpoint=1, ref="notes/1"),
    "7436842456fff7d2c3fdade04cee2319": PublishCampaign(text="t", digest="d"),
    "b41342a67e5604737a938becbdd89fc8": AmendCampaign(text="t", digest="d"),
    "312bc06be1e700c252313c8361a640e4": Correct(reverses=7, reason="by mistake"),
}
"""Digests that ledgers keep. One that changes turns repeats of old requests into conflicts: never change one."""


@pytest.mark.rule("GX-01")
@pytest.mark.parametrize("digest", KEPT)
def test_a_request_of_years_ago_is_still_the_same_request(digest: str) -> None:
    old = request(
        KEPT[digest],
        source="//app.example/miniprogram",
        id="8f2c",
        campaign="sx-2019",
        participant="p-000123",
        occurred_at=moment("2019-07-03T13:14:09Z"),
    )
    assert (old.key.hex(), old.content.hex()) == ("3ccb2f325c4d48b70ae75c6b697ff098", digest)


@pytest.mark.rule("GX-01")
def test_a_member_that_a_newer_version_adds_leaves_old_requests_what_they_were() -> None:
    class Newer(SyncSteps, frozen=True, kw_only=True):
        weather: str | None = None

    now = asked(Newer(day=SYNC.day, steps=SYNC.steps, provider=SYNC.provider))
    assert now.content == asked().content
