"""The directory of government bodies."""

from workspace.api.operations import Operations
from workspace.api.paging import paged
from workspace.api.shapes.people import Bodies, BodiesQuery, Body, BodyLine, Office, Official
from workspace.bodies import queries
from workspace.http.request import current_work

operations = Operations("bodies")


@operations(
    "GET", "/bodies", "The directory of government bodies", query=BodiesQuery, response=Bodies, conditional=True
)
def list_bodies(query: BodiesQuery) -> Bodies:
    found, following = paged(queries.directory(current_work(), query.q, query.kind), query, lambda one: one.id)
    return Bodies(items=[line(one) for one in found], next=following)


@operations("GET", "/bodies/{slug}", "One government body", response=Body, conditional=True)
def show_body(slug: str) -> Body:
    found = queries.body(current_work(), slug)
    return Body(
        id=found.id,
        slug=found.slug,
        name=found.name,
        kind=found.kind,
        email=found.email,
        phone=found.phone,
        address=found.address,
        territory=found.territory,
        competence=found.competence,
        superior=line(found.superior) if found.superior else None,
        inferior=[line(one) for one in found.inferior],
        offices=[Office(id=one.id, name=one.name) for one in found.offices],
        officials=[
            Official(
                person=one.person_id,
                name=one.name,
                role=one.role,
                office=one.office,
                phone=one.phone,
                since=one.appointed_at,
            )
            for one in found.officials
        ],
        receives=found.receives,
    )


def line(one: queries.BodyLine) -> BodyLine:
    """A line of the directory as the API writes it."""
    return BodyLine(
        id=one.id,
        slug=one.slug,
        name=one.name,
        kind=one.kind,
        territory=one.territory,
        superior=one.superior,
        officials=one.officials,
        closed=one.closed,
    )
