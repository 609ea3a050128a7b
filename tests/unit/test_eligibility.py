"""Who may enrol: groups, unions and those below them, a membership of some standing; unions of the ledger's tree."""

from typing import Any

import pytest
from msgspec.structs import replace

from ledger.commands import Enrol
from ledger.events import Enrolled, SignedIn
from ledger.member_commands import ReviewMembership
from ledger.member_refusals import MembershipNeeded
from ledger.refusals import AlreadyEnrolled, BranchUnknown, MembershipRequired, NotPlayed
from tests.given import Story
from tests.unit.programmes import AT, JOIN, PHONE, ROSTER, form, joining, member, office, walk
from tests.unit.trees import CITY, entry, merge, register

OWN = """\
branches = [
  { id = "east", name = "东部工会", group = "city" },
  { id = "east-1", name = "东一工会", group = "unit", parent = "east" },
  { id = "east-1-a", name = "东一甲工会", group = "unit", parent = "east-1" },
  { id = "west", name = "西部工会", group = "city" },
]"""


def walking(standing: str = "", enrolment: str = 'tree = "jiangsu"') -> Story:
    """A campaign with conditions, and a tree of unions."""
    return register(Story(walk(standing, enrolment), published="2020-12-01 08:00"), *CITY)


def enrols(story: Story, branch: str, who: str = "p-1", **how: Any) -> Story:
    """Somebody enrols in the walk."""
    return story.post(Enrol(branch=branch), who=who, at=AT, campaign="walk", **how)


@pytest.mark.rule("SJ-04", "JS-02")
@pytest.mark.parametrize(
    ("condition", "may", "may_not"),
    [
        ('groups = ["city"]', ("east", "west", "西部工会"), ("east-1", "东一甲工会")),
        ('branches = ["east"]', ("east", "east-1", "east-1-a", "东一工会"), ("west",)),
        ('branches = ["east-1", "west"]', ("east-1-a", "west"), ("east",)),
        ('branches = ["east"]\ngroups = ["unit"]', ("east-1", "east-1-a"), ("east", "west")),
    ],
)
def test_a_rulebook_says_for_which_of_its_unions_it_is(
    condition: str, may: tuple[str, ...], may_not: tuple[str, ...]
) -> None:
    for branch in may:
        enrols(walking(condition, OWN), branch).expect(Enrolled)
    for branch in may_not:
        story = enrols(walking(condition, OWN), branch).expect(MembershipRequired)
        assert story.refusal.clause == "XY-32"
        assert "请先入会" in story.refusal.detail
        assert "Join first" in story.refusal.detail
    enrols(walking(condition, OWN), "nowhere").expect(BranchUnknown)


@pytest.mark.rule("SJ-04", "SX-02")
@pytest.mark.parametrize(
    ("condition", "may", "may_not"),
    [
        ("", ("jiangsu", "镇江市总工会", "zj-1"), ()),
        ('groups = ["unit"]', ("zj-1", "二厂工会"), ("zhenjiang", "nanjing")),
        ('groups = ["city"]', ("zhenjiang", "zj-1", "nanjing"), ("jiangsu",)),
        ('branches = ["zhenjiang"]', ("zhenjiang", "zj-1"), ("jiangsu", "nanjing")),
    ],
)
def test_any_union_of_the_tree_can_be_named_under_the_one_that_the_rulebook_names(
    condition: str, may: tuple[str, ...], may_not: tuple[str, ...]
) -> None:
    ids = {"镇江市总工会": "zhenjiang", "二厂工会": "zj-2"}
    for branch in may:
        story = enrols(walking(condition), branch).expect(Enrolled)
        assert story.enrolment().branch == ids.get(branch, branch)
    for branch in may_not:
        enrols(walking(condition), branch).expect(MembershipRequired)


@pytest.mark.rule("SX-02")
def test_a_union_elsewhere_in_the_tree_is_not_of_the_campaign() -> None:
    story = register(walking(enrolment='tree = "zhenjiang"'), entry("hubei"))
    for branch in ("hubei", "nanjing", "jiangsu", "nowhere", "hubei工会"):
        assert enrols(story, branch).expect(BranchUnknown).refusal.clause == "XY-33"
    enrols(story, "zhenjiang").expect(Enrolled)


