"""Live properties: each is a function from what is listed to its element, or None where it has none.

`dialect.py` adds those of sync clients; whatever is in neither table is a dead property, kept as it came.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from wsgiref.handlers import format_date_time

from workspace.cloud.paths import Member
from workspace.cloud.views import Usage
from workspace.dav.xml import DAV
from workspace.kernel.actors import ANONYMOUS, Actor
from workspace.sharing.rule import Level


@dataclass(frozen=True, slots=True)
class Shown:
    """One resource of a listing. `usage`: room of the cloud it lies in, for its owner. `dead`: what programs
    stored, by name; `locks`: those that cover it, as XML. `level`: what `reader` may do with it; `fixed`: it stays
    where it is; `sha256`: of a file, where it was asked for. `fingerprint` changes when the instance was restored from
    a backup."""

    member: Member
    usage: Usage | None = None
    dead: Mapping[str, str] = field(default_factory=dict)
    locks: str = ""
    level: Level | None = None
    sha256: bytes | None = None
    fixed: bool = False
    fingerprint: str = ""
    reader: Actor = ANONYMOUS


Live = Callable[[Shown], str | None]


def http_date(at: datetime) -> str:
    """A time as an HTTP date (RFC 9110 section 5.6.7)."""
    return _date_of(int(at.timestamp()))


@lru_cache(maxsize=4096)
def _date_of(second: int) -> str:
    return format_date_time(second)


def _creationdate(shown: Shown) -> str | None:
    made = shown.member.made_at.astimezone(UTC)
    return f"<d:creationdate>{made:%Y-%m-%dT%H:%M:%SZ}</d:creationdate>"


def _displayname(shown: Shown) -> str | None:
    return f"<d:displayname>{escape(visible(shown.member.name), quote=False)}</d:displayname>"


def _getcontentlength(shown: Shown) -> str | None:
    member = shown.member
    return None if member.is_folder else f"<d:getcontentlength>{member.size}</d:getcontentlength>"


def _getcontenttype(shown: Shown) -> str | None:
    member = shown.member
    return None if member.is_folder else f"<d:getcontenttype>{escape(member.media_type)}</d:getcontenttype>"


def _getetag(shown: Shown) -> str | None:
    etag = shown.member.etag
    if shown.member.is_folder and shown.level not in (None, Level.OWN):
        # what may be done with somebody else's folder can change while nothing in it does: when a share ends, say
        etag += f"-{shown.level.word}"
    return f'<d:getetag>"{etag}"</d:getetag>' if etag else None


def _getlastmodified(shown: Shown) -> str | None:
    return f"<d:getlastmodified>{http_date(shown.member.modified_at)}</d:getlastmodified>"


def _resourcetype(shown: Shown) -> str | None:
    return "<d:resourcetype><d:collection/></d:resourcetype>" if shown.member.is_folder else "<d:resourcetype/>"


def _quota_available(shown: Shown) -> str | None:
    usage = shown.usage
    return f"<d:quota-available-bytes>{usage.free}</d:quota-available-bytes>" if usage else None


def _quota_used(shown: Shown) -> str | None:
    usage = shown.usage
    return f"<d:quota-used-bytes>{usage.used}</d:quota-used-bytes>" if usage else None


def _lockdiscovery(shown: Shown) -> str | None:
    return f"<d:lockdiscovery>{shown.locks}</d:lockdiscovery>"


def _supportedlock(_shown: Shown) -> str | None:
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
