"""What joining, wallets, quizzes, funds, shops, gifts and chances ask of a rulebook: a row for each contradiction."""

import msgspec
import pytest

from tests.small_programme import PROGRAMME, changed, faults, line_of


class Row(msgspec.Struct, frozen=True):
    """claim: what is wrong; old, new: change to PROGRAMME; code, path: of the one fault; at: what its line holds."""

    claim: str
    old: str
    new: str
    code: str
    path: str
    at: str


BAD, UNKNOWN, MISSING, TWICE = "contradiction", "unknown_reference", "missing_member", "duplicate"
ACTIVATION = """\
[activation]
clause = "XY-40"
roster_clause = "XY-41"
who_to_ask = { zh = "问", en = "ask" }

[sign_in]"""
SECOND_SHOP = """\
[[pools]]
id = "other-shop"
name = { zh = "商城", en = "Shop" }
clause = "XY-34"
draw = "shop"
prizes = [
  { id = "mug", name = { zh = "杯子", en = "A mug" }, kind = "goods", price = 3 },
]
"""
DONATIONS = PROGRAMME[PROGRAMME.index("[[donations]]") : PROGRAMME.index("[hardship]")]

ROWS = [
    # who comes in
    Row("application and activation", "[sign_in]", ACTIVATION, BAD, "activation", "[activation]"),
    Row("a document twice", "version = \"1\", clause = \"XY-05\" },", "version = \"1\", clause = \"XY-05\" },\n"
        '  { id = "pledge", name = { zh = "x", en = "x" }, version = "2", clause = "XY-05" },',
        TWICE, "application.documents[1].id", 'version = "2"'),
    Row("an employment twice", '["staff", "new-form"]', '["staff", "new-form", "staff"]', TWICE,
        "application.employment[2]", "employment = ["),
    Row("a trade for an employment that is none", 'trade_for = ["new-form"]', 'trade_for = ["flexible"]', UNKNOWN,
        "application.trade_for[0]", "trade_for = "),
    Row("no trades to name", 'trades = ["courier"]\n', "", MISSING, "application.trades", "[application]"),
    Row("trades that nobody names", 'trade_for = ["new-form"]\n', "", BAD, "application.trades", "trades = "),
    Row("a name for nothing", "names.staff", "names.boss", UNKNOWN, "application.names.boss", "names.boss"),
    Row("a membership that asks for nothing", 'branches = ["north"]\nstanding = "reviewed"\n', "", MISSING,
        "membership.groups", "[membership]"),
    Row("a membership of a branch that is none", 'branches = ["north"]', 'branches = ["west"]', UNKNOWN,
        "membership.branches[0]", '["west"]'),
    Row("a membership of one branch twice", 'branches = ["north"]', 'branches = ["north", "north"]', TWICE,
        "membership.branches[1]", '["north", "north"]'),
    # the wallet
    Row("a wallet in a trial", 'late = "12h"',
        'late = "12h"\ntrial = { starts = 2024-04-01, ends = 2024-04-02, clause = "XY-01" }',
        BAD, "wallet", "[wallet]"),
    Row("the clause of an expiry that is none", 'lasts = "90d"\n', "", BAD, "wallet.expiry_clause", "expiry_clause"),
    Row("points that last for no time", '"90d"', '"0d"', BAD, "wallet.lasts", '"0d"'),
    # quizzes and points for them
    Row("a question like a checkpoint's", 'id = "one"', 'id = "cp-01"', TWICE, "quizzes[0].questions[0].id", "cp-01"),
    Row("one question in two quizzes", 'id = "three"', 'id = "one"', TWICE, "quizzes[1].questions[0].id", "二加二"),
    Row("two quizzes of one id", 'id = "today"', 'id = "twenty"', TWICE, "quizzes[1].id",
        'id = "twenty"\nname = { zh = "每日'),
    Row("an answer that is no choice", 'answer = "A"', 'answer = "C"', UNKNOWN, "quizzes[0].questions[1].answer",
        'answer = "C"'),
    Row("points for a quiz that is none", 'quiz = "twenty"\namount', 'quiz = "x"\namount', UNKNOWN, "points[1].quiz",
        'quiz = "x"'),
    Row("a quiz for points that need none", 'on = "sign_in"', 'on = "sign_in"\nquiz = "today"', BAD, "points[0].quiz",
        'quiz = "today"'),
    Row("points for activating where nobody does", 'on = "attendance"', 'on = "activation"', BAD, "points[2].on",
        'on = "activation"'),
    Row("a doing that is late by days", 'late = "12h"', 'late = "2d"', "wrong_value", "late", "late"),
    # occasions
    Row("an occasion that ends before it starts", "ends = 2024-05-05", "ends = 2024-05-03", BAD, "occasions[0].ends",
        "ends = 2024-05-03"),
    Row("an occasion before the campaign", "starts = 2024-05-04", "starts = 2024-04-30", BAD, "occasions[0].starts",
        "starts = 2024-04-30"),
    Row("an occasion after the campaign", "ends = 2024-05-05", "ends = 2024-06-01", BAD, "occasions[0].ends",
        "ends = 2024-06-01"),
    # funds
    Row("a fund of a group that is none", 'groups = ["city"]', 'groups = ["town"]', UNKNOWN, "funds[0].groups[0]",
        '["town"]'),
    Row("the clause of projects that are none", "projects = 2\n", "", BAD, "funds[0].project_clause", "project_clause"),
    Row("a donation to a fund that is none", 'fund = "green"\nsponsor', 'fund = "red"\nsponsor', UNKNOWN,
        "donations[0].fund", 'fund = "red"'),
    Row("two donations to one fund", "[hardship]", DONATIONS.replace("a sponsor", "another") + "[hardship]", TWICE,
        "donations[1].fund", 'fund = "green"\nsponsor = { zh = "赞助人", en = "another"'),
    Row("help from a fund that is none", 'fund = "green"\nclause', 'fund = "red"\nclause', UNKNOWN, "hardship.fund",
        'fund = "red"'),
    # units
    Row("a score of more than all", "participation = 60", "participation = 61", BAD, "score.participation",
        "participation = 61"),
    Row("a board of a group that is none", 'group = "city"\nkeys', 'group = "town"\nkeys', UNKNOWN, "boards[0].group",
        'group = "town"'),
    Row("honours of a standing that is never final", "freezes_at = 2024-06-01T00:00:00+08:00\n", "", BAD,
        "boards[0].honours", "honours = "),
    # landmarks
    Row("a length in steps that days light", 'lit_by = "attained_days"', 'lit_by = "attained_days"\ntotal_steps = 9',
        BAD, "route.total_steps", "total_steps"),
    Row("a leg in steps that days light", '{ name = "湖" }', '{ name = "湖", leg = 5 }', BAD,
        "route.checkpoints[0].leg", "checkpoints"),
    Row("more landmarks than days", '{ name = "湖" }, ', '{ name = "湖" }, ' * 31, BAD, "route.checkpoints",
        "checkpoints"),
    Row("a badge for passing what has no question", '"every_checkpoint_lit"', '"every_checkpoint_passed"', BAD,
        "badges[0].on", "every_checkpoint_passed"),
    # shops
    Row("an item without a price", "price = 20\n", "", MISSING, "pools[0].prizes[0].price",
        '[[pools.prizes]]\nid = "mug"'),
    Row("an item of which there is none", "stock = 9", "stock = 0", BAD, "pools[0].prizes[0].stock", "stock = 0"),
    Row("more for a person than there are", "person_max = 2", "person_max = 10", BAD, "pools[0].prizes[0].person_max",
        "person_max = 10"),
    Row("a sale that ends before it begins", "sells_until = 2024-05-20", "sells_until = 2024-05-09", BAD,
        "pools[0].prizes[1].sells_until", "sells_until"),
    Row("a shop that costs points to enter", 'draw = "shop"', 'draw = "shop"\ncost_points = 3', BAD,
        "pools[0].cost_points", "cost_points"),
    Row("a shop with a board", 'draw = "shop"', 'draw = "shop"\nboard = "units"', BAD, "pools[0].board",
        'board = "units"'),
    Row("a blank in a shop", 'kind = "credit"\namount = 500', 'kind = "nothing"', BAD, "pools[0].prizes[1].kind",
        'kind = "nothing"'),
    Row("a weight in a shop", "price = 50", "price = 50\nweight = 1", BAD, "pools[0].prizes[1].weight",
        "weight = 1"),
    Row("a place in a shop", "price = 50", "price = 50\nplaces = 1", BAD, "pools[0].prizes[1].places", "places = 1"),
    Row("one item in two shops", '[[pools]]\nid = "welcome"', SECOND_SHOP + '\n[[pools]]\nid = "welcome"', TWICE,
        "pools[1].prizes[0].id", "A mug"),
    Row("a price outside of shops", "stock = 100 }", "stock = 100, price = 5 }", BAD, "pools[1].prizes[0].price",
        'id = "five"'),
    Row("a validity outside of shops", "stock = 3 }", "stock = 3, valid_days = 5 }", BAD,
        "pools[2].prizes[0].valid_days", 'id = "scale"'),
    Row("the clause of a standing that is not asked", 'draw = "shop"\nstanding = "reviewed"\n', 'draw = "shop"\n', BAD,
        "pools[0].standing_clause", "standing_clause"),
    # gifts
    Row("a gift that is for nothing", 'draw = "gift"\ngift = { on = "application", begins = 2024-05-01T00:00:00+08:00, '
        "ends = 2024-05-08T00:00:00+08:00 }\n", 'draw = "gift"\n', MISSING, "pools[1].gift",
        '[[pools]]\nid = "welcome"'),
    Row("a gift that ends before it begins", "ends = 2024-05-08T", "ends = 2024-04-08T", BAD, "pools[1].gift.ends",
        "gift = "),
    Row("a gift for what the rulebook does not have", 'on = "application"', 'on = "activation"', BAD,
        "pools[1].gift.on", "gift = "),
    Row("a gift with a deadline", 'draw = "gift"', 'draw = "gift"\ndeadline = 2024-05-09T00:00:00+08:00', BAD,
        "pools[1].deadline", "deadline = 2024-05-09"),
    Row("a gift of two prizes", "stock = 100 },", 'stock = 100 },\n  { id = "six", name = { zh = "六元", '
        'en = "Six" }, kind = "money", amount = 600, stock = 1 },', BAD, "pools[1].prizes[1]", 'id = "six"'),
    Row("a gift that is drawn", 'draw = "batch"', 'draw = "batch"\ngift = { on = "application", begins = '
        "2024-05-02T00:00:00+08:00, ends = 2024-05-09T00:00:00+08:00 }", BAD, "pools[2].gift", "2024-05-09"),
    # chances
    Row("a movement of no length", "metres = 1000, ", "", MISSING, "pools[2].chance.metres", "chance = { on = \"mov"),
    Row("metres for answers", "every = 2", "every = 2, metres = 5", BAD, "pools[3].chance.metres", "metres = 5"),
    Row("a stride for answers", "every = 2", "every = 2, stride_cm = 5", BAD, "pools[3].chance.stride_cm",
        "stride_cm = 5"),
    Row("answers of no number", ", every = 2", "", MISSING, "pools[3].chance.every", 'chance = { on = "corr'),
    Row("answers to a quiz that is none", 'quiz = "twenty", every', 'quiz = "x", every', UNKNOWN,
        "pools[3].chance.quiz", 'quiz = "x"'),
    Row("more answers than questions", "every = 2", "every = 3", BAD, "pools[3].chance.every", "every = 3"),
    Row("answers counted of a movement", "stride_cm = 70", "stride_cm = 70, every = 3", BAD, "pools[2].chance.every",
        "every = 3"),
]  # fmt: skip


