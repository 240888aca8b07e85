"""Every kind of damage that `workspace check` knows: how it comes about, how it is told, whether it can be mended."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Executable, delete, insert, select, update

from tests.cases.conftest import Town
from tests.world import World
from workspace.accounts import service as accounts
from workspace.accounts.models import Person
from workspace.cases.models import DeliveredFile
from workspace.cloud import uploads
from workspace.cloud.models import Blob, Item, Part, Preview, Space, Upload, Version, WrappedKey
from workspace.cloud.texts import seal_text
from workspace.db.facts import FactRow
from workspace.kernel.actors import COMMAND, WORKER
from workspace.kernel.ids import new_id
from workspace.storage.key_table import wrap_key

Undo = Callable[[], object]
BIG = bytes(range(256)) * 4000


@dataclass(frozen=True)
class Damage:
    """`make` brings it about and returns how to undo it. `words` stand in what is said. `mended`: --repair mends it."""

    make: Callable[[Town], Undo]
    kind: str
    words: str
    mended: bool
    deep: bool = False


def change(world: World, *statements: Executable) -> None:
    with world.writing(WORKER) as work:
        for one in statements:
            work.session.execute(one.execution_options(synchronize_session=False))


def turned(there: Callable[[Town], Executable], back: Callable[[Town], Executable]) -> Callable[[Town], Undo]:
    """A change of rows and the change that takes it back."""

    def make(town: Town) -> Undo:
        undo = back(town)
        change(town.world, there(town))
        return lambda: change(town.world, undo)

    return make


def nothing() -> None:
    """What was mended needs no undoing."""


def put(world: World, key: str, data: bytes) -> None:
    world.runtime.ports.objects.delete(key)
    writer = world.runtime.ports.objects.create(key)
    writer.write(data)
    writer.commit()


def the_version(town: Town) -> Version:
    """The newest version of the large file."""
    with town.world.reading(WORKER) as work:
        wanted = select(Version).join(Item, Item.version_id == Version.id).order_by(Version.size.desc())
        return work.session.scalars(wanted.limit(1)).one()


def the_part(town: Town) -> Part:
    with town.world.reading(WORKER) as work:
        return work.session.scalars(select(Part).where(Part.blob_id == the_version(town).blob_id)).first()


def with_object(spoil: Callable[[bytes], bytes | None]) -> Callable[[Town], Undo]:
    """Another object, or none, under the key of the large file's first part."""

    def make(town: Town) -> Undo:
        key, store = the_part(town).object_key, town.world.runtime.ports.objects
        whole = store.read(key, 0, store.size(key))
        spoilt = spoil(whole)
        store.delete(key) if spoilt is None else put(town.world, key, spoilt)
        return lambda: put(town.world, key, whole)

    return make


def bent(data: bytes) -> bytes:
    return data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]


def spoilt_preview(with_key: bool) -> Callable[[Town], Undo]:
    """A preview whose bytes are bent, or whose key is gone."""

    def make(town: Town) -> Undo:
        version = the_version(town)
        with town.world.writing(WORKER) as work:
            blob_id = seal_text(work, "a picture", town.olena.space_id)
            values = {"version_id": version.id, "size_name": "small", "blob_id": blob_id, "made_at": work.now}
            work.session.execute(insert(Preview).values(values))
            sealed = work.session.scalar(select(Blob.sealed).where(Blob.id == blob_id))
            if with_key:
                work.session.execute(update(Blob).where(Blob.id == blob_id).values(sealed=bent(sealed)))
            else:
                work.session.execute(delete(WrappedKey).where(WrappedKey.blob_id == blob_id))
                other = insert(WrappedKey).values(blob_id=blob_id, space_id=town.petro.space_id, wrapped=b"x" * 60)
                work.session.execute(other)
        return lambda: change(
            town.world, delete(WrappedKey).where(WrappedKey.blob_id == blob_id), delete(Blob).where(Blob.id == blob_id)
        )

    return make


def spoilt_upload(town: Town, *, lose: bool) -> Undo:
    """An unfinished upload that has lost its bytes, or miscounts them."""
    runtime, olena = town.world.runtime, town.olena
    with town.world.writing(olena.actor) as work:
        upload_id = uploads.create_upload(work, olena.root_id, f"{new_id()}.bin", len(BIG) + 1).id
    uploads.receive(runtime, olena.actor, upload_id, 0, [memoryview(BIG)])
    with town.world.reading(WORKER) as work:
        blob_id = work.session.scalar(select(Upload.blob_id).where(Upload.id == upload_id))
        key = work.session.scalars(select(Part.object_key).where(Part.blob_id == blob_id)).first()
    if lose:
        runtime.ports.objects.delete(key)
    else:
        change(town.world, update(Upload).where(Upload.id == upload_id).values(offset=7))
    return nothing


