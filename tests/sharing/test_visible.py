"""The rule in Python, in SQL and on the hot path give the same answer: any tree, any grants, anybody, at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests.world import NOON, World
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.models import AppPassword
from workspace.cloud.hot import Hot
from workspace.cloud.models import Item, Space
from workspace.cloud.things import lineage_below, lines_of, locate_item
from workspace.db.work import Work
from workspace.kernel.actors import Actor, Appointment, Role
from workspace.kernel.errors import NotFound
from workspace.kernel.ids import new_id
from workspace.sharing.authorize import verdict_on, visible
from workspace.sharing.models import Grant

PEOPLE = ("petro", "iryna", "nobody")
SUBJECTS = (("person", "petro"), ("body", "housing"), ("link", "link"), ("person", "somebody else"))
ACTORS = (
    Actor(person_id="petro"),
    Actor(person_id="iryna", appointments=frozenset({Appointment("housing", Role.REGISTRAR)})),
    Actor(links=frozenset({"link"})),
    Actor(person_id="nobody"),
)

offsets = st.none() | st.integers(-2, 2).map(lambda hours: NOON + timedelta(hours=hours))
one_grant = st.tuples(
    st.sampled_from(SUBJECTS),
    st.integers(0, 7),
    st.sampled_from(["look", "view", "comment", "contribute", "edit"]),
    st.booleans(),
    offsets,
    offsets,
    offsets,
)
shapes = st.lists(st.integers(0, 6), min_size=7, max_size=7)


@pytest.fixture
def tree(world: World) -> tuple[World, list[str]]:
    """Eight folders of Olena's whose places each example chooses anew."""
    olena = world.make_person("Olena")
    return world, [world.folder(olena.actor, olena.root_id, f"folder {number}") for number in range(8)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(shape=shapes, grants=st.lists(one_grant, max_size=5), actor=st.sampled_from(ACTORS))
def test_a_list_shows_exactly_what_may_be_opened(
    tree: tuple[World, list[str]], shape: list[int], grants: list, actor: Actor
) -> None:
    world, folders = tree
    with world.writing(Actor(host=True)) as work:
        _place(work, folders, shape)
        work.session.execute(delete(Grant))
        work.session.add_all(_row(folders, *one) for one in grants)
    with world.reading(actor) as work:
        by_rule = {one for one in folders if verdict_on(work, locate_item(work, one)[1]).level is not None}
        lineage = lineage_below(folders)
        seen = visible(work, lineage, Item.id)
        by_list = set(work.session.scalars(select(Item.id).where(Item.id.in_(folders), seen)))
    assert by_list == by_rule


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(shape=shapes, trashed=st.sets(st.integers(0, 7), max_size=2), grants=st.lists(one_grant, max_size=3))
def test_the_hot_path_finds_exactly_what_the_rule_lets_its_owner_have(
    tree: tuple[World, list[str]], shape: list[int], trashed: set[int], grants: list
) -> None:
    world, folders = tree
    with world.writing(Actor(host=True)) as work:
        _place(work, folders, shape)
        work.session.execute(delete(Grant))
        work.session.add_all(_row(folders, *one) for one in grants)
        for number, folder in enumerate(folders):
            work.session.get_one(Item, folder).trashed_at = NOON if number in trashed else None
        owner_id = work.session.scalars(select(Space.owner_id).where(Space.kind == "personal")).first()
        assert owner_id is not None
        password = make_app_password(work, "program", owner_id)
        lines = lines_of(work, folders)
    hot = Hot(world.runtime)
    standing = hot.stand(owner_id, password.id)
    assert standing is not None
    with world.reading(Actor(person_id=owner_id)) as work:
        for folder in folders:
            names = tuple(one.name for one in reversed(lines[folder][:-1]))
            assert (hot.folder(standing, names) == folder) is _owned(work, folder)
    with world.writing(Actor(host=True)) as work:
        work.session.get_one(AppPassword, password.id).revoked_at = NOON


def _owned(work: Work, folder: str) -> bool:
    try:
        return verdict_on(work, locate_item(work, folder)[1]).owner
    except NotFound:
        return False


def test_the_line_of_a_folder_leads_to_the_root(tree: tuple[World, list[str]]) -> None:
    world, folders = tree
    with world.writing(Actor(host=True)) as work:
        _place(work, folders, [0, 1, 2, 3, 4, 5, 6])
    with world.reading(Actor(host=True)) as work:
        line = [one.id for one in lines_of(work, [folders[7]])[folders[7]]]
    assert line[:8] == folders[::-1]


def _place(work: Work, folders: list[str], shape: list[int]) -> None:
    """Put each folder into an earlier one (or leave it where the first lies): never a circle."""
    top = work.session.get_one(Item, folders[0]).parent_id
    for number, parent in enumerate(shape, 1):
        item = work.session.get_one(Item, folders[number])
        item.parent_id = folders[parent] if parent < number else top
    work.session.flush()


def _row(
    folders: list[str], subject: tuple[str, str], thing: int, level: str, sign_in: bool, begin, end, revoked
) -> Grant:
    return Grant(
        id=new_id(),
        subject_kind=subject[0],
        subject_id=subject[1],
        thing_kind="item",
        thing_id=folders[thing],
        space_id=None,
        level=level,
        sign_in=sign_in,
        valid_from=begin,
        valid_until=end,
        purpose="",
        granted_by="olena",
        granted_at=NOON,
        revoked_at=revoked,
    )
