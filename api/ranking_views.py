"""Rankings as the API shows them."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Moment = Annotated[datetime, Meta(tz=True)]


class Rate(Struct, kw_only=True):
    """An exact fraction, such as attained days by days of the campaign."""

    numerator: Annotated[int, Meta(description="Such as attained days.")]
    denominator: Annotated[int, Meta(description="Such as days of the campaign.")]
    percent: Annotated[str, Meta(description="The fraction in percent, rounded half up to four places.")]


class Average(Struct, kw_only=True):
    """Steps a member, as an exact fraction."""

    steps: Annotated[int, Meta(description="Counted steps of the members; of a team's, since they joined.")]
    members: int
    rounded: Annotated[int, Meta(description="The fraction rounded half up.")]


class Keys(Struct, kw_only=True, omit_defaults=True):
    """What an entrant is ranked by: the keys of the board, in its order."""

    days_attained: int | UnsetType = UNSET
    sign_in_days: int | UnsetType = UNSET
    total_steps: int | UnsetType = UNSET
    last_sync: Annotated[
        Moment | UnsetType | None, Meta(description="When the newest counted sync happened; null for none.")
    ] = UNSET
    attainment_rate: Annotated[
        Rate | UnsetType,
        Meta(
            description="Attained days by days; of a union, member-days by members, and by days if so ruled."
        ),
    ] = UNSET
    average_steps: Average | UnsetType = UNSET
    participation_rate: Annotated[
        Rate | UnsetType, Meta(description="Of a union: members with a walk or run by members taking part.")
    ] = UNSET
    score: Annotated[
        Rate | UnsetType, Meta(description="Of a union, by the rulebook's weights; `percent` is the score.")
    ] = UNSET


class RankingRow(Struct, kw_only=True, omit_defaults=True):
    """A row of a ranking."""

    rank: Annotated[int, Meta(description="From 1, without ties.")]
    entrant: Annotated[str, Meta(description="Id of the participant, the team or the union.")]
    name: Annotated[str | UnsetType, Meta(description="Of the team or the union.")] = UNSET
    keys: Keys


class Ranking(Struct, kw_only=True):
    """A published ranking, and a page of its visible rows."""

    campaign: str
    board: str
    name: Annotated[dict[str, str], Meta(description="In zh and en.")]
    entrants: Annotated[int, Meta(description="How many are ranked, visible or not.")]
    visible: Annotated[int | None, Meta(description="How many rows everybody may see; null for all.")]
    as_of: Annotated[Moment | None, Meta(description="The moment of the standing; null before the first.")]
    position: Annotated[int, Meta(description="Up to which event it counts.")]
    frozen: Annotated[bool, Meta(description="It is final.")]
    root: Annotated[str | None, Meta(description="Merkle root of all rows of a final standing, in hex.")]
    rows: list[RankingRow]


class RankingPlace(Struct, kw_only=True, omit_defaults=True):
    """Where one entrant stands, visible or not."""

    campaign: str
    board: str
    as_of: Moment
    position: Annotated[int, Meta(description="Up to which event it counts.")]
    entrants: int
    frozen: bool
    live: Annotated[bool, Meta(description="It is the rank of right now, not the published one.")]
    visible: Annotated[bool, Meta(description="The published ranking lists it.")]
    rank: int
    entrant: str
    name: str | UnsetType = UNSET
    keys: Keys
