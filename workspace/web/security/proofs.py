"""Ours in place of Flask-Security's own: hashing, codes that work once, recovery codes kept as hashes, passkeys."""

import hmac
import secrets
from hashlib import sha256
from io import BytesIO
from typing import Any

import qrcode
import qrcode.image.svg
from argon2.low_level import Type, hash_secret_raw
from flask import Flask
from flask_security import MfRecoveryCodesUtil, PasswordUtil, Totp, UserMixin, WebauthnUtil
from markupsafe import Markup
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from workspace.accounts import passwords
from workspace.http.request import runtime
from workspace.kernel.ids import ALPHABET
from workspace.web.security.messages import reason_words

CODES = 10
CODE_LENGTH = 16  # of an alphabet of 32: 80 bits


class Hashing:
    """Stands where Flask-Security keeps a passlib context: one way of hashing passwords for all doors."""

    def __init__(self, cost: int) -> None:
        self._cost = cost

    def hash(self, secret: str, **_: Any) -> str:
        return passwords.hash_password(secret, self._cost)

    def verify(self, secret: str, known: str | None) -> bool:
        return passwords.verify_password(secret, known, self._cost)

    def identify(self, known: str) -> str:
        return "argon2"

    def needs_update(self, known: str) -> bool:
        return passwords.is_stale(known, self._cost)


class Fingerprints:
    """Stands where Flask-Security hashes addresses into its links: keyed and quick, so that time tells nothing."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def hash(self, data: bytes | str) -> str:
        raw = data.encode() if isinstance(data, str) else data
        return hmac.new(self._key, raw, sha256).hexdigest()

    def verify(self, data: bytes | str, known: str) -> bool:
        return hmac.compare_digest(self.hash(data), known)


class Passwords(PasswordUtil):
    """The rules for new passwords are those of `accounts.passwords`, told in sentences."""

    def normalize(self, password: str) -> str:
        return passwords.normal(password)

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        person = about.get("user")
        known = (person.email, person.name) if person is not None else (about.get("email"), about.get("name"))
        reasons = passwords.reasons_against(password, *(one for one in known if one))
        return [reason_words(one) for one in reasons] or None, passwords.normal(password)


class Codes(Totp):
    """One-time codes (RFC 6238); a code that has been taken is not taken again."""

    def get_last_counter(self, user: UserMixin) -> int | None:
        counter: int | None = user.totp_counter  # type: ignore[attr-defined]
        return counter

    def set_last_counter(self, user: UserMixin, tmatch: Any) -> None:
        user.totp_counter = tmatch.counter  # type: ignore[attr-defined]

    def generate_qrcode(self, username: str, totp: str) -> Markup:  # type: ignore[override]
        """The picture to scan, as SVG inside the page: nothing is loaded from a data address."""
        picture = qrcode.make(self.get_totp_uri(username, totp), image_factory=qrcode.image.svg.SvgPathImage, border=2)
        with BytesIO() as file:
            picture.save(file)
            text = file.getvalue().decode()
        return Markup(text[text.index("<svg") :])  # noqa: S704 - made here, from our own address


class RecoveryCodes(MfRecoveryCodesUtil):
    """Ten codes, each for one sign-in. Kept as argon2id hashes with one salt, so that a check costs one hash."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        salt = secrets.token_bytes(16)
        codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
        user.mf_recovery_codes = [f"{salt.hex()}:{_code_hash(code, salt)}" for code in codes]
        return ["-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4)) for code in codes]

    def get_recovery_codes(self, user: UserMixin) -> list[str]:
        """None: they were shown once and cannot be shown again."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        return self._index(user, code) is not None

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        at = self._index(user, code)
        if at is None:
            return False
        kept = list(user.mf_recovery_codes or [])
        del kept[at]
        user.mf_recovery_codes = kept
        return True

    @staticmethod
    def _index(user: UserMixin, code: str) -> int | None:
        kept = user.mf_recovery_codes or []
        if not kept:
            return None
        salt = bytes.fromhex(kept[0].partition(":")[0])
        typed = _code_hash("".join(one for one in code.lower() if one.isalnum()), salt)
        matches = [at for at, one in enumerate(kept) if hmac.compare_digest(one.partition(":")[2], typed)]
        return matches[0] if matches else None


class Passkeys(WebauthnUtil):
    """Passkeys (W3C Web Authentication level 3): the origin is the configured one, never what a header says."""

    def origin(self) -> str:
        return runtime().settings.base_url.rstrip("/")

    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        """Without a password the key itself asks for a finger, a face or a code; as second step it need not."""
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.DISCOURAGED
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.PREFERRED if "first" in usage else UserVerificationRequirement.DISCOURAGED


def _code_hash(code: str, salt: bytes) -> str:
    cost = runtime().settings.password_hash_cost
    raw = hash_secret_raw(code.encode(), salt, cost, passwords.MEMORY, 1, 32, Type.ID)
    return raw.hex()
