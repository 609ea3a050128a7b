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
from api.cloudevents import DATA
from api.examples import ANSWERS
from api.member_writes import Review
from api.openapi_bodies import BODIES, IDEMPOTENCY_KEY
from api.openapi_events import documented_events, event_schemas, post_events_operation
from api.problem_codes import CODES
from api.problems import PROBLEM_JSON, ProblemDetails, problem_body, problems
from api.state import service_of
from ledger.keys import ROLES, Role

Schema = dict[str, Any]

COMPONENT = "#/components/schemas/{name}"
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
    "branches": "The union tree: search, lists, units typed in, mergers; the report per union. 工会组织",
    "members": "Persons: membership, reviews, rights, restrictions, personal details. 会员",
    "teams": "Teams and their days. 团队",
    "draws": "Prize pools, draws and their proofs. 抽奖与验证",
    "prizes": "Prizes, from winning to delivery; voucher codes. 奖品与券码",
    "shop": "What points buy, and what was redeemed. 积分商城",
    "rankings": "Boards. 排行榜",
    "funds": "Funds, donations, volunteer projects, hardship help. 基金与帮扶",
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
    ("QuizAnswered", "answer"): "Left out of timelines for keys of clients, if it is right.",
    ("Activated", "identity"): "Left out of timelines for keys of clients.",
    ("IdentitiesAdded", "identities"): "Left out of timelines for keys of clients.",
    ("MemberRestricted", "kind"): "Left out of timelines for keys of clients, if the case is sealed.",
    ("MemberRestricted", "source"): "Left out of timelines for keys of clients, if the case is sealed.",
    ("MemberRestricted", "actor"): "Left out of timelines for keys of clients, if the case is sealed.",
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
    shapes: list[Any] = [ProblemDetails, Accepted, *DATA.values(), *documented_events()]
    shapes += [Review, *(shape for _, shape, _ in BODIES.values() if shape)]
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
    components["Reviews"]["properties"]["reviews"]["items"] = {"$ref": COMPONENT.format(name="Review")}
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
    """Say that instants are instants, and write patterns as ECMA 262 has them, however deep they stand."""
    for schema in (member, *member.get("anyOf", ())):
        if name.endswith("_at") and schema.get("type") == "string":
            schema["format"] = "date-time"
    _write_patterns(member)


def _write_patterns(schema: Any) -> None:
    if isinstance(schema, list):
        for each in schema:
            _write_patterns(each)
    elif isinstance(schema, dict):
        if isinstance(pattern := schema.get("pattern"), str):
            schema["pattern"] = pattern.replace("\\Z", "$")
        for each in schema.values():
            _write_patterns(each)


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
