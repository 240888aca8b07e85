"""The signing key: made once, closed to others, and a signature is found false when anything is changed."""

import stat

import pytest

from workspace.settings import SettingsError
from workspace.trust.signing import Ed25519Signer, key_id_of, verify


def test_a_key_is_made_once_and_closed_to_others(tmp_path):
    path = tmp_path / "secrets" / "log.key"
    made = Ed25519Signer.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Ed25519Signer(path)
    assert again.public_key() == made.public_key()
    assert again.key_id == key_id_of(made.public_key())
    with pytest.raises(FileExistsError):
        Ed25519Signer.create(path)


def test_the_rfc_8032_vector_comes_out(tmp_path):
    path = tmp_path / "key"  # section 7.1, TEST 2
    path.write_bytes(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    path.chmod(0o600)
    signer = Ed25519Signer(path)
    assert signer.public_key().hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_changed_message_signature_or_key_does_not_hold(tmp_path):
    signer, other = Ed25519Signer.create(tmp_path / "one"), Ed25519Signer.create(tmp_path / "two")
    signature = signer.sign(b"what was said")
    assert verify(signer.public_key(), b"what was said", signature)
    assert not verify(signer.public_key(), b"what was sait", signature)
    assert not verify(other.public_key(), b"what was said", signature)
    assert not verify(signer.public_key(), b"what was said", bytes([signature[0] ^ 1]) + signature[1:])
    assert not verify(signer.public_key(), b"what was said", b"")
    assert not verify(b"short", b"what was said", signature)


def test_a_missing_open_or_wrong_key_stops_the_start_with_a_sentence(tmp_path):
    with pytest.raises(SettingsError, match="workspace init"):
        Ed25519Signer(tmp_path / "none")
    path = tmp_path / "key"
    path.write_bytes(b"secret-but-short")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="16 bytes") as refused:
        Ed25519Signer(path)
    assert "secret" not in str(refused.value).replace(str(path), "")
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        Ed25519Signer(path)
