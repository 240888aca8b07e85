"""One benchmark for any WebDAV server: `python -m tests.bench.davbench URL [--user U --password P] [--pids 12,34]`.

Prints one JSON object. Loopback alone (any other host is refused); every loop is bounded in count and in time.
Measured over kept-alive connections:

  put_big, get_big        one file of --big-mib MiB: MB/s (1 MB = 10^6 bytes), and the wait after its last byte
  range_1m_cN             random ranges of 1 MiB of it: per second (content is checked)
  put_4k_cN, get_4k_cN    --small-count new files of 4 KiB, and reads of them: per second (content is checked)
  propfind_1000, _10000   PROPFIND with Depth 1 of a flat folder: entries per second (they are counted)
  move_1000, delete_1000  MOVE and DELETE of a folder with 1,000 files: seconds

Each step also tells the processor time of the server's processes (--pids and all their descendants) and of this one: is
the latter near the time that passed, the client was the limit.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import re
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from tests.bench.accounting import MIB, Sampler, cpu_seconds
from tests.bench.speaking import Check, Connection, Tally, one_by_one, several

MB = 1e6
POOL = 32 * MIB
STORED = (200, 201, 204, 205)
PROPERTIES = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/>'
    b"<D:getlastmodified/><D:getetag/><D:displayname/></D:prop></D:propfind>"
)


class Bench:
    """One run against one server."""

    def __init__(self, options: argparse.Namespace) -> None:
        address = urlsplit(options.url)
        host = socket.gethostbyname(address.hostname or "")
        if address.scheme != "http" or not host.startswith("127."):
            sys.exit("only http on loopback is measured")
        self._host, self._port = host, address.port or 80
        self._named = address.netloc.rpartition("@")[2]
        self._path = address.path if address.path.endswith("/") else address.path + "/"
        self._signed = ""
        if options.user is not None:
            secret = base64.b64encode(f"{options.user}:{options.password or ''}".encode()).decode()
            self._signed = f"Authorization: Basic {secret}\r\n"
        self._pids = [int(one) for one in options.pids.split(",") if one]
        self._options = options
        self._size: int = options.big_mib * MIB
        self._count: int = options.small_count
        self._stored = 0
        self._pool = random.Random(7).randbytes(POOL + MIB + 4096)
        self.folder = f"b{time.time_ns() // 1000 % 0xFFFFFFFF:x}"
        self.steps: dict[str, dict[str, Any]] = {}

    def run(self) -> dict[str, Any]:
        """All steps that `--only` names; what failed says so and the others go on."""
        self._make_folder(self.folder)
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "put_big": self.put_big,
            "get_big": self.get_big,
            "range_1m_c1": lambda: self.ranges(1, 200),
            "range_1m_c8": lambda: self.ranges(8, 400),
            "put_4k_c1": lambda: self.put_small(1),
            "put_4k_c8": lambda: self.put_small(8),
            "get_4k_c1": lambda: self.get_small(1),
            "get_4k_c8": lambda: self.get_small(8),
            "propfind_1000": lambda: self.propfind(1000),
            "propfind_10000": lambda: self.propfind(10_000),
            "move_1000": lambda: self.move(1000, 3),
            "delete_1000": lambda: self.delete(3),
        }
        for name, step in steps.items():
            if not self._options.only or re.search(self._options.only, name):
                self.steps[name] = self._measured(step)
        self._ask("DELETE", self.folder + "/")
        return {"url": self._options.url, "big_mib": self._options.big_mib, "count": self._count, "steps": self.steps}

    def _measured(self, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if not self._options.no_sync:
            os.sync()  # keeps what one step has left to be written out of the next
        server, client, began = cpu_seconds(self._pids), time.process_time(), time.perf_counter()
        try:
            found = step()
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"[:300]}
        found["wall_s"] = round(time.perf_counter() - began, 3)
        found["client_cpu_s"] = round(time.process_time() - client, 3)
        if self._pids:
            found["server_cpu_s"] = round(cpu_seconds(self._pids) - server, 3)
        return found

    # speaking ----------------------------------------------------------------------------------------------------
    def _connection(self) -> Connection:
        return Connection(self._host, self._port)

    def _head(self, method: str, path: str, more: str = "", length: int | None = None, body: bytes = b"") -> bytes:
        lines = f"{method} {self._path}{quote(path)} HTTP/1.1\r\nHost: {self._named}\r\nUser-Agent: davbench/1\r\n"
        lines += self._signed + more
        if length is not None or body:
            lines += f"Content-Length: {len(body) if length is None else length}\r\n"
        if method == "PUT":
            lines += "Content-Type: application/octet-stream\r\n"
        return lines.encode() + b"\r\n" + body

    def _ask(self, method: str, path: str, more: str = "", body: bytes = b"") -> tuple[int, bytes, float]:
        """Status, body and seconds of one request on a connection of its own."""
        connection = self._connection()
        request = self._head(method, path, more, body=body)
        began = time.perf_counter()
        status, told, _ = connection.ask(request)
        seconds = time.perf_counter() - began
        connection.close()
        return status, told, seconds

    def _make_folder(self, path: str) -> None:
        status, told, _ = self._ask("MKCOL", path + "/")
        _require(status in (200, 201, 405), f"MKCOL {path}: {status} {told[:120]!r}")

    def _many(self, requests: Sequence[bytes], connections: int, good: Sequence[int], check: Check | None) -> Tally:
        until = time.perf_counter() + self._options.max_seconds
        if connections == 1:
            connection = self._connection()
            tally = one_by_one(connection, requests, good, check, until)
            connection.close()
            return tally
        return several(self._connection, connections, requests, good, check, until)

    # content: windows into a random pool at odd offsets, so that no two pieces are alike
    def _block(self, number: int) -> memoryview:
        start = number * 1_000_003 % POOL
        return memoryview(self._pool)[start : start + MIB]

    def _small(self, number: int) -> bytes:
        start = number * 4099 % POOL
        return self._pool[start : start + 4096]

    # steps -------------------------------------------------------------------------------------------------------
    def put_big(self) -> dict[str, Any]:
        connection, sampler = self._connection(), Sampler(self._pids)
        sampler.start()
        began = time.perf_counter()
        connection.socket.sendall(self._head("PUT", f"{self.folder}/big.bin", length=self._size))
        for number in range(self._options.big_mib):
            connection.socket.sendall(self._block(number))
        sent = time.perf_counter()
        status, told, _ = connection.answer()
        done = time.perf_counter()
        sampler.end()
        connection.close()
        _require(status in STORED, f"{status} {told[:200]!r}")
        return {
            "MBps": round(self._size / MB / (done - began), 1),
            "after_last_byte_s": round(done - sent, 3),
            "rss_growth_MiB": round((sampler.peak - sampler.first) / MIB, 1),
        }

    def get_big(self) -> dict[str, Any]:
        connection = self._connection()
        began = time.perf_counter()
        status, _, size = connection.ask(self._head("GET", f"{self.folder}/big.bin"), counting=True)
        seconds = time.perf_counter() - began
        connection.close()
        _require(status == 200 and size == self._size, f"{status}, {size} bytes")
        return {"MBps": round(self._size / MB / seconds, 1)}

    def ranges(self, connections: int, count: int) -> dict[str, Any]:
        chance = random.Random(11 + connections)
        starts = [chance.randrange(self._size - MIB) for _ in range(count)]
        requests = [
            self._head("GET", f"{self.folder}/big.bin", f"Range: bytes={start}-{start + MIB - 1}\r\n")
            for start in starts
        ]

        def check(number: int, body: bytes | memoryview) -> bool:
            block, offset = divmod(starts[number], MIB)
            first = bytes(self._block(block)[offset : offset + 64])
            return len(body) == MIB and bytes(body[: len(first)]) == first

        return self._many(requests, connections, (206,), check).told()

    def put_small(self, connections: int) -> dict[str, Any]:
        folder = f"{self.folder}/s{connections}"
        self._make_folder(folder)
        requests = [
            self._head("PUT", f"{folder}/f{number:05d}.bin", body=self._small(number + connections * 7919))
            for number in range(self._count)
        ]
        tally = self._many(requests, connections, STORED, None)
        if connections == 1:
            self._stored = len(tally.times)  # a slow server is cut off: what is read has to be there
        return tally.told()

    def get_small(self, connections: int) -> dict[str, Any]:
        requests = [self._head("GET", f"{self.folder}/s1/f{number:05d}.bin") for number in range(self._stored)]
        return self._many(requests, connections, (200,), lambda number, body: body == self._small(number + 7919)).told()

    def propfind(self, count: int) -> dict[str, Any]:
        folder = f"{self.folder}/d{count}"
        self._fill(folder, count)
        request = self._head("PROPFIND", folder + "/", "Depth: 1\r\nContent-Type: application/xml\r\n", body=PROPERTIES)
        connection, times = self._connection(), []
        server = cpu_seconds(self._pids)
        for _ in range(5):
            began = time.perf_counter()
            status, told, _ = connection.ask(request)
            times.append(time.perf_counter() - began)
            entries = len(re.findall(rb"<(?:[\w-]+:)?response[\s>]", told))
            _require(status == 207 and entries in (count, count + 1), f"{status}, {entries} entries")
        connection.close()
        middle = sorted(times)[len(times) // 2]
        spent = (cpu_seconds(self._pids) - server) / len(times)
        return {"median_s": round(middle, 4), "entries_s": round(count / middle, 1), "cpu_s_each": round(spent, 3)}

    def move(self, count: int, repeats: int) -> dict[str, Any]:
        for number in range(repeats):
            self._fill(f"{self.folder}/m{number}", count)
        times = []
        for number in range(repeats):
            target = f"http://{self._named}{self._path}{self.folder}/moved{number}/"
            more = f"Destination: {target}\r\nOverwrite: F\r\n"
            status, told, seconds = self._ask("MOVE", f"{self.folder}/m{number}/", more)
            _require(status in (200, 201, 204), f"{status} {told[:150]!r}")
            times.append(seconds)
        status, _, _ = self._ask("GET", f"{self.folder}/moved0/entry-00007.txt")
        _require(status == 200, f"a moved file: {status}")
        return {"median_s": round(sorted(times)[repeats // 2], 4)}

    def delete(self, repeats: int) -> dict[str, Any]:
        times = []
        for number in range(repeats):
            status, told, seconds = self._ask("DELETE", f"{self.folder}/moved{number}/")
            _require(status in (200, 204), f"{status} {told[:150]!r}")
            times.append(seconds)
        status, _, _ = self._ask("GET", f"{self.folder}/moved0/entry-00007.txt")
        _require(status in (404, 410), f"still there: {status}")
        return {"median_s": round(sorted(times)[repeats // 2], 4)}

    def _fill(self, folder: str, count: int) -> None:
        self._make_folder(folder)
        requests = [self._head("PUT", f"{folder}/entry-{number:05d}.txt", body=b"entry\n") for number in range(count)]
        tally = several(self._connection, 8, requests, STORED, None, time.perf_counter() + 300)
        _require(not tally.bad and len(tally.times) == count, f"setting up: {tally.told()}")


def _require(right: bool, otherwise: str) -> None:
    if not right:
        raise RuntimeError(otherwise)


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--pids", default="", help="processes of the server, with commas between them")
    parser.add_argument("--big-mib", type=int, default=1024)
    parser.add_argument("--small-count", type=int, default=2000)
    parser.add_argument("--max-seconds", type=float, default=20, help="bound of each measured loop")
    parser.add_argument("--only", help="regular expression of the names of steps")
    parser.add_argument("--no-sync", action="store_true", help="do not sync(2) before each step")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Bench(options_of()).run()) + "\n")
