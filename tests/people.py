"""Made-up people for tests: identity numbers whose check digits fit, of nobody."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.personal import check_digit

FAMILY = "王李张刘陈杨黄赵吴周"
GIVEN = "小明建国秀英志强桂兰海燕"


class Person(NamedTuple):
    """Somebody who does not exist. Region 321199 is of no place."""

    name: str
    id_number: str
    phone: str


def person(n: int) -> Person:
    """The n-th of them, up to 9,999,999; no two share a number."""
    day = f"19{50 + n // 1000 % 50}{1 + n // 50_000 % 12:02}{1 + n // 600_000:02}"
    digits = f"321199{day}{n % 1000:03}"
    name = FAMILY[n % len(FAMILY)] + GIVEN[n % len(GIVEN)] + GIVEN[(n // 7) % len(GIVEN)]
    return Person(name, digits + check_digit(digits), f"139{(n + 1) * 73_856_093 % 10**8:08}")


def roster(people: int, union: str = "镇江市总工会", first: int = 0) -> str:
    """A roster of so many of them."""
    return "姓名,身份证号,手机号,单位,编号\n" + "".join(_lines(range(first, first + people), union))


def _lines(numbers: range, union: str) -> Iterator[str]:
    for n in numbers:
        name, id_number, phone = person(n)
        yield f"{name},{id_number},{phone},{union},ZG-{n}\n"
