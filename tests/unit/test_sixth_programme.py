"""The sixth programme mixes features of three others, without code: its guide is its file, and it can be played."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.cli.campaign import campaign
from ledger.activity_events import DonationMade
from ledger.commands import ImportVouchers
from ledger.events import BadgeAwarded, StepsSynced, TeamDayAttained
from ledger.fund import Fund
from ledger.member import Member
from ledger.rulebook_file import load
from ledger.rulebook_words import in_words
from ledger.shop_commands import RedeemItem
from ledger.shop_events import ItemRedeemed
from tests.given import Story

DOCS = Path(__file__).parents[2] / "docs"
FILE = DOCS / "examples" / "sixth.toml"
GUIDE = (DOCS / "sixth-programme.md").read_text("utf-8")
CANAL = load(FILE.read_bytes())
TEAM = [f"p-{number}" for number in range(1, 6)]


def test_the_pieces_of_the_guide_are_the_file_and_nothing_else() -> None:
    pieces = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert "\n".join(pieces) == FILE.read_text("utf-8")


def test_the_commands_of_the_guide_are_there_and_name_this_file() -> None:
    commands = re.findall(r"^jifen campaign ([a-z]+) (\S+)", GUIDE, re.MULTILINE)
    assert {name for name, _ in commands} == {"check", "simulate", "publish", "show"}
    assert {name for name, _ in commands} <= set(campaign.commands)
    assert {of for _, of in commands} == {"docs/examples/sixth.toml", CANAL.id}


def test_every_clause_is_said_in_words() -> None:
    named = set(re.findall(r'clause = "(DYH-[0-9]{2})"', FILE.read_text("utf-8")))
    assert named == {each["clause"] for each in in_words(CANAL)} - {"GX-04"}


@pytest.fixture(scope="module")
def played() -> Story:
    """A team of five from the first to the tenth day, every day in full, and one who walks at the wrong time."""
    told = Story(CANAL, "2024-08-20 08:00")
    codes = tuple(f"{number:032x}" for number in range(10))
    told.post(
        ImportVouchers(pool="canal-shop", prize="boat-ticket", batch="1", fingerprints=codes),
        who="",
        at="2024-08-26 08:00",
    )
    for who in (*TEAM, "p-9"):
        told.enrol(who, branch="yangzhou-gaoyou", at="2024-08-26 09:00")
    told.creates("canal", "2024-09-02 07:00", who="p-1")
    for who in TEAM[1:]:
        told.joins("canal", "2024-09-02 07:05", who=who)
    for number in range(10):
        day = date(2024, 9, 2) + timedelta(days=number)
        told.syncs(25_000, f"{day} 19:59", who="p-9")
        for who in TEAM:
            told.signs_in(f"{day} 08:00", who=who)
            told.syncs(8000, f"{day} 21:00", who=who)
    return told


def test_the_evening_window_of_the_first_holds(played: Story) -> None:
    early = [e.event for e in played.log if e.stream.startswith("p-9@") and isinstance(e.event, StepsSynced)]
    assert {event.standing for event in early} == {"provisional"}
    assert played.enrolment("p-9").play.attained == 0


def test_teams_of_the_first_fill_the_wallet_of_the_third(played: Story) -> None:
    assert len([entry for entry in played.log if isinstance(entry.event, TeamDayAttained)]) == 10
    for who in TEAM:
        member = played.states[f"member/{who}"]
        assert isinstance(member, Member)
        # a day: 1 for signing in, 1 for the goal, 2 for the team's; the captain has filled the team
        assert member.balance == 10 * 4 + (10 if who == "p-1" else 0)
        assert played.enrolment(who).play.balance == 0


def test_landmarks_and_donations_of_the_second_follow_from_the_same_days(played: Story) -> None:
    assert {played.enrolment(who).play.lit for who in TEAM} == {8}
    awarded = [entry.stream for entry in played.log if isinstance(entry.event, BadgeAwarded)]
    assert sorted(awarded) == [f"{who}@canal-2024" for who in TEAM]
    donated = [entry.event.amount for entry in played.log if isinstance(entry.event, DonationMade)]
    assert donated == [100] * 5, "80,000 steps each are one time 50,000"
    fund = played.states["fund/canal-2024/canal-care"]
    assert isinstance(fund, Fund)
    assert fund.balance == 500


def test_points_of_the_team_buy_a_boat_trip_after_the_campaign(played: Story) -> None:
    played.post(RedeemItem(item="boat-ticket"), who="p-1", at="2024-10-05 12:00")
    assert isinstance(played.answer[0], ItemRedeemed)
    member = played.states["member/p-1"]
    assert isinstance(member, Member)
    assert member.balance == 5
    assert played.post(RedeemItem(item="towel"), who="p-1", at="2024-10-05 12:01").refused
