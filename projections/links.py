"""Which client ids are of which participant, since they turned out to be one person (EC-12, SJ-09)."""

from collections.abc import Sequence

from ledger.member_events import MemberBecame
from projections.projection import Fact, Projection, Rows, Stage


class Links(Projection):
    """One row for each client id that was joined to another participant; the newest joining stands.

    Views that show what really happened under an id (prizes, draws, postings) keep that id; whoever asks for a
    participant is given the rows of all its ids by this. So none of them depends on the order between streams.
    """

    NAME = "links"
    TABLES = ("participant_links",)
    STAGES = (Stage("changed_links", {"participant": "text", "became": "text", "position": "int8"}),)
    STATEMENTS = ("links_merge",)

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """A row for each client id that changed."""
        became = {
            fact.participant: (fact.event.member, fact.position)
            for fact in facts
            if isinstance(fact.event, MemberBecame)
        }
        return ([(who, *told) for who, told in sorted(became.items())],)
