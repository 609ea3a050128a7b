"""Personal fields: which there are, and how their values are written so that the same one is always the same bytes.

Pure. What a value is told never leaves this file in a sentence: faults name the field, not what it held.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from operator import mul
from typing import get_args

from ledger.command import IdentityKind

FIELDS: dict[str, str] = {
    "name": "姓名, as in the identity document. Fixed once it stands.",
    "id_number": "身份证号: 18 characters. Fixed once it stands.",
    "phone": "手机号: a mainland number with or without +86, or another one with its +.",
    "wechat": "The WeChat account by which the app knows the person: its union id or open id.",
    "weibo": "The Weibo account by which the app knows the person.",
    "nickname": "昵称.",
    "email": "电子邮箱.",
    "gender": "性别, as the form has it.",
    "region": "所在地区, where the person lives or works.",
    "address": "联系地址.",
    "unit_address": "单位地址.",
    "household": "户籍类型.",
    "education": "学历.",
    "marital_status": "婚姻状况.",
    "home_address": "家庭住址.",
}
"""The fields that the vault keeps of a person (SX-02, SJ-01, ZG-02), and what each is."""

FIXED = ("name", "id_number")
"""Fields that stay as they were first told. Source: SJ-06."""

KINDS: tuple[IdentityKind, ...] = get_args(IdentityKind)
"""Fields by which a person is known in other channels, through a keyed hash."""

CASE = "case"
"""What a sealed case is about (SJ-05): kept when somebody is restricted for it, and told by nobody else."""

ADDRESS = "address/"
"""How the handle of a postal address begins; each address is a field of its own, kept as it was given."""

LONGEST = 500
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ZEROS = ord("0") * sum(WEIGHTS)
CHECK_DIGITS = "10X98765432"

_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[0-9]{10})")
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}")
_ASIDE = str.maketrans("", "", " -()\t")
_DOTS = str.maketrans("•・‧∙", "····")
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])|(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])"
)


class Unfit(ValueError):
    """A value that its field cannot have. code: stable; the text says what is expected, and nothing of the value."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


def normalised(field: str, value: str) -> str:
    """A value as it is kept and hashed: NFKC, without spaces around it, and what its field asks for. Raises Unfit."""
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    text = text.strip()
    if not text:
        raise Unfit("empty", f"{field} is empty.")
    if len(text) > LONGEST or not text.isprintable():
        raise Unfit(
            "unreadable", f"{field} has at most {LONGEST} characters, and none that cannot be printed."
        )
    own = _OWN.get(field)
    return own(text) if own else text


def _id_number(text: str) -> str:
    """GB 11643-1999: 18 characters, a day of birth that exists, and the check digit of ISO 7064 mod 11-2.

    The old numbers of 15 digits have not been valid since 2013 and have no check digit: a mistyped one would be
    somebody else's, so they are turned down.
    """
    number = text.upper()
    if len(number) == 15 and number.isdecimal():
        raise Unfit(
            "old_id_number", "An identity number of 15 digits is no longer valid; tell the one of 18."
        )
    if not _ID_NUMBER.fullmatch(number):
        raise Unfit("bad_id_number", "An identity number has 17 digits, and a digit or X at its end.")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Unfit("bad_id_number", "The day of birth in the identity number is in no calendar.") from None
    if check_digit(number) != number[17]:
        raise Unfit("bad_check_digit", "The last character of the identity number does not fit the others.")
    return number


def check_digit(number: str) -> str:
    """The last character of an identity number, of its first 17 digits."""
    return CHECK_DIGITS[(sum(map(mul, number.encode(), WEIGHTS)) - ZEROS) % 11]


def _phone(text: str) -> str:
    """With its country: +86 before the 11 digits of a mainland number; others must bring their own."""
    number = text.translate(_ASIDE)
    if mainland := _MAINLAND.fullmatch(number):
        return "+86" + mainland[1]
    if _ABROAD.fullmatch(number) and not number.startswith("+86"):
        return number
    raise Unfit(
        "bad_phone", "A phone number is 11 digits that begin with 1, or + and the country before another one."
    )


def _name(text: str) -> str:
    return _SPACES.sub(" ", text.translate(_DOTS))


_OWN: dict[str, Callable[[str], str]] = {"id_number": _id_number, "phone": _phone, "name": _name}


def names_somebody(text: str) -> bool:
    """Whether an identity number or a mobile number stands in a text that stays in the log for ever."""
    for found in _DIGITS.findall(unicodedata.normalize("NFKC", text)):
        if len(found) == 11 or check_digit(found) == found[17].upper():
            return True
    return False
