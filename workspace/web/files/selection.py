"""What is ticked in a folder: download, move, copy, say what it is, throw away."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from workspace.cases.queries import my_cases
from workspace.cloud import service, trash
from workspace.cloud.queries import item_names, path
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import DomainError, NotFound
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files
from workspace.web.files.folder import back_to
from workspace.web.files.refusals import sentence
from workspace.web.files.standing import stand, url_of, way_to

UNDO_LIMIT = 40
PAGES = {
    "zip": "files.zipped",
    "move": "files.move",
    "copy": "files.copy",
    "kind": "files.kinds",
    "case": "files.to_case",
}


@files.post("/<folder_id>/selection")
def selected(folder_id: str) -> Response:
    """What the bar over a list does with the ticked lines."""
    stand(folder_id)
    chosen = list(dict.fromkeys(request.form.getlist("item")))
    do = request.form.get("do", "")
    if not chosen:
        flash(_("Tick at least one line of the list first."), "error")
        return back_to(folder_id)
    if do in PAGES:
        return redirect(url_for(PAGES[do], item=chosen), code=303)
    if do == "trash":
        return throw_away(chosen, folder_id)
    raise NotFound()


def throw_away(item_ids: list[str], folder_id: str | None) -> Response:
    """Throw items away, all or none, and go back to a folder whose page offers to undo it."""
    work = current_work()
    names = item_names(work, item_ids)
    thrown = [trash.trash(work, one) for one in item_ids]
    session["undo"] = {
        "items": [one.id for one in thrown][:UNDO_LIMIT],
        "count": len(thrown),
        "name": names.get(thrown[0].id, thrown[0].name)[:120] if len(thrown) == 1 else "",
    }
    return back_to(folder_id)


@files.route("/kinds", methods=["GET", "POST"])
def kinds() -> Any:
    """Say what the ticked files are: draft, evidence, correspondence or other."""
    chosen = list(dict.fromkeys(request.values.getlist("item")))
    if not chosen:
        raise NotFound()
    first = stand(chosen[0], Action.CHANGE)
    work = current_work()
    error = ""
    if request.method == "POST":
        kind = request.form.get("kind", "")
        try:
            with refusable():
                for one in chosen:
                    service.describe(work, one, kind=kind)
                flash(ngettext("Changed %(num)s item.", "Changed %(num)s items.", len(chosen)), "ok")
                return back_to(first.thing.lineage[1] if len(first.thing.lineage) > 1 else None)
        except DomainError as refusal:
            error = _("Choose one of the kinds") if refusal.code == "not_acceptable" else sentence(refusal)
    return render_template(
        "files/kinds.html",
        chosen=chosen,
        names=list(item_names(work, chosen).values()),
        way_here=way_to(path(work, chosen[0])[:-1], first, _("Kind")),
        back=url_for("files.folder", folder_id=first.thing.lineage[1]) if len(first.thing.lineage) > 1 else "",
        error=error,
    )


@files.get("/to-case")
def to_case() -> Any:
    """Choose the draft case that the ticked things go into; the case's own page puts them in."""
    chosen = list(dict.fromkeys(request.args.getlist("item")))
    if not chosen:
        raise NotFound()
    first = stand(chosen[0], Action.DELIVER)
    work = current_work()
    return render_template(
        "files/to_case.html",
        chosen=chosen,
        names=list(item_names(work, chosen).values()),
        drafts=[one for one in my_cases(work) if one.state.delivered_at is None and one.state.withdrawn_at is None],
        way_here=way_to(path(work, chosen[0])[:-1], first, _("Add to a case")),
        back=url_of(first.item),
    )
