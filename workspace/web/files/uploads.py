"""Files that come in by a plain form: sealed while it is parsed, then named, one by one. `js/upload.js` does better."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from workspace.cloud.blobs import SealedBlob, forget
from workspace.cloud.replacing import add_version, expect_version
from workspace.cloud.service import AddedFile, add_file
from workspace.cloud.things import locate_item
from workspace.http.bodies import sealed_files
from workspace.http.errors import keep_refusal, status_of
from workspace.http.request import carries_bytes, current_actor, runtime
from workspace.kernel.errors import DomainError, StorageFull, StorageUnavailable, TooLarge, WrongState
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.web.files.blueprint import files
from workspace.web.files.folder import MOST_ARRIVED, folder_page
from workspace.web.files.item import item_page
from workspace.web.files.refusals import sentence

UNFIT = (TooLarge, StorageFull, StorageUnavailable)


@files.post("/<folder_id>/upload")
@carries_bytes
def upload(folder_id: str) -> Any:
    """Put files into a folder; a file whose name is there already gets a new version. What fits comes in."""
    with runtime().reading(current_actor()) as work:
        item, thing = locate_item(work, folder_id)
        authorize(work, Action.ADD, thing)
        if not item.is_folder:
            raise WrongState("This is a file; choose a folder.")
    try:
        came = sealed_files("files")
    except UNFIT as error:
        return _again(folder_id, [("", sentence(error))], [], status_of(error))
    if not came:
        return _again(folder_id, [("", _("Choose at least one file first."))], [], 422)
    added: list[AddedFile] = []
    problems: list[tuple[str, str]] = []
    status = 422
    for filename, sealed in came:
        name = filename.replace("\\", "/").rpartition("/")[2]
        try:
            added.append(_put(folder_id, name, sealed))
        except DomainError as error:
            keep_refusal(runtime(), current_actor(), error)
            problems.append((filename, sentence(error)))
            status = status_of(error)
    if problems:
        return _again(folder_id, problems, [one.item.id for one in added], status)
    if len(added) > MOST_ARRIVED:
        flash(ngettext("%(num)s file has arrived.", "%(num)s files have arrived.", len(added)), "ok")
        return redirect(url_for("files.folder", folder_id=folder_id), code=303)
    ids = [one.item.id for one in added]
    return redirect(url_for("files.folder", folder_id=folder_id, arrived=ids), code=303)


@files.post("/item/<item_id>/upload")
@carries_bytes
def upload_version(item_id: str) -> Any:
    """New content for a file: its next version."""
    instance, actor = runtime(), current_actor()
    with instance.reading(actor) as work:
        expect_version(work, item_id)
    try:
        came = sealed_files("file")
        if not came:
            return _again_item(item_id, _("Choose a file first."), 422)
        sealed = came[0][1]
        try:
            with instance.writing(actor) as work:
                number = add_version(work, item_id, sealed).number
                work.commit()
        except BaseException:
            forget(instance.ports, sealed)
            raise
    except DomainError as error:
        keep_refusal(runtime(), current_actor(), error)
        return _again_item(item_id, sentence(error), status_of(error))
    flash(_("Version %(number)s has arrived. The earlier ones stay below.", number=number), "ok")
    return redirect(url_for("files.item", item_id=item_id), code=303)


def _put(folder_id: str, name: str, sealed: SealedBlob) -> AddedFile:
    instance = runtime()
    try:
        with instance.writing(current_actor()) as work:
            added = add_file(work, folder_id, name, sealed)
            work.commit()
    except BaseException:
        forget(instance.ports, sealed)
        raise
    return added


def _again(folder_id: str, problems: list[tuple[str, str]], arrived: list[str], status: int) -> Any:
    g.work = runtime().reading(current_actor())
    page = folder_page(folder_id, problems=problems, arrived=arrived)
    g.work.commit()  # the look of somebody who is not the owner stands, whatever the status
    return page, status


def _again_item(item_id: str, problem: str, status: int) -> Any:
    g.work = runtime().reading(current_actor())
    page = item_page(item_id, version_error=problem)
    g.work.commit()
    return page, status
