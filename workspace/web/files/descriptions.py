"""Names and descriptions: a new folder, another name, the kind and the note."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from workspace.cloud import queries, service
from workspace.http.request import current_work, end_work
from workspace.kernel.errors import DomainError, NameNotAllowed, NameTaken, NotAcceptable
from workspace.sharing.rule import Action
from workspace.web.fields import Shown
from workspace.web.files.blueprint import files
from workspace.web.files.refusals import sentence
from workspace.web.files.selection import throw_away
from workspace.web.files.standing import Standing, stand, url_of, way_to
from workspace.web.formats import number, plain_name


@files.route("/<folder_id>/new-folder", methods=["GET", "POST"])
def new_folder(folder_id: str) -> Any:
    """A new folder inside another one."""
    name, wrong = request.form.get("name", "").strip(), ""
    standing = stand(folder_id, Action.ADD)
    if request.method == "POST":
        try:
            made = service.make_folder(current_work(), folder_id, name)
            flash(_("The folder “%(name)s” is ready.", name=plain_name(made.name)), "ok")
            return redirect(url_of(made), code=303)
        except (NameNotAllowed, NameTaken) as error:
            end_work()
            wrong, standing = sentence(error), stand(folder_id, Action.ADD)
    field = Shown(name="name", id="name", label=_("Name of the folder"), value=name, errors=(wrong,) if wrong else ())
    return _name_page("files/new_folder.html", standing, field, _("New folder"))


@files.route("/item/<item_id>/rename", methods=["GET", "POST"])
def rename(item_id: str) -> Any:
    """Another name for a file or folder; its id, its shares and its history stay."""
    standing = stand(item_id, Action.CHANGE)
    name, wrong = request.form.get("name", standing.item.name), ""
    if request.method == "POST":
        try:
            renamed = service.rename(current_work(), item_id, name)
            flash(_("It is now called “%(name)s”.", name=plain_name(renamed.name)), "ok")
            return redirect(url_of(renamed), code=303)
        except (NameNotAllowed, NameTaken) as error:
            end_work()
            wrong, standing = sentence(error), stand(item_id, Action.CHANGE)
    field = Shown(name="name", id="name", label=_("New name"), value=name, errors=(wrong,) if wrong else ())
    return _name_page("files/rename.html", standing, field, _("Rename"))


@files.route("/item/<item_id>/describe", methods=["GET", "POST"])
def describe(item_id: str) -> Any:
    """The kind and the note."""
    standing = stand(item_id, Action.CHANGE)
    view = queries.item(current_work(), item_id)
    kind = request.form.get("kind", view.entry.kind)
    note = request.form.get("note", view.note).replace("\r\n", "\n")
    wrong = ""
    if request.method == "POST":
        try:
            service.describe(current_work(), item_id, kind=kind, note=note if note != view.note else None)
            flash(_("The description was changed."), "ok")
            return redirect(url_of(standing.item), code=303)
        except NotAcceptable as error:
            end_work()
            standing = stand(item_id, Action.CHANGE)
            wrong = _("Write at most %(limit)s characters", limit=number(service.NOTE_LIMIT))
            kind = view.entry.kind if error.details.get("field") == "kind" else kind
    field = Shown(
        name="note",
        id="note",
        label=_("Note"),
        hint=_("For yourself and for those with whom you share it."),
        value=note,
        errors=(wrong,) if wrong else (),
    )
    return render_template(
        "files/describe.html",
        standing=standing,
        kind_value=kind,
        field=field,
        back=url_of(standing.item),
        way_here=way_to(queries.path(current_work(), item_id), standing, _("Description")),
        errors=[("note", wrong)] if wrong else None,
    ), 422 if wrong else 200


@files.post("/item/<item_id>/trash")
def trash_item(item_id: str) -> Response:
    """Into the trash, from which it can be taken back."""
    standing = stand(item_id, Action.CHANGE)
    return throw_away([item_id], _visible_parent(standing))


def _visible_parent(standing: Standing) -> str | None:
    """The folder around an item, if the actor may see it."""
    parent = standing.item.parent_id
    if parent is None:
        return None
    try:
        stand(parent)
    except DomainError:
        return None
    return parent


def _name_page(template: str, standing: Standing, field: Shown, title: str) -> Any:
    page = render_template(
        template,
        field=field,
        standing=standing,
        back=url_of(standing.item),
        way_here=way_to(queries.path(current_work(), standing.item.id), standing, title),
        errors=[("name", one) for one in field.errors] or None,
    )
    return page, 422 if field.errors else 200
