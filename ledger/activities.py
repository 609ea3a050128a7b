"""Enrolling and signing in: what a participant does besides walking and answering."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from ledger.badges import earned_badges
from ledger.commands import Consent, Enrol, SignIn, ViewContent
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import ChanceGranted, ContentViewed, Enrolled, Event, SignedIn
from ledger.posting import credit_points
from ledger.refusals import (
    AfterCampaign,
    AlreadyEnrolled,
    AlreadySignedIn,
    BeforeCampaign,
    BranchUnknown,
    MembershipRequired,
    NotEnrolled,
    NotPlayed,
    PrerequisiteMissing,
)
from ledger.rulebook import seconds


def require_enrolled(state: Enrolment, context: Context) -> None:
    """Refuse whoever cannot take part: had not enrolled by then, but for skewed clocks, or has not viewed what must be.

    Refuses: NotEnrolled, PrerequisiteMissing. Source: SX-02, JS-02, JS-13, GX-04.
    """
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
        membership = context.rules.membership
        join = f" {membership.how_to_join.zh} / {membership.how_to_join.en}" if membership else ""
        raise NotEnrolled(
            f"{context.request.participant} has not enrolled in {context.rules.id};"
            f" post jifen.enrolled first.{join}",
            context.rules.enrolment.clause,
        )
    if state.enrolled_at is not None and context.occurred_at < state.enrolled_at - context.rules.tolerance:
        raise NotEnrolled(
            f"{context.request.participant} enrolled only at {context.shown(state.enrolled_at)}",
            context.rules.enrolment.clause,
        )


def _consent(given: Consent | str | bool | None) -> str | None:
    if isinstance(given, Consent):
        return f"{given.version} {given.at.isoformat()}" if given.at else given.version
    if isinstance(given, bool):
        return "yes" if given else "no"
    return given


def enrol(state: Enrolment, command: Enrol, context: Context) -> tuple[Event, ...]:
    """Enrol a participant under a union. Names and phones are not asked for: they live outside the log.

    Refuses: FutureDated, BeforeCampaign, AfterCampaign, MembershipRequired, AlreadyEnrolled, BranchUnknown (first
    that holds). Source: SX-02, JS-02, GX-04.
    """
    rules, enrolment = context.rules, context.rules.enrolment
    context.require_not_future()
    day = context.occurred.date()
    if day < rules.opens:
        raise BeforeCampaign(f"enrolment opens on {rules.opens}")
    if day > (enrolment.closes or rules.ends):
        raise AfterCampaign(f"enrolment closed on {enrolment.closes or rules.ends}", enrolment.clause)
    membership = rules.membership
    named = rules.branch_ids.get(command.branch, "")
    if membership and named and rules.groups[named] not in membership.groups:
        raise MembershipRequired(
            f"{membership.how_to_join.zh} / {membership.how_to_join.en}", membership.clause
        )
    if state.branch:
        raise AlreadyEnrolled(f"{context.request.participant} has enrolled already", enrolment.clause)
    branch = rules.branch_ids.get(command.branch) if enrolment.branches else command.branch
    if branch is None:
        raise BranchUnknown(
            f"this campaign has no union {command.branch!r}; GET /v1/campaigns/{rules.id} lists their ids and names",
            enrolment.clause,
        )
    return (
        context.event(
            Enrolled,
            branch=branch,
            unit=command.unit,
            department=command.department,
            consent=_consent(command.consent),
        ),
    )


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
        if pool.chance:
            expires_at = context.occurred_at + timedelta(seconds=seconds(pool.chance.ttl))
            yield context.event(ChanceGranted, trial=trial, pool=pool.id, chance=day, expires_at=expires_at)
