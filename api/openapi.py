"""``/schema/openapi.json``: OpenAPI 3.1 of everything that the service answers.

Paths and parameters are read off the handlers by Litestar, schemas off the structs by msgspec; this file puts them
together and adds what neither knows: bodies, headers, security, problems and examples.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any, get_args

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig

from api.answers import Accepted
from api.auth import POSTERS, PUBLIC, may
from api.bodies import JSON, TOML
from api.clock import ClockSetting
from api.corrections import Correction
from api.draw_writes import Running, Sealing
from api.examples import ANSWERS, RULEBOOK
from api.openapi_events import documented_events, event_schemas, post_events_operation
from api.prize_writes import PrizeStep
from api.problem_codes import CODES
from api.problems import PROBLEM_JSON, ProblemDetails, problem_body, problems
from api.state import service_of
from api.vouchers import CSV
from ledger.commands import COMMAND_TYPES
from ledger.keys import ROLES, Role

Schema = dict[str, Any]

COMPONENT = "#/components/schemas/{name}"
BODIES: dict[str, tuple[str, type[msgspec.Struct] | None, Any]] = {
    "publishCampaign": (TOML, None, RULEBOOK),
    "amendCampaign": (TOML, None, RULEBOOK),
    "checkRulebook": (TOML, None, RULEBOOK),
    "correct": (JSON, Correction, {"reverses": 18231, "reason": "The phone's clock was a day off."}),
    "sealDraw": (JSON, Sealing, {"beacon": {"kind": "drand", "round": 4200000}}),
    "runDraw": (
        JSON,
        Running,
        {"signature": "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e3…"},
    ),
    "movePrize": (JSON, PrizeStep, {"ref": "SF1234567890"}),
    "importVouchers": (CSV, None, "code\nMV-7H2K-0001\nMV-7H2K-0002\n"),
    "redeemVouchers": (CSV, None, "code,redeemed_at,ref\nMV-7H2K-0001,2023-11-20T19:30:00+08:00,A-88\n"),
    "setClock": (JSON, ClockSetting, {"now": "2019-07-01T08:00:00+08:00"}),
}
IDEMPOTENCY_KEY = {
    "publishCampaign": False,
    "amendCampaign": True,
    "correct": True,
    "sealDraw": True,
    "runDraw": True,
    "awardPlaces": True,
    "movePrize": True,
    "importVouchers": True,
    "redeemVouchers": True,
}
"""Operation → whether the header is required."""

INFO = {
    "title": "Jifen 积分",
    "summary": "An event-sourced points and rewards ledger.",
    "description": (
        "Clients post what happened; the ledger decides by the campaign's rules what follows, keeps every event for"
        " ever, and answers from views of them. Errors are RFC 9457 everywhere.\n\n"
        "客户端上报发生了什么；账本按活动规则作出判定，保存每一个事件，并由此提供查询。所有错误均采用 RFC 9457 格式。"
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
TAGS = {
    "events": "Posting what happened. 上报事件",
    "campaigns": "Campaigns and their rules. 活动与规则",
    "participants": "What participants have and have done. 参与者",
    "teams": "Teams and their days. 团队",
    "draws": "Prize pools, draws and their proofs. 抽奖与验证",
    "prizes": "Prizes, from winning to delivery; voucher codes. 奖品与券码",
    "rankings": "Boards. 排行榜",
    "log": "The log itself, for auditors and feeds. 事件日志",
    "operation": "Running the service. 运行",
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key made by `jifen keys create`. Roles: client, operator, auditor, finance, administrator.",
}
HEADERS: dict[str, Schema] = {
    "Jifen-Position": {
        "description": "The position of the log that the answer is of.",
        "schema": {"type": "integer"},
    },
    "Idempotency-Replayed": {"description": "`true` for a repeat.", "schema": {"const": "true"}},
    "Link": {"description": 'The next page (RFC 8288): `<…>; rel="next"`.', "schema": {"type": "string"}},
    "X-Request-Id": {"description": "Names the request in the service's log.", "schema": {"type": "string"}},
}
PROBLEM_HEADERS: dict[int, Schema] = {
    401: {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
LEFT_OUT = {
    ("CampaignPublished", "text"): "The rulebook. Left out of answers: it holds the right answers.",
    ("CampaignAmended", "text"): "The rulebook. Left out of answers: it holds the right answers.",
    ("QuestionAnswered", "answer"): "Left out of timelines for keys of clients, if it is right.",
}
"""Members of stored events that some answers leave out."""


@get(
    "/schema/openapi.json",
    opt=may(PUBLIC),
    operation_id="getOpenApi",
    tags=["operation"],
    summary="This description",
    media_type="application/vnd.oai.openapi+json",
    responses=problems(),
)
async def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """OpenAPI 3.1 of the service."""
    document = await asyncio.to_thread(service_of(request).openapi)
    return Response(document, media_type="application/vnd.oai.openapi+json")


def openapi_document(handlers: Sequence[HTTPRouteHandler]) -> Schema:
    """The whole description."""
    config = OpenAPIConfig(title="", version="", path="/unused", use_handler_docstrings=True)
    read = Litestar(handlers, openapi_config=config, logging_config=None).openapi_schema.to_schema()
    paths: Schema = {path: dict(item) for path, item in sorted(read["paths"].items()) if item}
    paths["/v1/events"] = {"post": post_events_operation(), **paths["/v1/events"]}
    roles = {handler.operation_id: handler.opt["roles"] for handler in handlers} | {"postEvents": POSTERS}
    for item in paths.values():
        for operation in item.values():
            _complete(operation, roles[operation["operationId"]])
    used = {
        status for item in paths.values() for operation in item.values() for status in operation["responses"]
    }
    return {
        "openapi": "3.1.0",
        "info": {**INFO, "version": _version()},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": BEARER},
            "schemas": _schemas(handlers),
            "responses": {
                f"Problem{status}": _problem(status) for status in sorted(map(int, used)) if status >= 400
            },
            "headers": HEADERS,
        },
    }


def _complete(operation: Schema, roles: frozenset[Role]) -> None:
    """Everything that the handlers' signatures do not say."""
    name = operation["operationId"]
    operation["security"] = [{"key": []}] if roles else []
    if roles:
        operation["x-roles"] = [role for role in ROLES if role in roles]
        operation["description"] += f"\n\nRoles: {', '.join(operation['x-roles'])}."
    operation.pop("deprecated", None)
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        _tidy(parameter)
    if name in IDEMPOTENCY_KEY:
        parameters.append(_idempotency_key(required=IDEMPOTENCY_KEY[name]))
    if name in BODIES:
        operation["requestBody"] = _body(*BODIES[name])
    asked = {parameter["name"] for parameter in parameters}
    headers = ["X-Request-Id"]
    headers += ["Jifen-Position"] if "at_least" in asked or "log" in operation["tags"] else []
    headers += ["Link"] if asked & {"cursor", "after"} else []
    headers += ["Idempotency-Replayed"] if name in IDEMPOTENCY_KEY or name == "postEvents" else []
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
            continue
        response["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in headers}
        if name in ANSWERS:
            response["description"] = ANSWERS[name].description
            for content in response["content"].values():
                content["example"] = ANSWERS[name].example
                if name == "getOpenApi":
                    content["schema"] = {"type": "object"}


def _tidy(parameter: Schema) -> None:
    """Leave out what only repeats, and write whole numbers as such and patterns as ECMA 262 has them."""
    for noise in ("deprecated", "allowEmptyValue", "allowReserved"):
        parameter.pop(noise, None)
    schema = parameter["schema"]
    schema.pop("description", None)
    for bound in ("minimum", "maximum"):
        if bound in schema and schema["type"] == "integer":
            schema[bound] = int(schema[bound])
    if "pattern" in schema:
        schema["pattern"] = schema["pattern"].replace("\\Z", "$")
    if schema.get("default") == "":
        del schema["default"]


def _idempotency_key(*, required: bool) -> Schema:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "Names what you want done: a value of your choice, the same when you repeat it."
        + ("" if required else " Left out, the text itself is the key."),
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        "example": "9b1d-publish",
    }


