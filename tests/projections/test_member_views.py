"""What the views say of persons."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import psycopg
import pytest

from ledger.branch_events import BranchRegistered
from ledger.changed import told
from ledger.event import Event
from ledger.member import Member, Membership, Right
from ledger.member_events import (
    Activated,
    DetailsCorrected,
    EntitlementEnded,
    EntitlementGranted,
    HardshipFlagged,
    IdentitiesAdded,
    MemberBecame,
    MemberJoined,
    MemberReleased,
    MemberRestricted,
    MembershipApplied,
    MembershipReviewed,
    MemberSuspended,
    MessageQueued,
    PersonErased,
    RestrictionLifted,
    TransferApplied,
    TransferReviewed,
)
from projections import member_reads
from projections.member_reads import MemberRow
from projections.members import Members
from projections.rebuild import rebuild
from projections.session import connect as session
from tests.conftest import Database
from tests.given import Entry, moment
from tests.projections.logs import append, catch_up, stored, views

T = TypeVar("T")
TABLES = ("members", "member_history", "entitlements", "consents", "messages")
AT = moment("2023-05-04T09:00:00+08:00")
CONSENTS = (("application", "2023", AT), ("pledge", "2022", AT))


TOGETHER = Member(
    identities={"phone": ("1" * 32, "4" * 32), "wechat": ("2" * 32,)},
    membership=Membership("suzhou", "reviewed", AT, "staff"),
    restricted="identity_fraud",
    rights=(
        Right("cover", date(2023, 5, 4), date(2025, 6, 3)),
        Right("gym", date(2023, 5, 4), date(2024, 6, 3)),
    ),
)
"""What p-4 is once p-5 has joined it."""


class Log:
    """Events of persons, a minute apart, as the ledger would write them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._versions: dict[str, int] = {}

    def add(self, topic: type[Event], who: str = "p-1", stream: str = "", /, **said: Any) -> "Log":
        """One more event; of the person's stream unless another is named."""
        stream = stream or f"member/{who}"
        at = AT + timedelta(minutes=len(self.entries))
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        event = topic(occurred_at=at, recorded_at=at, source="//test", id=f"e-{len(self.entries)}", **said)
        self.entries.append(Entry(stream, version, event))
        return self

    def applied(self, who: str = "p-1", branch: str = "nanjing", **said: Any) -> "Log":
        said = {"campaign": "sj", "employment": "employee", "consents": CONSENTS, **said}
        return self.add(MembershipApplied, who, branch=branch, **said)

    def reviewed(self, who: str = "p-1", *, approved: bool = True, reason: str = "") -> "Log":
        return self.add(
            MembershipReviewed, who, approved=approved, branch="nanjing", actor="li", reason=reason
        )


