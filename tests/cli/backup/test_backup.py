"""A backup that is made while people write comes back whole: every hash, every right, and nothing that had ended."""

from __future__ import annotations

import os
import shutil
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select, update

from tests.cases.conftest import _town
from tests.cli.backup.houses import House, Houses, hashes, houses, is_clean
from tests.jobs.keeping import keep_log
from tests.world import World
from workspace.accounts.app_passwords import make_app_password, revoke_app_password
from workspace.accounts.instance import data_fingerprint
from workspace.accounts.models import AppPassword, SignIn
from workspace.accounts.sessions import begin_session
from workspace.cli.backup import taking
from workspace.cli.serving import not_served
from workspace.cloud import trash, uploads
from workspace.cloud.models import Blob, Part, Upload
from workspace.db.facts import FactRow
from workspace.db.leases import BACKUP, Lease, take
from workspace.jobs.sweep import sweep_blobs
from workspace.kernel.actors import COMMAND, WORKER, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.authorize import allowed
from workspace.sharing.links import make_link
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level
from workspace.trust.log import head, log_size
from workspace.trust.models import Log
from workspace.trust.verify import verify_log

pytestmark = pytest.mark.slow

__all__ = ["houses"]
BIG = os.urandom(3 << 20)


def a_life(house: House) -> World:
    """A town with a whole story, small files and a large one, a log."""
    world = house.begin()
    town = _town(world)
    town.answered()
    for number in range(5):
        world.upload(town.olena.actor, town.olena.root_id, f"small-{number}.txt", b"%d" % number)
    world.upload(town.olena.actor, town.olena.root_id, "large.bin", BIG)
    keep_log(world)
    return world


def lose_and_restore(houses: Houses, house: House, name: str = "after", *, journal: bool = True) -> House:
    """A new machine: secrets, keyring and journal from where they were kept, the data from the backup."""
    after = houses.new(house.stack.name, name)
    after.take_secrets_of(house)
    if journal:
        after.take_journal_of(house)
    (kept,) = (house.folder.parent / "keys").glob("*.keyring")
    after.run("restore-keyring", kept)
    after.run("restore", house.folder.parent / "backup")
    return after


def keep(house: House, *more: str) -> None:
    house.run("backup", house.folder.parent / "backup", *more)
    house.run("backup-keyring", house.folder.parent / "keys")


@pytest.mark.slow
@pytest.mark.parametrize("stack", ["embedded", "grown"])
def test_a_backup_made_while_people_write_comes_back_whole(houses, stack):
    house = houses.new(stack, "before")
    world = a_life(house)
    before = hashes(world)
    stop, written = threading.Event(), {}

    def write() -> None:
        petro = world.make_person("Petro")
        while not stop.is_set() and len(written) < 200:
            name, data = f"meanwhile-{len(written)}", os.urandom(20_000 + len(written))
            world.upload(petro.actor, petro.root_id, name, data)
            written[name] = sha256(data).hexdigest()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        keep(house)
        first = len(written)
        (house.folder.parent / "keys").rename(house.folder.parent / "first-keys")
        keep(house)
    finally:
        stop.set()
        writer.join()
    after = lose_and_restore(houses, house)
    is_clean(after)
    found = hashes(after.open())
    assert before.items() <= found.items()
    meanwhile = {name: value for name, value in found.items() if name.startswith("meanwhile-")}
    assert meanwhile.items() <= written.items(), "nothing half, nothing else"
    assert len(meanwhile) >= first, "what was there before the second snapshot is in it"


