"""What pools, prizes, boards and gates ask of each other: a row for each, with its path, line and code."""

import pytest

from ledger.rulebook_file import load, reread
from ledger.rulebook_prizes import KEYS_OF
from projections.standing import COLUMNS
from tests.small_rulebook import SMALL, changed, faults, line_of
from tests.unit.test_rulebook_checks import BAD, TEAMS, Row

HALF = 'kind = "money", amount = 50, stock = 20'
CINEMA_BOARD = 'board = "walkers"\nfirst = 20\n'
TICKET = 'kind = "voucher", amount = 4000, stock = 6'
CUP = 'kind = "goods", places = 1, stock = 3'
GIVEN = 'board = "teams"\nprizes = [\n  { id = "cup", name = { zh = "奖杯", en = "Cup" }, kind = "goods",'
MISSING, UNKNOWN, WRONG = "missing_member", "unknown_reference", "wrong_value"

ROWS = [
    # who may take part
    Row("members of a group that no branch has", '["union"]', '["unions"]', UNKNOWN, "membership.groups[0]", "unions"),
    Row("one group twice", '["union"]', '["union", "union"]', "duplicate", "membership.groups[1]", '"union", "'),
    Row("one content twice", "[[prerequisites]]", '[[prerequisites]]\nid = "safety"\nclause = "XY-25"\n'
        'name = { zh = "x", en = "x" }\n\n[[prerequisites]]', "duplicate", "prerequisites[1].id",
        '"safety"\nname = { zh = "安'),
    # boards
    Row("persons ranked by an average", '"sign_in_days"', '"average_steps"', BAD, "boards[1].keys[0].by",
        '"average_steps"'),
    Row("teams ranked by a person's key", '[{ by = "attainment_rate" }]', '[{ by = "last_sync" }]', BAD,
        "boards[0].keys[0].by", '[{ by = "last_sync"'),
    Row("one key twice", '"sign_in_days"', '"last_sync"', "duplicate", "boards[1].keys[1].by", "ascending"),
    Row("a board that is refreshed never", '"07:00"', '"23:00"', BAD, "boards[1].refresh.closes", "refresh = "),
    Row("refreshed all the time", '"15m"', '"0s"', WRONG, "boards[1].refresh.every", "refresh = "),
    Row("refreshed every second day", '"15m"', '"2d"', WRONG, "boards[1].refresh.every", "refresh = "),
    Row("frozen before the first day is over", "freezes_at = 2024-05-07T22:00:00", "freezes_at = 2024-05-01T21:59:59",
        BAD, "boards[0].freezes_at", "2024-05-01T21"),
    # what a draw costs
    Row("an instant draw without its chance", 'chance = { ttl = "20m", grace = "2h" }\n', "", MISSING,
        "pools[3].cost_points", '[[pools]]\nid = "daily"'),
    Row("a batch draw for nothing", CINEMA_BOARD, "", MISSING, "pools[2].cost_points", '[[pools]]\nid = "cinema"'),
    Row("an instant draw by rank", "cost_points = 3", 'cost_points = 3\nboard = "walkers"', BAD, "pools[0].board",
        'board = "walkers"\ncost_badges'),
    Row("the first of how many", "first = 20\n", "", MISSING, "pools[2].first", '[[pools]]\nid = "cinema"'),
    Row("the first of no board", 'board = "walkers"\n', "cost_points = 1\n", BAD, "pools[2].first", "first = 20"),
    Row("the first in an instant draw", "cost_points = 3", "cost_points = 3\nfirst = 2", BAD, "pools[0].first",
        "first = 2\ncost"),
    Row("places without a board", 'board = "teams"\n', "", MISSING, "pools[1].board", '[[pools]]\nid = "best-teams"'),
    *(
        Row(f"places with {member}", 'board = "teams"', f'board = "teams"\n{member} = {value}', BAD,
            f"pools[1].{member}", f"{member} = {value}\nprizes")
        for member, value in (("cost_points", "5"), ("cost_badges", '["always-here"]'), ("first", "2"),
                              ("chance", "{}"), ("deadline", "2024-05-09T00:00:00Z"), ("daily_max", "1"),
                              ("person_max", "1"))
    ),
    # chances
    Row("a chance of no time", '"20m"', '"0m"', WRONG, "pools[3].chance.ttl", "chance = "),
    Row("a chance for two days", '"20m"', '"2d"', WRONG, "pools[3].chance.ttl", "chance = "),
    Row("a chance delivered after two days", '"2h"', '"2d"', WRONG, "pools[3].chance.grace", "chance = "),
    # boards that decide
    Row("places on a board that never freezes", "freezes_at = 2024-05-07T22:00:00+08:00\n", "", BAD, "pools[1].board",
        'board = "teams"'),
    Row("tickets for the first of a board that never freezes", "freezes_at = 2024-05-08T00:00:00+08:00\n", "", BAD,
        "pools[2].board", 'board = "walkers"'),
    Row("tickets for teams", 'board = "walkers"', 'board = "teams"', BAD, "pools[2].board", 'board = "teams"\nfirst'),
    Row("closed as the board freezes", "2024-05-10T09:00:00+08:00", "2024-05-08T00:05:00+08:00", BAD,
        "pools[2].deadline", "2024-05-08T00:05"),
    Row("closed with the last day, before the board freezes", "deadline = 2024-05-10T09:00:00+08:00\n", "", BAD,
        "pools[2].board", 'board = "walkers"'),
    # limits
    Row("a deadline before the first day of all", "2024-05-07T12:00:00+08:00", "2024-04-20T00:00:00+08:00", BAD,
        "pools[0].deadline", "2024-04-20T00"),
    Row("more a day than in all", "person_max = 4", "person_max = 2", BAD, "pools[3].daily_max", "daily_max = 3"),
    Row("delivered after two days", '"3m"', '"2d"', WRONG, "pools[2].grace", '"2d"'),
    *(
        Row(f"vouchers with {member}", "first = 20", f"first = 20\n{member} = {value}", BAD, f"pools[2].{member}",
            f"{member} = {value}")
        for member, value in (("address_clause", '"XY-25"'), ("deliver_within_working_days", "5"),
                              ("mainland_only", "true"))
    ),
    # prizes
    Row("a prize called points", '"half-yuan"', '"points"', "duplicate", "pools[3].prizes[0].id", "五角"),
    Row("a voucher of 0 fen", TICKET, TICKET.replace("4000", "0"), BAD, "pools[2].prizes[0].amount", "Ticket"),
    Row("a blank that is worth something", 'kind = "nothing"', 'kind = "nothing", amount = 5', BAD,
        "pools[3].prizes[1].amount", "谢谢"),
    Row("a blank in a batch draw", TICKET, 'kind = "nothing", stock = 6', BAD, "pools[2].prizes[0].kind", "Ticket"),
    Row("a blank for a place", CUP, CUP.replace("goods", "nothing"), BAD, "pools[1].prizes[0].kind", "Cup"),
    Row("places in an instant draw", HALF, f"{HALF}, places = 1", BAD, "pools[3].prizes[0].places", "五角"),
    Row("places in a batch draw", TICKET, f"{TICKET}, places = 1", BAD, "pools[2].prizes[0].places", "Ticket"),
    Row("weights in a batch draw", TICKET, f"{TICKET}, weight = 1", BAD, "pools[2].prizes[0].weight", "Ticket"),
    Row("weights for places", CUP, f"{CUP}, weight = 1", BAD, "pools[1].prizes[0].weight", "Cup"),
    Row("a batch draw of any number", ", stock = 6", "", MISSING, "pools[2].prizes[0].stock", "Ticket"),
    Row("a batch draw of none", "stock = 6", "stock = 0", BAD, "pools[2].prizes[0].stock", "Ticket"),
    Row("by rank for how many", "places = 1, ", "", MISSING, "pools[1].prizes[0].places", "Cup"),
    Row("too few for a team", "stock = 3", "stock = 2", BAD, "pools[1].prizes[0].stock", "Cup"),
    Row("too few for two teams", "places = 1, stock = 3", "places = 2, stock = 5", BAD, "pools[1].prizes[0].stock",
        "Cup"),
    # money
    Row("a budget below every amount", "budget = 900", "budget = 49", BAD, "pools[3].budget", "budget = 49"),
    Row("a budget for blanks", HALF, 'kind = "goods", stock = 20', BAD, "pools[3].budget", "budget = 900"),
    Row("a budget below a batch's prizes", "person_max = 2", "budget = 23999", BAD, "pools[2].budget", "budget = 2"),
    Row("a budget below the places'", GIVEN, f'budget = 29\n{GIVEN} amount = 10,', BAD, "pools[1].budget",
        "budget = 29"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claim)
def test_each_contradiction_is_found_at_its_line_and_brings_no_other_along(row: Row) -> None:
    text = changed((row.old, row.new))
    found = faults(text)
    assert [(f.path, f.code, f.line) for f in found] == [(row.path, row.code, line_of(text, row.at))], found
    assert found[0].detail.endswith(".")


def test_what_a_board_can_be_ranked_by_is_what_a_standing_holds() -> None:
    assert {entrants: set(keys) for entrants, keys in KEYS_OF.items()} == {
        entrants: set(columns) for entrants, columns in COLUMNS.items()
    }


def test_every_claim_is_made_once() -> None:
    assert len({row.claim for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("board", ["teams", "walkers"])
def test_a_draw_that_could_be_paid_by_a_badge_or_a_board_of_one_name_is_at_fault(board: str) -> None:
    text = changed(
        (f'id = "{board}"', 'id = "always-here"'),
        (f'board = "{board}"', 'board = "always-here"'),
        ("first = 20", 'first = 20\ncost_badges = ["always-here"]'),
    )
    expected = [("pools[2].cost_badges[0]", BAD)] if board == "walkers" else []
    assert [(fault.path, fault.code) for fault in faults(text)] == expected


def test_a_badge_named_like_a_day_cannot_pay_where_sign_ins_do() -> None:
    text = SMALL.replace('"always-here"', '"2024-05-01"')
    assert faults(text) == ()
    text = text.replace("cost_points = 3\n", "cost_points = 3\nchance = {}\n")
    assert [(fault.path, fault.code) for fault in faults(text)] == [("pools[0].cost_badges[0]", BAD)]


def test_without_steps_every_key_that_they_make_is_at_fault() -> None:
    text = SMALL[: SMALL.index("[steps]")] + SMALL[SMALL.index("[teams]") :]
    found = {(fault.path, fault.code) for fault in faults(text)}
    assert {("boards[0].keys[0].by", BAD), ("boards[1].keys[1].by", BAD)} <= found
    assert ("boards[1].keys[0].by", BAD) not in found


def test_a_board_of_participants_needs_no_teams() -> None:
    assert "boards[1].entrants" not in [fault.path for fault in faults(changed((TEAMS, "")))]


def test_an_instant_pool_with_nothing_to_draw_is_at_fault() -> None:
    empty = changed(("stock = 20", "stock = 0"), ("stock = 40", "stock = 0"))
    assert [(fault.path, fault.code) for fault in faults(empty)] == [("pools[3].prizes", BAD)]
    assert faults(changed(("stock = 20", "stock = 0"))) == ()
    weightless = changed(("stock = 5, weight = 1", "stock = 0, weight = 1"), ("weight = 9", "weight = 0"))
    assert [(fault.path, fault.code) for fault in faults(weightless)] == [("pools[0].prizes", BAD)]


def test_the_places_of_persons_take_one_prize_each() -> None:
    persons = ('board = "teams"', 'board = "walkers"')
    assert faults(changed(persons, ("places = 1", "places = 3"))) == ()
    found = faults(changed(persons, ("places = 1", "places = 4")))
    assert [(fault.path, fault.detail) for fault in found] == [
        ("pools[1].prizes[0].stock", "A stock of 3 is not enough: 4 places take 4.")
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("stock = 3 }", "stock = 3, amount = 9 }"),
        ("places = 1, stock = 3", "places = 100"),  # no stock: as many as there are places
        ('board = "teams"', 'board = "teams"\naddress_clause = "XY-25"\nmainland_only = true'),
        ("deadline = 2024-05-10T09:00:00+08:00", "deadline = 2024-05-08T00:05:01+08:00"),
        ("person_max = 2", "person_max = 2\nbudget = 24000"),
        ("person_max = 2", "daily_max = 5\nperson_max = 2"),  # five entries, two wins
        ("person_max = 2", "person_max = 2\ncost_points = 5"),
        ("budget = 900", "budget = 50"),
        ("person_max = 4", "person_max = 3"),
        ("person_max = 4\n", ""),
        ('ttl = "20m"', 'ttl = "24h"'),
        ('ttl = "20m"', 'ttl = "1s"'),
        ('grace = "2h"', 'grace = "0s"'),
        ('every = "15m"', 'every = "1s"'),
        ('every = "15m"', 'every = "24h"'),
        ('{ by = "sign_in_days" },', '{ by = "sign_in_days" }, { by = "days_attained" }, { by = "total_steps" },'),
        ('[{ by = "attainment_rate" }]', '[{ by = "average_steps" }, { by = "attainment_rate" }]'),
        ("visible = 50\n", ""),
        ('kind = "voucher", amount = 4000', 'kind = "voucher"'),
        ('name = "南方工会"', 'name = "南方工会", group = "unions"'),
    ],
    ids=lambda change: change[1] or change[0],
)  # fmt: skip
def test_what_just_fits_is_no_fault(change: tuple[str, str]) -> None:
    assert faults(changed(change)) == ()


@pytest.mark.parametrize(
    "changes",
    [
        [("freezes_at = 2024-05-08T00:00:00+08:00", 'freezes_at = "soon"')],
        [("deadline = 2024-05-10T09:00:00+08:00", "deadline = 5")],
        [('board = "walkers"', "board = 5")],
        [("first = 20", "first = 0")],
        [("places = 1", "places = 0")],
        [("stock = 3", "stock = -3")],
        [("stock = 6", "stock = -6")],
        [("amount = 4000", "amount = -1"), ("person_max = 2", "budget = 5")],
        [("budget = 900", "budget = -1")],
        [("person_max = 4", "person_max = 0")],
        [('kind = "nothing"', 'kind = "none"')],
        [('draw = "places"', 'draw = "rank"')],
        [('"20m"', '"20 m"')],
        [('"15m"', "15")],
        [('"07:00"', '"7:00"')],
        [('closes = "22:00"', 'closes = 22')],
        [('["union"]', "[1]")],
        [('parent = "north"', 'parent = "north", group = 1')],
        [("size = 3", "size = 0")],
        [('entrants = "participants"', 'entrants = "persons"')],
        [('"sign_in_days"', '"days"')],
        [('grace = "5m"', "grace = 5")],
        [('timezone = "Asia/Shanghai"', "timezone = 8")],
        [("ends = 2024-05-07", 'ends = "soon"'), ("deadline = 2024-05-10T09:00:00+08:00\n", "")],
        [("opens = 2024-04-20", "opens = 2024"), ("deadline = 2024-05-07T12", "deadline = 2024-04-01T12")],
    ],
    ids=lambda changes: str(changes[0][1]),
)  # fmt: skip
def test_a_value_that_cannot_be_read_brings_no_other_faults_along(changes: list[tuple[str, str]]) -> None:
    assert [fault.code for fault in faults(changed(*changes))] == [WRONG]


def test_an_unsound_zone_makes_no_moment_wrong() -> None:
    text = changed(("Asia/Shanghai", "Asia/Xian"), ("deadline = 2024-05-07T12", "deadline = 2000-05-07T12"))
    assert [fault.path for fault in faults(text)] == ["timezone"]


def test_a_published_pool_of_before_these_checks_is_read_again() -> None:
    text = changed(("first = 20\n", ""), (", stock = 6", ""))
    assert len(faults(text)) == 2
    assert reread(text).pool_ids["cinema"].first is None
    assert load(SMALL).pool_ids["cinema"].first == 20
