"""What may be told by a webhook: public addresses by TLS on known ports, and what the host allows besides."""

from __future__ import annotations

import ipaddress

import pytest

from workspace.kernel.errors import NotAcceptable
from workspace.outbound.addresses import Reach, read_target

PUBLIC = Reach(frozenset({443, 8443}))
HOUSE = Reach(frozenset({443}), (ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/32")))

INNER = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1",
    "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
OUTER = ["8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:4700::1", "2a00:1450::1",
         "::ffff:8.8.8.8", "64:ff9b::808:808"]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert not PUBLIC.permits(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(NotAcceptable) as refused:
        read_target(f"https://{host}/hook", PUBLIC)
    assert refused.value.details["reason"] == "address"


@pytest.mark.parametrize("address", OUTER)
def test_what_is_public_is(address: str) -> None:
    assert PUBLIC.permits(ipaddress.ip_address(address))


def test_the_host_may_allow_networks_of_its_own() -> None:
    for address, allowed in (
        ("10.20.3.4", True),
        ("::ffff:10.20.3.4", True),
        ("10.21.0.1", False),
        ("127.0.0.1", False),
    ):
        assert HOUSE.permits(ipaddress.ip_address(address)) is allowed
    assert HOUSE.permits(ipaddress.ip_address("fd00:20::1"))
    assert read_target("https://10.20.3.4/hook", HOUSE).authority == "10.20.3.4"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "scheme"),
        ("ftp://example.org/", "scheme"),
        ("gopher://example.org/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("//example.org/", "scheme"),
        ("", "form"),
        ("https://example.org/a b", "form"),
        ("https://example.org/\r\nX: y", "form"),
        ("https://example.org/#part", "form"),
        ("https://приклад.укр/", "form"),
        ("https://example.org/" + "a" * 2000, "form"),
        ("https://user@example.org/", "user"),
        ("https://user:secret@example.org/", "user"),
        ("https://example.org@127.0.0.1/", "user"),
        ("https:///", "host"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://127.1/", "host"),
        ("https://127.0.0.1./", "host"),
        ("https://example.org\\@127.0.0.1/", "user"),
        ("https://example.org\\.evil/", "host"),
        ("https://%31%32%37.0.0.1/", "host"),
        ("https://-example.org/", "host"),
        ("https://exa..mple.org/", "host"),
        ("https://example.org:25/", "port"),
        ("https://example.org:5432/", "port"),
        ("https://example.org:0/", "port"),
        ("https://example.org:65536/", "port"),
    ],
)
def test_an_address_with_a_trick_in_it_is_refused(url: str, reason: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        read_target(url, PUBLIC)
    assert (refused.value.details["field"], refused.value.details["reason"]) == ("url", reason)


def test_a_plain_address_is_taken_apart() -> None:
    target = read_target("https://EDMS.example.org:8443/hook?case=1", PUBLIC)
    assert (target.host, target.port, target.path) == ("edms.example.org", 8443, "/hook?case=1")
    assert target.authority == "edms.example.org:8443"
    assert read_target("https://edms", PUBLIC).path == "/"
    assert read_target("https://[2606:4700::1]/", PUBLIC).authority == "[2606:4700::1]"
    assert read_target("https://xn--80aikifvh.xn--j1amh/", PUBLIC).host == "xn--80aikifvh.xn--j1amh"
