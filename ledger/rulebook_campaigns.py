"""Rulebook tables of a campaign: who may take part, the day's steps, the route, points, badges and teams.

They are parts of ``rulebook.Rulebook``; each says which clause it comes from.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from ledger.rulebook_base import Clause, Count, Duration, Positive, Rules, Slug, Text, TimeOfDay, Words


class Trial(Rules, frozen=True, kw_only=True):
    """A public trial (公测) that counts for nothing afterwards. Both days included. Source: SX-01."""

    starts: date
    ends: date
    clause: Clause


class Branch(Rules, frozen=True, kw_only=True):
    """A union (工会) that participants belong to. quota: participants that it is to bring (SX-27)."""

    id: Slug
    name: Text
    group: Slug = "union"
    parent: Slug | None = None
    quota: Count | None = None


class Enrolment(Rules, frozen=True, kw_only=True):
    """Who may enrol. opens: default the first day of all.

    branches: the unions that can be named; they are in the ledger's tree too. tree: instead, all unions of the ledger's
    tree under this one, itself included. Neither = any text.
    """

    clause: Clause
    opens: date | None = None
    closes: date | None = None
    branches: tuple[Branch, ...] = ()
    tree: Slug | None = None


class Membership(Rules, frozen=True, kw_only=True):
    """Who may take part. how_to_join: what others are told. Source: JS-02, SJ-04.

    groups, branches: who enrols under a union of these groups, or under one of these or a union below; none = all.
    standing: whose membership in the ledger is in force, reviewed or not, or is reviewed; none = not asked.
    """

    clause: Clause
    groups: tuple[Slug, ...] = ()
    branches: tuple[Slug, ...] = ()
    standing: Literal["any", "reviewed"] | None = None
    how_to_join: Words


class Prerequisite(Rules, frozen=True, kw_only=True):
    """What must have been viewed before taking part. id: the ``ref`` of the content. Source: JS-13."""

    id: Slug
    name: Words
    clause: Clause


class SignIn(Rules, frozen=True, kw_only=True):
    """A sign-in once a day (签到)."""

    clause: Clause


class Window(Rules, frozen=True, kw_only=True):
    """When a sync counts. grace: how long after closing a sync of the window may be delivered.

    Source: SX-05.
    """

    opens: TimeOfDay = "00:00"
    closes: TimeOfDay = "24:00"
    grace: Duration = "10m"


class Steps(Rules, frozen=True, kw_only=True):
    """How steps count.

    daily_goal: counted steps that make a day attained (达标). daily_cap: steps above it do not count.
    show_above_cap: whether participants see more than the cap. total_cap: counted steps of the whole campaign.
    """

    clause: Clause
    goal_clause: Clause
    daily_goal: Positive
    daily_cap: Positive = 1_000_000
    total_cap: Positive = 1_000_000_000
    show_above_cap: bool = False
    window: Window = Window()


class Question(Rules, frozen=True, kw_only=True):
    """A question and its right answer; choices are shown to participants, the answer never is."""

    text: Text
    choices: dict[str, Text] = {}  # noqa: RUF012  # msgspec copies it
    answer: Text


class Checkpoint(Rules, frozen=True, kw_only=True):
    """A campaign checkpoint (关卡). leg: steps from the one before; left out = its equal share of the route."""

    name: Text
    leg: Positive | None = None
    question: Question | None = None
    introduction: Words | None = None


class Route(Rules, frozen=True, kw_only=True):
    """The virtual route: its length and its checkpoints, in order. Source: SX-07, SX-08, SX-09; EC-03.

    lit_by: ``steps`` lights them along total_steps, ``attained_days`` one for each attained day.
    """

    clause: Clause
    lit_by: Literal["steps", "attained_days"] = "steps"
    question_clause: Clause = ""
    reflection_clause: Clause = ""
    total_steps: Positive | None = None
    checkpoints: Annotated[tuple[Checkpoint, ...], Meta(min_length=1, max_length=200)]


class PointsRule(Rules, frozen=True, kw_only=True):
    """Points (积分) for something.

    on: what earns them. amount: points each time; for ``steps`` one amount for every ``every`` counted steps of a day.
    daily_max: most points of this rule in a day. quiz: of correct_answer, only of this quiz.
    """

    id: Slug
    on: Literal[
        "sign_in",
        "steps",
        "daily_goal",
        "team_goal",
        "reflection",
        "team_filled",
        "activation",
        "correct_answer",
        "comment",
        "article",
        "content",
        "attendance",
    ]
    amount: Positive
    every: Positive | None = None
    daily_max: Positive | None = None
    quiz: Slug | None = None
    clause: Clause


class Badge(Rules, frozen=True, kw_only=True):
    """A badge and what earns it. certificate: whether it is an honour certificate with a number and a text (EC-04)."""

    id: Slug
    name: Words
    on: Literal["every_day_signed_in", "every_checkpoint_passed", "every_checkpoint_lit"]
    certificate: bool = False
    clause: Clause


class Teams(Rules, frozen=True, kw_only=True):
    """Teams (团队): size, and the daily goals that make a team's day attained.

    Source: SX-03, SX-04, SX-14, SX-17.
    """

    clause: Clause
    goal_clause: Clause
    size: Annotated[int, Meta(ge=2, le=1000)]
    member_goal: Positive
    team_goal: Positive
    captain_clause: Clause | None = None
    captain_can_remove: bool = False
