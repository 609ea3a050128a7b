"""The base of all refusals, and what is no event at all. The refusals themselves: refusals.py and its neighbours."""

from typing import ClassVar


class Refusal(Exception):
    """Base of all refusals. clause: of the campaign's rulebook, or the general one of the class."""

    CODE: ClassVar[str] = ""
    CLAUSE: ClassVar[str] = ""

    def __init__(self, detail: str, clause: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.clause = clause or self.CLAUSE


class Malformed(Exception):
    """Not a valid event: nothing is recorded. pointer: JSON pointer to the member at fault."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail
