"""Operations: plain functions that become routes and, from the same words, the lines of openapi.yaml."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from workspace.api.conditions import etag_of, not_modified
from workspace.api.idempotency import once
from workspace.api.values import Shape
from workspace.http.errors import problem
from workspace.http.request import current_actor, end_work
from workspace.kernel.errors import DomainError, NotAcceptable, NotFound, SignInRequired, TooLarge
from workspace.kernel.ids import is_id

BODY_LIMIT = 1 << 20
View = TypeVar("View", bound=Callable[..., Any])
_PARAMETER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives back when a bare shape does not say enough."""

    shape: BaseModel | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is reached, what it takes, what it gives and how it can be refused.

    `gives_bytes`: their media type (`*/*` for what people uploaded), `ranged`: also in part, or not at all where they
    are known. `otherwise`: another status of success, with the same shape. `accepts`: it may become a job (202).
    """

    group: str
    method: str
    path: str
    summary: str
    view: Callable[..., Any]
    request: type[Shape] | None = None
    query: type[Shape] | None = None
    response: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[type[DomainError], ...] = ()
    conditional: bool = False
    takes_bytes: bool = False
    gives_bytes: str | None = None
    ranged: bool = False
    otherwise: int | None = None
    accepts: bool = False
    open: bool = False

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def repeatable(self) -> bool:
        """Whether a program may send it again under the same Idempotency-Key."""
        return self.method == "POST"

    @property
    def parameters(self) -> list[str]:
        """The names in the path, in order."""
        return _PARAMETER.findall(self.path)


class Operations:
    """The operations of one noun, in the order in which they are written down."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._all: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._all)

    def __call__(self, method: str, path: str, summary: str, **described: Any) -> Callable[[View], View]:
        """Describe the view below. `request` and `query` are shapes that it gets as `body` and `query`."""

        def note(view: View) -> View:
            self._all.append(Operation(self.group, method, path, summary, view, **described))
            return view

        return note

    def register(self, blueprint: Blueprint) -> None:
        """Add a route for each operation."""
        for one in self._all:
            rule = _PARAMETER.sub(r"<\1>", one.path)
            blueprint.add_url_rule(rule, one.name, _door(one), methods=[one.method], provide_automatic_options=False)


def _door(operation: Operation) -> Callable[..., Response]:
    """The Flask view around an operation: who asks, what came, the verb, what leaves."""

    # `wraps` carries the marks of http.request (`writes`, `carries_bytes`) along
    @wraps(operation.view)
    def door(**path: str) -> Response:
        # only a person's program comes in here: neither a browser's session cookie nor a secret link opens this door
        if not operation.open and current_actor().person_id is None:
            raise SignInRequired()
        for name, value in path.items():
            if name.endswith("_id") and not is_id(value):
                raise NotFound()
        given: dict[str, Any] = dict(path)
        raw = _raw_body(operation)
        try:
            if operation.query is not None:
                given["query"] = _query(operation.query)
            if operation.request is not None:
                given["body"] = operation.request.model_validate_json(raw)
        except ValidationError as error:
            return _not_acceptable(error, in_query="query" not in given and operation.query is not None)

        def perform() -> Response:
            return _answer(operation, operation.view(**given))

        try:
            return once(raw, perform) if operation.repeatable else perform()
        except NotAcceptable as error:
            return _refused(operation, error)

    return door


def _raw_body(operation: Operation) -> bytes:
    """The body of an operation that takes JSON; nothing of any other is read here."""
    if operation.request is None:
        return b""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body has to be JSON: send `Content-Type: application/json`.")
    if (request.content_length or 0) > BODY_LIMIT:
        raise TooLarge(limit=BODY_LIMIT)
    raw = request.stream.read(BODY_LIMIT + 1)
    if len(raw) > BODY_LIMIT:
        raise TooLarge(limit=BODY_LIMIT)
    return raw


def _query(shape: type[Shape]) -> Shape:
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        # the same name twice is a riddle, never a choice
        given[name] = values[0] if len(values) == 1 else values
    return shape.model_validate(given)


def _not_acceptable(error: ValidationError, *, in_query: bool) -> Response:
    wrongs = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        steps = [str(step).replace("~", "~0").replace("/", "~1") for step in one["loc"]]
        place = {"parameter": ".".join(steps)} if in_query else {"pointer": "#" + "".join(f"/{step}" for step in steps)}
        wrongs.append(place | {"detail": one["msg"].removeprefix("Value error, ")})
    return problem(
        422, "not_acceptable", "Some values cannot be taken as they are; `errors` says which.", errors=wrongs
    )


def _refused(operation: Operation, error: NotAcceptable) -> Response:
    """A refusal by a verb, in the same form as one by a shape. Nothing that was begun stands."""
    end_work()
    details: dict[str, Any] = {
        key: value for key, value in error.details.items() if isinstance(value, str | int | bool)
    }
    name = details.get("field")
    if isinstance(name, str):
        known = operation.request is not None and name in operation.request.model_fields
        place = {"pointer": f"#/{name}"} if known else {"parameter": name}
        details["errors"] = [place | {"detail": str(details.get("reason", error))}]
    return problem(422, error.code, str(error), **details)


def _answer(operation: Operation, given: Any) -> Response:
    if isinstance(given, Response):
        return given
    answer = given if isinstance(given, Answer) else Answer(given)
    status = answer.status or operation.status
    if answer.shape is None:
        return Response(status=status, headers=answer.headers)
    raw = answer.shape.model_dump_json(exclude_none=False).encode()
    response = Response(raw, status, content_type="application/json", headers=answer.headers)
    if "next" in type(answer.shape).model_fields and (following := getattr(answer.shape, "next", None)):
        response.headers["Link"] = f'<{following}>; rel="next"'
    if operation.conditional:
        tag = etag_of(raw)
        response.set_etag(tag)
        if request.method == "GET" and not_modified(tag):
            response = Response(status=304, headers={"ETag": response.headers["ETag"]})
    return response
