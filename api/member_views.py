"""Persons as the API shows them. No personal data is in here; what the vault keeps is shown by routes of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.opening import closes_at
from ledger.rulebook import Rulebook
from projections.member_reads import ActivityRow, ConsentRow, CouponRow, MemberRow, MessageRow, RightRow, Step
from projections.reads import Balance

Moment = Annotated[datetime, Meta(tz=True)]
Status = Literal["none", "applied", "reviewed", "ended"]
SEALED = "sealed"


class UnionView(Struct, kw_only=True):
    """A union (工会)."""

    id: str
    name: Annotated[str, Meta(description="As it is called now; its id where the tree does not know it.")]


class RestrictionView(Struct, kw_only=True):
    """Re-joining and transferring are refused (SJ-05)."""

    kind: Annotated[str, Meta(description="abuse or identity_fraud; `sealed` for who may not see the case.")]
    sealed: Annotated[bool, Meta(description="The case is sealed, and was escalated.")]
    until: Annotated[date | None, Meta(description="The last day; null for no end.")]


class MemberSummary(Struct, kw_only=True):
    """A person and the membership."""

    participant: Annotated[str, Meta(description="The client's id of the person.")]
    status: Annotated[
        Status,
        Meta(
            description="Of the membership: applied (a member, to be reviewed), reviewed, ended; none: no application."
        ),
    ]
    union: Annotated[
        UnionView | None, Meta(description="That the person is of: by membership, or by the roster.")
    ]
    campaign: Annotated[str, Meta(description="The programme that took the application; empty for none.")]
    applied_at: datetime | None
    reviewed_at: datetime | None
    ended_at: datetime | None
    employment: Annotated[str, Meta(description="Type of employment (就业类型), as the rulebook names it.")]
    trade: Annotated[str | None, Meta(description="Of a new-form worker (新就业形态劳动者).")]
    unit: str | None
    department: str | None
    transfer: Annotated[
        UnionView | None, Meta(description="The union that the person asks to be moved to (转会).")
    ]
    transfer_at: datetime | None
    restriction: RestrictionView | None
    suspended: Annotated[bool, Meta(description="Earning, drawing and redeeming are refused (GX-05).")]
    hardship: Annotated[bool, Meta(description="The person is in hardship, and can apply for help (帮扶).")]
    activated_at: Annotated[
        datetime | None, Meta(description="When the person activated as one of a roster.")
    ]
    identities: Annotated[int, Meta(description="By how many keyed hashes the person is known.")]
    erased: Annotated[bool, Meta(description="What was kept of the person was erased on request (GX-07).")]
    position: Annotated[int, Meta(description="The newest event of the membership.")]


class MemberList(Struct):
    """A page of members, the one whose membership changed longest ago first."""

    members: list[MemberSummary]


class WalletPoints(Struct, kw_only=True):
    """Points of the member's wallet, which outlives campaigns (ZG-08)."""

    balance: int
    earned: int
    spent: int


class RightView(Struct, kw_only=True):
    """An entitlement with a start and an end, such as a year of accident cover (ZG-03)."""

    entitlement: str
    name: Annotated[dict[str, str], Meta(description="In zh and en.")]
    campaign: str
    starts: date
    ends: Annotated[date, Meta(description="The last day.")]
    in_force: Annotated[bool, Meta(description="Today is one of its days.")]
    clause: str


class CouponView(Struct, kw_only=True):
    """A voucher (卡券) of the member. Its code is shown under the prize alone."""

    campaign: str
    prize: Annotated[str, Meta(description="What this one is called.")]
    name: Annotated[dict[str, str], Meta(description="In zh and en.")]
    amount: Annotated[int, Meta(description="What it is worth, in unit.")]
    unit: str
    status: str
    won_at: Moment
    redeemed_at: datetime | None
    href: Annotated[str, Meta(description="Where the prize is.")]


class ActivityView(Struct, kw_only=True):
    """A campaign that the member takes part in (我的活动)."""

    campaign: str
    title: Annotated[dict[str, str], Meta(description="In zh and en.")]
    state: Annotated[Literal["upcoming", "running", "ended"], Meta(description="By the ledger's clock.")]
    branch: Annotated[str, Meta(description="Id of the union that the member takes part for.")]
    enrolled_at: Moment
    points: Annotated[int, Meta(description="Of this campaign; the wallet's are not among them.")]
    href: Annotated[str, Meta(description="Where the participant is.")]


