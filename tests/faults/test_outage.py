"""A whole instance whose object store goes away for a while and comes back: it goes on by itself, and nothing is lost.

And an instance that is killed whole, in the middle of work, and started again.
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from statistics import median

import httpx
import pytest

from tests.journeys.program import program, put, root_of
from tests.parts.fault_proxy import BLACK_HOLE, PASS, REFUSE, FaultProxy
from tests.parts.faults import FaultTable, share
from tests.parts.instances import Instance, Instances
from tests.parts.seaweed import HOST, Seaweed

pytestmark = pytest.mark.slow
OLENA = "olena@example.org"
OUTAGE = share(20.0, 600.0)
RECOVERED = 60.0
LONGEST = 60.0
"""Seconds that a request may take while the store is silent: its timeouts, and what a busy machine adds."""
READY, SLOWEST = 5.0, 30.0
"""Seconds from the start of `serve` and `worker` until the instance says that it is ready, Python's start included: the
median, and what a machine that is busy with other tests may make of one of them."""


class Citizen(threading.Thread):
    """Stores one file after the other and keeps the SHA-256 of each that was answered with 201."""

    def __init__(self, place: Instance, client: httpx.Client, root: str) -> None:
        super().__init__(daemon=True)
        self._place, self._client, self._root = place, client, root
        self._enough = threading.Event()
        self.kept: dict[str, str] = {}
        self.refused: set[int] = set()
        self.slowest = 0.0
        self.last = time.monotonic()

    def run(self) -> None:
        turn = 0
        while not self._enough.is_set():
            turn += 1
            data = os.urandom(150_000)
            began = time.monotonic()
            try:
                answer = put(self._client, self._root, f"{self.name}-{turn}.bin", data)
            except httpx.TransportError:
                self._enough.wait(0.1)
                continue
            self.slowest = max(self.slowest, time.monotonic() - began)
            if answer.status_code == 201:
                self.kept[answer.json()["item"]] = hashlib.sha256(data).hexdigest()
                self.last = time.monotonic()
            else:
                self.refused.add(answer.status_code)
                self._enough.wait(0.1)

    def wait_for(self, count: int, seconds: float) -> float:
        began, wanted = time.monotonic(), len(self.kept) + count
        while len(self.kept) < wanted:
            assert time.monotonic() - began < seconds, f"refused with {self.refused}\n{self._place.said()}"
            time.sleep(0.02)
        return time.monotonic() - began

    def end(self) -> None:
        self._enough.set()
        self.join(LONGEST * 2)


def all_there(client: httpx.Client, kept: dict[str, str]) -> bool:
    return all(
        hashlib.sha256(client.get(f"/api/v1/items/{item}/content").raise_for_status().content).hexdigest() == sha256
        for item, sha256 in kept.items()
    )


@pytest.fixture
def proxy(seaweed: Seaweed) -> Iterator[FaultProxy]:
    with FaultProxy(seaweed.port) as made:
        yield made


@pytest.mark.parametrize("mode", [REFUSE, BLACK_HOLE])
def test_after_an_outage_of_the_store_everything_goes_on_by_itself(
    instances: Instances, seaweed: Seaweed, proxy: FaultProxy, fault_table: FaultTable, mode: str
) -> None:
    url = seaweed.url(seaweed.new_bucket()).replace(f"@{HOST}:{seaweed.port}/", f"@{HOST}:{proxy.port}/")
    place = instances.prepare(objects_url=url)
    place.add_person(OLENA, "Olena")
    place.start()
    client = program(place, OLENA)
    client.timeout = httpx.Timeout(2 * LONGEST)
    citizen = Citizen(place, client, root_of(client))
    citizen.start()
    citizen.wait_for(3, 60)
    proxy.mode = mode
    time.sleep(OUTAGE)  # the length of the outage is what is tested
    while not citizen.refused:
        assert time.monotonic() - citizen.last < 2 * LONGEST + OUTAGE
        time.sleep(0.05)
    proxy.mode = PASS
    recovery = citizen.wait_for(3, RECOVERED)
    citizen.end()
    assert citizen.refused == {503}
    assert citizen.slowest < LONGEST
    assert all_there(client, citizen.kept)
    assert place.command("check", "--deep").startswith("Clean")
    fault_table.row(
        f"store away ({mode})", f"{OUTAGE:.0f} s", acknowledged=len(citizen.kept), lost=0,
        recovery=f"{recovery:.1f} s", longest_request=f"{citizen.slowest:.1f} s",
    )  # fmt: skip


def test_an_instance_killed_whole_in_the_middle_of_work_is_soon_back_and_has_everything(
    instances: Instances, fault_table: FaultTable
) -> None:
    place = instances.prepare()
    place.add_person(OLENA, "Olena")
    place.start()
    client = program(place, OLENA)
    citizens = [Citizen(place, client, root_of(client)) for _ in range(3)]
    for one in citizens:
        one.start()
    starts: list[float] = []
    for _ in range(share(3, 15)):
        citizens[0].wait_for(3, 60)
        for process in place.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        place.processes.clear()
        began = time.monotonic()
        place.start()
        starts.append(time.monotonic() - began)
    citizens[0].wait_for(1, 60)
    for one in citizens:
        one.end()
    assert median(starts) < READY
    assert max(starts) < SLOWEST
    kept = {item: sha256 for one in citizens for item, sha256 in one.kept.items()}
    assert all_there(client, kept)
    assert place.command("check", "--deep").startswith("Clean")
    fault_table.row(
        "instance killed", "3 writers", kills=len(starts), acknowledged=len(kept), lost=0,
        median_start=f"{median(starts):.1f} s", slowest_start=f"{max(starts):.1f} s",
    )  # fmt: skip
