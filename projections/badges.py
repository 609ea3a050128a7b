"""Which badges participants have earned (SX-20, SX-21)."""

from collections.abc import Sequence

from ledger.events import BadgeAwarded
from projections.projection import Fact, Projection, Rows, Stage


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
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each award."""
        return (
            [
                (fact.book, fact.participant, award.badge, award.occurred_at, fact.position, award.clause)
                for fact in facts
                if isinstance(award := fact.event, BadgeAwarded)
            ],
        )
