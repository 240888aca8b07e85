"""A whole instance for a test: real database, real store, people and bodies, and short ways to act as them.

    def test_something(world: World) -> None:
        olena = world.make_person("Olena")
        added = world.upload(olena.actor, olena.root_id, "act.pdf", b"...")
        with world.writing(olena.actor) as work:
            service.rename(work, added.item.id, "deed.pdf")

`world.writing` commits at the end of the block unless it raises.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from workspace.accounts.models import Person
from workspace.bodies.models import Body, Official
from workspace.cloud import blobs, service, spaces
from workspace.cloud.service import AddedFile
from workspace.cloud.things import locate_item
from workspace.db.base import Base
from workspace.db.database import Database
from workspace.db.facts import FactRow
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND, Actor, Appointment, Role
from workspace.kernel.errors import DomainError
from workspace.kernel.ids import new_id
from workspace.kernel.ports import Ports
from workspace.kernel.things import Located
from workspace.settings import Settings
from workspace.storage.keyring import open_keyring
from workspace.storage.master import create_master_key
from workspace.storage.objects import open_objects
from workspace.trust.journal import FolderJournal
from workspace.trust.signing import Ed25519Signer

ROOT = Path(__file__).resolve().parents[1]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def load_models() -> None:
    """Import every module that declares tables, so that `Base.metadata` is whole."""
    for path in sorted((ROOT / "workspace").glob("*/*.py")):
        if path.stem == "models" or path.parent.name == "db":
            importlib.import_module(f"workspace.{path.parent.name}.{path.stem}")


def create_tables(database_url: str) -> None:
    """All tables, without migrations (those have tests of their own)."""
    load_models()
    database = Database(database_url)
    Base.metadata.create_all(database.engine)
    database.dispose()


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, step: timedelta) -> None:
        self._now += step


@dataclass
class Letters:
    """A Mailer that keeps what it is given: (sender, recipient, message)."""

    sent: list[tuple[str, str, bytes]] = field(default_factory=list)

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        self.sent.append((sender, recipient, message))

    def forget(self, message_id: str) -> None:
        self.sent[:] = [one for one in self.sent if message_id.encode() not in one[2]]


@dataclass
class Calls:
    """An Outbound that keeps what it is given, (url, headers, body), and answers as it is told to."""

    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: int | DomainError = 204

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.sent.append((url, dict(headers), body))
        if isinstance(self.answer, DomainError):
            raise self.answer
        return self.answer


@dataclass(frozen=True)
class Someone:
    """A person with a personal cloud."""

    id: str
    name: str
    email: str
    space_id: str
    root_id: str
    actor: Actor


@dataclass(frozen=True)
class SomeBody:
    """A government body with a space."""

    id: str
    slug: str
    name: str
    space_id: str
    root_id: str


@dataclass(frozen=True)
class Stack:
    """Where a world's data live: a prepared, empty database, a store, a keyring."""

    name: str
    database_url: str
    objects_url: str
    keyring_url: str
    master_key: Path


def _signer(path: Path) -> Ed25519Signer:
    return Ed25519Signer(path) if path.exists() else Ed25519Signer.create(path)


