"""A pool of 800 and 2,000 attempts at two API processes, one of which is killed on the way."""

import pytest

from ledger.audit import audit
from tests.conftest import Database
from tests.simulation.stampede import Plan, herd, require_right, require_views_agree, stampede

PLAN = Plan(
    people=500,
    draws_each=4,
    stocks=(300, 250, 150, 60, 20, 10, 8, 2),
    connections=40,
    client_processes=1,
)


@pytest.mark.slow
@pytest.mark.rule("JS-09", "SX-19", "GX-01", "GX-02")
def test_a_stampede_on_two_api_processes_one_killed_gives_every_prize_once(database: Database) -> None:
    assert sum(PLAN.stocks) == 800
    with herd(database.url, PLAN) as processes:
        found = stampede(processes, PLAN)
        require_right(database.url, PLAN, found)
        require_views_agree(database.url, PLAN)
    assert any(answer.tries > 1 for answer in found.answers), "the killed process had requests under way"
    assert audit(database.url, database.schema).sound
