"""Requests as Finder, Windows' Mini-Redirector, GNOME's gvfs and davfs2 send them, replayed in their order.

The programs themselves do not run here; what they send is written down from their traces: fields, bodies and order.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from tests.dav.conftest import DavProgram, Programs
from tests.world import World

XML = 'text/xml; charset="utf-8"'


@pytest.fixture
def mine(embedded_world: World, embedded_dav: Programs) -> DavProgram:
    program = embedded_dav(embedded_world.make_person())
    program.ask(201, "MKCOL", "/Documents")
    return program


def chunked(program: DavProgram, path: str, data: bytes, **headers: str) -> TestResponse:
    """PUT without a length, as the server's own reader hands it over."""
    fields = {"Authorization": f"Bearer {program.secret}", "Transfer-Encoding": "chunked", **program.headers}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return program.app.test_client().open(
        program.root + path, method="PUT", headers=fields, input_stream=BytesIO(data),
        environ_overrides={"wsgi.input_terminated": True},
    )  # fmt: skip


def test_finder_mounts_and_saves(mine: DavProgram) -> None:
    mine.headers = {"User-Agent": "WebDAVFS/3.0.0 (03008000) Darwin/23.4.0 (x86_64)", "Accept": "*/*"}
    answer = mine.ask(200, "OPTIONS", "/")
    assert "2" in answer.headers["DAV"].replace(" ", "").split(",")
    props = "<D:getlastmodified/><D:getcontentlength/><D:creationdate/><D:resourcetype/>"
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:">\n<D:prop>\n{}\n</D:prop>\n</D:propfind>\n'
    )
    mine.ask(207, "PROPFIND", "/", body.format(props), Depth="0", Content_Type=XML)
    quota = "<D:quota-available-bytes/><D:quota-used-bytes/><D:quota/><D:quotaused/>"
    assert b"<d:quota-available-bytes>" in mine.ask(207, "PROPFIND", "/", body.format(quota), Depth="0").data
    mine.ask(404, "PROPFIND", "/._.", body.format(props), Depth="0")
    mine.ask(207, "PROPFIND", "/Documents/", body.format(props), Depth="1")
    lock = (
        '<?xml version="1.0" encoding="utf-8"?>\n<D:lockinfo xmlns:D="DAV:">\n'
        "<D:lockscope><D:exclusive/></D:lockscope>\n"
        "<D:locktype><D:write/></D:locktype>\n<D:owner>\n"
        "<D:href>http://www.apple.com/webdav_fs/</D:href>\n</D:owner>\n</D:lockinfo>\n"
    )
    for name, data in (("/Documents/letter.pages", b"PK letter"), ("/Documents/._letter.pages", b"\0\5\26\7")):
        assert chunked(mine, name, b"", X_Expected_Entity_Length="0").status_code == 201
        token = mine.ask(200, "LOCK", name, lock, Depth="0", Timeout="Second-600").headers["Lock-Token"]
        sent = chunked(mine, name, data, If=f"({token})", X_Expected_Entity_Length=str(len(data)))
        assert sent.status_code == 204
        mine.ask(200, "LOCK", name, If=f"({token})", Timeout="Second-600")
        mine.ask(204, "UNLOCK", name, Lock_Token=token)
    assert mine.ask(200, "GET", "/Documents/letter.pages").data == b"PK letter"
    mine.ask(201, "MOVE", "/Documents/letter.pages", Destination="http://localhost/dav/personal/Documents/a%20b.pages")
    mine.ask(204, "DELETE", "/Documents/._letter.pages")


