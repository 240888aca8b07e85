"""XML that strangers send: parsed without DTDs, entities or a network, and never deeper or wider than a request is.

Everything is refused while it is being read, in one pass, before anything is expanded or built from it.
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
    """The parser's target: builds the tree, or stops it."""

    def __init__(self) -> None:
        self._builder = etree.TreeBuilder()
        self._depth = self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str], namespaces: Mapping[str, str]) -> Any:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise Refused(400, "This XML is deeper or longer than any request.")
        if len(attributes) > MOST_ATTRIBUTES or len(namespaces) > MOST_ATTRIBUTES:
            raise Refused(400, "This XML has too many attributes.")
        # the parser calls the default namespace "", the builder None
        return self._builder.start(tag, attributes, {prefix or None: uri for prefix, uri in namespaces.items()})

    def end(self, tag: str) -> Any:
        self._depth -= 1
        return self._builder.end(tag)

    def data(self, data: str) -> None:
        self._builder.data(data)

    def doctype(self, *_declared: str | None) -> None:
        raise Refused(400, "XML with a document type is not taken.")

    def pi(self, _target: str, _data: str | None = None) -> None:
        """Instructions to programs are passed over."""

    def comment(self, _text: str) -> None:
        """Comments are passed over."""

    def close(self) -> Any:
        try:
            return self._builder.close()
        except AssertionError:
            return None  # it is called after a refusal, too, which must not be hidden by another error


def parse(body: bytes) -> Any:
    """The root element. UTF-8, or UTF-16 with its mark (RFC 4918 section 8.2). Raises Refused (400)."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            body = body.decode("utf-16").encode("utf-8")
        except UnicodeError:
            raise Refused(400, "This is no XML.") from None
    # what the declaration says of the encoding is not believed: it could mean other characters than were checked
    parser = etree.XMLParser(
        target=_Guard(), encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        parser.feed(body)
        root = parser.close()
    except (etree.XMLSyntaxError, ValueError):
        raise Refused(400, "This is no XML.") from None
    if root is None:
        raise Refused(400, "This is no XML.")
    return root


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
