"""A campaign's rules are published once and amended from a moment on; what was awarded before stays as it was."""

import pytest
from msgspec.structs import replace

from ledger.campaign import Campaign, amend_request, publish_request
from ledger.commands import PublishCampaign
from ledger.decide import decide
from ledger.events import (
    ActivityRefused,
    CampaignAmended,
    CampaignPublished,
    CheckpointDimmed,
    CheckpointLit,
    StepsSynced,
)
from ledger.fold import State
from ledger.office import Office
from ledger.refusals import AmendmentNotAllowed, CampaignExists, CampaignUnknown, FutureDated
from ledger.rulebook import Rulebook
from ledger.rulebook_campaigns import PointsRule
from ledger.rulebook_file import RulebookFaulty, digest
from tests.given import SX, SX_TEXT, Story, day_of, moment

NEAR = replace(SX, route=replace(SX.route, total_steps=13 * 2_000))  # type: ignore[type-var]


def priced(rules: Rulebook, every: int, goal: int) -> Rulebook:
    """The rules with other points for steps and for the daily goal."""
    points = (
        PointsRule(id="steps", on="steps", every=every, amount=1, clause="SX-12"),
        PointsRule(id="daily-goal", on="daily_goal", amount=goal, clause="SX-13"),
    )
    return replace(rules, points=points)


def counting(rules: Rulebook, **steps: int) -> Rulebook:
    """The rules with other settings for steps."""
    assert rules.steps is not None
    return replace(rules, steps=replace(rules.steps, **steps))


def enrolled(rules: Rulebook = SX) -> Story:
    return Story(rules).enrol(at="06-30 10:00")


def versions(story: Story) -> list[int]:
    return [entry.event.rules for entry in story.log if entry.stream.startswith("p-")]


@pytest.mark.rule("GX-08")
def test_publishing_is_an_event_that_carries_the_text_and_its_digest() -> None:
    asked = publish_request(SX_TEXT, actor="li.wei")
    assert isinstance(asked.command, PublishCampaign)
    bare = replace(SX, pools=(), enrolment=replace(SX.enrolment, branches=()))
    states: dict[str, State] = {"campaign/sx-2019": Campaign(), "office/ledger": Office()}
    decision = decide(asked, states, {digest(SX_TEXT): bare}, moment("06-01 08:00"))
    ((stream, version, event),) = decision.events
    assert (stream, version) == ("campaign/sx-2019", 1)
    assert isinstance(event, CampaignPublished)
    assert (event.campaign, event.version, event.text, event.actor) == ("sx-2019", 1, SX_TEXT, "li.wei")
    assert event.digest == digest(SX_TEXT)


@pytest.mark.rule("GX-01", "GX-08")
def test_publishing_the_same_text_again_is_the_same_request() -> None:
    first, again = (publish_request(SX_TEXT, actor=who) for who in ("li.wei", "wang.fang"))
    assert (first.key, first.content) == (again.key, again.content)


@pytest.mark.rule("GX-08")
def test_a_faulty_rulebook_is_neither_published_nor_an_amendment() -> None:
    faulty = SX_TEXT.replace("daily_goal = 6000", "daily_goal = -1")
    with pytest.raises(RulebookFaulty):
        publish_request(faulty, actor="li.wei")
    with pytest.raises(RulebookFaulty):
        amend_request("sx-2019", faulty, None, actor="li.wei", id="a-1")


@pytest.mark.rule("GX-08")
def test_a_campaign_is_published_once() -> None:
    Story().post(PublishCampaign(text="", digest="rules-1"), who="").expect(CampaignExists)


@pytest.mark.rule("GX-08")
def test_an_amendment_needs_a_published_campaign() -> None:
    asked = amend_request("sx-2019", SX_TEXT, None, actor="li.wei", id="a-1")
    decision = decide(asked, {"campaign/sx-2019": Campaign()}, {digest(SX_TEXT): SX}, moment("06-01 08:00"))
    ((_, _, refused),) = decision.events
    assert isinstance(refused, ActivityRefused)
    assert refused.code == CampaignUnknown.CODE
    assert b"steps" not in bytes(refused.data), "the text is not kept a second time"


@pytest.mark.rule("GX-08")
def test_an_amendment_is_an_event_with_an_effective_time() -> None:
    story = Story().amend(SX, "07-01 08:00", effective_at="07-02 00:00").expect(CampaignAmended)
    (event,) = story.answer
    assert isinstance(event, CampaignAmended)
    assert (event.version, event.effective_at) == (2, moment("07-02 00:00"))


