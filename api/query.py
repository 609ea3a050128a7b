"""Queries are read more strictly than the framework does it: whole, and integers written as integers."""

import re
from collections import Counter
from typing import Any

from litestar import Request
from litestar.constants import RESERVED_KWARGS
from litestar.exceptions import ValidationException

INTEGER = re.compile(r"-?[0-9]+")


def check_query(request: Request[Any, Any, Any]) -> None:
    """Before a handler: all that it needs of the query is there. Raises ValidationException, with every fault.

    The framework names a missing parameter in a sentence only, and takes 1e5 and 5.0 for integers.
    """
    said = list(request.query_params.multi_items())
    given = dict(said)
    faults = [
        (name, "This parameter is there twice; write it once.")
        for name, times in Counter(name for name, _ in said).items()
        if times > 1
    ]
    for name, parameter in request.route_handler.parsed_fn_signature.parameters.items():
        if name in dict(faults) or name in RESERVED_KWARGS or name in request.path_params:
            continue
        if name not in given:
            if parameter.is_required:
                faults.append((name, "This parameter is needed."))
        elif int in (parameter.annotation, *parameter.args) and not INTEGER.fullmatch(given[name]):
            faults.append((name, "This is no integer; write it in digits."))
    if faults:
        extra = [{"key": name, "message": message, "source": "query"} for name, message in faults]
        raise ValidationException(extra=extra)
