"""What makes two requests the same one: (source, id), and what they say. GX-01, as far as the core goes."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from ledger.activity_commands import (
    DaySteps,
    PostComment,
    ReadArticle,
    RecordAttendance,
    RecordRun,
    SyncManyDays,
)
from ledger.branch_commands import BranchEntry, ConfirmBranch, MergeBranch, RegisterBranches
from ledger.command import Command, Request, request
from ledger.commands import (
    COMMAND_TYPES,
    AmendCampaign,
    AnnounceToTeam,
    AnswerQuestion,
    AwardPlaces,
    CloseDay,
    ClosePool,
    Correct,
    CreateTeam,
    DeliverPrize,
    Enrol,
    ExpireChance,
    ForfeitDraw,
    FreezeBoard,
    GrantChance,
    ImportVouchers,
    IssuePrize,
    JoinTeam,
    LapsePrize,
    Place,
    PostReflection,
    PublishCampaign,
    RedeemVoucher,
    RemoveMember,
    ReplacePrize,
    RequestDraw,
    ReturnPrize,
    RunDraw,
    SealDraw,
    SetTeamGoal,
    SignIn,
    SubmitAddress,
    SyncSteps,
    ViewContent,
)
from ledger.events import Beacon, BeaconPromise
from ledger.fund_commands import (
    DecideHelp,
    DepositInFund,
    PayProject,
    PublishProject,
    PutForwardProject,
    ReviewProject,
)
from ledger.member_commands import (
    Activate,
    ApplyForHelp,
    ApplyForMembership,
    ApplyForTransfer,
    CorrectDetails,
    DenyAccess,
    EndEntitlement,
    EnterRoster,
    ErasePerson,
    ExpirePoints,
    FlagHardship,
    KeepDetails,
    LiftRestriction,
    LinkIdentities,
    MergeMembers,
    ReleaseMember,
    RestrictMember,
    ReviewMembership,
    ReviewTransfer,
    RosterEntry,
    SuspendMember,
    ViewDetails,
)
from ledger.shop_commands import CancelRedemption, RedeemItem
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


HASH = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PROMISE = BeaconPromise(kind="drand", at=datetime(2019, 10, 17, 2, tzinfo=UTC), chain="quicknet", round=1_000)
KEPT: dict[str, Command] = {
    "77fcbca4641d4cd066ef5882c919b7f4": SignIn(),
    "5b43c94ab387c635aa847b1f6a69b697": Enrol(branch="xian"),
    "0d86c18d157d060a69c5654ab7daef98": SyncSteps(day=date(2019, 7, 3), steps=8312, provider="werun"),
    "c8b32484ebd96b0876f12066783658dc": AnswerQuestion(question="cp-01", answer="A"),
    "ada8bb7f93296dc1e9122e369cc5e362": PostReflection(checkpoint=1, ref="notes/1"),
    "7436842456fff7d2c3fdade04cee2319": PublishCampaign(text="t", digest="d"),
    "b41342a67e5604737a938becbdd89fc8": AmendCampaign(text="t", digest="d"),
    "312bc06be1e700c252313c8361a640e4": Correct(reverses=7, reason="by mistake"),
    "c86407ebf28c39213b8916275f5352f0": CreateTeam(team="t-1", name="队"),
    "479ed2d7bca44ae1abb9910376a7b6d2": JoinTeam(team="t-1"),
    "96401e3c16f31f5513534c1b5dc3c8c9": RemoveMember(team="t-1", member="p-2"),
    "69351448bd246a9a757c4ed43fcdea36": SetTeamGoal(team="t-1", goal=40_000),
    "65c0f5acc1e3e5cb2974c6a20e755002": AnnounceToTeam(team="t-1", ref="notes/1"),
    "bc378bef62381c6a77810e238f9c1f09": ViewContent(ref="safety-video"),
    "d935982a11660c6c044a7d7d05f37910": RequestDraw(pool="red-packet"),
    "316ad0bb2db018e07cbabfa1deade0c9": ForfeitDraw(pool="red-packet", chance="2023-11-02"),
    "ef1be63e57c7b14e8c5153982acc5e74": SubmitAddress(prize="grand-prize.7", address_ref="vault/1"),
    "49b416bcd2a1ce6c93e30e0a223befee": ClosePool(pool="red-packet"),
    "34f5eac29bad47f2031eade926a707b3": CloseDay(day=date(2019, 7, 3)),
    "5137f9a31365e7273b425491c5bcc0be": ExpireChance(pool="red-packet", chance="2023-11-02"),
    "154f8a00bdf54b7c9b2e5218834628bc": FreezeBoard(board="teams", position=7, root="00", entrants=3),
    "19833eb4b16c99e41932219168ceec10": GrantChance(
        pool="movie-voucher", place=Place(1, "p-1", "{}", ("00",))
    ),
    "5fdb98ddf0ddd5eae676e4b286756a3c": AwardPlaces(
        pool="team-prize", places=(Place(1, "t-1", "{}", ("00",)),)
    ),
    "338ccff9d22f10048815cc4292144412": SealDraw(
        pool="grand-prize", position=7, root="00", tickets=3, beacon=PROMISE
    ),
    "b8847466ca3c0cd6ad4743dcb9b59424": RunDraw(
        pool="grand-prize", contest=1, beacon=Beacon(text="5"), randomness="00", tickets=(), winners=()
    ),
    "76074a34933dd450a22bf885b6234530": ImportVouchers(
        pool="movie-voucher", prize="movie", batch="b-1", fingerprints=("00",)
    ),
    "0d7e41b3a182926946a1b0ba83a159b1": IssuePrize(prize="grand-prize.7"),
    "23f1535b27a91f543ec7ae03aa12fb6e": DeliverPrize(prize="grand-prize.7"),
    "18413ca9f09bad8049e738ece52e0d81": ReturnPrize(prize="grand-prize.7", reason="came back"),
    "4c4ad21a21f3c10d27f5d445a01ab695": LapsePrize(prize="grand-prize.7", reason="too late"),
    "6d675ca2df66b7cffce28e27c9825755": ReplacePrize(prize="grand-prize.7", reason="broken"),
    "66ba8e0b6e22d55b6d3f8e8017524ea8": RedeemVoucher(prize="movie-voucher.7"),
    "70a9e511d9bb0caeb748cfa791c02163": RedeemItem(item="thermos", quantity=2),
    "5700db300f9975f0899f54fa4e606d6b": CancelRedemption(prize="shop.812.2"),
    "4b715a251735497622908e743dec00f1": RegisterBranches(
        branches=(BranchEntry(id="xian", name="西安市总工会"),)
    ),
    "349130feea235cf74d9a40781e8ac4ad": ConfirmBranch(branch="xian"),
    "fd636b0541f5d13bfd8d265bdb4cb29f": MergeBranch(branch="xian", into="weinan", reason="same"),
    "3c07310adbed9505fa26b90ab724c3cc": RecordRun(
        day=date(2019, 7, 3), distance_m=3_200, duration_s=1_260, provider="band"
    ),
    "9603841895befc11417a366cfc7f2b89": PostComment(ref="comments/7"),
    "bb185415574e657d5e9bcb183f97fc19": ReadArticle(ref="news/7"),
    "3c74a1fe9ae4b5ca20de297f673bc8cd": RecordAttendance(occasion="park-walk"),
    "4db75b990d420f8f92074e1559b91c7d": SyncManyDays(days=(DaySteps(day=date(2019, 7, 3), steps=8312),)),
    "5123d0da8cb15de9f5b14bbec41f00a3": DepositInFund(fund="help", amount=700, ref="bank/1"),
    "a971f59159dfda821f6f31ab4a9b76db": PutForwardProject(
        fund="green.nanjing", project="trees", name="植树", amount=500
    ),
    "9379c57a38bf328b4ad8d3d037febdf8": ReviewProject(fund="green.nanjing", project="trees", approved=True),
    "073c60e9240805fc93fd35a94bd57a7d": PublishProject(fund="green.nanjing", project="trees"),
    "517ac4cdb99ea6590aa49150eb5471f4": PayProject(
        fund="green.nanjing", project="trees", amount=500, ref="bank/2"
    ),
    "0cc06c14b0fe9cde801958e2aaf9ca5a": DecideHelp(number=1, approved=True, amount=300, reason="reviewed"),
    "3cb65e269803c1c8db9bb582f191fd00": ApplyForHelp(ref="forms/7"),
    "3172dfd1048153d0afc37e91c9c31baa": ApplyForMembership(branch="zj-1"),
    "119f8312117a9f08270c34605a24a6ef": ApplyForTransfer(branch="zj-1"),
    "ca9ba43fba3b44ca458d7060ea8a1b93": CorrectDetails(unit="u"),
    "ed1a3f4b6e5b2343b88fa009735a1a2f": Activate(identity_hash=HASH),
    "b4d7f8c98012d1b5f4ef4207dd2f6538": LinkIdentities(identities={"phone": HASH}),
    "a2de29ad3700474097d9b7a88bac186d": ReviewMembership(approved=True),
    "022eee427309c951717d76131ed705c0": ReviewTransfer(approved=True),
    "7fb4026326e64104e256eab3303537d1": RestrictMember(kind="abuse", reason="by mistake"),
    "8379f778be785436c82baef5f460c8b4": LiftRestriction(reason="by mistake"),
    "7591268fbc72f14182a91760bc51dccb": SuspendMember(reason="by mistake"),
    "382c9270db1696573cc49e01f2103f84": ReleaseMember(reason="by mistake"),
    "cc5c106ed0e39e8f12bff1f3ac859299": MergeMembers(other="p-2", reason="by mistake"),
    "bc3910bc4d292a63da289512e1e51f5b": FlagHardship(hardship=True, reason="by mistake"),
    "b2c743e219cf13e3cb87002a4972a49e": EnterRoster(
        batch="b-1", entries=(RosterEntry(identity=HASH, branch="zj-1"),)
    ),
    "aabc95154006fa109890dd61f9b801d4": KeepDetails(fields=("phone",)),
    "c9e72380f58e73458ad47962442d7ec9": ViewDetails(fields=("phone",), reason="by mistake"),
    "98ee9b030ef30501ce5cbb2210f236b0": ErasePerson(reason="by mistake"),
    "c1c4a0a190fc672801634881d942930f": ExpirePoints(),
    "5cb5e11bb5742009777c0b473ae36cfb": EndEntitlement(entitlement="cover"),
    "190f58ec06ee3c03936e0a6814d41466": DenyAccess(key="k", method="GET", path="/v1/members", scope="zj-1"),
}
"""Digests that ledgers keep. One that changes turns repeats of old requests into conflicts: never change one."""


def test_every_command_has_a_digest_that_is_kept() -> None:
    assert {type(command) for command in KEPT.values()} == set(Command.__subclasses__())


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
