"""What a running answer stands on, asked again while it runs: decided anew as soon as anything of it has moved.

The rounds of the watching thread are taken by hand here; `test_cut_short.py` has it cut real connections.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.web.files_site import FilesSite, Reader
from tests.world import World
from workspace.accounts import app_passwords, sessions
from workspace.accounts.models import SignIn
from workspace.accounts.service import disable
from workspace.bodies.models import Official
from workspace.bodies.service import dismiss
from workspace.cloud import service as cloud
from workspace.cloud.things import locate_item
from workspace.cloud.transfer import move
from workspace.db.epochs import raise_epoch
from workspace.http import running
from workspace.http.running import RunningAnswers
from workspace.kernel.actors import Actor, Principal, Role, SubjectKind
from workspace.sharing import service
from workspace.sharing.rule import Level

LARGE = bytes(range(256)) * 12_000
ADMIN = Actor(administrator=True, host=True)


class Stand:
    """A citizen's large file in a folder, and a watch whose rounds the test takes itself."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "EVERY", 0.0)
        monkeypatch.setattr(RunningAnswers, "_watch", lambda self: None)
        self.world, self.site = world, FilesSite(world)
        self.answers: RunningAnswers = self.site.app.extensions["workspace_running"]
        self.olena = self.site.reader("Olena")
        assert self.olena.someone is not None
        self.owner = self.olena.someone
        self.folder = world.folder(self.owner.actor, self.owner.root_id, "Riser")
        self.file = world.upload(self.owner.actor, self.folder, "film.bin", LARGE).item.id

    def give(self, subject: Principal, **more: object) -> str:
        with self.world.writing(self.owner.actor) as work:
            thing = locate_item(work, self.folder)[1]
            return service.grant(work, thing, subject, Level.VIEW, **more).id  # type: ignore[arg-type]

    def begin(self, reader: Reader, path: str = "/files/item/{file}/download", **more: object) -> Iterator[bytes]:
        """A download that has begun: its first piece has been read. Everything it stands on has been asked."""
        answer = reader.client.get(path.format(file=self.file, folder=self.folder), buffered=False, **more)  # type: ignore[arg-type]
        assert answer.status_code in (200, 206)
        pieces = iter(answer.response)
        next(pieces)
        self.round()
        self.round()
        return pieces

    def round(self) -> None:
        self.answers.round()

    def goes_on(self, pieces: Iterator[bytes]) -> bool:
        """Whether another round leaves the answer to its end."""
        self.round()
        try:
            for _piece in pieces:
                pass
        except BrokenPipeError:
            return False
        return True


