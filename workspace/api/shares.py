"""Sharing: give access, change it, end it; secret links; what others share with the person."""

from workspace.accounts.awaited import addressee
from workspace.accounts.queries import names_of
from workspace.api.operations import Answer, Operations
from workspace.api.paging import paged
from workspace.api.shapes import sharing as shapes
from workspace.api.values import PageQuery
from workspace.bodies.queries import body as body_entry
from workspace.bodies.queries import body_names
from workspace.cloud.queries import item_names
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.http.request import current_work, runtime
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import Forbidden, NotAcceptable, NotFound, WrongState
from workspace.sharing import links, queries, service
from workspace.sharing.ledger import downloads_used
from workspace.sharing.models import Grant
from workspace.sharing.queries import AccessLine
from workspace.sharing.rule import GrantValue, Level

operations = Operations("sharing")


@operations("GET", "/items/{item_id}/grants", "Who can see it", response=shapes.Grants, errors=(Forbidden,))
def list_grants(item_id: str) -> shapes.Grants:
    """For the owner alone; computed by the very rule that decides. What lies on a folder above is marked."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    lines = queries.who_can_see(work, thing)
    names = _names(work, [line.grant.subject for line in lines])
    used = downloads_used(work, [line.grant.id for line in lines if line.grant.downloads is not None])
    return shapes.Grants(items=[_line(one, names, used) for one in lines])


@operations(
    "POST",
    "/items/{item_id}/grants",
    "Give access",
    request=shapes.GrantNew,
    response=shapes.Grant,
    status=201,
    errors=(Forbidden,),
)
def give_access(item_id: str, body: shapes.GrantNew) -> shapes.Grant:
    """To a person, a government body or one of its offices. Access they already have on this very item is changed."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    row = service.grant(
        work,
        thing,
        _principal(work, body.subject),
        Level[body.level.upper()],
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        purpose=body.purpose,
        legal_basis=body.legal_basis,
        downloads=body.downloads,
        addressed_to=body.subject.email.strip() if isinstance(body.subject, shapes.ToPerson) else None,
    )
    work.session.flush()
    return _present(work, item_id, row.id)


@operations(
    "PATCH",
    "/items/{item_id}/grants/{grant_id}",
    "Extend, narrow or widen access",
    request=shapes.GrantChange,
    response=shapes.Grant,
    errors=(Forbidden, WrongState),
)
def change_access(item_id: str, grant_id: str, body: shapes.GrantChange) -> shapes.Grant:
    work = current_work()
    _, thing = locate_item(work, item_id)
    line = next((one for one in queries.who_can_see(work, thing) if one.grant.id == grant_id), None)
    if line is None:
        raise NotFound()
    present, given = line.grant, body.model_fields_set
    service.change_grant(
        work,
        thing,
        grant_id,
        level=Level[body.level.upper()] if body.level else present.level,
        valid_from=body.valid_from if "valid_from" in given else present.valid_from,
        valid_until=body.valid_until if "valid_until" in given else present.valid_until,
        purpose=present.purpose if body.purpose is None else body.purpose,
        legal_basis=present.legal_basis if body.legal_basis is None else body.legal_basis,
        downloads=body.downloads if "downloads" in given else present.downloads,
        sign_in=present.sign_in if body.sign_in is None else body.sign_in,
    )
    work.session.flush()
    return _present(work, item_id, grant_id)


@operations(
    "DELETE", "/items/{item_id}/grants/{grant_id}", "End access at once", status=204, errors=(Forbidden, WrongState)
)
def end_access(item_id: str, grant_id: str) -> Answer:
    """Also ends a secret link. What was delivered stays delivered."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    service.revoke(work, thing, grant_id)
    return Answer()


@operations(
    "POST",
    "/items/{item_id}/links",
    "Make a secret link",
    request=shapes.LinkNew,
    response=shapes.Link,
    status=201,
    errors=(Forbidden,),
)
def make_link(item_id: str, body: shapes.LinkNew) -> shapes.Link:
    """Its address is shown this once. It ends like any other access."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    row, token = links.make_link(
        work,
        thing,
        Level[body.level.upper()],
        valid_from=body.valid_from,
        legal_basis=body.legal_basis,
        downloads=body.downloads,
        sign_in=body.sign_in,
        valid_until=body.valid_until,
        password=body.password,
        label=body.label,
        purpose=body.purpose,
    )
    work.session.flush()
    address = f"{runtime().settings.base_url.rstrip('/')}/l/{token}"
    return shapes.Link(grant=_present(work, item_id, row.id), url=address)


