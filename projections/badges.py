"""Which badges participants have earned (SX-20, SX-21)."""

from collections.abc import Sequence

from ledger.events import BadgeAwarded
from ledger.join_events import HistoryGiven, HistoryJoined
from projections.projection import Fact, Projection, Row, Rows, Stage


class Badges(Projection):
    """One row for each badge of a participant in a book. That a badge is awarded once is a claim of the table."""

    NAME = "badges"
    TABLES = ("badges",)
    STAGES = (
        Stage(
            "badges",
            {
                "book": "text",
                "participant": "text",
                "badge": "text",
                "awarded_at": "timestamptz",
                "position": "int8",
                "clause": "text",
            },
            temporary=False,
        ),
        Stage("given_badges", {"book": "text", "participant": "text"}),
    )
    STATEMENTS = ("badges_given",)

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each award, that of another client id of the same person included (EC-12)."""
        awards: list[Row] = []
        given: list[Row] = []
        for fact in facts:
            who, event = (fact.book, fact.participant), fact.event
            if isinstance(event, BadgeAwarded):
                awards.append((*who, event.badge, event.occurred_at, fact.position, event.clause))
            elif isinstance(event, HistoryJoined):
                awards += [(*who, b.badge, b.awarded_at, fact.position, b.clause) for b in event.badges]
            elif isinstance(event, HistoryGiven):
                given.append(who)
        return awards, given
