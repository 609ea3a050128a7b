"""What the vault keeps of persons, as far as it is decided: kept, fixed, looked at, erased."""

from typing import Any

import msgspec
import pytest

from ledger.command import Command, Identities
from ledger.identity import Identity
from ledger.member import Member
from ledger.member_commands import (
    DenyAccess,
    ErasePerson,
    KeepDetails,
    LinkIdentities,
    MergeMembers,
    ViewDetails,
)
from ledger.member_events import (
    AccessDenied,
    DetailsKept,
    DetailsViewed,
    IdentitiesAdded,
    IdentityClaimed,
    MemberJoined,
    PersonErased,
)
from ledger.member_refusals import FieldFixed, NothingKept
from ledger.member_refusals import PersonErased as IsErased
from ledger.refusal import Malformed
from tests.given import Story, replayed
from tests.unit.programmes import PHONE, A, B, activate, entry, rosters

WHY = "asked for it in writing"


def said(story: Story, command: Command, who: str = "p-1", **how: Any) -> Story:
    """What is posted of a person and of no campaign."""
    return story.post(command, who=who, campaign="", **how)


def keep(story: Story, *fields: str, who: str = "p-1", **identities: Any) -> Story:
    return said(story, KeepDetails(fields=fields, identities=msgspec.convert(identities, Identities)), who)


def member(story: Story, who: str = "p-1") -> Member:
    state = story.states[f"member/{who}"]
    assert isinstance(state, Member)
    return state


def identity(story: Story, digest: str) -> Identity:
    state = story.states[f"identity/{digest}"]
    assert isinstance(state, Identity)
    return state


@pytest.mark.rule("SX-02", "SJ-01")
def test_the_log_has_the_names_of_fields_and_who_kept_them() -> None:
    story = keep(Story(), "name", "phone").expect(DetailsKept)
    (event,) = story.answer
    assert isinstance(event, DetailsKept)
    assert (event.fields, event.actor) == (("name", "phone"), "operator")
    assert set(member(story).kept) == {"name", "phone"}
    said(story, KeepDetails(fields=("email",), removed=("phone",)))
    assert set(member(story).kept) == {"name", "email"}
    assert replayed(story.log) == story.states


@pytest.mark.rule("SJ-09", "EC-12")
def test_who_tells_a_number_is_known_by_it() -> None:
    story = keep(Story(), "id_number", "phone", id_number=A, phone=PHONE)
    story.expect(DetailsKept, *[type(event) for event in story.answer[1:]])
    assert {type(event) for event in story.answer[1:]} == {IdentitiesAdded, IdentityClaimed}
    assert member(story).identities == {"id_number": (A,), "phone": (PHONE,)}
    assert identity(story, A).member == "p-1"


@pytest.mark.rule("SJ-09", "EC-12")
def test_who_tells_the_number_of_somebody_who_is_known_becomes_one_with_that() -> None:
    story = keep(Story(), "phone", phone=PHONE)
    keep(story, "phone", who="wx-9", phone=PHONE)
    assert MemberJoined in {type(event) for event in story.answer}
    assert member(story).aliases == ("wx-9",)


@pytest.mark.rule("SJ-06")
@pytest.mark.parametrize("field", ["name", "id_number"])
def test_a_field_that_is_fixed_does_not_change_once_it_stands(field: str) -> None:
    story = keep(Story(), "name", "id_number", "phone")
    story.changes = frozenset({field, "phone"})
    keep(story, "name", "id_number", "phone").expect(FieldFixed)
    assert field in story.refusal.detail
    assert story.refusal.clause == "SJ-06"


@pytest.mark.rule("SJ-06")
def test_other_fields_change_freely() -> None:
    story = keep(Story(), "name", "phone", "home_address")
    story.changes = frozenset({"phone", "home_address"})
    keep(story, "phone", "home_address").expect(DetailsKept)


@pytest.mark.rule("SJ-06")
def test_another_identity_number_than_the_one_that_is_claimed_is_refused() -> None:
    story = said(Story(), LinkIdentities(identities={"id_number": A}))
    keep(story, "id_number", id_number=B).expect(FieldFixed)
    keep(story, "id_number", id_number=A).expect(DetailsKept)


def test_who_looks_at_what_and_why_is_an_event() -> None:
    story = keep(Story(), "phone")
    said(story, ViewDetails(fields=("phone", "name"), reason="sends a prize"), actor="li.wei")
    (event,) = story.expect(DetailsViewed).answer
    assert isinstance(event, DetailsViewed)
    assert (event.fields, event.actor, event.reason) == (("phone", "name"), "li.wei", "sends a prize")


