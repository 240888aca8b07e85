"""The kinds of value that bodies and answers of the API are made of. What a model does not name is refused."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

EARLIEST = datetime(1800, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class Shape(BaseModel):
    """Base of every body, query and answer. Unknown names are an error: nobody sets what they were not offered."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or character == "\x7f" for character in text):
        raise ValueError("must not hold control characters")
    return text


def _lines(text: str) -> str:
    if any(ord(character) < 32 and character not in "\r\n\t" for character in text):
        raise ValueError("must not hold control characters other than line breaks and tabs")
    return text


def _sane(moment: datetime) -> datetime:
    # compared as it came: converting the first or the last year to UTC would overflow
    if not EARLIEST.year < moment.year < LATEST.year:
        raise ValueError(f"must lie between the years {EARLIEST.year} and {LATEST.year}")
    return moment.astimezone(UTC)


def _as_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _hex(digest: bytes) -> str:
    return digest.hex()


Id = Annotated[
    str, Field(pattern=r"^[0-7][0-9a-hjkmnp-tv-z]{25}$", description="An identifier; says nothing by itself.")
]
Line = Annotated[str, AfterValidator(_one_line), Field(max_length=2000)]
Words = Annotated[str, AfterValidator(_lines), Field(max_length=100_000)]
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_sane),
    PlainSerializer(_as_utc, return_type=str),
    Field(description="An instant with its zone (RFC 3339)."),
]
Sha256 = Annotated[
    bytes,
    PlainSerializer(_hex, return_type=str),
    Field(description="SHA-256 of the plain bytes, in hex.", json_schema_extra={"pattern": "^[0-9a-f]{64}$"}),
]
Limit = Annotated[int, Field(ge=1, le=500, description="How many lines at most.")]
Cursor = Annotated[str, AfterValidator(_one_line), Field(max_length=2000, description="Taken from `next`; opaque.")]


class PageQuery(Shape):
    """Where to go on in a long list."""

    cursor: Cursor | None = None
    limit: Limit = 100


class WrongValue(Shape):
    """One value that cannot be taken: where it stands and what would be right."""

    pointer: str | None = Field(None, description="JSON Pointer (RFC 6901) into the body, after `#`.")
    parameter: str | None = Field(None, description="The query parameter or header field.")
    detail: str


class Problem(BaseModel):
    """Why not: problem details (RFC 9457). `code` is stable; `detail` is a sentence in English."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[WrongValue] | None = None
