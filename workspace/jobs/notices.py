"""Notices: that something happened, and where to read it. No content, no secret, no name of a file goes by mail."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.support import Translations
from sqlalchemy import select

import workspace
from workspace.accounts.instance import instance
from workspace.accounts.models import Person
from workspace.bodies.models import Body, Official
from workspace.cases.history import state_of
from workspace.cases.models import Case
from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.exchange.models import FileRequest, SentDocument
from workspace.kernel.actors import Role, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.kernel.things import ThingKind
from workspace.sharing.models import Grant

CATALOGUES = Path(workspace.__file__).parent / "web" / "translations"

Words = tuple[str, str]
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter that is ready for the outbox."""

    recipient: str
    subject: str
    body: str
    language: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class _To:
    """Whom a notice goes to, and the page it leads to."""

    email: str
    language: str
    address: str
    person_id: str | None = None


def compose_notices(work: Work, fact_id: str) -> Iterator[Notice]:
    """The letters that a fact asks for; none where the fact was erased or those concerned are gone."""
    fact = work.session.get(FactRow, fact_id)
    if fact is None:
        return
    if fact.kind == FactKind.GRANTED:
        yield from _of_grant(work, fact)
        return
    if fact.thing_kind == ThingKind.REQUEST:
        yield from _of_request(work, fact)
        return
    case = work.session.get(Case, fact.case_id) if fact.case_id else None
    if case is None or case.body_id is None:
        return
    body = work.session.get_one(Body, case.body_id)
    values = {"body": body.name, "number": str(fact.details.get("number") or "")}
    for one in _concerned(work, fact, case, body):
        yield _notice(work, one, _case_words(fact, catalogue(one.language)), values)


def _concerned(work: Work, fact: FactRow, case: Case, body: Body) -> Iterable[_To]:
    if fact.kind in (FactKind.REGISTERED, FactKind.QUESTION_ASKED, FactKind.ANSWERED, FactKind.CLOSED):
        return _people(work, [case.applicant_id], f"/cases/{case.id}")
    page = f"/office/{body.slug}/cases/{case.id}"
    if fact.kind == FactKind.ASSIGNED:
        handlers = [fact.details.get("handler", "")]
        return [] if handlers == [fact.person_id] else _people(work, handlers, page)
    handler = state_of(work, case).handler_id
    return _people(work, [handler], page) if handler else _registrars(work, body, page)


def _registrars(work: Work, body: Body, page: str) -> list[_To]:
    """Those who receive for a body: its registrars, else its heads; where nobody does, the body's own address."""
    for role in (Role.REGISTRAR, Role.HEAD):
        posts = select(Official.person_id).where(
            Official.body_id == body.id, Official.role == role.value, Official.dismissed_at.is_(None)
        )
        found = _people(work, work.session.scalars(posts), page)
        if found:
            return found
    return [_To(body.email, work.settings.language, page)]


def _people(work: Work, ids: Iterable[str], page: str) -> list[_To]:
    rows = work.session.scalars(
        select(Person).where(Person.id.in_(set(ids)), Person.disabled_at.is_(None), Person.confirmed_at.is_not(None))
    )
    return [_To(row.email, row.language or work.settings.language, page, row.id) for row in rows]


def _of_grant(work: Work, fact: FactRow) -> Iterator[Notice]:
    kind, _, subject_id = str(fact.details.get("subject", "")).partition(":")
    giver = work.session.get(Person, fact.person_id) if fact.person_id else None
    if giver is None:
        return
    asked = fact.thing_kind == ThingKind.REQUEST
    if kind == SubjectKind.PERSON:
        page = f"/requests/{fact.thing_id}" if asked else "/shared?tab=with-me"
        concerned = _people(work, [subject_id], page) or _awaited(work, fact, subject_id)
    elif kind == SubjectKind.BODY:
        body = work.session.get_one(Body, subject_id)
        concerned = _registrars(work, body, f"/office/{body.slug}/shared")
    else:
        return
    until = fact.details.get("valid_until")
    for one in concerned:
        _ = catalogue(one.language)
        subject, text = _("Something was shared with you"), _("%(name)s shared something with you.")
        if asked:
            subject, text = _("Files are asked of you"), _("%(name)s asks you for files. The list stands on its page.")
        values = {"name": giver.name}
        if until:
            text += " " + (_("Send them by %(day)s.") if asked else _("You can see it until %(day)s."))
            day = datetime.fromisoformat(until).astimezone(ZoneInfo(work.settings.timezone)).date()
            values["day"] = format_date(day, "d MMMM y", locale=one.language)
        if not asked:
            text += " " + _("Every time you open it is written down for the owner.")
        if one.person_id is None and kind == SubjectKind.PERSON:
            text += " " + _("To see it, make an account with this very address.")
        yield _notice(work, one, (subject, text), values)


