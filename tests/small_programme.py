"""A small standing programme with one of everything that a walk does not have, for tests that break it."""

from tests.small_rulebook import faults, line_of

PROGRAMME = """\
format = 1
id = "club"
title = { zh = "小家", en = "Small club" }
starts = 2024-05-01
ends = 2024-05-31
clause = "XY-01"
late = "12h"

[enrolment]
clause = "XY-02"
branches = [
  { id = "north", name = "北方工会", group = "city" },
  { id = "south", name = "南方工会", group = "industry" },
]

[membership]
clause = "XY-03"
branches = ["north"]
standing = "reviewed"
how_to_join = { zh = "请先入会。", en = "Join first." }

[application]
clause = "XY-04"
consent_clause = "XY-05"
review_clause = "XY-06"
transfer_clause = "XY-07"
restricted_clause = "XY-08"
place_clause = "XY-09"
employment = ["staff", "new-form"]
trade_for = ["new-form"]
trades = ["courier"]
documents = [
  { id = "pledge", name = { zh = "承诺书", en = "Pledge" }, version = "1", clause = "XY-05" },
]
names.staff = { zh = "在岗职工", en = "Staff" }

[sign_in]
clause = "XY-10"

[steps]
clause = "XY-11"
goal_clause = "XY-11"
daily_goal = 5000

[route]
clause = "XY-12"
lit_by = "attained_days"
checkpoints = [{ name = "湖" }, { name = "山", introduction = { zh = "山。", en = "A hill." } }]

[[badges]]
id = "honour"
name = { zh = "荣誉", en = "Honour" }
on = "every_checkpoint_lit"
certificate = true
clause = "XY-13"

[[points]]
id = "signed"
on = "sign_in"
amount = 2
clause = "XY-14"

[[points]]
id = "right"
on = "correct_answer"
quiz = "twenty"
amount = 1
daily_max = 3
clause = "XY-15"

[[points]]
id = "was-there"
on = "attendance"
amount = 5
clause = "XY-16"

[wallet]
clause = "XY-17"
begins = "next_day"
lasts = "90d"
until_end_of = "month"
spend = "earned_first"
expiry_clause = "XY-18"

[[quizzes]]
id = "twenty"
name = { zh = "问答", en = "Quiz" }
clause = "XY-19"
questions = [
  { id = "one", text = "一加一？", answer = "2" },
  { id = "two", text = "哪一个是城市？", choices = { A = "西安", B = "渭河" }, answer = "A" },
]

[[quizzes]]
id = "today"
name = { zh = "每日一题", en = "Question of the day" }
clause = "XY-20"
daily = true
tries = 2
questions = [{ id = "three", text = "二加二？", answer = "4" }]

[[occasions]]
id = "walk"
name = { zh = "健步走", en = "Walk" }
clause = "XY-21"
starts = 2024-05-04
ends = 2024-05-05

[[funds]]
id = "green"
name = { zh = "绿色资金", en = "Green fund" }
clause = "XY-22"
groups = ["city"]
projects = 2
project_clause = "XY-23"

[[donations]]
fund = "green"
sponsor = { zh = "赞助人", en = "a sponsor" }
every = 10000
amount = 50
clause = "XY-24"

[hardship]
fund = "green"
clause = "XY-25"
most = 300000

[score]
clause = "XY-26"
participation = 60
attainment = 40
by_day = true

[[boards]]
id = "units"
name = { zh = "单位榜", en = "Units" }
clause = "XY-27"
entrants = "branches"
group = "city"
keys = [{ by = "score" }, { by = "participation_rate" }]
freezes_at = 2024-06-01T00:00:00+08:00
honours = { first = 3, name = { zh = "证书", en = "Certificate" }, clause = "XY-28" }

[[pools]]
id = "shop"
name = { zh = "商城", en = "Shop" }
clause = "XY-29"
draw = "shop"
standing = "reviewed"
standing_clause = "XY-30"
deadline = 2024-12-31T00:00:00+08:00

[[pools.prizes]]
id = "mug"
name = { zh = "杯子", en = "Mug" }
kind = "goods"
price = 20
stock = 9
person_max = 2
valid_days = 30

[[pools.prizes]]
id = "top-up"
name = { zh = "话费", en = "Top-up" }
kind = "credit"
amount = 500
price = 50
sells_from = 2024-05-10T00:00:00+08:00
sells_until = 2024-05-20T00:00:00+08:00

[[pools]]
id = "welcome"
name = { zh = "见面礼", en = "Welcome" }
clause = "XY-31"
draw = "gift"
gift = { on = "application", begins = 2024-05-01T00:00:00+08:00, ends = 2024-05-08T00:00:00+08:00 }
prizes = [
  { id = "five", name = { zh = "五元", en = "Five yuan" }, kind = "money", amount = 500, stock = 100 },
]

[[pools]]
id = "moved"
name = { zh = "健康奖", en = "Health draw" }
clause = "XY-32"
draw = "batch"
chance = { on = "movement", metres = 1000, stride_cm = 70 }
prizes = [
  { id = "scale", name = { zh = "体重秤", en = "Scale" }, kind = "goods", stock = 3 },
]

[[pools]]
id = "clever"
name = { zh = "答题奖", en = "Quiz draw" }
clause = "XY-33"
chance = { on = "correct_answers", quiz = "twenty", every = 2, ttl = "2h" }
prizes = [
  { id = "coin", name = { zh = "一元", en = "One yuan" }, kind = "money", amount = 100, stock = 30 },
]
"""


def changed(*changes: tuple[str, str]) -> str:
    """PROGRAMME with pieces of it replaced; each piece must stand in it exactly once."""
    text = PROGRAMME
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


__all__ = ["PROGRAMME", "changed", "faults", "line_of"]