class OfferView(Struct, kw_only=True):
    """Something that the member's page leads to."""

    kind: Annotated[
        Literal["sign_in", "draw", "shop", "quiz"],
        Meta(description="签到, 积分抽奖, 福利商城, 多答题赢积分."),
    ]
    campaign: str
    id: Annotated[str, Meta(description="Of the pool or quiz; of the campaign for a sign-in.")]
    name: Annotated[dict[str, str], Meta(description="In zh and en.")]
    href: Annotated[str, Meta(description="Where to read more.")]
    type: Annotated[str, Meta(description="Of the event that is posted to take it up.")]


class ConsentView(Struct, kw_only=True):
    """A document that was agreed to (SJ-02)."""

    document: str
    version: str
    agreed_at: Moment
    campaign: str


class MemberView(MemberSummary, kw_only=True):
    """The member's page (SJ-08): the card, points, rights, coupons, activities, and what there is to do."""

    aliases: Annotated[list[str], Meta(description="Other client ids that were joined to this person.")]
    points: WalletPoints
    rights: Annotated[list[RightView], Meta(description="The newest first.")]
    coupons: Annotated[list[CouponView], Meta(description="The newest first, at most 50.")]
    activities: Annotated[list[ActivityView], Meta(description="The newest enrolment first.")]
    offers: list[OfferView]
    consents: list[ConsentView]


class StepView(Struct, kw_only=True):
    """What became of a person."""

    position: int
    participant: Annotated[str, Meta(description="The client id that it happened to.")]
    what: Annotated[
        str,
        Meta(
            description="applied, approved, refused, transfer_applied, transferred, transfer_refused, corrected,"
            " restricted, restriction_lifted, suspended, released, hardship, hardship_ended, activated, entitled,"
            " entitlement_ended, joined, became, erased."
        ),
    ]
    campaign: str
    branch: str
    from_branch: str
    about: Annotated[
        str, Meta(description="Kind of a restriction, id of an entitlement, the other client id.")
    ]
    actor: Annotated[str, Meta(description="Who did it; empty for the person.")]
    reason: str
    occurred_at: Moment
    recorded_at: Moment


class MemberHistory(Struct):
    """A page of what became of a person, newest first."""

    history: list[StepView]


class MessageView(Struct, kw_only=True):
    """Something that is to be told to a person."""

    position: Annotated[int, Meta(description="Go on after it: `after=` of the next question.")]
    participant: str
    template: Annotated[str, Meta(description="Which message it is.")]
    zh: str
    en: str
    queued_at: Moment


class MessageQueue(Struct):
    """Messages in the order in which they were queued."""

    messages: list[MessageView]


Names = Mapping[str, UnionView]
"""Id of a union, as an event named it → the union that it is now."""


def union_of(id: str, names: Names) -> UnionView | None:
    """A union; None for no id."""
    return names.get(id) or UnionView(id=id, name=id) if id else None


def unions_in(row: MemberRow) -> Iterator[str]:
    """The ids of unions that a row names."""
    yield from filter(None, (row.branch, row.transfer, row.activated_branch))


def summary(row: MemberRow, names: Names, today: date, *, sees_cases: bool) -> MemberSummary:
    """A person as a list shows it, on a day. sees_cases: whether sealed cases are shown."""
    restriction = None
    if row.restricted and (row.restricted_until is None or today <= row.restricted_until):
        kind = SEALED if row.sealed and not sees_cases else row.restricted
        restriction = RestrictionView(kind=kind, sealed=row.sealed, until=row.restricted_until)
    return MemberSummary(
        participant=row.participant,
        status=row.status,  # type: ignore[arg-type]  # the table's own constraint
        union=union_of(row.branch or row.activated_branch or "", names),
        campaign=row.campaign,
        applied_at=row.applied_at,
        reviewed_at=row.reviewed_at,
        ended_at=row.ended_at,
        employment=row.employment,
        trade=row.trade,
        unit=row.unit,
        department=row.department,
        transfer=union_of(row.transfer, names),
        transfer_at=row.transfer_at,
        restriction=restriction,
        suspended=row.suspended,
        hardship=row.hardship,
        activated_at=row.activated_at,
        identities=row.identities,
        erased=row.erased_at is not None,
        position=row.position,
    )


