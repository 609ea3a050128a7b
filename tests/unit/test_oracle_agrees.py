"""The core and the oracle play the same campaigns and agree, event by event and at the end."""

import ast
import inspect
import random
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ledger.refusals import REFUSALS
from ledger.rulebook_file import load
from tests import oracle
from tests.oracle import CHINA, RULEBOOK, Answer, Event, Oracle, OracleResult, play
from tests.simulation import campus
from tests.simulation.core import Core
from tests.simulation.workload import batches, generate
from tests.strategies import MODEST, histories

SX_TEXT = RULEBOOK.read_text(encoding="utf-8")
JS_TEXT = campus.small_text()
PUBLISHED = {"sx-2019": "2019-06-01T08:00:00+08:00", "js-2023": "2023-10-01T08:00:00+08:00"}
FROZEN = datetime(2023, 11, 9, 0, 10, tzinfo=CHINA)

OF_OPERATORS = {
    *(
        "campaign_exists",
        "campaign_unknown",
        "amendment_not_allowed",
        "nothing_to_reverse",
        "already_reversed",
    ),
    *("day_still_open", "chance_still_open", "prize_step_not_allowed", "pool_still_open", "seal_broken"),
    *(
        "draw_already_sealed",
        "beacon_not_in_future",
        "draw_not_sealed",
        "board_unknown",
        "board_still_moving",
    ),
    *("board_frozen_already", "place_not_proven", "voucher_line_empty", "voucher_twice", "voucher_known"),
    *("no_voucher_left", "day_not_over"),
}
"""Codes that no app can meet."""

ELSEWHERE = {
    *("prize_unknown", "address_not_needed", "address_already_submitted", "address_not_in_mainland"),
    *("not_a_member", "draws_used_up"),
}
"""Codes that an app can meet, but not here: nobody gives an address, and neither campaign has such a rule."""


def agree(events: list[Event], text: str, note: str) -> tuple[OracleResult, Core]:
    """Play a campaign on both and compare, also what came out of the draws."""
    rules = load(text)
    core, expected = Core(rules, PUBLISHED[rules.id]), play(events, text)
    for number, (event, answer) in enumerate(zip(events, expected.answers, strict=True)):
        assert core.post(event) == answer, f"{note}: event {number}: {event}"
    for who, standing in expected.participants.items():
        assert core.standing(who) == standing, f"{note}: {who}"
    for team, where in expected.teams.items():
        assert core.team(team) == where, f"{note}: {team}"
    assert not core.wrong_outcomes(tomllib.loads(text)), note
    return expected, core


@pytest.mark.slow
@pytest.mark.rule(
    "SX-01", "SX-03", "SX-05", "SX-06", "SX-07", "SX-08", "SX-09", "SX-11", "SX-12", "SX-13", "SX-14", "SX-15",
    "SX-16", "SX-17", "SX-18", "SX-20", "SX-22",
)  # fmt: skip
def test_two_hundred_people_in_a_hundred_days_end_as_the_oracle_says() -> None:
    expected, core = agree(generate(seed=2019, people=200, days=100), SX_TEXT, "seed 2019")
    standings = expected.participants.values()
    assert len(standings) > 180
    assert max(len(standing.passed) for standing in standings) == 13
    badges = Counter(badge for standing in standings for badge in standing.badges)
    assert {"full-attendance", "with-the-motherland"} <= set(badges)
    teams = expected.teams.values()
    assert {1, 4, 5, 6} <= {len(team.members) for team in teams}
    assert max(team.days_attained for team in teams if len(team.members) == 6) > 20
    assert len({draw.outcome for draw in core.draws()}) == 8, "all amounts came up"


@pytest.mark.rule("GX-01", "GX-04")
def test_any_seed_ends_as_the_oracle_says() -> None:
    seed = random.randrange(10**9)
    agree(generate(seed, people=12, days=100), SX_TEXT, f"seed {seed} of 12 × 100")


@pytest.mark.rule("JS-02", "JS-03", "JS-04", "JS-08", "JS-09", "JS-13")
@pytest.mark.parametrize("seed", [2023, None], ids=str)
def test_a_week_of_jiangsu_ends_as_the_oracle_says(seed: int | None) -> None:
    seed = random.randrange(10**9) if seed is None else seed
    events = campus.generate(seed, people=150)
    last = next(number for number, event in enumerate(events) if moment(event) >= FROZEN)
    expected, core = agree(events[:last], JS_TEXT, f"seed {seed}")
    won = Counter(draw.outcome for draw in core.draws())
    assert sum(won.values()) <= campus.PACKETS
    if any(answer.code == "pool_empty" for answer in expected.answers):
        assert sum(won.values()) == campus.PACKETS


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
@pytest.mark.rule("SX-03", "SX-14", "SX-16", "SX-17", "SX-18")
def test_any_history_of_small_teams_ends_as_the_oracle_says(events: list[Event]) -> None:
    agree(events, MODEST, "a history")


def refused(answers: list[Answer]) -> set[str]:
    return {answer.code for answer in answers if answer.status == "refused"}


def test_the_workloads_meet_every_refusal_of_an_app_and_every_status() -> None:
    answers = play(generate(seed=7, people=150, days=100)).answers
    others = play(campus.generate(seed=7, people=150), JS_TEXT).answers
    of_campaigns = {r.CODE for r in REFUSALS if r.__module__ == "ledger.refusals"}
    assert refused(answers) | refused(others) == of_campaigns - OF_OPERATORS - ELSEWHERE
    assert {answer.status for answer in answers} == {"accepted", "refused", "invalid", "conflict"}
    assert any(answer.repeat for answer in answers)


def test_somebody_draws_with_nineteen_points() -> None:
    model, balances = Oracle(), set()
    for event in generate(seed=7, people=40, days=100):
        answer = model.post(event)
        if answer.code == "not_enough_points" and not answer.repeat:
            balances.add(model.standing(event["subject"]).points)
    assert {0, 19} <= balances


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert generate(seed=1, people=3, days=20) == generate(seed=1, people=3, days=20)
    assert generate(seed=1, people=3, days=20) != generate(seed=2, people=3, days=20)


def moment(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def test_batches_lose_nothing_and_do_not_cross_midnight() -> None:
    events = generate(seed=3, people=20, days=10)
    found = list(batches(events, 50))
    assert [event for batch in found for event in batch] == events
    assert all(0 < len(batch) <= 50 for batch in found)
    newest = datetime.min.replace(tzinfo=CHINA)
    for batch in found:
        newest = max(newest, moment(batch[0]))
        day = newest.astimezone(CHINA).date()
        newest = max([newest, *map(moment, batch)])
        assert newest.astimezone(CHINA).date() == day


def test_the_oracle_shares_no_code_with_the_ledger() -> None:
    modules: set[str] = set()
    for file in Path(inspect.getsourcefile(oracle) or "").parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {
            name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
        }
    foreign = {module for module in modules if module.partition(".")[0:1] != ("tests",)}
    assert foreign == {
        "json",
        "tomllib",
        "datetime",
        "pathlib",
        "typing",
        "fractions",
        "functools",
        "collections.abc",
        "contextlib",
        "unicodedata",
    }
    assert all(module.startswith("tests.oracle") for module in modules - foreign if module != "tests")
