"""Forecasts: the ledger's own decisions over a sample of people, scaled up with their error, the same for a seed."""

import random
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from api.cli.campaign import campaign
from api.cli.simulate import HABITS
from api.forecast.forecast import Figure, Forecast, Runs, forecast, played_people
from api.forecast.people import Habits, sample
from api.forecast.playing import Play, scaled
from ledger.posting import POINTS
from ledger.rulebook import Rulebook
from ledger.rulebook_file import load
from tests.small_programme import PROGRAMME
from tests.small_rulebook import SMALL

RULEBOOKS = Path(str(files("ledger"))) / "rulebooks"
JS = load((RULEBOOKS / "js-2023.toml").read_bytes())
SX = load((RULEBOOKS / "sx-2019.toml").read_bytes())
EC = load((RULEBOOKS / "ec-2018.toml").read_bytes())
ZG = load((RULEBOOKS / "zg.toml").read_bytes())
ALWAYS = Habits(opens=1, teams=1, draws=1, shops=0, buys=1, right=1, posts=1, enters=1)


def pool_of(found: Forecast, id: str) -> dict[str, Figure]:
    """What was given of each prize of a pool."""
    (pool,) = (pool for pool in found.pools if pool.pool == id)
    return {prize.prize: prize.given for prize in pool.prizes}


def test_the_sample_is_the_one_that_ships() -> None:
    found = sample()
    assert len(found.people) == 17
    assert sum(steps is not None for days in found.people for steps in days) == 988
    assert (len(found.syncs), sum(map(len, found.syncs))) == (55, 1025)
    assert found.walked[-1] == 1
    assert list(found.walked) == sorted(found.walked)
    assert found.share_by(0) == 0
    assert found.share_by(20 * 3600) < found.share_by(21 * 3600) < 1


def test_syncs_are_at_real_times_inside_the_window() -> None:
    rng, found = random.Random(1), sample()
    evening = [found.last_sync(20 * 3600, 24 * 3600, rng) for _ in range(200)]
    assert all(20 * 3600 <= at < 24 * 3600 for at in evening)
    assert set(evening) <= {at for day in found.syncs for at in day}
    assert 100 <= found.last_sync(100, 200, rng) < 200, "nobody of the sample synced then; any time will do"


