"""A batch may come twice, be cut anywhere, and come from several runners at once."""

import threading

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from projections import PROJECTIONS
from projections.delivery import begin_tracking, deliver
from projections.log import LogReader
from projections.session import connect as session
from tests.conftest import Database
from tests.given import SX, Story
from tests.projections.logs import (
    append,
    campaign,
    catch_up,
    connect,
    expected_progress,
    forget,
    one,
    runner,
    stored,
    views,
)

assert SX.route is not None
SHORT = replace(SX, route=replace(SX.route, total_steps=39_000))
"""Thirteen campaign checkpoints, 3,000 steps apart: many are lit, dimmed and passed in a few days."""

MOVES = st.tuples(
    st.sampled_from(["enrol", "sign in", "sync", "sync", "sync late", "answer", "reflect", "correct"]),
    st.integers(1, 3),
    st.integers(0, 5),
    st.integers(0, 25_000),
)


def play(moves: list[tuple[str, int, int, int]]) -> Story:
    """A story of random moves over the last days of the trial and the first of the campaign, in order of time."""
    story = Story(SHORT)
    questions = SHORT.route.checkpoints if SHORT.route else ()
    days = ["06-29", "06-30", "07-01", "07-02", "07-03", "07-04"]
    for minute, (move, person, day, amount) in enumerate(sorted(moves, key=lambda move: move[2])):
        who, at = f"p-{person}", f"{days[day]} 20:{minute % 60:02}"
        match move:
            case "enrol":
                story.enrol(who, at=at)
            case "sign in":
                story.signs_in(at, who=who)
            case "sync":
                story.syncs(amount, at, who=who)
            case "sync late":
                story.syncs(amount, f"{days[day]} 1{person}:00", delivered=at, who=who)
            case "answer":
                number = 1 + amount % 5
                asked = questions[number - 1].question
                assert asked is not None
                answer = asked.answer if amount % 3 else "?"
                story.answers(f"cp-{number:02}", answer, at, who=who)
            case "reflect":
                story.reflects(1 + amount % 5, at, who=who)
            case _:
                story.corrects(1 + amount % len(story.log), at, who=who)
    return story


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(MOVES, max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=5))
@example([("sync", 1, 2, 9000), ("answer", 1, 2, 1), ("sync", 1, 2, 0), ("reflect", 1, 2, 1)], [1])
@example([("enrol", 1, 0, 0), *[("sync", 1, 2 + n % 3, 10_000 - n) for n in range(20)]], [1])
def test_batch_boundaries_anywhere_give_the_same_rows(
    database: Database, moves: list[tuple[str, int, int, int]], sizes: list[int]
) -> None:
    forget(database, log=True)
    story = play([("enrol", person, 0, 0) for person in (1, 2)] + moves)
    append(database, stored(story.log))
    catch_up(database)
    whole = views(database)
    for who in ("p-1", "p-2", "p-3"):
        state = story.enrolment(who)
        book = "sx-2019.trial" if state.trial else "sx-2019"
        found = [row[2:5] for row in whole["progress"] if row[:2] == (book, who)] or [(0, 0, 0)]
        assert found == [expected_progress(state)]
        lit = sum(row[3] is not None for row in whole["checkpoints"] if row[:2] == (book, who))
        passed = sorted(row[2] for row in whole["checkpoints"] if row[:2] == (book, who) and row[4])
        assert (lit, passed) == (state.play.lit, sorted(state.play.passed))
        held = [row[4] for row in whole["balances"] if row[2:4] == (book, who)] or [0]
        assert held == [state.play.balance]
    forget(database)
    for size in sizes:
        with runner(database, batch=size) as running:
            running.run_once()
    catch_up(database, batch=sizes[-1])
    assert views(database) == whole


def test_a_batch_that_comes_twice_changes_nothing(database: Database) -> None:
    append(database, stored(campaign().log))
    projections = [projection() for projection in PROJECTIONS.values()]
    with session(database.url, database.schema, "test") as connection:
        begin_tracking(connection, PROJECTIONS)
        for projection in projections:
            projection.prepare(connection.cursor())
        reader = LogReader(session(database.url, database.schema, "test"), batch=40)
        first = reader.batch(0, projections)
        assert deliver(connection, projections, first).moved == tuple(PROJECTIONS)
        rows = views(database)
        assert deliver(connection, projections, first).moved == ()
        assert views(database) == rows
        reader.close()
        overlapping = LogReader(session(database.url, database.schema, "test"), batch=60)
        deliver(connection, projections, overlapping.batch(20, projections))
        assert one(connection, "SELECT min(notification_id) FROM projection_tracking") == 80
        later = overlapping.batch(90, projections)
        assert deliver(connection, projections, later).moved == ()
        overlapping.close()
    catch_up(database)
    whole = views(database)
    forget(database)
    catch_up(database)
    assert views(database) == whole


def test_two_runners_at_once_count_everything_once(database: Database) -> None:
    story = campaign(participants=20, days=4)
    append(database, stored(story.log))
    begin = threading.Barrier(2)

    def work() -> None:
        with runner(database, batch=7) as running:
            begin.wait(60)
            running.catch_up()
            assert [status.lag for status in running.status()] == [0] * len(PROJECTIONS)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    catch_up(database)
    together = views(database)
    forget(database)
    catch_up(database)
    assert views(database) == together


def test_a_new_projection_catches_up_while_the_others_go_on(database: Database) -> None:
    story = campaign()
    append(database, stored(story.log[:50]))
    catch_up(database)
    with connect(database) as connection:
        connection.execute("TRUNCATE badges, statement")
        connection.execute(
            "DELETE FROM projection_tracking WHERE application_name IN ('badges', 'statement')"
        )
    append(database, stored(story.log[50:]))
    with runner(database, batch=10) as running:
        running.run_once()
        positions = {status.name: status.position for status in running.status()}
        assert positions == dict.fromkeys(PROJECTIONS, 60) | {"statement": 10, "badges": 10}
        running.catch_up()
        assert [(status.lag, status.parked) for status in running.status()] == [(0, 0)] * len(PROJECTIONS)
    whole = views(database)
    forget(database)
    catch_up(database)
    assert views(database) == whole


def test_a_projection_without_its_table_halts_and_the_others_go_on(database: Database) -> None:
    append(database, stored(campaign().log))
    with connect(database) as connection:
        connection.execute("ALTER TABLE statement RENAME TO gone")
        with runner(database) as running:
            running.catch_up()
            lag = {status.name: (status.lag, status.parked) for status in running.status()}
            head = running.status()[0].head
            assert lag == dict.fromkeys(PROJECTIONS, (0, 0)) | {"statement": (head, 0)}
            connection.execute("ALTER TABLE gone RENAME TO statement")
            running.catch_up()
            assert [status.lag for status in running.status()] == [0] * len(PROJECTIONS)


def test_progress_tells_the_position_and_the_head(database: Database) -> None:
    head = append(database, stored(campaign().log))
    told: list[tuple[int, int]] = []
    with runner(database, batch=50) as running:
        assert running.catch_up(lambda position, head: told.append((position, head))) == head
        assert running.run_once() == 0
    assert told == [(min(position, head), head) for position in range(50, head + 50, 50)]
