"""Nextcloud's real desktop client, as a command, against running instances: two computers of one person, and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.dav.syncing import Synced, fill
from tests.parts.faults import share
from tests.parts.instances import Instance, Instances
from tests.parts.worlds import STACKS
from workspace.accounts.models import Person
from workspace.app import wire
from workspace.cloud.models import Item
from workspace.cloud.things import locate_item
from workspace.kernel.actors import COMMAND, Actor, Principal, SubjectKind
from workspace.settings import from_environment
from workspace.sharing.rule import Level
from workspace.sharing.service import grant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(share(900, 2700))]
MINUTE = 60


@dataclass
class Household:
    """People of one instance and their computers."""

    place: Instance
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def person(self, name: str) -> str:
        """Somebody new; their address."""
        self.made += 1
        email = f"{name}.{self.made}@example.org"
        self.place.add_person(email, name.title())
        self.secrets[email] = self.place.quick("user", "app-password", email, "--label", "sync").strip()
        return email

    def share(self, owner: str, name: str, reader: str) -> None:
        """A folder of the owner's, to be read."""
        runtime = wire(from_environment(self.place.environment))
        with runtime.reading(COMMAND) as work:
            ids = dict(work.session.execute(select(Person.email, Person.id)).all())
            item = work.session.scalars(select(Item).where(Item.name == name, Item.made_by == ids[owner])).one()
            _, thing = locate_item(work, item.id)
        with runtime.writing(Actor(person_id=ids[owner])) as work:
            grant(work, thing, Principal(SubjectKind.PERSON, ids[reader]), Level.VIEW)
            work.commit()
        runtime.database.dispose()

    def computer(self, email: str) -> Synced:
        """Another computer of theirs, with an empty folder."""
        self.made += 1
        return Synced(self.place, self.folder / f"computer {self.made}", email, self.secrets[email])


@pytest.fixture(scope="module", params=STACKS)
def household(request: pytest.FixtureRequest, instances: Instances, tmp_path_factory) -> Household:
    place = instances.start(request.param)
    return Household(place, tmp_path_factory.mktemp("computers"))


Computers = Callable[[], Synced]


@pytest.fixture
def another(household: Household) -> Computers:
    """Computers of one person."""
    email = household.person("olena")
    return lambda: household.computer(email)


def test_files_go_up_and_come_down_byte_for_byte_with_their_times(another: Computers) -> None:
    first, second = another(), another()
    fill(first, share(100, 2000))
    before = first.tree()
    first.sync()
    assert first.tree() == before, "what was sent is not touched"
    second.sync()
    assert second.tree() == before
    assert second.sync().count("PROPFIND") == 1, "one question where nothing has changed"


def test_changes_on_both_sides_meet(another: Computers) -> None:
    first, second = another(), another()
    for name in ("edited there", "edited here", "deleted there", "renamed there", "deep/er/kept", "moved/from/file"):
        first.write(name, name.encode())
    first.sync()
    second.sync()
    second.write("edited there", b"by the second", 1_600_000_100)
    (second.folder / "deleted there").unlink()
    (second.folder / "renamed there").rename(second.folder / "deep" / "renamed")
    (second.folder / "moved" / "from").rename(second.folder / "to")
    second.write("new/there", b"x")
    first.write("edited here", b"by the first", 1_600_000_200)
    first.write("deep/er/new here", b"y")
    requests = second.sync()
    assert requests.count("MOVE") == 2, "what moves is not sent again"
    first.sync()
    second.sync()
    assert first.tree() == second.tree()
    assert {name.decode() for name, found in first.tree().items() if found} == {
        "edited there", "edited here", "deep/renamed", "deep/er/kept", "deep/er/new here", "to/file", "new/there"
    }  # fmt: skip
    assert first.tree()[b"edited there"] == (b"by the second", 1_600_000_100)


def test_both_edits_of_one_file_are_kept(another: Computers) -> None:
    first, second = another(), another()
    first.write("act.txt", b"as it was")
    first.sync()
    second.sync()
    first.write("act.txt", b"edited by the first", 1_600_000_100)
    second.write("act.txt", b"edited by the second", 1_600_000_200)
    first.sync()
    second.sync()
    files = {name: found[0] for name, found in second.tree().items() if found}
    assert files.pop(b"act.txt") == b"edited by the first"
    ((name, content),) = files.items()
    assert b"conflicted copy" in name
    assert content == b"edited by the second"


def test_two_new_files_of_one_name_are_both_kept(another: Computers) -> None:
    """The client sends the second without a condition: it is refused, and keeps its own beside."""
    first, second = another(), another()
    first.sync()
    second.sync()
    first.write("minutes.txt", b"taken by the first")
    second.write("minutes.txt", b"taken by the second")
    first.sync()
    second.sync()
    assert {found[0] for found in second.tree().values() if found} == {b"taken by the first", b"taken by the second"}
    first.sync()
    assert first.tree()[b"minutes.txt"] == (b"taken by the first", 1_600_000_000)


def test_a_large_file_that_changed_meanwhile_is_not_overwritten(another: Computers) -> None:
    first, second = another(), another()
    first.write("film.bin", b"1" * (12 << 20))
    first.sync()
    second.sync()
    first.write("film.bin", b"2" * (12 << 20), 1_600_000_100)
    second.write("film.bin", b"3" * (12 << 20), 1_600_000_200)
    first.sync()
    second.sync()
    assert {found[0][:1] for found in second.tree().values() if found} == {b"2", b"3"}
    first.sync()
    assert first.tree()[b"film.bin"] == (b"2" * (12 << 20), 1_600_000_100)


def test_a_read_only_share_is_read_and_stays_as_it_is(household: Household) -> None:
    owner, reader = household.person("petro"), household.person("olena")
    theirs, mine = household.computer(owner), household.computer(reader)
    theirs.write("plans/a.txt", b"from petro")
    theirs.sync()
    household.share(owner, "plans", reader)
    mine.write("own.txt", b"mine")
    mine.sync()
    shared = mine.folder / "Shared with me" / "plans" / "a.txt"
    assert shared.read_bytes() == b"from petro"
    assert not shared.stat().st_mode & 0o222, "the client marks it as what may not be written"
    shared.chmod(0o644)
    shared.write_bytes(b"edited by the reader")
    mine.sync()
    assert shared.read_bytes() == b"from petro"
    theirs.write("plans/a.txt", b"petro again", 1_600_000_300)
    theirs.sync()
    assert theirs.tree().keys() == {b"plans", b"plans/a.txt"}, "nothing of the reader's came"
    mine.sync()
    assert shared.read_bytes() == b"petro again"


def test_a_wrong_password_changes_nothing(another: Computers) -> None:
    first = another()
    first.write("a", b"1")
    before = first.tree()
    first.secret = "cw-00000000-" + "0" * 32
    first.sync(expect=1)
    assert first.tree() == before
