"""What the entry of a body may hold: one check for the page, the command, the API and the CSV file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workspace.accounts.addresses import normal_email
from workspace.bodies.kinds import BodyKind
from workspace.kernel.errors import NotAcceptable

KINDS = frozenset(one.value for one in BodyKind)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
NAME_LIMIT = 200
TERRITORY_LIMIT = 200
COMPETENCE_LIMIT = 4000
PHONE_LIMIT = 64
ADDRESS_LIMIT = 300


@dataclass(frozen=True, slots=True)
class BodyValues:
    """A body as somebody writes it down. `superior` is the slug of the body above it, or empty."""

    slug: str
    name: str
    kind: str
    email: str
    superior: str = ""
    territory: str = ""
    competence: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that cannot be taken: which field, why (`code`, translated at the door), and what would be right."""

    field: str
    code: str
    value: str = ""
    limit: int = 0


def tidy(values: BodyValues) -> BodyValues:
    """The same without stray spaces; the slug, the kind and the address in lower case."""
    plain = {name: " ".join(getattr(values, name).split()) for name in BodyValues.__slots__}
    plain["competence"] = values.competence.replace("\r\n", "\n").strip()
    return replace(values, **plain | {name: plain[name].lower() for name in ("slug", "kind", "email", "superior")})


def problems(values: BodyValues) -> Iterator[Problem]:
    """Everything that is wrong with one entry by itself; whether names are taken or known is asked elsewhere."""
    if not SLUG.fullmatch(values.slug):
        yield Problem("slug", "slug_shape", values.slug)
    if not values.name:
        yield Problem("name", "missing")
    if values.kind not in KINDS:
        yield Problem("kind", "unknown_kind" if values.kind else "missing", values.kind)
    if not values.email:
        yield Problem("email", "missing")
    elif not _is_address(values.email):
        yield Problem("email", "email_shape", values.email)
    if values.superior and values.superior == values.slug:
        yield Problem("superior", "own_superior", values.superior)
    limits = (
        ("name", NAME_LIMIT),
        ("territory", TERRITORY_LIMIT),
        ("competence", COMPETENCE_LIMIT),
        ("phone", PHONE_LIMIT),
        ("address", ADDRESS_LIMIT),
    )
    for field, limit in limits:
        text: str = getattr(values, field)
        if len(text) > limit:
            yield Problem(field, "too_long", text[:40], limit)
        elif any(ord(character) < 32 and character not in "\n\t" for character in text):
            yield Problem(field, "control_character")


def _is_address(text: str) -> bool:
    try:
        normal_email(text)
    except NotAcceptable:
        return False
    return True
