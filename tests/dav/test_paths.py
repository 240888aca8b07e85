"""Paths that mean harm: what is stored is found under the very name it was given, or nothing is stored at all."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import app_password
from tests.dav.conftest import Programs, found_in
from tests.world import World
from workspace.dav.messages import Mount
from workspace.dav.paths import names_of
from workspace.kernel.errors import NameNotAllowed

KEPT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
REFUSED = {400, 404, 405, 409, 422}
METHODS = ("GET", "PROPFIND", "MKCOL", "DELETE", "PROPPATCH", "LOCK", "MOVE", "COPY")

names = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        [
            "CON",
            "aux.txt",
            ".htaccess",
            ".git",
            "desktop.ini",
            "-rf",
            "a.",
            "a ",
            "ß",
            "SS",
            "\u0130",
            "i\u0307",
            "\u0439",
            "\u0438\u0306",
        ]
    ),
    st.text(alphabet="/\\.%:;?#\0\r\n\"<>|*~&' ", min_size=1, max_size=12),
)
raw_paths = st.lists(
    st.one_of(
        names.filter(lambda one: one.isprintable()).map(lambda one: quote(one, safe="")),
        st.binary(min_size=1, max_size=12).map(lambda one: quote_from_bytes(one, safe="")),
        st.sampled_from(["", ".", "..", "%2e%2e", "%2E", "%2f", "%5c", "%00", "%c0%af", "%ed%a0%80"]),
        st.sampled_from(["a;b", "a%252fb", "%zz", "%"]),
        st.text(alphabet="abc%25.;~!$&'()*+,=:@", min_size=1, max_size=10),
    ),
    min_size=1,
    max_size=5,
).map("/".join)  # fmt: skip


class Wire:
    """Sends requests with a target exactly as written, past everything that would tidy it up."""

    def __init__(self, app: Flask, secret: str) -> None:
        self._app = app
        self._authorization = "Basic " + b64encode(f":{secret}".encode()).decode()

    def send(self, method: str, target: str, body: bytes = b"", **more: str) -> tuple[int, bytes]:
        status: list[int] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "RAW_URI": target, "PATH_INFO": "/dav/personal/x", "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body), "HTTP_AUTHORIZATION": self._authorization,
        } | more  # fmt: skip
        pieces = self._app.wsgi_app(environ, lambda line, _headers: status.append(int(line[:3])))
        return status[0], b"".join(pieces)


@pytest.fixture
def wire(embedded_world: World, embedded_app: Flask) -> Wire:
    return Wire(embedded_app, app_password(embedded_world, embedded_world.make_person()))


@KEPT
@given(raw=raw_paths, content=st.binary(min_size=1, max_size=8))
def test_a_path_is_refused_or_comes_back_as_it_went_in(wire: Wire, raw: str, content: bytes) -> None:
    target = "/dav/personal/" + raw
    status, _ = wire.send("PUT", target, content)
    assert status in {201, 204} | REFUSED, (target, status)
    if status in (201, 204):
        assert wire.send("GET", target) == (200, content)
        parent = target.rpartition("/")[0] + "/"
        listed, body = wire.send("PROPFIND", parent, HTTP_DEPTH="1")
        assert listed == 207
        (expected,) = {names_of("/" + target.rpartition("/")[2])[0][0]}
        assert any(Mount("").names(part)[0][-1:] == (expected,) for part in hrefs(body))  # type: ignore[index]
        assert wire.send("DELETE", target)[0] == 204


@KEPT
@given(
    raw=raw_paths, method=st.sampled_from(["GET", "PROPFIND", "MKCOL", "DELETE", "PROPPATCH", "LOCK", "MOVE", "COPY"])
)
def test_no_method_stumbles_over_any_path(wire: Wire, raw: str, method: str) -> None:
    wire.send("PUT", "/dav/personal/source", b"x")
    target = "/dav/personal/source" if method in ("MOVE", "COPY") else "/dav/personal/" + raw
    status, _ = wire.send(method, target, HTTP_DESTINATION="/dav/personal/" + raw, HTTP_DEPTH="0")
    assert status < 500 or status == 502, (method, raw, status)


@given(raw=raw_paths)
def test_an_address_is_read_one_way_only(raw: str) -> None:
    try:
        found, slash = names_of("/" + raw)
    except NameNotAllowed:
        return
    again = "/" + "/".join(quote(one, safe="") for one in found)
    assert names_of(again + ("/" if slash and found else "")) == (found, slash)
    assert Mount("/dav").names(Mount("/dav").href(found, slash)) == (found, slash)
    assert not any(one in ("", ".", "..") or "/" in one or "\0" in one for one in found)


TWINS = ("\u0439", "\u0438\u0306", "\u0419", "A", "a", "straße", "strasse")


def test_both_compositions_of_a_name_and_both_cases_are_different_files(world: World, dav: Programs) -> None:
    mine = dav(world.make_person())
    for name in TWINS:
        mine.ask(201, "PUT", "/" + quote(name), name.encode())
        mine.ask(412, "PUT", "/" + quote(name), b"", If_None_Match="*")
    for name in TWINS:
        assert mine.ask(200, "GET", "/" + quote(name)).data == name.encode()
    assert len(mine.names()) == 7


def test_what_is_too_deep_or_too_long_is_refused(embedded_world: World, embedded_dav: Programs) -> None:
    mine = embedded_dav(embedded_world.make_person())
    mine.ask(422, "MKCOL", "/" + "a" * 256)
    mine.ask(422, "PUT", "/" + "/".join("a" * 1000), b"x")
    mine.ask(201, "MKCOL", "/" + "я" * 127)
    assert found_in(mine.ask(207, "PROPFIND", "/" + quote("я" * 127), Depth="0"))


def test_a_target_in_absolute_form_is_the_same_place(wire: Wire) -> None:
    assert wire.send("PUT", "http://localhost/dav/personal/a", b"x")[0] == 201
    assert wire.send("GET", "/dav/personal/a") == (200, b"x")
    assert wire.send("GET", "/dav/personal/a#b")[0] == 400
    assert wire.send("GET", "/elsewhere")[0] == 404


def hrefs(body: bytes) -> list[str]:
    return [part.partition("</d:href>")[0].rstrip("/") for part in body.decode().split("<d:href>")[1:]]