def test_the_programme_is_sound() -> None:
    assert faults(PROGRAMME) == ()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claim)
def test_each_contradiction_is_found_alone_and_at_its_line(row: Row) -> None:
    text = changed((row.old, row.new))
    found = faults(text)
    assert [(fault.path, fault.code, fault.line) for fault in found] == [
        (row.path, row.code, line_of(text, row.at))
    ]
    assert found[0].detail.endswith(".")


def without(table: str) -> str:
    """The programme without a whole [table]."""
    start = PROGRAMME.index(f"[{table}]\n")
    end = PROGRAMME.index("\n\n", start)
    return PROGRAMME[:start] + PROGRAMME[end + 2 :]


def paths(text: str) -> list[str]:
    """What is wrong with a text, by path."""
    return [fault.path for fault in faults(text)]


def test_without_steps_all_that_steps_lead_to_is_at_fault() -> None:
    assert set(paths(without("steps"))) == {
        "route.lit_by",
        "donations[0].every",
        "score.clause",
        "boards[0].keys[1].by",
        "pools[2].chance",
    }


def test_without_a_score_units_cannot_be_ranked_by_it() -> None:
    assert paths(without("score")) == ["boards[0].keys[0].by"]


def test_without_quizzes_points_and_chances_of_answers_are_at_fault() -> None:
    start, end = PROGRAMME.index("[[quizzes]]"), PROGRAMME.index("[[occasions]]")
    found = paths(PROGRAMME[:start] + PROGRAMME[end:])
    assert set(found) == {"points[1].on", "points[1].quiz", "pools[3].chance"}