def everything() -> Log:
    """Something of all that can be said of persons."""
    log = Log().applied("p-1").applied("p-2", "suzhou", trade="courier", employment="new-form").applied("p-3")
    log.reviewed("p-1").reviewed("p-2", approved=False, reason="works elsewhere")
    log.add(MessageQueued, "p-2", template="membership_refused", zh="未通过", en="Refused")
    log.add(TransferApplied, "p-1", campaign="sj", from_branch="nanjing", branch="wuxi", consents=CONSENTS)
    log.add(TransferReviewed, "p-1", approved=True, branch="wuxi", from_branch="nanjing", actor="wang")
    log.add(DetailsCorrected, "p-1", department="二车间").add(DetailsCorrected, "p-1", employment="retired")
    log.add(MemberRestricted, "p-2", kind="abuse", actor="li", reason="brushing", until=date(2024, 1, 1))
    log.add(RestrictionLifted, "p-2", actor="li", reason="time is over").applied("p-2", "wuxi")
    log.add(MemberRestricted, "p-3", kind="identity_fraud", actor="li", sealed=True)
    log.add(MemberSuspended, "p-3", actor="li", reason="fraud")
    log.add(Activated, "p-4", "p-4@zg", branch="zhenjiang", identity="0" * 32)
    granted = {"campaign": "zg", "starts": date(2023, 5, 4), "clause": "ZG-03"}
    log.add(EntitlementGranted, "p-4", entitlement="cover", ends=date(2024, 5, 3), **granted)
    log.add(EntitlementEnded, "p-4", entitlement="cover", ends=date(2024, 5, 3))
    log.add(EntitlementGranted, "p-4", entitlement="cover", ends=date(2025, 5, 3), **granted)
    log.add(IdentitiesAdded, "p-4", identities={"phone": "1" * 32, "wechat": "2" * 32})
    log.add(IdentitiesAdded, "p-4", identities={"weibo": "3" * 32})
    log.add(HardshipFlagged, "p-4", hardship=True, actor="li", reason="illness")
    log.add(EntitlementGranted, "p-5", entitlement="cover", ends=date(2025, 6, 3), **granted)
    log.add(EntitlementGranted, "p-5", entitlement="gym", ends=date(2024, 6, 3), **granted)
    log.add(MemberJoined, "p-4", other="p-5", by="phone", after=told(Member(), TOGETHER))
    log.add(MemberBecame, "p-5", member="p-4")
    log.add(MemberSuspended, "p-4", actor="li", reason="doubt").add(
        MemberReleased, "p-4", actor="li", reason="none"
    )
    return log.add(PersonErased, "p-3", actor="li", reason="asked for it")


def shown(database: Database, log: Log, *, batch: int = 1000) -> None:
    append(database, stored(log.entries))
    catch_up(database, batch=batch)