@pytest.mark.rule("GX-08")
def test_an_amendment_holds_for_what_happens_at_or_after_its_effective_time() -> None:
    story = enrolled().amend(priced(SX, 1_000, 1), "07-01 08:00", effective_at="07-02 21:00:00")
    story.syncs(8_000, "07-01 21:00").expect(balance=5)
    story.syncs(8_000, "07-02 20:59:59").expect(balance=10)
    story.syncs(8_000, "07-02 21:00:00").expect(StepsSynced, balance=14)
    assert versions(story) == [1, 1, 1, 2]


@pytest.mark.rule("GX-08")
def test_what_happened_before_an_amendment_is_decided_under_the_old_text_when_it_is_delivered_after() -> None:
    story = enrolled().amend(priced(SX, 1_000, 1), "07-01 21:30")
    story.syncs(8_000, "07-01 21:00", delivered="07-01 22:00").expect(balance=5)
    assert versions(story)[-1] == 1


@pytest.mark.rule("GX-08")
def test_without_an_effective_time_an_amendment_holds_from_now_on() -> None:
    story = enrolled().amend(priced(SX, 1_000, 1), "07-01 21:30:00").syncs(8_000, "07-01 21:30:00")
    story.expect(balance=9)


@pytest.mark.rule("GX-08")
def test_of_two_amendments_of_one_moment_the_later_holds() -> None:
    story = enrolled().amend(priced(SX, 1_000, 1), "07-01 08:00").amend(priced(SX, 500, 1), "07-01 08:00")
    story.syncs(8_000, "07-01 21:00").expect(balance=17)
    assert versions(story)[-1] == 3


@pytest.mark.rule("GX-08")
@pytest.mark.parametrize(
    ("amended", "why"),
    [
        (priced(SX, 4_000, 1), "fewer points for steps"),
        (priced(SX, 2_000_000, 1), "no points for steps"),
        (replace(SX, points=()), "no points at all"),
        (counting(SX, daily_goal=9_000), "a higher goal"),
        (counting(SX, daily_cap=6_500), "a lower cap"),
        (counting(SX, total_cap=5_000), "a total cap that is passed already"),
    ],
)
def test_an_amendment_in_the_middle_of_a_day_takes_nothing_back(amended: Rulebook, why: str) -> None:
    story = enrolled().syncs(8_000, "07-01 20:30").expect(balance=5).amend(amended, "07-01 21:00")
    story.expect(total=8_000, balance=5, attained=1)
    story.syncs(8_000, "07-01 21:30").expect(total=8_000, balance=5, attained=1), why


@pytest.mark.rule("GX-08")
def test_after_an_amendment_in_the_middle_of_a_day_more_steps_earn_by_the_new_text() -> None:
    story = (
        enrolled().syncs(4_000, "07-01 20:30").expect(balance=2).amend(priced(SX, 1_000, 3), "07-01 21:00")
    )
    story.syncs(8_000, "07-01 21:30").expect(total=8_000, balance=8 + 3)


@pytest.mark.rule("GX-08", "SX-05")
def test_after_an_amendment_in_the_middle_of_a_day_a_lower_sync_still_stands() -> None:
    story = enrolled().syncs(8_000, "07-01 20:30").amend(priced(SX, 4_000, 1), "07-01 21:00")
    story.syncs(4_000, "07-01 21:30").expect(total=4_000, balance=1, attained=0)


@pytest.mark.rule("GX-08")
def test_days_and_points_of_the_past_stay_and_the_next_day_goes_by_the_new_text() -> None:
    story = enrolled().syncs(8_000, "07-01 21:00").amend(priced(SX, 4_000, 1), "07-02 08:00")
    story.expect(balance=5).syncs(8_000, "07-02 21:00").expect(balance=5 + 3, attained=2)


@pytest.mark.rule("GX-08", "SX-06")
def test_a_total_cap_that_comes_too_late_stops_counting_and_takes_nothing_back() -> None:
    story = enrolled().syncs(8_000, "07-01 21:00").amend(counting(SX, total_cap=5_000), "07-02 08:00")
    story.syncs(8_000, "07-02 21:00").expect(total=8_000, attained=2, balance=5 + 1)


