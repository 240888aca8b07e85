"""A file of 5 GB goes in and out of a running instance: its hash stands, memory stays flat, nothing is in the clear."""

from __future__ import annotations

import io
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any

import httpx
import psutil
import pytest

from tests.journeys.cleanliness import plain_traces
from tests.parts.instances import Instance, Instances

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MIB = 1 << 20
BLOCK = 4 * MIB
MARK = "Це-читає-лише-власниця-7f3a"
GROWTH = 16 * MIB
EMAIL = "olena@example.org"


class Content(io.RawIOBase):
    """So many bytes, made as they are read: numbered blocks, each with the mark in it. Hashes what was given away."""

    def __init__(self, size: int) -> None:
        self.size, self.at, self.hash = size, 0, sha256()
        self._filling = (MARK.encode() * (BLOCK // len(MARK.encode()) + 1))[: BLOCK - 16]

    def block(self, number: int) -> bytes:
        return b"%016d" % number + self._filling

    def read(self, _size: int = -1) -> bytes:  # a block at a time, whatever is asked for
        number, start = divmod(self.at, BLOCK)
        piece = self.block(number)[start : start + self.size - self.at]
        self.at += len(piece)
        self.hash.update(piece)
        return piece

    def between(self, start: int, stop: int) -> bytes:
        blocks = b"".join(self.block(number) for number in range(start // BLOCK, stop // BLOCK + 1))
        return blocks[start % BLOCK :][: stop - start]


class Sampler:
    """Looks at the memory of processes while something happens."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        self._processes, self._stop = processes, threading.Event()
        self.first = self.present()
        self.most = dict(self.first)
        self._thread = threading.Thread(target=self._look, daemon=True)

    def present(self) -> dict[int, int]:
        return {one.pid: one.memory_info().rss for one in self._processes}

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            for pid, size in self.present().items():
                self.most[pid] = max(self.most[pid], size)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def growth(self) -> int:
        """Of the process that grew most, in bytes."""
        return max(self.most[pid] - size for pid, size in self.first.items())


class Program:
    """A program with an app password: tus in, HTTP out."""

    def __init__(self, place: Instance) -> None:
        place.add_person(EMAIL, "Olena")
        secret = place.quick("user", "app-password", EMAIL, "--label", "backup").strip()
        self.place = place
        self.signed = {"Authorization": "Basic " + b64encode(f"{EMAIL}:{secret}".encode()).decode()}
        with httpx.Client(base_url=place.address, headers=self.signed) as client:
            self.root = client.get("/api/v1/spaces").raise_for_status().json()["items"][0]["root"]

    def asked(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; the answer, unread."""
        connection = HTTPConnection("localhost", self.place.port, timeout=120)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, self.signed | named)
        return connection.getresponse()

    def send(self, name: str, content: Content, piece: int) -> dict[str, str]:
        """The whole file by tus, in pieces; the headers of the last answer."""
        names = {"filename": name, "parent": self.root}
        words = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in names.items())
        tus = {"Tus_Resumable": "1.0.0"}
        made = self.asked("POST", "/uploads/", Upload_Length=str(content.size), Upload_Metadata=words, **tus)
        assert made.status == 201, made.read()
        for start in range(0, content.size, piece):
            stop = min(start + piece, content.size)
            told = self.asked(
                "PATCH",
                made.headers["Location"],
                _part(content, stop - start),
                Upload_Offset=str(start),
                Content_Type="application/offset+octet-stream",
                Content_Length=str(stop - start),
                **tus,
            )
            assert told.status == 204, told.read()
        return dict(told.headers)

    def fetched(self, item_id: str) -> tuple[int, str]:
        """The whole file back: its length and SHA-256."""
        answer, digest, length = self.asked("GET", f"/api/v1/items/{item_id}/content"), sha256(), 0
        assert answer.status == 200, answer.read()
        room = memoryview(bytearray(MIB))
        while count := answer.readinto(room):
            digest.update(room[:count])
            length += count
        return length, digest.hexdigest()


def _part(content: Content, size: int) -> Iterator[bytes]:
    while size:
        piece = content.read()
        size -= len(piece)
        yield piece


SIZES = [
    pytest.param("embedded", 5000 * MIB, 1000 * MIB, id="5 GB, filesystem"),
    pytest.param("grown", 512 * MIB, 256 * MIB, id="512 MB, S3"),
]


@pytest.mark.parametrize(("stack", "size", "piece"), SIZES)
def test_a_big_file_goes_in_and_out(
    instances: Instances, capsys: pytest.CaptureFixture[str], stack: str, size: int, piece: int
) -> None:
    place = instances.start(stack, workers="1", quota=str(4 * size))
    program = Program(place)
    for number in range(3):  # what a process needs at all, it has taken after this
        warm = program.send(f"warm {number}", Content(48 * MIB), 16 * MIB)
        program.fetched(warm["X-Workspace-Item"])
    content = Content(size)
    with Sampler(place.web_processes()) as memory:
        began = time.monotonic()
        told = program.send("film.mkv", content, piece)
        came_in = time.monotonic() - began
        length, digest = program.fetched(told["X-Workspace-Item"])
        went_out = time.monotonic() - began - came_in
        middle = program.asked(
            "GET", f"/api/v1/items/{told['X-Workspace-Item']}/content", Range=f"bytes={size // 2}-{size // 2 + 99_999}"
        )
        assert middle.read() == Content(size).between(size // 2, size // 2 + 100_000)
    with capsys.disabled():
        rate = size / MIB
        sys.stdout.write(
            f"\n  {stack}: {rate:.0f} MiB in {came_in:.1f} s ({rate / came_in:.0f} MiB/s), out {went_out:.1f} s "
            f"({rate / went_out:.0f} MiB/s), memory grew by {memory.growth / MIB:.1f} MiB\n"
        )
    assert (length, digest, told["X-Workspace-Sha256"]) == (size, content.hash.hexdigest(), digest)
    assert memory.growth <= GROWTH
    assert plain_traces(place, [MARK]) == []
