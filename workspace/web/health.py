"""For those who watch the instance: alive, ready, numbers. No page, no sign-in, nothing about any person.

`GET /healthz` answers 200 while the process serves. `GET /readyz` answers 200 when database, object store and worker do
their part, else 503 and which of them does not. `GET /metrics` (Prometheus text format) is for the host alone: it is
given to a request from this very machine that came through no proxy, and to one that brings the token kept in
`secrets/metrics.token` (`Authorization: Bearer …`; no such file, no such way). To anybody else there is nothing here.
"""

import hmac
import ipaddress
from collections.abc import Iterable
from time import monotonic

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from workspace.http.metrics import registry
from workspace.http.request import runtime
from workspace.http.vitals import Vitals, objects_ready, vitals
from workspace.kernel.errors import NotFound

health = Blueprint("health", __name__)
# a worker renews its lease every few seconds; a pause this long is no hiccup any more
WORKER_PATIENCE = 15.0
# asking the object store costs a round trip; a crowd of watchers costs no more than one
REMEMBERED = 2.0
FORWARDED = ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP")


@health.get("/healthz")
def healthz() -> Response:
    """The process serves."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@health.get("/readyz")
def readyz() -> Response:
    """Whether work can be done here: database, objects, worker."""
    parts = _parts()
    answer = jsonify({"ready": all(parts.values()), **parts})
    answer.status_code = 200 if all(parts.values()) else 503
    return answer


@health.get("/metrics")
def metrics() -> Response:
    """Everything a host watches, for Prometheus."""
    if not (_from_this_machine() or _brings_token()):
        raise NotFound()
    present = CollectorRegistry()
    present.register(Present(vitals(runtime())))
    text = generate_latest(registry()) + generate_latest(present)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class Present(Collector):
    """The instance's own numbers as they are now: read from the database, hence the same from every process."""

    def __init__(self, found: Vitals | None) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        found = self._found
        yield GaugeMetricFamily("workspace_database_up", "Whether the database answers.", value=int(found is not None))
        if found is None:
            return
        jobs = GaugeMetricFamily("workspace_jobs", "Jobs that are not done.", labels=("state",))
        for state, count in (("waiting", found.waiting), ("running", found.running), ("failed", found.failed)):
            jobs.add_metric((state,), count)
        yield jobs
        yield GaugeMetricFamily("workspace_log_size", "Entries under the newest signed head.", value=found.log_size)
        yield GaugeMetricFamily("workspace_log_waiting", "Facts without a place in the log.", value=found.unsequenced)
        yield GaugeMetricFamily("workspace_damaged_blobs", "Blobs that the scrub found unsound.", value=found.damaged)
        yield GaugeMetricFamily("workspace_scrub_share", "Of the present round, from 0 to 1.", value=found.scrubbed)
        if found.scrub_age is not None:
            text = "Seconds since everything had been read once."
            yield GaugeMetricFamily("workspace_scrub_age_seconds", text, value=found.scrub_age)
        if found.worker_absent is not None:
            yield GaugeMetricFamily(
                "workspace_worker_absent_seconds",
                "Since when no worker is there; 0: one is.",
                value=found.worker_absent,
            )


def _parts() -> dict[str, bool]:
    """What was found within the last two seconds by this process."""
    at, parts = current_app.extensions.get("workspace_ready", (0.0, {}))
    if not parts or monotonic() - at > REMEMBERED:
        found = vitals(runtime())
        absent = found.worker_absent if found is not None else None
        parts = {
            "database": found is not None,
            "objects": objects_ready(runtime()),
            "worker": absent is not None and absent <= WORKER_PATIENCE,
        }
        current_app.extensions["workspace_ready"] = (monotonic(), parts)
    return dict(parts)


def _from_this_machine() -> bool:
    if runtime().settings.trusted_proxies or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _brings_token() -> bool:
    try:
        kept = (runtime().settings.secrets / "metrics.token").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return False
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return bool(kept) and kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), kept.encode())
