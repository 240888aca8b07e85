"""Receipts: what was handed over, signed by the log's key, as data and as paper that carries the data."""

from datetime import UTC, datetime
from typing import Any

from workspace.kernel.canonical import canonical
from workspace.kernel.ports import Signer
from workspace.trust.signing import verify

FORMAT = "citizen-workspace receipt v1"


def signed_receipt(signer: Signer, values: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The receipt (`values` with `format`, `key` and `public_key`) and its signature (64 bytes, Ed25519).

    Signed are the bytes of the receipt's canonical JSON (RFC 8785). README.md lists the values. Raises ValueError for
    a value that canonical JSON cannot hold.
    """
    receipt = {**values, "format": FORMAT, "key": signer.key_id, "public_key": signer.public_key().hex()}
    return receipt, signer.sign(canonical(receipt))


def receipt_holds(receipt: dict[str, Any], signature: bytes, public_key: bytes) -> bool:
    """Whether the receipt is signed by this key. The key the receipt names proves nothing by itself."""
    return receipt.get("format") == FORMAT and verify(public_key, canonical(receipt), signature)


def receipt_time(receipt: dict[str, Any]) -> datetime:
    """When it was handed over (UTC)."""
    return datetime.fromisoformat(receipt["time"]).astimezone(UTC)
