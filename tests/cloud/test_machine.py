"""Whatever is done to a cloud, in whatever order: it agrees with a model that fits on two screens, room included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.world import Someone, World
from workspace.cloud import etags, queries, service, transfer, trash, versions
from workspace.cloud.names import free_name
from workspace.kernel.errors import DomainError, Forbidden, NameTaken, NotFound, OverQuota, WrongState

QUOTA = 60
NAMES = st.sampled_from(["a", "b", "c.txt", "\u0439", "\u0438\u0306"])
PICK = st.integers(0, 10_000)


@dataclass
class Thing:
    """An item of the model. `versions` is None for a folder; `thrown` marks the top of what lies in the trash."""

    parent: str | None
    name: str
    versions: list[bytes] | None = None
    thrown: bool = False

    @property
    def is_folder(self) -> bool:
        return self.versions is None


@dataclass
class Model:
    """What a cloud ought to be."""

    root: str
    things: dict[str, Thing] = field(default_factory=dict)

    def line(self, item: str | None) -> list[str]:
        found = []
        while item is not None:
            found.append(item)
            item = self.things[item].parent
        return found

    def live(self, item: str) -> bool:
        return not any(self.things[one].thrown for one in self.line(item))

    def at(self, folder: str, name: str) -> str | None:
        inside = (i for i, one in self.things.items() if one.parent == folder and one.name == name and not one.thrown)
        return next(inside, None)

    def inside(self, folder: str) -> list[str]:
        return [item for item in self.things if folder in self.line(item)]

    def used(self) -> int:
        return sum(len(data) for one in self.things.values() for data in one.versions or ())

    def below(self, folder: str) -> list[Any]:
        """All that lies below a folder, to compare with what lay there before."""
        inside = sorted(item for item, one in self.things.items() if one.parent == folder and not one.thrown)
        return [
            (item, self.things[item].name, len(self.things[item].versions or ()), self.below(item)) for item in inside
        ]

    def check_room(self, size: int) -> None:
        if size > QUOTA - self.used():
            raise OverQuota

    def delete(self, item: str) -> None:
        for one in self.inside(item):
            del self.things[one]


class Cloud(RuleBasedStateMachine):
    """Does the same to a cloud and to its model."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.person: Someone = self.world.make_person(quota=QUOTA)
        self.model = Model(self.person.root_id, {self.person.root_id: Thing(None, "")})
        self.seen: dict[str, tuple[str, list[Any]]] = {}

    # the same to both --------------------------------------------------------------------------------------------
    def agree(self, really: Callable[[Any], Any], expected: Callable[[], None]) -> Any:
        """Both must do it, or refuse it with the same name. Returns what the cloud gave."""
        wanted: type[DomainError] | None = None
        before = {
            key: Thing(t.parent, t.name, t.versions and list(t.versions), t.thrown)
            for key, t in self.model.things.items()
        }
        try:
            expected()
        except DomainError as error:
            wanted = type(error)
            self.model.things = before
        given, refused = None, None
        try:
            with self.world.writing(self.person.actor) as work:
                given = really(work)
        except DomainError as error:
            refused = type(error)
        assert refused is wanted
        return given

    def some(self, pick: int, *, folder: bool | None = None, live: bool = True) -> str:
        chosen = [
            item
            for item, one in self.model.things.items()
            if (folder is None or one.is_folder is folder) and (not live or self.model.live(item))
        ]
        return chosen[pick % len(chosen)] if chosen else self.person.root_id

    @rule(pick=PICK, name=NAMES)
    def make_folder(self, pick: int, name: str) -> None:
        folder = self.some(pick, folder=True)

        def expected() -> None:
            if self.model.at(folder, name):
                raise NameTaken

        given = self.agree(lambda work: service.make_folder(work, folder, name), expected)
        if given:
            self.model.things[given.id] = Thing(folder, name)

    @rule(pick=PICK, name=NAMES, data=st.binary(max_size=12))
    def upload(self, pick: int, name: str, data: bytes) -> None:
        folder = self.some(pick, folder=True)
        there = self.model.at(folder, name)

        def expected() -> None:
            if there and self.model.things[there].is_folder:
                raise NameTaken
            self.model.check_room(len(data))
            if there:
                self.model.things[there].versions.append(data)  # type: ignore[union-attr]

        given = self.agree(lambda work: self.world.upload_in(work, folder, name, data), expected)
        if given:
            assert given.replaced is bool(there)
            if there:
                assert given.item.id == there
            else:
                self.model.things[given.item.id] = Thing(folder, name, [data])

    @rule(pick=PICK, name=NAMES)
    def rename(self, pick: int, name: str) -> None:
        item = self.some(pick)

        def expected() -> None:
            thing = self.model.things[item]
            if thing.parent is None:
                raise WrongState
            if self.model.at(thing.parent, name) not in (None, item):
                raise NameTaken
            thing.name = name

        self.agree(lambda work: service.rename(work, item, name), expected)

    @rule(pick=PICK, goal=PICK, name=NAMES)
    def move(self, pick: int, goal: int, name: str) -> None:
        item, folder = self.some(pick), self.some(goal, folder=True)

        def expected() -> None:
            thing, there = self.model.things[item], self.model.at(folder, name)
            if thing.parent is None:
                raise WrongState
            if item in self.model.line(folder):
                raise Forbidden
            if there in (None, item):
                thing.parent, thing.name = folder, name
            elif thing.is_folder or self.model.things[there].is_folder:
                raise NameTaken
            else:
                newest = thing.versions[-1]  # type: ignore[index]
                if len(thing.versions or ()) == 1:
                    del self.model.things[item]
                else:
                    self.model.check_room(len(newest))
                    thing.thrown = True
                self.model.things[there].versions.append(newest)  # type: ignore[union-attr]

        self.agree(lambda work: transfer.move(work, item, folder, name), expected)

    @rule(pick=PICK, goal=PICK, name=NAMES)
    def copy(self, pick: int, goal: int, name: str) -> None:
        item, folder = self.some(pick), self.some(goal, folder=True)
        sources = [one for one in self.model.inside(item) if self.model.live(one)]
        there = self.model.at(folder, name)

        def expected() -> None:
            thing = self.model.things[item]
            if item in self.model.line(folder):
                raise Forbidden
            if there == item:
                raise Forbidden
            if there and (thing.is_folder or self.model.things[there].is_folder):
                raise NameTaken
            self.model.check_room(
                sum(len(one.versions[-1]) for one in map(self.model.things.get, sources) if one and one.versions)
            )
            if there:
                self.model.things[there].versions.append(thing.versions[-1])  # type: ignore[union-attr,index]

        given = self.agree(lambda work: transfer.copy(work, item, folder, name), expected)
        if given and not there:
            self.learn(item, given.id, folder, name)

    def learn(self, item: str, copied: str, folder: str, name: str) -> None:
        """The ids of a copied tree, found by their names."""
        thing = self.model.things[item]
        children = [one for one, t in self.model.things.items() if t.parent == item and not t.thrown]
        self.model.things[copied] = Thing(folder, name, thing.versions and thing.versions[-1:])
        if not thing.is_folder:
            return
        with self.world.reading(self.person.actor) as work:
            found = {line.name: line.id for line in queries.folder(work, copied).entries}
        for child in children:
            name = self.model.things[child].name
            self.learn(child, found[name], copied, name)

    @rule(pick=PICK)
    def throw_away(self, pick: int) -> None:
        item = self.some(pick)

        def expected() -> None:
            if self.model.things[item].parent is None:
                raise WrongState
            self.model.things[item].thrown = True

        self.agree(lambda work: trash.trash(work, item), expected)

    @precondition(lambda self: any(one.thrown for one in self.model.things.values()))
    @rule(pick=PICK)
    def take_back(self, pick: int) -> None:
        thrown = [item for item, one in self.model.things.items() if one.thrown]
        item = thrown[pick % len(thrown)]

        def expected() -> None:
            thing = self.model.things[item]
            if not self.model.live(str(thing.parent)):
                thing.parent = self.model.root
            taken = {one.name for one in self.model.things.values() if one.parent == thing.parent and not one.thrown}
            thing.name, thing.thrown = free_name(thing.name, taken), False

        self.agree(lambda work: trash.restore(work, item), expected)

    @rule(pick=PICK)
    def delete_for_good(self, pick: int) -> None:
        item = self.some(pick, live=False)

        def expected() -> None:
            if not self.model.things[item].thrown:
                raise WrongState
            self.model.delete(item)

        self.agree(lambda work: trash.delete_for_good(work, item), expected)

    @precondition(lambda self: any(one.versions for one in self.model.things.values()))
    @rule(pick=PICK, number=st.integers(0, 5))
    def restore_version(self, pick: int, number: int) -> None:
        item = self.some(pick, folder=False)
        history = self.model.things[item].versions
        if history is None:
            return
        index = number % len(history)

        def expected() -> None:
            self.model.check_room(len(history[index]))
            history.append(history[index])

        def really(work: Any) -> None:
            found = {one.number: one.id for one in queries.versions(work, item)}
            versions.restore_version(work, item, found[index + 1])

        self.agree(really, expected)

    # always --------------------------------------------------------------------------------------------------------
    @invariant()
    def what_is_there_is_what_ought_to_be(self) -> None:
        with self.world.reading(self.person.actor) as work:
            assert queries.usage(work, self.person.space_id).used == self.model.used()
            for item, thing in self.model.things.items():
                if not self.model.live(item):
                    with pytest.raises(NotFound):
                        queries.item(work, item)
                elif thing.is_folder:
                    lines = {line.name: line.id for line in queries.folder(work, item).entries}
                    inside = {t.name: i for i, t in self.model.things.items() if t.parent == item and not t.thrown}
                    assert lines == inside
                else:
                    history = thing.versions or []
                    assert [one.size for one in queries.versions(work, item)] == [len(one) for one in reversed(history)]
                    assert service.open_version(work, item).read_all(100) == history[-1]
            thrown = {item for item, one in self.model.things.items() if one.thrown}
            assert {line.entry.id for line in queries.trash_list(work, self.person.space_id).lines} == thrown

    @invariant()
    def the_etag_of_a_folder_changes_whenever_something_below_it_does_and_only_then(self) -> None:
        with self.world.writing(self.person.actor) as work:
            etags.fold_changes(work, self.person.space_id)
            folders = [item for item, one in self.model.things.items() if one.is_folder and self.model.live(item)]
            now = {item: (queries.item(work, item).entry.etag, self.model.below(item)) for item in folders}
        for item in now.keys() & self.seen.keys():
            (etag, below), (etag_before, below_before) = now[item], self.seen[item]
            assert (etag == etag_before) is (below == below_before)
        self.seen = now


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cloud_agrees_with_its_model(world: World) -> None:
    few = settings(
        max_examples=10 if world.stack.name == "embedded" else 4,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type("Machine", (Cloud,), {"world": world}), settings=few)