def test_without_points_nothing_can_be_paid_for() -> None:
    start, end = PROGRAMME.index("[[points]]"), PROGRAMME.index("[wallet]")
    assert paths(PROGRAMME[:start] + PROGRAMME[end:]) == [
        "pools[0].prizes[0].price",
        "pools[0].prizes[1].price",
    ]


def test_where_any_union_of_the_tree_can_be_named_groups_are_not_known_beforehand() -> None:
    tree = changed(
        ('clause = "XY-02"', 'clause = "XY-02"\ntree = "north"'), ('groups = ["city"]', 'groups = ["x"]')
    )
    assert faults(tree) == ()


@pytest.mark.parametrize(
    "change",
    [
        ("person_max = 2", "person_max = 9"),
        ("ends = 2024-05-31\nclause", "ends = 2024-05-06\nclause"),
        ('late = "12h"', 'late = "24h"'),
        ("starts = 2024-05-04", "starts = 2024-05-05"),
        ("every = 2", "every = 1"),
        ('quiz = "twenty", every', "every"),
        ("stride_cm = 70", "ttl = \"1h\""),
        ('"90d"', '"1s"'),
        ('lasts = "90d"\nuntil_end_of = "month"\nspend = "earned_first"\nexpiry_clause = "XY-18"\n', ""),
        ("sells_from = 2024-05-10T00:00:00+08:00\n", ""),
        ("deadline = 2024-12-31T00:00:00+08:00\n", "budget = 5000\n"),
        (', choices = { A = "西安", B = "渭河" }, answer = "A"', ', answer = "西安"'),
    ],
    ids=lambda change: change[1] or change[0],
)  # fmt: skip
def test_what_just_fits_is_no_fault(change: tuple[str, str]) -> None:
    assert faults(changed(change)) == ()


@pytest.mark.parametrize(("badge", "bad"), [("twenty-2", True), ("twenty-x", False), ("today-2", False)])
def test_a_badge_that_is_called_like_a_chance_cannot_pay_for_the_same_draw(badge: str, bad: bool) -> None:
    text = changed(
        ('id = "honour"', f'id = "{badge}"'),
        ('clause = "XY-33"', f'clause = "XY-33"\ncost_badges = ["{badge}"]'),
    )
    assert paths(text) == (["pools[3].cost_badges[0]"] if bad else [])
