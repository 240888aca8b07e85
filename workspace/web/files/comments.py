"""Comments on files and folders: say something, take it back."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from workspace.exchange.service import TEXT_LIMIT, comment, withdraw_comment
from workspace.http.request import current_work, end_work
from workspace.kernel.errors import NotAcceptable
from workspace.sharing.rule import Action
from workspace.web.fields import Shown
from workspace.web.files.blueprint import files
from workspace.web.files.folder import folder_page
from workspace.web.files.item import item_page
from workspace.web.files.standing import stand
from workspace.web.formats import number


@files.post("/item/<item_id>/comments")
def add_comment(item_id: str) -> Any:
    """Say something about a file or folder."""
    standing = stand(item_id, Action.COMMENT)
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        comment(current_work(), item_id, text)
    except NotAcceptable:
        end_work()
        wrong = (
            _("Write at most %(limit)s characters", limit=number(TEXT_LIMIT))
            if text.strip()
            else _("Write your comment first")
        )
        field = Shown(name="text", id="comment-text", value=text, errors=(wrong,))
        draw = folder_page if standing.item.is_folder else item_page
        return draw(item_id, comment=field), 422
    return _back(item_id, standing.item.is_folder)


@files.post("/item/<item_id>/comments/<comment_id>/withdraw")
def take_comment_back(item_id: str, comment_id: str) -> Response:
    """One's own comment, or, on one's own file, anybody's."""
    standing = stand(item_id)
    withdraw_comment(current_work(), comment_id)
    flash(_("The comment was taken back. Its words are gone, the line stays."), "ok")
    return _back(item_id, standing.item.is_folder)


def _back(item_id: str, is_folder: bool) -> Response:
    place = url_for("files.folder", folder_id=item_id) if is_folder else url_for("files.item", item_id=item_id)
    return redirect(f"{place}#comments", code=303)
