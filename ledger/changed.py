"""Members of a state that an event gives by name, as JSON: how joinings say what is different afterwards."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec


def told(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, msgspec.Raw]:
    """The members that are different, by name."""
    return {
        name: msgspec.Raw(msgspec.json.encode(value))
        for name in before.__struct_fields__
        if (value := getattr(after, name)) != getattr(before, name)
    }


def read(kind: type[msgspec.Struct], told: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    """The same as values. A member that this version of the state does not have any more is left out."""
    decoders = _decoders(kind)
    return {name: decoders[name](value) for name, value in told.items() if name in decoders}


@cache
def _decoders(kind: type[msgspec.Struct]) -> dict[str, Callable[[Any], Any]]:
    return {field.name: msgspec.json.Decoder(field.type).decode for field in msgspec.structs.fields(kind)}
