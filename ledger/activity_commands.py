"""Commands about running, reading, commenting, attending, and what a phone's encrypted open data hold."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from ledger.command import Command, Name, Reference, StepCount


class RecordRun(Command, frozen=True, kw_only=True):
    """A run from an uploaded record. distance_m: metres; duration_s: seconds. Source: EC-06."""

    TYPE = "jifen.run_recorded"

    day: date
    distance_m: Annotated[int, Meta(ge=1, le=1_000_000)]
    duration_s: Annotated[int, Meta(ge=1, le=86_400)]
    provider: Annotated[str, Meta(min_length=1, max_length=64)]
    device: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class PostComment(Command, frozen=True, kw_only=True):
    """Say where a comment lies. Source: ZG-05."""

    TYPE = "jifen.comment_posted"

    ref: Reference


class ReadArticle(Command, frozen=True, kw_only=True):
    """Say which news were read. Source: ZG-05."""

    TYPE = "jifen.article_read"

    ref: Reference


class RecordAttendance(Command, frozen=True, kw_only=True):
    """Say that somebody attended something on site. occasion: its id in the rulebook. Source: EC-14."""

    TYPE = "jifen.attendance_recorded"

    occasion: Name


class DaySteps(msgspec.Struct, frozen=True, gc=False):
    """The steps of one day."""

    day: date
    steps: StepCount


class SyncManyDays(Command, frozen=True, kw_only=True):
    """The days of a decrypted payload of WeChat open data: each is one sync. Posted as steps_synced_encrypted.

    The edge decrypts; keys and ciphertext never come here. Days that are closed, or not of the campaign, are skipped.
    """

    TYPE = "jifen.steps_synced_encrypted"

    days: Annotated[tuple[DaySteps, ...], Meta(min_length=1, max_length=62)]
    provider: Annotated[str, Meta(min_length=1, max_length=64)] = "werun"
    device: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
