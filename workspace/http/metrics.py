"""Numbers about requests, for Prometheus: how many, how long, by door and class of status. Nothing about any person.

Several worker processes answer, and a scrape reaches one of them: where `PROMETHEUS_MULTIPROC_DIR` names a folder (the
`serve` command sets it, empty, before the workers start) the client library keeps the numbers there, in one mapped file
a process, and every worker can tell the sum. Without it (one process, tests) they live in memory.
"""

import os
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
DOORS = (("/api/", "api"), ("/dav/", "dav"), ("/uploads/", "uploads"), ("/static/", "static"))
OWN = frozenset({"/healthz", "/readyz", "/metrics"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Counter("workspace_requests", "Requests answered.", ("door", "status"))
SECONDS = Histogram(
    "workspace_request_seconds", "Time until the headers of the answer left.", ("door", "status"), buckets=BUCKETS
)
STORAGE_ERRORS = Counter("workspace_storage_errors", "Refusals because of the stores, by their code.", ("code",))
STORAGE_CODES = frozenset({"storage_full", "storage_unavailable", "damaged"})


def door_of(path: str) -> str:
    """Through which door a request came, by its address."""
    if path in OWN:
        return "health"
    return next((door for prefix, door in DOORS if path.startswith(prefix)), "web")


def count_refusal(code: str) -> None:
    """Called by the table of errors with the code of every refusal; the stores' own ones are counted."""
    if code in STORAGE_CODES:
        STORAGE_ERRORS.labels(code).inc()


def registry() -> CollectorRegistry:
    """Where to read the numbers of all processes from."""
    if FOLDER not in os.environ:
        return REGISTRY
    whole = CollectorRegistry()
    # the library's stubs leave this constructor untyped
    make: Callable[[CollectorRegistry], object] = MultiProcessCollector
    make(whole)
    return whole


def install(app: Flask) -> None:
    """Measure every request of the app. Call it before the parts whose time shall count."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began_at = perf_counter()


def _end(answer: Response) -> Response:
    count(request.path, answer.status_code, perf_counter() - g.began_at if "began_at" in g else None)
    return answer


def count(path: str, status: int, seconds: float | None) -> None:
    """Count a request that was answered, `seconds` after it came."""
    counted, timed = _numbers(door_of(path), f"{status // 100}xx")
    counted.inc()
    if seconds is not None:
        timed.observe(seconds)


@lru_cache(maxsize=64)
def _numbers(door: str, status: str) -> tuple[Counter, Histogram]:
    """The two numbers of a door and a class of status; looking them up by their labels costs more than counting."""
    return REQUESTS.labels(door, status), SECONDS.labels(door, status)
