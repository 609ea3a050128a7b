"""The ledger's office: which programme serves what. The stream is ``office/ledger``.

What concerns a person and no campaign, such as an activation, is decided by the programme that serves it.
"""

import msgspec

from ledger.event import Event


class ProgrammeServes(Event, frozen=True, kw_only=True):
    """What a published programme serves from now on to whoever names no campaign: application, activation, shop …"""

    TOPIC = "programme-serves.v1"

    campaign: str
    services: tuple[str, ...]


class Office(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """services: what is served → the campaigns that do."""

    version: int = 0
    services: dict[str, tuple[str, ...]] = {}


def evolve(state: Office, event: Event) -> Office:
    """The state after one more event of its stream."""
    services = state.services
    if isinstance(event, ProgrammeServes):
        others = {
            service: tuple(each for each in campaigns if each != event.campaign)
            for service, campaigns in services.items()
        }
        services = others | {
            service: (*others.get(service, ()), event.campaign) for service in event.services
        }
    return Office(state.version + 1, services)
