"""The operations that are killed: each a row of steps, and each step acknowledged to whoever asked for it.

A step is whole or not at all. `ledger` tells what was acknowledged: ids and SHA-256 of bytes that must be there from
then on.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from click import ClickException

from tests.faults.picture import Picture
from tests.faults.town import KIB, MIB, Town, content, seal_all
from workspace.cli.backup.pruning import examine
from workspace.cli.backup.taking import make_snapshot
from workspace.cli.backup.vault import Vault
from workspace.cloud import previews
from workspace.cloud.erasure import erase_person, erased_spaces, shredded
from workspace.jobs.erasure import sweep_erased
from workspace.jobs.sweep import sweep_blobs, sweep_objects
from workspace.jobs.upkeep import empty_trash, fold_quota
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import StorageUnavailable
from workspace.render.pictures import render_picture
from workspace.storage.backup_key import BackupKey
from workspace.storage.key_table import KeyTable
from workspace.storage.master import load_master_key
from workspace.storage.rotation import rotate_in_file

Step = Callable[[Town], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`changes`: whether people notice it at all. `heavy`: a run of it takes more than an instant.

    `between`: another look that a step may leave behind, made of how it looks before that step. `goes_on`: after the
    restart the client takes up again what was not answered, and has it whole then; gives back what did not hold.
    """

    name: str
    steps: tuple[Step, ...]
    changes: bool = True
    heavy: bool = False
    between: Callable[[Picture], Picture] | None = None
    goes_on: Callable[[Town], list[str]] | None = None

    def looks(self, pictures: list[Picture], answered: int) -> list[Picture]:
        """How it may look when so many steps have been answered."""
        window = pictures[answered : answered + 2]
        return [*window, self.between(window[0])] if self.between is not None else window

    def run(self, town: Town, begin: int = 0) -> None:
        """All steps in turn, each written into the ledger when it is answered."""
        for number, step in enumerate(self.steps[begin:], begin + 1):
            told = step(town)
            town.ledger.acknowledge(step=number, **told)


def _stored(name: str, size: int) -> Step:
    data = content(name, size)

    def put(town: Town) -> dict[str, Any]:
        return _acknowledged(town.put(town.items["root"], name, data), data)

    return put


def _acknowledged(told: Any, data: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    assert told["sha256"] == sha256
    return {"item": told["item"], "sha256": sha256}


def _by_path(name: str) -> Step:
    """A PUT over WebDAV. A program's first one goes the careful way, its second one by the hot statements."""
    data = content(name, 2 * KIB)

    def put(town: Town) -> dict[str, Any]:
        town.ask(town.olena, "PUT", f"/dav/personal/{name}", data=data)
        return {"sha256": hashlib.sha256(data).hexdigest()}

    return put


def overwrite(town: Town) -> dict[str, Any]:
    data = content("film.bin, cut anew", 200 * KIB)
    return _acknowledged(town.api("PUT", f"/items/{town.items['film.bin']}/content", data=data), data)


RESUMED = content("resumed.bin", 3 * MIB)
FIRST = 1 * MIB + 17


def begin_upload(town: Town) -> dict[str, Any]:
    metadata = {"filename": "resumed.bin", "parent": town.items["root"]}
    words = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(RESUMED)), "Upload-Metadata": words}
    town.notes["upload"] = town.ask(town.olena, "POST", "/uploads/", headers=headers).headers["Location"]
    return {"upload": town.notes["upload"]}


def send_first(town: Town) -> dict[str, Any]:
    return _send(town, 0, FIRST)


def send_rest(town: Town) -> dict[str, Any]:
    return _send(town, FIRST, len(RESUMED))


def _send(town: Town, start: int, stop: int) -> dict[str, Any]:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(start)}
    kind = "application/offset+octet-stream"
    answer = town.ask(
        town.olena, "PATCH", town.notes["upload"], headers=headers, data=RESUMED[start:stop], content_type=kind
    )
    assert int(answer.headers["Upload-Offset"]) == stop
    if stop < len(RESUMED):
        return {}
    return {"item": answer.headers["X-Workspace-Item"], "sha256": hashlib.sha256(RESUMED).hexdigest()}


def all_bytes_there(before: Picture) -> Picture:
    """The last piece came, and who took it died before the file was made: the next request makes it."""
    there = [[name, length, length, path] for name, _offset, length, path in before["uploads"]]
    return before | {"uploads": there}