@pytest.fixture
def stand(embedded_world: World, monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(embedded_world, monkeypatch)


def person(reader: Reader) -> Principal:
    assert reader.someone is not None
    return Principal(SubjectKind.PERSON, reader.someone.id)


WAYS = ("/files/item/{file}/download", "/files/item/{file}/play", "/files/zip?item={folder}")


@pytest.mark.parametrize("way", WAYS)
def test_a_revoked_grant_cuts_downloads_players_and_zips(stand: Stand, way: str) -> None:
    petro = stand.site.reader("Petro")
    grant_id = stand.give(person(petro))
    pieces = stand.begin(petro, way)
    with stand.world.writing(stand.owner.actor) as work:
        service.revoke(work, locate_item(work, stand.folder)[1], grant_id)
    assert not stand.goes_on(pieces)


def test_what_has_not_ended_goes_on_and_is_not_decided_again(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    petro = stand.site.reader("Petro")
    stand.give(person(petro))
    pieces = stand.begin(petro)
    stand.round()
    monkeypatch.setattr(RunningAnswers, "_ask", None)  # whoever decided again would fail
    assert stand.goes_on(pieces)


def test_a_grant_that_is_changed_or_given_meanwhile_cuts_nothing(stand: Stand) -> None:
    petro = stand.site.reader("Petro")
    stand.give(person(petro))
    pieces = stand.begin(petro)
    stand.give(person(petro), purpose="another one")
    assert stand.goes_on(pieces)


def test_a_grant_that_ends_by_the_clock_cuts_at_that_time(stand: Stand) -> None:
    petro = stand.site.reader("Petro")
    stand.give(person(petro), valid_until=stand.world.clock.now() + timedelta(hours=1))
    pieces = stand.begin(petro)
    stand.world.clock.move(timedelta(minutes=59))
    stand.round()
    next(pieces)
    stand.world.clock.move(timedelta(minutes=1))
    assert not stand.goes_on(pieces)


def test_a_file_that_leaves_the_shared_folder_leaves_the_reader(stand: Stand) -> None:
    petro = stand.site.reader("Petro")
    stand.give(person(petro))
    pieces = stand.begin(petro)
    zipped = stand.begin(petro, "/files/zip?item={folder}")
    mine = stand.begin(stand.olena, "/files/zip?item={folder}")
    with stand.world.writing(stand.owner.actor) as work:
        move(work, stand.file, stand.owner.root_id)
    assert not stand.goes_on(pieces)
    assert not stand.goes_on(zipped)
    assert stand.goes_on(mine)


def test_an_official_who_is_removed_reads_no_further(stand: Stand) -> None:
    body, iryna = stand.world.make_body(), stand.site.reader("Iryna")
    assert iryna.someone is not None
    stand.world.appoint(iryna.someone, body, Role.HANDLER)
    stand.give(Principal(SubjectKind.BODY, body.id))
    pieces = stand.begin(iryna)
    with stand.world.writing(ADMIN) as work:
        dismiss(work, work.session.scalars(select(Official.id)).one())
    assert not stand.goes_on(pieces)


def test_a_closed_account_reads_no_further(stand: Stand) -> None:
    petro = stand.site.reader("Petro")
    stand.give(person(petro))
    pieces = stand.begin(petro)
    assert petro.someone is not None
    with stand.world.writing(ADMIN) as work:
        disable(work, petro.someone.id)
    assert not stand.goes_on(pieces)


def test_an_ended_session_reads_no_further_though_the_account_is_open(stand: Stand) -> None:
    pieces = stand.begin(stand.olena)
    with stand.world.writing(stand.owner.actor) as work:
        (session,) = work.session.scalars(select(SignIn.id).where(SignIn.person_id == stand.owner.id))
        sessions.end_session(work, session)
    assert not stand.goes_on(pieces)


def test_a_new_password_cuts_what_other_sessions_read(stand: Stand) -> None:
    pieces = stand.begin(stand.olena)
    with stand.world.writing(stand.owner.actor) as work:
        sessions.end_others(work, except_id="the one it was changed in")
    assert not stand.goes_on(pieces)


def test_a_revoked_app_password_cuts_its_program_alone(stand: Stand) -> None:
    with stand.world.writing(stand.owner.actor) as work:
        made = app_passwords.make_app_password(work, "backup")
    program = {"Authorization": f"Bearer {made.secret}"}
    path = "/api/v1/items/{file}/content"
    pieces = stand.begin(stand.site.anybody(), path, headers=program)
    browser = stand.begin(stand.olena)
    part = stand.begin(stand.site.anybody(), path, headers=program | {"Range": "bytes=1000-2900000"})
    with stand.world.writing(stand.owner.actor) as work:
        app_passwords.revoke_app_password(work, made.id)
    assert not stand.goes_on(pieces)
    assert not stand.goes_on(part)
    assert stand.goes_on(browser)


def test_an_answer_is_cut_where_nobody_can_be_asked_any_more(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = stand.begin(stand.olena)
    monkeypatch.setattr(running, "UNASKED", 0.0)
    with stand.world.writing(ADMIN) as work:
        raise_epoch(work, Principal(SubjectKind.PERSON, stand.owner.id))
    monkeypatch.setattr(cloud, "locate_item", None)
    assert not stand.goes_on(pieces)


def test_small_answers_are_gone_before_anybody_could_end_them_and_are_not_watched(stand: Stand) -> None:
    small = stand.world.upload(stand.owner.actor, stand.folder, "note.txt", b"small").item.id
    answer = stand.olena.client.get(f"/files/item/{small}/download", buffered=False)
    assert next(iter(answer.response)) == b"small"
    assert not stand.answers._running
