"""What a person does in a town, one operation at a time, always to the same few things in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tests.bench.filling import Grown
from workspace.cases import service as cases
from workspace.cases.delivering import deliver_with_letter
from workspace.cloud import queries, search, transfer, trash
from workspace.cloud.things import locate_item
from workspace.kernel.ids import new_id
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action, Verdict

Operation = Callable[[], object]


class Operations:
    """The operations of one town; `prepare` makes what the next call of an operation uses up."""

    def __init__(self, grown: Grown) -> None:
        self._grown, self._world = grown, grown.world
        self._number = count()
        self._folders = [self._world.folder(grown.olena.actor, grown.olena.root_id, f"place-{one}") for one in (1, 2)]
        self._moving = self._world.folder(grown.olena.actor, self._folders[0], "moving")
        self._world.upload(grown.olena.actor, self._moving, "inside.txt", b"moves along")
        self._body = self._world.make_body().id
        self._spent = ""

    def all(self) -> dict[str, tuple[Callable[[], None], Operation]]:
        """By name: what is done beforehand and not measured, and what is measured."""
        return {
            "list a folder of 300": (self._nothing, self._list),
            "open a file": (self._nothing, self._open),
            "search by name": (self._nothing, self._search),
            "permission, depth 3": (self._nothing, lambda: self._check(self._grown.file)),
            "permission, depth 20": (self._nothing, self.check_deep),
            "… the check alone": (self._located, self._authorize),
            "move a folder": (self._nothing, self._move),
            "delete a file": (self._a_file, self._delete),
            "deliver a case": (self._a_case, self._deliver),
        }

    def _nothing(self) -> None:
        pass

    def _list(self) -> object:
        with self._world.writing(self._grown.petro.actor) as work:
            return queries.folder(work, self._grown.folder)

    def _open(self) -> object:
        return self._world.content(self._grown.petro.actor, self._grown.file)

    def _search(self) -> object:
        with self._world.reading(self._grown.olena.actor) as work:
            return search.search(work, "letter 17")

    def check_deep(self) -> Verdict:
        """Whether Petro may see what lies twenty folders deep."""
        return self._check(self._grown.deep)

    def _check(self, item_id: str) -> Verdict:
        with self._world.reading(self._grown.petro.actor) as work:
            return authorize(work, Action.SEE, locate_item(work, item_id)[1])

    def _located(self) -> None:
        """As a request has it that has begun and found the thing."""
        self._asked = self._world.runtime.reading(self._grown.petro.actor)
        self._thing = locate_item(self._asked, self._grown.deep)[1]

    def _authorize(self) -> Verdict:
        try:
            return authorize(self._asked, Action.SEE, self._thing)
        finally:
            self._asked.rollback()

    def _move(self) -> object:
        self._folders.reverse()
        with self._world.writing(self._grown.olena.actor) as work:
            return transfer.move(work, self._moving, self._folders[0])

    def _a_file(self) -> None:
        olena = self._grown.olena
        self._spent = self._world.upload(olena.actor, olena.root_id, f"spent-{next(self._number)}", b"x").item.id

    def _delete(self) -> object:
        with self._world.writing(self._grown.olena.actor) as work:
            return trash.trash(work, self._spent)

    def _a_case(self) -> None:
        with self._world.writing(self._grown.olena.actor) as work:
            case = cases.open_case(work, title=f"Case {next(self._number)}", story="A riser burst.", body_id=self._body)
        self._world.upload(self._grown.olena.actor, case.folder_id, "riser.jpg", new_id().encode())
        self._spent = case.id

    def _deliver(self) -> object:
        return deliver_with_letter(self._world.runtime, self._grown.olena.actor, self._spent, "en")
