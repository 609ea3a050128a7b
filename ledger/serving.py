"""Which services a programme's rulebook offers to whoever names no campaign. See office.py."""

from collections.abc import Iterator

from ledger.context import Context
from ledger.decision import Decision
from ledger.office import Office, ProgrammeServes
from ledger.rulebook import Rulebook
from ledger.streams import OFFICE


def services_of(rules: Rulebook) -> Iterator[str]:
    """What a rulebook serves: application, activation, shop, hardship."""
    if rules.application:
        yield "application"
    if rules.activation:
        yield "activation"
    if any(pool.draw == "shop" for pool in rules.pools):
        yield "shop"
    if rules.hardship:
        yield "hardship"


def serve(context: Context, decision: Decision) -> None:
    """Tell the office what a rulebook that is published serves, if that changes anything."""
    rules = context.rules
    now = tuple(services_of(rules))
    known = decision.state(OFFICE, Office).services
    if set(now) != {service for service, campaigns in known.items() if rules.id in campaigns}:
        decision.add(OFFICE, context.event(ProgrammeServes, campaign=rules.id, services=now))
