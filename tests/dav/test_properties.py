"""Dead properties: kept as they came, sealed, copied and moved with what they belong to."""

from __future__ import annotations

import pytest

from tests.dav.conftest import DavProgram, Programs, found_in
from tests.world import World

UPDATE = '<D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:z">{}</D:propertyupdate>'
SET = "<D:set><D:prop>{}</D:prop></D:set>"
REMOVE = "<D:remove><D:prop>{}</D:prop></D:remove>"


@pytest.fixture
def mine(world: World, dav: Programs) -> DavProgram:
    program = dav(world.make_person())
    program.ask(201, "MKCOL", "/f")
    program.ask(201, "PUT", "/f/a", b"1")
    return program


@pytest.fixture
def quick(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    program = embedded_dav(embedded_world.make_person())
    program.ask(201, "PUT", "/a", b"1")
    return program


def patch(program: DavProgram, path: str, *steps: str, status: int = 207) -> dict[str, set[str]]:
    """PROPPATCH; by status which names."""
    answer = program.ask(status, "PROPPATCH", path, UPDATE.format("".join(steps)))
    if status != 207:
        return {}
    by_status = {code: found_in(answer, code) for code in ("200", "403", "424")}
    return {code: set(next(iter(found.values()))) for code, found in by_status.items() if any(found.values())}


def values(program: DavProgram, path: str, *names: str) -> dict[str, str | None]:
    body = f'<propfind xmlns="DAV:" xmlns:z="urn:z"><prop>{"".join(f"<z:{name}/>" for name in names)}</prop></propfind>'
    found = next(iter(program.list(path, "0", body).values()))
    return {name.rpartition("}")[2]: one.text for name, one in found.items()}


def test_they_come_back_as_they_went_in_and_go_with_what_they_belong_to(mine: DavProgram) -> None:
    rich = '<z:rich a="1">text &lt;b&gt; <i xmlns="urn:i">in</i> <D:x/> ]]&gt; \U0001f600</z:rich>'
    assert patch(mine, "/f/a", SET.format("<z:color>red</z:color>" + rich), REMOVE.format("<z:never/>")) == {
        "200": {"{urn:z}color", "{urn:z}rich", "{urn:z}never"}
    }
    assert patch(mine, "/f", SET.format("<z:color>blue</z:color>")) == {"200": {"{urn:z}color"}}
    told = mine.list("/f")
    assert told["/dav/personal/f/a"]["{urn:z}rich"][0].tag == "{urn:i}i"
    assert told["/dav/personal/f/a"]["{urn:z}rich"].text == "text <b> "
    assert told["/dav/personal/f/"]["{urn:z}color"].text == "blue"
    mine.ask(201, "COPY", "/f", Destination="/dav/personal/g")
    mine.ask(201, "MOVE", "/f/a", Destination="/dav/personal/b")
    for path in ("/g/a", "/b"):
        assert values(mine, path, "color") == {"color": "red"}
    patch(mine, "/g/a", SET.format("<z:color>green</z:color>"))
    assert values(mine, "/b", "color") == {"color": "red"}
    mine.ask(204, "COPY", "/g/a", Destination="/dav/personal/b")
    assert values(mine, "/b", "color") == {"color": "green"}
    mine.ask(204, "DELETE", "/g")


def test_saving_onto_a_file_keeps_its_properties(quick: DavProgram) -> None:
    patch(quick, "/a", SET.format("<z:color>red</z:color>"))
    quick.ask(201, "PUT", "/a.tmp", b"2")
    quick.ask(204, "MOVE", "/a.tmp", Destination="/dav/personal/a")
    assert values(quick, "/a", "color") == {"color": "red"}


def test_it_is_all_or_nothing(quick: DavProgram) -> None:
    refused = patch(quick, "/a", SET.format("<z:color>red</z:color><D:getetag>x</D:getetag>"))
    assert refused == {"403": {"{DAV:}getetag"}, "424": {"{urn:z}color"}}
    assert values(quick, "/a", "color") == {}
    steps = (SET.format("<z:a>1</z:a><z:b>1</z:b>"), REMOVE.format("<z:a/>"), SET.format("<z:b>2</z:b>"))
    patch(quick, "/a", *steps)
    assert values(quick, "/a", "a", "b") == {"b": "2"}


def test_names_alone_are_told_without_values(quick: DavProgram) -> None:
    patch(quick, "/a", SET.format("<z:color>red</z:color>"))
    found = quick.list("/a", "0", '<propfind xmlns="DAV:"><propname/></propfind>')["/dav/personal/a"]
    assert {"{DAV:}getetag", "{urn:z}color"} <= set(found)
    assert all(not one.text for one in found.values())


def test_what_is_too_much_is_refused(quick: DavProgram) -> None:
    patch(quick, "/a", SET.format(f"<z:a>{'x' * 70_000}</z:a>"), status=413)
    patch(quick, "/a", SET.format(f"<z:a>{'x' * 300_000}</z:a>"), status=413)
    patch(quick, "/a", "".join(SET.format(f"<z:a{n}/>") for n in range(500)), status=400)
    patch(quick, "/a", status=400)
    patch(quick, "", SET.format("<z:a/>"))
    patch(quick, "/dav/", SET.format("<z:a/>"), status=403)
    patch(quick, "/no", SET.format("<z:a/>"), status=404)


def test_an_injected_end_tag_stays_text(quick: DavProgram) -> None:
    patch(quick, "/a", SET.format("<z:a>&lt;/d:multistatus&gt;<![CDATA[</d:prop>]]></z:a>"))
    assert values(quick, "/a", "a") == {"a": "</d:multistatus></d:prop>"}


def test_nobody_reads_them_on_the_disk(embedded_world: World, quick: DavProgram) -> None:
    patch(quick, "/a", SET.format("<z:marker-of-a-name>marker-of-a-value</z:marker-of-a-name>"))
    for path in embedded_world.instance.rglob("*"):
        if path.is_file():
            assert b"marker-of-a" not in path.read_bytes(), path.name
