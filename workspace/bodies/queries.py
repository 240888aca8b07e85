"""Reads of the directory. It is public: anyone may know which bodies there are and who works in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from workspace.accounts.models import Person
from workspace.bodies.models import Body, Office, Official
from workspace.db.work import Work
from workspace.kernel.actors import Appointment, Role
from workspace.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class BodyName:
    """What a menu shows of a body."""

    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class BodyLine:
    """One line of the directory. `officials`: how many posts are held now; with 0 a case waits for somebody."""

    id: str
    slug: str
    name: str
    kind: str
    territory: str
    superior: str
    officials: int
    closed: bool


@dataclass(frozen=True, slots=True)
class OfficialView:
    """A post and who holds it; `dismissed_at` ends it."""

    id: str
    person_id: str
    name: str
    role: Role
    office_id: str | None
    office: str
    phone: str
    appointed_at: datetime
    dismissed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body's page: the entry, the bodies above and below, offices, officials."""

    id: str
    slug: str
    name: str
    kind: str
    email: str
    phone: str
    address: str
    territory: str
    competence: str
    superior: BodyLine | None
    inferior: tuple[BodyLine, ...]
    offices: tuple[Office, ...]
    officials: tuple[OfficialView, ...]
    closed_at: datetime | None

    @property
    def receives(self) -> bool:
        """Whether a case can be delivered to it. A body without officials receives, too: the case waits."""
        return self.closed_at is None


def appointments_of(work: Work, person_id: str) -> frozenset[Appointment]:
    """The posts a person holds now. Identity is built from it, so it stands before any question of access."""
    rows = work.session.execute(
        select(Official.body_id, Official.role, Official.office_id).where(
            Official.person_id == person_id, Official.dismissed_at.is_(None)
        )
    )
    return frozenset(Appointment(body_id, Role(role), office_id) for body_id, role, office_id in rows)


def directory(work: Work, text: str = "", kind: str = "", *, closed: bool = False) -> list[BodyLine]:
    """The bodies by name; `text` is looked for in name, territory and competence. Two queries, whatever the number."""
    wanted = select(Body) if closed else select(Body).where(Body.closed_at.is_(None))
    rows = list(work.session.scalars(wanted.where(Body.kind == kind) if kind else wanted))
    # the database's own lower() does not know Cyrillic on SQLite
    needle = text.strip().casefold()
    found = [row for row in rows if needle in f"{row.name}\n{row.territory}\n{row.competence}".casefold()]
    return sorted(_lines(work, found), key=lambda line: line.name.casefold())


def body(work: Work, slug: str) -> BodyView:
    """A body's page. Raises NotFound."""
    row = work.session.scalar(select(Body).where(Body.slug == slug))
    if row is None:
        raise NotFound()
    below = list(work.session.scalars(select(Body).where(Body.superior_id == row.id)))
    above = work.session.get(Body, row.superior_id) if row.superior_id else None
    lines = {line.id: line for line in _lines(work, [*below, above] if above else below)}
    return BodyView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        email=row.email,
        phone=row.phone,
        address=row.address,
        territory=row.territory,
        competence=row.competence,
        superior=lines.pop(above.id) if above else None,
        inferior=tuple(sorted(lines.values(), key=lambda line: line.name.casefold())),
        offices=tuple(work.session.scalars(select(Office).where(Office.body_id == row.id).order_by(Office.name))),
        officials=tuple(officials(work, row.id)),
        closed_at=row.closed_at,
    )


def body_names(work: Work, ids: Iterable[str]) -> dict[str, str]:
    """The names of these bodies, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    return dict(work.session.execute(select(Body.id, Body.name).where(Body.id.in_(wanted))).all())


def all_offices(work: Work) -> list[Office]:
    """The offices of all bodies, by name."""
    return list(work.session.scalars(select(Office).order_by(Office.name, Office.id)))


def own_bodies(work: Work) -> list[BodyName]:
    """The bodies that the actor works for, by name."""
    held = {post.body_id for post in work.actor.appointments}
    if not held:
        return []
    rows = work.session.execute(select(Body.id, Body.slug, Body.name).where(Body.id.in_(held)).order_by(Body.name))
    return [BodyName(*row) for row in rows]


def officials(work: Work, body_id: str, *, dismissed: bool = False) -> list[OfficialView]:
    """Who works in a body, heads first; with `dismissed` also who did."""
    wanted = (
        select(Official, Person.name, Office.name)
        .join(Person, Person.id == Official.person_id)
        .outerjoin(Office, Office.id == Official.office_id)
        .where(Official.body_id == body_id)
    )
    if not dismissed:
        wanted = wanted.where(Official.dismissed_at.is_(None))
    seen = [
        OfficialView(
            id=row.id,
            person_id=row.person_id,
            name=name,
            role=Role(row.role),
            office_id=row.office_id,
            office=office or "",
            phone=row.phone,
            appointed_at=row.appointed_at,
            dismissed_at=row.dismissed_at,
        )
        for row, name, office in work.session.execute(wanted)
    ]
    order = {Role.HEAD: 0, Role.HANDLER: 1, Role.REGISTRAR: 2}
    return sorted(seen, key=lambda one: (order[one.role], one.name.casefold()))


def _lines(work: Work, rows: list[Body]) -> list[BodyLine]:
    present = select(Official.body_id, func.count()).where(Official.dismissed_at.is_(None)).group_by(Official.body_id)
    posts = dict(work.session.execute(present).all())
    names = body_names(work, (row.superior_id for row in rows if row.superior_id))
    return [
        BodyLine(
            id=row.id,
            slug=row.slug,
            name=row.name,
            kind=row.kind,
            territory=row.territory,
            superior=names.get(row.superior_id or "", ""),
            officials=posts.get(row.id, 0),
            closed=row.closed_at is not None,
        )
        for row in rows
    ]
