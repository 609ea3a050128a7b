"""Batch draws: sealed before their random number exists, held once, and never with anything changed in between."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ledger.commands import ImportVouchers, IssuePrize, LapsePrize, ReplacePrize, RunDraw, SealDraw
from ledger.drawing import BATCH, Ticket, announced_randomness, tickets_root, winners
from ledger.events import (
    Beacon,
    BeaconPromise,
    DrawEntered,
    DrawRun,
    DrawSealed,
    EntryTaken,
    PrizeCount,
    PrizeIssued,
    PrizeWon,
    VouchersImported,
)
from ledger.refusals import (
    BeaconNotInFuture,
    DrawAlreadySealed,
    DrawClosed,
    DrawNotSealed,
    NotDrawn,
    PoolEmpty,
    PoolStillOpen,
    PoolUnknown,
    PrizeUnknown,
    SealBroken,
    VoucherKnown,
    VoucherLineEmpty,
    VoucherTwice,
)
from ledger.rulebook import Pool, Prize, Rulebook
from ledger.rulebook_base import Words
from tests.given import SX, Story, balances, moment, replayed

NAME = Words(zh="奖品", en="A prize")
DRAW = Pool(
    id="draw",
    name=NAME,
    clause="SX-22",
    draw="batch",
    cost_points=1,
    person_max=1,
    deadline=moment("07-03 00:00"),
    address_clause="SX-25",
    prizes=(
        Prize(id="bicycle", name=NAME, kind="goods", stock=1),
        Prize(id="movie", name=NAME, kind="voucher", amount=6_000, stock=2),
        Prize(id="cash", name=NAME, kind="money", amount=100, stock=1),
    ),
)
STREAM = "pool/sx-2019/draw"
AT = moment("07-04 20:00")
PROMISE = BeaconPromise(kind="announced", at=AT, source="3D lottery, issue 2019178")
TEXT = "5 1 7"


def rules(**changes: Any) -> Rulebook:
    return replace(SX, pools=(replace(DRAW, **changes), SX.pool_ids["red-packet"]), boards=())


def entered(people: int = 6, each: int = 1, book: Rulebook | None = None) -> Story:
    """People who have entered the draw, each so many times."""
    story = Story(book or rules())
    for n in range(1, people + 1):
        story.enrol(f"p-{n}", at="06-30 10:00").syncs(10_000, "07-01 21:00", who=f"p-{n}")
    for n in range(1, people + 1):
        for _ in range(each):
            story.draws("draw", "07-01 22:00", who=f"p-{n}").expect(DrawEntered, EntryTaken)
    return story


def tickets(story: Story) -> list[Ticket]:
    """The tickets of the pool, as the log holds them."""
    taken = [entry.event for entry in story.log if entry.stream == STREAM]
    return [Ticket(e.number, e.participant) for e in taken if isinstance(e, EntryTaken)]


def seal(story: Story, **changes: Any) -> SealDraw:
    held = tickets(story)
    members: dict[str, Any] = {
        "pool": "draw",
        "position": len(story.log),
        "root": tickets_root(held),
        "tickets": len(held),
        "beacon": PROMISE,
    }
    return SealDraw(**(members | changes))


def sealed(story: Story | None = None, **changes: Any) -> Story:
    story = story or entered()
    return story.post(seal(story, **changes), who="", at="07-03 00:10", actor="li.wei").expect(DrawSealed)


def run(story: Story, contest: int = 1, **changes: Any) -> RunDraw:
    """The command that holds the draw as it was sealed, but for the changes."""
    held, randomness = tickets(story), announced_randomness(TEXT)
    prizes = [(each.prize, each.count) for each in story.pool("draw").contests[contest - 1].prizes]
    won = winners(randomness, tickets_root(held), held, prizes, 1)
    members: dict[str, Any] = {
        "pool": "draw",
        "contest": contest,
        "beacon": Beacon(text=TEXT),
        "randomness": randomness.hex(),
        "tickets": tuple((each.number, each.participant) for each in held),
        "winners": won,
    }
    return RunDraw(**(members | changes))


def held(story: Story | None = None) -> Story:
    story = story or sealed()
    return story.post(run(story), who="", at="07-04 20:01", actor="li.wei")


@pytest.mark.rule("SX-22", "JS-10")
def test_entries_are_tickets_numbered_from_one_and_cost_what_they_cost() -> None:
    story = entered(2, each=2)
    assert tickets(story) == [Ticket(1, "p-1"), Ticket(2, "p-1"), Ticket(3, "p-2"), Ticket(4, "p-2")]
    story.expect(balance=4).draws("draw", "07-03 00:00").expect(DrawClosed, balance=4)


@pytest.mark.rule("JS-10", "SX-22")
def test_a_seal_fixes_tickets_prizes_algorithm_and_the_number_to_come() -> None:
    story = sealed()
    (event,) = story.answer
    assert isinstance(event, DrawSealed)
    assert (event.contest, event.algorithm, event.tickets, event.person_max) == (1, BATCH, 6, 1)
    assert event.prizes == (PrizeCount("bicycle", 1), PrizeCount("movie", 2), PrizeCount("cash", 1))
    assert (event.root, event.beacon, event.actor) == (tickets_root(tickets(story)), PROMISE, "li.wei")
    assert story.log[-1].stream == STREAM


@pytest.mark.rule("JS-10")
def test_a_draw_is_sealed_only_when_no_entry_can_come_any_more() -> None:
    story = entered()
    story.post(seal(story), who="", at="07-03 00:09:59").expect(PoolStillOpen)
    story.draws("draw", "07-02 23:59:59", delivered="07-03 00:09:59").expect(DrawEntered, EntryTaken)
    story.post(seal(story), who="", at="07-03 00:10").expect(DrawSealed)


@pytest.mark.rule("JS-10", "GX-08")
def test_a_deadline_that_is_moved_after_the_seal_lets_nobody_in() -> None:
    story = sealed().amend(rules(deadline=moment("07-05 00:00")), "07-03 08:00")
    story.draws("draw", "07-03 09:00").expect(DrawClosed, balance=5)


@pytest.mark.rule("JS-10")
@pytest.mark.parametrize("at", ["07-03 00:10", "07-02 08:00"])
def test_the_number_that_decides_must_lie_in_the_future(at: str) -> None:
    story = entered()
    asked = seal(story, beacon=replace(PROMISE, at=moment(at)))
    story.post(asked, who="", at="07-03 00:10").expect(BeaconNotInFuture)


@pytest.mark.rule("JS-10")
def test_a_draw_is_for_prizes_that_are_there() -> None:
    story = entered()

    def asks(*prizes: tuple[str, int]) -> Story:
        counts = tuple(PrizeCount(*each) for each in prizes)
        return story.post(seal(story, prizes=counts), who="", at="07-03 00:10")

    asks(("piano", 1)).expect(PrizeUnknown)
    asks(("movie", 1), ("movie", 1)).expect(PrizeUnknown)
    asks(("movie", 3)).expect(PoolEmpty)
    asks(("movie", 0)).expect(PoolEmpty)
    asks(("movie", 1), ("bicycle", 1)).expect(DrawSealed)
    empty = entered(book=rules(prizes=tuple(replace(each, stock=0) for each in DRAW.prizes)))
    empty.post(seal(empty), who="", at="07-03 00:10").expect(PoolEmpty)


@pytest.mark.rule("JS-10")
def test_only_a_batch_pool_is_sealed_and_only_a_sealed_draw_is_held() -> None:
    story = entered()
    story.post(seal(story, pool="red-packet"), who="", at="10-09 00:00").expect(NotDrawn)
    story.post(seal(story, pool="no-such"), who="").expect(PoolUnknown)
    command = run(sealed())
    story.post(command, who="").expect(DrawNotSealed)
    story.post(replace(command, pool="no-such"), who="").expect(PoolUnknown)
    sealed().post(replace(command, contest=2), who="", at="07-04 20:01").expect(DrawNotSealed)


@pytest.mark.rule("JS-10", "JS-11", "SX-22")
def test_the_winners_follow_from_the_number_and_each_has_a_prize() -> None:
    story = held()
    story.expect(DrawRun, *[PrizeWon] * 4)
    ran, owners = story.answer[0], {ticket.number: ticket.participant for ticket in tickets(story)}
    assert isinstance(ran, DrawRun)
    assert (ran.winners, ran.randomness) == (run(story).winners, announced_randomness(TEXT).hex())
    assert [prize for _, prize in ran.winners] == ["bicycle", "movie", "movie", "cash"]
    won = [(entry.stream, entry.event) for entry in story.log[-4:]]
    for (number, prize), (stream, event) in zip(ran.winners, won, strict=True):
        assert isinstance(event, PrizeWon)
        assert stream == f"{owners[number]}@sx-2019"
        assert (event.outcome, event.prize, event.cause) == (prize, f"draw.{number}", f"{STREAM}#1")
        assert (event.status, event.voucher) == ("won", None)
    assert len({stream for stream, _ in won}) == 4, "nobody wins twice"
    assert story.pool("draw").gone == {"bicycle": 1, "movie": 2, "cash": 1}
    assert story.pool("draw").spent == 2 * 6_000 + 100
    found = balances(story.log)
    assert found["pool:sx-2019:draw movie"] == -2
    assert found["pool:sx-2019:draw CNY-fen"] == -100


@pytest.mark.rule("JS-10")
def test_money_of_a_batch_draw_waits_to_be_issued() -> None:
    story = held()
    for n in range(1, 7):
        for prize in story.enrolment(f"p-{n}").play.rewards.prizes:
            if prize.kind == "money":
                story.post(IssuePrize(prize=prize.id), who=f"p-{n}").expect(PrizeIssued)
                assert balances(story.log)["transit:sx-2019 CNY-fen"] == 100
                return
    raise AssertionError("somebody has won the money")


@pytest.mark.rule("JS-10")
def test_fewer_tickets_than_prizes_leave_prizes_over() -> None:
    story = held(sealed(entered(2)))
    story.expect(DrawRun, PrizeWon, PrizeWon)
    assert story.pool("draw").gone == {"bicycle": 1, "movie": 1}


@pytest.mark.rule("JS-10", "SX-22")
def test_who_has_two_tickets_wins_once_at_most() -> None:
    story = held(sealed(entered(2, each=3)))
    story.expect(DrawRun, PrizeWon, PrizeWon)
    assert {entry.stream for entry in story.log[-2:]} == {"p-1@sx-2019", "p-2@sx-2019"}


@pytest.mark.rule("JS-10")
def test_before_its_number_can_be_known_a_draw_is_not_held() -> None:
    story = sealed()
    story.post(run(story), who="", at="07-04 19:59:59").expect(BeaconNotInFuture)
    story.post(run(story), who="", at="07-04 20:00:00")
    assert isinstance(story.answer[0], DrawRun)


@pytest.mark.rule("JS-10")
def test_a_draw_is_held_once() -> None:
    story = held()
    story.post(run(story), who="").expect(DrawNotSealed)


Tickets = tuple[tuple[int, str], ...]
HONEST: Tickets = tuple((n, f"p-{n}") for n in range(1, 7))
FORGED = {
    "one more": (*HONEST, (7, "p-1")),
    "one fewer": HONEST[:-1],
    "another order": (HONEST[1], HONEST[0], *HONEST[2:]),
    "another holder": ((1, "p-2"), *HONEST[1:]),
    "another number": ((9, "p-1"), *HONEST[1:]),
    "one twice": (HONEST[0], HONEST[0], *HONEST[2:]),
    "none": (),
}


@pytest.mark.rule("JS-10")
@pytest.mark.parametrize("forged", FORGED.values(), ids=list(FORGED))
def test_a_ticket_that_is_added_dropped_or_moved_after_the_seal_breaks_it(forged: Tickets) -> None:
    """Even when the winners are those that would follow from the forged list."""
    story = sealed()
    told = [Ticket(*each) for each in forged]
    prizes = [("bicycle", 1), ("movie", 2), ("cash", 1)]
    won = winners(announced_randomness(TEXT), tickets_root(told), told, prizes, 1)
    story.post(run(story, tickets=forged, winners=won), who="", at="07-04 20:01").expect(SealBroken)
    assert not story.pool("draw").contests[0].run
    assert story.pool("draw").gone == {}
    held(story).expect(DrawRun, *[PrizeWon] * 4)


@pytest.mark.rule("JS-10")
def test_other_winners_or_another_number_break_the_seal() -> None:
    story = sealed()
    good = run(story)
    swapped = (good.winners[1], good.winners[0], *good.winners[2:])
    other = announced_randomness("5 1 8")
    held_by_other = winners(
        other, good_root(story), tickets(story), [("bicycle", 1), ("movie", 2), ("cash", 1)], 1
    )
    for broken in (
        replace(good, winners=good.winners[:-1]),
        replace(good, winners=swapped),
        replace(good, winners=()),
        replace(good, winners=((99, "bicycle"), *good.winners[1:])),
        replace(good, randomness=other.hex(), winners=held_by_other),
        replace(good, beacon=Beacon(text="5 1 8")),
        replace(good, beacon=Beacon(text=" ")),
        replace(good, beacon=Beacon()),
        replace(good, randomness=""),
        replace(good, randomness="no hex"),
        replace(good, randomness=good.randomness[:-2]),
    ):
        story.post(broken, who="", at="07-04 20:01").expect(SealBroken)
    story.post(good, who="")
    assert isinstance(story.answer[0], DrawRun)


def good_root(story: Story) -> str:
    return tickets_root(tickets(story))


@pytest.mark.rule("JS-10", "GX-03")
def test_a_redraw_needs_a_reason_another_approver_and_the_draw_before_it() -> None:
    story = sealed()
    reasoned: dict[str, Any] = {"reason": "a winner withdrew", "approver": "wang.fang"}

    def again(**changes: Any) -> Story:
        later = replace(PROMISE, at=moment("07-09 20:00"))
        asked = seal(story, beacon=later, **changes)
        return story.post(asked, who="", at="07-05 08:00", actor="li.wei")

    again(**reasoned).expect(DrawAlreadySealed)
    story.post(run(story), who="", at="07-05 08:00")
    again().expect(DrawAlreadySealed)
    again(**reasoned).expect(PoolEmpty)
    movie = next(
        (prize.id, f"p-{n}")
        for n in range(1, 7)
        for prize in story.enrolment(f"p-{n}").play.rewards.prizes
        if prize.kind == "goods"
    )
    story.post(LapsePrize(prize=movie[0], reason="never answered"), who=movie[1])
    again(reason="", approver="wang.fang").expect(DrawAlreadySealed)
    again(reason="a winner withdrew", approver=" ").expect(DrawAlreadySealed)
    again(reason="a winner withdrew", approver="li.wei").expect(DrawAlreadySealed)
    again(**reasoned).expect(DrawSealed)
    (event,) = story.answer
    assert isinstance(event, DrawSealed)
    assert (event.contest, event.reason, event.approver) == (2, "a winner withdrew", "wang.fang")
    assert event.prizes == (PrizeCount("bicycle", 1),)
    story.post(run(story, contest=2), who="", at="07-09 20:01").expect(DrawRun, PrizeWon)
    won = story.answer[1]
    assert isinstance(won, PrizeWon)
    assert won.prize.endswith(".c2")
    assert story.pool("draw").gone["bicycle"] == 1


@pytest.mark.rule("GX-02", "JS-10")
def test_what_a_sealed_draw_waits_for_is_not_given_to_anybody_else() -> None:
    story = held()
    name, who = next(
        (prize.id, f"p-{n}")
        for n in range(1, 7)
        for prize in story.enrolment(f"p-{n}").play.rewards.prizes
        if prize.kind == "goods"
    )
    story.post(LapsePrize(prize=name, reason="never answered"), who=who)
    later = replace(PROMISE, at=moment("07-09 20:00"))
    asked = seal(story, beacon=later, reason="it lapsed", approver="wang.fang")
    story.post(asked, who="", at="07-05 08:00", actor="li.wei").expect(DrawSealed)
    story.post(ReplacePrize(prize=name, reason="came after all"), who=who).expect(PoolEmpty)
    story.post(run(story, contest=2), who="", at="07-09 20:01").expect(DrawRun, PrizeWon)
    assert story.pool("draw").gone["bicycle"] == 1


@pytest.mark.rule("SX-01", "SX-22")
def test_the_trials_draw_gives_nothing_to_whoever_has_begun_the_campaign() -> None:
    story = Story(rules()).enrol(at="06-20 10:00").enrol("p-2")
    for who in ("p-1", "p-2"):
        story.signs_in("06-21 08:00", who=who).draws("draw", "06-21 09:00", who=who)
        story.expect(DrawEntered, EntryTaken)
    story.signs_in("07-01 08:00").expect(balance=1)
    two = [Ticket(1, "p-1"), Ticket(2, "p-2")]
    asked = seal(story, trial=True, root=tickets_root(two), tickets=2)
    story.post(asked, who="", at="07-01 09:00").expect(DrawSealed)
    randomness = announced_randomness(TEXT)
    won = winners(randomness, tickets_root(two), two, [("bicycle", 1), ("movie", 2), ("cash", 1)], 1)
    command = RunDraw(
        pool="draw",
        contest=1,
        beacon=Beacon(text=TEXT),
        randomness=randomness.hex(),
        tickets=((1, "p-1"), (2, "p-2")),
        winners=won,
        trial=True,
    )
    story.post(command, who="", at="07-04 20:01").expect(DrawRun, PrizeWon, balance=1, sign_ins=1)
    assert story.log[-1].stream == "p-2@sx-2019"
    balances(story.log)


def codes(*prints: str, pool: str = "draw", prize: str = "movie") -> ImportVouchers:
    return ImportVouchers(pool=pool, prize=prize, batch="2019-07", fingerprints=prints)


@pytest.mark.rule("JS-11")
def test_vouchers_are_numbered_on_from_delivery_to_delivery() -> None:
    story = Story(rules()).post(codes("a", "b"), who="").expect(VouchersImported)
    story.post(codes("c"), who="", actor="finance").expect(VouchersImported)
    (event,) = story.answer
    assert isinstance(event, VouchersImported)
    assert (event.first, event.count, event.batch, event.actor) == (3, 1, "2019-07", "finance")
    assert story.pool("draw").codes == {"movie": 3}


@pytest.mark.rule("JS-11")
def test_a_file_with_an_empty_line_a_double_or_a_known_code_is_refused_whole() -> None:
    story = Story(rules()).post(codes("a", "b"), who="")
    for broken, refusal, line in (
        (("c", "", "d", ""), VoucherLineEmpty, "line 2, 4"),
        (("c", "d", "c"), VoucherTwice, "line 1, 3"),
        (("c", "b"), VoucherKnown, "line 2"),
        (("", "c", "c", "a"), VoucherLineEmpty, "line 1"),
        (("c", "c", "a"), VoucherTwice, "line 1, 2"),
        ((), VoucherLineEmpty, "no codes"),
    ):
        story.post(codes(*broken), who="").expect(refusal)
        assert line in story.refusal.detail
        said = msgspec.json.decode(story.refusal.data)
        assert said == {"pool": "draw", "prize": "movie", "batch": "2019-07"}, (
            "a refusal keeps no fingerprints"
        )
    assert story.pool("draw").codes == {"movie": 2}
    story.post(codes("c", "d"), who="").expect(VouchersImported)


@pytest.mark.rule("JS-11")
def test_of_many_faulty_lines_the_first_twenty_are_named() -> None:
    story = Story(rules()).post(codes(*[""] * 25), who="").expect(VoucherLineEmpty)
    assert story.refusal.detail.endswith("line " + ", ".join(map(str, range(1, 21))) + " and 5 more")


@pytest.mark.rule("JS-11")
def test_codes_are_for_vouchers_of_a_pool() -> None:
    story = Story(rules()).post(codes("a", prize="bicycle"), who="").expect(PrizeUnknown)
    story.post(codes("a", prize="piano"), who="").expect(PrizeUnknown)
    story.post(codes("a", pool="no-such"), who="").expect(PoolUnknown)


@pytest.mark.rule("JS-11")
def test_a_batch_draw_hands_out_the_codes_that_are_there() -> None:
    story = entered()
    story.post(codes("a"), who="")
    sealed(story)
    ran = held(story).answer[0]
    assert isinstance(ran, DrawRun)
    assert ran.vouchers == {"movie": 1}
    won = [event for event in story.answer if isinstance(event, PrizeWon) and event.kind == "voucher"]
    assert [(each.voucher, each.status) for each in won] == [(1, "issued"), (None, "won")]


@pytest.mark.rule("GX-06")
def test_the_pool_is_what_its_events_say() -> None:
    story = held()
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
