"""Moving and copying: choose the folder by walking there, then say "here"."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from workspace.cloud import queries, transfer
from workspace.cloud.entries import Siblings, child
from workspace.cloud.listing import Sort
from workspace.cloud.models import Item
from workspace.cloud.names import free_name
from workspace.db.work import Work
from workspace.http.errors import keep_refusal, status_of
from workspace.http.request import current_actor, current_work, end_work, runtime
from workspace.kernel.errors import DomainError, NotFound
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files
from workspace.web.files.folder import own_root
from workspace.web.files.refusals import sentence
from workspace.web.files.standing import Standing, stand, way_to
from workspace.web.formats import plain_name

FOLDERS = 200
MOST_ITEMS = 100


@files.route("/move", methods=["GET", "POST"])
def move() -> Any:
    """Put items into another folder of the same cloud."""
    return _carry("move")


@files.route("/copy", methods=["GET", "POST"])
def copy() -> Any:
    """A second one of each, here or in one's own cloud; no byte is copied."""
    return _carry("copy")


def _carry(act: str) -> Any:
    needed = Action.CHANGE if act == "move" else Action.OPEN
    ids = list(dict.fromkeys(request.values.getlist("item")))[:MOST_ITEMS]
    if not ids:
        raise NotFound()
    standings = [stand(one, needed) for one in ids]
    place_id = request.values.get("to") or _start(act, standings[0])
    if request.method == "GET":
        return _picker(act, standings, place_id)
    same = request.form.get("same", "")
    try:
        place = stand(place_id)
        taken = _taken(current_work(), place_id, [one.item for one in standings])
        if taken and same not in ("both", "version"):
            return _picker(act, standings, place_id, taken=taken), 409
        for one in standings:
            _carry_one(current_work(), act, one.item, place_id, keep_both=same == "both")
    except DomainError as error:
        end_work()
        keep_refusal(runtime(), current_actor(), error)
        standings = [stand(one, needed) for one in ids]
        return _picker(act, standings, _start(act, standings[0]), problem=sentence(error)), status_of(error)
    return _done(act, standings, place)


def _carry_one(work: Work, act: str, item: Item, place_id: str, *, keep_both: bool) -> None:
    name = free_name(item.name, Siblings(work, place_id)) if keep_both else None
    verb = transfer.move if act == "move" else transfer.copy
    verb(work, item.id, place_id, name)


def _taken(work: Work, place_id: str, items: Sequence[Item]) -> list[Item]:
    """Which of these bear a name that something else in the folder bears already."""
    there = [(one, child(work, place_id, one.name)) for one in items]
    return [one for one, other in there if other is not None and one.parent_id != place_id]


def _start(act: str, first: Standing) -> str:
    """Where walking begins: beside the item, or, for what is somebody else's, in one's own cloud."""
    own = first.owner or act == "move" or current_actor().person_id is None
    if not own:
        return own_root()
    parent = first.item.parent_id
    return parent if parent is not None else first.item.id


def _picker(
    act: str, standings: list[Standing], place_id: str, *, taken: Sequence[Item] = (), problem: str = ""
) -> str:
    place = stand(place_id)
    work = current_work()
    page = queries.folder(work, place_id, Sort.NAME, limit=FOLDERS, cursor=request.args.get("cursor") or None)
    ids = [one.item.id for one in standings]
    folders = [one for one in page.entries if one.is_folder]
    steps = way_to(page.path, place)
    trail = [
        (label, url_for(f"files.{act}", item=ids, to=one.id))
        for (label, _url), one in zip(steps[len(steps) - len(page.path) :], page.path, strict=True)
    ]
    return render_template(
        "files/picker.html",
        act=act,
        ids=ids,
        items=[one.item for one in standings],
        place=place,
        may_put=place.may("add"),
        here=place_id,
        same_place=act == "move" and all(one.item.parent_id == place_id for one in standings),
        folders=folders,
        more=url_for(f"files.{act}", item=ids, to=place_id, cursor=page.cursor)
        if page.cursor and page.entries[-1].is_folder
        else "",
        trail=trail,
        walk=lambda folder_id: url_for(f"files.{act}", item=ids, to=folder_id),
        back=url_for("files.item", item_id=ids[0]),
        taken=taken,
        folder_taken=any(one.is_folder for one in taken),
        problem=problem,
        errors=[("", problem)] if problem else None,
        g_nav="files.index",
    )


def _done(act: str, standings: list[Standing], place: Standing) -> Response:
    many = len(standings)
    where = plain_name(place.item.name) or _("My files")
    if act == "move":
        text = ngettext("Moved %(num)s item to “%(where)s”.", "Moved %(num)s items to “%(where)s”.", many, where=where)
    else:
        text = ngettext(
            "Copied %(num)s item to “%(where)s”.", "Copied %(num)s items to “%(where)s”.", many, where=where
        )
    flash(text, "ok")
    return redirect(url_for("files.folder", folder_id=place.item.id), code=303)
