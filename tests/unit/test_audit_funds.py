"""What an audit of funds finds when somebody has tampered with the log, and that it finds nothing else."""

import pytest
from msgspec.structs import replace

from ledger.activity_events import DonationMade
from ledger.audit_funds import FundAudit
from ledger.event import Event
from ledger.fund_events import FundCredited, GrantPaid
from ledger.member_events import HelpDecided
from tests.given import Entry
from tests.unit.eco import PRIMED
from tests.unit.test_help import Helped

FUND = "fund/eco/green.nanjing"


def log() -> list[Entry]:
    """A donation, a grant, and an application that was refused."""
    story = Helped(rules=PRIMED)
    story.syncs(10_000, "07-05 20:00")
    story.at("07-06 10:00")
    story.applies().grants(1, 300).applies().refuses(2)
    return story.log


def audited(entries: list[Entry]) -> list[tuple[str, str]]:
    audit = FundAudit()
    for entry in entries:
        audit.see(entry.stream, entry.event)
    return list(audit.faults())


def changed(kind: type[Event], **members: object) -> list[Entry]:
    return [
        replace(entry, event=replace(entry.event, **members)) if isinstance(entry.event, kind) else entry
        for entry in log()
    ]


@pytest.mark.rule("EC-13", "GX-06")
def test_a_true_log_has_no_faults() -> None:
    assert {DonationMade, FundCredited, GrantPaid, HelpDecided} <= {type(entry.event) for entry in log()}
    assert audited(log()) == []


@pytest.mark.rule("EC-07", "GX-06")
def test_a_donation_that_never_came_in_is_found() -> None:
    (fault,) = audited(changed(DonationMade, amount=500))
    assert fault == (FUND, "400 fen more were donated for p-1 than came in")
    assert len(audited(changed(DonationMade, fund="green.suzhou"))) == 2


@pytest.mark.rule("ZG-10", "GX-06")
def test_a_grant_that_was_not_paid_as_it_was_decided_is_found() -> None:
    ((_, fault),) = audited(changed(GrantPaid, amount=200))
    assert fault == "help 1 of p-1 in eco: 100 fen more were granted than paid"


@pytest.mark.rule("EC-13")
def test_a_fund_that_paid_more_than_it_held_is_found() -> None:
    ((stream, fault),) = audited(changed(GrantPaid, balance=-20))
    assert (stream, fault) == ("fund/eco/help", "it paid 300 fen, 20 more than it held")
