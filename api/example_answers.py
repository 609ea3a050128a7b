"""What an example of the OpenAPI description is."""

from typing import Any, NamedTuple

import msgspec


class Answer(NamedTuple):
    """What an operation answers when all is well."""

    description: str
    example: Any


def answer(description: str, value: object) -> Answer:
    """An answer with an example that is encoded as the service would."""
    return Answer(description, msgspec.json.decode(msgspec.json.encode(value)))
