"""What a campaign has besides walking, as the API shows it: joining, quizzes, occasions, funds. Never an answer."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger import rulebook_programmes
from ledger.rulebook import Rulebook
from ledger.rulebook_base import Words


class TwoLanguages(Struct):
    """A text in both languages."""

    zh: Annotated[str, Meta(description="Chinese.")]
    en: Annotated[str, Meta(description="English.")]


class QuizQuestion(Struct, kw_only=True):
    """A question of a quiz as participants see it."""

    id: Annotated[str, Meta(description="As in jifen.question_answered.")]
    text: str
    choices: Annotated[dict[str, str], Meta(description="Letter → text; empty for an open question.")]


class QuizOffered(Struct, kw_only=True):
    """A quiz (百题问答), or a question of the day (每日一题)."""

    id: str
    name: TwoLanguages
    clause: str
    daily: Annotated[
        bool, Meta(description="One question a day, in this order from the first day on and over again.")
    ]
    tries: Annotated[int | None, Meta(description="How often a question can be tried; null for any number.")]
    questions: Annotated[
        list[QuizQuestion], Meta(description="None of a quiz with a question a day: see …/quizzes/{quiz}.")
    ]


class OccasionOffered(Struct, kw_only=True):
    """Something on site whose attendance organisers record."""

    id: str
    name: TwoLanguages
    clause: str
    starts: date
    ends: date


class FundOffered(Struct, kw_only=True):
    """Money that is collected for something."""

    id: str
    name: TwoLanguages
    clause: str
    groups: Annotated[
        list[str], Meta(description="One fund for each union of these groups; empty: one for all.")
    ]
    projects: Annotated[int | None, Meta(description="The most that a union may put forward.")]


class DonationOffered(Struct, kw_only=True):
    """What a sponsor gives for steps."""

    fund: str
    sponsor: TwoLanguages
    every: Annotated[int, Meta(description="Counted steps of a participant.")]
    amount: Annotated[int, Meta(description="Fen for so many steps.")]
    clause: str


class Eligibility(Struct, kw_only=True):
    """Who may take part; others are told how to join."""

    clause: str
    groups: Annotated[list[str], Meta(description="Groups of unions; empty for all.")]
    branches: Annotated[list[str], Meta(description="Unions, with those below them; empty for all.")]
    standing: Annotated[
        Literal["any", "reviewed"] | None,
        Meta(description="Of the membership in the ledger; null if not asked."),
    ]
    how_to_join: TwoLanguages


class Choice(Struct, kw_only=True):
    """A type of employment, or a trade."""

    id: str
    name: TwoLanguages | None


class DocumentOffered(Struct, kw_only=True):
    """A text that applicants agree to."""

    id: str
    name: TwoLanguages
    version: str


class ApplicationOffered(Struct, kw_only=True):
    """What an application for membership (入会申请) asks for."""

    clause: str
    documents: list[DocumentOffered]
    employment: list[Choice]
    trade_for: Annotated[list[str], Meta(description="Types of employment that name a trade too.")]
    trades: list[Choice]


class EntitlementOffered(Struct, kw_only=True):
    """A right that comes with activation."""

    id: str
    name: TwoLanguages
    months: int
    clause: str


class ActivationOffered(Struct, kw_only=True):
    """Becoming a participant by being on the roster (激活)."""

    clause: str
    who_to_ask: TwoLanguages
    entitlements: list[EntitlementOffered]


class WalletTerms(Struct, kw_only=True):
    """The points of this programme are the member's own, and outlive it."""

    clause: str
    begins: Literal["at_once", "next_day"]
    lasts: Annotated[str | None, Meta(description="Like 365d; null: they do not expire.")]
    until_end_of: Literal["day", "month", "year"]


class HelpOffered(Struct, kw_only=True):
    """Help for members in hardship (帮扶)."""

    clause: str
    fund: str
    most: Annotated[int | None, Meta(description="Fen that one grant can have; null for no limit.")]


class ScoreOfUnits(Struct, kw_only=True):
    """How unions are scored, in percent of participation and of attainment."""

    clause: str
    participation: int
    attainment: int
    by_day: Annotated[bool, Meta(description="Whether attainment is divided by the days so far.")]


