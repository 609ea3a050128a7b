"""How far each participant has come: enrolment, days, totals, campaign checkpoints."""

from collections.abc import Sequence
from datetime import datetime

from ledger.events import (
    CheckpointDimmed,
    CheckpointLit,
    CheckpointPassed,
    Enrolled,
    ReflectionPosted,
    SignedIn,
    StepsSynced,
)
from projections.days import CHANGED_DAYS, ChangedDays
from projections.projection import Fact, Projection, Row, Rows, Stage

ENROLMENTS = Stage(
    "enrolments",
    {
        "campaign": "text",
        "participant": "text",
        "branch": "text",
        "unit": "text",
        "department": "text",
        "enrolled_at": "timestamptz",
        "recorded_at": "timestamptz",
    },
    temporary=False,
)
CHANGED_CHECKPOINTS = Stage(
    "changed_checkpoints",
    {
        "book": "text",
        "participant": "text",
        "number": "int2",
        "relit": "bool",
        "lit_at": "timestamptz",
        "passed_at": "timestamptz",
        "reflected_at": "timestamptz",
    },
)


class Checkpoint:
    """What a batch of events says of one campaign checkpoint. relit: whether it says anything of its light."""

    __slots__ = ("lit_at", "passed_at", "reflected_at", "relit")

    def __init__(self) -> None:
        self.relit = False
        self.lit_at: datetime | None = None
        self.passed_at: datetime | None = None
        self.reflected_at: datetime | None = None


class Progress(Projection):
    """Totals are the sums of the days, kept as the days change. The trial is a book of its own (SX-01)."""

    NAME = "progress"
    TABLES = ("enrolments", "progress", "days", "checkpoints")
    STAGES = (ENROLMENTS, CHANGED_DAYS, CHANGED_CHECKPOINTS)
    STATEMENTS = ("progress_merge", "days_merge", "checkpoints_merge")

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """Enrolments as they are; one row for each day, and for each campaign checkpoint, that changed."""
        enrolments: list[Row] = []
        days = ChangedDays()
        checkpoints: dict[tuple[str, str, int], Checkpoint] = {}
        for fact in facts:
            match fact.event:
                case StepsSynced() as event:
                    days.sync(fact, event)
                case SignedIn() as event:
                    days.sign_in(fact, event)
                case Enrolled() as event:
                    enrolments.append(
                        (
                            fact.campaign,
                            fact.participant,
                            event.branch,
                            event.unit,
                            event.department,
                            event.occurred_at,
                            event.recorded_at,
                        )
                    )
                case CheckpointLit() | CheckpointDimmed() | CheckpointPassed() | ReflectionPosted() as event:
                    key = (fact.book, fact.participant, event.checkpoint)
                    _change(checkpoints.setdefault(key, Checkpoint()), event)
        lights = [(*key, c.relit, c.lit_at, c.passed_at, c.reflected_at) for key, c in checkpoints.items()]
        return enrolments, days.rows(), lights


def _change(
    checkpoint: Checkpoint, event: CheckpointLit | CheckpointDimmed | CheckpointPassed | ReflectionPosted
) -> None:
    """A lower last sync dims a checkpoint; a pass stands, and so does a reflection (SX-08, SX-09, SX-10)."""
    match event:
        case CheckpointLit():
            checkpoint.relit, checkpoint.lit_at = True, event.occurred_at
        case CheckpointDimmed():
            checkpoint.relit, checkpoint.lit_at = True, None
        case CheckpointPassed():
            checkpoint.passed_at = event.occurred_at
        case ReflectionPosted():
            checkpoint.reflected_at = event.occurred_at
