"""Prizes by rank: every member of a winning team gets one, and exactly as many go as there are."""

import msgspec
import pytest
from msgspec.structs import replace

from ledger.commands import AwardPlaces, FreezeBoard, ImportVouchers, Place
from ledger.events import BoardFrozen, PlacesAwarded, PrizeWon
from ledger.merkle import Tree, leaf_hash
from ledger.refusals import (
    BoardStillMoving,
    ChanceUsed,
    NotDrawn,
    PlaceNotProven,
    PoolEmpty,
    PoolUnknown,
)
from ledger.rulebook import Prize, Rulebook
from ledger.rulebook_base import Words
from tests.given import SX, Story, balances, replayed

assert SX.teams is not None
NAME = Words(zh="奖品", en="A prize")
PRIZES = (
    Prize(id="first", name=NAME, kind="goods", places=1, stock=2),
    Prize(id="second", name=NAME, kind="goods", places=2, stock=4),
)
POOL = replace(SX.pool_ids["team-prize"], prizes=PRIZES)
RULES = replace(SX, teams=replace(SX.teams, size=2), pools=(POOL, SX.pool_ids["red-packet"]))
TEAMS = {"t-1": ["p-1", "p-2"], "t-2": ["p-3"], "t-3": ["p-4", "p-5"], "t-4": ["p-6"]}


def standing(*teams: str, board: str = "teams") -> tuple[FreezeBoard, tuple[Place, ...]]:
    """The command that freezes this standing, and its places with their proofs."""
    rows = [
        msgspec.json.encode({"rank": rank, "entrant": team, "keys": [[90, 100], [500_000, 6]]}).decode()
        for rank, team in enumerate(teams, start=1)
    ]
    tree = Tree([leaf_hash(each.encode()) for each in rows])
    places = tuple(
        Place(rank, team, rows[rank - 1], tuple(each.hex() for each in tree.proof(rank - 1)))
        for rank, team in enumerate(teams, start=1)
    )
    return FreezeBoard(board=board, position=9, root=tree.root.hex(), entrants=len(teams)), places


FREEZE, PLACES = standing(*TEAMS)


def moving(rules: Rulebook = RULES) -> Story:
    """Four teams whose standing is not final."""
    story = Story(rules)
    for team, people in TEAMS.items():
        for who in people:
            story.enrol(who, at="07-01 07:00")
        story.creates(team, "07-01 08:00", who=people[0])
        for who in people[1:]:
            story.joins(team, who=who)
    return story


def frozen(rules: Rulebook = RULES, freeze: FreezeBoard = FREEZE) -> Story:
    return moving(rules).post(freeze, who="", at="10-08 00:10").expect(BoardFrozen)


def award(*places: Place, pool: str = "team-prize") -> AwardPlaces:
    return AwardPlaces(pool=pool, places=places)


def won(story: Story) -> list[tuple[str, str, str]]:
    """(participant, prize of the rulebook, what it is called) of the newest answer, in order."""
    placed = story.log[-len(story.answer) :]
    return [
        (entry.stream.partition("@")[0], entry.event.outcome, entry.event.prize)
        for entry in placed
        if isinstance(entry.event, PrizeWon)
    ]


@pytest.mark.rule("SX-24")
def test_every_member_of_a_winning_team_gets_the_prize_of_its_rank() -> None:
    story = frozen().post(award(*PLACES[:3]), who="", actor="li.wei")
    assert won(story) == [
        ("p-1", "first", "team-prize.1.1"),
        ("p-2", "first", "team-prize.1.2"),
        ("p-3", "second", "team-prize.2.1"),
        ("p-4", "second", "team-prize.3.1"),
        ("p-5", "second", "team-prize.3.2"),
    ]
    (awarded, *_) = story.answer
    assert isinstance(awarded, PlacesAwarded)
    assert (awarded.board, awarded.actor, len(awarded.winners)) == ("teams", "li.wei", 5)
    assert story.pool("team-prize").gone == {"first": 2, "second": 3}
    assert balances(story.log)["prizes:sx-2019:p-4 second"] == 1
    (prize,) = story.enrolment("p-4").play.rewards.prizes
    assert (prize.status, prize.kind) == ("won", "goods")
    assert not story.enrolment("p-6").play.rewards.prizes


@pytest.mark.rule("SX-24")
def test_the_places_are_awarded_once() -> None:
    story = frozen().post(award(*PLACES[:3]), who="").post(award(*PLACES[:3]), who="").expect(ChanceUsed)
    assert story.pool("team-prize").gone == {"first": 2, "second": 3}


