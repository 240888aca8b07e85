"""Live properties: each is a function from what is listed to its element, or None where it has none.

`dialect.py` adds those of sync clients; whatever is in neither table is a dead property, kept as it came.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from wsgiref.handlers import format_date_time

from workspace.cloud.paths import Member
from workspace.cloud.views import Usage
from workspace.dav.xml import DAV
from workspace.db.base import instant_of
from workspace.kernel.actors import ANONYMOUS, Actor
from workspace.sharing.rule import Level


@dataclass(slots=True)
class Listing:
    """What is known of the members of one listing, by their ids where it is not the same of all.

    `usage`: room of the cloud they lie in, for its owner. `dead`: what programs stored, by name; `locks`: those that
    cover a member, as XML. `level`: what `reader` may do with what is not in `levels`. `checksums`: SHA-256 of files,
    where they were asked for. `fixed`: the member that stays where it is; with `made_up` all of them do.
    `fingerprint` changes when the instance was restored from a backup."""

    reader: Actor = ANONYMOUS
    made_up: bool = False
    fixed: Member | None = None
    usage: Usage | None = None
    dead: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    locks: Mapping[str, str] = field(default_factory=dict)
    level: Level | None = None
    levels: Mapping[str, Level] = field(default_factory=dict)
    checksums: Mapping[str, bytes] = field(default_factory=dict)
    fingerprint: str = ""

    def level_of(self, member: Member) -> Level | None:
        """What the reader may do with a member; None where nobody asked."""
        return self.levels.get(member.id, self.level)

    def stays(self, member: Member) -> bool:
        """Whether it can neither be moved nor thrown away here."""
        return self.made_up or member is self.fixed


Live = Callable[[Member, Listing], str | None]
_AS_IT_IS = re.compile(r"[\w .,()-]*")
"""Names, nearly all there are, in which XML has nothing to escape."""


def http_date(at: datetime | str) -> str:
    """A time, which may be one as the driver gives it, as an HTTP date (RFC 9110 section 5.6.7)."""
    return _date_of_text(at[:19]) if isinstance(at, str) else _date_of(int(at.timestamp()))


@lru_cache(maxsize=4096)
def _date_of(second: int) -> str:
    return format_date_time(second)


@lru_cache(maxsize=4096)
def _date_of_text(second: str) -> str:
    return _date_of(int(instant_of(second).timestamp()))


def _creationdate(member: Member, listing: Listing) -> str | None:
    made = instant_of(member.made_at).astimezone(UTC)
    return f"<d:creationdate>{made:%Y-%m-%dT%H:%M:%SZ}</d:creationdate>"


def _displayname(member: Member, listing: Listing) -> str | None:
    name = member.name
    if not _AS_IT_IS.fullmatch(name):
        name = escape(visible(name), quote=False)
    return f"<d:displayname>{name}</d:displayname>"


def _getcontentlength(member: Member, listing: Listing) -> str | None:
    return None if member.is_folder else f"<d:getcontentlength>{member.size}</d:getcontentlength>"


def _getcontenttype(member: Member, listing: Listing) -> str | None:
    return None if member.is_folder else f"<d:getcontenttype>{escape(member.media_type)}</d:getcontenttype>"


def _getetag(member: Member, listing: Listing) -> str | None:
    etag = member.etag
    if member.is_folder and (level := listing.level_of(member)) not in (None, Level.OWN):
        # what may be done with somebody else's folder can change while nothing in it does: when a share ends, say
        etag += f"-{level.word}"
    return f'<d:getetag>"{etag}"</d:getetag>' if etag else None


def _getlastmodified(member: Member, listing: Listing) -> str | None:
    return f"<d:getlastmodified>{http_date(member.modified_at)}</d:getlastmodified>"


def _resourcetype(member: Member, listing: Listing) -> str | None:
    return "<d:resourcetype><d:collection/></d:resourcetype>" if member.is_folder else "<d:resourcetype/>"


def _quota_available(member: Member, listing: Listing) -> str | None:
    usage = listing.usage
    return f"<d:quota-available-bytes>{usage.free}</d:quota-available-bytes>" if usage else None


def _quota_used(member: Member, listing: Listing) -> str | None:
    usage = listing.usage
    return f"<d:quota-used-bytes>{usage.used}</d:quota-used-bytes>" if usage else None


def _lockdiscovery(member: Member, listing: Listing) -> str | None:
    return f"<d:lockdiscovery>{listing.locks.get(member.id, '')}</d:lockdiscovery>"


def _supportedlock(_member: Member, _listing: Listing) -> str | None:
    return _LOCKS


_LOCKS = "".join(
    f"<d:lockentry><d:lockscope><d:{scope}/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    for scope in ("exclusive", "shared")
)
_LOCKS = f"<d:supportedlock>{_LOCKS}</d:supportedlock>"
LIVE: dict[str, Live] = {
    f"{DAV}resourcetype": _resourcetype,
    f"{DAV}getetag": _getetag,
    f"{DAV}getlastmodified": _getlastmodified,
    f"{DAV}getcontentlength": _getcontentlength,
    f"{DAV}getcontenttype": _getcontenttype,
    f"{DAV}creationdate": _creationdate,
    f"{DAV}displayname": _displayname,
    f"{DAV}lockdiscovery": _lockdiscovery,
    f"{DAV}supportedlock": _supportedlock,
    f"{DAV}quota-available-bytes": _quota_available,
    f"{DAV}quota-used-bytes": _quota_used,
}
ETAG = f"{DAV}getetag"
LOCKS = f"{DAV}lockdiscovery"
QUOTA = frozenset({f"{DAV}quota-available-bytes", f"{DAV}quota-used-bytes"})
ONLY_ASKED = QUOTA
"""What `allprop` leaves out (RFC 4331 section 3)."""


def visible(text: str) -> str:
    """Text as XML 1.0 can hold it: control characters, which names may have and XML may not, become U+FFFD."""
    return text if text.isprintable() else "".join(one if _in_xml(one) else "\ufffd" for one in text)


def _in_xml(character: str) -> bool:
    return character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")
