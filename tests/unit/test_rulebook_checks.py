"""What the members of a rulebook ask of each other: a row for each, with its path, line and code."""

import msgspec
import pytest

from tests.small_rulebook import SMALL, changed, faults, line_of


class Row(msgspec.Struct, frozen=True):
    """claim: what is wrong; old, new: the change to SMALL; code, path: of the one fault; at: what its line holds."""

    claim: str
    old: str
    new: str
    code: str
    path: str
    at: str


def gone(table: str) -> tuple[str, str]:
    """A change that takes a whole [table] out of SMALL."""
    start = SMALL.index(f"[{table}]\n")
    return SMALL[start : SMALL.index("\n\n", start)], ""


SIGN_IN, STEPS, TEAMS = gone("sign_in")[0], gone("steps")[0], gone("teams")[0]
ROUTE = SMALL[SMALL.index("[route]") : SMALL.index("[[points]]")]
PRIZES = SMALL[SMALL.index("prizes = [") : SMALL.index('[[pools]]\nid = "best')]
TWO = ('id = "walked"', 'id = "signed"')
CAPTAIN = '[[points]]\nid = "full"\non = "team_filled"\namount = 1\nclause = "XY-18"\n\n'
EN_ROUTE = 'on = "every_checkpoint_passed"\nclause = "XY-18"\n\n'
SECOND_BADGE = f'[[badges]]\nid = "x"\nname = {{ zh = "x", en = "x" }}\n{EN_ROUTE}'
BAD = "contradiction"

