"""The OpenAPI description of ``POST /v1/events``, made from the structs of commands and events themselves."""

from typing import Any

import msgspec

from api.cloudevents import BATCHED, DATA, JSON, MAX_BATCH, MAY_NAME_NO_CAMPAIGN, STRUCTURED
from api.event_examples import Schema, example_event
from ledger.command import Command
from ledger.commands import COMMAND_TYPES
from ledger.decide import FREE, SERVES
from ledger.events import EVENT_TYPES

DESCRIPTION = """Post what happened: one event, or a batch of up to 5,000 (8 MiB).

`(source, id)` identifies an event for ever: sending it again is harmless and gets the first answer, with the header
`Idempotency-Replayed: true`; the same id with other content is 409. An answer means that the event is on disk.

| answer to one event | when |
|---|---|
| 201 | accepted |
| 422 | a rule of the campaign refuses it; the refusal is in the log, with `code`, `clause` and `position` |
| 409 | the id was used for something else |
| 400 | not a valid event; nothing was recorded |

A batch answers 200 with one result for each event, in order; one bad event never sinks its neighbours. Binary mode
(attributes in `ce-` headers, `data` as an `application/json` body) is taken for single events.

发生了什么就上报什么：单个事件或批量（最多5,000个）。重复发送无害；返回即已落盘。"""


def event_schemas() -> dict[str, Schema]:
    """Component schemas of all that can be posted, and of the events that follow."""
    schemas = {f"{cls.__name__}Event": _posted(name, cls) for name, cls in COMMAND_TYPES.items()}
    references = {name: _reference(f"{cls.__name__}Event") for name, cls in COMMAND_TYPES.items()}
    schemas["PostedEvent"] = {
        "title": "PostedEvent",
        "description": "A CloudEvent 1.0 of one of our types. Other extension attributes are allowed and ignored.",
        "oneOf": list(references.values()),
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: reference["$ref"] for name, reference in references.items()},
        },
    }
    schemas["StoredEvent"] = {
        "title": "StoredEvent",
        "description": "An event as it stands in the log; its `type` beside it says which.",
        "anyOf": [_reference(cls.__name__) for cls in EVENT_TYPES.values()],
    }
    schemas["BatchResult"] = _batch_result()
    return schemas


def documented_events() -> list[type]:
    """The event structs as a schema generator can take them: raw JSON is an object of any shape."""
    return [_without_raw(cls) for cls in EVENT_TYPES.values()]


def post_events_operation() -> Schema:
    """The operation itself, without security, headers and problems, which all operations get."""
    examples = {name: {"summary": name, "value": example_event(name)} for name in COMMAND_TYPES}
    batch = {"one of each": {"summary": "One of each", "value": [e["value"] for e in examples.values()]}}
    one, many = (
        _reference("PostedEvent"),
        {
            "type": "array",
            "items": _reference("PostedEvent"),
            "maxItems": MAX_BATCH,
        },
    )
    return {
        "tags": ["events"],
        "summary": "Post what happened",
        "operationId": "postEvents",
        "description": DESCRIPTION,
        "requestBody": {
            "required": True,
            "content": {
                STRUCTURED: {"schema": one, "examples": examples},
                BATCHED: {"schema": many, "examples": batch},
                JSON: {"schema": {"anyOf": [one, many]}, "examples": examples | batch},
            },
        },
        "responses": {
            "200": {
                "description": "A batch was taken: one result for each event.",
                "content": {
                    JSON: {
                        "schema": {
                            "type": "object",
                            "required": ["results"],
                            "properties": {"results": {"type": "array", "items": _reference("BatchResult")}},
                        },
                        "example": {"results": [_accepted_example(), _refused_example()]},
                    }
                },
            },
            "201": {
                "description": "The event was accepted; what follows from it is in `events` and `postings`.",
                "content": {JSON: {"schema": _reference("Accepted"), "example": _accepted_example()}},
            },
            **{str(status): {} for status in (400, 401, 403, 409, 413, 415, 422, 429, 500, 503)},
        },
    }


