"""Whatever people do to their folders and to what they share, everybody may do exactly what the reference says.

A state machine does random things as random people, to the program and to `reference.py`; after each step everything
everybody may see and do is compared. 200 sequences in `make test`, 10,000 in `make faults`, which take an hour.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from tests.parts.faults import share
from tests.parts.worlds import embedded_stack
from tests.sharing.reference import COMMENT, CONTRIBUTE, EDIT, OWN, VIEW, Given, Model, Node, Refused
from tests.world import World
from workspace.cases import queries as cases
from workspace.cases import service as case_service
from workspace.cloud import queries, service, transfer, trash, versions
from workspace.cloud.models import Version
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND, Actor, Principal, Role, SubjectKind
from workspace.kernel.errors import AccessEnded, DomainError, NotFound, SignInRequired
from workspace.kernel.ids import new_id
from workspace.sharing import service as sharing
from workspace.sharing.authorize import verdict_on
from workspace.sharing.queries import shared_with_me
from workspace.sharing.rule import Level

SEQUENCES, STEPS = share(200, 10_000), 14
LEVELS = {VIEW: Level.VIEW, COMMENT: Level.COMMENT, CONTRIBUTE: Level.CONTRIBUTE, EDIT: Level.EDIT, OWN: Level.OWN}
WHO = ("olena", "mykola", "petro", "housing", "link")
OWNERS = ("olena", "mykola")
HIDDEN = (NotFound, AccessEnded, SignInRequired)

whoever = st.sampled_from(WHO)
owners = st.sampled_from(OWNERS)
any_node = st.integers(0, 1000)
names = st.sampled_from(["a", "b", "c"])
levels = st.sampled_from([VIEW, COMMENT, CONTRIBUTE, EDIT])
contents = st.binary(min_size=1, max_size=3)


class Town(RuleBasedStateMachine):
    """Two clouds and whoever is let into them."""

    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        world = self.world
        olena, mykola, petro, iryna = (world.make_person(name) for name in ("Olena", "Mykola", "Petro", "Iryna"))
        housing, link = world.make_body(), new_id()
        self.actors: dict[str, Actor] = {
            "olena": olena.actor,
            "mykola": mykola.actor,
            "petro": petro.actor,
            "housing": world.appoint(iryna, housing, Role.HANDLER),
            "link": Actor(links=frozenset({link})),
        }
        self.subjects = {
            **{
                name: Principal(SubjectKind.PERSON, str(self.actors[name].person_id))
                for name in ("olena", "mykola", "petro")
            },
            "housing": Principal(SubjectKind.BODY, housing.id),
            "link": Principal(SubjectKind.LINK, link),
        }
        self.housing = housing
        self.model = Model(OWNERS)
        self.ids: dict[Node, str] = {
            self.model.roots["olena"]: olena.root_id,
            self.model.roots["mykola"]: mykola.root_id,
        }
        self.grants: dict[Given, str] = {}
        self.delivered: list[tuple[str, str, list[bytes]]] = []
        self.steps = 0
        self._furnish()

    def _furnish(self) -> None:
        """Something to begin with: folders in folders, files with a history, and somebody at every level."""
        for who, place, name in (("olena", 0, "a"), ("olena", 2, "b"), ("mykola", 1, "a")):
            self.make_folder(who, place, name)
        for who, place, name, content in (
            ("olena", 3, "c", b"1"),
            ("olena", 3, "c", b"2"),
            ("olena", 0, "c", b"3"),
            ("mykola", 4, "b", b"4"),
        ):
            self.put(who, place, name, content)
        for who, one, subject, level in (
            ("olena", 2, "petro", EDIT),
            ("olena", 3, "housing", VIEW),
            ("olena", 0, "petro", VIEW),
            ("olena", 2, "link", CONTRIBUTE),
            ("mykola", 1, "petro", COMMENT),
            ("mykola", 4, "olena", EDIT),
            ("olena", 5, "mykola", EDIT),
        ):
            self.share(who, one, subject, level)
        self.revoke("olena", len(self.model.given) - 1)
        self.put("olena", 2, "b.txt", b"5")
        self.throw_away("olena", len(self.model.nodes) - 1)

    # what people do -------------------------------------------------------------------------------------------------
    @rule(who=whoever, place=any_node, name=names)
    def make_folder(self, who: str, place: int, name: str) -> None:
        node = self._node(place)
        self._try(
            who,
            lambda: self.model.make_folder(who, node, name),
            lambda work: service.make_folder(work, self.ids[node], name).id,
        )

    @rule(who=whoever, place=any_node, name=names, content=contents)
    def put(self, who: str, place: int, name: str, content: bytes) -> None:
        node = self._node(place)
        self._try(
            who,
            lambda: self.model.put(who, node, name, content),
            lambda work: self.world.upload_in(work, self.ids[node], name, content).item.id,
        )

    @rule(who=whoever, one=any_node, name=names)
    def rename(self, who: str, one: int, name: str) -> None:
        node = self._node(one)
        self._try(
            who, lambda: self.model.rename(who, node, name), lambda work: service.rename(work, self.ids[node], name)
        )

    @rule(who=whoever, one=any_node, place=any_node)
    def move(self, who: str, one: int, place: int) -> None:
        node, target = self._node(one), self._node(place)
        self._try(
            who,
            lambda: self.model.move(who, node, target),
            lambda work: transfer.move(work, self.ids[node], self.ids[target]),
        )

    @rule(who=whoever, one=any_node, place=any_node, name=names)
    def copy(self, who: str, one: int, place: int, name: str) -> None:
        node, target = self._node(one), self._node(place)
        before = len(self.model.nodes)
        self._try(
            who,
            lambda: self.model.copy(who, node, target, name),
            lambda work: transfer.copy(work, self.ids[node], self.ids[target], name).id,
        )
        for new in self.model.nodes[before:]:
            if new not in self.ids:
                self.ids[new] = self._find(new)

    @rule(who=whoever, one=any_node)
    def throw_away(self, who: str, one: int) -> None:
        node = self._node(one)
        self._try(who, lambda: self.model.trash(who, node), lambda work: trash.trash(work, self.ids[node]))

    @rule(who=whoever, one=any_node)
    def take_back(self, who: str, one: int) -> None:
        asleep = [node for node in self.model.nodes if node.asleep]
        node = asleep[one % len(asleep)] if asleep else self._node(one)
        self._try(who, lambda: self.model.restore(who, node), lambda work: trash.restore(work, self.ids[node]))

    @rule(who=whoever, one=any_node, number=st.integers(0, 2))
    def restore_version(self, who: str, one: int, number: int) -> None:
        files = [node for node in self.model.nodes if len(node.versions) > 1]
        node = files[one % len(files)] if files else self._node(one)
        self._try(
            who,
            lambda: self.model.restore_version(who, node, number),
            lambda work: versions.restore_version(work, self.ids[node], self.version(node, number)),
        )

    @rule(who=owners, one=any_node, subject=whoever, level=levels)
    def share(self, who: str, one: int, subject: str, level: int) -> None:
        node = self._node(one)

        def really(work: Work) -> str:
            thing = locate_item(work, self.ids[node])[1]
            return sharing.grant(work, thing, self.subjects[subject], LEVELS[level]).id

        made = self._try(who, lambda: self.model.share(who, node, subject, level), really)
        for given in self.model.given:
            if given not in self.grants and made is not None:
                self.grants[given] = made

    @rule(who=whoever, one=any_node, subject=whoever, level=levels)
    def reshare(self, who: str, one: int, subject: str, level: int) -> None:
        """Nobody passes on what they were given, whatever level they hold."""
        self.share(who, one, subject, level)

    @rule(who=whoever, which=any_node)
    def revoke(self, who: str, which: int) -> None:
        if not self.model.given:
            return
        given = self.model.given[which % len(self.model.given)]

        def really(work: Work) -> None:
            thing = locate_item(work, self.ids[given.node], trashed=True)[1]
            sharing.revoke(work, thing, self.grants[given])

        if not given.node.hidden and given.node in self.model.nodes:
            self._try(who, lambda: self.model.revoke(who, given), really)

    @rule(who=owners, one=any_node)
    def deliver(self, who: str, one: int) -> None:
        node = self._node(one)

        def really(work: Work) -> str:
            case = case_service.open_case(work, title="Burst riser", story="Please.", body_id=self.housing.id)
            case_service.put_in(work, case.id, [self.ids[node]])
            case_service.deliver(work, case.id)
            return case.id

        if node.parent is not None and self.model.level(who, node) == OWN:
            case_id = self._try(who, lambda: self.model.deliver(who, node), really)
            if case_id is not None:
                self.delivered.append((case_id, who, self.model.delivered[-1]))

    # what must hold afterwards --------------------------------------------------------------------------------------
    @invariant()
    def everybody_may_do_what_the_model_says(self) -> None:
        self.steps += 1
        here = self.steps % len(WHO)
        self._rights((WHO[here], WHO[here - 2]))
        self._lists(WHO[here])

    def _rights(self, people: tuple[str, ...]) -> None:
        """Every item is where the model says, and these people may do with it what the model says."""
        with self.world.reading(COMMAND) as work:
            for node in self.model.nodes:
                item, thing = locate_item(work, self.ids[node], trashed=True)
                assert item.name == node.name or node.parent is None
                assert item.parent_id == (self.ids[node.parent] if node.parent else None)
                assert (item.trashed_at is not None) == node.asleep
                newest = work.session.scalar(select(func.max(Version.number)).where(Version.item_id == item.id))
                assert (newest or 0) == len(node.versions)
                for who in people:
                    level = verdict_on(work, thing, self.actors[who]).level
                    assert (level or 0) == self.model.level(who, node), (who, node.name)

    def _lists(self, who: str) -> None:
        """What somebody sees in folders, and of what was shared with them."""
        known = set(self.ids.values())
        with self.world.runtime.writing(self.actors[who]) as work:  # looks are written down, and taken back here
            for node in self.model.nodes:
                if not node.is_folder:
                    continue
                try:
                    seen = {one.id for one in queries.folder(work, self.ids[node]).entries} & known
                except HIDDEN:
                    assert node.hidden or self.model.level(who, node) == 0
                    continue
                assert not node.hidden
                assert self.model.level(who, node) > 0
                assert seen == {self.ids[one] for one in self.model.children(node)}
            if who != "link":
                held = {grant.id for grant in shared_with_me(work)}
                wanted = {self.grants[one] for one in self.model.given if one.subject == who and not one.over}
                assert held == wanted

    def teardown(self) -> None:
        """What was delivered is still there for the body, byte for byte, and for the applicant; for nobody else."""
        if not hasattr(self, "model"):
            return
        self._rights(WHO)
        for case_id, owner, files in self.delivered:
            assert self._handed(case_id) == sorted(files)
            for who in ("petro", "link"):
                if self.model.level(who, self.model.roots[owner]) > 0:
                    continue  # whoever sees the whole cloud sees the folder of the case in it
                with self.world.runtime.writing(self.actors[who]) as work, pytest.raises(HIDDEN):
                    cases.case(work, case_id)

    def _handed(self, case_id: str) -> list[bytes]:
        actor = self.actors["housing"]
        with self.world.writing(actor) as work:
            documents = cases.case(work, case_id).documents
        found = []
        for document in documents:
            with self.world.writing(actor) as work:
                opened = cases.open_delivered(work, document.id)
            found.append(b"".join(map(bytes, opened.reader.stream())))
        return sorted(found)

    # in between -----------------------------------------------------------------------------------------------------
    def _node(self, number: int) -> Node:
        return self.model.nodes[number % len(self.model.nodes)]

    def _try(self, who: str, in_model: Callable[[], Any], really: Callable[[Work], Any]) -> Any:
        """Do it in both. Who is refused by the one is refused by the other, and learns no more than they may."""
        refused, made = None, None
        try:
            made = in_model()
        except Refused as one:
            refused = one
        told: DomainError | None = None
        try:
            with self.world.writing(self.actors[who]) as work:
                result = really(work)
        except DomainError as error:
            told = error
        assert (told is None) == (refused is None), f"{who}: the program says {told!r}"
        if refused is not None:
            assert not refused.hidden or isinstance(told, HIDDEN), told
            return None
        if isinstance(made, Node):
            self.ids.setdefault(made, result)
        return result

    def _find(self, node: Node) -> str:
        """The id of something that came with a folder that was copied."""
        assert node.parent is not None
        with self.world.reading(self.actors[node.owner]) as work:
            entries = queries.folder(work, self.ids[node.parent]).entries
        return next(one.id for one in entries if one.name == node.name)

    def version(self, node: Node, number: int) -> str:
        with self.world.reading(COMMAND) as work:
            found = select(Version.id).where(Version.item_id == self.ids[node], Version.number == number + 1)
            return work.session.scalar(found) or new_id()


@dataclass(frozen=True)
class Step:
    """One thing that somebody could do next: to what, in the model, and really."""

    told: str
    nodes: tuple[Node, ...]
    in_model: Callable[..., Any]
    really: Callable[[Work], Any]


def steps(town: Town, who: str) -> Iterator[Step]:
    """Every single thing that somebody could do next."""
    for one in town.model.nodes:
        yield from _with_one(town, who, one, town.ids[one])
        for place in town.model.nodes:
            yield from _with_two(who, (one, place), (town.ids[one], town.ids[place]))


def _with_one(town: Town, who: str, one: Node, item: str) -> Iterator[Step]:
    at, first = (one,), town.version(one, 0)
    other = "petro" if who != "petro" else "olena"

    def give(work: Work) -> None:
        sharing.grant(work, locate_item(work, item)[1], town.subjects[other], Level.EDIT)

    yield Step("trash", at, lambda model, node: model.trash(who, node), lambda work: trash.trash(work, item))
    yield Step("restore", at, lambda model, node: model.restore(who, node), lambda work: trash.restore(work, item))
    yield Step(
        "rename", at, lambda model, node: model.rename(who, node, "new"), lambda work: service.rename(work, item, "new")
    )
    yield Step(
        "restore a version",
        at,
        lambda model, node: model.restore_version(who, node, 0),
        lambda work: versions.restore_version(work, item, first),
    )
    yield Step("open", at, lambda model, node: model.open(who, node), lambda work: service.open_version(work, item))
    yield Step("share", at, lambda model, node: model.share(who, node, other, EDIT), give)
    for name in ("new", "c"):
        yield Step(
            f"put {name}",
            at,
            lambda model, node, name=name: model.put(who, node, name, b"6"),
            lambda work, name=name: town.world.upload_in(work, item, name, b"6"),
        )


def _with_two(who: str, at: tuple[Node, Node], items: tuple[str, str]) -> Iterator[Step]:
    yield Step("move", at, lambda model, *pair: model.move(who, *pair), lambda work: transfer.move(work, *items))
    yield Step(
        "copy",
        at,
        lambda model, *pair: model.copy(who, *pair, "new"),
        lambda work: transfer.copy(work, *items, "new"),
    )


@pytest.mark.parametrize("who", WHO)
def test_every_single_step_is_decided_as_the_reference_says(embedded_world: World, who: str) -> None:
    Town.world = embedded_world
    town = Town()
    town.begin()
    for step in steps(town, who):
        refused, error = None, None
        model, nodes = deepcopy((town.model, step.nodes))
        try:
            step.in_model(model, *nodes)
        except Refused as one:
            refused = one
        with embedded_world.runtime.writing(town.actors[who]) as work:  # never committed
            try:
                step.really(work)
            except DomainError as one:
                error = one
        what = f"{who}: {step.told} {[one.name for one in nodes]}"
        assert (error is None) == (refused is None), f"{what}: the program says {error!r}"
        assert refused is None or not refused.hidden or isinstance(error, HIDDEN), f"{what}: {error!r}"


@pytest.mark.slow
@pytest.mark.timeout(share(900, 7200))
def test_whatever_people_do_everybody_may_do_exactly_what_the_reference_says() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        Town.world = World(place, embedded_stack(place))
        try:
            run_state_machine_as_test(
                Town,
                settings=settings(
                    max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, derandomize=True,
                    phases=(Phase.generate, Phase.shrink), print_blob=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            Town.world.close()
