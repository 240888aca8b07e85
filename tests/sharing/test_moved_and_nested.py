"""Classes 2 and 3 of security.md: grants follow ids, not paths; nested ones give what the strongest of them gives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import Someone, World
from workspace.cloud import trash
from workspace.cloud.things import locate_item
from workspace.cloud.transfer import copy, move
from workspace.cloud.versions import restore_version
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import AccessEnded, DomainError, Forbidden, NotFound
from workspace.sharing import links, service
from workspace.sharing.authorize import verdict_on
from workspace.sharing.rule import Level

HOUR = timedelta(hours=1)


class Place:
    """Olena's shared folder with a file in it, a private folder beside it, and Petro, whom the first is shared with."""

    def __init__(self, world: World, level: Level = Level.VIEW) -> None:
        self.world = world
        self.olena, self.petro = world.make_person("Olena"), world.make_person("Petro")
        self.shared = world.folder(self.olena.actor, self.olena.root_id, "shared")
        self.private = world.folder(self.olena.actor, self.olena.root_id, "private")
        self.file = world.upload(self.olena.actor, self.shared, "act.txt", b"act").item.id
        self.given = self.give(self.shared, level)

    def give(self, item_id: str, level: Level, **terms: object) -> str:
        with self.world.writing(self.olena.actor) as work:
            subject = Principal(SubjectKind.PERSON, self.petro.id)
            return service.grant(work, self.world.thing(item_id), subject, level, **terms).id  # type: ignore[arg-type]

    def revoke(self, item_id: str, grant_id: str) -> None:
        with self.world.writing(self.olena.actor) as work:
            service.revoke(work, self.world.thing(item_id), grant_id)

    def level(self, item_id: str, who: Someone | None = None) -> Level | None:
        with self.world.reading((who or self.petro).actor) as work:
            try:
                return verdict_on(work, locate_item(work, item_id)[1]).level
            except NotFound:
                return None


@pytest.fixture
def place(world: World) -> Place:
    return Place(world)


def test_class_2_what_moves_out_is_lost_and_what_moves_in_is_gained(place: Place) -> None:
    world, olena = place.world, place.olena
    other = world.upload(olena.actor, place.private, "other.txt", b"other").item.id
    assert place.level(other) is None
    with world.writing(olena.actor) as work:
        move(work, place.file, place.private)
        move(work, other, place.shared)
    assert place.level(place.file) is None
    assert place.level(other) is Level.VIEW


def test_class_2_a_copy_has_no_grants_and_belongs_to_where_it_lies(place: Place) -> None:
    world, olena, petro = place.world, place.olena, place.petro
    place.give(place.file, Level.EDIT)
    with world.writing(olena.actor) as work:
        copied = copy(work, place.file, place.private).id
    assert place.level(copied) is None
    with world.writing(petro.actor) as work:
        taken = copy(work, place.file, petro.root_id).id
    assert place.level(taken) is Level.OWN
    assert place.level(taken, olena) is None


def test_class_2_a_new_file_of_an_old_name_does_not_bring_an_old_grant_back(place: Place) -> None:
    world, olena = place.world, place.olena
    alone = world.upload(olena.actor, place.private, "alone.txt", b"1").item.id
    place.give(alone, Level.EDIT)
    with world.writing(olena.actor) as work:
        trash.trash(work, alone)
    again = world.upload(olena.actor, place.private, "alone.txt", b"2").item.id
    assert again != alone
    assert place.level(again) is None
    assert place.level(alone) is None


def test_class_2_what_comes_back_from_the_trash_has_the_grants_of_now(place: Place) -> None:
    world, olena = place.world, place.olena
    with world.writing(olena.actor) as work:
        trash.trash(work, place.file)
    assert place.level(place.file) is None
    place.revoke(place.shared, place.given)
    with world.writing(olena.actor) as work:
        trash.restore(work, place.file)
    assert place.level(place.file) is None
    place.give(place.file, Level.COMMENT)
    first = world.upload(olena.actor, place.shared, "act.txt", b"newer").version.id
    with world.writing(olena.actor) as work:
        restore_version(work, place.file, first)
    assert place.level(place.file) is Level.COMMENT


def test_class_2_an_editor_moves_nothing_out_of_its_cloud(world: World) -> None:
    place = Place(world, Level.EDIT)
    with world.writing(place.petro.actor) as work, pytest.raises(DomainError):
        move(work, place.file, place.petro.root_id)
    assert place.level(place.file, place.olena) is Level.OWN


def test_class_3_nested_grants_end_one_by_one(place: Place) -> None:
    inner = place.give(place.file, Level.EDIT)
    assert place.level(place.file) is Level.EDIT
    place.revoke(place.file, inner)
    assert place.level(place.file) is Level.VIEW
    inner = place.give(place.file, Level.EDIT)
    place.revoke(place.shared, place.given)
    assert place.level(place.file) is Level.EDIT
    assert place.level(place.shared) is None


def test_class_3_an_end_takes_away_that_grant_alone(place: Place) -> None:
    place.give(place.file, Level.EDIT, valid_until=place.world.clock.now() + HOUR)
    place.world.clock.move(2 * HOUR)
    assert place.level(place.file) is Level.VIEW


def test_class_3_whoever_was_let_in_hands_nothing_on_and_raises_nothing(world: World) -> None:
    place, mykola = Place(world, Level.EDIT), world.make_person("Mykola")
    thing, subject = world.thing(place.shared), Principal(SubjectKind.PERSON, mykola.id)
    none = {"valid_from": None, "valid_until": None, "purpose": ""}
    for act in (
        lambda work: service.grant(work, thing, subject, Level.VIEW),
        lambda work: service.change_grant(work, thing, place.given, level=Level.EDIT, **none),
        lambda work: service.revoke(work, thing, place.given),
        lambda work: service.give_again(work, thing, place.given),
        lambda work: links.make_link(work, thing, Level.VIEW),
    ):
        with world.writing(place.petro.actor) as work, pytest.raises(Forbidden):
            act(work)


def test_class_3_a_grant_on_a_child_opens_no_list_of_its_folder(place: Place) -> None:
    place.revoke(place.shared, place.given)
    with place.world.writing(place.olena.actor) as work:
        given, _token = links.make_link(work, place.world.thing(place.file), Level.VIEW)
    holder = place.petro.actor.__class__(links=frozenset({given.subject_id}))
    assert place.world.content(holder, place.file) == b"act"
    with place.world.reading(holder) as work:
        assert verdict_on(work, locate_item(work, place.shared)[1]).level is None
    with pytest.raises(AccessEnded):
        place.world.content(place.petro.actor, place.shared)
