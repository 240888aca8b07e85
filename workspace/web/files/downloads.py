"""Bytes on their way out: a file, a version of it, a player's ranges, several files as one ZIP."""

import logging
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from workspace.cloud.archive import MOST_FILES, Archive, ArchiveStream, plan_archive
from workspace.cloud.entries import look
from workspace.cloud.service import OpenedFile, open_file, rights_to_open
from workspace.cloud.things import locate_item
from workspace.http.request import carries_bytes, current_actor, runtime
from workspace.http.streaming import send_blob, send_stream
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.facts import FactKind
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files
from workspace.web.formats import number

log = logging.getLogger(__name__)


@files.get("/item/<item_id>/download")
@carries_bytes
def download(item_id: str) -> Response:
    """A file as an attachment; `version` asks for an old one."""
    return _send(opened_file(item_id, request.args.get("version") or None, FactKind.DOWNLOADED))


@files.get("/item/<item_id>/play")
@carries_bytes
def play(item_id: str) -> Response:
    """The same bytes for the player on the file's page, range by range."""
    return _send(opened_file(item_id, None, FactKind.OPENED))


@files.get("/zip")
@carries_bytes
def zipped() -> Any:
    """Files and whole folders as one ZIP, streamed."""
    chosen = request.args.getlist("item")
    try:
        archive = _planned(chosen)
    except NotAcceptable:
        flash(_("One ZIP takes up to %(limit)s files. Choose fewer at once.", limit=number(MOST_FILES)), "error")
        return redirect(url_for("files.index"))
    stream = ArchiveStream(runtime(), current_actor(), archive)
    name = f"{archive.name or _('Files')}.zip"
    answer = send_stream(iter(stream), again=stream.rights, name=name, media_type="application/zip")
    answer.content_length = stream.length
    return answer


def _planned(item_ids: list[str]) -> Archive:
    """What comes into the ZIP; where any of it is somebody else's, written down first."""
    instance, actor = runtime(), current_actor()
    with instance.reading(actor) as work:
        things = [locate_item(work, one)[1] for one in item_ids]
        if all(authorize(work, Action.OPEN, one).owner for one in things):
            return plan_archive(work, item_ids)
    with instance.writing(actor) as work:
        archive = plan_archive(work, item_ids)
        work.commit()
    return archive


def opened_file(item_id: str, version_id: str | None, kind: FactKind) -> OpenedFile:
    """Open a file for the actor; what is not their own is written down first.

    Owners read their own even where nothing can be written (a full disk): their look is only counted, if it can be.
    """
    instance, actor = runtime(), current_actor()
    with instance.reading(actor) as work:
        _item, thing = locate_item(work, item_id)
        verdict = authorize(work, Action.OPEN, thing)
        mine = open_file(work, item_id, version_id, kind) if verdict.owner else None
    if mine is None:
        with instance.writing(actor) as work:
            others = open_file(work, item_id, version_id, kind)
            work.commit()
        return others
    if request.range is None or request.range.ranges[0][0] == 0:
        try:
            with instance.writing(actor) as work:
                look(work, kind, thing, verdict, mine.version.id)
                work.commit()
        except OperationalError:
            log.warning("an owner's own look could not be counted")
    return mine


def _send(opened: OpenedFile) -> Response:
    return send_blob(
        opened.reader,
        again=lambda work: rights_to_open(work, opened.item.id),
        name=opened.item.name,
        media_type=opened.version.media_type,
        etag=opened.version.id,
        modified=opened.version.made_at,
    )
