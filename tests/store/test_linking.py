"""Two participants become one in a real database: in whatever groups requests come, and from two channels at once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

import psycopg
import pytest

from ledger.audit import audit
from ledger.command import Request
from ledger.commands import Correct, CreateTeam, Enrol, JoinTeam, RequestDraw, SignIn
from ledger.enrolment import Enrolment
from ledger.fold import State
from ledger.member import Member
from ledger.member_commands import LinkIdentities, MergeMembers
from ledger.outcomes import Outcome
from ledger.states import decode_state
from tests.conftest import Database
from tests.store.playing import EVENING, Playing, said, sync

S = TypeVar("S", bound=State)
PHONE = "a" * 32
ONE_MINUTE = timedelta(minutes=1)
LATER = EVENING + timedelta(minutes=30)

pytestmark = [pytest.mark.rule("EC-12"), pytest.mark.rule("SJ-09")]


@pytest.fixture
def playing(database: Database) -> Iterator[Playing]:
    with Playing(database) as playing:
        yield playing


def assert_sound(database: Database) -> None:
    report = audit(database.url, database.schema)
    assert report.sound, report.faults


def state(database: Database, stream: str, kind: type[S]) -> S:
    with psycopg.connect(database.url, options=f"-csearch_path={database.schema}") as connection:
        row = connection.execute(
            "SELECT state FROM aggregate_snapshots WHERE originator_id = %s", (stream,), binary=True
        ).fetchone()
    assert row is not None
    found = decode_state(stream, row[0])
    assert isinstance(found, kind)
    return found


def enrolling(participant: str, *, id: str = "") -> Request:
    return said(Enrol(branch="xian", identities={"phone": PHONE}), participant, id=id)


def linking(participant: str, *, id: str = "") -> Request:
    return said(LinkIdentities(identities={"phone": PHONE}), participant, at=LATER, id=id)


def test_a_joining_in_the_group_in_which_both_have_just_played(playing: Playing, database: Database) -> None:
    requests = [
        said(Enrol(branch="xian"), "p-1"),
        said(Enrol(branch="xian"), "p-2"),
        said(Enrol(branch="xian"), "p-3"),
        said(CreateTeam(team="t-2", name="t-2"), "p-2"),
        said(JoinTeam(team="t-2"), "p-3"),
        said(SignIn(), "p-1"),
        said(SignIn(), "p-2"),
        sync("p-1", 4_000),
        sync("p-2", 9_000, at=EVENING + timedelta(minutes=5)),
        linking("p-1"),
        linking("p-2"),
        sync("p-2", 9_500, at=LATER + timedelta(minutes=5)),
    ]
    outcomes = playing.submit(*requests)
    assert {outcome.status for outcome in outcomes} == {"accepted"}
    assert state(database, "member/p-2", Member).became == "p-1"
    play = state(database, "p-1@sx-2019", Enrolment).play
    assert (play.balance, play.total, play.sign_ins, play.team) == (1 + 4 + 1, 9_500, 1, "t-2")
    assert_sound(database)


def test_repeats_of_what_the_other_had_said_get_their_first_answers(
    playing: Playing, database: Database
) -> None:
    said_before = [
        enrolling("p-2", id="enrol"),
        said(SignIn(), "p-2", id="sign-in"),
        sync("p-2", 8_000, id="sync"),
    ]
    first = playing.submit(*said_before)
    playing.enrol("p-1")
    merge = said(MergeMembers(other="p-2", reason="same person"), "p-1", at=LATER, id="merge")
    merged = playing.submit(merge)
    again = playing.submit(*said_before, merge)
    assert [(each.repeat, each.position, each.events) for each in again] == [
        (True, each.position, each.events) for each in (*first, *merged)
    ]
    assert_sound(database)


def test_who_has_done_nothing_before_becomes_somebody_who_has_a_team(
    playing: Playing, database: Database
) -> None:
    playing.submit(enrolling("p-1"), said(CreateTeam(team="t-1", name="t-1"), "p-1"))
    assert [outcome.status for outcome in playing.submit(enrolling("p-2"))] == ["accepted"]
    assert state(database, "member/p-2", Member).became == "p-1"
    assert state(database, "p-1@sx-2019", Enrolment).play.team == "t-1"
    assert_sound(database)


def test_the_prizes_of_both_and_corrections_of_what_the_other_did(
    playing: Playing, database: Database
) -> None:
    playing.enrol("p-1", "p-2")
    days = [EVENING + timedelta(days=day) for day in range(4)]
    outcomes = [
        playing.submit(sync("p-1", 10_000, at=at - ONE_MINUTE), sync("p-2", 9_000, at=at)) for at in days
    ]
    drawn = playing.submit(*(said(RequestDraw(pool="red-packet"), f"p-{n}", at=days[3]) for n in (1, 2)))
    assert {outcome.status for outcome in drawn} == {"accepted"}
    merge = said(MergeMembers(other="p-2", reason="same person"), "p-1", at=days[3] + timedelta(minutes=9))
    assert playing.submit(merge)[0].status == "accepted"
    play = state(database, "p-1@sx-2019", Enrolment).play
    assert len(play.rewards.prizes) == 2
    theirs = outcomes[0][1].position  # the newest of the day
    late = days[3] + timedelta(days=2)

    def correct(participant: str) -> Outcome:
        return playing.submit(said(Correct(reverses=theirs, reason="shaken"), participant, at=late))[0]

    before = play.balance
    assert correct("p-1").status == "accepted"
    assert state(database, "p-1@sx-2019", Enrolment).play.balance == before - 5
    assert correct("p-2").code == "already_reversed"
    assert_sound(database)


def test_a_correction_in_the_group_of_the_joining(playing: Playing, database: Database) -> None:
    playing.enrol("p-1", "p-2")
    synced = playing.submit(sync("p-2", 9_000))[0].position
    late = EVENING + timedelta(days=2)
    merged, corrected = playing.submit(
        said(MergeMembers(other="p-2", reason="same person"), "p-1", at=late),
        said(Correct(reverses=synced, reason="shaken"), "p-1", at=late),
    )
    assert (merged.status, corrected.status) == ("accepted", "accepted")
    assert state(database, "p-1@sx-2019", Enrolment).play.balance == 0
    assert_sound(database)


def test_two_channels_at_once_end_as_one_participant(playing: Playing, database: Database) -> None:
    channels = [f"app-{number}" for number in range(6)]
    together = threading.Barrier(len(channels))
    outcomes: dict[str, list[Outcome]] = {}

    def come(channel: str) -> None:
        together.wait()
        outcomes[channel] = [
            playing.submit(enrolling(channel))[0],
            playing.submit(said(SignIn(), channel))[0],
        ]

    threads = [threading.Thread(target=come, args=(channel,)) for channel in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    enrolled = [each[0] for each in outcomes.values()]
    assert {outcome.status for outcome in enrolled} <= {"accepted", "refused"}
    became = {channel: state(database, f"member/{channel}", Member) for channel in channels}
    (stays,) = [channel for channel, member in became.items() if not member.became]
    assert {member.became for channel, member in became.items() if channel != stays} == {stays}
    assert set(became[stays].aliases) == {*channels} - {stays}
    play = state(database, f"{stays}@sx-2019", Enrolment).play
    assert (play.balance, play.sign_ins) == (1, 1)
    assert_sound(database)
