"""What the verbs of accounts share: finding a person's row, and telling what happened to it."""

from typing import Any

from sqlalchemy import select

from workspace.accounts.models import Person
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotAcceptable, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import Located, ThingKind

NAME_LIMIT = 120


def located(person_id: str) -> Located:
    """A person as a thing that facts are about."""
    return Located(ThingKind.PERSON, person_id, Principal(SubjectKind.PERSON, person_id), (person_id,))


def find_row(work: Work, person_id: str) -> Person:
    """Raises NotFound."""
    row = work.session.get(Person, person_id)
    if row is None:
        raise NotFound()
    return row


def row_by_email(work: Work, email: str) -> Person | None:
    """By a normalised address."""
    return work.session.scalar(select(Person).where(Person.email == email))


def tell(work: Work, kind: FactKind, person_id: str, **details: Any) -> FactRow:
    """Record what happened to a person; who is only just signing in or up counts as having done it themselves."""
    fact = work.record(kind, located(person_id), **details)
    if fact.person_id is None and not work.actor.host:
        fact.person_id = person_id
    return fact


def clean_name(text: str) -> str:
    """A name as people write it, on one line. Raises NotAcceptable (field `name`)."""
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise NotAcceptable("Write your name.", field="name")
    if len(name) > NAME_LIMIT:
        raise NotAcceptable("Write a name of at most 120 characters.", field="name", limit=NAME_LIMIT)
    return name
