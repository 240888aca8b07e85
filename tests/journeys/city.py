"""The demo city as the tests know it: where its things are, found by their names."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from html import unescape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from tests.parts.instances import Instance
from workspace.accounts.models import Person
from workspace.accounts.program_logins import begin_program_login
from workspace.app import wire
from workspace.bodies.models import Body, Official
from workspace.cases.models import Case, Delivery
from workspace.cloud.models import Item
from workspace.db.facts import FactRow
from workspace.kernel.actors import COMMAND
from workspace.mail.models import Letter
from workspace.settings import from_environment
from workspace.sharing.models import Grant

DOMAIN = "zelenohirsk.example"
PATIENCE = 20.0


def address_of(key: str) -> str:
    """The e-mail address of somebody of the demo city."""
    return key if "@" in key else f"{key}@{DOMAIN}"


class City:
    """Looks into the data of an instance from outside, as no page may."""

    def __init__(self, place: Instance) -> None:
        self.place = place
        self.links: dict[str, str] = {}
        self.runtime = wire(from_environment(place.environment))

    def close(self) -> None:
        self.runtime.database.dispose()

    def one(self, column: InstrumentedAttribute[Any], *where: Any) -> Any:
        """The newest value of a column where this holds."""
        owner = column.class_
        with self.runtime.reading(COMMAND) as work:
            found = work.session.scalars(select(column).where(*where).order_by(owner.id.desc()).limit(1)).first()
        assert found is not None, (column, [str(one) for one in where])
        return found

    def item(self, name: str) -> str:
        """The first file or folder of this name: not what a case made of it."""
        with self.runtime.reading(COMMAND) as work:
            found = work.session.scalars(select(Item.id).where(Item.name == name).order_by(Item.id).limit(1)).one()
        return str(found)

    def person(self, key: str) -> str:
        return str(self.one(Person.id, Person.email == address_of(key)))

    def case(self, title: str) -> str:
        return str(self.one(Case.id, Case.title == title))

    def delivery(self, title: str, direction: str) -> str:
        return str(self.one(Delivery.id, Delivery.case_id == self.case(title), Delivery.direction == direction))

    def official(self, key: str) -> tuple[str, str]:
        """Slug of the body and id of the post."""
        post = self.one(Official.id, Official.person_id == self.person(key))
        body = self.one(Official.body_id, Official.id == post)
        return str(self.one(Body.slug, Body.id == body)), str(post)

    def grant_to(self, subject_id: str) -> str:
        return str(self.one(Grant.id, Grant.subject_id == subject_id))

    def grant_on(self, item_id: str) -> str:
        return str(self.one(Grant.id, Grant.thing_id == item_id, Grant.revoked_at.is_(None)))

    def opening(self, name: str) -> str:
        """The newest time that somebody but the owner opened this file."""
        opened = (FactRow.kind == "access.opened", FactRow.thing_id == self.item(name))
        return str(self.one(FactRow.id, *opened))

    def waiting_program(self) -> str:
        """A program has just asked to be let in: the last piece of the address of its page."""
        return begin_program_login(self.runtime, "Mozilla/5.0 (Android) Nextcloud-android/3.25.0", "pages").page

    def letter(self) -> str:
        return str(self.one(Letter.id))

    def mailed(self, recipient: str, part: str) -> str:
        """The path of the newest link that was mailed to somebody and holds `part`; waits for the worker to send it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for path in sorted((self.place.home / "letters").rglob("*.eml"), reverse=True):
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                found = re.findall(r"https?://[^/\s]+(/\S*)", str(message.get_content()))
                links = [one for one in found if part in one]
                if links and recipient in str(message["To"]):
                    return unescape(links[-1])
            time.sleep(0.1)  # the worker says nowhere that a letter is out
        raise AssertionError(f"no letter with {part} for {recipient}")
