"""Letters that tell what happened: the right people, their language, a way to the page; no content, no secret."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from tests.cases.conftest import STORY, Town, _town
from tests.jobs.keeping import do_all, keep_log
from tests.world import World
from workspace.accounts.models import Person
from workspace.accounts.secrets import create_web_secrets
from workspace.app import create_app
from workspace.cases import office
from workspace.cases import service as cases
from workspace.cloud.things import locate_item
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.kernel.actors import WORKER, Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.sharing import service as sharing
from workspace.sharing.links import make_link
from workspace.sharing.rule import Level


@pytest.fixture
def town(world) -> Town:
    return _town(world)


@pytest.fixture
def post(town):
    """Lets the worker run; gives the letters that came of it: (recipient, subject, text)."""
    return lambda: letters_of(town.world)


def letters_of(world: World) -> list[tuple[str, str, str]]:
    worker = keep_log(world)
    with world.writing(WORKER) as work:  # pictures have tests of their own
        work.session.execute(update(Job).where(Job.kind == "preview.make").values(done_at=work.now))
    do_all(worker)
    with world.reading(WORKER) as work:
        assert work.session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all() == []
    sent, world.letters.sent[:] = list(world.letters.sent), []
    parsed = [(recipient, message_from_bytes(message, policy=default)) for _, recipient, message in sent]
    return sorted((recipient, message["Subject"], message.get_content()) for recipient, message in parsed)


def address(world: World, person_id: str) -> str:
    with world.reading(WORKER) as work:
        return work.session.get_one(Person, person_id).email


def test_the_story_of_a_case_reaches_those_it_concerns_and_nobody_else(town, post):
    world, olena = town.world, town.olena.email
    iryna, andrii = address(world, town.iryna.person_id), address(world, town.andrii.person_id)
    case = town.delivered()
    page = f"http://localhost:8000/office/{town.housing.slug}/cases/{case.id}"
    ((recipient, subject, text),) = post()
    assert (recipient, subject) == (iryna, "A new case was delivered")
    assert page in text
    with world.writing(town.iryna) as work:
        number = office.register(work, case.id)
        office.assign(work, case.id, town.andrii.person_id)
    first, second = sorted(post(), key=lambda one: one[1])
    assert first[:2] == (andrii, "A case was assigned to you")
    assert second[:2] == (olena, "Your case was registered")
    assert number in second[2]
    with world.writing(town.andrii) as work:
        office.ask(work, case.id, "Which flat is it?")
    ((recipient, subject, text),) = post()
    assert (recipient, subject) == (olena, "There is a question about your case")
    assert f"http://localhost:8000/cases/{case.id}" in text
    with world.writing(town.olena.actor) as work:
        cases.reply(work, case.id, "Flat 3.")
    assert [one[:2] for one in post()] == [(andrii, "Your question was answered")]
    with world.writing(town.andrii) as work:
        office.answer(work, case.id, "granted", "The riser will be replaced.")
    assert [one[:2] for one in post()] == [(olena, "There is an answer in your case")]
    with world.writing(town.olena.actor) as work:
        cases.contest(work, case.id, "The basement is still wet.")
    assert [one[:2] for one in post()] == [(andrii, "An answer was contested")]


def test_no_content_goes_by_mail(town, post):
    case = town.delivered(title="Title-marker-77")
    with town.world.writing(town.iryna) as work:
        office.register(work, case.id)
    everything = "".join(subject + text for _, subject, text in post())
    for secret in ("Title-marker-77", "riser", STORY[:20], town.olena.name):
        assert secret not in everything


def test_letters_come_in_the_language_of_who_reads_them(town, post):
    with town.world.writing(WORKER) as work:
        work.session.execute(update(Person).where(Person.id == town.olena.id).values(language="uk"))
    case = town.delivered()
    with town.world.writing(town.iryna) as work:
        office.register(work, case.id)
    subjects = {recipient: subject for recipient, subject, _ in post()}
    assert subjects[town.olena.email] == "Вашу справу зареєстровано"
    assert subjects[address(town.world, town.iryna.person_id)] == "A new case was delivered"


def test_a_body_where_nobody_works_is_written_to_at_its_own_address(town, post):
    empty = town.world.make_body("Department of Parks")
    with town.world.writing(town.olena.actor) as work:
        case = cases.open_case(work, title="A fallen tree", story="It lies there.", body_id=empty.id)
    town.deliver(case)
    ((recipient, subject, _),) = post()
    assert recipient == f"{empty.slug}@example.org"
    assert subject in ("A new case was delivered", "Надійшла нова справа")


def test_sharing_tells_the_person_until_when_and_a_link_tells_nobody(town, post):
    item = town.world.upload(town.olena.actor, town.olena.root_id, "name-marker.pdf", b"x").item.id
    with town.world.writing(town.olena.actor) as work:
        _, thing = locate_item(work, item)
        to = Principal(SubjectKind.PERSON, town.petro.id)
        sharing.grant(work, thing, to, Level.VIEW, valid_until=work.now + timedelta(days=30))
        _, token = make_link(work, thing, Level.VIEW)
    ((recipient, subject, text),) = post()
    assert (recipient, subject) == (town.petro.email, "Something was shared with you")
    assert "Olena Hrytsenko shared something with you. You can see it until 1 April 2026." in text
    assert "name-marker" not in text
    # whoever reads the letter over a shoulder holds no secret: its one address asks them to sign in
    assert re.findall(r"https?://\S+", text) == [f"{town.world.settings.base_url}/shared?tab=with-me"]
    assert token not in text


def test_nobody_disabled_is_written_to_and_an_erased_fact_writes_nothing(town, post):
    case = town.in_work()
    post()
    with town.world.writing(WORKER) as work:
        work.session.execute(update(Person).where(Person.id == town.olena.id).values(disabled_at=work.now))
    with town.world.writing(town.andrii) as work:
        office.ask(work, case.id, "Which flat is it?")
    assert post() == []
    with town.world.writing(WORKER) as work:
        work.later("notice.send", {"fact": "no such fact"})
    assert post() == []


def test_each_fact_is_reacted_to_once_however_often_the_worker_begins_anew(town, post):
    case = town.delivered()
    assert len(post()) == 1
    assert post() == []
    with town.world.reading(WORKER) as work:
        facts = work.session.scalars(select(FactRow.kind).where(FactRow.case_id == case.id)).all()
        assert FactKind.DELIVERED.value in facts


def test_every_address_in_a_letter_is_a_page(embedded_world):
    town = _town(embedded_world)
    create_web_secrets(town.world.settings.secrets)
    pages = create_app(town.world.runtime).url_map.bind("localhost")
    case = town.answered()
    with town.world.writing(town.olena.actor) as work:
        _, thing = locate_item(work, case.folder_id)
        for to in (Principal(SubjectKind.PERSON, town.petro.id), Principal(SubjectKind.BODY, town.housing.id)):
            sharing.grant(work, thing, to, Level.VIEW)
    found = {urlsplit(one).path for _, _, text in letters_of(town.world) for one in re.findall(r"http://\S+", text)}
    assert len(found) == 4
    for path in found:
        assert pages.match(path, "GET"), path
