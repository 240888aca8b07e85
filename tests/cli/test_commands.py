"""The `workspace` command as hosts and their scripts use it: outputs, statuses, sentences."""

import base64
import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.jobs.keeping import keep_log_of
from workspace.__main__ import PROGRAMS
from workspace.accounts.app_passwords import verify_app_password
from workspace.accounts.models import Person
from workspace.accounts.passwords import verify_password
from workspace.accounts.service import add_person
from workspace.bodies.queries import appointments_of
from workspace.cli import cli
from workspace.cloud.spaces import open_personal_space
from workspace.kernel.actors import COMMAND, Role
from workspace.kernel.errors import KeyDestroyed
from workspace.settings import from_environment
from workspace.storage.master import create_master_key

pytestmark = pytest.mark.slow

NEWER = "The database was made by a newer version of this program; start that one."
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
    keep_log_of(wired())
    assert json.loads(done("check", "--deep", "--json"))["findings"] == []
    assert done("log", "verify").startswith("The log holds: ")


# these look into no database, or are processes of their own (below)
APART = {("settings",), ("serve",), ("worker",), ("up",)}
# these neither: they work on backups and on the keyring, and `restore` on an empty instance alone
APART |= {("backups",), ("backup-keyring",), ("restore-keyring",), ("restore",), ("move",)}


def leaves(command: click.Command, way: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command by its words."""
    if not isinstance(command, click.Group):
        return {way: command}
    return {one: leaf for name, below in command.commands.items() for one, leaf in leaves(below, (*way, name)).items()}


def something_for(one: click.Parameter, folder: Path) -> list[str]:
    """Words for a parameter that must be given."""
    choices = getattr(one.type, "choices", None)
    value = str(choices[0]) if choices else str(folder) if isinstance(one.type, click.Path) else "a@example.org"
    return [value] if isinstance(one, click.Argument) else [one.opts[0], value]


@pytest.mark.parametrize("way", sorted(set(leaves(cli)) - APART), ids=" ".join)
def test_tables_of_a_newer_program_are_refused_with_one_sentence(ready, tmp_path, way):
    needed = [one for one in leaves(cli)[way].params if one.required]
    words = [word for one in needed for word in something_for(one, tmp_path)]
    spoil(ready / "workspace.db")
    result = run(*way, *words)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {NEWER}\n"


@pytest.mark.parametrize("name", ["serve", "worker", "up"])
def test_neither_pages_nor_jobs_begin_over_tables_of_a_newer_program(ready, name):
    spoil(ready / "workspace.db")
    command = [sys.executable, "-m", "workspace", name]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert NEWER in ended.stderr
    assert "Traceback" not in ended.stderr


def spoil(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")


def test_a_master_key_from_the_environment_is_shown_nowhere_and_makes_no_file(instance, monkeypatch):
    key = base64.b64encode(os.urandom(32)).decode()
    monkeypatch.setenv("WORKSPACE_MASTER_KEY", key)
    assert "WORKSPACE_MASTER_KEY in a safe place" in done("init")
    assert not (instance / "secrets" / "master.key").exists()
    assert done("init").endswith("ready, as before.\n")
    assert key not in done("settings") + repr(from_environment())
    assert "newest  0 clouds" in done("keys", "list")


def test_the_master_key_is_rotated_and_its_ids_say_what_lies_under_them(ready):
    with wired().writing(COMMAND) as work:
        spaces = [open_personal_space(work, add_person(work, f"{name}@example.org", name).id).id for name in "abc"]
        work.commit()
    (old,) = json.loads(done("keys", "list", "--json"))["keys"]
    assert old["clouds"] == 3
    said = done("keys", "rotate")
    assert "Keys wrapped anew" in said
    assert f"The old master key {old['id']} is forgotten." in said
    wired().ports.keyring.destroy(spaces[0])
    found = json.loads(done("keys", "list", "--json"))
    assert [(one["clouds"], one["at_hand"]) for one in found["keys"]] == [(2, True)]
    assert found["keys"][0]["id"] != old["id"]
    assert found["destroyed"] == 1
    assert len(wired().ports.keyring.key(spaces[1])) == 32


def test_a_key_that_is_not_at_hand_is_named(ready):
    with wired().writing(COMMAND) as work:
        open_personal_space(work, add_person(work, "a@example.org", "A").id)
        work.commit()
    path = ready / "secrets" / "master.key"
    path.unlink()
    create_master_key(path)
    assert "not at hand  1 clouds" in done("keys", "list")


def test_a_person_is_erased_at_once_after_the_address_was_written_again(ready):
    with wired().writing(COMMAND) as work:
        person_id = add_person(work, "olena@example.org", "Olena").id
        space_id = open_personal_space(work, person_id).id
        work.commit()
    wrong = run("user", "erase", "olena@example.org", text="petro@example.org\n")
    assert (wrong.exit_code, "nothing was done" in wrong.stderr) == (1, True)
    assert len(wired().ports.keyring.key(space_id)) == 32
    assert "The key is destroyed." in done("user", "erase", "olena@example.org", text="Olena@example.org\n")
    with pytest.raises(KeyDestroyed):
        wired().ports.keyring.key(space_id)
    assert "Nobody here has the address" in run("user", "erase", "olena@example.org", "--yes").stderr
    assert done("check").startswith("Clean")


def test_the_last_administrator_is_not_erased(ready):
    done("user", "add", "host@example.org", "--name", "Host", "--admin")
    assert "only administrator" in run("user", "erase", "host@example.org", "--yes").stderr


def test_a_check_says_what_it_mended_and_is_clean_the_next_time(ready):
    with wired().writing(COMMAND) as work:
        space = open_personal_space(work, add_person(work, "a@example.org", "A").id)
        space.used_bytes = 5
        work.commit()
    assert "--repair mends this" in run("check").stdout
    mended = run("check", "--repair")
    assert mended.exit_code == 1
    assert "mended: The room is counted anew." in mended.stdout
    assert "1 findings, 1 mended" in mended.stdout
    assert done("check").startswith("Clean")
    assert json.loads(done("check", "--json"))["findings"] == []
