"""Live properties: each is a function from what is listed to its element, or None where it has none.

Another dialect adds its own to `LIVE`; whatever is not there is a dead property, kept as it came.
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


@dataclass(frozen=True, slots=True)
class Shown:
    """One resource of a listing. `usage`: room of the cloud it lies in, for its owner. `dead`: what programs
    stored, by name; `locks`: those that cover it, as XML."""

    member: Member
    usage: Usage | None = None
    dead: Mapping[str, str] = field(default_factory=dict)
    locks: str = ""


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
    version = shown.member.version_id
    return f'<d:getetag>"{version}"</d:getetag>' if version else None


def _getlastmodified(shown: Shown) -> str | None:
    return f"<d:getlastmodified>{http_date(shown.member.changed_at)}</d:getlastmodified>"


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
LOCKS = f"{DAV}lockdiscovery"
QUOTA = frozenset({f"{DAV}quota-available-bytes", f"{DAV}quota-used-bytes"})
ONLY_ASKED = QUOTA
"""What `allprop` leaves out (RFC 4331 section 3)."""


def visible(text: str) -> str:
    """Text as XML 1.0 can hold it: control characters, which names may have and XML may not, become U+FFFD."""
    return text if text.isprintable() else "".join(one if _in_xml(one) else "\ufffd" for one in text)


def _in_xml(character: str) -> bool:
    return character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")