def _body(media_type: str, shape: type[msgspec.Struct] | None, example: Any) -> Schema:
    schema = {"type": "string"} if shape is None else {"$ref": COMPONENT.format(name=shape.__name__)}
    return {"required": True, "content": {media_type: {"schema": schema, "example": example}}}


def _schemas(handlers: Iterable[HTTPRouteHandler]) -> Schema:
    shapes: list[Any] = [ProblemDetails, Accepted, *COMMAND_TYPES.values(), *documented_events()]
    shapes += [shape for _, shape, _ in BODIES.values() if shape]
    for handler in handlers:
        shapes += _structs(handler.parsed_fn_signature.return_type.annotation)
    _, components = msgspec.json.schema_components(dict.fromkeys(shapes), ref_template=COMPONENT)
    for component in components.values():
        component["description"] = "\n".join(map(str.strip, component.get("description", "").splitlines()))
        for name, member in component.get("properties", {}).items():
            _mend(name, member)
    stored = {"$ref": COMPONENT.format(name="StoredEvent")}
    for name in ("AnsweredEvent", "LoggedEvent", "TimelineEvent"):
        components[name]["properties"]["data"] = stored
    for (name, member), where in LEFT_OUT.items():
        components[name]["required"].remove(member)
        components[name]["properties"][member]["description"] = where
    return {**components, **event_schemas()}


def _structs(answer: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that an answer can be: itself, or inside a Response or a union."""
    for part in get_args(answer):
        yield from _structs(part)
    if isinstance(answer, type) and issubclass(answer, msgspec.Struct):
        yield answer


def _mend(name: str, member: Schema) -> None:
    """Say that instants are instants, and write patterns as ECMA 262 has them."""
    for schema in (member, *member.get("anyOf", ())):
        if name.endswith("_at") and schema.get("type") == "string":
            schema["format"] = "date-time"
        if "pattern" in schema:
            schema["pattern"] = schema["pattern"].replace("\\Z", "$")


def _problem(status: int) -> Schema:
    codes = {name: code for name, code in CODES.items() if code.status == status}
    return {
        "description": HTTPStatus(status).phrase + ": " + ", ".join(f"`{name}`" for name in codes),
        "headers": PROBLEM_HEADERS.get(status, {}),
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": COMPONENT.format(name="ProblemDetails")},
                "examples": {
                    name: {"summary": code.title, "value": problem_body(status, name, code.advice)}
                    for name, code in codes.items()
                },
            }
        },
    }


def _version() -> str:
    try:
        return version("jifen")
    except PackageNotFoundError:  # run from a folder of sources
        return "0"
