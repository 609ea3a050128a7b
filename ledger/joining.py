"""Two participants become one: what one had becomes the other's, in the ledger and in every campaign.

Who stays takes over what the other held, through the accounts ``joining:{book}``; what would count twice is taken
back, event by event. Teams get one member where there were two. Source: EC-12, SJ-09.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from ledger import funds, lots, movement, prizes, shop, teams, wallet
from ledger.badges import COMPLETE, earned_badges
from ledger.campaign import Campaign
from ledger.changed import told
from ledger.commands import LapsePrize
from ledger.context import Context
from ledger.decision import Decision, Given
from ledger.enrolment import Enrolment, Play
from ledger.events import CheckpointDimmed, CheckpointLit, Event, MemberRemoved
from ledger.join_events import HistoryGiven, HistoryJoined, MemberReplaced
from ledger.joined import Joined
from ledger.member import Help, Member, Membership, Right
from ledger.member_events import MemberBecame, MemberJoined, PointsMoved
from ledger.past import Past
from ledger.posting import (
    MONEY,
    POINTS,
    Posting,
    credit_points,
    grants_account,
    joining_account,
    move,
    points_account,
    wallet_account,
)
from ledger.quizzes import due_chances
from ledger.rewards import Held
from ledger.rulebook import Rulebook
from ledger.streams import (
    campaign_of,
    campaign_stream,
    enrolment_stream,
    member_stream,
    participant_of,
    team_stream,
)
from ledger.team import Team

CLAUSE = "EC-12"
WALLETS = "member"
"""The book of wallets."""
ONE_DAY = timedelta(days=1)
GONE = ("returned", "lapsed", "replaced", "cancelled")
"""Of these prizes nothing is left with whom they were given to."""
History = dict[str, tuple[Event, ...]]
"""Stream → its events, in order."""


def join(
    stays: str,
    other: str,
    context: Context,
    decision: Decision,
    given: Given,
    *,
    by: str = "",
    reason: str = "",
) -> None:
    """Make ``other`` the participant who stays. Both exist, and neither is a client id of somebody else.

    by: what told that they are one; reason: an operator's. Source: EC-12, SJ-09.
    """
    both = [frozenset({who, *decision.state(member_stream(who), Member).aliases}) for who in (stays, other)]
    pasts = _histories(both[0] | both[1], decision, given)
    _persons(stays, other, context, decision, by, reason)
    for campaign in sorted({campaign_of(stream) for stream in pasts if participant_of(stream) == other}):
        mine, theirs = (
            {
                stream: events
                for stream, events in pasts.items()
                if participant_of(stream) in persons and campaign_of(stream) == campaign
            }
            for persons in both
        )
        _Campaign(campaign, stays, other, mine, theirs, context, decision, given).join()


def _histories(persons: frozenset[str], decision: Decision, given: Given) -> History:
    """All that persons have done in campaigns, what this very decision has added included."""
    found = {
        stream: events
        for stream, events in given.histories.items()
        if "@" in stream and participant_of(stream) in persons
    }
    for stream, _, event in decision.events:
        if "@" in stream and participant_of(stream) in persons:
            found[stream] = (*found.get(stream, ()), event)
    return found


# -- the persons --------------------------------------------------------------------------------------------------


def _persons(stays: str, other: str, context: Context, decision: Decision, by: str, reason: str) -> None:
    a = decision.state(member_stream(stays), Member)
    b = decision.state(member_stream(other), Member)
    after = _member(a, b, context)
    takes, gives = _wallets(stays, other, a.balance, b.balance)
    granted_before, granted_to_other = _granted(a.helps), _granted(b.helps)
    for campaign, amount in granted_to_other.items():
        between = joining_account(campaign)
        mine, theirs = (grants_account(campaign, who) for who in (stays, other))
        before = granted_before.get(campaign, 0)
        takes += move(MONEY, amount, (between, None), (mine, before), CLAUSE)
        gives += move(MONEY, amount, (theirs, amount), (between, None), CLAUSE)
    joined = context.event(
        MemberJoined,
        postings=takes,
        other=other,
        aliases=b.aliases,
        by=by,
        actor=context.request.actor if reason else "",
        reason=reason,
        spent=b.spent,
        after=told(a, after),
    )
    decision.add(member_stream(stays), joined)
    helps_after = _last_number(a.helps) if b.helps else None
    became = context.event(MemberBecame, postings=gives, member=stays, spent=b.spent, helps_after=helps_after)
    decision.add(member_stream(other), became)
    for alias in b.aliases:
        decision.add(member_stream(alias), context.event(MemberBecame, member=stays))


def _wallets(stays: str, other: str, had: int, gives: int) -> tuple[tuple[Posting, ...], tuple[Posting, ...]]:
    """The postings that move a wallet: those of who stays, and those of the other."""
    if not gives:
        return (), ()
    between = joining_account(WALLETS)
    return (
        move(POINTS, gives, (between, None), (wallet_account(stays), had), CLAUSE),
        move(POINTS, gives, (wallet_account(other), gives), (between, None), CLAUSE),
    )


def _member(a: Member, b: Member, context: Context) -> Member:
    """What both are together, but for aliases, versions and what was spent."""
    identities = {
        kind: tuple(dict.fromkeys((*a.identities.get(kind, ()), *b.identities.get(kind, ()))))
        for kind in dict.fromkeys((*a.identities, *b.identities))
    }
    first, second = (a, b) if a.restricted else (b, a)
    until = first.restricted_until
    if first.restricted and second.restricted and until is not None:
        until = max(until, second.restricted_until) if second.restricted_until else None
    wealth = _wealth(a, b, context)
    return msgspec.structs.replace(
        a,
        identities=identities,
        membership=_membership(a.membership, b.membership),
        restricted=first.restricted,
        restricted_until=until,
        suspended=a.suspended or b.suspended,
        kept=tuple(dict.fromkeys((*a.kept, *b.kept))),
        rights=_rights(a.rights, b.rights),
        hardship=a.hardship or b.hardship,
        helps=(*a.helps, *_renumbered(a.helps, b.helps)),
        lots=wealth.lots,
        debt=wealth.debt,
    )


def _membership(a: Membership | None, b: Membership | None) -> Membership | None:
    """That of who stays, unless only the other's is in force. Source: SJ-09."""
    if a is None or (b is not None and b.in_force and not a.in_force):
        return b
    return a


