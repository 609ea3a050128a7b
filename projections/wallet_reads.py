"""What the API and the scheduler ask of wallets and redemptions. One statement a call; see reads.py for connections."""

from datetime import date, datetime

import msgspec

from projections import session
from projections.projection import query
from projections.reads import NEWEST, Connection, rows


class LotRow(msgspec.Struct, frozen=True):
    """Points that begin and expire together. expires: None for never. position: the newest event that moved it."""

    points: int
    begins: datetime
    expires: datetime | None
    position: int


class WalletRow(msgspec.Struct, frozen=True):
    """A member's wallet as of a position. balance: all lots less the debt. lots: in the order in which they expire."""

    position: int
    balance: int
    lots: tuple[LotRow, ...]

    @property
    def debt(self) -> int:
        """Points that were taken back and had been spent."""
        return sum(lot.points for lot in self.lots) - self.balance


class RedemptionRow(msgspec.Struct, frozen=True):
    """An item that was redeemed, and how far it has come. price: points. used_at: of a code, as the mall says."""

    prize: str
    pool: str
    item: str
    kind: str
    amount: int
    unit: str
    number: int
    price: int
    status: str
    redeemed_at: datetime
    expires_at: datetime | None
    address: bool
    due: date | None
    issued_at: datetime | None
    delivered_at: datetime | None
    lapsed_at: datetime | None
    used_at: datetime | None
    cancelled_at: datetime | None
    position: int


class DueWallet(msgspec.Struct, frozen=True):
    """A wallet with lots that have expired. expires: the newest of them; position: the newest event that moved one."""

    participant: str
    expires: datetime
    position: int


class DueRedemption(msgspec.Struct, frozen=True):
    """A redeemed item that was not claimed or used in time."""

    participant: str
    prize: str
    expires_at: datetime


_wallet = msgspec.json.Decoder(WalletRow).decode


async def wallet(conn: Connection, participant: str) -> WalletRow:
    """A member's wallet; an empty one for whoever has none."""
    ((found,),) = await rows(conn, "wallet", {"participant": participant})
    return _wallet(found)


async def redemptions_of(
    conn: Connection, book: str, participant: str, *, before: tuple[int, str] | None = None, limit: int = 50
) -> list[RedemptionRow]:
    """What a participant has redeemed, newest first. before: position and name of the last row of the page before."""
    position, prize = before or (NEWEST, "")
    parameters = {
        "book": book,
        "participant": participant,
        "position": position,
        "prize": prize,
        "limit": limit,
    }
    return [RedemptionRow(*row) for row in await rows(conn, "redemptions_of", parameters)]


def due_wallets(connection: session.Connection, now: datetime, limit: int = 1000) -> list[DueWallet]:
    """Wallets with points that have expired by now, whatever campaigns they came from."""
    parameters = {"now": now, "limit": limit}
    return [DueWallet(*row) for row in connection.execute(query("lots_due"), parameters)]


def due_redemptions(
    connection: session.Connection, book: str, now: datetime, limit: int = 1000
) -> list[DueRedemption]:
    """Redeemed items of a book that are past their validity and still wait for their owners."""
    parameters = {"book": book, "now": now, "limit": limit}
    return [DueRedemption(*row) for row in connection.execute(query("redemptions_due"), parameters)]
