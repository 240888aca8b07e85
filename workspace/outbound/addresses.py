"""Which addresses we may send something to that somebody else has named. Pure: nothing is looked up here.

An address that a person writes could lead into the host's own network (SSRF, CWE-918): to a database, to the cloud's
metadata service, to a router. So only what is public may be reached, by TLS, on ports that are meant for it; what the
host allows besides, stands in the settings. The registries of special addresses are taken from IANA (RFC 6890 and its
successors) instead of `ipaddress.is_global`, which knows another half of them in each version of Python.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from workspace.kernel.errors import NotAcceptable
from workspace.settings import Settings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 2000
NOT_PUBLIC = tuple(
    ipaddress.ip_network(one)
    for one in (
        # this host, private use, shared between carriers, loopback, link-local (metadata services), protocol use
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        # documentation, 6to4 relays, private use, measuring, multicast, reserved and broadcast
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        # of IPv6 only 2000::/3 is public; in it: protocol use and Teredo, documentation, 6to4 (which hides an IPv4)
        *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLAIN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far requests may go: these ports, and these networks besides what is public."""

    ports: frozenset[int]
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Reach":
        """What the host allows."""
        networks = (one.strip() for one in settings.webhook_networks.split(","))
        ports = (one.strip() for one in settings.webhook_ports.split(","))
        return cls(frozenset(int(one) for one in ports), tuple(ipaddress.ip_network(one) for one in networks if one))

    def permits(self, address: Address) -> bool:
        """Whether a resolved address may be dialled; an IPv4 address inside an IPv6 one counts for what it is."""
        inner = unwrapped(address)
        if any(inner in one for one in self.networks):
            return True
        return not any(inner in one for one in NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts: the host as it goes into TLS and `Host`, and what stands behind it."""

    host: str
    port: int
    path: str
    literal: Address | None

    @property
    def authority(self) -> str:
        """The value of the Host field (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one only writes differently (mapped, or by NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def read_target(url: str, reach: Reach) -> Target:
    """The parts of an address that somebody named.

    Raises NotAcceptable (field `url`) with a `reason`: form, scheme, user, host, port, or address where the host is
    written as an address that may not be reached. Numbers that only a lenient resolver takes for an address
    (`2130706433`, `0x7f.1`, `0177.0.0.1`) are no host.
    """
    parts = urlsplit(url) if len(url) <= LONGEST and _PLAIN.fullmatch(url) else None
    if parts is None or parts.fragment:
        raise NotAcceptable(field="url", reason="form")
    if parts.scheme != "https":
        raise NotAcceptable(field="url", reason="scheme")
    if "@" in parts.netloc:
        raise NotAcceptable(field="url", reason="user")
    host, literal = _host(parts.netloc, parts.hostname or "")
    port = _port(parts.netloc)
    if port not in reach.ports:
        raise NotAcceptable(field="url", reason="port")
    if literal is not None and not reach.permits(literal):
        raise NotAcceptable(field="url", reason="address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, literal)


def _host(netloc: str, host: str) -> tuple[str, Address | None]:
    if "\\" in netloc or "%" in netloc:
        raise NotAcceptable(field="url", reason="host")
    try:
        return host, ipaddress.ip_address(host)
    except ValueError:
        if _NAME.fullmatch(host) is None:
            raise NotAcceptable(field="url", reason="host") from None
    return host, None


def _port(netloc: str) -> int:
    found = re.search(r":([0-9]{0,6})\Z", netloc.rpartition("]")[2])
    return int(found[1]) if found and found[1] else 443
