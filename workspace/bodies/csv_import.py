"""The directory as a CSV file, in and out. All or nothing: one broken row and nothing is imported.

Columns of bodies (the first row names them, in any order): `slug`, `name`, `kind`, `email`, and, if wanted,
`superior` (the slug of the body above), `territory`, `competence`, `phone`, `address`, `offices` (names with ` | `
between them). Columns of officials: `body` (slug), `email` (of somebody with an account), `role` (registrar, handler
or head), and, if wanted, `office`, `phone`. A slug that is already there is changed to what the file says; bodies and
officials that the file does not name stay as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from workspace.accounts.models import Person
from workspace.accounts.permission import require_administrator
from workspace.bodies.csv_table import Row, RowError, read_table, write_table
from workspace.bodies.kinds import BodyKind
from workspace.bodies.models import Body, Office, Official
from workspace.bodies.service import add_office, appoint, fill
from workspace.bodies.things import as_thing
from workspace.bodies.values import NAME_LIMIT, PHONE_LIMIT, BodyValues, Problem, problems, tidy
from workspace.db.work import Work
from workspace.kernel.actors import Role
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id

BODY_COLUMNS = (
    "slug",
    "name",
    "kind",
    "email",
    "superior",
    "territory",
    "competence",
    "phone",
    "address",
    "offices",
)
OFFICIAL_COLUMNS = ("body", "email", "role", "office", "phone")
BETWEEN = "|"
ROLES = frozenset(one.value for one in Role)

EXPECTED = {
    "slug_shape": "housing-department",
    "unknown_kind": ", ".join(BodyKind),
    "email_shape": "registry@city.example",
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; with `errors` it did nothing."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()


@dataclass(slots=True)
class _Line:
    """One body of the file."""

    line: int
    values: BodyValues
    offices: list[str] = field(default_factory=list)


def import_csv(work: Work, data: bytes | str) -> ImportReport:
    """Add the bodies of a file and change those that are there. Read the report's `errors` first."""
    require_administrator(work)
    rows, errors = read_table(data, BODY_COLUMNS, BODY_COLUMNS[:4])
    lines = [] if errors else [_line(row) for row in rows]
    present = {row.slug: row for row in work.session.scalars(select(Body))}
    errors += [error for one in lines for error in _errors(one)]
    errors += _clashes(lines, present)
    if errors:
        return ImportReport(errors=tuple(sorted(errors, key=lambda error: error.line)))
    return _take(work, lines, present)


def export_csv(work: Work) -> str:
    """All bodies that are open, as `import_csv` reads them."""
    require_administrator(work)
    bodies = list(work.session.scalars(select(Body).where(Body.closed_at.is_(None)).order_by(Body.slug)))
    slugs = {row.id: row.slug for row in bodies}
    offices: dict[str, list[str]] = {}
    for body_id, name in work.session.execute(select(Office.body_id, Office.name).order_by(Office.id)):
        offices.setdefault(body_id, []).append(name)
    return write_table(
        BODY_COLUMNS,
        (
            (
                row.slug,
                row.name,
                row.kind,
                row.email,
                slugs.get(row.superior_id or "", ""),
                row.territory,
                row.competence,
                row.phone,
                row.address,
                f" {BETWEEN} ".join(offices.get(row.id, ())),
            )
            for row in bodies
        ),
    )


def import_officials(work: Work, data: bytes | str) -> ImportReport:
    """Appoint the officials of a file; each must have an account already. All or nothing, too."""
    require_administrator(work)
    rows, errors = read_table(data, OFFICIAL_COLUMNS, OFFICIAL_COLUMNS[:3])
    if errors:
        return ImportReport(errors=tuple(errors))
    bodies = {row.slug: row for row in work.session.scalars(select(Body).where(Body.closed_at.is_(None)))}
    wanted = {row.cells["email"].lower() for row in rows}
    found = select(Person.email, Person.id).where(Person.email.in_(wanted), Person.disabled_at.is_(None))
    people = dict(work.session.execute(found).all())
    errors = [error for row in rows for error in _official_errors(row, bodies, people)]
    if errors:
        return ImportReport(errors=tuple(errors))
    posts = select(Official.person_id, Official.body_id, Official.role).where(Official.dismissed_at.is_(None))
    held = {tuple(row) for row in work.session.execute(posts)}
    added = 0
    for row in rows:
        body, role = bodies[row.cells["body"].lower()], Role(row.cells["role"].lower())
        person_id, name = people[row.cells["email"].lower()], row.cells.get("office", "")
        office = add_office(work, body.id, name) if name else None
        appoint(
            work, body.id, person_id, role, office_id=office.id if office else None, phone=row.cells.get("phone", "")
        )
        added += (person_id, body.id, role.value) not in held
        held.add((person_id, body.id, role.value))
    return ImportReport(added=added, unchanged=len(rows) - added)