class Programme(Struct, kw_only=True):
    """What a campaign has besides walking."""

    eligibility: Eligibility | None = None
    application: ApplicationOffered | None = None
    activation: ActivationOffered | None = None
    wallet: WalletTerms | None = None
    quizzes: list[QuizOffered] = []
    occasions: list[OccasionOffered] = []
    funds: list[FundOffered] = []
    donations: list[DonationOffered] = []
    hardship: HelpOffered | None = None
    score: ScoreOfUnits | None = None


def both(words: Words) -> TwoLanguages:
    """A rulebook's text as the API shows it."""
    return TwoLanguages(words.zh, words.en)


def programme_of(book: Rulebook) -> Programme:
    """What a rulebook has besides walking; right answers are left out."""
    return Programme(
        eligibility=_eligibility(book),
        application=_application(book),
        activation=_activation(book),
        wallet=_wallet(book),
        quizzes=_quizzes(book),
        occasions=[
            OccasionOffered(id=o.id, name=both(o.name), clause=o.clause, starts=o.starts, ends=o.ends)
            for o in book.occasions
        ],
        funds=[
            FundOffered(
                id=fund.id,
                name=both(fund.name),
                clause=fund.clause,
                groups=list(fund.groups),
                projects=fund.projects,
            )
            for fund in book.funds
        ],
        donations=[
            DonationOffered(
                fund=d.fund, sponsor=both(d.sponsor), every=d.every, amount=d.amount, clause=d.clause
            )
            for d in book.donations
        ],
        hardship=_hardship(book),
        score=_score(book),
    )


def _hardship(book: Rulebook) -> HelpOffered | None:
    help_ = book.hardship
    if help_ is None:
        return None
    return HelpOffered(clause=help_.clause, fund=help_.fund, most=help_.most)


def _score(book: Rulebook) -> ScoreOfUnits | None:
    score = book.score
    if score is None:
        return None
    return ScoreOfUnits(
        clause=score.clause,
        participation=score.participation,
        attainment=score.attainment,
        by_day=score.by_day,
    )


def _eligibility(book: Rulebook) -> Eligibility | None:
    asked = book.membership
    if asked is None:
        return None
    return Eligibility(
        clause=asked.clause,
        groups=list(asked.groups),
        branches=list(asked.branches),
        standing=asked.standing,
        how_to_join=both(asked.how_to_join),
    )


def _application(book: Rulebook) -> ApplicationOffered | None:
    asked = book.application
    if asked is None:
        return None
    names = {id: both(words) for id, words in asked.names.items()}
    return ApplicationOffered(
        clause=asked.clause,
        documents=[DocumentOffered(id=d.id, name=both(d.name), version=d.version) for d in asked.documents],
        employment=[Choice(id=id, name=names.get(id)) for id in asked.employment],
        trade_for=list(asked.trade_for),
        trades=[Choice(id=id, name=names.get(id)) for id in asked.trades],
    )


def _activation(book: Rulebook) -> ActivationOffered | None:
    asked = book.activation
    if asked is None:
        return None
    return ActivationOffered(
        clause=asked.clause,
        who_to_ask=both(asked.who_to_ask),
        entitlements=[
            EntitlementOffered(id=each.id, name=both(each.name), months=each.months, clause=each.clause)
            for each in asked.entitlements
        ],
    )


def _wallet(book: Rulebook) -> WalletTerms | None:
    wallet = book.wallet
    if wallet is None:
        return None
    return WalletTerms(
        clause=wallet.clause, begins=wallet.begins, lasts=wallet.lasts, until_end_of=wallet.until_end_of
    )


def _quizzes(book: Rulebook) -> list[QuizOffered]:
    return [
        QuizOffered(
            id=quiz.id,
            name=both(quiz.name),
            clause=quiz.clause,
            daily=quiz.daily,
            tries=quiz.tries,
            questions=[] if quiz.daily else [_question(each) for each in quiz.questions],
        )
        for quiz in book.quizzes
    ]


def _question(question: rulebook_programmes.QuizQuestion) -> QuizQuestion:
    return QuizQuestion(id=question.id, text=question.text, choices=question.choices)
