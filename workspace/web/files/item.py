"""The page of a file: what it looks like, its fingerprint, its history, who can see it, who opened it."""

from typing import Any

from flask import redirect, render_template, url_for

from workspace.accounts.queries import names_of
from workspace.cases.traces import traces, used_in
from workspace.cloud import queries
from workspace.exchange.queries import LedgerFilter, comments, ledger
from workspace.http.request import current_work
from workspace.sharing.queries import who_can_see
from workspace.web.fields import Shown
from workspace.web.files.blueprint import files
from workspace.web.files.previews import shown_of
from workspace.web.files.standing import let_in, stand, way_to
from workspace.web.ledger import door_words
from workspace.web.shares import level_words
from workspace.web.subjects import grant_names

OPENINGS = 5


@files.get("/item/<item_id>")
def item(item_id: str) -> Any:
    """A file; a folder's id leads to the folder's page."""
    return item_page(item_id)


def item_page(item_id: str, *, comment: Shown | None = None, version_error: str = "") -> Any:
    """Draw a file. `comment` and `version_error`: what came back from its forms, to be put right."""
    standing = stand(item_id)
    if standing.item.is_folder:
        return redirect(url_for("files.folder", folder_id=item_id))
    work = current_work()
    view = queries.item(work, item_id)
    history = queries.versions(work, item_id)
    values: dict[str, Any] = {
        "view": view,
        "entry": view.entry,
        "standing": standing,
        "may": standing.may,
        "way_here": way_to(view.path, standing),
        "let_in": let_in(work, standing),
        "history": history,
        "makers": names_of(work, {one.made_by for one in history if one.made_by}),
        "comments": comments(work, item_id),
        "comment": comment,
        "version_error": version_error,
        "limit": work.settings.upload_limit,
    }
    if standing.owner:
        lines = who_can_see(work, standing.thing)
        page = ledger(work, LedgerFilter(item_id=item_id), limit=OPENINGS)
        values |= {
            "lines": lines,
            "people": grant_names(work, [one.grant for one in lines]),
            "level_words": level_words(),
            "openings": page.lines,
            "more_openings": page.cursor is not None,
            "doors": door_words(),
            "traces": traces(work, [item_id]).get(item_id, []),
            "uses": used_in(work, standing.thing.lineage),
        }
    return render_template("files/item.html", shown_as=shown_of(work, view.entry), **values)
