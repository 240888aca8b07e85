"""After a restore without its journal an administrator sees what is suspended, in numbers, and decides."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.web.keeper import Office
from tests.world import Someone
from workspace.accounts.app_passwords import app_passwords, make_app_password
from workspace.accounts.restored import suspend_app_passwords
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.sharing import service as sharing
from workspace.sharing.authorize import allowed
from workspace.sharing.links import make_link
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level
from workspace.sharing.suspension import suspend_grants
from workspace.trust.journal import REVOKED

PAGE = "/admin/restored/"


@pytest.fixture
def shared(office: Office) -> tuple[Someone, Someone, str, str]:
    """Olena shares a file with Petro and by a link, and has an app password; then everything is suspended."""
    world = office.site.world
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    item = world.upload(olena.actor, olena.root_id, "deed.pdf", b"x").item.id
    with world.writing(olena.actor) as work:
        grant = sharing.grant(work, world.thing(item), Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
        make_link(work, world.thing(item), Level.VIEW)
        make_app_password(work, "rclone")
    with world.writing(WORKER) as work:
        assert suspend_grants(work) == 2
        assert suspend_app_passwords(work) == 1
    return olena, petro, item, grant.id


def sees(office: Office, someone: Someone, item_id: str) -> bool:
    world = office.site.world
    with world.reading(someone.actor) as work:
        return allowed(work, Action.SEE, world.thing(item_id))


def test_an_administrator_is_told_and_sees_numbers_but_no_names(office: Office, shared) -> None:
    olena, petro, item, _grant = shared
    assert not sees(office, petro, item)
    assert sees(office, olena, item)
    assert "are suspended" in office.text("/admin/")
    page = office.text(PAGE)
    assert "deed.pdf" not in page
    assert "Petro" not in page
    assert page.count('<dd class="cw-num">1</dd>') == 3


def test_what_is_released_holds_again_but_not_what_the_journal_knows_as_revoked(office: Office, shared) -> None:
    olena, petro, item, grant_id = shared
    world = office.site.world
    other = world.make_person("Iryna")
    office.send(PAGE, PAGE + "release")
    assert sees(office, petro, item)
    with world.reading(olena.actor) as work:
        assert len(app_passwords(work)) == 1
    with world.writing(WORKER) as work:
        suspend_grants(work)
        work.ports.journal.write(REVOKED, {"grant": grant_id})
    office.send(PAGE, PAGE + "release")
    assert not sees(office, petro, item)
    assert not sees(office, other, item)
    assert "Nothing is suspended" in office.text(PAGE)


def test_what_is_ended_for_good_stays_so_and_stands_in_the_journal(office: Office, shared) -> None:
    olena, petro, item, grant_id = shared
    world = office.site.world
    office.send(PAGE, PAGE + "end")
    assert not sees(office, petro, item)
    with world.reading(WORKER) as work:
        assert work.session.scalars(select(Grant).where(Grant.suspended_at.is_not(None))).all() == []
    with world.reading(olena.actor) as work:
        assert app_passwords(work) == []
    ended = [one["values"] for one in world.runtime.ports.journal.entries() if one["kind"] == REVOKED]
    assert grant_id in [one.get("grant") for one in ended]
