"""The town that every fault strikes: a small instance, filled once and put back before each run.

Olena keeps letters, a film, an album that Petro may see, a case that waits to be delivered to the housing office where
Iryna works. Requests go through the real WSGI application with app passwords, as a program sends them.
"""

from __future__ import annotations

import io
import json
import mmap
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from PIL import Image

from tests.api.conftest import Program, app_password, application
from tests.faults.places import Place
from tests.world import NOON, SomeBody, Someone, World
from workspace.cases import service as cases
from workspace.cloud import service, trash
from workspace.cloud.things import locate_item
from workspace.db.database import Database
from workspace.db.migrations import upgrade
from workspace.jobs.sequencer import Sequencer
from workspace.kernel.actors import Actor, Principal, Role, SubjectKind
from workspace.kernel.errors import StorageFull, StorageUnavailable
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level
from workspace.storage.filesystem import FilesystemStore
from workspace.storage.keyring import PostgresKeyring
from workspace.trust.heads import Head
from workspace.trust.log import head

MARKER = b"marker-5d1c9e of a citizen "
"""Stands in every content, so that any of it in the clear can be found on the disk."""
KIB = 1 << 10
MIB = 1 << 20


def content(name: str, size: int) -> bytes:
    """Bytes that tell which file they belong to and hold the marker often."""
    line = MARKER + name.encode() + b"\n"
    return (line * (size // len(line) + 1))[:size]


def photo() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "PNG")
    return out.getvalue()


class Refused(Exception):
    """A request that was not answered with success: its status and the problem's code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def _code(answer: Any) -> str:
    """The problem's code. WebDAV knows none: there it is the code of the error whose sentence the answer quotes."""
    told = answer.get_json(silent=True)
    if told is not None:
        return str(told.get("code", ""))
    said = answer.get_data(as_text=True)
    return next((error.code for error in (StorageFull, StorageUnavailable) if str(error()) in said), "")


class Ledger:
    """What was acknowledged, kept where it survives the one who was told: in memory that a fork shares."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 64 * KIB)

    def clear(self) -> None:
        self._memory[:] = bytes(len(self._memory))

    def acknowledge(self, **values: Any) -> None:
        """One step is answered with success. No system call, so that the writing down itself is no point to die at."""
        kept = [*self.read(), values]
        data = json.dumps(kept).encode()
        self._memory[: len(data) + 1] = data + b"\0"

    def read(self) -> list[dict[str, Any]]:
        data = bytes(self._memory).split(b"\0", 1)[0]
        return json.loads(data) if data else []


@dataclass
class Town:
    """The instance, its people, and what the operations need to know of it."""

    place: Place
    world: World
    app: Flask
    olena: Someone
    petro: Someone
    iryna: Someone
    body: SomeBody
    clerk: Actor
    secrets: dict[str, str]
    items: dict[str, str]
    held: Head
    ledger: Ledger = field(default_factory=Ledger)
    notes: dict[str, Any] = field(default_factory=dict)

    # acting ------------------------------------------------------------------------------------------------------
    def ask(self, who: Someone, method: str, path: str, **more: Any) -> Any:
        """A request of somebody's program; gives back the answer. Raises Refused."""
        answer = Program(self.app, self.secrets[who.id]).send(method, path, **more)
        if answer.status_code >= 400:
            raise Refused(answer.status_code, _code(answer))
        return answer

    def api(self, method: str, path: str, **more: Any) -> Any:
        """A request of Olena's program to `/api/v1`; gives back the JSON."""
        return self.ask(self.olena, method, "/api/v1" + path, **more).get_json(silent=True)

    def put(self, folder_id: str, name: str, data: bytes) -> Any:
        return self.api("PUT", f"/items/{folder_id}/files/{name}", data=data)

    # time and dying ----------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """In a fork: forget what a process that has just started does not know yet."""
        objects = self.world.runtime.ports.objects
        if isinstance(objects, FilesystemStore):
            objects._durable.clear()

    def age(self) -> None:
        """Days pass: the clock goes to the true time plus two days, what dead writers left becomes as old."""
        self.world.clock.move(datetime.now(UTC) - self.world.clock.now() + timedelta(days=2))
        objects = self.world.runtime.ports.objects
        if isinstance(objects, FilesystemStore):
            for leftover in objects.stale(-1):
                os.utime(objects.root / leftover.key, (0, 0))

    def rest(self) -> None:
        """Let go of every connection, so that a fork inherits none."""
        self.world.close()
        keyring = self.world.runtime.ports.keyring
        if isinstance(keyring, PostgresKeyring):
            keyring.close()

    def put_back(self) -> None:
        """As it was when it had been filled."""
        self.rest()
        self.place.put_back()
        self.world.clock.move(NOON - self.world.clock.now())
        self.ledger.clear()
        self.notes.clear()

    @property
    def people(self) -> dict[str, Actor]:
        return {"olena": self.olena.actor, "petro": self.petro.actor, "iryna": self.clerk}


def seal_all(world: World) -> None:
    """Bring every fact into the log and publish the head, as a worker that has just taken over does."""
    sequencer = Sequencer(world.runtime, "fault:1")
    while sequencer.step():
        pass
    sequencer.rest()


def fill(place: Place) -> Town:
    """A new town in a new place; afterwards the place is kept as it is, to be put back."""
    database = Database(place.stack.database_url)
    upgrade(database)
    database.dispose()
    world = World(place.folder, place.stack)
    world.runtime.ports.objects.ready()
    olena, petro, iryna = (world.make_person(name) for name in ("Olena", "Petro", "Iryna"))
    body = world.make_body()
    clerk = world.appoint(iryna, body, Role.REGISTRAR, Role.HANDLER)
    items = _furnish(world, olena, petro, body)
    secrets = {who.id: app_password(world, who) for who in (olena, petro, iryna)}
    app = application(world)
    seal_all(world)
    with world.reading(olena.actor) as work:
        held = head(work)
    assert held is not None
    town = Town(place, world, app, olena, petro, iryna, body, clerk, secrets, items, held)
    _leave_behind(place, world)
    town.rest()
    place.keep()
    return town


def _furnish(world: World, olena: Someone, petro: Someone, body: SomeBody) -> dict[str, str]:
    mine, root = olena.actor, olena.root_id
    items = {"root": root}
    for folder, above in (("album", "root"), ("deep", "album"), ("drawer", "root")):
        items[folder] = world.folder(mine, items[above], folder)
    for name, above, size in (
        ("letter.txt", "root", 2 * KIB),
        ("film.bin", "root", 300 * KIB),
        ("one.txt", "album", 3 * KIB),
        ("two.bin", "album", 40 * KIB),
        ("three.txt", "deep", KIB),
        ("gone.txt", "root", KIB),
        ("dead.bin", "root", 60 * KIB),
    ):
        items[name] = world.upload(mine, items[above], name, content(name, size)).item.id
    world.upload(mine, root, "letter.txt", content("letter.txt, again", 2 * KIB))
    items["photo.png"] = world.upload(mine, root, "photo.png", photo()).item.id
    for name, size in (("his.txt", KIB), ("his.bin", 30 * KIB)):
        world.upload(petro.actor, petro.root_id, name, content(name, size))
    with world.writing(mine) as work:
        service.describe(work, items["letter.txt"], note=MARKER.decode() + "a note")
        for name in ("gone.txt", "dead.bin"):
            trash.trash(work, items[name])
        trash.delete_for_good(work, items["dead.bin"])
        granted = sharing.grant(
            work, locate_item(work, items["album"])[1], Principal(SubjectKind.PERSON, petro.id), Level.VIEW
        )
        items["grant"] = granted.id
    with world.writing(mine) as work:
        case = cases.open_case(work, title="Burst riser", story=MARKER.decode() + "a story", body_id=body.id)
        items["case"], folder = case.id, case.folder_id
    world.upload(mine, folder, "riser.bin", content("riser.bin", 30 * KIB))
    world.upload(mine, folder, "words.txt", content("words.txt", KIB))
    return items


def _leave_behind(place: Place, world: World) -> None:
    """What an earlier death may have left: an object that no row names, a temporary file."""
    writer = world.runtime.ports.objects.create("0" * 26)
    writer.write(b"nobody names this")
    writer.commit()
    objects = place.folder / "objects"
    if objects.is_dir():
        (objects / "tmp" / "left.by.a.dead.writer").write_bytes(b"half")


__all__ = ["MARKER", "Ledger", "Refused", "Town", "content", "fill", "seal_all"]
