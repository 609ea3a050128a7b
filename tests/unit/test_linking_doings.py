"""What two client ids of one person have read, answered, run, donated, drawn and won: together, and once."""

from collections import Counter

import pytest

from ledger.audit_pools import PoolAudit
from ledger.enrolment import Play
from ledger.events import CampaignPublished, PrizeWon
from ledger.fold import State, evolve, initial
from ledger.joined import JOINED_MEMBERS
from ledger.member_commands import MergeMembers
from ledger.refusals import ChanceUsed
from tests.given import Story
from tests.unit.eco import PRIMED, Eco
from tests.unit.test_contests import entered, run, sealed
from tests.unit.test_frozen_board import PLACES, frozen, grant
from tests.unit.test_linking import points, sound

EC12 = pytest.mark.rule("EC-12")


def joined(story: Story, at: str, *, stays: str = "p-1", other: str = "p-2") -> Story:
    merge = MergeMembers(other=other, reason="same person")
    return sound(story.post(merge, who=stays, at=at, campaign=""))


def two() -> Eco:
    """Two ids in one campaign."""
    story = Eco(PRIMED)
    story.enrol("p-2", at="06-25 08:00", branch="nanjing")
    return story


def test_every_member_of_a_play_is_joined() -> None:
    """A new member of the state needs a word in Joined.play; then it is added here."""
    assert set(JOINED_MEMBERS) == {
        *("sign_ins", "signed_in", "total", "attained", "days", "lit", "passed", "reflected", "badges"),
        *("team", "met", "captain_rewarded", "rewards", "doings"),
    }
    assert set(Play.__struct_fields__) - JOINED_MEMBERS == {"balance", "reversed"}


@EC12
@pytest.mark.rule("EC-03", "EC-04", "EC-07")
def test_landmarks_certificate_and_donations_follow_what_both_have_walked() -> None:
    story = two()
    for day, who in (("07-01", "p-1"), ("07-02", "p-2"), ("07-03", "p-2")):
        story.syncs(7_000, f"{day} 20:00", who=who)
    assert story.fund("green.nanjing").balance == 100
    joined(story, "07-04 09:00")
    play = story.enrolment("p-1").play
    assert (play.attained, play.lit, play.badges) == (3, 3, ("pioneer",))
    assert {"certificate-awarded.v1", "donation-made.v1"} <= {event.TOPIC for event in story.answer}
    assert story.fund("green.nanjing").balance == 200
    assert play.doings.donations == {"green": 2}


@EC12
@pytest.mark.rule("EC-07")
def test_donations_for_steps_that_count_once_are_not_taken_back() -> None:
    story = two()
    for who in ("p-1", "p-2"):
        story.syncs(10_000, "07-01 20:00", who=who)
    joined(story, "07-04 09:00")
    assert story.fund("green.nanjing").balance == 200
    story.syncs(10_000, "07-04 20:00", who="p-2")
    assert story.fund("green.nanjing").balance == 200, "two were made, and two are due now"
    story.syncs(10_000, "07-05 20:00", who="p-1")
    assert story.fund("green.nanjing").balance == 300


@EC12
@pytest.mark.rule("EC-08")
def test_right_answers_add_up_and_the_same_question_counts_once() -> None:
    story = two()
    for question, right, who in (
        ("q-1", "A", "p-1"), ("q-2", "绿水青山", "p-1"), ("q-1", "A", "p-2"), ("q-3", "B", "p-2"),
    ):  # fmt: skip
        story.answers(question, right, "07-02 20:00", who=who)
    assert not story.enrolment("p-1").play.rewards.chances
    joined(story, "07-02 21:00")
    doings, rewards = story.enrolment("p-1").play.doings, story.enrolment("p-1").play.rewards
    assert doings.quiz("hundred").right == 3
    assert {chance.id for chance in rewards.chances_of("quiz-draw")} == {"hundred-3"}
    story.answers("q-3", "B", "07-02 22:00", who="p-1")
    assert story.refused


@EC12
@pytest.mark.rule("EC-05", "EC-06")
def test_runs_of_a_day_add_up() -> None:
    story = two()
    story.runs(1_000, "07-02 18:00", who="p-1").runs(900, "07-02 19:00", who="p-2")
    joined(story, "07-02 20:00")
    play = story.enrolment("p-1").play
    assert play.doings.run(play.doings.runs[0].day) == 1_900
    assert [chance.id for chance in play.rewards.chances_of("health")] == ["2019-07-02"]


@EC12
@pytest.mark.rule("EC-14", "ZG-05", "ZG-06")
def test_daily_caps_hold_for_both_together_and_occasions_count_once() -> None:
    story = two()
    for who in ("p-1", "p-2"):
        story.comments(f"{who}/1", "07-06 08:00", who=who).comments(f"{who}/2", "07-06 09:00", who=who)
        story.reads("the same", "07-06 10:00", who=who)
        story.answers("d-2", "B", "07-06 11:00", who=who)
        story.attends("park-walk", "07-06 12:00", who=who)
    assert points(story, "p-1") == points(story, "p-2") == 2 + 2 + 4 + 10
    joined(story, "07-06 20:00")
    assert points(story, "p-1") == 3 + 2 + 4 + 10
    assert story.enrolment("p-1").play.doings.attended == ("park-walk",)
    story.comments("one more", "07-06 21:00", who="p-2")
    assert points(story, "p-1") == 19, "three comments a day"


def audited(story: Story) -> list[str]:
    """What the audit says of the pools of a story."""
    became = {who: story.member(who).became for who in ("p-1", "p-2") if story.member(who).became}
    audit, balances = PoolAudit(became), Counter[tuple[str, str]]()
    states: dict[str, State] = {}
    for entry in story.log:
        if isinstance(entry.event, CampaignPublished):
            continue
        audit.see(entry.stream, entry.event)
        states[entry.stream] = evolve(states.get(entry.stream, initial(entry.stream)), entry.event)
        for leg in entry.event.postings:
            balances[leg.account, leg.asset] += leg.amount
    for stream, state in states.items():
        audit.keep(stream, state)
    return [told for _, told in audit.faults(balances) if "say the same" in told or "by participants" in told]


@EC12
@pytest.mark.rule("SX-22", "JS-10")
def test_a_ticket_of_the_other_wins_for_who_stays() -> None:
    story = sealed(entered(2, each=2))
    joined(story, "07-04 09:00")
    story.post(run(story), who="", at="07-04 20:01", actor="li.wei")
    won = [entry for entry in story.log if isinstance(entry.event, PrizeWon)]
    assert won
    assert {entry.stream for entry in won} == {"p-1@sx-2019"}
    assert len(story.enrolment("p-1").play.rewards.prizes) == len(won) == 2
    assert audited(sound(story)) == []


@EC12
@pytest.mark.rule("JS-10")
def test_a_place_of_the_other_on_a_frozen_board_brings_one_chance() -> None:
    story = frozen()
    joined(story, "2023-11-09 00:20")
    story.post(grant(PLACES[1]), who="p-2")
    assert not story.refused
    assert story.enrolment("p-1").play.rewards.chance("movie-voucher", "participants")
    story.post(grant(PLACES[0]), who="p-1").expect(ChanceUsed, who="p-1")
    sound(story)
