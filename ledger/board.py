"""A board that was frozen: its state, and how events fold into it. The stream is ``board/{book}/{board}``."""

import msgspec

from ledger.events import BoardFrozen, Event


class Board(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """root: Merkle root of the rows, in hex; empty until frozen. entrants: how many rows."""

    version: int = 0
    root: str = ""
    entrants: int = 0
    position: int = 0


def evolve(state: Board, event: Event) -> Board:
    """The state after one more event of its stream."""
    if isinstance(event, BoardFrozen):
        return Board(state.version + 1, event.root, event.entrants, event.position)
    return msgspec.structs.replace(state, version=state.version + 1)