def test_where_nothing_is_kept_there_is_nothing_to_look_at() -> None:
    story = said(Story(), LinkIdentities(identities={"phone": PHONE}))
    said(story, ViewDetails(fields=("phone",), reason=WHY)).expect(NothingKept)
    said(story, ViewDetails(fields=("phone",), reason=WHY), who="p-unknown").expect(NothingKept)


def test_what_only_the_roster_has_can_be_looked_at_once_somebody_is_the_person() -> None:
    story = activate(rosters(entry(A)))
    said(story, ViewDetails(fields=("name",), reason=WHY)).expect(DetailsViewed)


@pytest.mark.rule("GX-07")
def test_an_erasure_is_told_of_the_person_and_of_all_its_hashes() -> None:
    story = keep(Story(), "phone", "id_number", phone=PHONE, id_number=A)
    said(story, ErasePerson(reason=WHY), actor="li.wei").expect(PersonErased, PersonErased, PersonErased)
    assert [entry.stream for entry in story.log[-3:]] == [
        "member/p-1",
        *sorted((f"identity/{A}", f"identity/{PHONE}")),
    ]
    assert (member(story).erased, member(story).kept) == (True, ())
    assert identity(story, A).erased
    assert identity(story, PHONE).erased
    assert replayed(story.log) == story.states


@pytest.mark.rule("GX-07")
def test_nothing_follows_an_erasure() -> None:
    story = said(keep(Story().enrol(), "phone"), ErasePerson(reason=WHY))
    keep(story, "phone").expect(IsErased)
    said(story, ViewDetails(fields=("phone",), reason=WHY)).expect(IsErased)
    said(story, ErasePerson(reason=WHY)).expect(IsErased)
    story.signs_in("07-01 08:00").expect(IsErased)


@pytest.mark.rule("GX-07")
def test_who_is_not_known_cannot_be_erased_by_a_slip_of_the_pen() -> None:
    story = said(Story(), ErasePerson(reason=WHY), who="p-typo").expect(NothingKept)
    said(story, ErasePerson(reason=WHY), who="p-typo").expect(NothingKept)


@pytest.mark.rule("GX-07", "EC-12")
def test_all_client_ids_of_a_person_are_erased_together() -> None:
    story = keep(keep(Story(), "name", who="p-1"), "name", who="wx-9")
    said(story, MergeMembers(other="wx-9", reason="the same person"))
    said(story, ErasePerson(reason=WHY), who="wx-9")
    assert story.log[-1].stream == "member/p-1"
    assert member(story).erased
    keep(story, "phone", who="wx-9").expect(IsErased)


@pytest.mark.rule("GX-07", "ZG-01")
def test_somebody_who_is_only_on_a_roster_can_be_erased_by_the_hash() -> None:
    story = rosters(entry(A))
    said(story, ErasePerson(reason=WHY, identity=A), who="").expect(PersonErased)
    assert identity(story, A).erased
    said(story, ErasePerson(reason=WHY, identity=A), who="").expect(IsErased)
    said(story, ErasePerson(reason=WHY, identity=B), who="").expect(NothingKept)


def test_somebody_who_has_activated_is_erased_as_a_participant() -> None:
    story = activate(rosters(entry(A)))
    with pytest.raises(Malformed, match="p-1"):
        said(story, ErasePerson(reason=WHY, identity=A), who="")
    with pytest.raises(Malformed):
        said(story, ErasePerson(reason=WHY), who="")


@pytest.mark.rule("GX-07", "ZG-03")
def test_who_comes_back_after_an_erasure_is_somebody_new_and_gets_nothing_twice() -> None:
    story = said(activate(rosters(entry(A))), ErasePerson(reason=WHY))
    keep(story, "id_number", who="p-2", id_number=A).expect(
        DetailsKept, *[type(each) for each in story.answer[1:]]
    )
    assert MemberJoined not in {type(event) for event in story.answer}
    state = identity(story, A)
    assert (state.member, state.erased, state.activated) == ("p-2", False, True)


@pytest.mark.rule("ZG-09")
def test_a_reach_for_what_is_not_ones_own_stands_in_the_office() -> None:
    denied = DenyAccess(key="k-1", method="GET", path="/v1/members/p-1", scope="zhenjiang")
    story = said(Story(), denied, who="").expect(AccessDenied)
    assert story.log[-1].stream == "office/ledger"