def export_officials(work: Work) -> str:
    """All present officials, as `import_officials` reads them."""
    require_administrator(work)
    rows = work.session.execute(
        select(Body.slug, Person.email, Official.role, Office.name, Official.phone)
        .join(Body, Body.id == Official.body_id)
        .join(Person, Person.id == Official.person_id)
        .outerjoin(Office, Office.id == Official.office_id)
        .where(Official.dismissed_at.is_(None))
        .order_by(Body.slug, Person.email, Official.role)
    )
    return write_table(OFFICIAL_COLUMNS, ([cell or "" for cell in row] for row in rows))


def _line(row: Row) -> _Line:
    names = (" ".join(one.split()) for one in row.cells.get("offices", "").split(BETWEEN))
    words = {name: row.cells.get(name, "") for name in BODY_COLUMNS if name != "offices"}
    return _Line(row.line, tidy(BodyValues(**words)), [name for name in names if name])


def _errors(one: _Line) -> list[RowError]:
    found = [_row_error(one.line, problem) for problem in problems(one.values)]
    long = [name for name in one.offices if len(name) > NAME_LIMIT]
    return found + [RowError(one.line, "offices", "too_long", name[:40], str(NAME_LIMIT)) for name in long]


def _row_error(line: int, problem: Problem) -> RowError:
    expected = str(problem.limit) if problem.limit else EXPECTED.get(problem.code, "")
    return RowError(line, problem.field, problem.code, problem.value, expected)


def _clashes(lines: list[_Line], present: dict[str, Body]) -> list[RowError]:
    """Slugs that come twice, superiors that nobody knows, and circles of superiors."""
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for one in lines:
        slug = one.values.slug
        if slug in seen:
            errors.append(RowError(one.line, "slug", "slug_twice", slug, str(seen[slug])))
        seen.setdefault(slug, one.line)
    slugs = {row.id: row.slug for row in present.values()}
    above = {row.slug: slugs.get(row.superior_id or "", "") for row in present.values()}
    above |= {one.values.slug: one.values.superior for one in lines}
    for one in lines:
        if one.values.superior and one.values.superior not in above:
            errors.append(RowError(one.line, "superior", "unknown_superior", one.values.superior))
        elif one.values.superior != one.values.slug and _circles(one.values.slug, above):
            errors.append(RowError(one.line, "superior", "own_superior", one.values.superior))
    return errors


def _circles(slug: str, above: dict[str, str]) -> bool:
    seen = set()
    step = above.get(slug, "")
    while step and step not in seen:
        if step == slug:
            return True
        seen.add(step)
        step = above.get(step, "")
    return False


def _take(work: Work, lines: list[_Line], present: dict[str, Body]) -> ImportReport:
    fresh: set[str] = set()
    for one in lines:
        if one.values.slug not in present:
            row = Body(id=new_id(), slug=one.values.slug, made_at=work.now, closed_at=None)
            fill(row, one.values)
            work.session.add(row)
            present[row.slug] = row
            fresh.add(row.slug)
    # superiors may stand further down in the file: first every body, then who is above whom
    work.session.flush()
    offices: dict[str, set[str]] = {}
    for body_id, name in work.session.execute(select(Office.body_id, Office.name)):
        offices.setdefault(body_id, set()).add(name)
    changed = 0
    for one in lines:
        row = present[one.values.slug]
        fill(row, one.values)
        row.superior_id = present[one.values.superior].id if one.values.superior else None
        missing = [name for name in one.offices if name not in offices.get(row.id, ())]
        if row.slug in fresh:
            work.record(FactKind.BODY_ADDED, as_thing(row.id), body_id=row.id)
        elif work.session.is_modified(row) or missing:
            changed += 1
            work.record(FactKind.BODY_CHANGED, as_thing(row.id), body_id=row.id)
        for name in missing:
            add_office(work, row.id, name)
    return ImportReport(len(fresh), changed, len(lines) - len(fresh) - changed)


def _official_errors(row: Row, bodies: Iterable[str], people: dict[str, str]) -> list[RowError]:
    errors = []
    body, email, role = (row.cells[name].lower() for name in ("body", "email", "role"))
    if body not in bodies:
        errors.append(RowError(row.line, "body", "unknown_body" if body else "missing", body))
    if email not in people:
        errors.append(RowError(row.line, "email", "unknown_person" if email else "missing", email))
    if role not in ROLES:
        errors.append(RowError(row.line, "role", "unknown_role" if role else "missing", role, ", ".join(Role)))
    for column, limit in (("office", NAME_LIMIT), ("phone", PHONE_LIMIT)):
        if len(row.cells.get(column, "")) > limit:
            errors.append(RowError(row.line, column, "too_long", row.cells[column][:40], str(limit)))
    return errors
