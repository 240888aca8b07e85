"""Class 14 of security.md: nobody learns from an answer, or from the time it took, what is here.

Each question is asked about what is there and about what never was: accounts, links, ids.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import thread_time
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.api.conftest import app_password, basic
from tests.web.visitor import Site
from workspace.accounts import passwords
from workspace.cloud.things import locate_item
from workspace.kernel.ids import new_id
from workspace.sharing.links import make_link
from workspace.sharing.rule import Level

ROUNDS = 200
CLOSE = 0.005
"""Seconds by which the medians may differ."""


@dataclass(frozen=True)
class Question:
    """How to ask, for two things: one that is there and one that is not. `more`: so many rows more that are written
    for the first."""

    ask: Callable[[str], TestResponse]
    there: str
    nowhere: str
    more: int = 0


def form(path: str, more: int = 0, **values: str) -> Callable[[Site], Question]:
    """A form that takes an address, sent for one with an account and for one without."""

    def question(site: Site) -> Question:
        olena, browser = site.person(), site.visitor()
        given = next(one for one in browser.forms(path) if "email" in one.values)

        def ask(email: str) -> TestResponse:
            return browser.client.post(path, data=given.values | values | {"email": email})

        return Question(ask, olena.email, "nobody@example.org", more)

    return question


def link(site: Site) -> Question:
    """A token that differs from a true one by its last sign, and one that is like no other."""
    olena, browser = site.person(), site.visitor()
    with site.world.writing(olena.actor) as work:
        _given, token = make_link(work, locate_item(work, olena.root_id)[1], Level.VIEW)
    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    return Question(lambda one: browser.get(f"/l/{one}"), near, "x" * len(token))


def address(path: str) -> Callable[[Site], Question]:
    """An address with the id of somebody else's file (`{file}`) or theirs (`{person}`), and with one that never was."""

    def question(site: Site) -> Question:
        olena, petro, browser = site.person("Olena"), site.person("Petro"), site.visitor()
        file = site.world.upload(olena.actor, olena.root_id, "act.txt", b"act").item.id
        headers = {}
        if path.startswith("/files/"):
            browser.sign_in(petro.email)
        else:
            headers["Authorization"] = basic(petro.email, app_password(site.world, petro))
        there = file if "{file}" in path else olena.id
        return Question(lambda one: browser.get(path.format(file=one, person=one), headers=headers), there, new_id())

    return question


QUESTIONS = {
    "sign-in": form("/sign-in", password="a wrong one"),
    # a letter that is sent has a row more than one that is nowhere to be found
    "new password": form("/reset-password", more=1),
    "link": link,
    "page": address("/files/item/{file}"),
    "download": address("/files/item/{file}/download"),
    "program": address("/api/v1/items/{file}"),
    "content": address("/api/v1/items/{file}/content"),
    "WebDAV": address("/remote.php/dav/files/{person}/"),
}


@contextmanager
def counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """What an answer costs: hashes, rows written, transactions that wait for the disk."""
    work = {"hashes": 0, "writes": 0, "commits": 0}
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

    def commit(_connection: Any) -> None:
        work["commits"] += 1

    monkeypatch.setattr(passwords, "_hasher", lambda cost: Counting(hasher(cost)))
    engine = site.world.runtime.database.engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    yield work
    event.remove(engine, "before_cursor_execute", note)
    event.remove(engine, "commit", commit)
    monkeypatch.undo()


@pytest.mark.parametrize("name", QUESTIONS)
def test_class_14_what_is_there_and_what_is_not_go_the_same_way(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    question = QUESTIONS[name](site)
    question.ask("warm@example.org" if "@" in question.there else question.nowhere)
    costs, answers = [], []
    for thing in (question.there, question.nowhere):
        with counted(site, monkeypatch) as work:
            answer = question.ask(thing)
        costs.append(work)
        answers.append((answer.status_code, len(answer.get_data(as_text=True).replace(thing, ""))))
    assert costs[0]["writes"] - costs[1]["writes"] == question.more
    assert (costs[0]["hashes"], costs[0]["commits"]) == (costs[1]["hashes"], costs[1]["commits"])
    assert costs[0]["hashes"] == ("@" in question.there)
    assert answers[0] == answers[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_class_14_what_is_there_and_what_is_not_take_the_same_time(site: Site, name: str) -> None:
    question = QUESTIONS[name](site)
    times: dict[str, list[float]] = {question.there: [], question.nowhere: []}
    for number in range(ROUNDS):
        for thing, taken in times.items():  # in turns, so that whatever else the machine does meets both alike
            # the time of this very thread; that both wait for the disk equally often is asserted above
            began = thread_time()
            answer = question.ask(thing)
            taken.append(thread_time() - began)
            assert answer.status_code != 429
        if number % 9 == 8:
            site.world.clock.move(timedelta(minutes=15))  # ten guesses are allowed in so many
    there, nowhere = (median(taken) for taken in times.values())
    assert abs(there - nowhere) < CLOSE
