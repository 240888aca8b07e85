"""Passwords: hashing (argon2id, RFC 9106) and the rules for new ones (NIST SP 800-63B, ASVS 6.2)."""

import unicodedata
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
ADVISED = 15
LONGEST = 512
MEMORY = 19 * 1024  # KiB; with a time cost of 2 and more this is what OWASP asks for


class Reason(StrEnum):
    """Why a new password is not taken. No rule asks for kinds of characters: length and rarity make passwords good."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_COMMON = "too_common"
    TELLS_WHO = "tells_who"


def normal(text: str) -> str:
    """The same password however a keyboard composes its letters (NFC, as RFC 8265 asks)."""
    return unicodedata.normalize("NFC", text)


def reasons_against(text: str, *about: str) -> list[Reason]:
    """Why this password should not be taken; empty when it may. `about`: the person's address and name."""
    text = normal(text)
    if len(text) < SHORTEST:
        return [Reason.TOO_SHORT]
    if len(text) > LONGEST:
        return [Reason.TOO_LONG]
    plain = text.lower()
    if plain in common() or len(set(plain)) < 3:
        return [Reason.TOO_COMMON]
    words = {one.strip().lower() for value in about for one in (value, value.partition("@")[0])}
    return [Reason.TELLS_WHO] if plain in words else []


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The passwords that guessers try first; a file beside this one, nothing is asked of the network."""
    lines = Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def hash_password(text: str, cost: int) -> str:
    """argon2id with a fresh salt; `cost` is its time cost (`Settings.password_hash_cost`)."""
    return _hasher(cost).hash(normal(text))


def verify_password(text: str, known: str | None, cost: int) -> bool:
    """Whether this is the password behind the hash. Takes as long where there is none, so that nobody learns of it."""
    try:
        return _hasher(cost).verify(known or _nobody(cost), normal(text)) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def is_stale(known: str, cost: int) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher(cost).check_needs_rehash(known)


@lru_cache(maxsize=8)
def _hasher(cost: int) -> PasswordHasher:
    return PasswordHasher(time_cost=cost, memory_cost=MEMORY, parallelism=1)


@lru_cache(maxsize=8)
def _nobody(cost: int) -> str:
    return _hasher(cost).hash("nobody has this password")