def ask(database: Database, question: Callable[[psycopg.AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def asked() -> T:
        options = f"-csearch_path={database.schema} -ctimezone=UTC"
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, options=options
        ) as connection:
            return await question(connection)

    return asyncio.run(asked())


def found(database: Database, who: str = "p-1") -> MemberRow:
    row = ask(database, lambda connection: member_reads.member(connection, who))
    assert row is not None
    return row


@pytest.mark.rule("SJ-03", "SJ-06")
def test_a_member_is_in_reviewed_and_moved(database: Database) -> None:
    shown(database, everything())
    one, two, three = (found(database, who) for who in ("p-1", "p-2", "p-3"))
    assert (one.status, one.branch, one.transfer, one.campaign) == ("reviewed", "wuxi", "", "sj")
    assert (one.applied_at, one.reviewed_at) == (AT, AT + timedelta(minutes=3))
    assert (one.employment, one.department, one.transfer_at) == ("retired", "二车间", None)
    assert (two.status, two.branch, two.employment, two.trade) == ("applied", "wuxi", "employee", None)
    assert (two.reviewed_at, two.ended_at, two.restricted, two.restricted_until) == (None, None, "", None)
    assert (three.status, three.restricted, three.sealed) == ("applied", "identity_fraud", True)
    assert (three.suspended, three.erased_at is not None) == (True, True)
    assert ask(database, lambda connection: member_reads.member(connection, "p-9")) is None


@pytest.mark.rule("ZG-03")
def test_an_activated_person_has_rights_that_end(database: Database) -> None:
    shown(database, everything())
    row = found(database, "p-4")
    assert (row.activated_in, row.activated_branch) == ("zg", "zhenjiang")
    assert (row.hardship, row.suspended) == (True, False)
    rights = ask(database, lambda connection: member_reads.rights(connection, "p-4", ["p-5"]))
    assert [(r.entitlement, r.campaign, r.ends, r.ended_at is None) for r in rights] == [
        ("cover", "zg", date(2025, 6, 3), True),
        ("gym", "zg", date(2024, 6, 3), True),
        ("cover", "zg", date(2025, 5, 3), False),
        ("cover", "zg", date(2024, 5, 3), False),
    ]
    with session(database.url, database.schema, "test") as connection:
        assert member_reads.due_entitlements(connection, date(2024, 6, 3)) == []
        due = member_reads.due_entitlements(connection, date(2025, 6, 4))
    assert [(each.participant, each.entitlement) for each in due] == [("p-4", "gym"), ("p-4", "cover")]


@pytest.mark.rule("EC-12", "SJ-09")
def test_two_client_ids_that_became_one_are_one_row_with_what_both_had(database: Database) -> None:
    shown(database, everything())
    one, other = found(database, "p-4"), found(database, "p-5")
    assert other.became == "p-4"
    assert (one.status, one.branch, one.employment) == ("reviewed", "suzhou", "staff")
    assert (one.identities, one.restricted, one.sealed) == (3, "identity_fraud", True)
    listed = ask(database, member_reads.members)
    assert "p-5" not in [row.participant for row in listed]


def test_members_are_listed_by_what_they_wait_for(database: Database) -> None:
    log = everything()
    for branch in ("jiangsu", "nanjing", "suzhou", "wuxi"):
        parent = None if branch == "jiangsu" else "jiangsu"
        said: dict[str, Any] = {"branch": branch, "name": branch, "kind": "city", "parent": parent}
        log.add(BranchRegistered, "", f"branch/{branch}", **said)
    log.add(TransferApplied, "p-1", campaign="sj", from_branch="wuxi", branch="suzhou")
    shown(database, log)

    def listed(**how: Any) -> list[str]:
        rows = ask(database, lambda connection: member_reads.members(connection, **how))
        return [row.participant for row in rows]

    assert listed() == ["p-3", "p-2", "p-4", "p-1"]
    assert listed(standing="applied") == ["p-3", "p-2"]
    assert listed(standing="applied", under="jiangsu/nanjing/") == ["p-3"]
    assert listed(under="jiangsu/") == listed()
    assert (
        listed(standing="transferring") == listed(standing="transferring", under="jiangsu/suzhou/") == ["p-1"]
    )
    assert listed(standing="transferring", under="jiangsu/nanjing/") == listed(under="x/") == []
    first = ask(database, lambda connection: member_reads.members(connection, limit=1))[0]
    assert listed(after=first.position) == ["p-2", "p-4", "p-1"]


@pytest.mark.rule("SJ-02")
def test_history_consents_and_messages_say_who_when_and_why(database: Database) -> None:
    shown(database, everything())
    steps = ask(database, lambda connection: member_reads.history(connection, ["p-2"]))
    assert [step.what for step in steps] == [
        "applied",
        "restriction_lifted",
        "restricted",
        "refused",
        "applied",
    ]
    assert (steps[3].actor, steps[3].reason, steps[2].about) == ("li", "works elsewhere", "abuse")
    before = ask(
        database,
        lambda connection: member_reads.history(connection, ["p-2"], before=steps[1].position, limit=1),
    )
    assert [step.what for step in before] == ["restricted"]
    joined = ask(database, lambda connection: member_reads.history(connection, ["p-4", "p-5"]))
    assert {step.about for step in joined if step.what in ("joined", "became")} == {"p-5", "p-4"}
    agreed = ask(database, lambda connection: member_reads.consents(connection, ["p-1"]))
    assert [(c.document, c.version, c.agreed_at) for c in agreed] == list(CONSENTS) * 2
    (message,) = ask(database, member_reads.messages)
    assert (message.participant, message.template, message.zh) == ("p-2", "membership_refused", "未通过")
    assert ask(database, lambda connection: member_reads.messages(connection, after=message.position)) == []


def test_the_rows_are_the_same_however_the_log_is_cut_and_when_it_comes_twice(
    database: Database,
) -> None:
    log = everything()
    shown(database, log, batch=1)
    followed = views(database, TABLES)
    report = rebuild(database.url, database.schema, "members", batch=1000)
    assert report.same
    assert [table.live for table in report.tables] == [len(followed[table]) for table in TABLES]
    catch_up(database)
    assert views(database, TABLES) == followed


def test_every_event_that_changes_a_person_stands_in_the_history() -> None:
    """But the keyed hashes, which say nothing to anybody, and what stands in other views."""
    from projections.members import SAYS, TOLD

    assert set(SAYS) - set(TOLD) == {IdentitiesAdded}
    assert Members.TABLES == TABLES
