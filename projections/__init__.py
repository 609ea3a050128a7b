"""What is convenient: views that follow the log, can be dropped, and are rebuilt from it. Imports ledger only.

Reading order for a newcomer:

1. ``projection.py``: what a projection is. ``balances.py``, ``statement.py``, ``progress.py`` with ``days.py``,
   ``badges.py``, ``teams.py``, ``chances.py``, ``prizes.py``, ``links.py``, ``members.py``, ``funds.py``,
   ``doings.py``, ``wallets.py``, ``branches.py``, ``runs.py``: one view each. ``queries/``: the SQL that merges their
   rows, and the SQL of the reads.
2. ``log.py``: the log in decoded batches, one read ahead. ``delivery.py``: a batch, the rows it leads to and the
   tracking in one transaction. ``parking.py``: what a view could not take, and its retry.
3. ``runner.py``: who delivers, and when. ``rebuild.py``, ``swap.py``: a view made again beside the live one.
4. ``reads.py``, ``team_reads.py``, ``prize_reads.py``, ``member_reads.py``, ``fund_reads.py``: what the API asks.
   ``waiting.py``: until a view has reached a position.
5. ``boards.py``: rankings, made from the views now and then. ``standing.py``: their order, once in SQL and once in
   Python. ``board_reads.py``: what the API asks of them.
"""

from projections.badges import Badges
from projections.balances import Balances
from projections.branches import Branches
from projections.chances import Chances
from projections.doings import Doings
from projections.funds import Funds
from projections.links import Links
from projections.members import Members
from projections.prizes import Prizes
from projections.progress import Progress
from projections.projection import Projection
from projections.runs import Runs
from projections.statement import Statement
from projections.teams import Teams
from projections.wallets import Wallets

PROJECTIONS: dict[str, type[Projection]] = {
    projection.NAME: projection
    for projection in (
        Balances,
        Statement,
        Progress,
        Badges,
        Teams,
        Chances,
        Prizes,
        Members,
        Links,
        Branches,
        Runs,
        Wallets,
        Funds,
        Doings,
    )
}
"""Name → class: the only registry. The name is that of the projection's tracking."""
