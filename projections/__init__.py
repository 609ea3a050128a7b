"""What is convenient: views that follow the log, can be dropped, and are rebuilt from it. Imports ledger only.

Reading order for a newcomer:

1. ``projection.py``: what a projection is. ``balances.py``, ``statement.py``, ``progress.py`` with ``days.py``,
   ``badges.py``: one view each. ``queries/``: the SQL that merges their rows, and the SQL of the reads.
2. ``log.py``: the log in decoded batches, one read ahead. ``delivery.py``: a batch, the rows it leads to and the
   tracking in one transaction. ``parking.py``: what a view could not take, and its retry.
3. ``runner.py``: who delivers, and when. ``rebuild.py``, ``swap.py``: a view made again beside the live one.
4. ``reads.py``: what the API asks. ``waiting.py``: until a view has reached a position.
"""

from projections.badges import Badges
from projections.balances import Balances
from projections.progress import Progress
from projections.projection import Projection
from projections.statement import Statement

PROJECTIONS: dict[str, type[Projection]] = {
    projection.NAME: projection for projection in (Balances, Statement, Progress, Badges)
}
"""Name → class: the only registry. The name is that of the projection's tracking."""
