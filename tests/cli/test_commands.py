"""The `workspace` command as hosts and their scripts use it: outputs, statuses, sentences."""

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workspace.__main__ import PROGRAMS
from workspace.accounts.app_passwords import verify_app_password
from workspace.accounts.models import Person
from workspace.accounts.passwords import verify_password
from workspace.bodies.queries import appointments_of
from workspace.cli import cli
from workspace.kernel.actors import COMMAND, Role
from workspace.settings import from_environment

PASSWORD = "correct horse battery staple"


@pytest.fixture
def instance(tmp_path, monkeypatch) -> Path:
    for name in [name for name in os.environ if name.startswith("WORKSPACE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKSPACE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("WORKSPACE_PASSWORD_HASH_COST", "1")
    return tmp_path / "instance"


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, obj=PROGRAMS, input=text)


def done(*arguments: str, text: str | None = None) -> str:
    result = run(*arguments, text=text)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def ready(instance) -> Path:
    done("init")
    return instance


def wired():
    return PROGRAMS.wire(from_environment())


def test_init_makes_secrets_closed_to_others_and_changes_nothing_the_second_time(instance):
    assert "Keep a copy of" in done("init")
    secrets = {path.name: path.read_bytes() for path in (instance / "secrets").iterdir()}
    assert {"master.key", "log.key", "web.key", "codes.key"} <= set(secrets)
    for path in (instance / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert done("init") == f"The instance {instance} is ready, as before.\n"
    assert {path.name: path.read_bytes() for path in (instance / "secrets").iterdir()} == secrets


def test_nothing_works_on_an_instance_that_is_not_prepared_and_one_sentence_says_so(instance):
    result = run("check")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "workspace init" in result.stderr


@pytest.mark.parametrize("name", ["master.key", "log.key"])
def test_a_secret_that_is_gone_is_asked_for_and_never_made_anew(ready, name):
    (ready / "secrets" / name).unlink()
    result = run("init")
    assert result.exit_code == 1
    assert "restore it from its backup" in result.stderr
    assert not (ready / "secrets" / name).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKSPACE_BASE_URL", "cloud.example.org"),
        ("WORKSPACE_WORKERS", "many"),
        ("WORKSPACE_DATABASE_URL", "mysql://x"),
        ("WORKSPACE_BIND", "8000"),
    ],
)
def test_a_malformed_setting_is_named_with_what_would_be_right(ready, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    result = run("check")
    assert result.exit_code == 1
    assert name in result.stderr
    assert result.stderr.count("\n") == 1


def test_settings_are_shown_without_passwords(instance, monkeypatch):
    monkeypatch.setenv("WORKSPACE_OBJECTS_URL", "s3://ACCESS:hidden-secret@127.0.0.1:1/b?tls=0")
    monkeypatch.setenv("WORKSPACE_DATABASE_URL", "postgresql+psycopg://user:hidden-secret@host/name")
    shown = done("settings")
    assert "hidden-secret" not in shown
    assert "WORKSPACE_OBJECTS_URL=s3://ACCESS:…@127.0.0.1:1/b?tls=0" in shown
    assert done("settings", "--example") == (Path(__file__).parents[2] / "deploy" / "env.example").read_text()


def test_a_person_is_added_and_can_sign_in_with_the_password_given(ready):
    person_id = done("user", "add", "Olena@Example.org", "--name", "Olena", "--password-stdin", text=PASSWORD + "\n")
    with wired().reading(COMMAND) as work:
        person = work.session.get_one(Person, person_id.strip())
    assert person.email == "olena@example.org"
    assert person.confirmed_at is not None
    assert not person.administrator
    assert verify_password(PASSWORD, person.password, 1)


def test_an_administrator_without_a_password_chooses_one_later(ready):
    person_id = done("user", "add", "host@example.org", "--name", "Host", "--admin").strip()
    with wired().reading(COMMAND) as work:
        person = work.session.get_one(Person, person_id)
    assert person.administrator
    assert person.password is None


def test_an_address_that_is_here_or_a_weak_password_is_refused_with_a_sentence(ready):
    done("user", "add", "olena@example.org", "--name", "Olena")
    again = run("user", "add", "olena@example.org", "--name", "Olena")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    weak = run("user", "add", "petro@example.org", "--name", "Petro", "--password-stdin", text="12345678\n")
    assert (weak.exit_code, weak.stderr.count("\n")) == (1, 1)
    assert "password" in weak.stderr


def test_an_app_password_is_printed_alone_and_opens_the_door(ready):
    done("user", "add", "olena@example.org", "--name", "Olena")
    secret = done("user", "app-password", "olena@example.org", "--label", "rclone")
    assert secret.count("\n") == 1
    assert verify_app_password(wired(), secret.strip(), "olena@example.org")[1].name == "Olena"
    assert run("user", "app-password", "nobody@example.org", "--label", "x").exit_code == 1


def test_a_body_and_its_staff_are_added(ready):
    body_id = done("body", "add", "housing", "--name", "Department of Housing", "--email", "h@example.org").strip()
    person_id = done("user", "add", "iryna@example.org", "--name", "Iryna").strip()
    done("body", "staff", "housing", "iryna@example.org", "--role", "registrar")
    with wired().reading(COMMAND) as work:
        (post,) = appointments_of(work, person_id)
    assert (post.body_id, post.role) == (body_id, Role.REGISTRAR)
    assert run("body", "staff", "nowhere", "iryna@example.org", "--role", "head").exit_code == 1
    assert run("body", "staff", "housing", "nobody@example.org", "--role", "head").exit_code == 1
    assert run("body", "staff", "housing", "iryna@example.org", "--role", "king").exit_code == 2
    assert run("body", "add", "housing", "--name", "Again", "--email", "h@example.org").exit_code == 1


def test_check_and_log_verify_say_clean_and_what_they_looked_at(ready):
    assert done("check").startswith("Clean: ")
    answer = json.loads(done("check", "--deep", "--json"))
    assert answer["clean"] is True
    assert answer["findings"] == []
    assert done("log", "verify") == "The log is empty.\n"


def test_check_and_log_verify_end_with_status_1_where_they_find_something(ready):
    (ready / "journal" / "2026-01.jsonl").write_bytes(b'{"torn')
    result = run("check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["findings"][0]["kind"] == "log"
    assert run("log", "verify").exit_code == 1
    assert "torn" in run("log", "verify").stdout


@pytest.mark.slow
def test_the_demo_is_made_once_with_passwords_of_its_own_and_never_among_people(ready):
    shown = done("demo")
    kept = ready / "demo-accounts.txt"
    assert kept.read_text() == shown
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    email, password = shown.split("\n")[0].split()[:2]
    with wired().reading(COMMAND) as work:
        person = next(one for one in work.session.query(Person) if one.email == email)
    assert verify_password(password, person.password, 1)
    again = run("demo")
    assert again.exit_code == 1
    assert "empty" in again.stderr
    assert kept.read_text() == shown
    assert done("check", "--deep").startswith("Clean: ")
