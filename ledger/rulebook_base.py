"""What all tables of a rulebook are made of: kinds of values, and the base that forbids unknown members."""

from typing import Annotated

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=4000, description="a text of 1 to 4,000 characters")]
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="a short name in lower-case letters, digits and hyphens, at most 40 of them",
    ),
]
PrizeId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$",
        description="a short name in lower-case letters, digits, hyphens and points, at most 40 of them",
    ),
]
Clause = Annotated[str, Meta(pattern=r"^[A-Z]{2,4}-[0-9]{2,3}$", description='a clause, like "SX-07"')]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
TimeOfDay = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
        description='a time of day from "00:00" to "24:00", in quotes',
    ),
]
Duration = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,6}(s|m|h|d)$", description='a duration, like "10m" (s, m, h or d)'),
]

SECONDS_OF = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of_day(text: str) -> int:
    """``20:00`` → 72000; ``24:00`` → 86400."""
    return int(text[:2]) * 3600 + int(text[3:]) * 60


def seconds(duration: str) -> int:
    """``10m`` → 600."""
    return int(duration[:-1]) * SECONDS_OF[duration[-1]]


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of a rulebook: unknown members are faults, not silently ignored."""


class Words(Rules, frozen=True, kw_only=True):
    """A text in the languages that people read it in."""

    zh: Text
    en: Text
