"""On what terms something is given, and that they hold: downloads, view only, sign-in, passwords, addresses, again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.world import Someone, World
from workspace.accounts import service as accounts
from workspace.accounts.awaited import addressee
from workspace.cloud import archive
from workspace.cloud.previews import open_preview
from workspace.cloud.transfer import copy
from workspace.cloud.uploads import create_upload, upload_state
from workspace.kernel.actors import Actor, Door, Principal, SubjectKind
from workspace.kernel.errors import (
    AccessEnded,
    Forbidden,
    NotAcceptable,
    NotFound,
    SignInRequired,
    WrongSecret,
    WrongState,
)
from workspace.kernel.facts import FactKind
from workspace.sharing import links, queries, service
from workspace.sharing.models import Download
from workspace.sharing.rule import Level

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def give(world: World, owner: Someone, item_id: str, to: Someone, level: Level = Level.VIEW, **terms: object) -> str:
    with world.writing(owner.actor) as work:
        subject = Principal(SubjectKind.PERSON, to.id)
        return service.grant(work, world.thing(item_id), subject, level, **terms).id  # type: ignore[arg-type]


def used(world: World) -> int:
    with world.reading(Actor(host=True)) as work:
        return len(work.session.scalars(select(Download.id)).all())


@pytest.fixture
def pair(world: World) -> tuple[World, Someone, Someone, str]:
    """Olena, Petro, and a file of Olena's."""
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    return world, olena, petro, world.upload(olena.actor, olena.root_id, "act.pdf", b"act").item.id


