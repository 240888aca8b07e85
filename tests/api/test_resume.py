"""A cut connection, a killed worker: what came is kept, another process goes on, and the file is whole."""

from __future__ import annotations

import os
import socket
import time
from base64 import b64encode
from hashlib import sha256

import httpx
import psutil
import pytest

from tests.parts.instances import Instance, Instances

MIB = 1 << 20
BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def place(instances: Instances) -> Instance:
    return instances.start("embedded")


def sign_in(place: Instance) -> httpx.Client:
    place.add_person("olena@example.org", "Olena")
    secret = place.quick("user", "app-password", "olena@example.org", "--label", "uploader").strip()
    headers = {"Authorization": f"Bearer {secret}"} | TUS
    return httpx.Client(base_url=place.address, headers=headers, timeout=30)


def cut_in_the_middle(client: httpx.Client, address: str, data: bytes, after: int) -> None:
    """Announce all of `data`, send `after` bytes of it, and drop the connection."""
    url = client.base_url
    head = (
        f"PATCH {address} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {client.headers['Authorization']}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: {BYTES}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port or 80)) as line:
        line.sendall(head.encode() + data[:after])


def settled_offset(client: httpx.Client, address: str, least: int) -> int:
    """Where the upload stands once the server has noticed that nobody sends any more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        offset = int(client.head(address).headers["Upload-Offset"])
        if offset >= least:
            return offset
    raise AssertionError(f"only {offset} bytes were kept")


@pytest.mark.slow
def test_a_cut_upload_goes_on_in_another_process_byte_for_byte(place: Instance) -> None:
    data = os.urandom(24 * MIB)
    with sign_in(place) as client:
        root = client.get("/api/v1/spaces").json()["items"][0]["root"]
        metadata = ",".join(
            f"{key} {b64encode(value.encode()).decode()}"
            for key, value in {"filename": "video.mp4", "parent": root}.items()
        )
        created = client.post("/uploads/", headers={"Upload-Length": str(len(data)), "Upload-Metadata": metadata})
        address = created.headers["Location"]
        cut_in_the_middle(client, address, data, 10 * MIB)
        offset = settled_offset(client, address, 9 * MIB)
        assert offset <= 10 * MIB

        former = place.web_processes()
        for process in former:
            process.kill()
        psutil.wait_procs(former, timeout=60)  # gunicorn has others before it has buried all of them
        place.wait_for("/healthz")
        assert {one.pid for one in former}.isdisjoint({one.pid for one in place.web_processes()})
        late = client.patch(address, content=data[:MIB], headers={"Upload-Offset": "0", "Content-Type": BYTES})
        assert (late.status_code, late.headers["Upload-Offset"]) == (409, str(offset))
        done = client.patch(
            address, content=data[offset:], headers={"Upload-Offset": str(offset), "Content-Type": BYTES}
        )
        assert (done.status_code, done.headers["X-Workspace-Sha256"]) == (204, sha256(data).hexdigest())
        stored = client.get(f"/api/v1/items/{done.headers['X-Workspace-Item']}/content")
        assert sha256(stored.content).digest() == sha256(data).digest()

        numbers = client.get("/metrics").text
        assert 'workspace_requests_total{door="uploads",status="2xx"}' in numbers
        assert "workspace_worker_absent_seconds 0.0" in numbers