def _rights(a: tuple[Right, ...], b: tuple[Right, ...]) -> tuple[Right, ...]:
    """Each entitlement once: the one that lasts longer. Source: ZG-03."""
    longest: dict[str, Right] = {}
    for right in (*a, *b):
        known = longest.setdefault(right.entitlement, right)
        if right.ends > known.ends:
            longest[right.entitlement] = right
    return tuple(longest.values())


def _last_number(helps: tuple[Help, ...]) -> int:
    return max((each.number for each in helps), default=0)


def _renumbered(a: tuple[Help, ...], b: tuple[Help, ...]) -> Iterator[Help]:
    """The other's applications for help, numbered on after one's own. Each waits or stands as it did. Source: ZG-10."""
    last = _last_number(a)
    for each in b:
        yield msgspec.structs.replace(each, number=last + each.number)


def _granted(helps: tuple[Help, ...]) -> dict[str, int]:
    """Campaign → fen that were granted there in all."""
    sums: dict[str, int] = {}
    for each in helps:
        if each.status == "approved":
            sums[each.campaign] = sums.get(each.campaign, 0) + (each.amount or 0)
    return sums


def _wealth(a: Member, b: Member, context: Context) -> Member:
    """The lots of both; each one's points pay for the other's debt. Source: ZG-08."""

    def after(have: Member, moved: lots.Moved) -> Member:
        step: dict[str, Any] = {"campaign": "", "stream": "", "version": 0, "cause": ""}
        return lots.evolve_lots(have, context.event(PointsMoved, lots=moved.lots, debt=moved.debt, **step))

    both = after(a, lots.credited(a.lots, a.debt, b.lots, context.now))
    return after(both, lots.taken_back(both.lots, b.debt, (), "expiring_first", context.now))


