"""The union tree: what a rulebook declares, what operators list, what applicants type in, and what mergers mean."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from ledger import branches
from ledger.branch import Branch
from ledger.branch_commands import BranchEntry, ConfirmBranch, MergeBranch, RegisterBranches
from ledger.branch_events import (
    BranchAbsorbed,
    BranchConfirmed,
    BranchesListed,
    BranchMerged,
    BranchNamed,
    BranchRegistered,
    BranchUnnamed,
)
from ledger.branch_refusals import BranchConflict, BranchNotInTree, BranchStepNotAllowed
from ledger.command import request
from ledger.context import Context
from ledger.decision import Decision
from ledger.fold import State, initial
from ledger.rulebook_campaigns import Branch as Union
from ledger.streams import branch_stream
from tests.given import SX, Entry, Story, replayed
from tests.unit.trees import CITY, confirm, entry, merge, register, tree

TYPED = "镇江顺丰速运工会"


def decision(story: Story, *said: str) -> Decision:
    """A decision with the streams that the questions about these need, and no other."""
    found: dict[str, State] = {}
    while new := {
        stream
        for each in said
        for stream in (*branches.named_streams(each), *(branches.more(each, found) if found else ()))
        if stream not in found
    }:
        found |= {stream: story.states.get(stream, initial(stream)) for stream in new}
    return Decision(found)


def resolved(story: Story, said: str) -> str | None:
    return branches.resolve(said, decision(story, said))


def under(story: Story, branch: str, top: str) -> bool:
    return branches.is_under(branch, top, decision(story, branch, top))


def types(story: Story, place: str, name: str) -> str:
    """Somebody types in a unit; the writer would load what ``typed_streams`` names."""
    found: dict[str, State] = {}
    while new := {s for s in branches.typed_streams(place, name, found) if s not in found}:
        found |= {stream: story.states.get(stream, initial(stream)) for stream in new}
    made = Decision(found)
    where = branches.require(place, made)
    asked = request(
        RegisterBranches(branches=(entry("unused"),)), source="//tests", id=f"t-{len(story.log)}", campaign=""
    )
    context = Context(asked, story.rules, 1, story.now)
    expected = branches.typed(where, name, made)
    branch = branches.type_in(where, name, context, made)
    assert branch == expected
    story.states |= made.changed
    story.log += [Entry(*placed) for placed in made.events]
    story.answer = tuple(event for _, _, event in made.events)
    return branch


def of(story: Story, branch: str) -> Branch:
    state = story.states.get(branch_stream(branch), Branch())
    assert isinstance(state, Branch)
    return state


@pytest.mark.rule("SX-27")
def test_publishing_a_rulebook_puts_its_unions_into_the_tree() -> None:
    story = Story()
    assert of(story, "hancheng") == Branch(1, "韩城市总工会", "city", "weinan", "confirmed")
    assert len([1 for event in story.answer if isinstance(event, BranchRegistered)]) == 23
    assert under(story, "hancheng", "weinan")
    assert not under(story, "weinan", "hancheng")
    assert resolved(story, "韩城市总工会") == "hancheng"


@pytest.mark.rule("SX-27")
def test_a_rulebook_leaves_a_union_alone_that_stands_in_the_tree_under_another_name() -> None:
    story = Story()
    other = replace(
        SX,
        id="other",
        enrolment=replace(
            SX.enrolment, branches=(Union(id="xian", name="另一个西安"), Union(id="new", name="新"))
        ),
    )
    before = of(story, "xian")
    story.rules = other
    story.amend(replace(other, id="other"))  # refused: nothing was published under this id
    assert story.refused
    second = Story(other)
    assert of(second, "xian").name == "另一个西安"
    story.states |= {key: state for key, state in second.states.items() if key.startswith("campaign/")}
    story.rulebooks |= second.rulebooks
    story.amend(replace(other, title=SX.title))
    assert of(story, "xian") == before
    assert of(story, "new").name == "新"


@pytest.mark.rule("SX-27")
def test_an_amended_rulebook_adds_the_unions_that_are_new() -> None:
    story = Story()
    added = (*SX.enrolment.branches, Union(id="unit-1", name="一厂工会", parent="xian"))
    story.amend(replace(SX, enrolment=replace(SX.enrolment, branches=added)), "06-02 08:00")
    assert [type(event) for event in story.answer[1:]] == [BranchRegistered, BranchNamed]
    assert under(story, "unit-1", "xian")


@pytest.mark.rule("SJ-07")
def test_a_list_may_name_unions_before_those_above_them() -> None:
    entries = (entry("a"), entry("b", "a"), entry("c", "b"), entry("d", "a"))
    for order in permutations(entries):
        done = branches.parents_first(order)
        places = {each.id: place for place, each in enumerate(done)}
        assert places["a"] < places["b"] < places["c"]
        assert places["a"] < places["d"]
        story = register(Story(), *order)
        assert all(under(story, each.id, "a") for each in entries)


def test_a_list_in_a_circle_ends() -> None:
    circle = (entry("a", "b"), entry("b", "a"))
    assert {each.id for each in branches.parents_first(circle)} == {"a", "b"}


@pytest.mark.rule("SJ-07")
def test_unions_in_a_circle_are_not_entered() -> None:
    story = register(Story(), entry("a", "b"), entry("b", "a")).expect(BranchesListed)
    listed = story.answer[0]
    assert isinstance(listed, BranchesListed)
    assert {id for _, id, _, _ in listed.refused} == {"a", "b"}


@pytest.mark.rule("SJ-07")
def test_the_same_list_again_changes_nothing() -> None:
    story = tree()
    states = dict(story.states)
    register(story, *CITY).expect(BranchesListed)
    (listed,) = story.answer
    assert isinstance(listed, BranchesListed)
    assert (listed.registered, listed.standing, listed.refused) == (0, len(CITY), ())
    assert {k: v for k, v in story.states.items() if k.startswith(("branch/", "named/"))} == {
        k: v for k, v in states.items() if k.startswith(("branch/", "named/"))
    }


@pytest.mark.rule("SJ-07")
def test_a_line_that_cannot_be_entered_does_not_sink_its_neighbours() -> None:
    story = tree()
    register(
        story,
        BranchEntry(id="zj-1", name="别的名字", parent="zhenjiang", kind="unit", line=2),
        BranchEntry(id="zj-9", name="九厂工会", parent="zhenjiang", kind="unit", line=3),
        BranchEntry(id="zj-8", name="八厂工会", parent="nowhere", kind="unit", line=4),
        BranchEntry(id="zj-9", name="九厂工会", parent="zhenjiang", kind="unit", line=5),
    )
    listed = story.answer[0]
    assert isinstance(listed, BranchesListed)
    assert (listed.registered, listed.standing, listed.twice) == (1, 0, 1)
    assert [(line, id, code) for line, id, code, _ in listed.refused] == [
        (2, "zj-1", "branch_conflict"),
        (4, "zj-8", "branch_not_in_tree"),
    ]
    assert of(story, "zj-9").status == "confirmed"
    assert of(story, "zj-1").name == "一厂工会"


@pytest.mark.rule("SJ-07")
def test_an_exact_name_says_a_union_only_if_one_bears_it() -> None:
    story = tree()
    assert resolved(story, "一厂工会") == "zj-1"
    assert resolved(story, "一厂") is None
    register(story, BranchEntry(id="nj-1", name="一厂工会", parent="nanjing", kind="unit"))
    assert resolved(story, "一厂工会") is None
    assert resolved(story, "zj-1") == "zj-1"
    with pytest.raises(BranchNotInTree, match=r"nj-1|zj-1"):
        branches.require("一厂工会", decision(story, "一厂工会"))


@pytest.mark.rule("SJ-07")
def test_a_unit_that_was_typed_in_is_pending_and_the_same_for_the_next_who_types_it() -> None:
    story = tree()
    first = types(story, "镇江市总工会", TYPED)
    assert [type(event) for event in story.answer] == [BranchRegistered, BranchNamed]
    assert of(story, first) == Branch(1, TYPED, "unit", "zhenjiang", "pending")
    assert types(story, "zhenjiang", TYPED) == first
    assert story.answer == ()
    assert types(story, "nanjing", TYPED) != first
    assert resolved(story, first) == first
    assert under(story, first, "jiangsu")


@pytest.mark.rule("SJ-07")
def test_a_unit_that_stands_under_the_place_is_not_registered_again() -> None:
    story = tree()
    assert types(story, "zhenjiang", "一厂工会") == "zj-1"
    assert story.answer == ()


@pytest.mark.rule("SJ-07")
def test_a_pending_union_is_confirmed_under_another_name() -> None:
    story = tree()
    typed = types(story, "zhenjiang", TYPED)
    confirm(story, typed, name="镇江市顺丰速运有限公司工会", kind="company")
    story.expect(BranchConfirmed, BranchUnnamed, BranchNamed)
    assert of(story, typed).status == "confirmed"
    assert (resolved(story, TYPED), resolved(story, "镇江市顺丰速运有限公司工会")) == (None, typed)
    assert types(story, "zhenjiang", TYPED) == typed, "who types the first name again is in the same union"
    confirm(story, typed).expect(BranchStepNotAllowed)


@pytest.mark.rule("SJ-07")
def test_a_pending_union_is_not_confirmed_beside_another_of_its_name() -> None:
    story = tree()
    typed = types(story, "zhenjiang", TYPED)
    confirm(story, typed, name="一厂工会").expect(BranchConflict)
    assert "zj-1" in story.refusal.detail
    confirm(story, typed).expect(BranchConfirmed)


@pytest.mark.rule("SJ-07")
def test_what_named_a_merged_union_means_what_it_is_part_of() -> None:
    story = tree()
    typed = types(story, "zhenjiang", TYPED)
    merge(story, typed, "zj-1").expect(BranchMerged, BranchAbsorbed)
    assert resolved(story, typed) == "zj-1"
    assert resolved(story, TYPED) == "zj-1"
    assert types(story, "zhenjiang", TYPED) == "zj-1"
    assert under(story, typed, "zj-1")
    assert under(story, "zj-1", typed), "the one that went is the one that stands"
    assert not under(story, typed, "nanjing")


@pytest.mark.rule("SJ-07")
def test_unions_under_a_merged_one_stand_under_what_it_is_part_of() -> None:
    story = tree()
    merge(story, "zhenjiang", "nanjing")
    assert under(story, "zj-1", "nanjing")
    assert under(story, "zj-1", "jiangsu")
    assert types(story, "zhenjiang", "一厂工会") == "zj-1"
    assert types(story, "nanjing", "一厂工会") == "zj-1"
    assert list(branches.above("zj-1", decision(story, "zj-1"))) == ["zj-1", "nanjing", "jiangsu"]
    assert branches.kinds("zj-1", decision(story, "zj-1")) == {"unit", "city", "province"}


@pytest.mark.rule("SJ-07")
def test_a_merger_of_a_merger_points_all_at_the_last() -> None:
    story = tree()
    merge(story, "zj-1", "zj-2")
    merge(story, "zj-2", "nanjing").expect(BranchMerged, BranchAbsorbed, BranchMerged, BranchAbsorbed)
    assert (of(story, "zj-1").into, of(story, "zj-2").into) == ("nanjing", "nanjing")
    assert of(story, "nanjing").absorbed == ("zj-2", "zj-1")
    through = [event.through for event in story.answer if isinstance(event, BranchMerged)]
    assert through == ["", "zj-2"]


@pytest.mark.rule("SJ-07")
@pytest.mark.parametrize(("branch", "into"), [("zhenjiang", "zj-1"), ("jiangsu", "zj-1"), ("zj-1", "zj-1")])
def test_a_union_is_not_merged_into_itself_or_one_below_it(branch: str, into: str) -> None:
    merge(tree(), branch, into).expect(BranchStepNotAllowed)


@pytest.mark.rule("SJ-07")
def test_what_was_merged_is_merged_no_more_and_takes_no_other() -> None:
    story = merge(tree(), "zj-1", "zj-2")
    merge(story, "zj-1", "nanjing").expect(BranchStepNotAllowed)
    merge(story, "nanjing", "zj-1").expect(BranchStepNotAllowed)
    assert "zj-2" in story.refusal.detail


def test_a_union_below_by_way_of_a_merger_counts_as_below() -> None:
    """zj-1 stood under 镇江, which became part of 南京: 南京 cannot become part of it."""
    story = merge(tree(), "zhenjiang", "nanjing")
    merge(story, "nanjing", "zj-1").expect(BranchStepNotAllowed)


def test_the_tree_folds_again_from_its_events() -> None:
    story = merge(tree(), "zhenjiang", "nanjing")
    confirm(story, types(story, "nanjing", TYPED), name="新名工会")
    again = replayed(story.log)
    for stream, state in story.states.items():
        if stream.startswith(("branch/", "named/")):
            assert again[stream] == state


def test_who_did_what_stands_in_the_events() -> None:
    story = tree()
    story.post(MergeBranch(branch="zj-1", into="zj-2", reason="same unit"), who="", actor="li.wei")
    merged = story.answer[0]
    assert isinstance(merged, BranchMerged)
    assert (merged.actor, merged.reason) == ("li.wei", "same unit")
    registered = story.log[0].event
    assert all(
        entry.event.actor == SX.id for entry in Story().log if isinstance(entry.event, BranchRegistered)
    ), registered


def test_commands_about_the_tree_belong_to_no_campaign() -> None:
    for command in (
        RegisterBranches(branches=(entry("x"),)),
        ConfirmBranch(branch="x"),
        MergeBranch(branch="x", into="y", reason="because"),
    ):
        assert type(command) in branches.AREA.free
        assert not command.POSTED
