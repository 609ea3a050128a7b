"""Persons through the writer: what a group of requests needs is loaded, also when they meet each other in it."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from ledger.branch_commands import RegisterBranches
from ledger.campaign import publish_request
from ledger.command import Command, Request, request
from ledger.commands import SignIn
from ledger.member_commands import Activate, EnterRoster, RestrictMember, ReviewMembership
from ledger.streams import identity_stream
from tests.conftest import Database
from tests.given import moment
from tests.store.playing import Playing
from tests.store.vaults import VAULT
from tests.unit.programmes import JOIN_TEXT, PHONE, ROSTER_TEXT, A, B, entry, form
from tests.unit.trees import CITY

SPRING = moment("2021-03-02 10:00")


def ask(command: Command, who: str, id: str, at: datetime = SPRING, campaign: str = "") -> Request:
    """A request about a person, in the programme that serves it."""
    return request(
        command, source="//test", id=id, campaign=campaign, participant=who, occurred_at=at, actor="li.wei"
    )


@pytest.fixture
def union(database: Database) -> Iterator[Playing]:
    """Both programmes, a tree of unions, and a clock that follows the events."""
    with Playing(database) as playing:
        tree = request(RegisterBranches(branches=CITY), source="//test", id="tree", campaign="")
        done = playing.submit(
            tree, publish_request(JOIN_TEXT, actor="test"), publish_request(ROSTER_TEXT, actor="test")
        )
        assert {each.status for each in done} == {"accepted"}
        yield playing


@pytest.mark.rule("SJ-09", "SJ-03")
def test_one_person_who_applies_through_two_channels_at_once_is_one_member(union: Playing) -> None:
    first, second, third = union.submit(
        ask(form(identities={"phone": PHONE}), "app-1", "a"),
        ask(form(branch="zj-2", identities={"phone": PHONE}), "wechat-1", "b"),
        ask(SignIn(), "wechat-1", "c", campaign="join"),
    )
    assert [each.status for each in (first, second, third)] == ["accepted"] * 3
    applied = [each.topic for each in (*first.events, *second.events)].count("membership-applied.v1")
    assert applied == 1
    assert third.events[0].stream == "app-1@join"
    (review,) = union.submit(ask(ReviewMembership(approved=False), "wechat-1", "d"))
    assert [each.stream for each in review.events] == ["member/app-1"] * 2
    again = union.submit(ask(form(identities={"phone": PHONE}), "app-1", "a"))[0]
    assert (again.repeat, again.events) == (True, first.events)


@pytest.mark.rule("ZG-01", "ZG-03", "GX-02")
def test_a_roster_and_those_who_activate_at_once(union: Playing) -> None:
    roster = request(
        EnterRoster(batch="r-1", entries=(entry(A), entry(B, reference="职工-7"))),
        source="//test",
        id="roster",
        campaign="",
        actor="li.wei",
        beside=tuple(
            part for digest in (A, B) for part in VAULT.keep(identity_stream(digest), {"name": "王小明"})
        ),
    )
    entered, *rest = union.submit(
        roster,
        ask(Activate(identity_hash=A), "p-1", "1"),
        ask(Activate(identity_hash=A), "p-2", "2"),
        ask(Activate(identity_hash=A), "p-1", "3"),
        ask(Activate(roster="职工-7"), "p-3", "4"),
        ask(SignIn(), "p-3", "5", campaign="roster"),
    )
    assert entered.events[0].topic == "roster-imported.v1"
    found = [each.code or each.status for each in rest]
    assert found == ["accepted", "already_activated", "already_activated", "accepted", "accepted"]
    held = {leg.account: leg.balance_after for each in rest for leg in each.postings}
    assert held == {"points:member:p-1": 100, "points:member:p-3": 101}


@pytest.mark.rule("SJ-05")
def test_the_reason_of_a_sealed_case_is_nowhere_in_the_log(union: Playing, database: Database) -> None:
    fraud = RestrictMember(kind="identity_fraud", reason="冒用他人身份证入会")
    done = union.submit(*(ask(fraud, "p-1", f"fraud-{n}") for n in range(2)))
    assert [each.code or each.status for each in done] == ["accepted", "not_restricted"]
    written = b"".join(each.state for outcome in done for each in outcome.events)
    assert "冒用".encode() not in written