def _of_request(work: Work, fact: FactRow) -> Iterator[Notice]:
    """To who asks: that something came. To who sent it, if they have an account: that it was not accepted."""
    row = work.session.get(FileRequest, fact.thing_id)
    if row is None:
        return
    sent = work.session.get(SentDocument, str(fact.details.get("sent", "")))
    refused = fact.kind == FactKind.DOCUMENT_REFUSED
    to = [sent.person_id] if refused and sent is not None and sent.person_id else [] if refused else [row.made_by]
    for one in _people(work, to, f"/requests/{row.id}"):
        _ = catalogue(one.language)
        words = (_("Files have come"), _("Something came for a request of yours. See it on its page."))
        if refused:
            words = (
                _("A document was not accepted"),
                _("A document that you sent was not accepted. Read why on its page; you can send another one."),
            )
        yield _notice(work, one, words, {})


def _awaited(work: Work, fact: FactRow, person_id: str) -> list[_To]:
    """The address that somebody who has no account yet was meant by: what waits opens when they join with it."""
    grant = work.session.get(Grant, fact.grant_id) if fact.grant_id else None
    known = work.session.get(Person, person_id)
    if grant is None or grant.addressed_to is None or (known is not None and known.disabled_at is not None):
        return []
    return [_To(grant.addressed_to, work.settings.language, "/sign-up")]


def _case_words(fact: FactRow, _: Translate) -> Words:
    words: dict[str, Words] = {
        FactKind.REGISTERED: (
            _("Your case was registered"),
            _("%(body)s registered your case. Its number is %(number)s."),
        ),
        FactKind.QUESTION_ASKED: (
            _("There is a question about your case"),
            _("%(body)s asks you something about your case. Read it and reply on its page."),
        ),
        FactKind.ANSWERED: (
            _("There is an answer in your case"),
            _("%(body)s answered. Read the answer and say whether you accept it."),
        ),
        FactKind.CLOSED: (_("Your case was closed"), _("%(body)s closed your case.")),
        FactKind.ASSIGNED: (_("A case was assigned to you"), _("A case of %(body)s was assigned to you.")),
        FactKind.REPLIED: (
            _("Your question was answered"),
            _("The applicant replied to the question of %(body)s."),
        ),
        FactKind.CONTESTED: (
            _("An answer was contested"),
            _("The applicant does not accept the answer of %(body)s."),
        ),
        FactKind.WITHDRAWN: (_("A case was withdrawn"), _("The applicant withdrew a case from %(body)s.")),
        FactKind.DELIVERED: (
            _("A new case was delivered"),
            _("A new case was delivered to %(body)s. Give it a number; the citizen sees when you do."),
        ),
    }
    if fact.kind == FactKind.DELIVERED and fact.details.get("direction") == "addition":
        return _("Something was added to a case"), _("The applicant added something to a case of %(body)s.")
    return words[fact.kind]


def _notice(work: Work, to: _To, words: Words, values: dict[str, str]) -> Notice:
    _ = catalogue(to.language)
    subject, text = words
    lines = (
        text % values,
        work.settings.base_url.rstrip("/") + to.address,
        _("A program wrote this letter; nobody reads replies to it."),
        instance(work).name,
    )
    return Notice(to.email, subject, "\n\n".join(lines) + "\n", to.language, to.person_id)


@cache
def catalogue(language: str) -> Translate:
    """What turns our English into a language; where there is no catalogue, nothing changes."""
    return Translations.load(CATALOGUES, [language]).gettext
