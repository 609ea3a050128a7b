"""What a keyed hash stands for: a person on a roster, and who has claimed it. The stream is ``identity/{hash}``.

What a roster calls its people has such streams too, under a hash of its own, so that they can be found by it.
"""

from hashlib import blake2b

import msgspec

from ledger.event import Event
from ledger.member_events import (
    IdentityClaimed,
    PersonErased,
    RosterActivated,
    RosterEntered,
    RosterReferenced,
)
from ledger.streams import identity_stream


class Identity(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """member: whose it is, as the person was called then. branch: that the roster names, empty for no roster's.

    leads_to: of a roster's reference, the keyed hash of the person whom the roster calls so. erased: the person was;
    who claims it anew is somebody new, but what was given once ever stays given, and no roster brings the person back.
    """

    version: int = 0
    member: str = ""
    kind: str = ""
    branch: str = ""
    reference: str = ""
    batch: str = ""
    activated: bool = False
    leads_to: str = ""
    erased: bool = False


def reference_stream(reference: str) -> str:
    """The stream of what a roster calls a person."""
    return identity_stream(blake2b(f"roster\0{reference}".encode(), digest_size=16).hexdigest())


def evolve(state: Identity, event: Event) -> Identity:
    """The state after one more event of its stream."""
    replace, version = msgspec.structs.replace, state.version + 1
    match event:
        case IdentityClaimed():
            return replace(state, version=version, member=event.member, kind=event.kind, erased=False)
        case RosterEntered():
            return replace(
                state, version=version, branch=event.branch, reference=event.reference, batch=event.batch
            )
        case RosterReferenced():
            return replace(state, version=version, leads_to=event.identity)
        case RosterActivated():
            return replace(state, version=version, activated=True)
        case PersonErased():
            return replace(state, version=version, reference="", erased=True)
        case _:
            return replace(state, version=version)