def take_up(town: Town) -> list[str]:
    """The client comes again: asks where the upload stands and sends what is missing; or begins it anew."""
    begun = next((told["upload"] for told in town.ledger.read() if "upload" in told), None)
    if begun is None:
        return []
    town.notes["upload"] = begun
    answer = town.ask(town.olena, "HEAD", begun, headers={"Tus-Resumable": "1.0.0"})
    stands = int(answer.headers["Upload-Offset"])
    promised = FIRST if sum("step" in told for told in town.ledger.read()) == 2 else 0
    if stands < promised:
        return [f"lost: {promised} bytes of the upload were acknowledged, {stands} are there"]
    if "X-Workspace-Item" not in answer.headers:
        _send(town, stands, len(RESUMED))
    got = town.ask(town.olena, "GET", f"/api/v1/items/{town.items['root']}/children").get_json()
    there = [one for one in got["items"] if one["name"] == "resumed.bin"]
    if len(there) != 1:
        return [f"the resumed upload made {len(there)} files"]
    data = town.ask(town.olena, "GET", f"/api/v1/items/{there[0]['id']}/content").data
    return [] if data == RESUMED else ["wrong bytes: the resumed upload is not what was sent"]


def _changed(item: str, /, **values: str) -> Step:
    """A change of an item; `parent` is a folder of the town."""

    def change(town: Town) -> dict[str, Any]:
        wanted = {key: town.items[value] if key == "parent" else value for key, value in values.items()}
        town.api("PATCH", f"/items/{town.items[item]}", json=wanted)
        return {}

    return change


def move_onto(town: Town) -> dict[str, Any]:
    """How programs save safely: the new file goes into the old one's history."""
    headers = {"Destination": "/dav/personal/letter.txt", "Overwrite": "T"}
    town.ask(town.olena, "MOVE", "/dav/personal/film.bin", headers=headers)
    return {}


def copy_album(town: Town) -> dict[str, Any]:
    town.api("POST", f"/items/{town.items['album']}/copy", json={"parent": town.items["drawer"]})
    return {}


def throw_away(town: Town) -> dict[str, Any]:
    town.api("DELETE", f"/items/{town.items['album']}")
    return {}


def take_out(town: Town) -> dict[str, Any]:
    town.api("POST", f"/trash/{town.items['gone.txt']}/restore", json={})
    return {}


def delete_for_good(town: Town) -> dict[str, Any]:
    town.api("DELETE", f"/trash/{town.items['gone.txt']}")
    return {}


def share(town: Town) -> dict[str, Any]:
    wanted = {"subject": {"kind": "person", "email": town.petro.email}, "level": "edit"}
    town.api("POST", f"/items/{town.items['film.bin']}/grants", json=wanted)
    return {}


def make_link(town: Town) -> dict[str, Any]:
    town.api("POST", f"/items/{town.items['film.bin']}/links", json={"label": "for the neighbour"})
    return {}


def revoke(town: Town) -> dict[str, Any]:
    town.api("DELETE", f"/items/{town.items['album']}/grants/{town.items['grant']}")
    return {}


def deliver(town: Town) -> dict[str, Any]:
    town.api("POST", f"/cases/{town.items['case']}/deliver", json={"irrevocable": True, "language": "en"})
    return {}


def register(town: Town) -> dict[str, Any]:
    town.ask(town.iryna, "POST", f"/api/v1/cases/{town.items['case']}/registration", json={})
    return {}


def sweep(town: Town) -> dict[str, Any]:
    """The nightly rounds, days later: what was let go is past its grace, orphans are old."""
    town.age()
    for job in (sweep_blobs, sweep_objects, fold_quota):
        job(town.world.runtime, {}, lambda _progress: None)
    return {}


def empty_old_trash(town: Town) -> dict[str, Any]:
    town.world.clock.move(timedelta(days=31))
    empty_trash(town.world.runtime, {}, lambda _progress: None)
    return {}


def rotate(town: Town) -> dict[str, Any]:
    """`workspace keys rotate`: a new master key, every key of a cloud wrapped anew, the old one forgotten."""
    rotate_in_file(_keyring(town), town.place.stack.master_key, lambda *_: None, lambda _done: None)
    return {}


def rotate_to_the_end(town: Town) -> list[str]:
    """The host gives the command again."""
    rotate(town)
    left = set(_keyring(town).rows_under()) - {"", load_master_key(town.place.stack.master_key).current.id}
    return [f"keys: some lie still under {left}"] if left else []


def _keyring(town: Town) -> KeyTable:
    keyring = town.world.runtime.ports.keyring
    assert isinstance(keyring, KeyTable)
    return keyring


