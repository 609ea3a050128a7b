"""A small rulebook with one of everything, for tests that break it."""

from ledger.rulebook_file import Fault, RulebookFaulty, load

SMALL = """\
format = 1
id = "small"
title = { zh = "小活动", en = "Small walk" }
timezone = "Asia/Shanghai"
starts = 2024-05-01
ends = 2024-05-07
clause = "XY-01"
future_tolerance = "2m"
trial = { starts = 2024-04-20, ends = 2024-04-25, clause = "XY-02" }

[enrolment]
clause = "XY-03"
opens = 2024-04-20
closes = 2024-05-05
branches = [
  { id = "north", name = "北方工会", quota = 10 },
  { id = "north-1", name = "北一工会", parent = "north", quota = 4 },
  { id = "south", name = "南方工会" },
]

[sign_in]
clause = "XY-04"

[steps]
clause = "XY-05"
goal_clause = "XY-06"
daily_goal = 5000
daily_cap = 8000
window = { opens = "18:00", closes = "22:00", grace = "5m" }

[teams]
clause = "XY-07"
goal_clause = "XY-08"
size = 3
member_goal = 4000
team_goal = 15000

[route]
clause = "XY-09"
question_clause = "XY-10"
reflection_clause = "XY-11"
total_steps = 9000

[[route.checkpoints]]
name = "起点"
question.text = "一加一？"
question.answer = "2"

[[route.checkpoints]]
name = "终点"
leg = 5000
[route.checkpoints.question]
text = "哪一个是城市？"
answer = "A"
choices = { A = "西安", B = "渭河" }

[[points]]
id = "signed"
on = "sign_in"
amount = 7
clause = "XY-12"

[[points]]
id = "walked"
on = "steps"
every = 1000
amount = 2
daily_max = 12
clause = "XY-13"

[[badges]]
id = "always-here"
name = { zh = "全勤", en = "Always here" }
on = "every_day_signed_in"
clause = "XY-14"

[[pools]]
id = "lucky"
name = { zh = "抽奖", en = "Lucky draw" }
clause = "XY-15"
cost_points = 3
cost_badges = ["always-here"]
deadline = 2024-05-07T12:00:00+08:00
prizes = [
  { id = "one-yuan", name = { zh = "一元", en = "One yuan" }, kind = "money", amount = 100, weight = 9 },
  { id = "towel", name = { zh = "毛巾", en = "A towel" }, kind = "goods", stock = 5, weight = 1 },
]

[[pools]]
id = "best-teams"
name = { zh = "优胜团队", en = "Best teams" }
clause = "XY-16"
draw = "places"
board = "teams"
prizes = [
  { id = "cup", name = { zh = "奖杯", en = "Cup" }, kind = "goods", places = 1, stock = 3 },
]

[[boards]]
id = "teams"
name = { zh = "团队榜", en = "Teams" }
clause = "XY-17"
entrants = "teams"
keys = [{ by = "attainment_rate" }]
freezes_at = 2024-05-07T22:00:00+08:00

[[boards]]
id = "walkers"
name = { zh = "个人榜", en = "Walkers" }
clause = "XY-20"
entrants = "participants"
keys = [
  { by = "sign_in_days" },
  { by = "last_sync", order = "ascending" },
]
visible = 50
refresh = { opens = "07:00", closes = "23:00", every = "15m" }
freezes_at = 2024-05-08T00:00:00+08:00

[[pools]]
id = "cinema"
name = { zh = "电影票", en = "Cinema" }
clause = "XY-21"
draw = "batch"
board = "walkers"
first = 20
deadline = 2024-05-10T09:00:00+08:00
grace = "3m"
person_max = 2
prizes = [
  { id = "ticket", name = { zh = "电影票", en = "Ticket" }, kind = "voucher", amount = 4000, stock = 6 },
]

[[pools]]
id = "daily"
name = { zh = "每日红包", en = "Daily packet" }
clause = "XY-22"
chance = { ttl = "20m", grace = "2h" }
budget = 900
daily_max = 3
person_max = 4
prizes = [
  { id = "half-yuan", name = { zh = "五角", en = "Half a yuan" }, kind = "money", amount = 50, stock = 20 },
  { id = "blank", name = { zh = "谢谢参与", en = "Not this time" }, kind = "nothing", stock = 40 },
]

[membership]
clause = "XY-23"
groups = ["union"]
how_to_join = { zh = "请先申请入会。", en = "Apply for membership first." }

[[prerequisites]]
id = "safety"
name = { zh = "安全须知", en = "How to walk safely" }
clause = "XY-24"
"""


def changed(*changes: tuple[str, str]) -> str:
    """SMALL with pieces of it replaced; each piece must stand in it exactly once."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def faults(text: str | bytes) -> tuple[Fault, ...]:
    """The faults of a file; none for a sound one."""
    try:
        load(text)
    except RulebookFaulty as faulty:
        return faulty.faults
    return ()


def line_of(text: str, piece: str) -> int:
    """The line on which a piece of a text begins, counted from 1; the piece must stand in it exactly once."""
    assert text.count(piece) == 1, f"{piece!r} stands {text.count(piece)} times in the text"
    return text[: text.index(piece)].count("\n") + 1
