"""What comes of a played campaign, counted from its events: names and numbers, which the forecast sorts out."""

from collections import defaultdict
from collections.abc import Iterable

from ledger.activity_events import (
    ArticleRead,
    CommentPosted,
    DonationMade,
    QuizAnswered,
)
from ledger.events import (
    BadgeAwarded,
    CaptainRewarded,
    CheckpointLit,
    ContentViewed,
    DrawEntered,
    DrawMade,
    EntryTaken,
    Event,
    PrizeWon,
    ReflectionPosted,
    SignedIn,
    StepsSynced,
    TeamDayAttained,
    TeamGoalLost,
    TeamGoalMet,
)
from ledger.member_events import Activated, EntitlementGranted, MembershipApplied, PointsMoved
from ledger.posting import POINTS
from ledger.rulebook import Rulebook
from ledger.shop_events import ItemRedeemed

Key = tuple[str, ...]
"""A kind of count, and of what: ``("points", "sign-in")``, ``("prize", "red-packet", "red-packet-1")``."""

EARNED_BY: dict[str, tuple[str, ...]] = {
    SignedIn.TOPIC: ("sign_in",),
    StepsSynced.TOPIC: ("steps", "daily_goal"),
    TeamGoalMet.TOPIC: ("team_goal",),
    TeamGoalLost.TOPIC: ("team_goal",),
    ReflectionPosted.TOPIC: ("reflection",),
    CaptainRewarded.TOPIC: ("team_filled",),
    Activated.TOPIC: ("activation",),
    QuizAnswered.TOPIC: ("correct_answer",),
    CommentPosted.TOPIC: ("comment",),
    ArticleRead.TOPIC: ("article",),
    ContentViewed.TOPIC: ("content",),
}
"""Topic of an event → what a points rule calls what it earns for."""


class Tally:
    """Counts events. tickets: of each batch draw, who holds them, in the order of their numbers."""

    def __init__(self, rules: Rulebook) -> None:
        self.counts: defaultdict[Key, float] = defaultdict(float)
        self.tickets: dict[str, list[str]] = {}
        self._rules = rules

    def refused(self, code: str) -> None:
        """Something was refused."""
        self.counts["refused", code] += 1

    def take(self, events: Iterable[Event]) -> None:
        """Count what happened."""
        for event in events:
            self._points(event)
            self._what(event)

    def _what(self, event: Event) -> None:
        counts = self.counts
        match event:
            case SignedIn():
                counts["done", "sign_ins"] += 1
            case StepsSynced(standing="counted"):
                counts["done", "syncs"] += 1
                counts["done", "counted_steps"] += event.counted - event.was
                counts["done", "attained_days"] += event.attained
            case CheckpointLit():
                counts["done", "checkpoints_lit"] += 1
            case TeamDayAttained():
                counts["done", "team_days_attained"] += 1
            case BadgeAwarded():
                counts["badge", event.badge] += 1
            case DrawMade():
                counts["draws", event.pool] += 1
                self._prize(event.pool, event.outcome, event.kind, event.amount)
            case DrawEntered():
                counts["entries", event.pool] += 1
            case EntryTaken():
                self.tickets.setdefault(event.pool, []).append(event.participant)
            case PrizeWon():
                self._prize(event.pool, event.outcome, event.kind, event.amount)
            case ItemRedeemed():
                counts["sales", event.pool] += event.quantity
            case DonationMade():
                counts["donated", event.fund.partition(".")[0]] += event.amount
            case Activated():
                counts["done", "activation"] += 1
            case MembershipApplied():
                counts["done", "application"] += 1
            case EntitlementGranted():
                counts["entitlement", event.entitlement] += 1

    def _prize(self, pool: str, prize: str, kind: str, amount: int) -> None:
        self.counts["prize", pool, prize] += 1
        if kind != "nothing":
            self.counts["worth", pool] += amount

    def won(self, pool: str, prize: str, count: float) -> None:
        """Prizes that a draw or a standing would bring, which is held after the days that are played."""
        known = self._rules.pool_ids[pool].by_id[prize]
        self.counts["prize", pool, prize] += count
        self.counts["worth", pool] += count * (known.amount or 0)

    def _points(self, event: Event) -> None:
        if not event.postings:
            return
        topic = event.cause if isinstance(event, PointsMoved) else event.TOPIC
        spending = any(leg.account.startswith("spent:") for leg in event.postings)
        for leg in event.postings:
            if leg.asset != POINTS or not leg.account.startswith("points:"):
                continue
            if spending:
                self.counts["spent", "points"] -= leg.amount
            else:
                self.counts["points", self._rule(topic, leg.clause)] += leg.amount

    def _rule(self, topic: str, clause: str) -> str:
        """The rule that gave points; two that earn for the same by one clause are told together."""
        kinds = EARNED_BY.get(topic, ())
        found = [rule.id for rule in self._rules.points if rule.on in kinds and rule.clause == clause]
        return " + ".join(found) or topic
