"""The description of the API: whole, readable, and true."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from api.app import ROUTES
from api.event_examples import example_event
from api.examples import ANSWERS
from api.openapi import openapi_document
from ledger.commands import COMMAND_TYPES
from ledger.events import EVENT_TYPES
from tests.api.conftest import Service

DOCUMENT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(openapi_document(ROUTES)))
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
EVENTS = DOCUMENT["paths"]["/v1/events"]["post"]
WITHOUT_BODY = {"awardPlaces", "publishProject"}
"""All that it needs stands in its path."""


def within(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON value."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from within(each)
    elif isinstance(value, list):
        for each in value:
            yield from within(each)


def resolve(reference: str) -> Any:
    """What a reference of the document leads to."""
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_it_is_openapi_31_with_a_licence() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["license"] == {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    assert DOCUMENT["servers"]


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    references = {each["$ref"] for each in within(DOCUMENT) if isinstance(each.get("$ref"), str)}
    for reference in references:
        assert resolve(reference)
    for kind in ("responses", "headers"):
        used = {f"#/components/{kind}/{name}" for name in DOCUMENT["components"][kind]}
        assert used <= references


def test_every_handler_is_described() -> None:
    handlers: list[HTTPRouteHandler] = ROUTES
    described = {(method.upper(), path) for method, path, _ in OPERATIONS.values()}
    for handler in handlers:
        path = re.sub(r":(str|int)\}", "}", next(iter(handler.paths)))
        if not path.startswith(("/docs", "/problems")) and path != "/":
            assert {(method, path) for method in handler.http_methods} <= described


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_all_that_a_caller_needs(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["security"] == ([{"key": []}] if path.startswith("/v1/") else [])
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert all(parameter["description"] and parameter["schema"] for parameter in parameters.values())
    in_path = {name for name, parameter in parameters.items() if parameter["in"] == "path"}
    assert set(re.findall(r"\{(\w+)\}", path)) == in_path
    assert ("requestBody" in operation) == (method in ("post", "put") and name not in WITHOUT_BODY)
    for content in operation.get("requestBody", {"content": {}})["content"].values():
        assert "example" in content or content["examples"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_answers_with_an_example(name: str) -> None:
    _, path, operation = OPERATIONS[name]
    statuses = set(operation["responses"])
    assert {"400", "500", "503"} <= statuses
    if path.startswith("/v1/"):
        assert {"401", "403"} <= statuses
    for status, response in operation["responses"].items():
        said = resolve(response["$ref"]) if "$ref" in response else response
        assert said["description"]
        for media_type, content in said["content"].items():
            assert ("problem" in media_type) == (int(status) >= 400)
            assert "example" in content or content["examples"]


def test_every_example_is_of_an_operation() -> None:
    assert set(ANSWERS) | {"postEvents"} == set(OPERATIONS)


def test_patterns_are_those_of_ecma_262() -> None:
    for each in within(DOCUMENT):
        pattern = each.get("pattern", "")
        assert not isinstance(pattern, str) or "\\Z" not in pattern


def test_instants_are_said_to_be() -> None:
    published = DOCUMENT["components"]["schemas"]["Published"]["properties"]
    assert published["effective_at"]["format"] == "date-time"
    checkpoint = DOCUMENT["components"]["schemas"]["ReachedCheckpoint"]["properties"]
    assert {"type": "string", "format": "date-time"} in checkpoint["lit_at"]["anyOf"]


@pytest.mark.parametrize("name", COMMAND_TYPES)
def test_every_type_that_can_be_posted_is_described_with_an_example(name: str) -> None:
    mapping = DOCUMENT["components"]["schemas"]["PostedEvent"]["discriminator"]["mapping"]
    schema = resolve(mapping[name])
    assert schema["properties"]["type"]["const"] == name
    assert resolve(schema["properties"]["data"]["$ref"])["description"]
    assert set(schema["required"]) <= set(schema["example"])
    content = EVENTS["requestBody"]["content"]
    assert content["application/cloudevents+json"]["examples"][name]["value"] == schema["example"]


@pytest.mark.parametrize("topic", EVENT_TYPES)
def test_every_event_that_can_follow_is_described(topic: str) -> None:
    name = EVENT_TYPES[topic].__name__
    stored = DOCUMENT["components"]["schemas"]["StoredEvent"]["anyOf"]
    assert {"$ref": f"#/components/schemas/{name}"} in stored
    assert DOCUMENT["components"]["schemas"][name]["description"]


def test_the_service_serves_this_very_description(shared: Service) -> None:
    answer = shared.nobody.get("/schema/openapi.json")
    assert answer.json() == DOCUMENT
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")


def test_the_example_of_every_type_is_taken(service: Service) -> None:
    for programme in ("ec-2018", "zg", "sj"):
        text = (files("ledger") / "rulebooks" / f"{programme}.toml").read_text("utf-8")
        service.publish(text).raise_for_status()
    for name in COMMAND_TYPES:
        headers = {"Content-Type": "application/cloudevents+json"}
        answer = service.client.post("/v1/events", json=example_event(name), headers=headers)
        assert answer.status_code in (201, 422), answer.text
