"""Administration: who gets in, what an administrator sees, and what nobody sees there."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.web.keeper import Office
from tests.web.visitor import Site
from workspace.accounts import service
from workspace.accounts.models import Person
from workspace.cloud.administration import rooms_of
from workspace.cloud.models import Damage
from workspace.db.outbox import Job
from workspace.jobs.registry import HANDLERS
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import WrongState
from workspace.kernel.ids import new_id
from workspace.web.admin_jobs import job_words


def addresses(site: Site) -> list[tuple[str, str]]:
    """Every address of the administration, with ids that lead nowhere."""
    found = []
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint.startswith("admin"):
            values = {name: "kind" if name == "kind" else "x" for name in rule.arguments} | {"step": "disable"}
            values = {name: value for name, value in values.items() if name in rule.arguments}
            with site.app.test_request_context():
                path = site.app.url_map.bind("localhost").build(
                    rule.endpoint, values, method=next(iter(rule.methods or ()))
                )
            found += [(method, path) for method in (rule.methods or set()) & {"GET", "POST"}]
    return sorted(found)


def test_a_citizen_gets_nowhere_in_the_administration(site: Site) -> None:
    someone = site.person("Olena")
    visitor = site.visitor()
    visitor.sign_in(someone.email)
    token = next(form.values["csrf_token"] for form in visitor.forms("/settings") if "csrf_token" in form.values)
    asked = addresses(site)
    assert len(asked) > 25
    for method, path in asked:
        answer = visitor.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.status_code == 403, (method, path)


def test_a_stranger_is_asked_to_sign_in_first(site: Site) -> None:
    for method, path in addresses(site):
        answer = site.visitor().client.open(path, method=method)
        assert answer.status_code in (302, 401, 403), (method, path)
        if method == "GET":
            assert "/sign-in" in answer.headers["Location"]


def test_an_app_password_does_not_open_the_administration(office: Office) -> None:
    assert office.site.visitor().get("/admin/", headers={"Authorization": "Bearer cw_x"}).status_code in (302, 401)


def test_damage_is_told_by_numbers_and_names_nobody(office: Office) -> None:
    world = office.site.world
    olena = world.make_person("Olena")
    added = world.upload(olena.actor, olena.root_id, "secret-name.pdf", b"x" * 40_000)
    assert "No damage is known" in office.text("/admin/damage")
    with world.writing(COMMAND) as work:
        work.session.add(Damage(blob_id=added.version.blob_id, kind="damaged", found_at=work.now))
    assert "1 stored content is damaged" in office.text("/admin/")
    text = office.text("/admin/damage")
    assert added.version.blob_id in text
    assert "Its bytes changed or are missing" in text
    for secret in ("secret-name", olena.email, olena.id, added.item.id):
        assert secret not in text


def test_every_page_of_the_administration_opens_for_an_administrator(office: Office) -> None:
    body = office.site.world.make_body()
    for path in (
        "/admin/",
        "/admin/people/",
        f"/admin/people/{office.keeper.id}",
        "/admin/bodies/",
        "/admin/bodies/new",
        f"/admin/body/{body.slug}",
        f"/admin/body/{body.slug}/change",
        f"/admin/body/{body.slug}/close",
        "/admin/bodies/table/bodies",
        "/admin/bodies/table/officials",
        "/admin/letters/",
        "/admin/jobs/",
        "/admin/settings/",
    ):
        assert office.text(path).count("<h1") == 1, path


def test_an_administrator_sees_no_file_name_and_opens_no_file(office: Office) -> None:
    olena = office.site.world.make_person("Olena")
    added = office.site.world.upload(olena.actor, olena.root_id, "medical-record-secret.pdf", b"x" * 5000)
    pages = ["/admin/", "/admin/people/", f"/admin/people/{olena.id}", "/admin/jobs/", "/admin/letters/"]
    for path in pages:
        assert "medical-record" not in office.text(path), path
    assert "medical-record" not in office.visitor.get("/search?q=medical").get_data(as_text=True)
    for path in (f"/files/{added.item.id}", f"/files/{added.item.id}/download"):
        assert office.visitor.get(path).status_code == 404, path


def test_the_overview_says_what_needs_a_keeper(office: Office) -> None:
    with office.site.world.writing(COMMAND) as work:
        work.later("letter.send", {"letter": new_id()})
        work.session.flush()
        work.session.execute(
            update(Job).values(given_up_at=work.now, attempts=8, last_error="gaierror in workspace/mail")
        )
    text = office.text("/admin/")
    for sentence in (
        "No worker is running",
        "1 job has failed",
        "There is no mail server",
        "You are the only administrator",
    ):
        assert sentence in text
    assert "Your own sign-in has one step only" in text


def test_a_failed_job_is_shown_with_its_reason_and_tried_again(office: Office) -> None:
    with office.site.world.writing(COMMAND) as work:
        work.later("letter.send", {"letter": new_id()})
        work.session.flush()
        work.session.execute(
            update(Job).values(given_up_at=work.now, attempts=8, last_error="gaierror in workspace/mail")
        )
    assert "gaierror in workspace/mail" in office.text("/admin/jobs/")
    office.send("/admin/jobs/", "/retry")
    with office.site.world.reading(COMMAND) as work:
        job = work.session.query(Job).one()
    assert job.given_up_at is None
    assert job.attempts == 0


def test_people_are_found_by_a_part_of_their_name_and_listed_page_by_page(office: Office) -> None:
    for number in range(55):
        office.site.world.make_person(f"Person {number:02}")
    first = office.text("/admin/people/")
    assert "Person 54" in first
    assert "Person 01" not in first
    assert 'rel="next"' in first
    assert "Person 07" in office.text("/admin/people/?q=person+07")


def test_an_invited_person_gets_a_letter_and_joins(office: Office) -> None:
    text = office.send("/admin/people/", "/invite", email="Taras@Example.org", language="uk")
    assert "taras@example.org" in text
    (recipient, subject, _body) = office.site.letters()[-1]
    assert recipient == "taras@example.org"
    assert subject == "Вас запрошено до Citizen Workspace"
    guest = office.site.visitor()
    link = office.site.link("/invitation/")
    guest.fill(link, {"name": "Taras", "password": "nine herons over the lake"})
    assert guest.sign_in("taras@example.org", "nine herons over the lake").status_code == 302
    assert guest.known


def test_a_withdrawn_invitation_opens_nothing(office: Office) -> None:
    office.send("/admin/people/", "/invite", email="taras@example.org", language="en")
    link = office.site.link("/invitation/")
    office.send("/admin/people/", "/withdraw")
    assert office.site.visitor().get(link).status_code == 404


def test_an_address_that_is_here_already_is_said_so(office: Office) -> None:
    text = office.send("/admin/people/", "/invite", email=office.keeper.email, language="en")
    assert "Somebody here has this address already" in text


def test_a_closed_account_is_signed_out_everywhere_and_can_be_opened_again(office: Office) -> None:
    olena = office.site.person("Olena")
    hers = office.site.visitor()
    hers.sign_in(olena.email)
    assert hers.known
    office.send(f"/admin/people/{olena.id}/disable", "/disable")
    assert not hers.known
    office.send(f"/admin/people/{olena.id}", "/enable")
    hers.sign_in(olena.email)
    assert hers.known


def test_quota_is_given_in_gigabytes(office: Office) -> None:
    olena = office.site.world.make_person("Olena")
    assert "25" in office.send(f"/admin/people/{olena.id}", "/quota", quota="25,5")
    with office.site.world.reading(COMMAND) as work:
        assert rooms_of(work, [olena.id])[olena.id].quota == 25_500_000_000
    for wrong in ("-1", "lots", "NaN", "1e999", ""):
        assert "Error:" in office.send(f"/admin/people/{olena.id}", "/quota", quota=wrong), wrong


def test_the_administration_is_given_and_taken_but_not_from_the_last_one(office: Office) -> None:
    olena = office.site.person("Olena")
    office.send(f"/admin/people/{olena.id}/administrator", "/administrator")
    second = office.site.visitor()
    second.sign_in(olena.email)
    assert second.get("/admin/").status_code == 200
    # nobody takes it from themselves
    own = office.visitor.fill(f"/admin/people/{office.keeper.id}/citizen", {}, action="/citizen", follow_redirects=True)
    assert "Not for yourself" in own.get_data(as_text=True)
    second.fill(f"/admin/people/{office.keeper.id}/citizen", {}, action="/citizen")
    assert office.visitor.get("/admin/").status_code == 403
    assert "Not for yourself" in second.fill(
        f"/admin/people/{olena.id}/disable", {}, action="/disable", follow_redirects=True
    ).get_data(as_text=True)
    assert second.get("/admin/").status_code == 200


def test_the_last_administrator_stays_even_for_the_hosts_own_program(office: Office) -> None:
    with office.site.world.runtime.writing(COMMAND) as work, pytest.raises(WrongState):
        service.disable(work, office.keeper.id)
    with office.site.world.reading(COMMAND) as work:
        assert work.session.get_one(Person, office.keeper.id).disabled_at is None


def test_every_kind_of_job_is_named_in_words(site: Site) -> None:
    with site.app.test_request_context():
        assert set(HANDLERS) <= set(job_words())
