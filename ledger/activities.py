"""Enrolling and signing in: what a participant does besides walking and answering."""

import msgspec

from ledger.badges import earned_badges
from ledger.commands import Consent, Enrol, SignIn
from ledger.context import Context
from ledger.enrolment import Enrolment
from ledger.events import Enrolled, Event, SignedIn
from ledger.posting import credit_points
from ledger.refusals import (
    AfterCampaign,
    AlreadyEnrolled,
    AlreadySignedIn,
    BeforeCampaign,
    BranchUnknown,
    NotEnrolled,
    NotPlayed,
)


def require_enrolled(state: Enrolment, context: Context) -> None:
    """Refuse NotEnrolled unless the participant had enrolled by then, but for skewed clocks. Source: SX-02, GX-04."""
    if not state.branch:
        raise NotEnrolled(
            f"{context.request.participant} has not enrolled in {context.rules.id}; post jifen.enrolled first",
            context.rules.enrolment.clause,
        )
    if state.enrolled_at is not None and context.occurred_at < state.enrolled_at - context.rules.tolerance:
        raise NotEnrolled(
            f"{context.request.participant} enrolled only at {state.enrolled_at.isoformat()}",
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

    Refuses: FutureDated, BeforeCampaign, AfterCampaign, AlreadyEnrolled, BranchUnknown (first that holds).
    Source: SX-02, GX-04.
    """
    rules, enrolment = context.rules, context.rules.enrolment
    context.require_not_future()
    day = context.occurred.date()
    if day < rules.opens:
        raise BeforeCampaign(f"enrolment opens on {rules.opens}")
    if day > (enrolment.closes or rules.ends):
        raise AfterCampaign(f"enrolment closed on {enrolment.closes or rules.ends}", enrolment.clause)
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
    return (signed_in, *earned_badges(after, "every_day_signed_in", trial, context))