def test_what_was_ended_after_the_backup_stays_ended_and_the_log_goes_on_as_a_new_one(houses):
    house = houses.new("embedded", "before")
    world = a_life(house)
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    item = world.upload(olena.actor, olena.root_id, "a.txt", b"x").item.id
    with world.writing(olena.actor) as work:
        grant = sharing.grant(work, world.thing(item), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
        secret = make_app_password(work, "rclone")
    with world.writing(COMMAND) as work:
        begin_session(work, olena.id, agent="browser", address="", via="password")
    keep_log(world)
    keep(house)
    with world.reading(WORKER) as work:
        kept = head(work)
    with world.writing(olena.actor) as work:
        sharing.revoke(work, world.thing(item), grant.id)
        revoke_app_password(work, secret.id)
    keep_log(world)
    with world.reading(WORKER) as work:
        lost = head(work)

    after = lose_and_restore(houses, house).open()
    with after.reading(WORKER) as work:
        assert work.session.get_one(Grant, grant.id).revoked_at is not None
        assert work.session.get_one(AppPassword, secret.id).revoked_at is not None
        assert work.session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all() == []
        assert data_fingerprint(work), "sync clients learn that this is an older state"
    with after.reading(petro.actor) as work:
        assert not allowed(work, Action.SEE, after.thing(item))
    keep_log(after)
    with after.reading(WORKER) as work:
        now = head(work)
        continued = work.session.get_one(Log, now.log_id).continues
        assert now.log_id != kept.log_id
        assert (continued["log"], continued["size"], continued["root"]) == (kept.log_id, kept.size, kept.root.hex())
        assert continued["head"] == kept.as_values(), "the last head is quoted with its signature"
        assert continued["lost"] == lost.as_values(), "and what is known to be lost"
        assert verify_log(work, after.runtime.ports.journal) == []
        values = dict(continued, signature=continued["signature"][:-2] + "ff")  # no real one ends so: S < 2**253
    with after.writing(WORKER) as work:
        work.session.execute(update(Log).where(Log.id == now.log_id).values(continues=values))
    with after.reading(WORKER) as work:
        assert any("signature" in one for one in verify_log(work, after.runtime.ports.journal))


def test_without_its_journal_every_share_and_app_password_waits_for_an_administrator(houses):
    house = houses.new("embedded", "before")
    world = a_life(house)
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    item = world.upload(olena.actor, olena.root_id, "a.txt", b"x").item.id
    with world.writing(olena.actor) as work:
        thing = world.thing(item)
        sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
        make_link(work, thing, Level.VIEW)
        make_app_password(work, "rclone")
    keep_log(world)
    keep(house)
    after = lose_and_restore(houses, house, journal=False).open()
    with after.reading(petro.actor) as work:
        assert not allowed(work, Action.SEE, after.thing(item))
    with after.reading(WORKER) as work:
        holding = work.session.scalars(select(Grant).where(Grant.revoked_at.is_(None))).all()
        assert {one.level for one in holding} == {"handle"}, "what was delivered cannot be taken back"
        assert work.session.scalars(select(AppPassword).where(AppPassword.revoked_at.is_(None))).all() == []
    keep_log(after)
    with after.reading(WORKER) as work:
        assert verify_log(work, after.runtime.ports.journal) == [], "the journal's copy in the backup was put back"


def test_a_journal_of_somebody_else_is_refused_and_nothing_is_restored(houses):
    house = houses.new("embedded", "before")
    a_life(house)
    keep(house)
    other = houses.new("embedded", "other")
    a_life(other)
    after = houses.new("embedded", "after")
    after.take_secrets_of(house)
    after.take_journal_of(other)
    said = after.run("restore", house.folder.parent / "backup", expect=1).output
    assert "not the one of this backup" in said
    with after.open().reading(WORKER) as work:
        assert work.session.scalar(select(func.count()).select_from(FactRow)) == 0


def test_a_restore_refuses_an_instance_with_data_and_one_that_is_served(houses):
    house = houses.new("embedded", "before")
    a_life(house)
    keep(house)
    backup = house.folder.parent / "backup"
    assert "empty one" in house.run("restore", backup, expect=1).output
    after = houses.new("embedded", "after")
    after.take_secrets_of(house)
    with not_served(World(after.folder, after.stack).settings):
        assert "is being served" in after.run("restore", backup, expect=1).output


def test_a_backup_that_was_killed_goes_on_and_copies_nothing_twice(houses, monkeypatch):
    house = houses.new("embedded", "before")
    world = a_life(house)
    olena = world.make_person("Olena")
    for number in range(20):
        world.upload(olena.actor, olena.root_id, f"more-{number}", os.urandom(20_000))

    class Killed(BaseException):
        pass

    seen = []

    def dies(source, target, wanted):
        for one in original(source, target, wanted):
            seen.append(one)
            if len(seen) == 10:
                raise Killed
            yield one

    original = taking.copy_all
    backup = house.folder.parent / "backup"
    with monkeypatch.context() as patched:
        patched.setattr(taking, "copy_all", dies)
        with pytest.raises(Killed):
            house.run("backup", backup)
    assert "rows" not in house.run("backups", backup).output, "what was killed does not count"
    copied = {path.name: path.stat().st_mtime_ns for path in (backup / "objects").rglob("*") if path.is_file()}
    assert len(copied) >= 10
    keep(house)
    still = {path.name: path.stat().st_mtime_ns for path in (backup / "objects").rglob("*") if path.is_file()}
    assert copied.items() <= still.items()
    is_clean(lose_and_restore(houses, house))


def test_several_snapshots_share_their_objects_and_old_ones_go(houses):
    house = houses.new("embedded", "before")
    world = a_life(house)
    olena, backup = world.make_person("Olena"), house.folder.parent / "backup"
    world.upload(olena.actor, olena.root_id, "kept", os.urandom(50_000))
    gone = world.upload(olena.actor, olena.root_id, "gone", os.urandom(50_000))
    keep(house)
    with world.reading(WORKER) as work:
        blob = work.session.scalar(select(Blob.id).where(Blob.sha256 == gone.version.sha256))
        key = work.session.scalar(select(Part.object_key).where(Part.blob_id == blob))
    with world.writing(olena.actor) as work:
        trash.trash(work, gone.item.id)
        trash.delete_for_good(work, gone.item.id)
    world.clock.move(timedelta(days=3))
    sweep_blobs(world.runtime, {}, lambda _numbers: None)
    house.run("backup", backup)
    held = {path.name for path in (backup / "objects").rglob("*") if path.is_file()}
    assert key in held, "the first snapshot still names it"
    assert len(house.run("backups", backup, "--verify").output.splitlines()) == 3
    said = house.run("backup", backup, "--keep", "1").output
    assert "2 older snapshots and 1 objects are gone" in said
    assert key not in {path.name for path in (backup / "objects").rglob("*") if path.is_file()}
    assert "Everything is as it was written" in house.run("backups", backup, "--verify").output
    shutil.rmtree(house.folder.parent / "keys")
    house.run("backup-keyring", house.folder.parent / "keys")
    is_clean(lose_and_restore(houses, house))


def test_one_turned_bit_in_a_backup_is_found_before_it_is_restored(houses):
    house = houses.new("embedded", "before")
    a_life(house)
    keep(house)
    backup = house.folder.parent / "backup"
    largest = max(
        (path for path in (backup / "objects").rglob("*") if path.is_file()), key=lambda one: one.stat().st_size
    )
    _turn_a_bit(largest)
    assert largest.name in house.run("backups", backup, "--verify", expect=1).output
    after = houses.new("embedded", "after")
    after.take_secrets_of(house)
    assert "not what it was" in after.run("restore", backup, expect=1).output
    _turn_a_bit(largest)
    (rows,) = backup.glob("snapshots/*/rows.0000")
    _turn_a_bit(rows)
    assert rows.name in house.run("backups", backup, "--verify", expect=1).output
    (after.folder / "journal").rename(after.folder / "gone")
    after.run("restore", backup, expect=1)
    with after.open().reading(WORKER) as work:
        assert log_size(work) == 0


def test_a_backup_holds_no_name_in_the_clear_and_no_key(houses):
    house = houses.new("embedded", "before")
    world = house.begin()
    olena = world.make_person("Unmistakable Name")
    world.upload(olena.actor, olena.root_id, "unmistakable-file.txt", b"x")
    keep(house)
    raw = b"".join(path.read_bytes() for path in (house.folder.parent / "backup").rglob("*") if path.is_file())
    key = world.runtime.ports.keyring.key(olena.space_id)
    for secret in (b"nmistakable", olena.email.encode(), key, key.hex().encode()):
        assert secret not in raw
    kept = next((house.folder.parent / "keys").glob("*.keyring")).read_bytes()
    assert olena.space_id.encode() not in kept


def test_another_backup_key_is_named_in_the_refusal(houses):
    house = houses.new("embedded", "before")
    a_life(house)
    keep(house)
    after = houses.new("embedded", "after")
    after.run("init")
    said = after.run("restore", house.folder.parent / "backup", expect=1).output
    assert "was sealed with the backup key" in said


def test_keys_and_data_never_go_into_one_folder(houses):
    house = houses.new("embedded", "before")
    house.begin()
    keep(house)
    assert "elsewhere" in house.run("backup-keyring", house.folder.parent / "backup", expect=1).output


def test_where_the_disk_takes_no_keys_the_host_is_told_in_a_sentence(houses):
    house = houses.new("embedded", "before")
    file = house.folder.parent / "a-file"
    file.touch()
    said = house.run("backup-keyring", file / "keys", expect=1).output
    assert said.startswith("Error: ")
    assert "Traceback" not in said


def test_the_sweep_waits_while_a_backup_copies(embedded_world):
    world = embedded_world
    olena = world.make_person("Olena")
    gone = world.upload(olena.actor, olena.root_id, "gone", os.urandom(50_000))
    with world.writing(olena.actor) as work:
        trash.trash(work, gone.item.id)
        trash.delete_for_good(work, gone.item.id)
    world.clock.move(timedelta(days=3))

    def count() -> int:
        with world.reading(WORKER) as work:
            return work.session.scalar(select(func.count()).select_from(Blob).where(Blob.sha256 == gone.version.sha256))

    with world.writing(WORKER) as work:
        assert take(work, BACKUP, "somebody", 120)
    sweep_blobs(world.runtime, {}, lambda _numbers: None)
    assert count() == 1
    with world.writing(WORKER) as work:
        work.session.execute(update(Lease).values(until=work.now))
    sweep_blobs(world.runtime, {}, lambda _numbers: None)
    assert count() == 0


def test_an_upload_under_way_is_ended_by_a_restore_and_its_room_given_back(houses):
    house = houses.new("embedded", "before")
    world = house.begin()
    olena = world.make_person("Olena")
    with world.writing(olena.actor) as work:
        view = uploads.create_upload(work, olena.root_id, "big.bin", 100_000)
    uploads.receive(world.runtime, olena.actor, view.id, 0, iter([b"x" * 50_000]))
    keep(house)
    after = lose_and_restore(houses, house)
    with after.open().reading(WORKER) as work:
        assert work.session.scalar(select(func.count()).select_from(Upload)) == 0
    is_clean(after)


def _turn_a_bit(path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
