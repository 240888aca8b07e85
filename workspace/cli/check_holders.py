"""Whoever holds something holds the key of it: versions, notes, previews, comments, stories, letters, drafts."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from workspace.cases.models import AnswerDraft, AnswerFile, Case, CaseNote, DeliveredFile, Delivery
from workspace.cli.findings import Course, Finding
from workspace.cloud.models import Item, Preview, Space, Version, WrappedKey
from workspace.cloud.repair import make_previews_anew
from workspace.exchange.models import Comment
from workspace.kernel.actors import COMMAND, SubjectKind

ADVICE = "Bring the row of its key back from a backup of the tables."


def held() -> dict[str, Select[Any, Any, Any]]:
    """What is sealed for whom: rows of (id, blob, space)."""
    desk = aliased(Space)  # the space of the body that a case lies with
    of_body = (desk.owner_kind == SubjectKind.BODY.value) & (desk.owner_id == Case.body_id)
    found: dict[str, Select[Any, Any, Any]] = {
        "version": select(Version.id, Version.blob_id, Item.space_id).join(Item, Item.id == Version.item_id),
        "note": select(Item.id, Item.note_id, Item.space_id),
        "preview": select(Preview.version_id, Preview.blob_id, Item.space_id)
        .join(Version, Version.id == Preview.version_id)
        .join(Item, Item.id == Version.item_id),
        "comment": select(Comment.id, Comment.text_id, Item.space_id).join(Item, Item.id == Comment.item_id),
        "story": select(Case.id, Case.story_id, Case.space_id),
    }
    for side, column in (("sender", Delivery.from_space_id), ("recipient", Delivery.to_space_id)):
        files = select(DeliveredFile.id, DeliveredFile.blob_id, column)
        found[f"delivered file, as its {side}"] = files.join(Delivery, Delivery.id == DeliveredFile.delivery_id)
        found[f"letter, as its {side}"] = select(Delivery.id, Delivery.letter_id, column)
    papers: tuple[tuple[str, Any, Any], ...] = (
        ("case note", CaseNote, CaseNote.text_id),
        ("draft of an answer", AnswerDraft, AnswerDraft.text_id),
        ("file of an answer", AnswerFile, AnswerFile.blob_id),
    )
    for name, table, sealed in papers:
        rows = select(table.case_id, sealed, desk.id).join(Case, Case.id == table.case_id)
        found[name] = rows.join(desk, of_body)
    return found


def check_holders(course: Course) -> Iterator[Finding]:
    """Each of them, by one query a kind."""
    for what, rows in held().items():
        sealed = rows.subquery()
        thing, blob, space = sealed.c
        keyless = (
            select(thing, blob, space)
            .join(Space, Space.id == space)
            .outerjoin(WrappedKey, (WrappedKey.blob_id == blob) & (WrappedKey.space_id == space))
            .where(blob.is_not(None), WrappedKey.blob_id.is_(None), Space.erased_at.is_(None))
        )
        with course.runtime.reading(COMMAND) as work:
            lacking = work.session.execute(keyless).all()
        for thing_id, blob_id, space_id in lacking:
            text = f"Space {space_id} holds this {what} and no key of it (blob {blob_id})."
            if what != "preview":
                yield Finding("key", thing_id, text, ADVICE)
                continue
            did = "The worker makes the preview anew."
            mend = course.mending(did, make_previews_anew, thing_id)
            yield Finding("preview", thing_id, text, mend=mend)
