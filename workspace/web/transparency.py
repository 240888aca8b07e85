"""The log as anybody may see it, signed in or not: its signed state, proofs, the key. Hashes alone, nothing personal.

The addresses below are stable: people and programs keep states and come back with them years later.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Blueprint, Response, g, jsonify, render_template, request

from workspace.http.request import current_actor, current_work
from workspace.kernel.errors import NotAcceptable
from workspace.trust.documents import consistency_document, path_document, state_document
from workspace.trust.log import head

transparency = Blueprint("transparency", __name__, url_prefix="/log")


@transparency.get("")
def index() -> str:
    """The signed state, in words, and how to keep and check it."""
    g.room = "citizen" if current_actor().person_id else "plain"
    work = current_work()
    present = head(work)
    return render_template(
        "ledger/log.html", head=present, key=work.ports.signer.public_key().hex(), key_id=work.ports.signer.key_id
    )


@transparency.get("/head.json")
def newest() -> Response:
    """The newest signed state."""
    return jsonify(state_document(current_work()))


@transparency.get("/heads/<int:size>.json")
def state(size: int) -> Response:
    """The signed state of this size: what was published stays published."""
    return jsonify(state_document(current_work(), size))


@transparency.get("/consistency.json")
def consistency() -> Response:
    """That the newest state, or the one of `second` entries, begins with the one of `first` entries."""
    first = _number("first")
    if first is None:
        raise NotAcceptable(field="first")
    return jsonify(consistency_document(current_work(), first, _number("second")))


@transparency.get("/inclusion.json")
def inclusion() -> Response:
    """The way from the entry `index` to the newest state, or to the one of `size` entries."""
    place = _number("index")
    if place is None:
        raise NotAcceptable(field="index")
    return jsonify(path_document(current_work(), place, _number("size")))


@transparency.get("/key.pem")
def key() -> Response:
    """The public key that signs states and receipts (Ed25519, RFC 8410)."""
    public = Ed25519PublicKey.from_public_bytes(current_work().ports.signer.public_key())
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Response(pem, content_type="application/x-pem-file")


def _number(name: str) -> int | None:
    """A whole number of the query; None where it is missing. Raises NotAcceptable for anything else."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise NotAcceptable(field=name)
    return int(text)
