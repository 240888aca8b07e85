"""The trash of one's own cloud: take back, delete for good, empty."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from workspace.cloud import queries
from workspace.cloud import trash as verbs
from workspace.cloud.own import own_spaces
from workspace.http.request import current_work, end_work
from workspace.kernel.errors import DomainError, NotAcceptable, NotFound, WrongState
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files
from workspace.web.files.folder import own_root
from workspace.web.files.standing import stand, url_of
from workspace.web.formats import file_size, plain_name


@files.get("/trash")
def trash() -> Any:
    """What was thrown away, newest first."""
    own_root()
    g.nav = "files.index"
    work = current_work()
    space = own_spaces(work)[0]
    try:
        page = queries.trash_list(work, space.id, request.args.get("cursor") or None)
    except NotAcceptable:
        return redirect(url_for("files.trash"))
    return render_template(
        "files/trash.html", page=page, usage=space.usage, days=work.settings.trash_days, now=work.now
    )


@files.post("/trash/restore")
def restore() -> Response:
    """Take items out of the trash: to where they lay, or to the beginning of the cloud where that is gone."""
    chosen = list(dict.fromkeys(request.form.getlist("item")))
    if not chosen:
        flash(_("Tick at least one line of the list first."), "error")
        return redirect(url_for("files.trash"), code=303)
    work = current_work()
    back = [verbs.restore(work, one) for one in chosen]
    if len(back) == 1:
        flash(_("“%(name)s” is back in its folder.", name=plain_name(back[0].name)), "ok")
        return redirect(_place_of(str(back[0].parent_id), url_of(back[0])), code=303)
    flash(ngettext("%(num)s item is back in its folder.", "%(num)s items are back in their folders.", len(back)), "ok")
    parents = {str(one.parent_id) for one in back}
    otherwise = url_for("files.index")
    return redirect(_place_of(parents.pop(), otherwise) if len(parents) == 1 else otherwise, code=303)


@files.route("/trash/<item_id>/delete", methods=["GET", "POST"])
def delete(item_id: str) -> Any:
    """Delete one thing for good, after a question."""
    standing = stand(item_id, Action.ERASE, trashed=True)
    if standing.item.trashed_at is None:
        raise NotFound()
    g.nav = "files.index"
    if request.method == "GET":
        return render_template("files/delete.html", item=standing.item)
    name = plain_name(standing.item.name)
    try:
        freed = verbs.delete_for_good(current_work(), item_id)
    except WrongState:
        end_work()
        flash(_("“%(name)s” belongs to a case and cannot be deleted.", name=name), "error")
        return redirect(url_for("files.trash"), code=303)
    flash(_("“%(name)s” is deleted for good. %(size)s are free again.", name=name, size=file_size(freed)), "ok")
    return redirect(url_for("files.trash"), code=303)


@files.route("/trash/empty", methods=["GET", "POST"])
def empty() -> Any:
    """Delete everything in the trash for good, after a question."""
    own_root()
    g.nav = "files.index"
    work = current_work()
    space = own_spaces(work)[0]
    if request.method == "GET":
        return render_template("files/empty_trash.html", page=queries.trash_list(work, space.id))
    count = verbs.empty_trash(work, space.id)
    flash(ngettext("Deleted %(num)s item for good.", "Deleted %(num)s items for good.", count), "ok")
    return redirect(url_for("files.trash"), code=303)


def _place_of(folder_id: str, otherwise: str) -> str:
    try:
        stand(folder_id)
    except DomainError:
        return otherwise
    return url_for("files.folder", folder_id=folder_id)
