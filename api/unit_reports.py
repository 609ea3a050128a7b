"""The report of a campaign's unions, and their certificates. Source: SX-27, SX-28, JS-12, EC-09, EC-10."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, cast

from litestar import Request, Response, get
from litestar.params import Parameter
from msgspec import Meta, Struct
from psycopg import AsyncConnection

from api.auth import READERS, may
from api.branches import BranchPath
from api.paging import AtLeast, Cursor, link_to_next, read_cursor
from api.paths import CampaignPath
from api.problems import not_found, problems
from api.ranking_views import Rate
from api.reading import Trial, is_trial, reached, rules_at
from api.scope import HANDLER, OPEN, subtree
from api.state import service_of
from ledger.rulebook import Rulebook
from ledger.rulebook_words import total_quota
from projections import board_reads, reads, unit_reads, units
from projections.standing import percent
from projections.unit_reads import Unit

CSV = "text/csv"
MOST = 5_000
COLUMNS = (
    "branch", "name", "group", "parent", "quota", "enrolled", "progress_percent", "active", "walked", "attained",
    "total_steps", "participation_percent", "attainment_percent", "score",
)  # fmt: skip

Moment = Annotated[datetime, Meta(tz=True)]
Many = Annotated[int, Parameter(ge=1, le=MOST, description="At most so many.")]


class UnitFigures(Struct, kw_only=True):
    """Figures of a union, those of the unions below it included."""

    quota: Annotated[int | None, Meta(description="Participants that it is to bring; null for no quota.")]
    enrolled: Annotated[int, Meta(description="Members taking part.")]
    progress: Annotated[Rate | None, Meta(description="Enrolled by quota.")]
    active: Annotated[int, Meta(description="Of them, who has signed in, synced or run.")]
    walked: Annotated[int, Meta(description="Of them, who has a walk or a run on record.")]
    attained: Annotated[int, Meta(description="Attained member-days.")]
    total_steps: Annotated[int, Meta(description="Counted steps.")]
    participation_rate: Annotated[Rate | None, Meta(description="Walked by enrolled; null while nobody is.")]
    attainment_rate: Annotated[
        Rate | None, Meta(description="Attained by enrolled, and by days so far if the score is by day.")
    ]
    score: Annotated[
        Rate | None,
        Meta(description="Of the rulebook's weights, exactly; `percent` is the score. Null without a score."),
    ]


class UnitView(UnitFigures, kw_only=True):
    """A union of a campaign."""

    id: str
    name: str
    group: str
    parent: Annotated[str | None, Meta(description="The union above it in the campaign.")]
    merged_from: Annotated[list[str], Meta(description="Listed unions that were merged into it.")]


class UnitReport(Struct, kw_only=True):
    """The unions of a campaign. totals: everybody once; null for a key that is for one union."""

    campaign: str
    as_of: Moment
    days: Annotated[
        int, Meta(description="By how many days attainment is divided: 1 unless the score is by day.")
    ]
    totals: UnitFigures | None
    branches: list[UnitView]


class Certificate(Struct, kw_only=True):
    """An honour certificate of a union, as data."""

    number: str
    campaign: str
    title: Annotated[dict[str, str], Meta(description="Of the campaign, in zh and en.")]
    board: str
    board_name: dict[str, str]
    name: Annotated[dict[str, str], Meta(description="Of the certificate, in zh and en.")]
    branch: str
    branch_name: str
    rank: int
    of: Annotated[int, Meta(description="How many unions are ranked.")]
    as_of: Moment
    root: Annotated[str, Meta(description="Merkle root of the final standing, in hex; see docs/boards.md.")]
    clause: str


class Certificates(Struct, kw_only=True):
    """The certificates of a union in a campaign."""

    certificates: list[Certificate]


@get(
    "/v1/campaigns/{campaign:str}/branches",
    opt=may(READERS, HANDLER),
    operation_id="reportBranches",
    tags=["branches"],
    summary="Report a campaign's unions",
    responses=problems(401, 403, 404),
)
async def report_branches(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    trial: Trial = None,
    at_least: AtLeast = 0,
    limit: Many = 100,
    cursor: Cursor = "",
) -> Response[UnitReport]:
    """Per union: quota, enrolled, active, attained, rates and score; a parent's figures include its children's.

    With `Accept: text/csv` the same as a table, in pages too. A key that is for one union sees those below it.
    """
    service = service_of(request)
    after = read_cursor(cursor, str) or ""
    await reached(service, at_least)
    async with service.pool.connection() as connection:
        position = await reads.position(connection, units.VIEWS)
        rules, now = await rules_at(service, connection, campaign)
        under = await subtree(request, connection)
        book = rules.book(is_trial(rules, now, trial))
        found = await unit_reads.report(connection, rules, book, under=under, after=after, limit=limit + 1)
        everybody = await unit_reads.totals(connection, rules, book) if under is None else None
    place = found[limit - 1].place if len(found) > limit else None
    headers = {
        "Jifen-Position": str(position), "Vary": "Accept", **link_to_next(request, place)
    }  # fmt: skip
    days = units.days_so_far(rules, book, now)
    if CSV in request.headers.get("accept", ""):
        table = as_csv(view(unit, rules, days) for unit in found[:limit])
        return cast("Response[UnitReport]", Response(table, media_type=CSV, headers=headers))
    answer = UnitReport(
        campaign=campaign,
        as_of=now,
        days=days,
        totals=totals_view(everybody, rules, days) if everybody else None,
        branches=[view(unit, rules, days) for unit in found[:limit]],
    )
    return Response(answer, headers=headers)


@get(
    "/v1/campaigns/{campaign:str}/branches/{branch:str}/certificates",
    opt=may(READERS, OPEN),
    operation_id="listBranchCertificates",
    tags=["branches"],
    summary="List a union's certificates",
    responses=problems(401, 403, 404),
)
async def list_branch_certificates(
    request: Request[Any, Any, Any], campaign: CampaignPath, branch: BranchPath
) -> Certificates:
    """The honours of a union: of each board of unions that is final and honours its first, if it is one of them."""
    service = service_of(request)
    async with service.pool.connection() as connection:
        rules, _ = await rules_at(service, connection, campaign)
        if rules.enrolment.branches and branch not in rules.groups and not await _stands(connection, branch):
            raise not_found(f"{campaign} has no union {branch!r}.")
        return Certificates(certificates=await certificates(connection, rules, branch))


async def _stands(connection: AsyncConnection, branch: str) -> bool:
    row = await connection.execute("SELECT FROM branches WHERE id = %s", (branch,))
    return await row.fetchone() is not None


async def certificates(connection: AsyncConnection, rules: Rulebook, branch: str) -> list[Certificate]:
    """What a union has won on the final boards of a campaign."""
    won = []
    for board in rules.boards:
        if board.entrants != "branches" or board.honours is None:
            continue
        place = await board_reads.place(connection, board.entrants, rules.id, board.id, branch)
        if place is None or not place[0].frozen or place[1].rank > board.honours.first:
            continue
        standing, row = place
        won.append(
            Certificate(
                number=f"{rules.id}/{board.id}/{row.rank}",
                campaign=rules.id,
                title={"zh": rules.title.zh, "en": rules.title.en},
                board=board.id,
                board_name={"zh": board.name.zh, "en": board.name.en},
                name={"zh": board.honours.name.zh, "en": board.honours.name.en},
                branch=branch,
                branch_name=row.name or branch,
                rank=row.rank,
                of=standing.entrants,
                as_of=standing.as_of,
                root=standing.root or "",
                clause=board.honours.clause,
            )
        )
    return won


def _rate(part: int, whole: int) -> Rate | None:
    return Rate(numerator=part, denominator=whole, percent=percent(part, whole)) if whole else None


def _figures(unit: Unit, rules: Rulebook, days: int, quota: int | None) -> dict[str, Any]:
    score = rules.score
    part = 0
    if score:
        part = score.participation * unit.walked * days + score.attainment * unit.attained
    return {
        "quota": quota,
        "enrolled": unit.members,
        "progress": _rate(unit.members, quota or 0),
        "active": unit.active,
        "walked": unit.walked,
        "attained": unit.attained,
        "total_steps": unit.steps,
        "participation_rate": _rate(unit.walked, unit.members),
        "attainment_rate": _rate(unit.attained, unit.members * days),
        "score": _rate(part, 100 * unit.members * days) if score else None,
    }


def view(unit: Unit, rules: Rulebook, days: int) -> UnitView:
    """A union as the report shows it. days: by how many its attainment is divided."""
    return UnitView(
        id=unit.id,
        name=unit.name,
        group=unit.kind,
        parent=unit.parent,
        merged_from=list(unit.merged_from),
        **_figures(unit, rules, days, unit.quota),
    )


def totals_view(everybody: Unit, rules: Rulebook, days: int) -> UnitFigures:
    """Everybody of the campaign, and all quotas that include no other."""
    quota = total_quota(rules.enrolment.branches) or None
    return UnitFigures(**_figures(everybody, rules, days, quota))


def as_csv(rows: Iterable[UnitView]) -> str:
    """The report as a table; rates in percent, to four places. A cell that a program could run as a formula is text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        rates = (row.participation_rate, row.attainment_rate, row.score)
        shown = [rate.percent if rate else "" for rate in rates]
        quota = "" if row.quota is None else row.quota
        progress = row.progress.percent if row.progress else ""
        said = [_cell(each) for each in (row.id, row.name, row.group, row.parent or "")]
        writer.writerow(
            [
                *said,
                quota,
                row.enrolled,
                progress,
                row.active,
                row.walked,
                row.attained,
                row.total_steps,
                *shown,
            ]
        )
    return text.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
