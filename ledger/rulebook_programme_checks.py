"""What the tables of standing programmes ask of each other and of the rest of a rulebook. Part of ``rulebook_checks``.

Joining, activation, the wallet, quizzes, occasions, funds and scores. Pure, and written for a sound rulebook like the
other checks: FAULTY agrees with all of them.
"""

import re
from collections.abc import Container, Iterable, Iterator

from ledger.rulebook import Rulebook
from ledger.rulebook_base import seconds
from ledger.rulebook_findings import (
    contradiction,
    duration,
    has_group,
    is_absent,
    is_stated,
    missing,
    names,
    needs,
    twice,
    unknown,
)
from ledger.rulebook_programmes import Quiz
from ledger.rulebook_shape import FAULTY, Finding
from ledger.toml_lines import Place

OF_CHECKPOINTS = re.compile(r"cp-[0-9]+")
"""What the questions of checkpoints are called, so that no other may be."""


def check_joining(book: Rulebook) -> Iterator[Finding]:
    """Who comes in, and how: by applying, or by being on a roster."""
    if book.application and book.activation:
        detail = "A programme that anybody can apply to is not only for those of a roster; they are two programmes."
        yield contradiction(("activation",), detail)
    yield from _application(book)
    if book.activation:
        place: Place = ("activation", "entitlements")
        yield from twice(((*place, n, "id"), each.id) for n, each in enumerate(book.activation.entitlements))


def _application(book: Rulebook) -> Iterator[Finding]:
    application = book.application
    if not application:
        return
    documents: Place = ("application", "documents")
    yield from twice(((*documents, n, "id"), each.id) for n, each in enumerate(application.documents))
    for member in ("employment", "trade_for", "trades"):
        said: Iterable[str] = getattr(application, member)
        yield from twice((("application", member, n), each) for n, each in enumerate(said))
    for number, each in enumerate(application.trade_for):
        if application.employment is not FAULTY and is_absent(each, _sound(application.employment)):
            yield unknown(("application", "trade_for", number), "type of employment", each)
    if application.trade_for and application.trades == ():
        why = "who is of a type of employment in trade_for must name one"
        yield missing(("application", "trades"), why)
    if application.trades and application.trade_for == ():
        yield contradiction(("application", "trades"), "No type of employment in trade_for asks for a trade.")
    if FAULTY in (application.employment, application.trades):
        return
    known = _sound((*application.employment, *application.trades))
    for name in application.names:
        if is_absent(name, known):
            yield unknown(("application", "names", name), "type of employment or trade", name)


def _sound(said: Iterable[str]) -> Container[str]:
    """The names of an array; anything may be one when not all could be read."""
    found = list(said)
    sound: Container[str] = FAULTY if any(each is FAULTY for each in found) else found
    return sound


def check_wallet(book: Rulebook) -> Iterator[Finding]:
    """A wallet outlives its programme, so nothing in it can count for nothing afterwards."""
    wallet = book.wallet
    if not wallet:
        return
    if book.trial:
        detail = "Points in a wallet stay with the member, but nothing from a trial may count afterwards."
        yield contradiction(("wallet",), detail)
    if wallet.lasts is None and is_stated(wallet.expiry_clause):
        yield contradiction(("wallet", "expiry_clause"), "It is the clause of lasts, which is not there.")
    if wallet.lasts is not None and wallet.lasts is not FAULTY and not seconds(wallet.lasts):
        yield contradiction(("wallet", "lasts"), "Points that last for no time can never be spent.")


def check_quizzes(book: Rulebook) -> Iterator[Finding]:
    """An answer names its question and nothing else, so no two questions of a rulebook have one id."""
    ids: list[tuple[Place, str]] = []
    for index, quiz in enumerate(book.quizzes):
        place: Place = ("quizzes", index, "questions")
        ids += [((*place, number, "id"), each.id) for number, each in enumerate(quiz.questions)]
        yield from _answers(quiz, place)
    for at, id_ in ids:
        if id_ is not FAULTY and OF_CHECKPOINTS.fullmatch(id_):
            detail = f"{id_} is what a checkpoint's question is called; a quiz needs ids of its own."
            yield Finding(at, "duplicate", detail)
    yield from twice(ids)


def _answers(quiz: Quiz, place: Place) -> Iterator[Finding]:
    for number, question in enumerate(quiz.questions):
        if question is not FAULTY and question.choices and is_absent(question.answer, question.choices):
            detail = f"The answer is none of the choices {', '.join(question.choices)}."
            yield Finding((*place, number, "answer"), "unknown_reference", detail)


def check_doings(book: Rulebook) -> Iterator[Finding]:
    """Occasions lie inside the campaign; a late doing counts on a day that is still kept."""
    yield from duration(("late",), book.late)
    for index, occasion in enumerate(book.occasions):
        place: Place = ("occasions", index)
        if occasion.starts > occasion.ends:
            detail = f"It is {occasion.ends}, before the first day, {occasion.starts}."
            yield contradiction((*place, "ends"), detail)
        if occasion.starts < book.starts:
            detail = f"It is {occasion.starts}, before the campaign starts on {book.starts}."
            yield contradiction((*place, "starts"), detail)
        if occasion.ends > book.ends:
            detail = f"It is {occasion.ends}, after the campaign's last day, {book.ends}."
            yield contradiction((*place, "ends"), detail)


def check_funds(book: Rulebook) -> Iterator[Finding]:
    """Funds, what comes into them, and what is paid from them."""
    funds = names(book.funds)
    for index, fund in enumerate(book.funds):
        yield from check_groups(book, fund.groups, ("funds", index, "groups"))
        if is_stated(fund.project_clause) and fund.projects is None:
            detail = "It is the clause of projects, which is not there."
            yield contradiction(("funds", index, "project_clause"), detail)
    for index, donation in enumerate(book.donations):
        if is_absent(donation.fund, funds):
            yield unknown(("donations", index, "fund"), "fund", donation.fund)
        yield from needs(book, ("donations", index, "every"), "A donation for steps", "steps")
    yield from twice((("donations", index, "fund"), each.fund) for index, each in enumerate(book.donations))
    if not book.hardship:
        return
    if is_absent(book.hardship.fund, funds):
        yield unknown(("hardship", "fund"), "fund", book.hardship.fund)


def check_score(book: Rulebook) -> Iterator[Finding]:
    """The parts of a score make the whole."""
    score = book.score
    if not score:
        return
    yield from needs(book, ("score", "clause"), "A score", "steps")
    total = score.participation + score.attainment
    if total is not FAULTY and total != 100:
        detail = f"{score.participation} and {score.attainment} percent make {total}, not 100."
        yield contradiction(("score", "participation"), detail)


def check_groups(book: Rulebook, groups: Iterable[str], place: Place) -> Iterator[Finding]:
    """Groups of unions are those of the rulebook's own, unless any union of the ledger's tree can be named."""
    said = [((*place, index), group) for index, group in enumerate(groups)]
    for at, group in said:
        if not has_group(book, group):
            yield unknown(at, "group of branches", group)
    yield from twice(said)
