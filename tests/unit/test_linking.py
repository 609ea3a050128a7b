"""Two client ids of one person become one participant: what both have done adds up, and nothing counts twice."""

from datetime import date
from typing import Any

import msgspec
import pytest

from ledger.activity_commands import ReadArticle
from ledger.command import Identities
from ledger.commands import Enrol, SetTeamGoal
from ledger.events import Enrolled
from ledger.join_events import HistoryGiven, HistoryJoined, MemberReplaced
from ledger.member_commands import LinkIdentities, MergeMembers
from ledger.member_events import IdentitiesAdded, IdentityClaimed, MemberBecame, MemberJoined
from ledger.member_refusals import AlreadyOne, IdentityTaken, ParticipantUnknown
from ledger.refusals import AlreadyReversed, NothingToReverse
from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import PointsRule
from ledger.rulebook_programmes import Wallet
from tests.given import SX, Story, balances, replayed
from tests.unit.test_teams import LOOSE, PAIR, together

PHONE, WECHAT, NUMBER = "a" * 32, "b" * 32, "c" * 32
EC12 = pytest.mark.rule("EC-12")


def of(events: tuple[Any, ...], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def points(story: Story, who: str) -> int:
    return story.enrolment(who).play.balance


def sound(story: Story) -> Story:
    """Whatever was joined: everything balances, nothing is left in between, states follow from the events."""
    held = balances(story.log)
    assert not any(amount for account, amount in held.items() if account.startswith("joining:")), held
    states = replayed(story.log)
    assert all(states.get(stream) == state for stream, state in story.states.items())
    return story


def linked(story: Story, who: str = "p-2", at: str = "07-05 21:00") -> Story:
    """p-1 has the phone, and now ``who`` brings it too."""
    story.post(LinkIdentities(identities={"phone": PHONE}), who="p-1", at=at, campaign="")
    return story.post(LinkIdentities(identities={"phone": PHONE}), who=who, at=at, campaign="")


@EC12
@pytest.mark.rule("SJ-09")
def test_form_first_app_later() -> None:
    story = Story().post(Enrol(branch="xian", identities={"phone": PHONE}), who="w-1", at="06-20 09:00")
    assert [type(each) for each in story.answer] == [Enrolled, IdentitiesAdded, IdentityClaimed]
    story.post(Enrol(branch="baoji", identities={"phone": PHONE}), who="app-1", at="06-21 09:00")
    assert [type(each) for each in story.answer][:2] == [Enrolled, IdentitiesAdded]
    assert story.member("app-1").became == "w-1"
    assert story.member("w-1").aliases == ("app-1",)
    assert story.enrolment("w-1").branch == "xian"
    assert story.enrolment("app-1").branch == ""
    story.signs_in("07-01 09:00", who="app-1")
    assert points(story, "w-1") == 1
    sound(story)


@EC12
def test_history_of_a_campaign_that_only_the_other_was_in_moves_whole() -> None:
    story = Story().enrol("p-2", at="06-20 09:00").signs_in("07-01 09:00", who="p-2")
    story.syncs(12_000, "07-01 21:00", who="p-2")
    before = story.enrolment("p-2").play
    linked(story)
    after = story.enrolment("p-1")
    assert after.branch == "xian"
    assert after.play.balance == before.balance == 7
    assert (after.play.total, after.play.attained, after.play.sign_ins) == (10_000, 1, 1)
    assert story.enrolment("p-2").became == "p-1"
    sound(story)


@EC12
@pytest.mark.rule("SX-05")
def test_the_newest_sync_of_a_day_stands_and_the_other_is_taken_back() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.syncs(10_000, "07-01 21:00", who="p-1").syncs(4_000, "07-01 22:00", who="p-2")
    story.signs_in("07-01 22:10", who="p-1").signs_in("07-01 22:20", who="p-2")
    linked(story)
    play = story.enrolment("p-1").play
    assert (play.total, play.attained, play.sign_ins, play.balance) == (4_000, 0, 1, 2 + 1)
    (joined,) = of(story.answer, HistoryJoined)
    assert {(each.stream, each.topic, each.points) for each in joined.twice} == {
        ("p-1@sx-2019", "steps-synced.v1", 5),
        ("p-1@sx-2019", "steps-synced.v1", 1),
        ("p-2@sx-2019", "signed-in.v1", 1),
    }
    assert [(day.counted, day.was) for day in joined.days] == [(4_000, 10_000)]
    sound(story)


@EC12
def test_a_day_that_is_still_open_goes_on() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.syncs(2_000, "07-01 20:10", who="p-1").syncs(8_000, "07-01 20:30", who="p-2")
    linked(story, at="07-01 20:40")
    assert (points(story, "p-1"), story.enrolment("p-1").play.total) == (5, 8_000)
    story.syncs(6_000, "07-01 21:00", who="p-2")
    assert (points(story, "p-1"), story.enrolment("p-1").play.total) == (4, 6_000)
    sound(story)


@EC12
def test_checkpoints_follow_the_total_and_what_was_passed_stays() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    for day in range(1, 7):
        story.syncs(10_000, f"07-0{day} 21:00", who="p-1" if day % 2 else "p-2")
    question = SX.route.checkpoints[0].question  # type: ignore[union-attr]
    assert question
    assert (story.enrolment("p-1").play.lit, story.enrolment("p-2").play.lit) == (0, 0)
    linked(story, at="07-06 22:00")
    assert story.enrolment("p-1").play.lit == 1
    story.answers("cp-01", question.answer, "07-06 22:10", who="p-2")
    assert story.enrolment("p-1").play.passed == (1,)
    sound(story)


@EC12
@pytest.mark.rule("SX-03")
def test_at_most_one_team() -> None:
    story = Story()
    for who in ("p-1", "p-2", "p-3"):
        story.enrol(who, at="06-20 09:00")
    story.creates("t-1", "07-01 09:00", who="p-1").creates("t-2", "07-01 09:00", who="p-2")
    story.joins("t-2", "07-01 10:00", who="p-3")
    linked(story)
    assert story.enrolment("p-1").play.team == "t-1"
    assert [member.id for member in story.team("t-2").members] == ["p-3"]
    assert story.team("t-2").captain == "p-3"
    sound(story)


@EC12
@pytest.mark.rule("SX-03")
def test_a_place_in_a_team_is_taken_over() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.creates("t-2", "07-01 09:00", who="p-2")
    linked(story)
    assert of(story.answer, MemberReplaced)
    assert (story.team("t-2").captain, story.enrolment("p-1").play.team) == ("p-1", "t-2")
    story.post(SetTeamGoal(team="t-2", goal=40_000), who="p-2", at="07-06 09:00")
    assert not story.refused
    sound(story)


@EC12
@pytest.mark.rule("SX-16")
def test_a_captain_is_rewarded_once() -> None:
    story = Story()
    for number in range(1, 13):
        story.enrol(f"p-{number}", at="06-20 09:00")
    for team, captain, mates in (("t-1", "p-1", range(3, 8)), ("t-2", "p-2", range(8, 13))):
        story.creates(team, "07-01 09:00", who=captain)
        for mate in mates:
            story.joins(team, "07-01 10:00", who=f"p-{mate}")
    assert (points(story, "p-1"), points(story, "p-2")) == (20, 20)
    linked(story)
    assert points(story, "p-1") == 20
    sound(story)


@EC12
@pytest.mark.rule("SX-18")
def test_prizes_that_were_really_given_add_up() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    for day in range(1, 5):
        for who in ("p-1", "p-2"):
            story.syncs(10_000, f"07-0{day} 21:00", who=who)
    for who in ("p-1", "p-2"):
        story.draws("red-packet", "07-04 22:00", who=who)
        assert not story.refused
    linked(story)
    play = story.enrolment("p-1").play
    assert (
        play.balance == 4 + 4 - 4 * 6
    )  # what the second id earned by the same days is gone; both draws were made
    assert play.rewards.drawn_from("red-packet").total == 2
    assert len(play.rewards.prizes) == 2
    sound(story)


@EC12
def test_who_is_known_by_two_hashes_joins_three_ids() -> None:
    story = Story()
    story.post(Enrol(branch="xian", identities={"phone": PHONE}), who="p-1", at="06-20 09:00")
    story.post(Enrol(branch="xian", identities={"wechat": WECHAT}), who="p-2", at="06-20 10:00")
    for who in ("p-1", "p-2"):
        story.signs_in("07-01 09:00", who=who)
    story.post(
        LinkIdentities(identities={"wechat": WECHAT, "phone": PHONE}),
        who="p-3",
        at="07-01 10:00",
        campaign="",
    )
    assert story.member("p-1").aliases == ("p-3", "p-2")
    assert (story.member("p-2").became, story.member("p-3").became) == ("p-1", "p-1")
    assert points(story, "p-1") == 1
    sound(story)


@EC12
def test_aliases_never_chain() -> None:
    story = Story()
    for who in ("p-1", "p-2", "p-3"):
        story.enrol(who, at="06-20 09:00").signs_in("07-01 09:00", who=who)
    story.post(MergeMembers(other="p-3", reason="same person"), who="p-2", at="07-02 09:00", campaign="")
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-02 10:00", campaign="")
    assert (story.member("p-2").became, story.member("p-3").became) == ("p-1", "p-1")
    assert story.member("p-1").aliases == ("p-2", "p-3")
    assert story.enrolment("p-1").play.sign_ins == points(story, "p-1") == 1
    story.signs_in("07-02 11:00", who="p-3")
    assert points(story, "p-1") == 2
    sound(story)


@EC12
def test_what_an_earlier_joining_took_back_is_not_taken_back_again() -> None:
    story = Story()
    for who in ("p-1", "p-2", "p-3"):
        story.enrol(who, at="06-20 09:00").syncs(10_000, "07-01 21:00", who=who)
    story.post(MergeMembers(other="p-3", reason="same person"), who="p-2", at="07-02 09:00", campaign="")
    assert points(story, "p-2") == 6
    story.post(MergeMembers(other="p-2", reason="same person"), who="p-1", at="07-02 10:00", campaign="")
    assert points(story, "p-1") == 6
    assert story.enrolment("p-1").play.total == 10_000
    sound(story)


@EC12
def test_an_operator_says_which_stays() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.post(MergeMembers(other="p-1", reason="same person"), who="p-2", at="07-02 09:00", campaign="")
    assert [type(each) for each in story.answer] == [MemberJoined, MemberBecame, HistoryGiven, HistoryJoined]
    assert story.member("p-1").became == "p-2"
    sound(story)


@EC12
def test_refusals() -> None:
    story = (
        Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00").enrol("p-3", at="06-20 09:00")
    )

    def merge(who: str, other: str) -> Story:
        return story.post(MergeMembers(other=other, reason="same person"), who=who, campaign="")

    merge("p-1", "p-1").expect(AlreadyOne)
    merge("p-1", "nobody").expect(ParticipantUnknown)
    merge("p-1", "p-2")
    merge("p-1", "p-2").expect(AlreadyOne)
    merge("p-2", "p-1").expect(AlreadyOne)
    merge("p-3", "p-2").expect(AlreadyOne)


@EC12
def test_two_people_with_one_phone_stay_two() -> None:
    story = Story()
    first: Identities = {"phone": PHONE, "id_number": NUMBER}
    second: Identities = {"phone": PHONE, "id_number": "d" * 32}
    story.post(Enrol(branch="xian", identities=first), who="p-1", at="06-20 09:00")
    story.post(Enrol(branch="xian", identities=second), who="p-2", at="06-20 09:00").expect(IdentityTaken)
    assert story.member("p-2").identities == {}


@EC12
def test_said_again_it_is_the_same() -> None:
    story = linked(Story().enrol("p-1", at="06-20 09:00"))
    story.post(LinkIdentities(identities={"phone": PHONE}), who="p-2", at="07-06 21:00", campaign="")
    assert [type(each) for each in story.answer] == [IdentitiesAdded]
    sound(story)


@EC12
@pytest.mark.rule("SX-01")
def test_the_trial_is_joined_apart() -> None:
    story = Story()
    for who in ("p-1", "p-2"):
        story.enrol(who, at="06-18 09:00").signs_in("06-19 09:00", who=who)
    story.signs_in("07-01 09:00", who="p-2")
    linked(story)
    assert len(of(story.answer, HistoryJoined)) == 2
    play = story.enrolment("p-1")
    assert (play.trial, play.play.balance, play.play.sign_ins) == (False, 1, 1)
    held = balances(story.log)
    assert held["points:sx-2019.trial:p-1"] == 1
    assert held["points:sx-2019.trial:p-2"] == held["points:sx-2019:p-2"] == 0
    sound(story)


@EC12
@pytest.mark.rule("GX-03")
def test_what_another_client_id_earned_can_be_corrected_once() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.syncs(10_000, "07-01 21:00", who="p-2")
    synced = story.position
    story.syncs(10_000, "07-02 21:00", who="p-1").syncs(8_000, "07-02 22:00", who="p-2")
    lost = story.position - 1
    linked(story)
    assert points(story, "p-1") == 6 + 5
    story.corrects(synced, "07-06 09:00", who="p-1")
    assert points(story, "p-1") == 5
    story.corrects(synced, "07-06 09:00", who="p-1").expect(AlreadyReversed)
    story.corrects(synced, "07-06 09:00", who="p-2").expect(AlreadyReversed)
    story.corrects(lost, "07-06 09:00", who="p-1").expect(NothingToReverse)
    sound(story)


@EC12
@pytest.mark.rule("GX-03")
def test_what_was_corrected_before_is_not_taken_back_again() -> None:
    story = Story().enrol("p-1", at="06-20 09:00").enrol("p-2", at="06-20 09:00")
    story.syncs(10_000, "07-01 21:00", who="p-2")
    synced = story.position
    story.syncs(8_000, "07-01 22:00", who="p-1").corrects(synced, "07-03 09:00", who="p-2")
    linked(story)
    assert points(story, "p-1") == 5
    story.corrects(synced, "07-06 09:00", who="p-1").expect(NothingToReverse)
    sound(story)


@EC12
@pytest.mark.rule("ZG-08")
def test_wallets_are_put_together_and_caps_of_a_day_hold() -> None:
    rules = wallet_programme()
    story = Story(rules, published="2020-06-01 08:00")
    for who in ("p-1", "p-2"):
        story.enrol(who, at="2020-06-02 09:00")
        for number in range(3):
            read = ReadArticle(ref=f"{who}/{number}")
            story.post(read, who=who, at=f"2020-06-03 1{number}:00")
        story.signs_in("2020-06-03 18:00", who=who)
    assert [story.member(who).balance for who in ("p-1", "p-2")] == [4, 4]
    linked(story, at="2020-06-03 20:00")
    assert (story.member("p-1").balance, story.member("p-2").balance) == (5 + 1, 0)
    assert story.enrolment("p-1").play.balance == 0
    story.post(ReadArticle(ref="one more"), who="p-2", at="2020-06-03 21:00")
    assert story.member("p-1").balance == 6
    sound(story)


def wallet_programme() -> Rulebook:
    """A wallet, and articles that earn at most five points a day."""
    return msgspec.structs.replace(
        SX,
        id="zg",
        starts=date(2020, 6, 1),
        ends=date(2020, 12, 31),
        trial=None,
        wallet=Wallet(clause="ZG-08"),
        boards=(),
        pools=(),
        points=(
            PointsRule(id="sign-in", on="sign_in", amount=1, clause="ZG-05"),
            PointsRule(id="article", on="article", amount=1, daily_max=5, clause="ZG-05"),
        ),
    )


@EC12
@pytest.mark.rule("SX-14")
def test_of_two_places_in_one_team_one_is_left_and_its_day_counts_once() -> None:
    story = together(LOOSE, "p-2", "p-1", "p-3")
    for who in ("p-1", "p-2", "p-3"):
        story.syncs(10_000, "07-01 21:00", who=who)
    assert [points(story, who) for who in ("p-1", "p-2", "p-3")] == [8, 20 + 8, 8]
    linked(story, at="07-01 22:00")
    team = story.team("t-1")
    assert ([member.id for member in team.members], team.captain) == (["p-1", "p-3"], "p-1")
    assert [points(story, who) for who in ("p-1", "p-3")] == [20 + 8, 8]
    story.syncs(4_000, "07-01 23:00", who="p-2")
    assert [points(story, who) for who in ("p-1", "p-3")] == [20 + 2, 6], "the team has lost the day"
    sound(story)


@EC12
@pytest.mark.rule("SX-14")
def test_a_day_of_the_team_whose_place_is_taken_over_goes_on() -> None:
    story = together(PAIR, "p-2", "p-3")
    story.enrol("p-1", at="06-20 09:00")
    for who in ("p-2", "p-3"):
        story.syncs(8_000, "07-01 21:00", who=who)
    linked(story, at="07-01 22:00")
    assert [points(story, who) for who in ("p-1", "p-3")] == [20 + 5 + 2, 4 + 1 + 2]
    story.syncs(4_000, "07-01 23:00", who="p-1")
    assert [points(story, who) for who in ("p-1", "p-3")] == [20 + 2, 4 + 1]
    story.syncs(8_000, "07-01 23:10", who="p-2")
    assert [points(story, who) for who in ("p-1", "p-3")] == [20 + 5 + 2, 4 + 1 + 2]
    sound(story)


@EC12
@pytest.mark.rule("SX-14")
def test_an_open_day_of_the_team_that_is_left_brings_nothing() -> None:
    story = together(PAIR, "p-2", "p-3")
    story.enrol("p-1", at="06-20 09:00").creates("t-1b", "07-01 09:00", who="p-1")
    for day in ("07-01", "07-02"):
        for who in ("p-2", "p-3"):
            story.syncs(8_000, f"{day} 21:00", who=who)
    linked(story, at="07-02 22:00")
    assert points(story, "p-1") == 20 + 2 * 5 + 2, "what a closed day has brought was earned"
    assert points(story, "p-3") == 2 * 5 + 2
    sound(story)