def test_windows_maps_a_drive_and_saves(mine: DavProgram) -> None:
    mine.headers = {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045", "translate": "f", "Connection": "Keep-Alive"}
    assert mine.ask(200, "OPTIONS", "").headers["MS-Author-Via"] == "DAV"
    mine.ask(207, "PROPFIND", "", Depth="0", Content_Length="0")
    listed = mine.ask(207, "PROPFIND", "/Documents", Depth="1", Content_Length="0")
    assert b"<d:resourcetype><d:collection/></d:resourcetype>" in listed.data
    name = "/Documents/New%20Text.txt"
    mine.ask(404, "PROPFIND", name, Depth="0")
    mine.ask(201, "PUT", name, b"")
    lock = (
        '<?xml version="1.0" encoding="utf-8" ?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype><D:owner><D:href>DESKTOP\\olena</D:href></D:owner></D:lockinfo>"
    )
    token = mine.ask(200, "LOCK", name, lock, Timeout="Second-3600", Depth="0", Content_Type=XML).headers["Lock-Token"]
    times = (
        '<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:">'
        "<D:set><D:prop><Z:Win32CreationTime>Wed, 25 Nov 2026 10:00:00 GMT</Z:Win32CreationTime>"
        "<Z:Win32LastAccessTime>Wed, 25 Nov 2026 10:00:00 GMT</Z:Win32LastAccessTime>"
        "<Z:Win32LastModifiedTime>Wed, 25 Nov 2026 10:00:00 GMT</Z:Win32LastModifiedTime>"
        "<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"
    )
    mine.ask(207, "PROPPATCH", name, times, If=f"({token})")
    mine.ask(200, "HEAD", name)
    mine.ask(204, "PUT", name, b"text", If=f"({token})")
    assert b"HTTP/1.1 200 OK" in mine.ask(207, "PROPPATCH", name, times, If=f"({token})").data
    mine.ask(204, "UNLOCK", name, Lock_Token=token)
    assert b"00000020" in mine.ask(207, "PROPFIND", name, Depth="0").data
    target = "http://localhost/dav/personal/Documents/Renamed.txt"
    mine.ask(201, "MOVE", name, Destination=target, Overwrite="F")
    mine.ask(412, "MOVE", "/Documents", Destination=target, Overwrite="F")
    assert mine.ask(200, "GET", "/Documents/Renamed.txt").data == b"text"


def test_gnome_files_lists_and_copies(mine: DavProgram) -> None:
    mine.headers = {"User-Agent": "gvfs/1.50.3", "Accept-Language": "uk, en;q=0.9"}
    mine.ask(200, "OPTIONS", "/")
    head = '<?xml version="1.0" encoding="utf-8" ?>\n <D:propfind xmlns:D="DAV:">\n  <D:prop>\n'
    tail = "  </D:prop>\n </D:propfind>"
    names = ("creationdate", "displayname", "getcontentlength", "getcontenttype", "getetag", "getlastmodified")
    body = head + "".join(f"<D:{name}/>\n" for name in (*names, "resourcetype")) + tail
    mine.ask(207, "PROPFIND", "/", body, Depth="0", Content_Type="application/xml")
    mine.ask(201, "PUT", "/Documents/scan.pdf", b"%PDF", If_None_Match="*")
    found = mine.list("/Documents/", "1", body)
    tag = found["/dav/personal/Documents/scan.pdf"]["{DAV:}getetag"].text or ""
    mine.ask(204, "PUT", "/Documents/scan.pdf", b"%PDF-2", If_Match=tag)
    mine.ask(412, "PUT", "/Documents/scan.pdf", b"%PDF-3", If_Match=tag)
    mine.ask(
        201, "COPY", "/Documents/", Destination="http://localhost/dav/personal/Copy/", Overwrite="F", Depth="infinity"
    )
    quota = head + "<D:quota-available-bytes/><D:quota-used-bytes/>" + tail
    assert b"quota-used-bytes>" in mine.ask(207, "PROPFIND", "/", quota, Depth="0").data
    mine.ask(204, "DELETE", "/Copy/")


def test_davfs2_locks_what_it_is_about_to_make(mine: DavProgram) -> None:
    mine.headers = {"User-Agent": "davfs2/1.6.1 neon/0.32.5", "TE": "trailers"}
    mine.ask(200, "OPTIONS", "/")
    props = (
        "<getetag/><getcontentlength/><creationdate/><getlastmodified/><resourcetype/>"
        '<executable xmlns="http://apache.org/dav/props/"/><quota-available-bytes/><quota-used-bytes/>'
    )
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><prop>\n{props}</prop></propfind>\n'
    mine.ask(207, "PROPFIND", "/Documents/", body, Depth="1", Content_Type="application/xml")
    lock = (
        '<?xml version="1.0" encoding="utf-8"?>\n<lockinfo xmlns=\'DAV:\'>\n <lockscope><exclusive/></lockscope>\n'
        "<locktype><write/></locktype><owner>olena</owner>\n</lockinfo>\n"
    )
    made = mine.ask(201, "LOCK", "/Documents/new.txt", lock, Depth="0", Timeout="Second-1800")
    token = made.headers["Lock-Token"]
    mine.ask(200, "HEAD", "/Documents/new.txt")
    named = f"</dav/personal/Documents/new.txt> ({token})"
    tag = mine.ask(204, "PUT", "/Documents/new.txt", b"text", If=named).headers["ETag"]
    mine.ask(304, "GET", "/Documents/new.txt", If_None_Match=tag)
    executable = (
        '<?xml version="1.0" encoding="utf-8" ?>\n<D:propertyupdate xmlns:D="DAV:">\n<D:set><D:prop>'
        '<executable xmlns="http://apache.org/dav/props/">T</executable></D:prop></D:set>\n</D:propertyupdate>\n'
    )
    mine.ask(207, "PROPPATCH", "/Documents/new.txt", executable, If=named)
    mine.ask(200, "LOCK", "/Documents/new.txt", If=f"({token})", Timeout="Second-1800")
    mine.ask(204, "UNLOCK", "/Documents/new.txt", Lock_Token=token)
    assert b">T</executable>" in mine.ask(207, "PROPFIND", "/Documents/new.txt", body, Depth="0").data
