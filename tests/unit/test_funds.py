"""Donations for steps, deposits, and projects that are paid from them. EC-07, EC-13."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.activity_events import DonationMade
from ledger.events import ChanceGranted, CheckpointDimmed, CheckpointLit, StepsSynced
from ledger.fund_commands import DepositInFund, PayProject, PublishProject, PutForwardProject, ReviewProject
from ledger.fund_events import (
    FundCredited,
    ProjectPaid,
    ProjectPublished,
    ProjectPutForward,
    ProjectReviewed,
)
from ledger.fund_refusals import (
    AmountAboveLimit,
    FundShort,
    FundUnknown,
    ProjectExists,
    ProjectStepNotAllowed,
    ProjectUnknown,
    TooManyProjects,
)
from tests.given import balances, replayed
from tests.unit.eco import ECO, PRIMED, Eco

BARE = replace(ECO, route=None, badges=(), pools=(), points=())
FREQUENT = replace(PRIMED, route=None, badges=(), pools=(), points=())
NANJING = "green.nanjing"


class Treasury(Eco):
    """A story in which an operator does things with funds. The clock stands still."""

    def does(self, command: Any, **how: Any) -> "Treasury":
        self.post(command, who="", **how)
        return self

    def deposits(self, amount: int, fund: str = NANJING) -> "Treasury":
        return self.does(DepositInFund(fund=fund, amount=amount, ref="bank/1"))

    def puts_forward(self, project: str, amount: int = 500, fund: str = NANJING) -> "Treasury":
        return self.does(PutForwardProject(fund=fund, project=project, name="植树", amount=amount))

    def reviews(self, project: str, *, approved: bool = True, fund: str = NANJING) -> "Treasury":
        return self.does(ReviewProject(fund=fund, project=project, approved=approved))

    def publishes(self, project: str, fund: str = NANJING) -> "Treasury":
        return self.does(PublishProject(fund=fund, project=project))

    def pays(self, project: str, amount: int, fund: str = NANJING) -> "Treasury":
        return self.does(PayProject(fund=fund, project=project, amount=amount, ref="bank/2"))

    def published(self, project: str, amount: int = 500) -> "Treasury":
        return self.puts_forward(project, amount).reviews(project).publishes(project)


@pytest.mark.rule("EC-07")
def test_every_100000_steps_bring_a_yuan_to_the_fund_of_the_participants_city() -> None:
    story = Treasury(BARE, branch="xuanwu").syncs(99_999, "07-01 21:00").expect(StepsSynced)
    story.syncs(1, "07-02 21:00").expect(StepsSynced, DonationMade, FundCredited)
    made, credited = story.answer[1:]
    assert isinstance(made, DonationMade)
    assert isinstance(credited, FundCredited)
    assert (made.fund, made.donations, made.total, made.amount) == (NANJING, 1, 100_000, 100)
    assert (credited.participant, credited.balance) == ("p-1", 100)
    held = balances(story.log)
    assert held["fund:eco:green.nanjing CNY-fen"] == 100
    assert held["sponsor:eco CNY-fen"] == -100


@pytest.mark.rule("EC-07")
def test_a_sync_that_passes_several_multiples_brings_all_of_them() -> None:
    story = Treasury(BARE, branch="suzhou").syncs(350_000, "07-01 21:00")
    story.expect(StepsSynced, DonationMade, FundCredited)
    assert story.fund("green.suzhou").balance == 300
    story.syncs(50_000, "07-02 21:00")
    assert story.fund("green.suzhou").balance == 400


@pytest.mark.rule("EC-07")
def test_a_lower_last_sync_takes_nothing_back_and_nothing_is_donated_twice() -> None:
    story = Treasury(BARE).syncs(200_000, "07-01 20:00").syncs(10, "07-01 21:00").expect(StepsSynced)
    assert story.fund(NANJING).balance == 200
    story.syncs(250_000, "07-01 22:00").expect(StepsSynced)
    story.syncs(50_000, "07-02 22:00").expect(StepsSynced, DonationMade, FundCredited)
    assert story.fund(NANJING).balance == 300


@pytest.mark.rule("EC-07")
def test_a_union_without_a_fund_of_its_own_donates_to_the_common_one() -> None:
    story = Treasury(BARE, branch="office").syncs(100_000, "07-01 21:00")
    assert story.fund("green").balance == 100
    story.deposits(5, "green").expect(FundCredited)


@pytest.mark.rule("EC-07")
def test_only_counted_syncs_bring_donations() -> None:
    story = Treasury(BARE).syncs(5, "07-01 21:00")
    story.syncs(200_000, "07-01 20:00", delivered="07-01 21:01").expect(StepsSynced)
    assert story.fund(NANJING).balance == 0


@pytest.mark.rule("EC-07")
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 60_000)), min_size=1, max_size=25))
def test_what_is_donated_is_what_the_highest_total_has_passed(syncs: list[tuple[int, int]]) -> None:
    story = Treasury(FREQUENT)
    highest, days = 0, dict[int, int]()
    for number, (day, steps) in enumerate(sorted(syncs, key=lambda each: each[0])):
        story.syncs(steps, f"07-{day:02} 21:{number:02}")
        days[day] = steps
        highest = max(highest, sum(days.values()))
    assert story.fund(NANJING).balance == highest // 10_000 * 100
    assert balances(story.log)["sponsor:eco CNY-fen"] == -story.fund(NANJING).balance
    assert replayed(story.log) == story.states


@pytest.mark.rule("EC-13")
def test_a_project_is_put_forward_reviewed_published_and_paid_in_this_order() -> None:
    story = Treasury().deposits(700)
    story.puts_forward("trees").expect(ProjectPutForward)
    story.publishes("trees").expect(ProjectStepNotAllowed)
    story.pays("trees", 1).expect(ProjectStepNotAllowed)
    story.reviews("trees").expect(ProjectReviewed)
    story.reviews("trees").expect(ProjectStepNotAllowed)
    story.pays("trees", 1).expect(ProjectStepNotAllowed)
    story.publishes("trees").expect(ProjectPublished)
    story.pays("trees", 500).expect(ProjectPaid)
    paid = story.answer[0]
    assert isinstance(paid, ProjectPaid)
    assert (paid.paid, paid.balance, paid.actor) == (500, 200, "operator")
    assert balances(story.log)["project:eco:green.nanjing:trees CNY-fen"] == 500


@pytest.mark.rule("EC-13")
def test_a_project_that_was_turned_down_ends_there() -> None:
    story = Treasury().deposits(700).puts_forward("trees").reviews("trees", approved=False)
    story.publishes("trees").expect(ProjectStepNotAllowed)
    assert story.refusal.clause == "EC-13"


@pytest.mark.rule("EC-13")
def test_each_union_puts_forward_so_many_projects() -> None:
    story = Treasury().puts_forward("a").puts_forward("b").puts_forward("c").expect(TooManyProjects)
    story.puts_forward("a").expect(ProjectExists)
    story.puts_forward("a", fund="green.suzhou").expect(ProjectPutForward)
    story.reviews("a", approved=False).puts_forward("c").expect(ProjectPutForward)


@pytest.mark.rule("EC-13")
def test_a_fund_never_pays_more_than_it_holds_nor_more_than_was_asked_for() -> None:
    story = Treasury().deposits(300).published("trees", 500)
    story.pays("trees", 301).expect(FundShort)
    story.pays("trees", 300).expect(ProjectPaid)
    story.pays("trees", 1).expect(FundShort)
    story.deposits(1_000).pays("trees", 201).expect(AmountAboveLimit)
    story.pays("trees", 200).expect(ProjectPaid)
    story.pays("trees", 1).expect(AmountAboveLimit)


@pytest.mark.rule("EC-13")
@pytest.mark.parametrize("fund", ["no-fund", "green.xuanwu", "green.office", "help.nanjing"])
def test_a_fund_that_is_not_there_is_refused(fund: str) -> None:
    Treasury().deposits(5, fund).expect(FundUnknown)


@pytest.mark.rule("EC-13")
def test_a_project_that_is_not_there_is_refused() -> None:
    story = Treasury()
    story.reviews("trees").expect(ProjectUnknown)
    story.publishes("trees").expect(ProjectUnknown)
    story.pays("trees", 1).expect(ProjectUnknown)


Step = tuple[str, str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["deposit", "sync", "put", "review", "refuse", "publish", "pay"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 400),
    ),
    max_size=40,
)


@pytest.mark.rule("EC-13", "GX-02")
@given(STEPS)
def test_whatever_is_done_a_fund_pays_no_more_than_it_took_in(steps: list[Step]) -> None:
    story = Treasury(FREQUENT).at("07-01 12:00")
    assert isinstance(story, Treasury)
    walked = 0
    for do, project, amount in steps:
        match do:
            case "deposit":
                story.deposits(amount)
            case "sync":
                walked += amount * 50
                story.syncs(walked)
            case "put":
                story.puts_forward(project, amount)
            case "review" | "refuse":
                story.reviews(project, approved=do == "review")
            case "publish":
                story.publishes(project)
            case "pay":
                story.pays(project, amount)
        fund = story.fund(NANJING)
        assert 0 <= fund.paid <= fund.collected
        assert fund.paid == sum(each.paid for each in fund.projects)
        assert all(each.paid <= each.amount for each in fund.projects)
    held = balances(story.log)
    assert held["fund:eco:green.nanjing CNY-fen"] == story.fund(NANJING).balance
    assert sum(amount for account, amount in held.items() if "CNY-fen" in account) == 0
    assert replayed(story.log) == story.states


def test_the_events_of_a_donation_stand_after_what_the_sync_lights() -> None:
    story = Treasury(PRIMED).syncs(10_000, "07-01 20:00")
    story.expect(StepsSynced, CheckpointLit, ChanceGranted, DonationMade, FundCredited)
    story.syncs(10, "07-01 21:00").expect(StepsSynced, CheckpointDimmed)