def stray(*, part: bool, key: bool) -> Callable[[Town], Undo]:
    """A part or a wrapped key of a blob that is not there."""

    def make(town: Town) -> Undo:
        blob_id = new_id()
        rows = []
        if key:
            rows.append(insert(WrappedKey).values(blob_id=blob_id, space_id=town.olena.space_id, wrapped=b"x" * 60))
        if part:
            object_key = new_id()
            put(town.world, object_key, b"x" * 33)
            rows.append(insert(Part).values(blob_id=blob_id, ordinal=0, object_key=object_key, size=1))
        change(town.world, *rows)
        gone = [delete(table).where(table.blob_id == blob_id) for table in (WrappedKey, Part)]
        return lambda: change(town.world, *gone)

    return make


def spoilt_key(wrapped: bytes | None) -> Callable[[Town], Undo]:
    """A cloud whose key in the keyring is destroyed, or no key at all."""

    def make(town: Town) -> Undo:
        keyring, space_id = town.world.runtime.ports.keyring, town.petro.space_id
        with keyring._writing() as run:
            ((kept, master),) = run("SELECT wrapped_key, master_key_id FROM space_key WHERE space_id = ?", space_id)
        if wrapped is None:
            keyring.destroy(space_id)
        else:
            with keyring._writing() as run:
                run("UPDATE space_key SET wrapped_key = ? WHERE space_id = ?", wrapped, space_id)

        def undo() -> None:
            back = "UPDATE space_key SET wrapped_key = ?, master_key_id = ?, destroyed_at = NULL WHERE space_id = ?"
            with keyring._writing() as run:
                run(back, bytes(kept), master, space_id)

        return undo

    return make


def key_of_an_erased_cloud(town: Town) -> Undo:
    """A keyring from before an erasure."""
    keyring = town.world.runtime.ports.keyring
    gone = town.world.make_person("Gone")
    change(town.world, update(Space).where(Space.id == gone.space_id).values(erased_at=town.world.clock.now()))
    keyring.destroy(gone.space_id)
    with keyring._writing() as run:
        master = keyring._masters.current
        back = "UPDATE space_key SET wrapped_key = ?, master_key_id = ?, destroyed_at = NULL WHERE space_id = ?"
        run(back, wrap_key(b"k" * 32, master, gone.space_id), master.id, gone.space_id)
    return nothing


def forgotten_ending(town: Town) -> Undo:
    """A database from before an account was closed."""
    someone = town.world.make_person("Closed")
    with town.world.writing(COMMAND) as work:
        accounts.disable(work, someone.id)
    change(town.world, update(Person).where(Person.id == someone.id).values(disabled_at=None))
    return nothing


def of_version(town: Town, **values: object) -> Executable:
    return update(Version).where(Version.id == the_version(town).id).values(**values)


def of_item(town: Town, **values: object) -> Executable:
    return update(Item).where(Item.id == the_version(town).item_id).values(**values)


def of_blob(town: Town, table: type, **values: object) -> Executable:
    return update(table).where(table.blob_id == the_version(town).blob_id).values(**values)


def small_item(town: Town) -> str:
    with town.world.reading(WORKER) as work:
        wanted = select(Item.id).where(Item.space_id == town.petro.space_id, Item.is_folder.is_(False))
        return work.session.scalars(wanted.limit(1)).one()


def _wrap(town: Town) -> bytes:
    with town.world.reading(WORKER) as work:
        return work.session.scalar(select(WrappedKey.wrapped).where(WrappedKey.blob_id == the_version(town).blob_id))


def _delivered(town: Town) -> bytes:
    with town.world.reading(WORKER) as work:
        return work.session.scalars(select(DeliveredFile).order_by(DeliveredFile.id)).first()


