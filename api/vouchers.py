"""Voucher codes: importing a delivery of them, and the outside mall's report of those that were used. Source: JS-11.

Codes come in as CSV and are sealed at once: in the log, in answers and in messages stand their numbers and lines only.
"""

import csv
import io
import re
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Request, Response, post
from litestar.params import Parameter
from msgspec import Meta, Struct
from psycopg import AsyncConnection

from api.auth import CODE_KEEPERS, PRIZE_KEEPERS, may
from api.bodies import required_idempotency_key, text_body
from api.events import REPLAYED
from api.lines import Line, submit_lines
from api.paths import CampaignPath, PoolPath
from api.prizes import prize_unknown
from api.problems import problems
from api.reading import caught_up, pool_in, rules_at
from api.scope import CAMPAIGN
from api.state import service_of
from api.vault import KnownCode, fingerprints, known_codes, seal_codes
from api.writes import asked_by, replayed, submit_one
from ledger.command import Request as LedgerRequest
from ledger.commands import ImportVouchers, RedeemVoucher
from ledger.events import VouchersImported
from ledger.refusal import Malformed
from ledger.refusals import PrizeUnknown
from ledger.streams import pool_stream

CSV = "text/csv"
LONGEST_CODE = 200
MAX_LINES = 5_000
"""So many lines a report of the mall may have: each is one request to the ledger."""
HANDED = """
    SELECT pool, outcome, voucher, prize, participant FROM prizes
    WHERE book = %s AND pool = ANY(%s) AND voucher = ANY(%s)
"""

RulebookPrize = Annotated[
    str,
    Parameter(description="Id of the prize in the rulebook.", pattern=r"^[a-z0-9][a-z0-9.-]{0,39}\Z"),
]
Batch = Annotated[
    str,
    Parameter(
        min_length=1, max_length=200, pattern=r"^[^\x00]*\Z", description="What the delivery is called."
    ),
]


class ImportedCodes(Struct, kw_only=True):
    """Codes that were imported."""

    pool: str
    prize: str
    batch: str
    first: Annotated[int, Meta(description="Number of the first code of this delivery, from 1.")]
    count: int
    position: Annotated[int, Meta(description="Where it stands in the log.")]


class RedeemedLine(Line, kw_only=True, omit_defaults=True):
    """What became of one line of the mall's report."""

    line: Annotated[int, Meta(description="Of the file, from 1.")]
    status: Annotated[str, Meta(description="accepted, refused, invalid or conflict.")]
    prize: Annotated[str, Meta(description="The prize whose code it is.")] = ""
    code: Annotated[str, Meta(description="Kind of problem, not the voucher's code.")] = ""


class Redeemed(Struct):
    """The report of the mall, line by line."""

    results: list[RedeemedLine]


class UsedCode(NamedTuple):
    """A line of the mall's report. fault: why it is none."""

    line: int
    code: str
    redeemed_at: datetime | None
    ref: str
    fault: str = ""


@post(
    "/v1/campaigns/{campaign:str}/pools/{pool:str}/prizes/{prize:str}/vouchers",
    opt=may(CODE_KEEPERS, CAMPAIGN),
    operation_id="importVouchers",
    tags=["prizes"],
    summary="Import voucher codes",
    responses=problems(401, 403, 404, 409, 413, 415, 422, 429),
)
async def import_vouchers(
    request: Request[Any, Any, Any],
    campaign: CampaignPath,
    pool: PoolPath,
    prize: RulebookPrize,
    batch: Batch,
) -> Response[ImportedCodes]:
    """Take in voucher codes: text/csv, one code a line; a first line `code` is a header. All of the file, or nothing.

    An empty line, a code that comes twice and one that was imported before are refused, and their lines named.
    """
    id_ = required_idempotency_key(request)
    codes, first_line = read_codes(await text_body(request, CSV))
    service = service_of(request)
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
    found = pool_in(book, pool)
    if prize not in found.by_id:
        raise prize_unknown(f"{pool} has no prize {prize}.", found.clause)
    vault, stream = service.ledger.vault, pool_stream(book.id, pool)
    command = ImportVouchers(pool=pool, prize=prize, batch=batch, fingerprints=fingerprints(vault, codes))
    beside = seal_codes(vault, stream, prize, codes)
    asked = asked_by(request, id_, command, campaign=campaign, beside=beside)
    # Its identity is that of the codes: with a header or without, it is the same delivery.
    asked = msgspec.structs.replace(asked, command=msgspec.structs.replace(command, first_line=first_line))
    outcome = await submit_one(request, asked)
    event = msgspec.json.decode(outcome.events[0].state, type=VouchersImported)
    answer = ImportedCodes(
        pool=event.pool,
        prize=event.prize,
        batch=event.batch,
        first=event.first,
        count=event.count,
        position=outcome.position,
    )
    return Response(answer, headers=replayed(outcome))


