"""Queries are read more strictly than the framework does it: whole, and integers written as integers."""

import re
from typing import Any

from litestar import Request
from litestar.constants import RESERVED_KWARGS
from litestar.exceptions import ValidationException

INTEGER = re.compile(r"-?[0-9]+")


def check_query(request: Request[Any, Any, Any]) -> None:
    """Before a handler: all that it needs of the query is there. Raises ValidationException, with every fault.

    The framework names a missing parameter in a sentence only, and takes 1e5 and 5.0 for integers.
    """
    given = dict(request.query_params.multi_items())
    faults = []
    for name, parameter in request.route_handler.parsed_fn_signature.parameters.items():
        if name in RESERVED_KWARGS or name in request.path_params:
            continue
        if name not in given:
            if parameter.is_required:
                faults.append((name, "This parameter is needed."))
        elif int in (parameter.annotation, *parameter.args) and not INTEGER.fullmatch(given[name]):
            faults.append((name, "This is no integer; write it in digits."))
    if faults:
        extra = [{"key": name, "message": message, "source": "query"} for name, message in faults]
        raise ValidationException(extra=extra)
