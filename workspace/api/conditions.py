"""Conditions of requests (RFC 9110 section 13): what a program last read decides whether it may write."""

from hashlib import sha256

from flask import request
from pydantic import BaseModel

from workspace.kernel.errors import PreconditionFailed


def etag_of(raw: bytes) -> str:
    """The tag of a JSON answer: a digest of all it says, so that equal tags mean equal knowledge."""
    return sha256(raw).hexdigest()[:32]


def not_modified(tag: str) -> bool:
    """Whether the program holds this very answer already."""
    return bool(request.if_none_match) and request.if_none_match.contains_weak(tag)


def require_match(present: BaseModel) -> None:
    """Go on only if the program has seen the present state, where it says that it wants that (`If-Match`).

    Raises PreconditionFailed.
    """
    if "If-Match" in request.headers and not request.if_match.contains(etag_of(present.model_dump_json().encode())):
        raise PreconditionFailed()


def matched_version(present: str | None) -> str | None:
    """The version a program says it replaces, None where it does not say.

    `If-Match: *` asks for any version, `If-None-Match: *` for none. Raises PreconditionFailed.
    """
    if request.if_none_match.star_tag and present is not None:
        raise PreconditionFailed()
    if "If-Match" not in request.headers:
        return None
    if present is None or not request.if_match.contains(present):
        raise PreconditionFailed()
    return present
