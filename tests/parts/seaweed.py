"""A real S3 for the tests: one `weed server` on loopback for the whole run (see `services.py`)."""

from __future__ import annotations

import ctypes
import json
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.parts.services import keep, shared
from workspace.kernel.errors import StorageUnavailable
from workspace.storage.objects import open_objects

HOST = "127.0.0.1"
GRPC = 10_000  # weed adds this to a port for its gRPC
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Seaweed:
    """Where the S3 answers and who may ask."""

    port: int
    access_key: str
    secret_key: str

    def url(self, bucket: str) -> str:
        """A value for WORKSPACE_OBJECTS_URL."""
        return f"s3://{self.access_key}:{quote(self.secret_key, safe='')}@{HOST}:{self.port}/{bucket}?tls=0"

    def new_bucket(self) -> str:
        """The name of a bucket that nobody has used; the store's `ready()` or first put makes it. Use few: each one
        takes a volume."""
        return f"test-{secrets.token_hex(6)}"


class SeaweedServer:
    """A server of one's own, for tests that stop it. `stop` ends it and removes its data; twice is fine."""

    def __init__(self, folder: Path) -> None:
        secret = secrets.token_urlsafe(24)
        _configure(folder, "app", secret)
        self._data = folder / "data"
        port, self._process = _start(folder, self._data)
        self.seaweed = Seaweed(port, "app", secret)
        if not _answers(self.seaweed, self._process):
            self.stop()
            raise RuntimeError((folder / "log").read_text()[-4000:])

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._data, ignore_errors=True)


@pytest.fixture(scope="session")
def seaweed() -> Seaweed:
    """The S3 of this test run."""
    values = shared("seaweed")
    return Seaweed(values["port"], values["access_key"], values["secret_key"])


@pytest.fixture(scope="session")
def s3_url(seaweed: Seaweed) -> str:
    """One bucket for all tests of this worker, as a value for WORKSPACE_OBJECTS_URL. Never empty: use fresh keys."""
    return seaweed.url(seaweed.new_bucket())


@pytest.fixture
def fresh_s3_url(seaweed: Seaweed) -> str:
    """A bucket of one's own, where what a listing shows must be all there is."""
    return seaweed.url(seaweed.new_bucket())


def main(folder: Path, controller: int) -> None:
    """The keeper: starts `weed`, says where it is, ends it with the run."""
    access_key, secret_key = "app", secrets.token_urlsafe(24)
    _configure(folder, access_key, secret_key)
    for _attempt in range(3):  # somebody else may take a port between looking and binding
        data = folder / f"data-{secrets.token_hex(4)}"
        port, process = _start(folder, data)
        try:
            if _answers(Seaweed(port, access_key, secret_key), process):
                keep({"port": port, "access_key": access_key, "secret_key": secret_key}, controller, process.pid)
                return
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(data)
    sys.stderr.write((folder / "log").read_text()[-4000:])


def _configure(folder: Path, access_key: str, secret_key: str) -> None:
    """The folder of a server, with its one identity."""
    folder.mkdir()
    identity = {"name": "app", "credentials": [{"accessKey": access_key, "secretKey": secret_key}]}
    identity["actions"] = ["Admin", "Read", "Write", "List", "Tagging"]
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n")  # else each bucket takes 7 volumes


def _start(folder: Path, data: Path) -> tuple[int, subprocess.Popen[bytes]]:
    data.mkdir()
    master, volume, filer, s3, metrics = free_ports(5)
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or "weed"
    options = {
        "dir": data,
        "ip": HOST,
        "ip.bind": HOST,
        "metricsPort": metrics,
        "master.port": master,
        "master.volumeSizeLimitMB": 256,
        "master.telemetry": "false",
        "volume.port": volume,
        "volume.max": 200,
        "filer": "true",
        "filer.port": filer,
        "filer.localSocket": data / "filer.sock",
        "s3": "true",
        "s3.port": s3,
        "s3.config": folder / "s3.json",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.iam": "false",
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [weed, "server", *(f"-{name}={value}" for name, value in options.items())],
            cwd=folder,  # where it looks for master.toml
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=end_with_weed,
        )
    return s3, process


def _answers(server: Seaweed, process: subprocess.Popen[bytes]) -> bool:
    store = open_objects(server.url("ready"))
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            store.ready()
        except StorageUnavailable:
            time.sleep(0.1)  # it says nowhere when it is ready
        else:
            return True
    return False


def free_ports(count: int) -> list[int]:
    """Free ports whose gRPC twins are free, too; below the range from which the system deals its own."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 22_000)
        if port not in found and _free(port) and _free(port + GRPC):
            found.append(port)
    return found


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def end_with_weed() -> None:
    """In the child, before it becomes `weed`: end when whoever started it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