# -- one campaign -------------------------------------------------------------------------------------------------


def _first_issued(gift: Held) -> tuple[bool, datetime]:
    """What was issued stands before what was only promised; then what was given first."""
    assert gift.won_at is not None
    return gift.status == "won", gift.won_at


class _Campaign:
    """The joining of two participants in one campaign, under the rules that hold now."""

    def __init__(
        self, campaign: str, stays: str, other: str, mine: History, theirs: History, context: Context,
        decision: Decision, given: Given,
    ) -> None:  # fmt: skip
        rules_of = decision.state(campaign_stream(campaign), Campaign)
        version = rules_of.at(context.now)
        assert version is not None, "somebody has taken part in it"
        self._versions = {each.number: given.rulebooks[each.digest] for each in rules_of.versions}
        self.rules = given.rulebooks[version.digest]
        request = msgspec.structs.replace(context.request, participant=stays, campaign=campaign)
        member = decision.state(member_stream(stays), Member)
        self.context = Context(request, self.rules, version.number, context.now, member)
        self.decision = decision
        self.stays, self.other = stays, other
        self.mine, self.theirs = mine, theirs
        self.stream = enrolment_stream(stays, campaign)
        self.others = enrolment_stream(other, campaign)

    def join(self) -> None:
        """Add the events of both streams, and what follows from them."""
        divert, self.decision.divert = self.decision.divert, wallet.diverting(self.context)
        for trial in self._books():
            self._join_book(trial)
        self.decision.divert = divert

    def _books(self) -> list[bool]:
        """The trial and the campaign, as far as the other has anything in them; one of them at least."""
        b = self.decision.state(self.others, Enrolment)
        a = self.decision.state(self.stream, Enrolment)
        in_trial = any(event.trial for events in self.theirs.values() for event in events)
        if not b.trial:
            return [True, False] if in_trial else [False]
        return [True] if in_trial or a.trial else [False]

    def _rules_of(self, version: int) -> Rulebook:
        """The rules in one of their versions; those that hold now for an event that names none."""
        return self._versions.get(version, self.rules)

    def _join_book(self, trial: bool) -> None:
        decision, context = self.decision, self.context
        a = Past(self.stream, self.mine, trial, self._rules_of)
        b = Past(self.others, self.theirs, trial, self._rules_of)
        before = decision.state(self.stream, Enrolment)
        keeps = bool(a.play.team) and a.play.team != b.play.team
        joined = Joined(
            a, b, self.rules, self._rules_of, before.version + 1, self._open_days(), keeps_own_team=keeps
        )
        version = decision.add(
            self.others,
            context.event(
                HistoryGiven, trial=trial, postings=self._given(b, trial), to=self.stays, spent=b.spent
            ),
        )
        postings = self._taken(a, b, joined, trial)
        play = joined.play(joined.met(keeps_own_team=keeps))
        event = context.event(
            HistoryJoined,
            trial=trial,
            postings=postings,
            other=self.other,
            gave=version,
            enrolment=b.enrolment if a.enrolment is None and not before.branch else None,
            days=joined.days(),
            checkpoints=joined.checkpoints(),
            badges=tuple(badge for id, badge in b.badges.items() if id not in a.play.badges),
            chances=joined.chances(),
            viewed=tuple(ref for ref in b.viewed if ref not in before.viewed),
            twice=tuple(joined.twice),
            spent=b.spent,
            play=told(a.play, play),
        )
        decision.add(self.stream, event)
        if before.takes(trial):
            self._follow(joined, play, trial)
            self._settle_team(a.play.team, b.play.team, trial)

    def _points(self, trial: bool) -> str:
        return points_account(self.rules.book(trial), self.stays)

    def _open_days(self) -> list[date]:
        today = self.context.now.astimezone(self.rules.tz).date()
        return [day for day in (today - ONE_DAY, today) if self.context.is_open(day)]

    # What moves

    def _given(self, b: Past, trial: bool) -> tuple[Posting, ...]:
        """All that the other's accounts hold goes to the account in between."""
        between = joining_account(self.rules.book(trial))
        legs = []
        for (account, asset), balance in b.accounts.items():
            if balance:
                legs.append(Posting(account, asset, -balance, CLAUSE, 0))
                legs.append(Posting(between, asset, balance, CLAUSE))
        return tuple(legs)

    def _taken(self, a: Past, b: Past, joined: Joined, trial: bool) -> tuple[Posting, ...]:
        """The same from there to who stays, less the points that would count twice."""
        book = self.rules.book(trial)
        between, held = joining_account(book), dict(a.accounts)
        legs = []
        for (theirs, asset), balance in b.accounts.items():
            if balance:
                account = theirs.removesuffix(self.other) + self.stays
                held[account, asset] = held.get((account, asset), 0) + balance
                legs.append(Posting(account, asset, balance, CLAUSE, held[account, asset]))
                legs.append(Posting(between, asset, -balance, CLAUSE))
        back = [(-points, clause) for clause, points in joined.points_back.items()]
        legs += credit_points(book, self.stays, held.get((self._points(trial), POINTS), 0), back)
        return tuple(legs)

    # What follows

    def _follow(self, joined: Joined, play: Play, trial: bool) -> None:
        """What both have reached together, and neither had alone."""
        decision, context, stream = self.decision, self.context, self.stream
        lit = joined.target(play)
        far = play.attained if self.rules.route and self.rules.route.lit_by == "attained_days" else play.total
        for number in range(play.lit + 1, lit + 1):
            decision.add(stream, context.event(CheckpointLit, trial=trial, checkpoint=number, total=far))
        for number in range(play.lit, lit, -1):
            decision.add(stream, context.event(CheckpointDimmed, trial=trial, checkpoint=number, total=far))
        for on in COMPLETE:
            after = decision.state(stream, Enrolment).play_of(trial)
            decision.add_all(stream, earned_badges(after, on, trial, context))
        before = max(joined.a.play, joined.b.play, key=lambda each: sum(q.right for q in each.doings.quizzes))
        decision.add_all(stream, due_chances(before, play, trial, context))
        movement.follow_joined(joined.metres(), trial, context, decision)
        if joined.syncs:
            funds.follow_sync(next(reversed(joined.syncs.values())).event, context, decision)
        self._settle_gifts(trial)

    def _settle_gifts(self, trial: bool) -> None:
        """One gift of each promotion: what is not issued of a second one goes back into its pool. Source: ZG-04."""
        state = self.decision.state(self.stream, Enrolment)
        if state.trial != trial:
            return
        for pool in shop.gift_pools(None, self.rules):
            held = [each for each in state.play.rewards.prizes if each.pool == pool.id]
            given = sorted((each for each in held if each.status not in GONE), key=_first_issued)
            for second in given[1:]:
                if second.status == "won":
                    command = LapsePrize(
                        prize=second.id, reason="the same gift was given under another client id"
                    )
                    prizes.take_back(command, self.context, self.decision)

    # Teams

    def _settle_team(self, mine: str, theirs: str, trial: bool) -> None:
        """One place where there were two, and what the open days of the teams are worth now. Source: SX-03, SX-17."""
        if theirs:
            stream = team_stream(self.rules.book(trial), theirs)
            if mine:
                self._leave(stream, theirs, trial, same=mine == theirs)
            else:
                replaced = self.context.event(
                    MemberReplaced, trial=trial, team=theirs, member=self.other, by=self.stays
                )
                self.decision.add(stream, replaced)
        if self.rules.teams is not None:
            for team in dict.fromkeys((mine, theirs)):
                if team:
                    teams.settle(team, trial, self._open_days(), self.context, self.decision)

    def _leave(self, stream: str, team: str, trial: bool, *, same: bool) -> None:
        """The other's place is gone. A captain's place passes to who stays, or else to who joined next."""
        state = self.decision.state(stream, Team)
        captain = ""
        if state.captain == self.other:
            left = [member.id for member in state.members if member.id != self.other]
            captain = self.stays if same else next(iter(left), "")
        removed = self.context.event(
            MemberRemoved, trial=trial, team=team, member=self.other, captain=captain
        )
        self.decision.add(stream, removed)
