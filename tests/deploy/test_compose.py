"""A reader can trust deploy/: what it names exists, secrets stay in files, and only the proxy is open to the world."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from workspace.settings import Settings, from_environment, variable

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {variable(one.name) for one in fields(Settings)}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy" / "make-secrets.sh", folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["Dockerfile", "deploy/compose.yaml"])
def test_every_variable_is_a_setting(name: str) -> None:
    used = set(re.findall(r"\bWORKSPACE_[A-Z_]+", (ROOT / name).read_text(encoding="utf-8")))
    assert used
    assert {one for one in used if one not in KNOWN and one.removesuffix("_FILE") not in KNOWN} == set()


def test_only_the_proxy_is_open_to_the_world(compose: Any) -> None:
    assert {name for name, service in compose["services"].items() if "ports" in service} == {"caddy"}


def test_class_17_the_proxy_keeps_no_answer(compose: Any) -> None:
    """Caddy's own build has no cache, and only what names a plugin's directive could bring one."""
    assert re.fullmatch(r"caddy:[\d.]+", compose["services"]["caddy"]["image"])
    lines = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8").splitlines()
    directives = {line.split()[0] for line in lines if line.strip() and not line.strip().startswith("#")}
    assert directives == {"{$DOMAIN}", "@static", "encode", "reverse_proxy", "flush_interval", "}"}


def test_the_database_and_the_objects_cannot_reach_the_internet(compose: Any) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["postgres"]["networks"] == ["inside"]
    assert compose["services"]["seaweedfs"]["networks"] == ["inside"]


def test_every_image_of_others_has_a_version(compose: Any) -> None:
    images = {service["image"] for service in compose["services"].values() if "build" not in service}
    assert all(re.search(r":\d", image) for image in images), images


def test_every_secret_used_is_declared_and_made(compose: Any, secrets: Path) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    made = {path.name for path in secrets.iterdir()}
    assert used == set(compose["secrets"]) == made
    assert {Path(one["file"]).name for one in compose["secrets"].values()} == made


def test_every_file_mounted_exists(compose: Any) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert [file for file in files if not (ROOT / "deploy" / file).exists()] == []


def test_the_secrets_are_settings_that_start_the_instance(compose: Any, secrets: Path) -> None:
    environment = dict(compose["services"]["app"]["environment"], WORKSPACE_BASE_URL="https://cloud.example.org")
    inside = {name: value.replace("/run/secrets", str(secrets)) for name, value in environment.items()}
    settings = from_environment(inside)
    password = (secrets / "postgres_password").read_text().strip()
    assert urlsplit(settings.database).password == urlsplit(settings.keyring).password == password
    assert urlsplit(settings.database).path != urlsplit(settings.keyring).path
    store = json.loads((secrets / "s3_config").read_text())["identities"][0]["credentials"][0]
    assert urlsplit(settings.objects).username == store["accessKey"]
    assert urlsplit(settings.objects).password == store["secretKey"]
    assert settings.secure
    assert settings.trusted_proxies == 1


def test_secrets_are_closed_to_others_and_never_overwritten(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    before = (secrets / "database_url").read_text()
    subprocess.run([ROOT / "deploy" / "make-secrets.sh", secrets], check=True, capture_output=True)
    assert (secrets / "database_url").read_text() == before
