"""A town that has grown: rows by the hundred thousand, cloned inside the database from a few that verbs have made.

Whatever columns a table has, a clone has them too: only ids, names and places are made anew. Every thousand items are
one person's cloud: a root, ten folders, the rest files; small sealed blobs, one fact for each file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from tests.world import Someone, World
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.rule import Level

EACH = 1000
FOLDERS = 10
SUBJECTS = 1000
DEPTH = 20
LISTED = 300


@dataclass(frozen=True)
class Grown:
    """The people in the middle of it, made by verbs: what is measured happens to them."""

    world: World
    olena: Someone
    petro: Someone
    folder: str
    file: str
    deep: str


def grow(world: World, items: int, grants: int) -> Grown:
    """Fill an empty world with so many items and grants."""
    found = _people(world, SUBJECTS)
    with world.writing(WORKER) as work:
        connection = work.session.connection()
        clones = _Clones(connection)
        _owners(clones, found.olena, items // EACH)
        _items(clones, found, items)
        _grants(clones, found, items, grants)
    with world.runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return found


def _people(world: World, others: int) -> Grown:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder = world.folder(olena.actor, olena.root_id, "Letters")
    file = world.upload(olena.actor, folder, "deed.txt", b"a small deed").item.id
    for number in range(LISTED):
        world.upload(olena.actor, folder, f"letter-{number:04}.txt", b"letter %d" % number)
    place = top = world.folder(olena.actor, olena.root_id, "deep-1")
    for number in range(2, DEPTH):
        place = world.folder(olena.actor, place, f"deep-{number}")
    deep = world.upload(olena.actor, place, "bottom.txt", b"at the bottom").item.id
    with world.writing(olena.actor) as work:
        petro_himself = Principal(SubjectKind.PERSON, petro.id)
        sharing.grant(work, world.thing(top), petro_himself, Level.VIEW)
        sharing.grant(work, world.thing(folder), petro_himself, Level.EDIT)
    return Grown(world, olena, petro, folder, file, deep)


class _Clones:
    """Inserts clones of a row, with expressions in SQL where they differ. `{n}` in an expression is the number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def id(self, letter: str, number: str = "{n}") -> str:
        """An id of the right shape, in the order of the numbers."""
        digits = f"printf('%024d', {number})" if self._sqlite else f"lpad(({number})::text, 24, '0')"
        return f"'0{letter}' || {digits}"

    def insert(self, table: str, like: str, count: int, changes: Mapping[str, str], only: str = "") -> None:
        """`count` clones of the first row of `table` that the clause `like` finds, where `only` holds."""
        names = self._columns(table)
        chosen = ", ".join(changes[name].replace("{n}", "s.n") if name in changes else f't."{name}"' for name in names)
        series = f"generate_series(0, {count - 1}) AS s(n)"
        with_series = ""
        if self._sqlite:
            with_series = f"WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {count}) "
            series = "s"
        quoted = ", ".join(f'"{name}"' for name in names)
        where = f"WHERE {only.replace('{n}', 's.n')}" if only else ""
        statement = (
            f'INSERT INTO "{table}" ({quoted}) {with_series}'
            f'SELECT {chosen} FROM {series} CROSS JOIN (SELECT * FROM "{table}" WHERE {like} LIMIT 1) AS t {where}'
        )
        # to psycopg a single % would begin a parameter
        self._connection.exec_driver_sql(statement if self._sqlite else statement.replace("%", "%%"))

    def _columns(self, table: str) -> list[str]:
        if self._sqlite:
            return [row[1] for row in self._connection.exec_driver_sql(f'PRAGMA table_info("{table}")')]
        asked = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'"
        return [row[0] for row in self._connection.exec_driver_sql(asked, (table,))]


def _owners(clones: _Clones, olena: Someone, spaces: int) -> None:
    """People with a cloud each, and at least as many as grants are spread over."""
    person = {"id": clones.id("p"), "email": "'grown-' || {n} || '@example.org'", "name": "'Person ' || {n}"}
    person |= {"fs_uniquifier": clones.id("u"), "fs_webauthn_user_handle": clones.id("w")}
    clones.insert("person", f"id = '{olena.id}'", max(spaces, SUBJECTS), person)
    space = {"id": clones.id("s"), "owner_id": clones.id("p")}
    clones.insert("space", f"id = '{olena.space_id}'", spaces, space)


def _items(clones: _Clones, found: Grown, items: int) -> None:
    cloud, place = f"({{n}} / {EACH})", f"({{n}} % {EACH})"
    first = f"({cloud} * {EACH})"
    in_folder = clones.id("i", f"{first} + 1 + (({place} - {FOLDERS + 1}) % {FOLDERS})")
    space = {"space_id": clones.id("s", cloud)}
    root = {"id": clones.id("i")} | space
    clones.insert("item", f"id = '{found.olena.root_id}'", items, root, f"{place} = 0")
    folder = root | {"parent_id": clones.id("i", first), "name": f"'folder-' || {place}"}
    folder |= {"sort_name": folder["name"]}
    clones.insert("item", f"id = '{found.folder}'", items, folder, f"{place} BETWEEN 1 AND {FOLDERS}")
    file = root | {"parent_id": in_folder, "name": f"'scan-' || {place} || '.txt'", "version_id": clones.id("v")}
    file |= {"sort_name": file["name"]}
    files = f"{place} > {FOLDERS}"
    blob = f"id = (SELECT blob_id FROM version WHERE item_id = '{found.file}')"
    clones.insert("blob", blob, items, {"id": clones.id("b")}, files)
    wrapped = {"blob_id": clones.id("b")} | space
    clones.insert("wrapped_key", blob.replace("id =", "blob_id =", 1), items, wrapped, files)
    clones.insert("item", f"id = '{found.file}'", items, file, files)
    version = {"id": clones.id("v"), "item_id": clones.id("i"), "blob_id": clones.id("b")}
    clones.insert("version", f"item_id = '{found.file}'", items, version, files)
    fact = {"id": clones.id("f"), "thing_id": clones.id("i"), "leaf": "{n} + 1000000"} | space
    fact |= {"person_id": clones.id("p", cloud)}
    clones.insert("fact", f"kind = 'item.added' AND thing_id = '{found.file}'", items, fact, files)


def _grants(clones: _Clones, found: Grown, items: int, grants: int) -> None:
    """Spread over things and over a fixed number of people, so that nobody holds more where there are more items."""
    thing = f"(({{n}} * 7919) % {items})"
    grant = {
        "id": clones.id("g"),
        "thing_id": clones.id("i", thing),
        "subject_id": clones.id("p", f"({{n}} % {SUBJECTS})"),
    }
    grant |= {"space_id": clones.id("s", f"({thing} / {EACH})")}
    clones.insert("grant_", f"thing_id = '{found.folder}'", grants, grant)
    petro = grant | {"id": clones.id("h"), "subject_id": f"'{found.petro.id}'"}
    clones.insert("grant_", f"thing_id = '{found.folder}'", grants // SUBJECTS, petro)
