"""The guide for programs: its examples run, one after the other, against a real instance."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest

from tests.parts.instances import Instances
from workspace.cases import webhook_sending
from workspace.cases.webhooks import Event

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
TEXT = GUIDE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_example_runs(instances: Instances) -> None:
    place = instances.start()
    place.add_person("you@example.org", "Olena")
    secret = place.quick("user", "app-password", "you@example.org", "--label", "guide").strip()
    known: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 7
    for block in blocks:
        code = block.replace("http://localhost:8000", place.address).replace("cw-…", secret)
        exec(compile(code, str(GUIDE), "exec"), known)
    is_ours = known["is_ours"]
    assert callable(is_ours)
    key, moment, body = bytes(range(32)), str(int(time.time())), b'{"type":"case.closed"}'
    told = "whsec_" + base64.b64encode(key).decode()
    headers = {"webhook-id": "1", "webhook-timestamp": moment}
    headers["webhook-signature"] = "v1," + webhook_sending.signature(key, "1", moment, body)
    assert is_ours(headers, body, told)
    assert not is_ours(headers, body + b" ", told)


def test_the_guide_names_every_event_and_every_pause() -> None:
    for event in Event:
        assert f"`{event.value}`" in TEXT
    said = "5 seconds, 1, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours"
    assert said in TEXT
    assert [int(one.total_seconds()) for one in webhook_sending.PAUSES] == [
        5, 60, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))
    ]  # fmt: skip