def member_view(
    of: MemberSummary,
    *,
    aliases: Sequence[str],
    wallet: Balance | None,
    rights: Iterable[RightRow],
    coupons: Iterable[CouponRow],
    activities: Iterable[ActivityRow],
    consents: Iterable[ConsentRow],
    rules: Mapping[str, Rulebook],
    now: datetime,
) -> MemberView:
    """The member's page. rules: of the published campaigns, as they are in force."""
    enrolled = list(activities)
    who = of.participant
    return MemberView(
        **{name: getattr(of, name) for name in of.__struct_fields__},
        aliases=list(aliases),
        points=WalletPoints(
            balance=wallet.balance if wallet else 0,
            earned=wallet.earned if wallet else 0,
            spent=wallet.spent if wallet else 0,
        ),
        rights=[_right(row, rules.get(row.campaign), now) for row in rights],
        coupons=[_coupon(row, rules.get(row.campaign)) for row in coupons],
        activities=[_activity(row, who, rules[row.campaign], now) for row in enrolled],
        offers=[offer for row in enrolled for offer in _offers(rules[row.campaign], now)],
        consents=[
            ConsentView(
                document=row.document, version=row.version, agreed_at=row.agreed_at, campaign=row.campaign
            )
            for row in consents
        ],
    )


def step_view(row: Step, *, sees_cases: bool) -> StepView:
    """A step of the history. Of a sealed case nothing is shown but that there is one."""
    hidden = row.sealed and not sees_cases
    return StepView(
        position=row.position,
        participant=row.participant,
        what=row.what,
        campaign=row.campaign,
        branch=row.branch,
        from_branch=row.from_branch,
        about=SEALED if hidden else row.about,
        actor="" if hidden else row.actor,
        reason="" if hidden else row.reason,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )


def message_view(row: MessageRow) -> MessageView:
    """A message that waits."""
    return MessageView(
        position=row.position,
        participant=row.participant,
        template=row.template,
        zh=row.zh,
        en=row.en,
        queued_at=row.queued_at,
    )


def _right(row: RightRow, rules: Rulebook | None, now: datetime) -> RightView:
    known = rules.activation.entitlements if rules and rules.activation else ()
    name = next((each.name for each in known if each.id == row.entitlement), None)
    today = now.astimezone(rules.tz).date() if rules else now.date()
    return RightView(
        entitlement=row.entitlement,
        name={"zh": name.zh, "en": name.en} if name else {},
        campaign=row.campaign,
        starts=row.starts,
        ends=row.ends,
        in_force=row.starts <= today <= row.ends,
        clause=row.clause,
    )


def _coupon(row: CouponRow, rules: Rulebook | None) -> CouponView:
    pool = rules.pool_ids.get(row.pool) if rules else None
    prize = pool.by_id.get(row.outcome) if pool else None
    return CouponView(
        campaign=row.campaign,
        prize=row.prize,
        name={"zh": prize.name.zh, "en": prize.name.en} if prize else {},
        amount=row.amount,
        unit=row.unit,
        status=row.status,
        won_at=row.won_at,
        redeemed_at=row.redeemed_at,
        href=f"/v1/campaigns/{row.campaign}/participants/{row.participant}/prizes/{row.prize}",
    )


def _activity(row: ActivityRow, who: str, rules: Rulebook, now: datetime) -> ActivityView:
    today = now.astimezone(rules.tz).date()
    return ActivityView(
        campaign=row.campaign,
        title={"zh": rules.title.zh, "en": rules.title.en},
        state="upcoming" if today < rules.starts else "ended" if today > rules.ends else "running",
        branch=row.branch,
        enrolled_at=row.enrolled_at,
        points=row.points,
        href=f"/v1/campaigns/{row.campaign}/participants/{who}",
    )


def _offers(rules: Rulebook, now: datetime) -> Iterator[OfferView]:
    """What a campaign that runs offers: its sign-in, draws that points pay for, its shop, its quizzes."""
    if not rules.starts <= now.astimezone(rules.tz).date() <= rules.ends:
        return
    here = f"/v1/campaigns/{rules.id}"
    if rules.sign_in:
        title = {"zh": rules.title.zh, "en": rules.title.en}
        yield OfferView(
            kind="sign_in", campaign=rules.id, id=rules.id, name=title, href=here, type="jifen.signed_in"
        )
    for pool in rules.pools:
        if now < closes_at(pool, rules, trial=False) and (pool.draw == "shop" or pool.cost_points):
            shop = pool.draw == "shop"
            yield OfferView(
                kind="shop" if shop else "draw",
                campaign=rules.id,
                id=pool.id,
                name={"zh": pool.name.zh, "en": pool.name.en},
                href=f"{here}/pools/{pool.id}",
                type="jifen.item_redeemed" if shop else "jifen.draw_requested",
            )
    for quiz in rules.quizzes:
        yield OfferView(
            kind="quiz",
            campaign=rules.id,
            id=quiz.id,
            name={"zh": quiz.name.zh, "en": quiz.name.en},
            href=f"{here}/quizzes/{quiz.id}",
            type="jifen.question_answered",
        )
