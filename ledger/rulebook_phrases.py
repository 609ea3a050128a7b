"""Days, moments, durations, numbers and money as the rules in words say them, in Chinese and English. Pure."""

from datetime import date, datetime

from ledger.rulebook import Rulebook

UNITS = {"s": ("秒", "second"), "m": ("分钟", "minute"), "h": ("小时", "hour"), "d": ("天", "day")}


def day_zh(day: date) -> str:
    """A day in Chinese; in English its ISO form is said."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment(book: Rulebook, at: datetime) -> tuple[str, str]:
    """A moment on the campaign's clock."""
    local = at.astimezone(book.tz)
    return f"{day_zh(local.date())}{local:%H:%M}", f"{local:%Y-%m-%d %H:%M}"


def duration(text: str) -> tuple[str, str]:
    """``10m`` → 10分钟, 10 minutes."""
    count, (zh, en) = int(text[:-1]), UNITS[text[-1]]
    return f"{count}{zh}", many(count, en)


def many(count: int, what: str) -> str:
    """``1 step``, ``1,000 steps``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def yuan(fen: int) -> str:
    """An amount of fen in yuan: ``1,234``, ``0.50``."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"
