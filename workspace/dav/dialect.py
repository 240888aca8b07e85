"""The properties and header fields of ownCloud and Nextcloud that their clients live by (`oc:` and `nc:`).

`oc:id` is what a client knows an item by wherever it is moved; `oc:permissions` says what to try (the verbs decide all
the same); `oc:checksums` spares it a download where it has the bytes already.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from html import escape

from workspace.cloud.paths import Member
from workspace.dav.messages import Refused, Request
from workspace.dav.properties import LIVE, ONLY_ASKED, Listing, Live
from workspace.dav.xml import PREFIXES
from workspace.db.base import instant_of
from workspace.sharing.rule import NEEDS, Action, Level

_NAMESPACES = {prefix: f"{{{namespace}}}" for namespace, prefix in PREFIXES.items()}
OC, NC = _NAMESPACES["oc"], _NAMESPACES["nc"]
CHECKSUMS = f"{OC}checksums"
FINGERPRINT = f"{OC}data-fingerprint"
_SECONDS = re.compile(r"(\d{1,12})(?:\.\d*)?", re.ASCII)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


@lru_cache(maxsize=64)
def letters(level: Level, is_folder: bool, fixed: bool) -> str:
    """What may be done with something, as clients read it: R reshare, G read, D delete, N rename, V move, W write,
    C new files, K new folders; S: it is somebody else's. `fixed`: it stays where it is."""
    may = {action for action in (Action.SHARE, Action.CHANGE, Action.ADD) if level in NEEDS[action]}
    found = "" if level is Level.OWN else "S"
    found += "R" if Action.SHARE in may else ""
    found += "G"
    found += "DNV" if Action.CHANGE in may and not fixed else ""
    if is_folder:
        return found + ("CK" if Action.ADD in may else "")
    return found + ("W" if Action.CHANGE in may else "")


@lru_cache(maxsize=4096)
def number_of(item_id: str) -> int:
    """A number for programs that take nothing else as an id: 63 bits drawn from ours, which has 122."""
    return int.from_bytes(sha256(item_id.encode()).digest()[:8]) >> 1


def modified_at(request: Request) -> datetime | None:
    """When the content was last changed, as the program says (X-OC-Mtime, seconds since 1970). Raises Refused (400)."""
    given = request.header("X-OC-Mtime")
    if given is None:
        return None
    seconds = _SECONDS.fullmatch(given)
    if seconds is None or int(seconds[1]) >= _LATEST:
        raise Refused(400, "X-OC-Mtime takes seconds since 1970.")
    return datetime.fromtimestamp(int(seconds[1]), UTC)


def kept(item_id: str, etag: str, modified: datetime | None = None) -> list[tuple[str, str]]:
    """What an answer says of a file that was just stored."""
    fields = [("ETag", f'"{etag}"'), ("OC-ETag", f'"{etag}"'), ("OC-FileId", item_id)]
    return [*fields, ("X-OC-MTime", "accepted")] if modified is not None else fields


def checksum(digest: bytes) -> str:
    """A SHA-256 as these clients write it."""
    return f"SHA256:{digest.hex()}"


def _id(member: Member, listing: Listing) -> str | None:
    return f"<oc:id>{member.id}</oc:id>"


def _fileid(member: Member, listing: Listing) -> str | None:
    return f"<oc:fileid>{number_of(member.id)}</oc:fileid>"


def _permissions(member: Member, listing: Listing) -> str | None:
    found = letters(listing.level_of(member) or Level.VIEW, member.is_folder, listing.stays(member))
    return f"<oc:permissions>{found}</oc:permissions>"


def _size(member: Member, listing: Listing) -> str | None:
    return None if member.is_folder else f"<oc:size>{member.size}</oc:size>"


def _checksums(member: Member, listing: Listing) -> str | None:
    sha256 = listing.checksums.get(member.id)
    if sha256 is None:
        return None
    return f"<oc:checksums><oc:checksum>{checksum(sha256)}</oc:checksum></oc:checksums>"


def _data_fingerprint(member: Member, listing: Listing) -> str | None:
    return f"<oc:data-fingerprint>{listing.fingerprint}</oc:data-fingerprint>" if listing.stays(member) else None


def _owner_id(member: Member, listing: Listing) -> str | None:
    return f"<oc:owner-id>{listing.reader.person_id}</oc:owner-id>" if listing.level_of(member) is Level.OWN else None


def _owner_name(member: Member, listing: Listing) -> str | None:
    if listing.level_of(member) is not Level.OWN:
        return None
    return f"<oc:owner-display-name>{escape(listing.reader.name, quote=False)}</oc:owner-display-name>"


def _mount_type(member: Member, listing: Listing) -> str | None:
    return f"<nc:mount-type>{'' if listing.level_of(member) is Level.OWN else 'shared'}</nc:mount-type>"


def _creation_time(member: Member, listing: Listing) -> str | None:
    return f"<nc:creation_time>{int(instant_of(member.made_at).timestamp())}</nc:creation_time>"


def _upload_time(member: Member, listing: Listing) -> str | None:
    return f"<nc:upload_time>{int(instant_of(member.changed_at).timestamp())}</nc:upload_time>"


def _always(element: str) -> Live:
    return lambda _member, _listing: element


DIALECT: dict[str, Live] = {
    f"{OC}id": _id,
    f"{OC}fileid": _fileid,
    f"{OC}permissions": _permissions,
    f"{OC}size": _size,
    CHECKSUMS: _checksums,
    FINGERPRINT: _data_fingerprint,
    f"{OC}owner-id": _owner_id,
    f"{OC}owner-display-name": _owner_name,
    f"{OC}share-types": _always("<oc:share-types/>"),
    f"{OC}comments-unread": _always("<oc:comments-unread>0</oc:comments-unread>"),
    f"{NC}has-preview": _always("<nc:has-preview>false</nc:has-preview>"),
    f"{NC}is-encrypted": _always("<nc:is-encrypted>0</nc:is-encrypted>"),
    f"{NC}mount-type": _mount_type,
    f"{NC}creation_time": _creation_time,
    f"{NC}upload_time": _upload_time,
}
KNOWN = LIVE | DIALECT
"""All that is computed here, and that nobody stores by PROPPATCH."""
EVERYTHING = tuple(name for name in LIVE if name not in ONLY_ASKED)
"""What `allprop` asks for; those of the dialect come only where they are named (RFC 4918 section 9.1)."""
