"""Byte ranges (RFC 9110 section 14)."""

import re
from dataclasses import dataclass

from workspace.kernel.errors import RangeNotSatisfiable

_ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The half-open slice [start, stop) of a file, in bytes."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """The value of the Content-Range field."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range that a request asks for, or None for the whole file.

    Other units, several ranges and malformed values are passed over, as section 14.2 allows: the answer is then the
    whole file. Raises RangeNotSatisfiable where a well-formed range lies outside.
    """
    found = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise RangeNotSatisfiable(size=size)
        return ByteRange(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise RangeNotSatisfiable(size=size)
    return ByteRange(int(first), min(int(last) + 1, size) if last else size)
