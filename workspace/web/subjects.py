"""The names of those whom grants name, for pages: one query a kind, whatever the number."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from workspace.accounts.queries import names_of
from workspace.bodies.models import Office
from workspace.bodies.queries import body_names
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.sharing.models import Link
from workspace.sharing.rule import GrantValue


def subject_names(work: Work, subjects: Iterable[Principal]) -> dict[Principal, str]:
    """What to call each subject. Only for pages whose reader already knows that the subject has a grant."""
    wanted = set(subjects)
    ids = {kind: [one.id for one in wanted if one.kind is kind] for kind in SubjectKind}
    found = {
        SubjectKind.PERSON: names_of(work, ids[SubjectKind.PERSON]),
        SubjectKind.BODY: body_names(work, ids[SubjectKind.BODY]),
        SubjectKind.OFFICE: _names(work, Office.id, Office.name, ids[SubjectKind.OFFICE]),
        SubjectKind.LINK: _names(work, Link.id, Link.label, ids[SubjectKind.LINK]),
    }
    nameless = {SubjectKind.LINK: _("Secret link")}
    gone = _("Somebody who is no longer here")
    return {one: found[one.kind].get(one.id, gone) or nameless.get(one.kind, gone) for one in wanted}


def grant_names(work: Work, grants: Iterable[GrantValue]) -> dict[Principal, str]:
    """What to call those whom grants name. A person to whom something was given by address is called by that address,
    whoever has it: an account is nobody else's business."""
    wanted = list(grants)
    addressed = {one.subject: one.addressed_to for one in wanted if one.addressed_to}
    return subject_names(work, [one.subject for one in wanted if one.subject not in addressed]) | addressed


def _names(work: Work, key: Any, name: Any, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = work.session.execute(select(key.label("id"), name.label("name")).where(key.in_(ids)))
    return {row.id: row.name for row in rows}
