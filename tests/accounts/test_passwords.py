"""Passwords: what is taken, how it is kept."""

import pytest

from workspace.accounts.passwords import Reason, hash_password, is_stale, reasons_against, verify_password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", Reason.TOO_SHORT),
        ("x" * 513, Reason.TOO_LONG),
        ("password", Reason.TOO_COMMON),
        ("PassWord", Reason.TOO_COMMON),
        ("пароль123", Reason.TOO_COMMON),
        ("aaaaaaaaaaaa", Reason.TOO_COMMON),
        ("olena@example.org", Reason.TELLS_WHO),
        ("Olena Hrytsenko", Reason.TELLS_WHO),
    ],
)
def test_a_weak_password_is_not_taken(password: str, reason: Reason) -> None:
    assert reasons_against(password, "olena@example.org", "Olena Hrytsenko") == [reason]


@pytest.mark.parametrize(
    "password", ["seven swans", "correct horse battery", "сім лебедів", "x9 " * 60, "ключ від дому 7"]
)
def test_no_kind_of_character_is_asked_for(password: str) -> None:
    assert reasons_against(password, "olena@example.org", "Olena") == []


def test_only_the_password_itself_opens_and_two_hashes_of_it_differ() -> None:
    one, other = (hash_password("seven swans", 1) for _ in range(2))
    assert one != other
    assert one.startswith("$argon2id$")
    assert verify_password("seven swans", one, 1)
    assert not verify_password("seven swan", one, 1)


def test_nothing_opens_an_account_without_a_password() -> None:
    assert not verify_password("nobody has this password", None, 1)


def test_the_way_a_keyboard_composes_letters_does_not_matter() -> None:
    assert verify_password("и\u0306ду додому", hash_password("йду додому", 1), 1)


def test_a_hash_of_former_times_is_known_as_one() -> None:
    assert is_stale(hash_password("seven swans", 1), 2)
    assert not is_stale(hash_password("seven swans", 2), 2)