DAMAGES: dict[str, Damage] = {
    "a missing object": Damage(with_object(lambda _: None), "missing", "is not in the store", False),
    "a short object": Damage(with_object(lambda _: b"short"), "length", "its row promises", False),
    "a turned bit": Damage(with_object(bent), "damaged", "not those that were put in", False, deep=True),
    "a turned bit in a preview": Damage(spoilt_preview(True), "damaged", "It is a preview.", True, deep=True),
    "a preview without a key": Damage(spoilt_preview(False), "preview", "holds this preview and no key", True),
    "bytes of an unfinished upload that are gone": Damage(
        lambda town: spoilt_upload(town, lose=True), "missing", "is not in the store", True
    ),
    "an upload that miscounts": Damage(
        lambda town: spoilt_upload(town, lose=False), "upload", "acknowledged other bytes", True
    ),
    "room that does not add up": Damage(
        turned(
            lambda town: update(Space).where(Space.id == town.olena.space_id).values(used_bytes=Space.used_bytes + 1),
            lambda town: update(Space).values(epoch=Space.epoch),
        ),
        "room",
        "bytes as used",
        True,
    ),
    "a file of another size": Damage(
        turned(lambda town: of_item(town, size=1), lambda town: of_item(town, size=len(BIG))),
        "item",
        "does not follow its newest version",
        True,
    ),
    "a file that forgot its version": Damage(
        turned(
            lambda town: of_item(town, version_id=None),
            lambda town: of_item(town, version_id=the_version(town).id),
        ),
        "item",
        "does not follow its newest version",
        True,
    ),
    "a version with another hash": Damage(
        turned(
            lambda town: of_version(town, sha256=b"x" * 32),
            lambda town: of_version(town, sha256=the_version(town).sha256),
        ),
        "version",
        "another size or hash than its blob",
        False,
    ),
    "a spoilt wrapped key": Damage(
        turned(
            lambda town: of_blob(town, WrappedKey, wrapped=b"x" * 60),
            lambda town: of_blob(town, WrappedKey, wrapped=_wrap(town)),
        ),
        "key",
        "cannot be opened",
        False,
    ),
    "a wrapped key that is gone": Damage(
        turned(
            lambda town: delete(WrappedKey).where(WrappedKey.blob_id == the_version(town).blob_id),
            lambda town: insert(WrappedKey).values(
                blob_id=the_version(town).blob_id, space_id=town.olena.space_id, wrapped=_wrap(town)
            ),
        ),
        "key",
        "nobody can ever open it",
        False,
    ),
    "a delivered file with another hash": Damage(
        turned(
            lambda town: update(DeliveredFile).where(DeliveredFile.id == _delivered(town).id).values(sha256=b"x" * 32),
            lambda town: (
                update(DeliveredFile)
                .where(DeliveredFile.id == _delivered(town).id)
                .values(sha256=_delivered(town).sha256)
            ),
        ),
        "delivery",
        "another size or hash",
        False,
    ),
    "a part that is counted wrong": Damage(
        turned(lambda town: of_blob(town, Part, ordinal=5), lambda town: of_blob(town, Part, ordinal=0)),
        "parts",
        "promises 1 parts",
        False,
    ),
    "an item in the folder of somebody else": Damage(
        turned(
            lambda town: update(Item).where(Item.id == small_item(town)).values(parent_id=town.olena.root_id),
            lambda town: update(Item).where(Item.id == small_item(town)).values(parent_id=town.petro.root_id),
        ),
        "tree",
        "folder of another space",
        False,
    ),
    "an item that lies in itself": Damage(
        turned(
            lambda town: update(Item).where(Item.id == small_item(town)).values(parent_id=small_item(town)),
            lambda town: update(Item).where(Item.id == small_item(town)).values(parent_id=town.petro.root_id),
        ),
        "tree",
        "No way leads",
        False,
    ),
    "a key of nothing": Damage(stray(part=False, key=True), "stray", "of which nothing is left", True),
    "a part of nothing": Damage(stray(part=True, key=False), "stray", "of which nobody holds a key", True),
    "a part that somebody may still open": Damage(stray(part=True, key=True), "stray", "which has no row", False),
    "a destroyed key": Damage(spoilt_key(None), "key", "has no key for this space", False),
    "a spoilt key of a cloud": Damage(spoilt_key(b"x" * 60), "key", "cannot be read", False),
    "the key of an erased cloud": Damage(key_of_an_erased_cloud, "ending", "was erased, and its key is there", True),
    "an ending that was forgotten": Damage(forgotten_ending, "ending", "do not hold", True),
    "a changed fact": Damage(
        turned(
            lambda town: update(FactRow).where(FactRow.leaf == 1).values(kind="access.opened"),
            lambda town: update(FactRow).where(FactRow.leaf == 1).values(kind=_kind(town)),
        ),
        "log",
        "was changed after it was logged",
        False,
    ),
}


def _kind(town: Town) -> str:
    with town.world.reading(WORKER) as work:
        return work.session.scalar(select(FactRow.kind).where(FactRow.leaf == 1))