def test_ranges_and_doors_within_ten_minutes_are_one_download(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    give(world, olena, file, petro, downloads=2)
    for door in (Door.WEB, Door.API, Door.DAV, Door.PREVIEW, Door.WEB):
        world.content(petro.actor.through(door), file)
    assert used(world) == 1
    world.clock.move(11 * MINUTE)
    world.content(petro.actor, file)
    assert used(world) == 2
    world.clock.move(9 * MINUTE)
    assert world.content(petro.actor, file) == b"act"
    world.clock.move(2 * MINUTE)
    with pytest.raises(AccessEnded):
        world.content(petro.actor, file)
    world.content(olena.actor, file)
    assert used(world) == 2


def test_a_new_version_is_another_download_and_a_zip_counts_every_file(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder = world.folder(olena.actor, olena.root_id, "Riser")
    first = world.upload(olena.actor, folder, "a.txt", b"a").item.id
    world.upload(olena.actor, folder, "b.txt", b"b")
    give(world, olena, folder, petro, downloads=3)
    with world.writing(petro.actor) as work:
        archive.plan_archive(work, [folder])
    assert used(world) == 2
    world.upload(olena.actor, folder, "a.txt", b"newer")
    assert world.content(petro.actor, first) == b"newer"
    world.clock.move(HOUR)
    with world.writing(petro.actor) as work, pytest.raises(AccessEnded):
        archive.plan_archive(work, [folder])
    assert used(world) == 3


def test_a_copied_folder_is_a_download_of_every_file_in_it(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    folder = world.folder(olena.actor, olena.root_id, "Riser")
    for name in ("a.txt", "b.txt"):
        world.upload(olena.actor, folder, name, b"a")
    give(world, olena, folder, petro, downloads=3)
    with world.writing(petro.actor) as work:
        copy(work, folder, petro.root_id)
    assert used(world) == 2
    world.clock.move(HOUR)
    with pytest.raises(AccessEnded), world.writing(petro.actor) as work:
        copy(work, folder, petro.root_id, "again")
    assert used(world) == 2


def test_class_19_the_last_download_is_given_once_however_many_ask_at_the_same_moment(world: World) -> None:
    olena = world.make_person("Olena")
    file = world.upload(olena.actor, olena.root_id, "act.pdf", b"act").item.id
    with world.writing(olena.actor) as work:
        given, _token = links.make_link(work, world.thing(file), Level.VIEW, downloads=3)
        link = given.subject_id

    def visit(number: int) -> bool:
        try:
            world.content(Actor(links=frozenset({link}), visitor=f"browser {number}"), file)
        except AccessEnded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(visit, range(12))) == 3


def test_two_grants_never_give_less_than_each(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    give(world, olena, file, petro, Level.COMMENT, downloads=1)
    give(world, olena, olena.root_id, petro, Level.VIEW)
    for _ in range(3):
        world.content(petro.actor, file)
        world.clock.move(HOUR)
    assert used(world) == 0


def test_who_may_only_look_neither_downloads_nor_copies_nor_zips(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    give(world, olena, file, petro, Level.LOOK)
    with pytest.raises(Forbidden):
        world.content(petro.actor, file)
    with world.writing(petro.actor) as work, pytest.raises(Forbidden):
        archive.plan_archive(work, [file])
    with world.writing(petro.actor) as work, pytest.raises(Forbidden):
        copy(work, file, petro.root_id)
    with world.writing(petro.actor) as work, pytest.raises(NotFound):
        open_preview(work, file)  # there is none of these bytes; the right is there


def test_a_link_for_people_who_are_signed_in(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    with world.writing(olena.actor) as work:
        given, _token = links.make_link(work, world.thing(file), Level.VIEW, sign_in=True)
        held = frozenset({given.subject_id})
    with pytest.raises(SignInRequired):
        world.content(Actor(links=held), file)
    assert world.content(Actor(person_id=petro.id, links=held), file) == b"act"
    (opened,) = world.facts(FactKind.OPENED)
    assert opened.person_id == petro.id


def test_another_password_lets_nobody_in_who_entered_by_the_former_one(
    pair: tuple[World, Someone, Someone, str],
) -> None:
    world, olena, _petro, file = pair
    with world.writing(olena.actor) as work:
        given, token = links.make_link(work, world.thing(file), Level.VIEW, password="first password")
    with world.writing(Actor()) as work:
        link, _grant = links.enter_link(work, token, "first password")
        entered = [(link.id, link.entry)]
        assert links.open_links(work, entered) == {link.id}
    with world.writing(olena.actor) as work:
        links.set_link_password(work, world.thing(file), given.id, "second password")
    with world.writing(Actor()) as work:
        assert links.open_links(work, entered) == set()
        with pytest.raises(WrongSecret):
            links.enter_link(work, token, "first password")
        assert links.enter_link(work, token, "second password")[0].entry == 2


def test_what_was_given_to_an_address_waits_for_whoever_joins_with_it(world: World) -> None:
    olena, petro = world.make_person("Olena"), world.make_person("Petro")
    file = world.upload(olena.actor, olena.root_id, "act.pdf", b"act").item.id
    with world.writing(olena.actor) as work:
        for address in (petro.email, "new@example.org"):
            subject = Principal(SubjectKind.PERSON, addressee(work, address))
            service.grant(work, world.thing(file), subject, Level.VIEW, addressed_to=address)
    assert world.content(petro.actor, file) == b"act"
    with world.writing(Actor(host=True)) as work:
        joined = accounts.sign_up(work, email="New@Example.org", name="Mykola", password_hash="x")
    assert world.content(Actor(person_id=joined.id), file) == b"act"
    with world.reading(olena.actor) as work:
        lines = queries.who_can_see(work, world.thing(file))
    assert sorted(str(one.grant.addressed_to) for one in lines) == sorted([petro.email, "new@example.org"])


def test_so_many_letters_a_day_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ADDRESSES_A_DAY", 2)
    olena = world.make_person("Olena")
    thing = world.thing(olena.root_id)
    with world.writing(olena.actor) as work:
        for number in range(2):
            subject = Principal(SubjectKind.PERSON, addressee(work, f"{number}@example.org"))
            service.grant(work, thing, subject, Level.VIEW, addressed_to=f"{number}@example.org")
    with world.writing(olena.actor) as work, pytest.raises(NotAcceptable):
        service.grant(work, thing, subject, Level.VIEW, addressed_to="3@example.org")


def test_what_was_ended_together_opens_again_as_it_was(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    ids = [
        give(world, olena, file, petro, Level.COMMENT, purpose="To help", downloads=5),
        give(world, olena, olena.root_id, petro, valid_until=world.clock.now() + HOUR),
    ]
    with world.writing(olena.actor) as work:
        ended = service.for_each(work, ids, lambda _work, item: world.thing(item), service.revoke)
        at = work.now
    assert [one.id for one in ended] == ids
    with pytest.raises(AccessEnded):
        world.content(petro.actor, file)
    with world.writing(olena.actor) as work:
        found = queries.ended_together(work, at)
        again = service.for_each(work, found, lambda _work, item: world.thing(item), service.give_again)
    assert sorted((one.level, one.purpose, one.downloads) for one in again) == [
        ("comment", "To help", 5),
        ("view", "", None),
    ]
    assert world.content(petro.actor, file) == b"act"
    assert not {one.id for one in again} & set(ids)


def test_nobody_ends_or_opens_again_what_others_gave(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    given = give(world, olena, file, petro, Level.EDIT)
    for act in (service.revoke, service.give_again):
        with world.writing(petro.actor) as work, pytest.raises(Forbidden):
            service.for_each(work, [given], lambda _work, item: world.thing(item), act)
    stranger = world.make_person("Mykola")
    with world.writing(stranger.actor) as work, pytest.raises(NotFound):
        service.for_each(work, [given], lambda _work, item: world.thing(item), service.revoke)


def test_what_has_ended_by_itself_is_not_opened_again(pair: tuple[World, Someone, Someone, str]) -> None:
    world, olena, petro, file = pair
    given = give(world, olena, file, petro, valid_until=world.clock.now() + HOUR)
    world.clock.move(2 * HOUR)
    with world.writing(olena.actor) as work, pytest.raises(WrongState):
        service.give_again(work, world.thing(file), given)


def test_another_holder_of_a_link_does_not_see_an_upload(world: World) -> None:
    olena = world.make_person("Olena")
    with world.writing(olena.actor) as work:
        given, _token = links.make_link(work, world.thing(olena.root_id), Level.CONTRIBUTE)
        held = frozenset({given.subject_id})
    one, other = Actor(links=held, visitor="one"), Actor(links=held, visitor="other")
    with world.writing(one) as work:
        upload = create_upload(work, olena.root_id, "film.bin", 10)
    with world.reading(one) as work:
        assert upload_state(work, upload.id).length == 10
    with world.reading(other) as work, pytest.raises(NotFound):
        upload_state(work, upload.id)
