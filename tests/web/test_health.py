"""What those who watch an instance are told, and that nobody else is told it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.world import World
from workspace.accounts.secrets import create_web_secrets
from workspace.app import create_app
from workspace.cloud.models import Damage, Scrub
from workspace.db.leases import take
from workspace.kernel.actors import WORKER
from workspace.kernel.errors import StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.trust.log import SEQUENCER

ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}


@pytest.fixture
def app(world: World) -> Flask:
    create_web_secrets(world.settings.secrets)
    return create_app(world.runtime)


def a_worker_is_there(world: World) -> None:
    with world.writing(WORKER) as work:
        take(work, SEQUENCER, "somebody", 10)


def test_ready_is_who_has_database_objects_and_worker(world: World, app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    alone = client.get("/readyz")
    assert (alone.status_code, alone.get_json()["worker"]) == (503, False)
    a_worker_is_there(world)
    app.extensions.pop("workspace_ready")
    assert client.get("/readyz").get_json() == {"ready": True, "database": True, "objects": True, "worker": True}
    world.clock.move(timedelta(minutes=1))
    app.extensions.pop("workspace_ready")
    assert client.get("/readyz").get_json()["worker"] is False


def test_a_store_that_is_away_is_named(world: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StorageUnavailable()

    a_worker_is_there(world)
    monkeypatch.setattr(world.runtime.ports.objects, "ready", away)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["objects"]) == (503, False)
    assert app.test_client().get("/healthz").status_code == 200


def test_numbers_are_for_this_machine_or_who_brings_the_token(world: World, app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", **ELSEWHERE).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    brings = {"Authorization": "Bearer a-token"}
    assert client.get("/metrics", headers=brings, **ELSEWHERE).status_code == 404
    (world.settings.secrets / "metrics.token").write_text("a-token\n")
    assert client.get("/metrics", headers=brings, **ELSEWHERE).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}, **ELSEWHERE).status_code == 404


def test_numbers_count_requests_jobs_and_the_log_and_name_nobody(world: World, app: Flask) -> None:
    olena = world.make_person("Olena")
    with world.writing(olena.actor) as work:
        work.later("letters.send", {"letter": olena.id})
    a_worker_is_there(world)
    client = app.test_client()
    client.get("/api/v1/me")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'workspace_requests_total{door="api",status="4xx"}' in text
    assert 'workspace_request_seconds_bucket{door="api"' in text
    assert 'workspace_jobs{state="waiting"} 1.0' in text
    assert "workspace_database_up 1.0" in text
    assert "workspace_worker_absent_seconds 0.0" in text
    assert "workspace_log_waiting" in text
    assert olena.id not in text
    assert "Olena" not in text


def test_damage_that_the_scrub_found_is_counted(world: World, app: Flask) -> None:
    with world.writing(WORKER) as work:
        work.session.add(Damage(blob_id=new_id(), kind="damaged", found_at=work.now))
        work.session.add(
            Scrub(
                name="blobs",
                began_at=work.now,
                finished_at=work.now,
                cursor="",
                blobs=1,
                size=0,
                all_blobs=4,
                all_size=0,
            )
        )
    world.clock.move(timedelta(minutes=1))
    text = app.test_client().get("/metrics").get_data(as_text=True)
    assert "workspace_damaged_blobs 1.0" in text
    assert "workspace_scrub_share 0.25" in text
    assert "workspace_scrub_age_seconds 60.0" in text