@pytest.mark.rule("GX-08", "SX-08")
def test_checkpoints_that_an_amendment_moves_away_stay_lit() -> None:
    story = enrolled(NEAR).syncs(6_000, "07-01 21:00").expect(lit=3).amend(SX, "07-02 08:00")
    story.syncs(5_000, "07-02 21:00").expect(StepsSynced, lit=3)
    story.syncs(4_000, "07-02 22:00").expect(StepsSynced, lit=3, total=10_000)
    story.answers("cp-03", "B", "07-02 22:30").expect(passed=(3,))


@pytest.mark.rule("GX-08", "SX-08")
def test_checkpoints_that_an_amendment_brings_nearer_are_lit_by_the_next_sync() -> None:
    story = enrolled(SX).syncs(6_000, "07-01 21:00").expect(lit=0).amend(NEAR, "07-02 08:00")
    story.syncs(0, "07-02 21:00").expect(StepsSynced, *[CheckpointLit] * 3, lit=3)
    story.syncs(2_000, "07-02 22:00").expect(StepsSynced, CheckpointLit, lit=4)
    story.syncs(0, "07-02 23:00").expect(StepsSynced, CheckpointDimmed, lit=3)


@pytest.mark.rule("GX-08")
@pytest.mark.parametrize("effective_at", ["07-01 07:59:59", "06-01 08:00"])
def test_an_amendment_cannot_reach_into_the_past(effective_at: str) -> None:
    Story().amend(SX, "07-01 08:00:00", effective_at=effective_at).expect(AmendmentNotAllowed)


@pytest.mark.rule("GX-08")
@pytest.mark.parametrize(
    "amended",
    [
        replace(SX, starts=day_of("07-02")),
        replace(SX, timezone="Asia/Urumqi"),
        replace(SX, trial=None),
        replace(SX, id="sx-2020"),
    ],
    ids=["starts", "timezone", "trial", "id"],
)
def test_an_amendment_cannot_move_what_days_are_counted_by(amended: Rulebook) -> None:
    Story().amend(amended, "07-01 08:00").expect(AmendmentNotAllowed)


@pytest.mark.rule("GX-08", "SX-20")
def test_the_last_day_can_be_moved() -> None:
    story = enrolled(replace(SX, ends=day_of("07-02"))).signs_in("07-01 08:00")
    story.amend(replace(SX, ends=day_of("07-03")), "07-02 07:00").signs_in("07-02 08:00").expect(badges=())
    story.signs_in("07-03 08:00").expect(badges=("full-attendance",))


@pytest.mark.rule("GX-04", "GX-08")
def test_an_event_from_the_future_does_not_choose_the_rules_to_come() -> None:
    story = enrolled().amend(replace(SX, future_tolerance="24h"), "07-01 08:00", effective_at="07-09 00:00")
    story.syncs(8_000, "07-09 21:00", delivered="07-01 09:00").expect(FutureDated)


@pytest.mark.rule("GX-08")
def test_every_event_names_the_version_that_it_was_decided_under() -> None:
    story = enrolled().signs_in("07-01 08:00").amend(SX, "07-01 09:00").signs_in("07-01 10:00")
    story.signs_in("07-02 08:00").amend(SX, "07-02 09:00").syncs(10_000, "07-02 21:00")
    assert versions(story) == [1, 1, 2, 2, 3]


@pytest.mark.rule("GX-08")
def test_a_scheduled_amendment_stops_no_other_and_is_replaced_by_one_for_the_same_moment() -> None:
    dear, cheap = priced(SX, 1_000, 1), priced(SX, 5_000, 1)
    story = Story().enrol(at="06-30 10:00")
    story.amend(dear, "07-01 08:00", effective_at="07-10 00:00").expect(CampaignAmended)
    story.amend(cheap, "07-01 09:00").expect(CampaignAmended)
    story.syncs(5_000, "07-01 21:00").expect(StepsSynced, balance=1)
    story.amend(cheap, "07-02 08:00", effective_at="07-10 00:00").expect(CampaignAmended)
    story.syncs(5_000, "07-10 21:00").expect(StepsSynced, balance=2)


@pytest.mark.rule("GX-08")
def test_a_campaign_cannot_be_ended_in_the_past() -> None:
    early = replace(SX, ends=day_of("07-15"))
    Story().amend(early, "07-20 08:00").expect(AmendmentNotAllowed)
    Story().amend(early, "07-15 08:00").expect(CampaignAmended)