@pytest.mark.rule("SJ-07", "SX-02")
def test_who_enrols_under_a_merged_union_is_of_the_one_that_stands() -> None:
    story = merge(walking(), "zj-1", "nanjing")
    for n, branch in enumerate(("zj-1", "一厂工会")):
        who = f"p-{n}"
        enrols(story, branch, who).expect(Enrolled)
        assert story.enrolment(who).branch == "nanjing"
    own = merge(walking(enrolment=OWN), "east-1", "zj-2")
    enrols(own, "东一工会").expect(Enrolled)
    assert own.enrolment().branch == "zj-2"
    listed = merge(walking('branches = ["east"]', OWN), "east-1", "west")
    enrols(listed, "east-1").expect(Enrolled)
    assert listed.enrolment().branch == "west", "the rulebook's own tree says who may"


@pytest.mark.rule("SX-02")
def test_without_unions_any_text_is_one() -> None:
    story = enrols(walking(enrolment=""), "我们的工会").expect(Enrolled)
    assert story.enrolment().branch == "我们的工会"


# Standing.


def both(standing: str) -> Story:
    """The joining programme and a walk that asks for a standing."""
    return joining().also(walk(f'standing = "{standing}"'))


@pytest.mark.rule("SJ-04")
def test_a_campaign_for_members_takes_a_membership_that_is_not_reviewed_yet() -> None:
    story = enrols(both("any"), "zj-1").expect(MembershipNeeded)
    assert story.refusal.clause == "XY-32"
    assert "请先入会" in story.refusal.detail
    enrols(story.post(form(), at=AT), "zj-1").expect(Enrolled)


@pytest.mark.rule("SJ-04")
def test_a_campaign_for_reviewed_members_waits_for_the_review() -> None:
    story = enrols(both("reviewed").post(form(), at=AT), "zj-1").expect(MembershipNeeded)
    assert "waits for its review" in story.refusal.detail
    office(story, ReviewMembership(approved=True))
    enrols(story, "zj-1").expect(Enrolled)
    enrols(story, "zj-1").expect(AlreadyEnrolled)


@pytest.mark.rule("SJ-03", "SJ-04")
def test_whose_membership_has_ended_neither_enrols_nor_goes_on() -> None:
    story = enrols(both("any").post(form(), at=AT), "zj-1")
    story.post(form(), who="p-2")
    for who in ("p-1", "p-2"):
        office(story, ReviewMembership(approved=False), who)
    enrols(story, "zj-1", "p-2").expect(MembershipNeeded)
    story.signs_in(AT, campaign="walk").expect(MembershipNeeded)
    story.post(form()).signs_in(AT, campaign="walk").expect(SignedIn)


@pytest.mark.rule("SJ-04", "SJ-09", "EC-12")
def test_somebody_who_is_known_under_another_client_id_has_that_ones_membership() -> None:
    story = member(identities={"phone": PHONE}).also(walk('standing = "any"'))
    story.post(Enrol(branch="zj-2", identities={"phone": PHONE}), who="p-2", campaign="walk")
    assert isinstance(story.answer[0], Enrolled)
    assert story.member("p-2").became == "p-1"
    assert story.enrolment("p-1", "walk").branch == "zj-2"
    story.post(Enrol(branch="zj-2"), who="p-3", campaign="walk").expect(MembershipNeeded)


# Programmes with a way in of their own.


@pytest.mark.rule("SJ-01", "ZG-01")
def test_a_programme_with_a_way_in_of_its_own_is_not_enrolled_in() -> None:
    story = register(Story(ROSTER, published="2020-01-01 08:00"), *CITY)
    story.enrol(branch="zj-1", at="2020-03-15 09:00").expect(NotPlayed)
    assert "jifen.activated" in story.refusal.detail
    assert story.refusal.clause == "XY-22"
    open_to_all = register(Story(replace(JOIN, membership=None), published="2020-12-01 08:00"), *CITY)
    open_to_all.enrol(branch="zj-1", at=AT).expect(NotPlayed)
    assert "jifen.membership_applied" in open_to_all.refusal.detail


@pytest.mark.rule("SJ-01", "SJ-09")
def test_who_is_a_member_by_another_programme_enrols_for_there_is_nothing_to_apply_for() -> None:
    story = member().also(replace(JOIN, id="join-2"))
    story.post(Enrol(branch="zj-1"), campaign="join-2").expect(Enrolled)
    story.post(Enrol(branch="zj-1"), who="p-2", campaign="join-2").expect(MembershipNeeded)
