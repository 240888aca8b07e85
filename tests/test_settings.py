"""Settings: one value from the environment; a bad one stops the start with a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workspace.settings import Settings, SettingsError, from_environment


def test_an_empty_environment_is_one_machine_with_sqlite_and_files() -> None:
    settings = from_environment({})
    assert settings == Settings()
    assert settings.database.startswith("sqlite:///")
    assert settings.objects.startswith("file://")


def test_a_secret_may_stand_in_a_file_instead_of_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "database-url"
    file.write_text("postgresql+psycopg://user:secret@host/name\n")
    settings = from_environment({"WORKSPACE_DATABASE_URL_FILE": str(file)})
    assert settings.database == "postgresql+psycopg://user:secret@host/name"


def test_a_variable_wins_over_its_file(tmp_path: Path) -> None:
    values = {"WORKSPACE_LANGUAGE": "en", "WORKSPACE_LANGUAGE_FILE": str(tmp_path / "absent")}
    assert from_environment(values).language == "en"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKSPACE_BASE_URL", "cloud.example.org"),
        ("WORKSPACE_BASE_URL", "https://example.org/cloud"),
        ("WORKSPACE_BIND", "localhost:8000"),
        ("WORKSPACE_BIND", "127.0.0.1"),
        ("WORKSPACE_DATABASE_URL", "mysql://host/name"),
        ("WORKSPACE_OBJECTS_URL", "/var/objects"),
        ("WORKSPACE_KEYRING_URL", "redis://host"),
        ("WORKSPACE_MAIL_URL", "mail.example.org"),
        ("WORKSPACE_WORKERS", "two"),
        ("WORKSPACE_LANGUAGE", "fr"),
        ("WORKSPACE_INLINE_LIMIT", str(1 << 30)),
        ("WORKSPACE_MAIL_URL_FILE", "/absent/mail-url"),
    ],
)
def test_a_malformed_setting_is_named_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        from_environment({name: value})
    sentence = str(stopped.value)
    assert name in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
