"""Requests and responses are held against GitHub's published OpenAPI description."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

HERE = Path(__file__).parent / "contract"
ROOT = "urn:github"

# GitHub answers null here for outdated and for file-level comments; its description says integer.
NULL_DESPITE_THE_DESCRIPTION = {
    "pull-request-review-comment": ("line", "position", "original_line", "original_position"),
}


@dataclass(frozen=True)
class Operation:
    """One method of one path of the description."""

    method: str
    template: str
    description: dict[str, Any]
    pattern: re.Pattern[str]

    @property
    def key(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Route:
    operation: Operation
    values: dict[str, str]


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        gzip.decompress((HERE / "github-openapi.json.gz").read_bytes())
    )
    for schema, names in NULL_DESPITE_THE_DESCRIPTION.items():
        for name in names:
            read["components"]["schemas"][schema]["properties"][name]["nullable"] = True
    _allow_null_among_values(read["components"])
    return read


def _allow_null_among_values(node: Any) -> None:
    """GitHub writes `nullable` and leaves null out of the `enum` beside it."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        _allow_null_among_values(child)
    if (
        isinstance(node, dict)
        and node.get("nullable") is True
        and isinstance(node.get("enum"), list)
    ):
        node["enum"] = [*node["enum"], None]


@cache
def registry() -> Registry[Any]:
    described: Resource[Any] = Resource.from_contents(document(), default_specification=DRAFT4)
    known: Registry[Any] = Registry().with_resource(ROOT, described)
    return known


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = registry().resolver(ROOT).lookup(node["$ref"]).contents
    return node


@cache
def operations() -> tuple[Operation, ...]:
    found = [
        Operation(method.upper(), template, description, _pattern(template))
        for template, item in document()["paths"].items()
        for method, description in item.items()
    ]
    return tuple(sorted(found, key=lambda one: one.template.count("{")))


def _pattern(template: str) -> re.Pattern[str]:
    """A path takes slashes unescaped in `contents/{path}` and in git references, nowhere else."""
    written = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    wide = written.replace("{path}", "(?P<path>.*)")
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", wide) + "/?")


def route(method: str, path: str) -> Route | None:
    for operation in operations():
        if operation.method == method and (found := operation.pattern.fullmatch(path)):
            return Route(
                operation, {name: unquote(value) for name, value in found.groupdict().items()}
            )
    return None


def request_faults(found: Route, query: dict[str, str], body: Any) -> Iterator[str]:
    """What GitHub answers 422 to."""
    declared = {(one["in"], one["name"]): one for one in _parameters(found.operation)}
    for (place, name), parameter in declared.items():
        value = (found.values if place == "path" else query).get(name)
        if value is not None:
            for fault in _faults(parameter["schema"], _read(value, resolve(parameter["schema"]))):
                yield f"{name}: {fault}"
    if (schema := _body_schema(found.operation)) is not None:
        needed = resolve(found.operation.description["requestBody"]).get("required", False)
        if body is not None or needed:
            yield from _faults(schema, {} if body is None else body)


def unknown_names(found: Route, query: dict[str, str], body: Any) -> Iterator[str]:
    """What GitHub drops in silence, and a client sends by mistake."""
    declared = {one["name"] for one in _parameters(found.operation) if one["in"] == "query"}
    yield from (
        f"query parameter {name!r} is not described" for name in query if name not in declared
    )
    schema = _body_schema(found.operation)
    if schema is None and body is not None:
        yield "a body where none is described"
    if schema is not None:
        yield from _unknown_keys(schema, body, "")


def response_faults(operation: Operation, status: int, body: Any) -> Iterator[str]:
    answers = operation.description["responses"]
    if str(status) not in answers:
        if status < 400:
            yield f"status {status} is not described"
        elif not isinstance(body, dict) or "message" not in body:
            yield f"status {status} without a message"
        return
    content = resolve(answers[str(status)]).get("content", {})
    if "application/json" not in content:
        if body is not None and status < 300:
            yield f"a body where status {status} has none"
        return
    yield from _faults(content["application/json"]["schema"], body)


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    return (resolve(one) for one in operation.description.get("parameters", ()))


def _body_schema(operation: Operation) -> dict[str, Any] | None:
    described = operation.description.get("requestBody")
    if described is None:
        return None
    schema: dict[str, Any] = resolve(described)["content"]["application/json"]["schema"]
    return schema


def _read(value: str, schema: dict[str, Any]) -> Any:
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value


_COMPILED: dict[int, Any] = {}


def _faults(schema: dict[str, Any], instance: Any) -> Iterator[str]:
    if id(schema) not in _COMPILED:
        rooted = _rooted(schema)
        _COMPILED[id(schema)] = OAS30Validator(
            rooted, registry=registry(), format_checker=oas30_format_checker
        )
    for error in _COMPILED[id(schema)].iter_errors(instance):
        yield f"{error.json_path}: {error.message[:300]}"


def _rooted(schema: Any) -> Any:
    """The same schema with its references made absolute."""
    if isinstance(schema, dict):
        return {
            key: f"{ROOT}{value}" if key == "$ref" and isinstance(value, str) else _rooted(value)
            for key, value in schema.items()
            if key not in ("example", "examples", "discriminator")
        }
    return [_rooted(one) for one in schema] if isinstance(schema, list) else schema


def _unknown_keys(schema: dict[str, Any], instance: Any, where: str) -> Iterator[str]:
    schema = resolve(schema)
    match instance:
        case dict() if "properties" in schema:
            for key, value in instance.items():
                if key not in schema["properties"]:
                    yield f"{where}{key} is not described"
                else:
                    yield from _unknown_keys(schema["properties"][key], value, f"{where}{key}.")
        case list() if "items" in schema:
            for number, value in enumerate(instance):
                yield from _unknown_keys(schema["items"], value, f"{where}{number}.")
