"""Enrolling and signing in: what a participant does besides walking and answering."""

from collections.abc import Iterator

import msgspec

from ledger.badges import earned_badges
from ledger.commands import SignIn, ViewContent
from ledger.context import Context
from ledger.eligibility import require_standing
from ledger.enrolment import Enrolment
from ledger.events import ChanceGranted, ContentViewed, Event, SignedIn
from ledger.posting import credit_points
from ledger.refusals import (
    AfterCampaign,
    AlreadySignedIn,
    NotEnrolled,
    NotPlayed,
    PrerequisiteMissing,
)


def require_enrolled(state: Enrolment, context: Context) -> None:
    """Refuse whoever cannot take part: had not enrolled by then, but for skewed clocks, or has not viewed what must be;
    or is no longer a member where that is asked for.

    Refuses: MembershipNeeded, NotEnrolled, PrerequisiteMissing. Source: SX-02, JS-02, JS-13, SJ-04, GX-04.
    """
    if (membership := context.rules.membership) is not None:
        require_standing(membership.standing, membership.clause, context)
    _require_enrolled(state, context)
    for needed in context.rules.prerequisites:
        if needed.id not in state.viewed:
            raise PrerequisiteMissing(
                f"{needed.name.zh} / {needed.name.en} ({needed.id}) has to be viewed first:"
                f" post jifen.content_viewed with ref {needed.id}",
                needed.clause,
            )


def _require_enrolled(state: Enrolment, context: Context) -> None:
    if not state.branch:
        raise NotEnrolled(
            f"{context.request.participant} has not enrolled in {context.rules.id}; {_way_in(context)}",
            context.rules.enrolment.clause,
        )
    if state.enrolled_at is not None and context.occurred_at < state.enrolled_at - context.rules.tolerance:
        raise NotEnrolled(
            f"{context.request.participant} enrolled only at {context.shown(state.enrolled_at)}",
            context.rules.enrolment.clause,
        )


def _way_in(context: Context) -> str:
    """What whoever has not enrolled is told to do: enrol, or what takes its place in the programme (enrolling.py)."""
    rules, member, kinds = context.rules, context.member, list[str]()
    if rules.application and not member.is_member:
        kinds.append("jifen.membership_applied")
    if rules.activation:
        kinds.append("jifen.activated")
    if not kinds or (rules.application and member.is_member) or "id_number" in member.identities:
        kinds.append(
            "jifen.enrolled"
        )  # also for those who have come in by another programme, and cannot again
    words = [rules.membership.how_to_join] if rules.membership else []
    words += [rules.activation.who_to_ask] if rules.activation else []
    told = "".join(f" {each.zh} / {each.en}" for each in words)
    return f"post {' or '.join(kinds)} first.{told}"


def sign_in(state: Enrolment, _: SignIn, context: Context) -> tuple[Event, ...]:
    """Sign in on the day of the event's time, once; a sign-in delivered late still counts for its day.

    Refuses: NotEnrolled, FutureDated, BeforeCampaign, AfterCampaign, TrialOver, NotPlayed, AlreadySignedIn.
    Source: SX-11, SX-20, GX-04.
    """
    require_enrolled(state, context)
    context.require_not_future()
    day = context.occurred.date()
    trial = context.require_phase(day, state)
    rules = context.rules
    if rules.sign_in is None:
        raise NotPlayed("this campaign has no sign-in", rules.clause)
    play = state.play_of(trial)
    number = (day - context.first_day(trial)).days
    if play.has_signed_in(number):
        raise AlreadySignedIn(f"already signed in on {day}", rules.sign_in.clause)
    amounts = [(rule.amount, rule.clause) for rule in rules.points_on("sign_in")]
    signed_in = context.event(
        SignedIn,
        trial=trial,
        day=day,
        number=number,
        postings=credit_points(rules.book(trial), context.request.participant, play.balance, amounts),
    )
    after = msgspec.structs.replace(play, sign_ins=play.sign_ins + 1)
    return (
        signed_in,
        *earned_badges(after, "every_day_signed_in", trial, context),
        *sign_in_chances(day.isoformat(), trial, context),
    )


def view_content(state: Enrolment, command: ViewContent, context: Context) -> tuple[Event, ...]:
    """Say that a content was viewed; viewing again changes nothing. It can be viewed before the campaign begins.

    Refuses: NotEnrolled, FutureDated, AfterCampaign. Source: JS-13.
    """
    _require_enrolled(state, context)
    context.require_not_future()
    if context.occurred.date() > context.rules.ends:
        raise AfterCampaign(f"the campaign ended on {context.rules.ends}", context.rules.clause)
    return (context.event(ContentViewed, trial=state.trial, ref=command.ref),)


def sign_in_chances(day: str, trial: bool, context: Context) -> Iterator[Event]:
    """The chances to draw that a sign-in gives; their time begins when it happened. Source: JS-08."""
    for pool in context.rules.pools:
        if pool.chance and pool.chance.on == "sign_in":
            lasts = pool.chance.lasts
            expires_at = context.occurred_at + lasts if lasts else None
            yield context.event(ChanceGranted, trial=trial, pool=pool.id, chance=day, expires_at=expires_at)
