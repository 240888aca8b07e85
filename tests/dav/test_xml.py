"""XML bodies that mean harm or nothing: refused at once, without reading a file, asking a network or growing."""

from __future__ import annotations

import time

import psutil
import pytest

from tests.dav.conftest import DavProgram, Programs
from tests.world import World
from workspace.dav.messages import Refused
from workspace.dav.xml import parse

ASK = '<propfind xmlns="DAV:"><prop>{}</prop></propfind>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE p [<!ENTITY l0 "lol">{LAUGHS}]>' + ASK.format("<a>&l9;</a>"),
    "quadratic": f'<!DOCTYPE p [<!ENTITY a "{"a" * 50_000}">]>' + ASK.format(f"<a>{'&a;' * 2000}</a>"),
    "file": '<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + ASK.format("<a>&f;</a>"),
    "network": '<!DOCTYPE p SYSTEM "http://127.0.0.1:9/x.dtd">' + ASK.format("<getetag/>"),
    "parameter entity": '<!DOCTYPE p [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>' + ASK.format("<getetag/>"),
    "empty document type": "<!DOCTYPE p>" + ASK.format("<getetag/>"),
    "unknown entity": ASK.format("<a>&nbsp;</a>"),
    "deep": "<a>" * 10_000 + "</a>" * 10_000,
    "many namespaces": "<p " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(5000)) + "/>",
    "many attributes": "<p " + " ".join(f'a{n}=""' for n in range(5000)) + "/>",
    "many elements": ASK.format("<a/>" * 3000),
    "two roots": "<a/><b/>",
    "cut off": "<propfind xmlns='DAV:'><prop>",
    "no XML": "{}",
    "nothing but a comment": "<!-- -->",
    "unbound prefix": "<x:propfind/>",
    "empty namespace of a prefix": ASK.format('<n:a xmlns:n=""/>'),
    "NUL": "<a>\0</a>",
    "another element": '<propertyupdate xmlns="DAV:"/>',
    "asks for nothing": '<propfind xmlns="DAV:"/>',
    "UTF-7": '<?xml version="1.0" encoding="utf-7"?>+ADw-a+AD4-',
}


@pytest.fixture
def quick(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    return embedded_dav(embedded_world.make_person())


def test_hostile_bodies_are_refused_at_once(quick: DavProgram) -> None:
    before, began = psutil.Process().memory_info().rss, time.monotonic()
    for name, body in HOSTILE.items():
        answer = quick.send("PROPFIND", "", body, Depth="0")
        assert answer.status_code in (400, 413), (name, answer.status)
        assert b"root:" not in answer.data
    for encoding in ("utf-16", "utf-32"):
        assert quick.send("PROPFIND", "", HOSTILE["file"].encode(encoding), Depth="0").status_code == 400
    assert psutil.Process().memory_info().rss - before < 50 << 20
    assert time.monotonic() - began < 30


def test_a_body_of_ten_megabytes_is_too_large(quick: DavProgram) -> None:
    quick.ask(413, "PROPFIND", "", b"<a>" + b" " * (10 << 20) + b"</a>", Depth="0")


def test_includes_are_plain_elements(quick: DavProgram) -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    answer = quick.ask(207, "PROPFIND", "", ASK.format(include), Depth="0")
    assert b"root:" not in answer.data


def test_what_a_sync_client_spills_into_its_body_is_passed_over(quick: DavProgram) -> None:
    quick.ask(207, "PROPFIND", "", ASK.format("<getetag/>").replace("</propfind>", "M</propfind>"), Depth="0")
    quick.ask(207, "PROPFIND", "", ASK.format("<getetag/>").encode("utf-16"), Depth="0")
    quick.ask(207, "PROPFIND", "", '<?xml version="1.0"?><!-- a --><?b c?>' + ASK.format("<getetag/>"), Depth="0")


def test_a_depth_that_would_take_everything_is_refused(quick: DavProgram) -> None:
    quick.ask(201, "PUT", "/file", b"x")
    assert b"<d:propfind-finite-depth/>" in quick.ask(403, "PROPFIND", "", Depth="infinity").data
    quick.ask(400, "PROPFIND", "", Depth="2")
    assert list(quick.list("/file", "infinity")) == ["/dav/personal/file"]
    assert len(quick.ask(207, "PROPFIND", "").data.split(b"<d:response>")) == 3


def test_parsing_gives_names_with_their_namespaces() -> None:
    root = parse(b'<D:propfind xmlns:D="DAV:"><D:prop><n xmlns="">t</n></D:prop></D:propfind>')
    assert [one.tag for one in root.iter()] == ["{DAV:}propfind", "{DAV:}prop", "n"]
    with pytest.raises(Refused):
        parse(b"")