@pytest.mark.rule("SX-24")
def test_all_places_are_needed_in_their_order_and_none_beyond() -> None:
    story = frozen()
    for places in (
        PLACES,
        PLACES[:2],
        (),
        (PLACES[1], PLACES[0], PLACES[2]),
        (PLACES[0], PLACES[0], PLACES[1]),
        (PLACES[0], PLACES[1], PLACES[3]),
        (PLACES[0], PLACES[1], replace(PLACES[3], rank=3)),
        (PLACES[0], PLACES[1], replace(PLACES[2], entrant="t-4")),
        (PLACES[0], PLACES[1], replace(PLACES[2], proof=PLACES[1].proof)),
    ):
        story.post(award(*places), who="").expect(PlaceNotProven)
    assert story.pool("team-prize").gone == {}
    story.post(award(*PLACES[:3]), who="")
    assert len(won(story)) == 5


@pytest.mark.rule("SX-24")
def test_a_board_with_fewer_teams_than_places_gives_what_it_has() -> None:
    freeze, places = standing("t-3", "t-2")
    story = frozen(freeze=freeze).post(award(*places), who="")
    assert [(who, prize) for who, prize, _ in won(story)] == [
        ("p-4", "first"),
        ("p-5", "first"),
        ("p-3", "second"),
    ]


@pytest.mark.rule("SX-24")
def test_before_the_freeze_nothing_is_awarded() -> None:
    moving().post(award(*PLACES[:3]), who="", at="10-08 00:10").expect(BoardStillMoving)


@pytest.mark.rule("SX-24")
def test_only_a_pool_by_rank_is_awarded() -> None:
    story = frozen().post(award(*PLACES[:3], pool="red-packet"), who="").expect(NotDrawn)
    story.post(award(*PLACES[:3], pool="no-such"), who="").expect(PoolUnknown)


@pytest.mark.rule("SX-24", "GX-02")
def test_when_the_stock_is_short_nobody_gets_anything() -> None:
    short = replace(POOL, prizes=(PRIZES[0], replace(PRIZES[1], stock=2)))
    story = frozen(replace(RULES, pools=(short,))).post(award(*PLACES[:3]), who="").expect(PoolEmpty)
    assert story.pool("team-prize").gone == {}
    exact = replace(POOL, prizes=(PRIZES[0], replace(PRIZES[1], stock=3)))
    story = frozen(replace(RULES, pools=(exact,))).post(award(*PLACES[:3]), who="")
    assert len(won(story)) == 5


@pytest.mark.rule("SX-23", "SX-24")
def test_who_joined_after_the_last_day_of_the_standing_gets_no_prize() -> None:
    story = moving().enrol("p-7", at="07-01 09:00").joins("t-2", "10-07 23:59", who="p-7")
    story.enrol("p-8", at="07-01 09:00", delivered="10-07 23:59:10").joins("t-4", "10-08 00:05", who="p-8")
    story.post(standing("t-4", "t-2", "t-1")[0], who="", at="10-08 00:10")
    story.post(award(*standing("t-4", "t-2", "t-1")[1]), who="")
    assert [who for who, _, _ in won(story)] == ["p-6", "p-3", "p-7", "p-1", "p-2"]


@pytest.mark.rule("SX-24")
def test_on_a_board_of_participants_each_entrant_gets_one() -> None:
    board = replace(SX.boards[0], id="people", entrants="participants")
    prize = Prize(id="movie", name=NAME, kind="voucher", amount=6_000, places=2, stock=2)
    pool = replace(POOL, board="people", prizes=(prize,))
    freeze, places = standing("p-2", "p-6", "p-1", board="people")
    story = moving(replace(RULES, pools=(pool,), boards=(board,)))
    codes = ImportVouchers(pool="team-prize", prize="movie", batch="b", fingerprints=("a",))
    story.post(codes, who="").post(freeze, who="", at="10-08 00:10").post(award(*places[:2]), who="")
    assert won(story) == [("p-2", "movie", "team-prize.1.1"), ("p-6", "movie", "team-prize.2.1")]
    awarded = story.answer[0]
    assert isinstance(awarded, PlacesAwarded)
    assert (awarded.vouchers, awarded.amount) == ({"movie": 1}, 12_000)
    told = [event.voucher for event in story.answer if isinstance(event, PrizeWon)]
    assert told == [1, None]
    assert (story.pool("team-prize").handed, story.pool("team-prize").spent) == ({"movie": 1}, 12_000)


@pytest.mark.rule("GX-06")
def test_the_prizes_are_what_the_log_says() -> None:
    story = frozen().post(award(*PLACES[:3]), who="")
    told = replayed(story.log)
    assert told == {stream: state for stream, state in story.states.items() if stream in told}
    assert balances(story.log)["pool:sx-2019:team-prize second"] == -3
