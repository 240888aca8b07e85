"""`workspace up` for the first time: it prints the address and the demo's accounts, and they let one in."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time

import pytest

from tests.journeys.program import signed_in
from tests.parts.instances import Instance, end_with_parent, free_port
from tests.parts.services import ROOT

pytestmark = pytest.mark.slow


def test_the_first_start_prints_accounts_that_let_one_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Instance(tmp_path_factory.mktemp("up"), free_port())
    for part in (place.temp, place.logs):
        part.mkdir()
    output = place.logs / "up.log"
    with output.open("wb") as log:
        command = [sys.executable, "-m", "workspace", "up"]
        running = subprocess.Popen(
            command, cwd=ROOT, env=place.environment, stdout=log, stderr=log, preexec_fn=end_with_parent
        )
    try:
        deadline = time.monotonic() + 90
        while "Ctrl-C stops everything" not in output.read_text():
            assert running.poll() is None and time.monotonic() < deadline, output.read_text()  # noqa: PT018
            time.sleep(0.1)
        said = output.read_text()
        assert place.address in said
        accounts = dict(re.findall(r"^(\S+@zelenohirsk\.example)\s+(\S+)", said, re.MULTILINE))
        assert len(accounts) == 8
        assert len(set(accounts.values())) == 8
        place.passwords |= accounts
        assert "Прорив стояка" in signed_in(place, "olena@zelenohirsk.example").get("/cases/").text
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
