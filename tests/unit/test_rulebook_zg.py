"""The shipped rulebook of 镇工惠 says what the published notice says, and its main lines can be played."""

import re
from datetime import date
from pathlib import Path

import pytest

import ledger
from ledger.activity_commands import PostComment, ReadArticle
from ledger.commands import ImportVouchers
from ledger.events import PrizeWon
from ledger.fund_refusals import AlreadyAnswered, ItemLimitReached, NotToday
from ledger.member import Member
from ledger.member_commands import Activate, EnterRoster, RosterEntry
from ledger.member_refusals import NotOnRoster
from ledger.refusals import NotEnoughPoints
from ledger.rulebook_file import load
from ledger.shop_commands import RedeemItem
from ledger.shop_events import ItemRedeemed
from tests.given import Story

FILE = Path(ledger.__file__).parent / "rulebooks" / "zg.toml"
ZG = load(FILE.read_bytes())
KNOWN, OTHER = "a" * 32, "b" * 32


def story(at: str = "2020-03-02 09:00") -> Story:
    """The programme, one person of Danyang on its roster, who activates at a moment."""
    told = Story(ZG, "2020-01-01 08:00")
    roster = EnterRoster(
        batch="互助保障名单", entries=(RosterEntry(identity=KNOWN, branch="zhenjiang-danyang"),)
    )
    told.post(roster, who="", campaign="", at="2020-01-02 08:00")
    return told.post(Activate(identity_hash=KNOWN), at=at)


def points(told: Story) -> int:
    """What lies in the wallet of p-1."""
    member = told.states["member/p-1"]
    assert isinstance(member, Member)
    return member.balance


@pytest.mark.rule("ZG-01")
def test_only_who_is_on_the_roster_can_activate_and_others_are_told_whom_to_ask() -> None:
    told = story()
    assert told.enrolment().branch == "zhenjiang-danyang"
    told.post(Activate(identity_hash=OTHER), who="p-2").expect(NotOnRoster)
    assert ZG.activation is not None
    assert ZG.activation.who_to_ask.zh in told.refusal.detail
    assert told.refusal.clause == "ZG-01"


@pytest.mark.rule("ZG-03")
def test_activation_gives_a_year_of_cover_and_100_points() -> None:
    told = story()
    member = told.states["member/p-1"]
    assert isinstance(member, Member)
    (right,) = member.rights
    assert (right.entitlement, right.starts) == ("accident-cover", date(2020, 3, 2))
    assert right.ends in (date(2021, 3, 1), date(2021, 3, 2))
    assert points(told) == 100
    assert told.enrolment().play.balance == 0, "the points are the member's, not the campaign's"


@pytest.mark.rule("ZG-04")
def test_an_activation_inside_the_promotion_brings_phone_credit() -> None:
    gift = ZG.pool_ids["welcome"].gift
    assert gift is not None
    assert gift.on == "activation"
    inside = [event for event in story("2020-06-30 23:59").answer if isinstance(event, PrizeWon)]
    assert [(event.kind, event.amount) for event in inside] == [("credit", 1000)]
    assert not [event for event in story("2020-07-01 00:00").answer if isinstance(event, PrizeWon)]


@pytest.mark.rule("ZG-05")
def test_each_doing_earns_one_point_up_to_its_daily_cap() -> None:
    told = story()
    told.signs_in("2020-03-02 10:00")
    assert told.signs_in("2020-03-02 10:01").refused
    assert points(told) == 101
    for number in range(5):
        told.post(PostComment(ref=f"comments/{number}"), at="2020-03-02 10:10")
    assert points(told) == 104
    for number in range(7):
        told.post(ReadArticle(ref=f"news/{number}"), at="2020-03-02 10:20")
    assert points(told) == 109
    for question in ZG.quizzes[1].questions[:7]:
        told.answers(question.id, question.answer, "2020-03-02 10:30")
    assert points(told) == 114
    told.post(PostComment(ref="comments/9"), at="2020-03-03 10:10")
    assert points(told) == 115


@pytest.mark.rule("ZG-06")
def test_there_is_one_question_a_day_with_one_try() -> None:
    quiz = ZG.quizzes[0]
    assert (quiz.daily, quiz.tries, len(quiz.questions)) == (True, 1, 31)
    number = (date(2020, 3, 2) - ZG.starts).days % 31
    due, other = quiz.questions[number], quiz.questions[(number + 1) % 31]
    told = story()
    told.answers(other.id, other.answer, "2020-03-02 12:00").expect(NotToday)
    told.answers(due.id, "wrong", "2020-03-02 12:00")
    told.answers(due.id, due.answer, "2020-03-02 12:01").expect(AlreadyAnswered)
    told.answers(other.id, other.answer, "2020-03-03 12:00")
    assert points(told) == 101


@pytest.mark.rule("ZG-07")
def test_every_item_has_a_price_a_stock_and_a_limit() -> None:
    shop = ZG.pool_ids["shop"]
    assert {item.kind for item in shop.prizes} == {"goods", "voucher", "credit"}
    assert all(item.price and item.stock and item.person_max for item in shop.prizes)
    assert [item.id for item in shop.prizes if item.sells_until] == ["swimming-ticket"]


@pytest.mark.rule("ZG-07", "ZG-08")
def test_points_of_many_days_buy_vouchers_up_to_the_limit() -> None:
    told = story("2020-06-01 09:00")
    codes = ImportVouchers(
        pool="shop", prize="swimming-ticket", batch="1", fingerprints=tuple(f"{n:032x}" for n in range(20))
    )
    told.post(codes, who="", at="2020-06-01 10:00")
    told.post(RedeemItem(item="swimming-ticket"), at="2020-06-01 11:00").expect(NotEnoughPoints)
    told.post(RedeemItem(item="swimming-ticket", quantity=7), at="2020-06-01 11:00").expect(ItemLimitReached)
    for day in range(1, 29):
        told.signs_in(f"2020-06-{day:02} 20:00")
        for number in range(3):
            told.post(PostComment(ref=f"{day}/{number}"), at=f"2020-06-{day:02} 20:01")
    assert points(told) == 100 + 28 * 4
    told.post(RedeemItem(item="swimming-ticket"), at="2020-06-29 11:00")
    assert isinstance(told.answer[0], ItemRedeemed)
    assert points(told) == 100 + 28 * 4 - 150
    assert told.post(RedeemItem(item="swimming-ticket"), at="2020-10-01 00:00").refused, (
        "the pools are closed"
    )


@pytest.mark.rule("ZG-08")
def test_the_programme_stands_for_ten_years_and_its_points_outlive_it() -> None:
    assert ZG.id == FILE.stem
    assert (ZG.starts, ZG.ends) == (date(2020, 1, 1), date(2029, 12, 31))
    assert ZG.wallet is not None
    assert (ZG.wallet.lasts, ZG.wallet.until_end_of) == ("365d", "year")


@pytest.mark.rule("ZG-10")
def test_help_is_paid_from_a_fund_and_has_a_limit() -> None:
    assert ZG.hardship is not None
    assert [fund.id for fund in ZG.funds] == [ZG.hardship.fund]
    assert ZG.hardship.most == 500_000


def test_every_clause_is_named_in_the_file() -> None:
    named = set(re.findall(r"ZG-[0-9]{2}", FILE.read_text("utf-8")))
    assert named == {f"ZG-{number:02}" for number in range(1, 11)}