@operations(
    "POST",
    "/items/{item_id}/grants/{grant_id}/again",
    "Give access again as it was",
    response=shapes.Grant,
    status=201,
    errors=(Forbidden, WrongState),
)
def give_again(item_id: str, grant_id: str) -> shapes.Grant:
    """After it was ended by hand, as a new grant."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    row = service.give_again(work, thing, grant_id)
    work.session.flush()
    return _present(work, item_id, row.id)


@operations(
    "PUT",
    "/items/{item_id}/grants/{grant_id}/password",
    "Give a secret link another password",
    request=shapes.LinkPassword,
    status=204,
    errors=(Forbidden, WrongState),
)
def set_link_password(item_id: str, grant_id: str, body: shapes.LinkPassword) -> Answer:
    work = current_work()
    _, thing = locate_item(work, item_id)
    links.set_link_password(work, thing, grant_id, body.password)
    return Answer()


@operations(
    "GET",
    "/shared-with-me",
    "What others share with the person, and with the bodies they work for",
    query=PageQuery,
    response=shapes.SharedWithMe,
)
def list_shared_with_me(query: PageQuery) -> shapes.SharedWithMe:
    work = current_work()
    rows, following = paged(queries.shared_with_me(work), query, lambda one: one.id)
    givers = names_of(work, [row.granted_by for row in rows])
    return shapes.SharedWithMe(items=[line for row in rows for line in _received(work, row, givers)], next=following)


@operations(
    "GET",
    "/shared-by-me",
    "What the person shares with others, soonest ending first",
    query=PageQuery,
    response=shapes.SharedByMe,
)
def list_shared_by_me(query: PageQuery) -> shapes.SharedByMe:
    work = current_work()
    found, following = paged(queries.shared_by_me(work), query, lambda one: one.id)
    return shapes.SharedByMe(items=_given(work, found), next=following)


@operations(
    "GET",
    "/items/{item_id}/grants/ended",
    "Who could see it once, newest first",
    query=PageQuery,
    response=shapes.SharedByMe,
    errors=(Forbidden,),
)
def list_ended_grants(item_id: str, query: PageQuery) -> shapes.SharedByMe:
    """For the owner alone."""
    work = current_work()
    _, thing = locate_item(work, item_id)
    found, following = paged(queries.ended_grants(work, thing), query, lambda one: one.id)
    return shapes.SharedByMe(items=_given(work, found), next=following)


def _received(work: Work, row: Grant, givers: dict[str, str]) -> list[shapes.Received]:
    """The line of a grant, none where its item lies in the trash."""
    try:
        item, _ = locate_item(work, row.thing_id)
    except NotFound:
        return []
    return [
        shapes.Received(
            grant=row.id,
            item=row.thing_id,
            name=item.name,
            folder=item.is_folder,
            level=row.level,
            valid_until=row.valid_until,
            purpose=row.purpose,
            given_by=givers.get(row.granted_by, ""),
            given_to=SubjectKind(row.subject_kind),
            given_to_id=row.subject_id,
        )
    ]


def _given(work: Work, found: list[GrantValue]) -> list[shapes.Given]:
    names, items = _names(work, [one.subject for one in found]), item_names(work, [one.thing_id for one in found])
    return [
        shapes.Given(
            grant=one.id,
            item=one.thing_id,
            name=items.get(one.thing_id, ""),
            subject=_subject(one, names),
            level=one.level.word,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            revoked_at=one.revoked_at,
            purpose=one.purpose,
        )
        for one in found
    ]


def _principal(work: Work, subject: shapes.ToPerson | shapes.ToBody | shapes.ToOffice) -> Principal:
    if isinstance(subject, shapes.ToPerson):
        try:
            return Principal(SubjectKind.PERSON, addressee(work, subject.email))
        except NotAcceptable as error:
            raise NotAcceptable(str(error), field="subject") from error
    if isinstance(subject, shapes.ToOffice):
        return Principal(SubjectKind.OFFICE, subject.id)
    try:
        return Principal(SubjectKind.BODY, body_entry(work, subject.slug).id)
    except NotFound:
        raise NotAcceptable("There is no such government body.", field="subject") from None


def _present(work: Work, item_id: str, grant_id: str) -> shapes.Grant:
    _, thing = locate_item(work, item_id)
    line = next(one for one in queries.who_can_see(work, thing) if one.grant.id == grant_id)
    return _line(line, _names(work, [line.grant.subject]), downloads_used(work, [grant_id]))


def _line(one: AccessLine, names: dict[str, str], used: dict[str, int]) -> shapes.Grant:
    found = one.grant
    return shapes.Grant(
        id=found.id,
        item=found.thing_id,
        subject=_subject(found, names, one.link_label),
        level=found.level.word,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        purpose=found.purpose,
        legal_basis=found.legal_basis,
        downloads=found.downloads,
        downloads_used=used.get(found.id, 0),
        sign_in=found.sign_in,
        inherited=one.inherited,
        begins_later=one.begins_later,
    )


def _subject(grant: GrantValue, names: dict[str, str], label: str = "") -> shapes.Subject:
    """Whom a grant names: for a person who was named by address, that address and nothing that tells of an account."""
    return shapes.Subject(
        kind=grant.subject.kind,
        id=grant.id if grant.addressed_to else grant.subject.id,
        name=grant.addressed_to or label or names.get(grant.subject.id, ""),
    )


def _names(work: Work, subjects: list[Principal]) -> dict[str, str]:
    people = names_of(work, [one.id for one in subjects if one.kind is SubjectKind.PERSON])
    return people | body_names(work, [one.id for one in subjects if one.kind is SubjectKind.BODY])
