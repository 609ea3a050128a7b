"""Rulebook tables of standing programmes: membership, activation, wallets, quizzes, occasions, funds, help.

They are parts of ``rulebook.Rulebook``; each says which clause it comes from.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta

from ledger.rulebook_base import Clause, Duration, Positive, PrizeId, Rules, Slug, Text, Words


class Document(Rules, frozen=True, kw_only=True):
    """A text that applicants agree to, such as the application (入会申请书). version: that is in force."""

    id: Slug
    name: Words
    version: Text
    clause: Clause


class Application(Rules, frozen=True, kw_only=True):
    """Joining a union by oneself (入会): first in, then reviewed. Source: SJ-01 … SJ-07.

    documents: what must be agreed to. employment: the types of employment that can be named (就业类型); of those in
    trade_for the trade must be named too, one of trades. names: what a form calls these types and trades.
    restricted_clause: of the restriction after abuse.
    """

    clause: Clause
    consent_clause: Clause
    review_clause: Clause
    transfer_clause: Clause
    restricted_clause: Clause
    place_clause: Clause
    documents: tuple[Document, ...] = ()
    employment: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    trade_for: tuple[Slug, ...] = ()
    trades: tuple[Slug, ...] = ()
    names: dict[str, Words] = {}  # noqa: RUF012  # msgspec copies it


class Entitlement(Rules, frozen=True, kw_only=True):
    """A right with a start and an end, such as a year of accident cover. months: how long it lasts.

    Source: ZG-03.
    """

    id: Slug
    name: Words
    months: Positive
    clause: Clause


class Activation(Rules, frozen=True, kw_only=True):
    """Becoming a participant by being on the roster (激活). who_to_ask: what others are told.

    Source: ZG-01 … ZG-03.
    """

    clause: Clause
    roster_clause: Clause
    who_to_ask: Words
    entitlements: tuple[Entitlement, ...] = ()


class Wallet(Rules, frozen=True, kw_only=True):
    """The points of this programme lie in the member's wallet, which outlives it. Source: ZG-08.

    begins: from when earned points can be spent. lasts: how long after that they expire, rounded up to the end of
    the day, month or year; none = never. spend: which points go first.
    """

    clause: Clause
    begins: Literal["at_once", "next_day"] = "at_once"
    lasts: Duration | None = None
    until_end_of: Literal["day", "month", "year"] = "month"
    spend: Literal["expiring_first", "earned_first"] = "expiring_first"
    expiry_clause: Clause | None = None


class QuizQuestion(Rules, frozen=True, kw_only=True):
    """A question of a quiz. The right answer is never shown."""

    id: PrizeId
    text: Text
    choices: dict[str, Text] = {}  # noqa: RUF012  # msgspec copies it
    answer: Text


class Quiz(Rules, frozen=True, kw_only=True):
    """Questions with an id of their own (百题问答, 每日一题). Each counts once, when it is first answered right.

    daily: one question a day, in their order from the first day on and over again; only that day's can be answered.
    tries: how often a person may try a question (of a daily one: that day); none = until it is right.
    """

    id: Slug
    name: Words
    clause: Clause
    daily: bool = False
    tries: Positive | None = None
    questions: Annotated[tuple[QuizQuestion, ...], Meta(min_length=1, max_length=2000)]


class Occasion(Rules, frozen=True, kw_only=True):
    """Something on site whose attendance organisers record, such as an offline walk. Source: EC-14."""

    id: Slug
    name: Words
    clause: Clause
    starts: date
    ends: date


class Fund(Rules, frozen=True, kw_only=True):
    """Money that is collected for something, and never pays out more than it holds.

    Source: EC-07, EC-13, ZG-10.

    groups: a fund for each union of these groups; none = one for all. projects: the most that a union may put forward.
    """

    id: Slug
    name: Words
    clause: Clause
    groups: tuple[Slug, ...] = ()
    projects: Positive | None = None
    project_clause: Clause | None = None


class Donation(Rules, frozen=True, kw_only=True):
    """What a sponsor gives for the steps that a participant has walked. amount: fen for every ``every``.

    Source: EC-07.
    """

    fund: Slug
    sponsor: Words
    every: Positive
    amount: Positive
    clause: Clause


class Hardship(Rules, frozen=True, kw_only=True):
    """Help for members in hardship (帮扶). most: fen that one grant can have. Source: ZG-10."""

    fund: Slug
    clause: Clause
    most: Positive | None = None


class Gift(Rules, frozen=True, kw_only=True):
    """A promotion: one prize of the pool for each of these inside a period. Source: ZG-04."""

    on: Literal["activation", "application"]
    begins: datetime
    ends: datetime


class Score(Rules, frozen=True, kw_only=True):
    """How unions are scored, in percent of participation and of attainment. Source: EC-09.

    by_day: whether attainment (attained member-days for each member taking part) is divided by the days so far too.
    """

    clause: Clause
    participation: Annotated[int, Meta(ge=0, le=100)] = 50
    attainment: Annotated[int, Meta(ge=0, le=100)] = 50
    by_day: bool = False


class Honour(Rules, frozen=True, kw_only=True):
    """A certificate for the first of a frozen board. Source: EC-10."""

    first: Positive
    name: Words
    clause: Clause
