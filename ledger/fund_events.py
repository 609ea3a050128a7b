"""Events of a fund's stream, ``fund/{book}/{fund}``. Amounts in fen."""

from ledger.event import Event


class FundCredited(Event, frozen=True, kw_only=True):
    """Money came in: a donation for somebody's steps, or a deposit. balance: of the fund afterwards.

    Source: EC-07.

    participant: for whose steps; empty for a deposit. ref: of the bank's statement, for a deposit.
    """

    TOPIC = "fund-credited.v1"

    fund: str
    amount: int
    balance: int
    participant: str = ""
    actor: str = ""
    ref: str = ""


class ProjectPutForward(Event, frozen=True, kw_only=True):
    """A volunteer project waits for its review. amount: asked for. Source: EC-13."""

    TOPIC = "project-put-forward.v1"

    fund: str
    project: str
    name: str
    amount: int
    actor: str


class ProjectReviewed(Event, frozen=True, kw_only=True):
    """A project was approved or turned down. Source: EC-13."""

    TOPIC = "project-reviewed.v1"

    fund: str
    project: str
    approved: bool
    actor: str
    reason: str = ""


class ProjectPublished(Event, frozen=True, kw_only=True):
    """Everybody can see the project. Source: EC-13."""

    TOPIC = "project-published.v1"

    fund: str
    project: str
    actor: str


class ProjectPaid(Event, frozen=True, kw_only=True):
    """A project got money. paid: in all by now; balance: of the fund afterwards. Source: EC-13."""

    TOPIC = "project-paid.v1"

    fund: str
    project: str
    amount: int
    paid: int
    balance: int
    actor: str
    ref: str


class GrantPaid(Event, frozen=True, kw_only=True):
    """A member in hardship got a grant. balance: of the fund afterwards. Source: ZG-10."""

    TOPIC = "grant-paid.v1"

    fund: str
    member: str
    number: int
    amount: int
    balance: int
    actor: str
