"""Hardship help: who can apply, and grants that are paid from a fund. ZG-10."""

from typing import Any

import pytest
from msgspec.structs import replace

from ledger.fund_commands import DecideHelp, DepositInFund
from ledger.fund_events import FundCredited, GrantPaid
from ledger.fund_refusals import AmountAboveLimit, FundShort, HelpUnknown, NotInHardship
from ledger.member import Member
from ledger.member_commands import ApplyForHelp, FlagHardship, SuspendMember
from ledger.member_events import HelpApplied, HelpDecided
from ledger.member_refusals import Suspended
from ledger.refusal import Malformed
from ledger.refusals import AfterCampaign, BeforeCampaign, FutureDated, NotPlayed
from ledger.streams import member_stream
from tests.given import balances, replayed
from tests.unit.eco import ECO, Eco

AT = "07-05 10:00"


class Helped(Eco):
    """A member in hardship, and a fund that helps."""

    def __init__(self, deposit: int = 100_000, *, flagged: bool = True, **how: Any) -> None:
        super().__init__(**how)
        self.at(AT)
        if flagged:
            self.flags()
        if deposit:
            self.post(DepositInFund(fund="help", amount=deposit, ref="bank/1"), who="").expect(FundCredited)

    def flags(self, *, hardship: bool = True, **how: Any) -> "Helped":
        self.post(FlagHardship(hardship=hardship, reason="low income"), **how)
        assert not self.refused
        return self

    def applies(self, amount: int | None = None, **how: Any) -> "Helped":
        self.post(ApplyForHelp(ref="forms/1", amount=amount), **how)
        return self

    def grants(self, number: int = 1, amount: int = 60_000, **how: Any) -> "Helped":
        command = DecideHelp(number=number, approved=True, amount=amount, reason="reviewed at home")
        self.post(command, actor="li.wei", **how)
        return self

    def refuses(self, number: int = 1) -> "Helped":
        self.post(DecideHelp(number=number, approved=False, reason="not this year"), actor="li.wei")
        return self

    def member(self, who: str = "p-1") -> Member:
        state = self.states[member_stream(who)]
        assert isinstance(state, Member)
        return state


@pytest.mark.rule("ZG-10")
def test_a_member_in_hardship_applies_and_the_grant_is_paid_from_the_fund_at_once() -> None:
    story = Helped().applies(70_000).expect(HelpApplied).grants().expect(GrantPaid, HelpDecided)
    paid, decided = story.answer
    assert isinstance(paid, GrantPaid)
    assert isinstance(decided, HelpDecided)
    assert (paid.member, paid.number, paid.balance, paid.actor) == ("p-1", 1, 40_000, "li.wei")
    assert (decided.approved, decided.amount) == (True, 60_000)
    assert story.member().helps[0].status == "approved"
    held = balances(story.log)
    assert held["grants:eco:p-1 CNY-fen"] == 60_000
    assert held["fund:eco:help CNY-fen"] == 40_000
    assert held["granted:eco CNY-fen"] == 0
    assert replayed(story.log) == story.states


@pytest.mark.rule("ZG-10")
def test_nobody_else_can_apply() -> None:
    story = Helped(flagged=False).applies().expect(NotInHardship)
    assert story.refusal.clause == "ZG-10"
    story.flags().applies().expect(HelpApplied)
    story.flags(hardship=False).applies().expect(NotInHardship)


@pytest.mark.rule("ZG-10")
def test_an_application_is_decided_once() -> None:
    story = Helped().grants().expect(HelpUnknown)
    story.applies().refuses().expect(HelpDecided).grants().expect(HelpUnknown)
    assert story.fund("help").balance == 100_000
    story.applies().grants(2).expect(GrantPaid, HelpDecided)
    story.grants(2).expect(HelpUnknown)


@pytest.mark.rule("ZG-10")
def test_a_grant_is_no_more_than_the_fund_holds_was_asked_for_and_the_rules_allow() -> None:
    story = Helped(deposit=50_000).applies(60_000).grants(amount=60_001).expect(AmountAboveLimit)
    story.grants(amount=50_001).expect(FundShort)
    story.grants(amount=50_000).expect(GrantPaid, HelpDecided)
    rich = Helped(deposit=500_000).applies().grants(amount=200_001).expect(AmountAboveLimit)
    rich.grants(amount=200_000).expect(GrantPaid, HelpDecided)


@pytest.mark.rule("ZG-10")
def test_several_grants_of_a_member_add_up() -> None:
    story = Helped().applies().grants(amount=300).applies().grants(2, 400).expect(GrantPaid, HelpDecided)
    assert story.answer[1].postings[1].balance_after == 700


@pytest.mark.rule("ZG-10", "GX-04")
def test_help_can_be_applied_for_while_the_programme_runs() -> None:
    story = Helped().applies(at="06-19 10:00").expect(BeforeCampaign)
    story.applies(at="08-11 10:00", delivered="08-11 10:00").expect(AfterCampaign)
    story.applies(at="07-09 10:00", delivered="07-09 09:00").expect(FutureDated)


@pytest.mark.rule("ZG-10")
def test_a_programme_without_help_gives_none() -> None:
    story = Helped(deposit=0, rules=replace(ECO, hardship=None)).applies().expect(NotPlayed)
    story.grants().expect(NotPlayed)


@pytest.mark.rule("ZG-10")
def test_an_approval_says_how_much_and_a_refusal_does_not() -> None:
    story = Helped().applies()
    with pytest.raises(Malformed, match="an approval says how much"):
        story.post(DecideHelp(number=1, approved=True, reason="yes"))
    with pytest.raises(Malformed, match="an approval says how much"):
        story.post(DecideHelp(number=1, approved=False, amount=5, reason="yes"))


@pytest.mark.rule("ZG-10", "GX-05")
def test_nothing_is_paid_to_a_member_who_is_suspended() -> None:
    story = Helped().applies()
    story.post(SuspendMember(reason="one phone for forty people"))
    story.grants().expect(Suspended)
    story.refuses().expect(HelpDecided)


@pytest.mark.rule("ZG-10")
def test_who_has_not_enrolled_can_apply_too() -> None:
    story = Helped()
    story.post(FlagHardship(hardship=True, reason="low income"), who="p-9")
    story.applies(who="p-9").expect(HelpApplied)
    story.grants(who="p-9").expect(GrantPaid, HelpDecided)
