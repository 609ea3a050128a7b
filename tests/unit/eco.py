"""A small programme with what EC and ZG have besides steps: landmarks, movement, quizzes, funds, occasions, help."""

from typing import Any

from msgspec.structs import replace

from ledger.activity_commands import PostComment, ReadArticle, RecordAttendance, RecordRun
from ledger.commands import ViewContent
from ledger.fund import Fund
from ledger.posting import POINTS
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from ledger.streams import fund_stream
from tests.given import Story, day_of

TEXT = """\
format = 1
id = "eco"
title = { zh = "生态文明你我行", en = "Eco walk" }
starts = 2019-07-01
ends = 2019-08-10
clause = "EC-01"
late = "24h"

[enrolment]
clause = "EC-01"
opens = 2019-06-20
branches = [
  { id = "nanjing", name = "南京市总工会", group = "city" },
  { id = "xuanwu", name = "玄武区总工会", group = "district", parent = "nanjing" },
  { id = "suzhou", name = "苏州市总工会", group = "city" },
  { id = "office", name = "省级机关", group = "department" },
]

[steps]
clause = "EC-02"
goal_clause = "EC-02"
daily_goal = 5000

[route]
clause = "EC-03"
lit_by = "attained_days"
checkpoints = [
  { name = "玄武湖", introduction = { zh = "玄武湖。", en = "A lake in Nanjing." } },
  { name = "太湖", introduction = { zh = "太湖。", en = "A lake in Suzhou." } },
  { name = "洪泽湖" },
]

[[badges]]
id = "pioneer"
name = { zh = "先进个人电子荣誉证书", en = "Electronic honour certificate" }
on = "every_checkpoint_lit"
certificate = true
clause = "EC-04"

[[pools]]
id = "health"
name = { zh = "健康奖", en = "Health award" }
clause = "EC-05"
draw = "batch"
chance = { on = "movement", metres = 1610, stride_cm = 60, clause = "EC-05" }
deadline = 2019-08-11T00:00:00+08:00
prizes = [{ id = "bag", name = { zh = "腰包", en = "Waist bag" }, kind = "goods", stock = 3 }]

[[pools]]
id = "quiz-draw"
name = { zh = "答题抽奖", en = "Quiz draw" }
clause = "EC-08"
draw = "batch"
chance = { on = "correct_answers", quiz = "hundred", every = 3, clause = "EC-08" }
deadline = 2019-08-11T00:00:00+08:00
prizes = [{ id = "band", name = { zh = "运动头巾", en = "Sweatband" }, kind = "goods", stock = 3 }]

[[quizzes]]
id = "hundred"
name = { zh = "百题问答", en = "Hundred questions" }
clause = "EC-08"
questions = [
  { id = "q-1", text = "一？", choices = { A = "是", B = "否" }, answer = "A" },
  { id = "q-2", text = "二？", answer = "绿水青山" },
  { id = "q-3", text = "三？", answer = "B" },
  { id = "q-4", text = "四？", answer = "B" },
]

[[quizzes]]
id = "daily"
name = { zh = "每日一题", en = "A question a day" }
clause = "ZG-06"
daily = true
tries = 2
questions = [
  { id = "d-1", text = "今天？", answer = "A" },
  { id = "d-2", text = "明天？", answer = "B" },
]

[[points]]
id = "commented"
on = "comment"
amount = 1
daily_max = 3
clause = "ZG-05"

[[points]]
id = "read"
on = "article"
amount = 2
daily_max = 5
clause = "ZG-05"

[[points]]
id = "viewed"
on = "content"
amount = 1
daily_max = 2
clause = "ZG-05"

[[points]]
id = "answered"
on = "correct_answer"
quiz = "daily"
amount = 4
daily_max = 5
clause = "ZG-06"

[[points]]
id = "attended"
on = "attendance"
amount = 10
clause = "EC-14"

[[occasions]]
id = "park-walk"
name = { zh = "公园健步走", en = "A walk in the park" }
clause = "EC-14"
starts = 2019-07-06
ends = 2019-07-07

[[funds]]
id = "green"
name = { zh = "公益项目基金", en = "Project fund" }
clause = "EC-07"
groups = ["city"]
projects = 2
project_clause = "EC-13"

[[funds]]
id = "help"
name = { zh = "帮扶资金", en = "Hardship fund" }
clause = "ZG-10"

[[donations]]
fund = "green"
sponsor = { zh = "赞助商", en = "Sponsor" }
every = 100000
amount = 100
clause = "EC-07"

[hardship]
fund = "help"
clause = "ZG-10"
most = 200000
"""

ECO: Rulebook = load(TEXT)
PRIMED = replace(ECO, donations=(replace(ECO.donations[0], every=10_000),))
"""A donation every 10,000 steps."""


class Eco(Story):
    """A story with the words of these programmes."""

    def __init__(self, rules: Rulebook = ECO, branch: str = "nanjing") -> None:
        super().__init__(rules)
        self.enrol(at="06-25 08:00", branch=branch)

    def runs(self, metres: int, at: str, *, day: str = "", **how: Any) -> "Eco":
        of = day_of(day or at.split(maxsplit=1)[0])
        command = RecordRun(day=of, distance_m=metres, duration_s=600, provider="band")
        self.post(command, at=at, **how)
        return self

    def comments(self, ref: str, at: str, **how: Any) -> "Eco":
        self.post(PostComment(ref=ref), at=at, **how)
        return self

    def reads(self, ref: str, at: str, **how: Any) -> "Eco":
        self.post(ReadArticle(ref=ref), at=at, **how)
        return self

    def views(self, ref: str, at: str, **how: Any) -> "Eco":
        self.post(ViewContent(ref=ref), at=at, **how)
        return self

    def attends(self, occasion: str, at: str, **how: Any) -> "Eco":
        self.post(RecordAttendance(occasion=occasion), at=at, **how)
        return self

    def fund(self, fund: str) -> Fund:
        """The state of a fund in the campaign proper."""
        state = self.states.get(fund_stream(self.rules.id, fund), Fund())
        assert isinstance(state, Fund)
        return state

    def earned(self) -> int:
        """Points that the newest answer brought to whoever asked."""
        return sum(
            leg.amount
            for event in self.answer
            for leg in event.postings
            if leg.asset == POINTS and leg.balance_after is not None
        )
