"""The page of a folder: what lies in it, page by page, who can see it, and what one can do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from workspace.cases.traces import Trace, traces
from workspace.cloud import queries
from workspace.cloud.listing import Sort
from workspace.cloud.own import own_spaces
from workspace.cloud.views import FolderPage, ItemView
from workspace.db.work import Work
from workspace.exchange.queries import comments
from workspace.http.request import current_actor, current_work
from workspace.kernel.errors import DomainError, NotAcceptable, SignInRequired
from workspace.sharing.queries import shared_ids, who_can_see
from workspace.sharing.rule import GrantValue
from workspace.web.fields import Shown
from workspace.web.files.blueprint import files
from workspace.web.files.standing import Standing, let_in, stand, way_to, writing_work
from workspace.web.rooms import way
from workspace.web.subjects import grant_names

SHORT, LONG = 50, 100
MOST_ARRIVED = 20
KINDS = ("evidence", "draft", "correspondence")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a folder the address asks for. `at` is how many lines lie before it, for reading alone."""

    sort: Sort
    descending: bool
    cursor: str | None
    limit: int
    kind: str | None
    at: int

    def kept(self, **changed: Any) -> dict[str, Any]:
        """The values of an address that keeps to this view, without its place in the list."""
        values = {
            "sort": self.sort.value if self.sort is not Sort.NAME else None,
            "desc": "1" if self.descending else None,
            "n": self.limit if self.limit != SHORT else None,
            "kind": self.kind,
        }
        return {name: value for name, value in {**values, **changed}.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Marks:
    """Who can see an item of the list, besides its owner."""

    grants: tuple[GrantValue, ...]
    trace: Trace | None


@files.get("")
def index() -> Any:
    """The beginning of one's own cloud."""
    return folder_page(own_root())


@files.get("/<folder_id>")
def folder(folder_id: str) -> Any:
    """A folder of one's own or one shared with the reader; a file's id leads to the file's page."""
    return folder_page(folder_id)


def own_root() -> str:
    """The top folder of the actor's own cloud. Raises SignInRequired."""
    if current_actor().person_id is None:
        raise SignInRequired()
    found = [one for one in own_spaces(current_work()) if one.kind == "personal"]
    found = found or [one for one in own_spaces(writing_work()) if one.kind == "personal"]
    return found[0].root_id


def folder_page(
    folder_id: str,
    *,
    problems: Sequence[tuple[str, str]] = (),
    arrived: Sequence[str] = (),
    comment: Shown | None = None,
) -> Any:
    """Draw a folder. `problems` (file name, sentence) and `arrived` (ids) tell what became of an upload."""
    standing = stand(folder_id)
    if not standing.item.is_folder:
        return redirect(url_for("files.item", item_id=folder_id), code=302)
    work, asked, top = current_work(), _asked(), standing.item.parent_id is None
    try:
        page = queries.folder(work, folder_id, asked.sort, asked.descending, asked.cursor, asked.limit, asked.kind)
    except NotAcceptable:
        return redirect(_address(standing, asked))
    above = _above(work, standing)
    return render_template(
        "files/folder.html",
        page=page,
        folder=page.folder,
        standing=standing,
        may=standing.may,
        root=top,
        way_here=way_to(page.path, standing),
        let_in=let_in(work, standing),
        asked=asked,
        address=lambda **changed: _address(standing, asked, **changed),
        marks=_marks(work, page, standing, above),
        open_to=above,
        names=lambda grants: grant_names(work, grants),
        shown_total=page.kinds.get(asked.kind, 0) if asked.kind else page.total,
        counts={one: page.kinds[one] for one in KINDS if page.kinds.get(one)},
        usage=queries.usage(work, standing.item.space_id) if standing.owner and top else None,
        limit=work.settings.upload_limit,
        tus_url=way("uploads.create"),
        comments=comments(work, folder_id),
        arrived=_arrived(work, arrived or request.args.getlist("arrived")),
        undo=session.pop("undo", None),
        problems=problems,
        comment=comment,
    )


def _asked() -> Asked:
    given = request.args
    try:
        sort = Sort(given.get("sort", Sort.NAME.value))
    except ValueError:
        sort = Sort.NAME
    at = given.get("at", "0")
    return Asked(
        sort=sort,
        descending=given.get("desc") == "1",
        cursor=given.get("cursor") or None,
        limit=LONG if given.get("n") == str(LONG) else SHORT,
        kind=given["kind"] if given.get("kind") in (*KINDS, "other") else None,
        at=int(at) if at.isdecimal() and len(at) < 9 else 0,
    )


def _address(standing: Standing, asked: Asked, **changed: Any) -> str:
    values = asked.kept(**changed)
    if standing.owner and standing.item.parent_id is None:
        return url_for("files.index", **values)
    return url_for("files.folder", folder_id=standing.item.id, **values)


def _above(work: Work, standing: Standing) -> tuple[GrantValue, ...]:
    """For the owner: the grants by which others see the folder and so all that lies in it."""
    if not standing.owner:
        return ()
    return tuple(line.grant for line in who_can_see(work, standing.thing) if not line.begins_later)


def _marks(work: Work, page: FolderPage, standing: Standing, above: tuple[GrantValue, ...]) -> dict[str, Marks]:
    """For the owner: who can see each line of the page, by what lies on it and on the folders above."""
    if not standing.owner:
        return {}
    ids = [one.id for one in page.entries]
    own, delivered = shared_ids(work, ids), traces(work, ids)
    return {one: Marks((*own.get(one, ()), *above), delivered[one][-1] if delivered.get(one) else None) for one in ids}


def _arrived(work: Work, ids: Sequence[str]) -> list[ItemView]:
    """What has just come in, with its fingerprints; what cannot be seen is passed over."""
    found = []
    for one in ids[:MOST_ARRIVED]:
        try:
            found.append(queries.item(work, one))
        except DomainError:
            continue
    return found


def back_to(folder_id: str | None) -> Response:
    """To a folder's page, or, where there is none that one may see, to what is shared with one."""
    if folder_id is not None:
        return redirect(url_for("files.folder", folder_id=folder_id), code=303)
    return redirect(url_for("shares.index", tab="with-me") if current_actor().person_id else "/", code=303)
