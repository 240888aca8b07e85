"""The directory: everybody reads it, administrators keep it, officials come and go with effect at once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.world import World
from workspace.bodies import queries, service
from workspace.bodies.kinds import BodyKind
from workspace.bodies.values import BodyValues
from workspace.db.epochs import Epoch
from workspace.db.facts import FactRow
from workspace.kernel.actors import ANONYMOUS, COMMAND, Appointment, Role
from workspace.kernel.errors import Forbidden, NameTaken, NotAcceptable, SignInRequired, WrongState

HOUSING = BodyValues("housing", "Department of Housing", "department", "housing@city.example", territory="Зеленогірськ")


def test_anybody_finds_a_body_also_by_cyrillic_words_and_by_kind(world: World) -> None:
    with world.writing(COMMAND) as work:
        service.add_body(work, replace(HOUSING, slug="council", name="Council", kind="council"))
        service.add_body(work, replace(HOUSING, superior="council", competence="Дахи та стояки"))
    with world.reading(ANONYMOUS) as work:
        assert [one.slug for one in queries.directory(work, "СТОЯК")] == ["housing"]
        assert [one.slug for one in queries.directory(work, "зеленогірськ")] == ["council", "housing"]
        assert [one.slug for one in queries.directory(work, kind="council")] == ["council"]
        page = queries.body(work, "housing")
        assert page.superior is not None
        assert (page.superior.slug, page.receives, page.officials) == ("council", True, ())
        assert [one.slug for one in queries.body(work, "council").inferior] == ["housing"]


def test_only_an_administrator_keeps_the_directory(world: World) -> None:
    olena, admin = world.make_person("Olena"), world.make_person("Admin", administrator=True)
    head = world.appoint(world.make_person("Head"), world.make_body(), Role.HEAD)
    for actor, refused in ((olena.actor, Forbidden), (head, Forbidden), (ANONYMOUS, SignInRequired)):
        with world.writing(actor) as work:
            with pytest.raises(refused):
                service.add_body(work, HOUSING)
            with pytest.raises(refused):
                service.appoint(work, "x", olena.id, Role.HEAD)
            with pytest.raises(refused):
                service.dismiss(work, "x")
    with world.writing(admin.actor) as work:
        service.add_body(work, HOUSING)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("slug", "Housing Office", "slug_shape"),
        ("slug", "-x", "slug_shape"),
        ("name", " ", "missing"),
        ("name", "x" * 201, "too_long"),
        ("kind", "ministry of magic", "unknown_kind"),
        ("email", "nobody", "email_shape"),
        ("superior", "housing", "own_superior"),
        ("superior", "atlantis", "unknown_superior"),
        ("address", "a\0b", "control_character"),
    ],
)
def test_a_value_that_cannot_be_taken_is_named_with_the_reason(
    embedded_world: World, field: str, value: str, reason: str
) -> None:
    with embedded_world.writing(COMMAND) as work, pytest.raises(NotAcceptable) as caught:
        service.add_body(work, replace(HOUSING, **{field: value}))
    assert (caught.value.details["field"], caught.value.details["reason"]) == (field, reason)


def test_a_slug_is_taken_once_and_stays(world: World) -> None:
    with world.writing(COMMAND) as work:
        body = service.add_body(work, HOUSING)
        with pytest.raises(NameTaken):
            service.add_body(work, HOUSING)
        with pytest.raises(NotAcceptable):
            service.change_body(work, body.id, replace(HOUSING, slug="other"))
        assert service.change_body(work, body.id, replace(HOUSING, phone="0 800 30")).phone == "0 800 30"


def test_bodies_cannot_stand_above_each_other_in_a_circle(world: World) -> None:
    with world.writing(COMMAND) as work:
        top = service.add_body(work, replace(HOUSING, slug="top"))
        service.add_body(work, replace(HOUSING, slug="middle", superior="top"))
        service.add_body(work, replace(HOUSING, slug="below", superior="middle"))
        with pytest.raises(NotAcceptable):
            service.change_body(work, top.id, replace(HOUSING, slug="top", superior="below"))


def test_a_change_that_changes_nothing_is_no_fact(world: World) -> None:
    with world.writing(COMMAND) as work:
        body = service.add_body(work, HOUSING)
        service.change_body(work, body.id, HOUSING)
        service.change_body(work, body.id, replace(HOUSING, phone="1"))
    with world.reading(COMMAND) as work:
        assert len(list(work.session.scalars(select(FactRow).where(FactRow.kind == "body.changed")))) == 1


def test_a_post_begins_and_ends_at_once_and_the_journal_keeps_the_end(world: World) -> None:
    andrii = world.make_person("Andrii")
    with world.writing(COMMAND) as work:
        body = service.add_body(work, HOUSING)
        office = service.add_office(work, body.id, "Sector 03-12")
        post = service.appoint(work, body.id, andrii.id, Role.HANDLER, office_id=office.id, phone="218")
        again = service.appoint(work, body.id, andrii.id, Role.HANDLER, office_id=office.id, phone="218")
        assert post.id == again.id
        body_id, post_id, office_id = body.id, post.id, office.id
    with world.reading(ANONYMOUS) as work:
        assert queries.appointments_of(work, andrii.id) == {Appointment(body_id, Role.HANDLER, office_id)}
        assert [(one.name, one.office, one.phone) for one in queries.officials(work, body_id)] == [
            ("Andrii", "Sector 03-12", "218")
        ]
        before = work.session.get_one(Epoch, f"person:{andrii.id}").value
    with world.writing(COMMAND) as work:
        service.dismiss(work, post_id)
        service.dismiss(work, post_id)
        with pytest.raises(WrongState):
            service.remove_office(work, office_id)
    with world.reading(ANONYMOUS) as work:
        assert queries.appointments_of(work, andrii.id) == frozenset()
        assert work.session.get_one(Epoch, f"person:{andrii.id}").value > before
        assert [one.dismissed_at for one in queries.officials(work, body_id, dismissed=True)] == [world.clock.now()]
    kept = [one["values"]["official"] for one in world.runtime.ports.journal.entries() if one["kind"] == "dismissed"]
    assert kept == [post_id]


def test_a_closed_body_appoints_nobody_and_leaves_the_list_until_it_opens_again(world: World) -> None:
    olena = world.make_person("Olena")
    with world.writing(COMMAND) as work:
        body = service.add_body(work, HOUSING)
        service.close_body(work, body.id)
        with pytest.raises(WrongState):
            service.appoint(work, body.id, olena.id, Role.HEAD)
        assert queries.directory(work) == []
        assert not queries.body(work, "housing").receives
        service.reopen_body(work, body.id)
        assert [one.slug for one in queries.directory(work)] == ["housing"]


def test_every_kind_is_known_by_a_stable_name() -> None:
    assert all(one.value.isidentifier() for one in BodyKind)
