"""A restored backup: what had ended before it was lost ends again, and the log says what is missing."""

import shutil

from sqlalchemy import select, update

from tests.jobs.keeping import keep_log
from tests.world import World
from workspace.accounts import service as accounts
from workspace.accounts.models import Person
from workspace.bodies import service as bodies
from workspace.bodies.models import Official
from workspace.cloud.things import locate_item
from workspace.db.facts import FactRow
from workspace.jobs.recovery import recover
from workspace.kernel.actors import COMMAND, WORKER, Principal, Role, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.sharing import service as sharing
from workspace.sharing.authorize import allowed
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level
from workspace.trust.log import head
from workspace.trust.verify import verify_log


def ended(world: World) -> tuple[bool, bool, bool]:
    with world.reading(WORKER) as work:
        grant = work.session.scalar(select(Grant.revoked_at))
        person = work.session.scalar(select(Person.disabled_at).where(Person.name == "Petro"))
        official = work.session.scalar(select(Official.dismissed_at))
    return grant is not None, person is not None, official is not None


def a_history(world: World):
    """Olena shared with Petro and took it back; Petro was disabled; an official was dismissed."""
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    item = world.upload(olena.actor, olena.root_id, "a.txt", b"x").item.id
    world.appoint(world.make_person("Iryna"), world.make_body(), Role.HANDLER)
    with world.writing(olena.actor) as work:
        _, thing = locate_item(work, item)
        grant = sharing.grant(work, thing, Principal(SubjectKind.PERSON, petro.id), Level.VIEW)
    return olena, petro, item, grant


def end_it_all(world: World, olena, petro, item, grant):
    with world.writing(olena.actor) as work:
        sharing.revoke(work, locate_item(work, item)[1], grant.id)
    with world.writing(COMMAND) as work:
        accounts.disable(work, petro.id)
        bodies.dismiss(work, work.session.scalar(select(Official.id)))


def test_revoked_disabled_and_dismissed_stay_so_after_a_restore(world):
    olena, petro, item, grant = a_history(world)
    end_it_all(world, olena, petro, item, grant)
    assert ended(world) == (True, True, True)
    with world.writing(WORKER) as work:  # the older backup
        work.session.execute(update(Grant).values(revoked_at=None, revoked_by=None))
        work.session.execute(update(Person).values(disabled_at=None))
        work.session.execute(update(Official).values(dismissed_at=None))
    assert recover(world.runtime) == 3
    assert ended(world) == (True, True, True)
    assert recover(world.runtime) == 0
    with world.reading(petro.actor) as work:
        assert not allowed(work, Action.SEE, locate_item(work, item)[1])
    with world.reading(WORKER) as work:
        kinds = work.session.scalars(select(FactRow.kind).where(FactRow.kind == FactKind.REVOKED.value)).all()
        assert len(kinds) == 2


def test_who_was_enabled_again_stays_enabled(world):
    petro = world.make_person("Petro")
    with world.writing(COMMAND) as work:
        accounts.disable(work, petro.id)
    with world.writing(COMMAND) as work:
        accounts.enable(work, petro.id)
    assert recover(world.runtime) == 0


def test_a_worker_that_finds_an_older_database_continues_the_log_and_ends_what_had_ended(embedded_world):
    """The whole file of the database goes back to what it was; the journal does not."""
    world = embedded_world
    story = a_history(world)
    keep_log(world)
    world.runtime.database.dispose()
    database = world.instance / "workspace.db"
    for one in world.instance.glob("workspace.db-*"):
        one.unlink(missing_ok=True)
    shutil.copy(database, world.instance / "backup.db")
    end_it_all(world, *story)
    keep_log(world)
    with world.reading(WORKER) as work:
        lost = head(work)
    world.runtime.database.dispose()
    for one in world.instance.glob("workspace.db-*"):
        one.unlink(missing_ok=True)
    shutil.copy(world.instance / "backup.db", database)
    assert ended(world) == (False, False, False)
    keep_log(world)
    assert ended(world) == (True, True, True)
    with world.reading(WORKER) as work:
        now = head(work)
        assert now.log_id != lost.log_id
        assert verify_log(work, world.runtime.ports.journal) == []