@post(
    "/v1/campaigns/{campaign:str}/vouchers/redeemed",
    opt=may(PRIZE_KEEPERS, CAMPAIGN),
    status_code=200,
    operation_id="redeemVouchers",
    tags=["prizes"],
    summary="Report used voucher codes",
    responses=problems(401, 403, 404, 409, 413, 415, 429),
)
async def redeem_vouchers(request: Request[Any, Any, Any], campaign: CampaignPath) -> Response[Redeemed]:
    """Take the outside mall's report: text/csv with the header `code,redeemed_at,ref`, the last two optional.

    Each line has its own result, in order; one bad line never sinks its neighbours. Sent again under the same
    Idempotency-Key it is a repeat, line by line.
    """
    id_ = required_idempotency_key(request)
    used = read_report(await text_body(request, CSV))
    service = service_of(request)
    await caught_up(service, "prizes")
    async with service.pool.connection() as connection:
        book, _ = await rules_at(service, connection, campaign)
        prints = fingerprints(service.ledger.vault, [each.code for each in used])
        owners = await _owners(connection, book.id, await known_codes(connection, prints))
    results: list[RedeemedLine] = []
    asked: list[tuple[RedeemedLine, LedgerRequest]] = []
    for each, fingerprint in zip(used, prints, strict=True):
        line, owner = RedeemedLine(line=each.line, status="invalid", http_status=400), owners.get(fingerprint)
        results.append(line)
        if each.fault:
            line.code, line.detail = "malformed", each.fault
        elif owner is None:
            line.http_status, line.code = 404, PrizeUnknown.CODE
            line.detail = "No code of this campaign that was handed out."
        else:
            line.prize = owner[0]
            command = RedeemVoucher(prize=owner[0], redeemed_at=each.redeemed_at, ref=each.ref)
            id_of_line = f"{id_} {each.line}"
            said = asked_by(request, id_of_line, command, campaign=campaign, participant=owner[1])
            asked.append((line, said))
    repeat = await submit_lines(request, asked)
    return Response(Redeemed(results), headers=REPLAYED if repeat else {})


def read_codes(text: str) -> tuple[list[str], int]:
    """The codes of a file, one a line, and the line of the first; an empty line is an empty code. Raises Malformed.

    The end of the last line is no line of its own. Spaces around a code, and quotes around all of it, are not part of
    it.
    """
    lines = [_unquoted(line.strip()) for line in _lines(text)]
    first_line = 2 if lines and lines[0].lower() == "code" else 1
    codes = lines[first_line - 1 :]
    for number, code in enumerate(codes, start=first_line):
        if len(code) > LONGEST_CODE or not code.isprintable() or "," in code or '"' in code:
            raise Malformed(
                "",
                f"Line {number} of the file is not one code: up to {LONGEST_CODE} printable characters without"
                " commas and quotes.",
            )
    return codes, first_line


def read_report(text: str) -> list[UsedCode]:
    """The lines of the mall's report. Raises Malformed for a file that is none."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        unknown = set(header) - {"code", "redeemed_at", "ref"}
        if "code" not in header or unknown or len(set(header)) < len(header):
            raise Malformed("", "The first line names the columns: code, and perhaps redeemed_at and ref.")
        used = [_used(rows.line_num, dict(zip(header, row, strict=False))) for row in rows if any(row)]
    except csv.Error as fault:
        raise Malformed("", f"Line {rows.line_num} is not CSV: {fault}.") from None
    if len(used) > MAX_LINES:
        raise Malformed("", f"{len(used)} lines; at most {MAX_LINES} are taken at once.")
    return used


def _used(line: int, row: dict[str, str]) -> UsedCode:
    code, ref, at = (row.get(name, "").strip() for name in ("code", "ref", "redeemed_at"))
    if not code:
        return UsedCode(line, "", None, ref, "The line has no code.")
    if len(ref) > LONGEST_CODE or "\0" in ref:
        return UsedCode(line, "", None, "", f"ref is longer than {LONGEST_CODE} characters.")
    try:
        moment = msgspec.convert(at, Annotated[datetime, Meta(tz=True)]) if at else None
    except msgspec.ValidationError:
        return UsedCode(line, "", None, ref, "redeemed_at is no moment with an offset (RFC 3339).")
    return UsedCode(line, code, moment, ref)


def _unquoted(code: str) -> str:
    """Without the quotes around all of it; a single quote is no pair, and is found out."""
    return code[1:-1].strip() if len(code) > 1 and code[0] == code[-1] == '"' else code


def _lines(text: str) -> list[str]:
    lines = re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))
    return lines[:-1] if lines[-1] == "" else lines


async def _owners(
    connection: AsyncConnection, book: str, known: dict[str, KnownCode]
) -> dict[str, tuple[str, str]]:
    """Fingerprint → the prize that the code was handed out with, and its winner."""
    pools = {code.stream.rpartition("/")[2] for code in known.values()}
    numbers = {code.number for code in known.values()}
    rows = await connection.execute(HANDED, (book, list(pools), list(numbers)))
    handed = {(pool, outcome, number): (prize, who) async for pool, outcome, number, prize, who in rows}
    owners = {}
    for fingerprint, code in known.items():
        pool = code.stream.rpartition("/")[2]
        owner = handed.get((pool, code.prize, code.number))
        if owner and code.stream == pool_stream(book, pool):
            owners[fingerprint] = owner
    return owners
