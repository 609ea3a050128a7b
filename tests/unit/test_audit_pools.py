"""What an audit of prize pools finds when somebody has tampered with the log, and that it finds nothing else."""

from collections import Counter
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.audit_pools import PoolAudit
from ledger.commands import ReturnPrize
from ledger.events import CampaignPublished, DrawMade, Event, PrizeDrawn
from ledger.fold import State, evolve, initial
from ledger.rulebook_file import load
from tests.given import SX_TEXT, Entry, Story

assert SX_TEXT.count("weight = 4000") == SX_TEXT.count("cost_points = 20") == 1
TEXT = SX_TEXT.replace("weight = 4000", "weight = 4000, stock = 4").replace(
    "cost_points = 20", "cost_points = 1"
)
CHEAPEST = "red-packet-0.30"


def drawn() -> list[Entry]:
    """The log of somebody who has drawn until the cheapest red packets, four of them, are gone."""
    story = Story(load(TEXT)).enrol(at="06-18 10:00").signs_in("06-19 08:00").draws("red-packet")
    for day in ("07-01", "07-02", "07-03"):
        story.signs_in(f"{day} 08:00").syncs(10_000, f"{day} 21:00")
    while story.pool("red-packet").gone.get(CHEAPEST, 0) < 4:
        story.draws("red-packet", "07-03 22:00")
        assert not story.refused
    dear = next(prize for prize in story.enrolment().play.rewards.prizes if prize.outcome != CHEAPEST)
    story.post(ReturnPrize(prize=dear.id, reason="no such account"))
    (published, *log) = story.log
    assert isinstance(published.event, CampaignPublished)
    return [replace(published, event=replace(published.event, text=TEXT)), *log]


def audited(log: list[Entry]) -> list[str]:
    """What the audit says of a log."""
    audit, balances, said = PoolAudit(), Counter[tuple[str, str]](), list[str]()
    states: dict[str, State] = {}
    for entry in log:
        state = states.get(entry.stream, initial(entry.stream))
        said.append(audit.number_fault(state, entry.event))
        audit.see(entry.stream, entry.event)
        states[entry.stream] = evolve(state, entry.event)
        for leg in entry.event.postings:
            balances[leg.account, leg.asset] += leg.amount
    for stream, state in states.items():
        audit.keep(stream, state)
    return [told for told in (*said, *(told for _, told in audit.faults(balances))) if told]


def test_an_honest_log_has_no_faults() -> None:
    assert audited(drawn()) == []


def of(log: list[Entry], kind: type, outcome: str = CHEAPEST) -> int:
    """The place of the newest event of a kind with this outcome."""
    return max(
        n
        for n, entry in enumerate(log)
        if isinstance(entry.event, DrawMade | PrizeDrawn)
        and type(entry.event) is kind
        and entry.event.outcome == outcome
    )


def without(kind: type) -> Callable[[list[Entry]], list[Entry]]:
    def tampered(log: list[Entry]) -> list[Entry]:
        place = of(log, kind)
        return [*log[:place], *log[place + 1 :]]

    return tampered


def twice(log: list[Entry]) -> list[Entry]:
    """One more of the cheapest, told by both sides, with a number of its own."""
    pool, person = log[of(log, PrizeDrawn)], log[of(log, DrawMade)]
    assert isinstance(pool.event, PrizeDrawn)
    assert isinstance(person.event, DrawMade)
    return [
        *log,
        replace(person, event=replace(person.event, number=person.event.number + 1)),
        replace(pool, event=replace(pool.event, number=pool.event.number + 1)),
    ]


def cheaper_rules(log: list[Entry]) -> list[Entry]:
    """Rules of which nobody knew: fewer packets, and a budget."""
    (published, *rest) = log
    assert isinstance(published.event, CampaignPublished)
    text = TEXT.replace("stock = 4", "stock = 2").replace("cost_points = 1", "cost_points = 1\nbudget = 100")
    return [replace(published, event=replace(published.event, text=text)), *rest]


def other_outcome(log: list[Entry]) -> list[Entry]:
    """The pool says of one draw that something dear came out."""
    place = of(log, PrizeDrawn)
    told = log[place].event
    assert isinstance(told, PrizeDrawn)
    forged = replace(log[place], event=replace(told, outcome="red-packet-50"))
    return [*log[:place], forged, *log[place + 1 :]]


def with_other(kind: type[Event], /, **members: object) -> Callable[[list[Entry]], list[Entry]]:
    """The newest event of a kind says something else."""

    def tampered(log: list[Entry]) -> list[Entry]:
        place = max(n for n, entry in enumerate(log) if type(entry.event) is kind)
        return [
            *log[:place],
            replace(log[place], event=replace(log[place].event, **members)),
            *log[place + 1 :],
        ]

    return tampered


def of_another(kind: type[Event]) -> Callable[[list[Entry]], list[Entry]]:
    """The newest event of a kind stands in the stream of another participant."""

    def tampered(log: list[Entry]) -> list[Entry]:
        place = max(n for n, entry in enumerate(log) if type(entry.event) is kind)
        moved = replace(log[place], stream=f"somebody@{log[place].stream.rpartition('@')[2]}")
        return [*log[:place], moved, *log[place + 1 :]]

    return tampered


def both_dearer(log: list[Entry]) -> list[Entry]:
    """Both sides agree on an amount that the rules do not give."""
    return with_other(DrawMade, amount=7)(with_other(PrizeDrawn, amount=7)(log))


UNLIKE = "do not say the same of it"


@pytest.mark.rule("GX-02", "GX-06", "JS-09")
@pytest.mark.parametrize(
    ("tampered", "found"),
    [
        (without(DrawMade), "-1 more draws by participants"),
        (without(PrizeDrawn), "1 more draws by participants"),
        (twice, "5 of red-packet-0.30 have left the pool, more than there were"),
        (cheaper_rules, "4 of red-packet-0.30 have left the pool, more than there were"),
        (cheaper_rules, "fen of the budget are spent, more than there were"),
        (other_outcome, "red-packet-50: -1 more draws"),
        (other_outcome, UNLIKE),
        (with_other(PrizeDrawn, participant="p-9"), UNLIKE),
        (with_other(PrizeDrawn, amount=7), UNLIKE),
        (with_other(PrizeDrawn, id="another request"), UNLIKE),
        (with_other(DrawMade, amount=7), UNLIKE),
        (with_other(DrawMade, outcome="red-packet-50"), UNLIKE),
        (with_other(DrawMade, prize="red-packet.77"), UNLIKE),
        (with_other(DrawMade, kind="goods"), "is goods of"),
        (of_another(DrawMade), UNLIKE),
        (both_dearer, "of 7 fen, not what the rules give"),
        (with_other(PrizeDrawn, rules=9), "version 9 of the rules has no prize"),
    ],
)
def test_what_was_tampered_with_is_found(tampered: Callable[[list[Entry]], list[Entry]], found: str) -> None:
    told = audited(tampered(drawn()))
    assert any(found in each for each in told), told


def test_a_draw_that_is_dropped_in_the_middle_leaves_a_gap_in_the_numbers() -> None:
    log = drawn()
    first = next(n for n, e in enumerate(log) if isinstance(e.event, PrizeDrawn) and not e.event.trial)
    told = audited([*log[:first], *log[first + 1 :]])
    assert "draw 2 follows 0" in told