def erase(town: Town) -> dict[str, Any]:
    """Petro leaves: the key of his cloud is destroyed."""
    with town.world.writing(COMMAND) as work:
        erase_person(work, town.petro.id)
    return {}


def clear_away(town: Town) -> list[str]:
    """The worker goes on with what an erasure leaves. Who was erased can be read by nobody, who was not is whole."""
    with town.world.reading(COMMAND) as work:
        gone = erased_spaces(work, town.petro.id)
    keyring = _keyring(town)
    if town.ledger.read() and not gone:
        return ["erased: it was answered, and the cloud is there again"]
    if bool(gone) != shredded(keyring, town.petro.space_id):
        return ["erased: rows and keyring do not agree"]
    if gone:
        sweep_erased(town.world.runtime, {"person": town.petro.id}, lambda _progress: None)
    return []


BACKUP_KEY = BackupKey(bytes(range(32)))


def back_up(town: Town) -> dict[str, Any]:
    """`workspace backup`, into a folder that is watched like the instance's own."""
    vault = _vault(town)
    try:
        with vault.alone():
            return {"snapshot": make_snapshot(town.world.runtime, vault, lambda *_: None).snapshot}
    except ClickException as error:
        raise StorageUnavailable() from error  # to the host it is a sentence that names the folder


def back_up_again(town: Town) -> list[str]:
    """The host gives the command again: what was answered is there, and every snapshot is whole."""
    back_up(town)
    vault = _vault(town)
    told = {one["snapshot"] for one in town.ledger.read() if "snapshot" in one}
    found = [f"lost: snapshot {one} was answered" for one in told - set(vault.snapshots())]
    for one in vault.snapshots():
        found += [f"{name} is not as it was written" for name in vault.differing(vault.manifest(one))]
    return found + examine(vault, lambda *_: None)


def _vault(town: Town) -> Vault:
    return Vault(town.place.folder / "backup", BACKUP_KEY)


def seal(town: Town) -> dict[str, Any]:
    """The log's sequencer, with something to append."""
    seal_all(town.world)
    return {}


def preview(town: Town) -> dict[str, Any]:
    with town.world.reading(town.olena.actor) as work:
        version = work.session.get(previews.Item, town.items["photo.png"]).version_id
    # in this process, so that the calls that are counted are those that store what came out
    with patch.object(previews, "render", lambda _type, pieces: render_picture(b"".join(map(bytes, pieces)))):
        assert previews.make_previews(town.world.runtime, version)
    return {}


def checkpoint(town: Town) -> dict[str, Any]:
    """What SQLite does when its log has grown long, or the last process ends."""
    with town.world.runtime.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {}


ROUND = (
    Operation("small PUT", (_stored("small.txt", 2 * KIB),)),
    Operation("PUT", (_stored("larger.bin", 300 * KIB),)),
    Operation("PUT by path, twice", (_by_path("careful.txt"), _by_path("hot.txt"))),
    Operation("50 MB upload", (_stored("fifty.bin", 50 * MIB),), heavy=True),
    Operation("resumed upload", (begin_upload, send_first, send_rest), between=all_bytes_there, goes_on=take_up),
    Operation("overwrite", (overwrite, overwrite)),
    Operation("note", (_changed("film.bin", note="marker-5d1c9e of a citizen, said of a film"),)),
    Operation("move of a file", (_changed("film.bin", parent="drawer"),)),
    Operation("move onto a file", (move_onto,)),
    Operation("move of a tree", (_changed("album", parent="drawer"),)),
    Operation("copy of a tree", (copy_album,)),
    Operation("delete", (throw_away, delete_for_good)),
    Operation("restore", (take_out,)),
    Operation("share", (share, make_link)),
    Operation("revoke", (revoke,)),
    Operation("deliver", (deliver, register)),
    Operation("preview", (preview,)),
    Operation("seal the log", (_stored("fact.txt", KIB), seal)),
    Operation("key rotation", (rotate,), changes=False, goes_on=rotate_to_the_end),
    Operation("erasure", (erase,), goes_on=clear_away),
    Operation("empty old trash", (empty_old_trash,)),
    Operation("sweep", (sweep,), changes=False),
    Operation("backup", (back_up,), changes=False, goes_on=back_up_again),
)
"""On every stack."""

EMBEDDED = (Operation("checkpoint", (_stored("small.txt", 2 * KIB), checkpoint)),)
"""Where the database is SQLite."""

OPERATIONS = {one.name: one for one in (*ROUND, *EMBEDDED)}
