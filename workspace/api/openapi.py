"""The description of the API (OpenAPI 3.1), built from the operations themselves.

`python -m workspace.api.openapi` prints it; openapi.yaml beside this file is that text, committed and compared by a
test, so that a change of the API is seen in every review.
"""

import sys
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from workspace import __version__
from workspace.api import idempotency
from workspace.api.jobs import Job
from workspace.api.operations import Operation
from workspace.api.resources import GROUPS
from workspace.api.values import Problem
from workspace.http.errors import status_of

PREFIX = "/api/v1"
ABOUT = """\
Everything a program may do for a person. Sign in with an app password: HTTP Basic (the person's e-mail address and the
app password) or `Authorization: Bearer` with the app password alone. A browser's session cookie does not open this API.

Lists are paged: follow `next` until it is null. An answer with an `ETag` may be asked for again with `If-None-Match`;
a change may be tied to it with `If-Match` and is refused with 412 where somebody else was faster. A refusal is a
problem (RFC 9457) with a stable `code`; what you may not know of answers exactly like what does not exist: 404. Large
files and unsteady connections: the resumable door `/uploads/` speaks tus 1.0.0.
"""
BYTES: dict[str, Any] = {"application/octet-stream": {}}
ALWAYS = (401, 429)
MATCH = {
    "If-Match": "The `ETag` of what you last read; 412 where it has changed since.",
    "If-None-Match": "The `ETag` of what you hold; 304 where it still stands.",
}


def document() -> dict[str, Any]:
    """The whole description as a value."""
    operations = [one for group in GROUPS for one in group]
    schemas = _schemas(operations)
    queries = {one.query.__name__ for one in operations if one.query}
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Citizen Workspace", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"bearer": []}],
        "tags": [{"name": group.group} for group in GROUPS],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "E-mail address and app password."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "An app password."},
            },
        },
    }


class _Plain(yaml.SafeDumper):
    """Writes what is said twice twice, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@cache
def text() -> str:
    """The description as YAML, the same for the same code."""
    return yaml.dump(document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    """Every schema by name. A shape is either taken or given, so that one name has one schema."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in operations:
        wanted += [(shape, "validation") for shape in (one.request, one.query) if shape]
        wanted += [(one.response, "serialization")] if one.response else []
        wanted += [(Job, "serialization")] if one.accepts else []
    _, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template="#/components/schemas/{model}")
    return dict(sorted(definitions["$defs"].items()))


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": one.name, "tags": [one.group], "summary": one.summary}
    if one.view.__doc__:
        described["description"] = " ".join(one.view.__doc__.split())
    parameters = [*_path_parameters(one), *_query_parameters(one, schemas), *_header_parameters(one)]
    if parameters:
        described["parameters"] = parameters
    if one.request is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(one.request)}}}
    if one.takes_bytes:
        described["requestBody"] = {"required": True, "content": BYTES}
    successes = {str(status): _success(one, status) for status in (one.status, one.otherwise) if status}
    if one.accepts:
        successes["202"] = _accepted()
    described["responses"] = successes | _conditional(one) | _refusals(one)
    if one.open:
        described["security"] = []
    return described


def _path_parameters(one: Operation) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in one.parameters]


def _query_parameters(one: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = schemas[one.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": value}
        for name, value in schema.get("properties", {}).items()
    ]


def _header_parameters(one: Operation) -> list[dict[str, Any]]:
    names = []
    if one.conditional or one.takes_bytes:
        names = ["If-None-Match"] if one.method == "GET" else ["If-Match"]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "header", "required": False, "description": MATCH[name], "schema": {"type": "string"}}
        for name in names
    ]
    if one.repeatable:
        found.append(
            {
                "name": idempotency.FIELD,
                "in": "header",
                "required": False,
                "description": "A string of your own, new for each request: sent again, it is done once. Kept 24 h.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if one.takes_bytes:
        found.append(
            {
                "name": "Repr-Digest",
                "in": "header",
                "required": False,
                "description": "`sha-256=:…:` (RFC 9530; `Content-Digest` is taken, too): other bytes are refused.",
                "schema": {"type": "string"},
            }
        )
    return found


def _success(one: Operation, status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if one.response is not None:
        answer["content"] = {"application/json": {"schema": _ref(one.response)}}
    if one.gives_bytes is not None:
        answer["content"] = {one.gives_bytes: {}}
    if one.conditional:
        answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return answer


def _accepted() -> dict[str, Any]:
    return {
        "description": "The worker does it; the job tells how far it has come.",
        "headers": {"Location": {"schema": {"type": "string"}}, "Retry-After": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": _ref(Job)}},
    }


def _conditional(one: Operation) -> dict[str, Any]:
    if one.method != "GET" or not (one.conditional or one.ranged):
        return {}
    answers: dict[str, Any] = {"304": {"description": "You hold it already."}}
    if one.ranged and one.gives_bytes:
        answers["206"] = {"description": "The range that was asked for.", "content": {one.gives_bytes: {}}}
    return answers


def _refusals(one: Operation) -> dict[str, Any]:
    statuses = {status_of(error()) for error in one.errors}
    if not one.open:
        statuses |= set(ALWAYS)
    if one.parameters:
        statuses.add(404)
    if one.request is not None:
        statuses |= {400, 413, 415, 422}
    if one.query is not None:
        statuses.add(422)
    if one.method != "GET" and (one.conditional or one.takes_bytes):
        statuses.add(412)
    if one.repeatable:
        statuses |= {409, 422}
    if one.takes_bytes:
        statuses |= {400, 409, 413, 422, 503, 507}
    if one.ranged:
        statuses |= {416, 503}
    return {str(status): {"$ref": "#/components/responses/Problem"} for status in sorted(statuses)}


def _problem() -> dict[str, Any]:
    return {
        "description": "Refused; `code` and `detail` say why.",
        "content": {"application/problem+json": {"schema": _ref(Problem)}},
    }


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


if __name__ == "__main__":
    sys.stdout.write(text())
