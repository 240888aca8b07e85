"""Which tree an address of programs hangs in: our own, or that of Nextcloud's and ownCloud's clients. Pure.

/dav/…                            our own
/remote.php/webdav/…              what such a client syncs: one's cloud, with what others share in a folder of it
/remote.php/dav/files/WHO/…       the same; WHO is the id or the login name of the person who asks
/remote.php/dav/uploads/WHO/…     folders of chunks
"""

from urllib.parse import unquote

from workspace.dav.messages import Mount
from workspace.dav.tree import SYNCED

CHUNKS = ("/chunks",)
_OWN = Mount("/dav")
_WEBDAV = Mount("/remote.php/webdav", SYNCED)


def mount_of(raw_path: str) -> Mount | None:
    """The mount of a percent-encoded path; None where it is none of them."""
    pieces = raw_path.split("/", 6)
    if pieces[1:2] == ["dav"]:
        return _OWN
    if pieces[1:3] == ["remote.php", "webdav"]:
        return _WEBDAV
    if pieces[1:3] == ["remote.php", "dav"] and len(pieces) > 4 and pieces[4]:
        top = {"files": SYNCED, "uploads": CHUNKS}.get(pieces[3])
        if top is not None:
            return Mount("/".join(pieces[:5]), top, whose=unquote(pieces[4]))
    return None
