"""XML that strangers send: parsed without DTDs, entities or a network, and never deeper or wider than a request is.

What is refused is refused while it is being read, before anything is expanded or built from it.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lxml import etree

from workspace.dav.messages import Refused

DEEPEST = 48
MOST_ELEMENTS = 2_000
MOST_ATTRIBUTES = 64
DAV = "{DAV:}"


class _Guard:
    """A parser's target that builds nothing: it stops what has a document type or is deeper or wider than allowed."""

    def __init__(self) -> None:
        self._depth = self._elements = 0

    def start(self, _tag: str, attributes: Mapping[str, str], namespaces: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise Refused(400, "This XML is deeper or longer than any request.")
        if len(attributes) > MOST_ATTRIBUTES or len(namespaces) > MOST_ATTRIBUTES:
            raise Refused(400, "This XML has too many attributes.")

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def doctype(self, *_declared: str | None) -> None:
        raise Refused(400, "XML with a document type is not taken.")

    def close(self) -> None:
        """Called at the end, and after a refusal, too."""


def parse(body: bytes) -> Any:
    """The root element. UTF-8, or UTF-16 with its mark (RFC 4918 section 8.2). Raises Refused (400)."""
    try:
        if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            body = body.decode("utf-16").encode("utf-8")
        # read twice: first by what builds nothing and stops; then, when it is known to be small and plain, as a tree
        _parser(target=_Guard()).feed(body)
        return etree.fromstring(body, _parser(remove_comments=True, remove_pis=True))
    except (etree.XMLSyntaxError, ValueError):
        raise Refused(400, "This is no XML.") from None


def _parser(**more: Any) -> Any:
    # what the declaration says of the encoding is not believed: it could mean other characters than were checked
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, **more
    )


def children(element: Any) -> Iterator[Any]:
    """The elements directly in another."""
    return (one for one in element if isinstance(one.tag, str))


def text_of(element: Any) -> str:
    """The text directly in an element, trimmed."""
    return (element.text or "").strip()


def written(element: Any) -> str:
    """An element as XML that stands by itself, wherever it is put: with the namespaces and the language it needs."""
    text: str = etree.tostring(element, encoding="unicode", with_tail=False)
    return text


def split_name(name: str) -> tuple[str, str]:
    """`{namespace}local` as its two parts; the namespace may be empty."""
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    return namespace, local


def empty_element(name: str) -> str:
    """An element of that name with nothing in it."""
    namespace, local = split_name(name)
    prefix = PREFIXES.get(namespace)
    return f"<{prefix}:{local}/>" if prefix else f'<{local} xmlns="{escape(namespace)}"/>'


PREFIXES = {"DAV:": "d", "http://owncloud.org/ns": "oc", "http://nextcloud.org/ns": "nc"}
"""The prefixes that every answer declares; some programs look for these very letters."""