def _posted(name: str, cls: type[Command]) -> Schema:
    data = DATA[name]
    data_needed = any(field.required for field in msgspec.structs.fields(data))
    required = ["specversion", "id", "source", "type", "subject", "time"]
    required += [] if cls in MAY_NAME_NO_CAMPAIGN else ["campaign"]
    return {
        "title": f"{cls.__name__}Event",
        "description": (data.__doc__ or "").strip(),
        "type": "object",
        "required": [*required, "data"] if data_needed else required,
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "description": "Unique within the source.",
            },
            "source": {"type": "string", "minLength": 1, "maxLength": 256, "description": "Who says so."},
            "type": {"type": "string", "const": name},
            "subject": {
                "type": "string",
                "pattern": "^[A-Za-z0-9._:-]{1,64}$",
                "description": "The participant's id in the client's world.",
            },
            "time": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened, with an offset.",
            },
            "campaign": _campaign(cls),
            "datacontenttype": {"type": "string", "const": JSON},
            "data": _reference(data.__name__),
        },
        "example": example_event(name),
    }


def _campaign(cls: type[Command]) -> Schema:
    schema: Schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"}
    if cls in SERVES:
        schema["description"] = f"Left out: the one programme that serves this ({SERVES[cls]})."
    elif cls in FREE:
        schema["description"] = "Left out: it concerns the person, and no campaign."
    return schema


def _batch_result() -> Schema:
    return {
        "title": "BatchResult",
        "description": "What became of one event of a batch: the members of the single answer; `status` is a word.",
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": {
                "type": ["string", "null"],
                "description": "The event's id; null when it could not be read.",
            },
            "status": {"enum": ["accepted", "refused", "invalid", "conflict", "unavailable"]},
            "http_status": {
                "type": "integer",
                "description": "The status that the event alone would have got.",
            },
            "replayed": {"const": True, "description": "It was here before; this is its first answer."},
            "position": {"type": "integer"},
            "recorded_at": {"type": ["string", "null"], "format": "date-time"},
            "events": {"type": "array", "items": _reference("AnsweredEvent")},
            "postings": {"type": "array", "items": _reference("AnsweredPosting")},
            "type": {"type": "string"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "clause": {"type": "string"},
            "pointer": {"type": "string"},
        },
    }


def _without_raw(cls: type[msgspec.Struct]) -> type[msgspec.Struct]:
    fields: list[Any] = []
    raw = False
    for field in msgspec.structs.fields(cls):
        if field.type is msgspec.Raw:
            raw = True
            fields.append((field.name, dict[str, Any]))
        else:
            fields.append(
                (field.name, field.type) if field.required else (field.name, field.type, field.default)
            )
    if not raw:
        return cls
    return msgspec.defstruct(cls.__name__, fields, namespace={"__doc__": cls.__doc__}, kw_only=True)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _accepted_example() -> Schema:
    account = "points:sx-2019:p-000123"
    return {
        "id": "8f2c-3",
        "status": "accepted",
        "position": 18231,
        "recorded_at": "2019-07-03T13:14:09.412Z",
        "events": [
            {
                "position": 18231,
                "type": "steps-synced.v1",
                "data": {
                    "occurred_at": "2019-07-03T13:14:09Z",
                    "recorded_at": "2019-07-03T13:14:09.412Z",
                    "source": "//app.example/miniprogram",
                    "id": "8f2c-3",
                    "rules": 1,
                    "day": "2019-07-03",
                    "steps": 8312,
                    "standing": "counted",
                    "provider": "werun",
                    "counted": 8312,
                    "attained": True,
                    "earned": {"steps": 4, "daily-goal": 1},
                },
            }
        ],
        "postings": [
            {"account": account, "asset": "points", "amount": 4, "balance_after": 57, "clause": "SX-12"},
            {"account": account, "asset": "points", "amount": 1, "balance_after": 58, "clause": "SX-13"},
        ],
    }


def _refused_example() -> Schema:
    return {
        "id": "8f2c-4",
        "status": "refused",
        "http_status": 422,
        "type": "/problems/checkpoint_not_lit",
        "title": "The question of a checkpoint that is not lit cannot be answered",
        "detail": "checkpoint 1 is lit at 53846 counted steps",
        "code": "checkpoint_not_lit",
        "clause": "SX-09",
        "position": 18232,
    }