class World:
    """One instance. Its clock stands still at a Monday noon; `world.clock.move(...)` turns it."""

    def __init__(self, instance: Path, stack: Stack, **changed: object) -> None:
        self.instance = instance
        self.stack = stack
        self.clock = SettableClock()
        self.letters = Letters()
        self.outbound = Calls()
        self.settings = replace(
            Settings(
                instance=instance,
                database_url=stack.database_url,
                objects_url=stack.objects_url,
                keyring_url=stack.keyring_url,
                master_key_file=str(stack.master_key),
                password_hash_cost=1,
            ),
            **changed,  # type: ignore[arg-type]
        )
        ports = Ports(
            objects=open_objects(self.settings.objects),
            keyring=open_keyring(self.settings.keyring, create_master_key(self.settings.master_key_path)),
            journal=FolderJournal(self.settings.journal),
            signer=_signer(self.settings.secrets / "log.key"),
            mailer=self.letters,
            outbound=self.outbound,
        )
        self.runtime = Runtime(self.settings, Database(self.settings.database), ports, self.clock)

    def close(self) -> None:
        self.runtime.database.dispose()

    # acting ------------------------------------------------------------------------------------------------------
    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Work]:
        """A writing Work that is committed at the end of the block, unless it raises."""
        with self.runtime.writing(actor) as work:
            yield work
            work.commit()

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Work]:
        with self.runtime.reading(actor) as work:
            yield work

    def seal(self, data: bytes) -> blobs.SealedBlob:
        """Bytes on their way in: durable, not yet named by anything."""
        with blobs.BlobWriter(self.runtime.ports, self.settings) as writer:
            writer.write(data)
            return writer.finish()

    def upload(self, actor: Actor, folder_id: str, name: str, data: bytes, **more: object) -> AddedFile:
        """Put a file into a folder, the whole way: seal, store, commit."""
        sealed = self.seal(data)
        try:
            with self.writing(actor) as work:
                return service.add_file(work, folder_id, name, sealed, **more)  # type: ignore[arg-type]
        except DomainError:
            blobs.forget(self.runtime.ports, sealed)
            raise

    def upload_in(self, work: Work, folder_id: str, name: str = "file", data: bytes = b"") -> AddedFile:
        """Put a file into a folder inside a Work that is open already."""
        return service.add_file(work, folder_id, name, self.seal(data))

    def folder(self, actor: Actor, parent_id: str, name: str) -> str:
        """Make a folder; returns its id."""
        with self.writing(actor) as work:
            return service.make_folder(work, parent_id, name).id

    def content(self, actor: Actor, item_id: str, version_id: str | None = None) -> bytes:
        """The bytes of a file as this actor gets them, the look written down."""
        with self.writing(actor) as work:
            reader = service.open_version(work, item_id, version_id)
        return b"".join(map(bytes, reader.stream()))

    # looking from outside ----------------------------------------------------------------------------------------
    def thing(self, item_id: str) -> Located:
        """An item as a thing, found without asking for any right."""
        with self.runtime.reading(COMMAND) as work:
            return locate_item(work, item_id, trashed=True)[1]

    def facts(self, *kinds: str) -> list[FactRow]:
        """All facts of these kinds (all kinds, if none is named), in the order in which they were written."""
        query = select(FactRow).order_by(FactRow.id)
        with self.runtime.reading(COMMAND) as work:
            return list(work.session.scalars(query.where(FactRow.kind.in_(kinds)) if kinds else query))

    # people and bodies -------------------------------------------------------------------------------------------
    def make_person(self, name: str = "Olena", *, administrator: bool = False, quota: int | None = None) -> Someone:
        """Somebody with a confirmed account (no password) and an open personal cloud."""
        person_id = new_id()
        email = f"{name.lower().replace(' ', '.')}.{person_id[-6:]}@example.org"
        actor = Actor(person_id=person_id, name=name, administrator=administrator)
        with self.writing(actor) as work:
            work.session.add(
                Person(
                    id=person_id,
                    email=email,
                    name=name,
                    language="en",
                    administrator=administrator,
                    made_at=work.now,
                    confirmed_at=work.now,
                    fs_uniquifier=new_id(),
                    fs_webauthn_user_handle=new_id(),
                )
            )
            work.session.flush()
            space = spaces.open_personal_space(work, person_id)
            if quota is not None:
                space.quota_bytes = quota
            root_id = spaces.root_of(work, space.id).id
        return Someone(person_id, name, email, space.id, root_id, actor)

    def make_body(self, name: str = "Department of Housing") -> SomeBody:
        """A body with a space and without officials."""
        body_id = new_id()
        slug = f"body-{body_id[-8:]}"
        with self.writing(Actor(administrator=True, host=True)) as work:
            work.session.add(
                Body(
                    id=body_id,
                    slug=slug,
                    name=name,
                    kind="department",
                    email=f"{slug}@example.org",
                    made_at=work.now,
                )
            )
            work.session.flush()
            space = spaces.open_body_space(work, body_id)
            root_id = spaces.root_of(work, space.id).id
        return SomeBody(body_id, slug, name, space.id, root_id)

    def appoint(self, person: Someone, body: SomeBody, *roles: Role) -> Actor:
        """Make a person an official; returns them as the official they now are."""
        with self.writing(Actor(administrator=True, host=True)) as work:
            for role in roles:
                row = Official(
                    id=new_id(), person_id=person.id, body_id=body.id, role=role.value, appointed_at=work.now
                )
                work.session.add(row)
        posts = frozenset(Appointment(body.id, role) for role in roles)
        return replace(person.actor, appointments=person.actor.appointments | posts)
