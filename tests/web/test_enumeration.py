"""Nobody learns from an answer, or from the time it took, who has an account here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import thread_time
from typing import Any

import pytest
from sqlalchemy import event

from tests.web.visitor import Site
from workspace.accounts import passwords


@contextmanager
def counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """What an answer costs: hashes, and rows written."""
    work = {"hashes": 0, "writes": 0}
    hasher = passwords._hasher

    class Counting:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def hash(self, text: str) -> str:
            work["hashes"] += 1
            return str(self.inner.hash(text))

        def verify(self, known: str, text: str) -> bool:
            work["hashes"] += 1
            return bool(self.inner.verify(known, text))

        def check_needs_rehash(self, known: str) -> bool:
            return bool(self.inner.check_needs_rehash(known))

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        work["writes"] += statement.startswith(("INSERT", "UPDATE", "DELETE"))

    monkeypatch.setattr(passwords, "_hasher", lambda cost: Counting(hasher(cost)))
    engine = site.world.runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield work
    event.remove(engine, "before_cursor_execute", note)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("path", "values", "difference"),
    [
        ("/sign-in", {"password": "a wrong one"}, 0),
        # a letter that is sent has a row more than one that is nowhere to be found
        ("/reset-password", {}, 1),
    ],
)
def test_a_known_and_an_unknown_address_cost_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str, values: dict[str, str], difference: int
) -> None:
    olena = site.person()
    site.visitor().fill(path, values | {"email": "warm@example.org"}, action=path)
    costs = []
    for email in (olena.email, "nobody@example.org"):
        browser = site.visitor()
        with counted(site, monkeypatch) as work:
            browser.fill(path, values | {"email": email}, action=path)
        costs.append(work)
    assert costs[0]["hashes"] == costs[1]["hashes"] == 1
    assert costs[0]["writes"] - costs[1]["writes"] == difference


@pytest.mark.slow
@pytest.mark.parametrize(("path", "values"), [("/sign-in", {"password": "a wrong one"}), ("/reset-password", {})])
def test_a_known_and_an_unknown_address_take_the_same_time(site: Site, path: str, values: dict[str, str]) -> None:
    olena, browser = site.person(), site.visitor()
    form = next(one for one in browser.forms(path) if "email" in one.values)
    times: dict[str, list[float]] = {olena.email: [], "nobody@example.org": []}
    for number in range(120):
        for email, taken in times.items():
            # the time of this very thread: what others do on the machine meanwhile says nothing about the answer
            began = thread_time()
            answer = browser.client.post(path, data=form.values | values | {"email": email})
            taken.append(thread_time() - began)
            assert answer.status_code == 200
        if number % 9 == 8:
            site.world.clock.move(timedelta(minutes=15))
    known, unknown = (median(taken) for taken in times.values())
    assert abs(known - unknown) < 0.005