def test_the_same_seed_gives_the_same_figures_and_another_gives_others() -> None:
    first, again, other = (forecast(JS, 60, 3, seed=seed, runs=2) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_is_forecast_of_everybody_is_what_the_decisions_gave() -> None:
    rng = random.Random("1/0")
    play = Play(SX, sample(), ALWAYS, 12, 1, rng)
    play.begin()
    for number in range(4):
        play.day(number)
    play.end()
    people = [f"f-{number:06}" for number in range(12)]
    balance = sum(play.game.enrolment(who).play.balance for who in people)
    counts = play.tally.counts
    earned = sum(count for key, count in counts.items() if key[0] == "points")
    assert earned - counts["spent", POINTS] == balance
    assert counts["done", "sign_ins"] == 12 * 4
    assert counts["points", "team-filled"] == 2 * 20
    assert counts["done", "attained_days"] == sum(play.game.enrolment(who).play.attained for who in people)
    assert not [key for key in counts if key[0] == "refused"]


def test_stocks_are_scaled_to_the_people_who_play_and_figures_back_to_all() -> None:
    found = forecast(JS, 10_000, 7, played=60, runs=3, habits=ALWAYS)
    assert (found.played, found.scale, found.runs) == (60, 10_000 / 60, 3)
    assert found.done["sign_ins"].mean == pytest.approx(70_000)
    packets = next(pool for pool in found.pools if pool.pool == "red-packet")
    assert packets.draws.mean == pytest.approx(40_000, rel=0.05)
    assert packets.draws.mean + packets.unserved.mean == pytest.approx(70_000)
    assert not any(prize.enough for prize in packets.prizes)
    assert sum(prize.needed.mean for prize in packets.prizes) == pytest.approx(70_000, rel=0.05)
    assert packets.cost.mean == pytest.approx(4_020_000, rel=0.3)
    assert all(prize.given.high <= (prize.stock or 0) for prize in packets.prizes)


def test_a_part_of_a_stock_is_rounded_by_lot_and_right_on_average() -> None:
    def stocks(seed: int) -> int:
        rules = scaled(JS, 0.013, random.Random(seed))
        return rules.pool_ids["red-packet"].by_id["red-packet-50"].stock or 0

    drawn = [stocks(seed) for seed in range(400)]
    assert set(drawn) == {0, 1}
    assert sum(drawn) / 400 == pytest.approx(40 * 0.013, abs=0.1)
    assert scaled(JS, 1, random.Random(1)) is JS


def test_more_runs_make_a_mean_more_certain_but_not_the_campaign_itself() -> None:
    key = ("points", "steps")
    two, eight = (Runs([{key: 8}, {key: 12}] * times, 1).figure(*key) for times in (1, 4))
    assert (two.mean, eight.mean) == (10, 10)
    assert two.error == pytest.approx(12.71 * 2)
    assert eight.error == pytest.approx(2.36 * (32 / 7) ** 0.5 / 8**0.5)
    assert two.high > eight.high > 10 + (32 / 7) ** 0.5
    # A sample of a hundredth is scaled up; a hundred such samples together differ less than each alone.
    scaled_up = Runs([{key: 8}, {key: 12}] * 4, 100).figure(*key)
    assert scaled_up.mean == 1000
    assert scaled_up.error == pytest.approx(100 * eight.error)


@pytest.mark.rule("EC-05", "EC-07", "EC-08")
def test_entries_donations_and_certificates_are_forecast() -> None:
    found = forecast(EC, 20, 20, runs=2, habits=ALWAYS)
    assert found.donations["volunteer-projects"].mean > 0
    assert found.badges["certificate"].mean > 0
    entries = {pool.pool: pool.draws.mean for pool in found.pools}
    assert entries["quiz"] == 20 * 10, "all answer a hundred questions in twenty days, and rightly"
    assert entries["health"] > 100
    assert pool_of(found, "health")["waist-bag"].mean == 20, "there are more than enough, and each wins once"


@pytest.mark.rule("ZG-03", "ZG-04", "ZG-07")
def test_activations_gifts_and_what_is_bought_are_forecast() -> None:
    shoppers = msgspec.structs.replace(ALWAYS, shops=1)
    found = forecast(ZG, 30, 22, runs=2, habits=shoppers)
    assert found.entitlements["accident-cover"].mean == 30
    assert found.points["activation"].mean == 3000
    assert pool_of(found, "welcome")["welcome-credit-10"].mean == 30
    assert sum(figure.mean for figure in pool_of(found, "shop").values()) > 0
    assert found.spent.mean > 0


@pytest.mark.parametrize("rules", [load(SMALL), load(PROGRAMME)], ids=["walk", "programme"])
def test_a_rulebook_with_one_of_everything_is_played_without_a_stumble(rules: Rulebook) -> None:
    found = forecast(rules, 24, 5, runs=2, habits=ALWAYS)
    assert found.done["sign_ins"].mean == 24 * 5
    # What nobody who plays by the rules would try is not tried.
    assert set(found.refused) <= {"pool_empty", "draws_used_up", "sold_out", "item_limit_reached"}


def test_prizes_by_rank_are_all_given_however_few_play() -> None:
    found = forecast(load(SMALL), 30_000, 3, played=60, runs=2)
    assert pool_of(found, "best-teams")["cup"] == Figure(mean=3, error=0, high=3)


@pytest.mark.parametrize(
    ("people", "days", "runs", "played"),
    [(10_000, 7, 5, 2000), (40, 7, 5, 40), (10**6, 100, 5, 140), (99, 3660, 9, 50)],
)
def test_as_many_play_as_take_a_minute_or_two(people: int, days: int, runs: int, played: int) -> None:
    assert played_people(people, days, runs) == played


def simulate(*arguments: object) -> Result:
    """What `jifen campaign simulate …` answers."""
    return CliRunner().invoke(campaign, ["simulate", *map(str, arguments)])


def test_the_command_says_how_it_came_about_and_what_is_not_enough() -> None:
    result = simulate(
        RULEBOOKS / "js-2023.toml", "--people", 100_000, "--days", 7, "--sample", 50, "--runs", 2
    )
    assert result.exit_code == 0
    assert "100,000 people, 7 days." in result.stdout
    assert "A sample of 50 people was played, 2 times (seed 1)" in result.stdout
    assert "opens 0.85, teams 0.6" in result.stdout
    assert "cost, yuan" in result.stdout
    assert "! The stock is less than what would be needed" in result.stdout


def test_the_command_says_it_as_json_too() -> None:
    arguments = ("--people", 20, "--days", 99, "--runs", 2, "--opens", 1, "--json")
    result = simulate(RULEBOOKS / "js-2023.toml", *arguments)
    found = msgspec.json.decode(result.stdout, type=Forecast)
    assert (found.campaign, found.people, found.played, found.days) == ("js-2023", 20, 20, 7)
    assert found.habits.opens == 1
    assert found.done["sign_ins"].mean == 140


def test_a_faulty_file_is_told_and_not_played(tmp_path: Path) -> None:
    file = tmp_path / "walk.toml"
    file.write_text(SMALL.replace("amount = 7\n", ""), "utf-8")
    result = simulate(file, "--people", 10, "--days", 1)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}:")


def test_the_options_are_the_habits_with_their_defaults() -> None:
    assert {name: share for name, (share, _) in HABITS.items()} == msgspec.structs.asdict(Habits())
