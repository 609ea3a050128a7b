"""The shipped programme of Zhenjiang, played: activating, earning, drawing, redeeming, and the year's end."""

from importlib.resources import files

import pytest

from ledger.commands import SubmitAddress
from ledger.events import PrizeWon
from ledger.member_events import PointsExpired
from ledger.refusals import DrawsUsedUp, NotEnoughPoints
from ledger.rulebook_file import load
from ledger.shop_commands import CancelRedemption, RedeemItem
from ledger.shop_events import ItemRedeemed, RedemptionCancelled
from tests.given import Story, balances, moment, replayed
from tests.unit.programmes import A, activate, entry, rosters
from tests.unit.wallets import expires

ZG = load((files("ledger") / "rulebooks" / "zg.toml").read_text("utf-8"))


@pytest.mark.rule("ZG-03", "ZG-04", "ZG-05", "ZG-07", "ZG-08", "SJ-08")
def test_a_member_of_the_programme_activates_earns_draws_redeems_and_loses_what_is_left() -> None:
    story = Story(ZG, published="2019-12-01T08:00:00+08:00")
    activate(rosters(entry(A, "zhenjiang-education"), story=story), at="2020-03-15 10:00")
    (credit,) = (event for event in story.answer if isinstance(event, PrizeWon))
    assert (credit.outcome, credit.kind, credit.status) == ("welcome-credit-10", "credit", "won")
    assert story.member().balance == 100
    (lot,) = story.member().lots
    assert lot.expires == moment("2022-01-01T00:00:00+08:00"), "a year, and then to the end of that year"

    for day in range(1, 26):
        story.signs_in(f"2020-04-{day:02}T08:00:00+08:00")
    assert [each.points for each in story.member().lots] == [125], "one lot for all points of a year"

    for _ in range(3):
        story.draws("points-draw", "2020-05-01T10:00:00+08:00")
        assert not story.refused
    story.draws("points-draw", "2020-05-01T10:01:00+08:00").expect(DrawsUsedUp)
    assert story.member().balance == 65
    rice = RedeemItem(item="rice-5kg")
    story.post(rice, at="2020-05-01T10:02:00+08:00").expect(NotEnoughPoints)
    for day in range(1, 31):
        story.signs_in(f"2020-06-{day:02}T08:00:00+08:00")
    for month in range(7, 13):
        for day in range(1, 31):
            story.signs_in(f"2020-{month:02}-{day:02}T08:00:00+08:00")
    assert story.member().balance == 275
    story.post(rice, at="2020-12-30T10:00:00+08:00", campaign="")
    redeemed = story.answer[0]
    assert isinstance(redeemed, ItemRedeemed), "the one programme that has a shop need not be named"
    story.post(SubmitAddress(prize="shop.1.1", address_ref="vault/1"), at="2020-12-30T10:01:00+08:00")
    assert not story.refused
    story.post(CancelRedemption(prize="shop.1.1"), at="2020-12-30T10:02:00+08:00", campaign="")
    assert isinstance(story.answer[0], RedemptionCancelled)
    assert story.member().balance == 275

    story.signs_in("2021-01-02T08:00:00+08:00")
    expires(story, "2022-01-01T00:00:00+08:00").expect(PointsExpired)
    assert [each.points for each in story.member().lots] == [1], (
        "of 2021 there are two days left to the year's end"
    )
    held = balances(story.log)
    assert (held["points:member:p-1"], held["expired:member points"], held["spent:zg"]) == (1, 275, 60)
    assert replayed(story.log) == story.states
