"""Verbs of the directory: an administrator adds bodies and offices, appoints officials and dismisses them."""

from sqlalchemy import func, select

from workspace.accounts.models import Person
from workspace.accounts.permission import require_administrator
from workspace.bodies.models import Body, Office, Official
from workspace.bodies.things import as_thing, find_body
from workspace.bodies.values import NAME_LIMIT, PHONE_LIMIT, BodyValues, problems, tidy
from workspace.db.epochs import raise_epoch
from workspace.db.work import Work
from workspace.kernel.actors import Principal, Role, SubjectKind
from workspace.kernel.errors import NameTaken, NotAcceptable, NotFound, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id


def add_body(work: Work, values: BodyValues) -> Body:
    """A new entry of the directory. Raises NotAcceptable (`field`, `reason`) and NameTaken for a slug in use."""
    require_administrator(work)
    values = checked(values)
    if work.session.scalar(select(Body.id).where(Body.slug == values.slug)):
        raise NameTaken(field="slug", name=values.slug)
    row = Body(id=new_id(), slug=values.slug, made_at=work.now, closed_at=None)
    _write_down(work, row, values)
    work.session.add(row)
    work.session.flush()
    work.record(FactKind.BODY_ADDED, as_thing(row.id), body_id=row.id)
    return row


def change_body(work: Work, body_id: str, values: BodyValues) -> Body:
    """Change what the entry says. The slug is the body's address and stays. True to idempotence: no change, no fact."""
    require_administrator(work)
    row = find_body(work, body_id)
    values = checked(values)
    if values.slug != row.slug:
        raise NotAcceptable(field="slug", reason="slug_stays")
    _write_down(work, row, values)
    if work.session.is_modified(row):
        work.record(FactKind.BODY_CHANGED, as_thing(row.id), body_id=row.id)
    return row


def close_body(work: Work, body_id: str) -> Body:
    """The body receives nothing new from now on; what it has, it goes on handling. Idempotent."""
    require_administrator(work)
    row = find_body(work, body_id)
    if row.closed_at is None:
        row.closed_at = work.now
        work.record(FactKind.BODY_CHANGED, as_thing(row.id), body_id=row.id, closed=True)
    return row


def reopen_body(work: Work, body_id: str) -> Body:
    """The body receives again. Idempotent."""
    require_administrator(work)
    row = find_body(work, body_id)
    if row.closed_at is not None:
        row.closed_at = None
        work.record(FactKind.BODY_CHANGED, as_thing(row.id), body_id=row.id, closed=False)
    return row


def add_office(work: Work, body_id: str, name: str) -> Office:
    """A part of the body: a sector, a registry. The same name again gives the office that is there."""
    require_administrator(work)
    body = find_body(work, body_id)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT:
        raise NotAcceptable(field="office", reason="missing" if not name else "too_long", limit=NAME_LIMIT)
    row = work.session.scalar(select(Office).where(Office.body_id == body.id, Office.name == name))
    if row is None:
        row = Office(id=new_id(), body_id=body.id, name=name)
        work.session.add(row)
        work.session.flush()
        work.record(FactKind.BODY_CHANGED, as_thing(body.id), body_id=body.id, office=row.id)
    return row


def remove_office(work: Work, office_id: str) -> None:
    """Take an office away that nobody has ever worked in. Raises WrongState otherwise."""
    require_administrator(work)
    row = work.session.get(Office, office_id)
    if row is None:
        raise NotFound()
    if work.session.scalar(select(func.count()).select_from(Official).where(Official.office_id == office_id)):
        raise WrongState(reason="office_in_use")
    work.record(FactKind.BODY_CHANGED, as_thing(row.body_id), body_id=row.body_id, office=row.id)
    work.session.delete(row)


def appoint(
    work: Work, body_id: str, person_id: str, role: Role, *, office_id: str | None = None, phone: str = ""
) -> Official:
    """Give a person a post. The same post again changes its office and telephone.

    Raises NotFound, WrongState for a closed body, NotAcceptable for a disabled account or an office of another body.
    """
    require_administrator(work)
    body = find_body(work, body_id)
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound()
    if body.closed_at is not None:
        raise WrongState(reason="body_closed")
    if person.disabled_at is not None:
        raise NotAcceptable(field="person", reason="disabled")
    _check_office(work, body, office_id)
    if len(phone) > PHONE_LIMIT:
        raise NotAcceptable(field="phone", reason="too_long", limit=PHONE_LIMIT)
    row = work.session.scalar(
        select(Official).where(
            Official.person_id == person.id,
            Official.body_id == body.id,
            Official.role == role.value,
            Official.dismissed_at.is_(None),
        )
    )
    if row is not None and (row.office_id, row.phone) == (office_id, phone):
        return row
    if row is None:
        row = Official(
            id=new_id(),
            person_id=person.id,
            body_id=body.id,
            role=role.value,
            appointed_at=work.now,
            dismissed_at=None,
        )
        work.session.add(row)
    row.office_id, row.phone = office_id, phone
    work.session.flush()
    _tell(work, FactKind.OFFICIAL_APPOINTED, row)
    return row


def dismiss(work: Work, official_id: str) -> Official:
    """End a post at once, in every door. What the official wrote keeps their name. Idempotent."""
    require_administrator(work)
    row = work.session.get(Official, official_id)
    if row is None:
        raise NotFound()
    if row.dismissed_at is None:
        row.dismissed_at = work.now
        _tell(work, FactKind.OFFICIAL_DISMISSED, row)
        # durable outside the database before the answer: a restored backup must not open this door again
        work.ports.journal.write("dismissed", {"official": row.id, "at": work.now.isoformat()})
    return row


def checked(values: BodyValues) -> BodyValues:
    """The values without stray spaces. Raises NotAcceptable with the first field that is wrong, and why."""
    values = tidy(values)
    for one in problems(values):
        raise NotAcceptable(field=one.field, reason=one.code, limit=one.limit)
    return values


def _write_down(work: Work, row: Body, values: BodyValues) -> None:
    """Put checked values into a row. Raises NotAcceptable for a superior that is unknown or stands below the body."""
    superior_id = _superior(work, row, values.superior)
    fill(row, values)
    row.superior_id = superior_id


def fill(row: Body, values: BodyValues) -> None:
    """Put the words of checked values into a row, without its superior."""
    row.name, row.kind, row.email = values.name, values.kind, values.email
    row.territory, row.competence = values.territory, values.competence
    row.phone, row.address = values.phone, values.address


def _superior(work: Work, row: Body, slug: str) -> str | None:
    if not slug:
        return None
    above = dict(work.session.execute(select(Body.id, Body.superior_id)).all())
    found = work.session.scalar(select(Body.id).where(Body.slug == slug))
    if found is None:
        raise NotAcceptable(field="superior", reason="unknown_superior")
    step: str | None = found
    while step is not None:
        if step == row.id:
            raise NotAcceptable(field="superior", reason="own_superior")
        step = above.get(step)
    return found


def _check_office(work: Work, body: Body, office_id: str | None) -> None:
    if office_id is not None:
        office = work.session.get(Office, office_id)
        if office is None or office.body_id != body.id:
            raise NotAcceptable(field="office", reason="unknown_office")


def _tell(work: Work, kind: FactKind, row: Official) -> None:
    raise_epoch(work, Principal(SubjectKind.PERSON, row.person_id))
    work.record(kind, as_thing(row.body_id), body_id=row.body_id, person=row.person_id, role=row.role, official=row.id)
