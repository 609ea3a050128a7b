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
from ledger.join_events import HistoryGiven, HistoryJoined, JoinedCheckpoint
from ledger.member_events import Activated
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
ACTIVATED = Stage(
    "activated",
    {
        "campaign": "text",
        "participant": "text",
        "branch": "text",
        "enrolled_at": "timestamptz",
        "recorded_at": "timestamptz",
    },
)
"""People of a roster who activated; those who had not enrolled before are enrolled by it."""
GIVEN = Stage("given_progress", {"campaign": "text", "book": "text", "participant": "text"})
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
    """Totals are the sums of the days, kept as the days change. The trial is a book of its own (SX-01).

    A client id whose history was joined to another participant's has no rows any more; the other's come from the event
    in the other's stream, which says all that is different by it (EC-12).
    """

    NAME = "progress"
    TABLES = ("enrolments", "progress", "days", "checkpoints")
    STAGES = (ENROLMENTS, ACTIVATED, CHANGED_DAYS, CHANGED_CHECKPOINTS, GIVEN)
    STATEMENTS = (
        "enrolments_activated",
        "progress_merge",
        "days_merge",
        "checkpoints_merge",
        "progress_given",
    )

    def fold(self, facts: Sequence[Fact]) -> Rows:
        """Enrolments as they are; one row for each day, and for each campaign checkpoint, that changed."""
        enrolments: list[Row] = []
        activated: list[Row] = []
        given: list[Row] = []
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
                case Activated() as event:
                    who = (fact.campaign, fact.participant)
                    activated.append((*who, event.branch, event.occurred_at, event.recorded_at))
                case CheckpointLit() | CheckpointDimmed() | CheckpointPassed() | ReflectionPosted() as event:
                    key = (fact.book, fact.participant, event.checkpoint)
                    _change(checkpoints.setdefault(key, Checkpoint()), event)
                case HistoryJoined() as event:
                    if event.enrolment is not None:
                        e = event.enrolment
                        who = (fact.campaign, fact.participant)
                        enrolments.append(
                            (*who, e.branch, e.unit, e.department, e.enrolled_at, e.recorded_at)
                        )
                    days.join(fact, event)
                    for joined in event.checkpoints:
                        key = (fact.book, fact.participant, joined.number)
                        _join(checkpoints.setdefault(key, Checkpoint()), joined)
                case HistoryGiven():
                    given.append((fact.campaign, fact.book, fact.participant))
        lights = [(*key, c.relit, c.lit_at, c.passed_at, c.reflected_at) for key, c in checkpoints.items()]
        return enrolments, activated, days.rows(), lights, given


def _join(checkpoint: Checkpoint, joined: JoinedCheckpoint) -> None:
    """What only the other client id had reached."""
    if joined.lit_at is not None:
        checkpoint.relit, checkpoint.lit_at = True, joined.lit_at
    checkpoint.passed_at = joined.passed_at or checkpoint.passed_at
    checkpoint.reflected_at = joined.reflected_at or checkpoint.reflected_at


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
