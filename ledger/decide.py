"""Which decision answers which command, and which streams it needs: the only table of its kind.

Everything here is pure: no I/O, no clock, no randomness. The writer loads what ``streams`` names, calls ``decide``,
and folds each event into its stream's state with ``evolve``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ledger import activities, campaign, corrections, enrolment, route, steps
from ledger.campaign import Campaign
from ledger.commands import (
    AmendCampaign,
    AnswerQuestion,
    Command,
    Correct,
    Enrol,
    PostReflection,
    PublishCampaign,
    Request,
    SignIn,
    SyncSteps,
)
from ledger.context import Context
from ledger.corrections import Found
from ledger.enrolment import Enrolment
from ledger.events import ActivityRefused, Event
from ledger.posting import check_balanced
from ledger.refusals import Malformed, Refusal
from ledger.rulebook import Rulebook

State = Campaign | Enrolment
Rulebooks = Mapping[str, Rulebook]
"""Digest of the text → the rules."""

CAMPAIGN = "campaign/"

ACTIVITIES: dict[type[Command], Callable[[Enrolment, Any, Context], tuple[Event, ...]]] = {
    Enrol: activities.enrol,
    SignIn: activities.sign_in,
    SyncSteps: steps.sync_steps,
    AnswerQuestion: route.answer_question,
    PostReflection: route.post_reflection,
}


def campaign_stream(campaign_id: str) -> str:
    """The stream of a campaign's rules. Its slash keeps it apart from every participant's."""
    return CAMPAIGN + campaign_id


def enrolment_stream(participant: str, campaign_id: str) -> str:
    """The stream of a participant in a campaign."""
    return f"{participant}@{campaign_id}"


def stream_of(request: Request) -> str:
    """The stream that the request's events go to."""
    if request.participant:
        return f"{request.participant}@{request.campaign}"
    return CAMPAIGN + request.campaign


def streams(request: Request) -> tuple[str, ...]:
    """All streams whose states the decision looks at."""
    if request.participant:
        return f"{request.participant}@{request.campaign}", CAMPAIGN + request.campaign
    return (CAMPAIGN + request.campaign,)


def initial(stream: str) -> State:
    """The state of a stream without events."""
    return Campaign() if stream.startswith(CAMPAIGN) else Enrolment()


def evolve(state: State, event: Event) -> State:
    """The state after one more event of its stream."""
    if isinstance(state, Campaign):
        return campaign.evolve(state, event)
    return enrolment.evolve(state, event)


def decide(
    request: Request,
    states: Mapping[str, State],
    rulebooks: Rulebooks,
    now: datetime,
    found: Found | None = None,
) -> tuple[Event, ...]:
    """The events that follow from a request, all for ``stream_of(request)``. A refusal by a rule is an event too.

    found: for a correction, the event at the position that it names.
    Raises Malformed: nothing is to be recorded.
    """
    rules_of = states[campaign_stream(request.campaign)]
    assert isinstance(rules_of, Campaign)
    command = request.command
    if isinstance(command, PublishCampaign | AmendCampaign):
        try:
            if isinstance(command, PublishCampaign):
                return campaign.publish(rules_of, command, request, now)
            current = rulebooks[rules_of.versions[-1].digest] if rules_of.versions else None
            return campaign.amend(rules_of, command, request, now, current, rulebooks[command.digest])
        except Refusal as refusal:
            return (_refused(refusal, request, now, now, 0, {"digest": command.digest}),)
    version = rules_of.at(request.occurred_at or now)
    if version is None:
        raise Malformed("/campaign", f"no campaign {request.campaign!r} is published here")
    context = Context(request, rulebooks[version.digest], version.number, now)
    state = states[enrolment_stream(request.participant, request.campaign)]
    assert isinstance(state, Enrolment)
    try:
        if isinstance(command, Correct):
            events = corrections.correct(state, command, context, found)
        else:
            events = ACTIVITIES[type(command)](state, command, context)
    except Refusal as refusal:
        return (_refused(refusal, request, context.occurred_at, now, context.version, command),)
    for event in events:
        if event.postings:
            check_balanced(event.postings)
    return events


def _refused(
    refusal: Refusal, request: Request, occurred_at: datetime, now: datetime, rules: int, said: object
) -> ActivityRefused:
    return ActivityRefused(
        occurred_at=occurred_at,
        recorded_at=now,
        source=request.source,
        id=request.id,
        rules=rules,
        activity=request.command.TYPE,
        code=refusal.CODE,
        clause=refusal.clause,
        detail=refusal.detail,
        data=msgspec.Raw(msgspec.json.encode(said)),
    )
