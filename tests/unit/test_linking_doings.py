"""What two client ids of one person have read, answered, run, donated, drawn and won: together, and once."""

from collections import Counter

import pytest

from ledger.audit_funds import FundAudit
from ledger.audit_pools import PoolAudit
from ledger.commands import IssuePrize
from ledger.enrolment import Play
from ledger.events import CampaignPublished, PrizeLapsed, PrizeWon
from ledger.fold import State, evolve, initial
from ledger.fund_events import GrantPaid
from ledger.fund_refusals import AmountAboveLimit, HelpUnknown
from ledger.joined import JOINED_MEMBERS
from ledger.member_commands import MergeMembers
from ledger.member_events import HelpDecided, MemberBecame
from ledger.posting import MONEY
from ledger.refusals import ChanceUsed
from tests.given import Story
from tests.given import balances as accounts
from tests.unit import programmes
from tests.unit.eco import PRIMED, Eco
from tests.unit.test_contests import entered, run, sealed
from tests.unit.test_frozen_board import PLACES, frozen, grant
from tests.unit.test_help import Helped
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
@pytest.mark.rule("ZG-10")
def test_applications_for_help_are_numbered_on_and_what_was_granted_moves() -> None:
    story = Helped()
    story.flags(who="p-2").applies(500).grants(amount=400)
    story.applies(300, who="p-2").applies(200, who="p-2").grants(amount=250, who="p-2")
    joined(story, "07-06 09:00")
    assert [(each.number, each.status, each.amount) for each in story.member().helps] == [
        (1, "approved", 400),
        (2, "approved", 250),
        (3, "applied", 200),
    ]
    assert story.member().hardship
    held = accounts(story.log)
    assert (held[f"grants:eco:p-1 {MONEY}"], held[f"grants:eco:p-2 {MONEY}"]) == (650, 0)
    story.grants(2).expect(HelpUnknown)
    story.grants(3, 201).expect(AmountAboveLimit)
    story.grants(3, 200, who="p-2").expect(GrantPaid, HelpDecided)
    assert story.answer[1].postings[1].balance_after == 850
    story.applies(who="p-2")
    assert [each.number for each in story.member().helps] == [1, 2, 3, 4]
    audit = FundAudit()
    for entry in story.log:
        audit.see(entry.stream, entry.event)
    assert list(audit.faults()) == []
    sound(story)


@EC12
@pytest.mark.rule("ZG-10")
def test_help_of_ids_that_were_joined_before_moves_on_with_them() -> None:
    story = Helped()
    for who in ("p-2", "p-3"):
        story.flags(who=who).applies(100, who=who).grants(amount=100, who=who)
    joined(story, "07-06 09:00", stays="p-2", other="p-3")
    became = story.answer[1]
    assert isinstance(became, MemberBecame)
    assert became.helps_after == 1
    joined(story, "07-06 09:01", other="p-2")
    assert [each.helps_after for each in story.answer if isinstance(each, MemberBecame)] == [0, None]
    assert [each.number for each in story.member().helps] == [1, 2]
    assert accounts(story.log)[f"grants:eco:p-1 {MONEY}"] == 200
    sound(story)


def two_of_a_roster() -> Story:
    """p-1 has activated, and p-2 can as another."""
    entries = programmes.entry(programmes.A), programmes.entry(programmes.B)
    return programmes.activate(programmes.rosters(*entries))


def gifted(*, issued: str = "", second: str = "2020-03-16 09:00") -> Story:
    """Two people of the roster activate inside a promotion, and turn out to be one. issued: whose gift is out."""
    story = two_of_a_roster()
    programmes.activate(story, who="p-2", at=second, identity_hash=programmes.B)
    if issued:
        (gift,) = story.enrolment(issued).play.rewards.prizes
        story.post(IssuePrize(prize=gift.id), who=issued)
    return joined(story, "2020-03-20 09:00")


@EC12
@pytest.mark.rule("ZG-04")
@pytest.mark.parametrize(("issued", "stays"), [("", 1), ("p-1", 1), ("p-2", 2)])
def test_of_two_gifts_of_one_promotion_that_which_is_not_issued_goes_back(issued: str, stays: int) -> None:
    story = gifted(issued=issued)
    status = {each.id: each.status for each in story.enrolment().play.rewards.prizes}
    lapsed = f"top-up.{3 - stays}.1"
    assert status == {f"top-up.{stays}.1": "issued" if issued else "won", lapsed: "lapsed"}
    assert [event.prize for event in story.answer if isinstance(event, PrizeLapsed)] == [lapsed]
    assert (story.pool("top-up").gone, story.pool("top-up").spent) == ({"ten": 1}, 1_000)
    assert accounts(story.log)["prizes:roster:p-1 ten"] == (0 if issued else 1)


@EC12
@pytest.mark.rule("ZG-04")
def test_gifts_that_were_both_issued_stay_and_one_alone_is_left_alone() -> None:
    story = two_of_a_roster()
    programmes.activate(story, who="p-2", identity_hash=programmes.B)
    for who in ("p-1", "p-2"):
        (gift,) = story.enrolment(who).play.rewards.prizes
        story.post(IssuePrize(prize=gift.id), who=who)
    joined(story, "2020-03-20 09:00")
    assert [each.status for each in story.enrolment().play.rewards.prizes] == ["issued"] * 2
    alone = gifted(second="2020-04-02 09:00")
    assert [each.status for each in alone.enrolment().play.rewards.prizes] == ["won"]


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
