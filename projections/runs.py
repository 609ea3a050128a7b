"""The days on which participants ran, and how far (EC-06)."""

from collections.abc import Sequence
from datetime import date

from ledger.activity_events import RunRecorded
from ledger.join_events import HistoryGiven, HistoryJoined
from projections.projection import Fact, Projection, Row, Rows, Stage

CHANGED_RUNS = Stage(
    "changed_runs",
    {"book": "text", "participant": "text", "day": "date", "metres": "int4", "runs": "int4"},
)


GIVEN = Stage("given_runs", {"book": "text", "participant": "text"})


class Runs(Projection):
    """One row for each day with a run: the metres are those of the day's newest run, which counts all of them."""

    NAME = "runs"
    TABLES = ("runs",)
    STAGES = (CHANGED_RUNS, GIVEN)
    STATEMENTS = ("runs_merge", "runs_given")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each day that changed, and for each client id that was joined to another participant."""
        given: list[Row] = []
        changed: dict[tuple[str, str, date], tuple[int, int]] = {}
        for fact in facts:
            if isinstance(event := fact.event, RunRecorded):
                key = (fact.book, fact.participant, event.day)
                changed[key] = (event.total_m or event.distance_m, changed.get(key, (0, 0))[1] + 1)
            elif isinstance(event, HistoryJoined):
                for day in event.days:
                    if day.metres is not None:
                        key = (fact.book, fact.participant, day.day)
                        changed[key] = (day.metres, changed.get(key, (0, 0))[1] + day.runs)
            elif isinstance(event, HistoryGiven):
                given.append((fact.book, fact.participant))
        return [(*key, *changed[key]) for key in sorted(changed)], given
