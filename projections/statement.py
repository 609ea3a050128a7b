"""A participant's account statement: every posting with its running balance, clause and cause (GX-06)."""

from collections.abc import Sequence

from projections.balances import owner
from projections.projection import Fact, Projection, Rows, Stage


class Statement(Projection):
    """One row for each leg on an account of the participant in whose stream it stands. Rows are never changed."""

    NAME = "statement"
    TABLES = ("statement",)
    STAGES = (
        Stage(
            "statement",
            {
                "participant": "text",
                "position": "int8",
                "leg": "int2",
                "account": "text",
                "asset": "text",
                "amount": "int8",
                "balance_after": "int8",
                "clause": "text",
                "topic": "text",
                "occurred_at": "timestamptz",
                "recorded_at": "timestamptz",
                "source": "text",
                "id": "text",
            },
            temporary=False,
        ),
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """The rows, in the order of the table's key: neighbours in the index are written together."""
        rows = []
        for fact in facts:
            event = fact.event
            for number, leg in enumerate(event.postings):
                participant = owner(leg.account)[1]
                if participant is not None and leg.balance_after is not None:
                    rows.append(
                        (
                            participant,
                            fact.position,
                            number,
                            leg.account,
                            leg.asset,
                            leg.amount,
                            leg.balance_after,
                            leg.clause,
                            event.TOPIC,
                            event.occurred_at,
                            event.recorded_at,
                            event.source,
                            event.id,
                        )
                    )
        rows.sort()
        return (rows,)