ROWS = [
    # days
    Row("ends before it starts", "ends = 2024-05-07", "ends = 2024-04-30", BAD, "ends", "ends = 2024-04-30"),
    Row("longer than 3660 days", "ends = 2024-05-07", "ends = 2034-05-09", BAD, "ends", "ends = 2034-05-09"),
    Row("trial ends before it starts", "ends = 2024-04-25", "ends = 2024-04-19", BAD, "trial.ends", "trial = "),
    Row("trial reaches into the campaign", "ends = 2024-04-25", "ends = 2024-05-01", BAD, "trial.ends", "trial = "),
    Row("enrolment opens late", "opens = 2024-04-20", "opens = 2024-05-02", BAD, "enrolment.opens", "opens = 2024"),
    Row("enrolment closes early", "closes = 2024-05-05", "closes = 2024-04-19",
        BAD, "enrolment.closes", "closes = 2024"),
    # times
    Row("no such zone", "Asia/Shanghai", "Asia/Xian", "wrong_value", "timezone", "Asia/Xian"),
    Row("a zone of the machine", "Asia/Shanghai", "localtime", "wrong_value", "timezone", "localtime"),
    Row("a path for a zone", "Asia/Shanghai", "../Shanghai", "wrong_value", "timezone", "../Shanghai"),
    Row("a folder for a zone", "Asia/Shanghai", "America/Argentina", "wrong_value", "timezone", "America"),
    Row("window shuts as it opens", '"22:00"', '"18:00"', BAD, "steps.window.closes", "window = "),
    Row("grace of two days", '"5m"', '"2d"', "wrong_value", "steps.window.grace", "window = "),
    Row("tolerance of two days", '"2m"', '"2d"', "wrong_value", "future_tolerance", "future_tolerance"),
    # goals that nobody can meet
    Row("goal above the cap", "daily_goal = 5000", "daily_goal = 8001", BAD, "steps.daily_goal", "daily_goal"),
    Row("member's goal above the cap", "goal = 4000", "goal = 8001", BAD, "teams.member_goal", "member_goal"),
    Row("team's goal above all caps", "goal = 15000", "goal = 24001", BAD, "teams.team_goal", "team_goal"),
    # names that are taken
    Row("two points rules of one id", *TWO, "duplicate", "points[1].id", 'id = "signed"\non = "steps"'),
    Row("two badges of one id", "[[pools]]\nid = \"lucky\"", SECOND_BADGE.replace('"x"\nn', '"always-here"\nn')
        + "[[pools]]\nid = \"lucky\"", "duplicate", "badges[1].id", '"always-here"\nname = { zh = "x"'),
    Row("two pools of one id", '"best-teams"', '"lucky"', "duplicate", "pools[1].id", 'lucky"\nname = { zh = "优'),
    Row("two prizes of one id", '"towel"', '"one-yuan"', "duplicate", "pools[0].prizes[1].id", "A towel"),
    Row("two branches of one id", '"south"', '"north"', "duplicate", "enrolment.branches[2].id", "南方工会"),
    Row("two branches of one name", '"南方工会"', '"北方工会"', "duplicate", "enrolment.branches[2].name", '"south"'),
    Row("a branch named like another's id", '"南方工会"', '"north"',
        "duplicate", "enrolment.branches[2].name", '"south"'),
    Row("one badge twice as a price", '["always-here"]', '["always-here", "always-here"]', "duplicate",
        "pools[0].cost_badges[1]", "cost_badges"),
    # names that are nobody's
    Row("a parent that is none", 't = "north"', 't = "west"',
        "unknown_reference", "enrolment.branches[1].parent", "west"),
    Row("its own parent", 't = "north"', 't = "north-1"', BAD, "enrolment.branches[1].parent", "北一工会"),
    Row("each other's parent", 'id = "north",', 'id = "north", parent = "north-1",', BAD,
        "enrolment.branches[0].parent", "北方工会"),
    Row("a price in a badge that is none", '["always-here"]', '[\n"never"]', "unknown_reference",
        "pools[0].cost_badges[0]", '"never"'),
    Row("places on a board that is none", 'board = "teams"', 'board = "x"', "unknown_reference", "pools[1].board",
        'board = "x"'),
    Row("an answer that is no choice", 'answer = "A"', 'answer = "C"', "unknown_reference",
        "route.checkpoints[1].question.answer", 'answer = "C"'),
    # points, badges and boards need their tables
    Row("steps without every", "every = 1000\n", "", "missing_member", "points[1].every",
        '[[points]]\nid = "walked"'),
    Row("every without steps", "amount = 7", "amount = 7\nevery = 5", BAD, "points[0].every", "every = 5"),
    Row("points for a team of no teams", TEAMS, CAPTAIN.strip(), BAD, "points[0].on", '"team_filled"'),
    Row("points for a reflection on no route", ROUTE, CAPTAIN.replace("team_filled", "reflection"), BAD,
        "points[0].on", '"reflection"'),
    Row("a badge for checkpoints that are none", ROUTE, SECOND_BADGE, BAD, "badges[0].on", "every_checkpoint"),
    Row("a route that nobody walks", STEPS, "", BAD, "route.total_steps", "total_steps"),
    # the route
    Row("legs that do not sum up", 'name = "起点"', 'name = "起点"\nleg = 3999',
        BAD, "route.total_steps", "total_steps"),
    Row("no step left for a checkpoint", "leg = 5000", "leg = 9000", BAD, "route.total_steps", "total_steps"),
    # pools and prizes
    Row("an instant draw for nothing", 'cost_points = 3\ncost_badges = ["always-here"]\n', "", "missing_member",
        "pools[0].cost_points", '[[pools]]\nid = "lucky"'),
    Row("no prizes", PRIZES, "prizes = []\n\n", BAD, "pools[0].prizes", "prizes = []"),
    Row("money without an amount", "amount = 100, ", "", "missing_member", "pools[0].prizes[0].amount", "One yuan"),
    Row("money of nothing", "amount = 100", "amount = 0", BAD, "pools[0].prizes[0].amount", "One yuan"),
    Row("weights for some only", ", weight = 1 }", " }", "missing_member", "pools[0].prizes[1].weight", "A towel"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claim)
def test_each_contradiction_is_found_at_its_line(row: Row) -> None:
    text = changed((row.old, row.new))
    found = [fault for fault in faults(text) if fault.path == row.path]
    assert [(fault.code, fault.line) for fault in found] == [(row.code, line_of(text, row.at))], faults(text)
    assert found[0].detail.endswith(".")


ALONE = [row for row in ROWS if row.old not in (STEPS, TEAMS, ROUTE)]


@pytest.mark.parametrize("row", ALONE, ids=lambda row: row.claim)
def test_one_contradiction_brings_no_other_faults_along(row: Row) -> None:
    assert len(faults(changed((row.old, row.new)))) == 1


def test_without_sign_in_its_points_badges_ranks_and_chances_are_at_fault() -> None:
    text = changed((SIGN_IN, ""))
    assert [(fault.path, fault.code, fault.line) for fault in faults(text)] == [
        ("points[0].on", BAD, line_of(text, 'on = "sign_in"')),
        ("badges[0].on", BAD, line_of(text, "every_day_signed_in")),
        ("boards[1].keys[0].by", BAD, line_of(text, '"sign_in_days"')),
        ("pools[3].chance", BAD, line_of(text, "chance = ")),
    ]


def test_without_teams_their_board_is_at_fault() -> None:
    text = changed((TEAMS, ""))
    assert [(fault.path, fault.line) for fault in faults(text)] == [
        ("boards[0].entrants", line_of(text, 'entrants = "teams"'))
    ]


@pytest.mark.parametrize("on", ["daily_goal", "steps", "team_goal"])
def test_points_for_steps_need_the_table_steps(on: str) -> None:
    text = changed((STEPS, ""), (ROUTE, ""), ('on = "steps"', f'on = "{on}"'))
    assert ("points[1].on", BAD) in [(fault.path, fault.code) for fault in faults(text)]


def test_a_pool_whose_weights_are_all_zero_is_at_fault() -> None:
    text = changed(("weight = 9", "weight = 0"), ("weight = 1 ", "weight = 0 "))
    assert [(fault.path, fault.code) for fault in faults(text)] == [("pools[0].prizes", BAD)]


def test_without_weights_every_instant_prize_needs_a_stock() -> None:
    text = changed((", weight = 9", ""), (", weight = 1", ""))
    assert [(fault.path, fault.code) for fault in faults(text)] == [
        ("pools[0].prizes[0].stock", "missing_member")
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("ends = 2024-05-07", "ends = 2024-05-01"),  # a campaign of one day
        ("ends = 2024-05-07", "ends = 2034-05-08"),  # of 3660 days
        ("daily_goal = 5000", "daily_goal = 8000"),
        ("leg = 5000", "leg = 8999"),  # one step is left for the other checkpoint
        ('name = "起点"', 'name = "起点"\nleg = 4000'),
        ('cost_badges = ["always-here"]\n', ""),
        ("cost_points = 3\n", ""),
        ('id = "south", name = "南方工会"', 'id = "south", name = "south"'),
        ('t = "north"', 't = "south"'),
        ('grace = "5m"', 'grace = "24h"'),
        ("opens = 2024-04-20\n", ""),
        ("opens = 2024-04-20", "opens = 2024-05-01"),
        ("opens = 2024-04-20", "opens = 2024-01-01"),
        ("closes = 2024-05-05", "closes = 2024-04-20"),
        ("member_goal = 4000", "member_goal = 8000"),
        ("team_goal = 15000", "team_goal = 24000"),
        ("freezes_at = 2024-05-07", "freezes_at = 2199-05-07"),
        ("freezes_at = 2024-05-07T22:00:00", "freezes_at = 2024-05-01T22:00:00"),
        ("deadline = 2024-05-07T12:00:00", "deadline = 2024-04-20T00:00:01"),
        ("deadline = 2024-05-07T12:00:00+08:00\n", ""),
        ("Asia/Shanghai", "UTC"),
    ],
    ids=lambda change: change[1] or change[0],
)
def test_what_just_fits_is_no_fault(change: tuple[str, str]) -> None:
    assert faults(changed(change)) == ()
