"""What a keyed hash stands for: a person on a roster, and who has claimed it. The stream is ``identity/{hash}``."""

import msgspec

from ledger.event import Event
from ledger.member_events import IdentityClaimed, PersonErased, RosterActivated, RosterEntered


class Identity(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """member: whose it is, as the person was called then. branch: that the roster names, empty for no roster's.

    reference: what the roster calls the person. erased: the person was; who claims it anew is somebody new, but what
    was given once ever stays given, and no roster brings the person back.
    """

    version: int = 0
    member: str = ""
    kind: str = ""
    branch: str = ""
    reference: str = ""
    batch: str = ""
    activated: bool = False
    erased: bool = False


class Referenced(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Whom rosters call by a reference: the keyed hashes of two people at most, for that is one too many.

    It has no events of its own. It is looked up under the writer's lock among the references of the people on rosters.
    """

    version: int = 0
    people: tuple[str, ...] = ()

    @property
    def leads_to(self) -> str:
        """The keyed hash of the one person who is called so; empty for nobody's reference, and for several people's."""
        return self.people[0] if len(self.people) == 1 else ""


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
        case RosterActivated():
            return replace(state, version=version, activated=True)
        case PersonErased():
            return replace(state, version=version, reference="", erased=True)
        case _:
            return replace(state, version=version)
