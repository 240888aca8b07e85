"""An instance full of one person's things, each with a mark, and everybody who may or may not see them.

Olena's estate has a part that is shared, a part that is hers alone, something in the trash, and a case that the
department of housing received. What somebody may see is told as marks: a mark of anything else in an answer to them
is a leak, through whichever door it came.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.jobs.keeping import keep_log
from tests.web.visitor import PASSWORD, Site
from tests.world import Someone
from workspace.accounts.app_passwords import make_app_password
from workspace.accounts.models import AppPassword, Person, SignIn
from workspace.accounts.passwords import hash_password
from workspace.accounts.service import disable, invite
from workspace.bodies.models import Official
from workspace.bodies.service import add_office
from workspace.cases import service as cases
from workspace.cases import webhooks
from workspace.cases.models import AnswerDraft, Case, CaseNote, DeliveredFile, Delivery, RegisterEntry
from workspace.cloud import service, trash, uploads
from workspace.cloud.models import Item, Upload, Version
from workspace.cloud.things import locate_item
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.db.work import Work
from workspace.exchange import requests
from workspace.exchange import service as exchange
from workspace.exchange.models import Comment, FileRequest, RequestedDocument, SentDocument
from workspace.kernel.actors import COMMAND, Actor, Principal, Role, SubjectKind
from workspace.kernel.ids import new_id
from workspace.mail.outbox import post
from workspace.sharing import links
from workspace.sharing import service as sharing
from workspace.sharing.models import Grant, Link
from workspace.sharing.rule import Level

SHARED, ALONE, CASE = "MARK-SHARED-5c1e", "MARK-ALONE-9d27", "MARK-CASE-41fa"
MARKS = (SHARED, ALONE, CASE)
# stands in contents, notes, comments and stories, never in a name: it must lie nowhere in the clear
SEALED = "sealed-words-83b0"
WORN_BY_USE = frozenset({"last_used_at", "last_seen_at", "used_at", "folder_etag"})


@dataclass
class Caller:
    """Somebody at the doors: a browser, and a program where they have an account. `sees`: whose marks they may get.
    `identity`: the id of their person or link, as facts name them."""

    name: str
    client: FlaskClient
    sees: frozenset[str] = frozenset()
    secret: str | None = None
    email: str = ""
    identity: str = ""
    token: str = ""

    @property
    def forbidden(self) -> list[bytes]:
        return [mark.encode() for mark in MARKS if mark not in self.sees]

    @property
    def known(self) -> bool:
        """Whether every door knows who they are."""
        return self.secret is not None and self.name != "disabled"

    def authorization(self) -> dict[str, str]:
        if self.secret is None:
            return {}
        return {"Authorization": "Basic " + b64encode(f"{self.email}:{self.secret}".encode()).decode()}


class Estate:
    """The instance, `callers` by name, and `ids`: parameter of an address → place → id."""

    def __init__(self, site: Site) -> None:
        self.site, self.world = site, site.world
        self.olena = self._person("Olena")
        self.housing, self.transport = self.world.make_body("Housing"), self.world.make_body("Transport")
        self.callers: dict[str, Caller] = {}
        self.ids: dict[str, dict[str, str]] = {}
        self._folders()
        self._case()
        self._people()
        keep_log(self.world)

    # what there is --------------------------------------------------------------------------------------------------
    def _folders(self) -> None:
        olena, world = self.olena, self.world
        places = {}
        for place, mark in (("shared", SHARED), ("alone", ALONE)):
            top = world.folder(olena.actor, olena.root_id, f"{mark} top")
            inner = world.folder(olena.actor, top, f"{mark} inner")
            deep = world.folder(olena.actor, inner, f"{mark} deep")
            first = world.upload(olena.actor, deep, f"{mark}.txt", f"{mark} {SEALED} first".encode())
            second = world.upload(olena.actor, deep, f"{mark}.txt", f"{mark} {SEALED} second".encode())
            with world.writing(olena.actor) as work:
                service.describe(work, first.item.id, note=f"{mark} {SEALED} note", kind="evidence")
                comment = exchange.comment(work, first.item.id, f"{mark} {SEALED} comment").id
                upload = uploads.create_upload(work, deep, f"{mark} upload", 10).id
            places[place] = {"top": top, "file": first.item.id}
            self._know(place, folder_id=deep, item_id=first.item.id, version_id=first.version.id)
            self._know(place, comment_id=comment, upload_id=upload, name=f"{mark}.txt")
            assert second.replaced
        thrown = world.upload(olena.actor, places["alone"]["top"], f"{ALONE} thrown.txt", ALONE.encode()).item.id
        with world.writing(olena.actor) as work:
            trash.trash(work, thrown)
        self._know("thrown", item_id=thrown, folder_id=thrown)
        self.top = places["shared"]["top"]
        friend = self._person("Friend")
        with world.writing(olena.actor) as work:
            alone = locate_item(work, places["alone"]["file"])[1]
            grant = sharing.grant(work, alone, Principal(SubjectKind.PERSON, friend.id), Level.VIEW, purpose=ALONE)
            made = make_app_password(work, f"{ALONE} laptop")
        self._know("alone", grant_id=grant.id, app_password_id=made.id)
        world.content(friend.actor, places["alone"]["file"])
        self._request(friend)
        with world.reading(COMMAND) as work:
            opened = work.session.scalar(select(FactRow.id).where(FactRow.kind == "access.opened"))
        self._know("alone", fact_id=str(opened))

    def _request(self, friend: Someone) -> None:
        """Olena asks a friend for a document, and it has come."""
        with self.world.writing(self.olena.actor) as work:
            row = requests.ask_for_files(
                work, f"{ALONE} request", [f"{ALONE} document"], text=ALONE, address=friend.email
            ).request
            document = work.session.scalar(select(RequestedDocument.id).where(RequestedDocument.request_id == row.id))
        sealed = self.world.seal(ALONE.encode())
        with self.world.writing(friend.actor) as work:
            sent = requests.send_document(work, row.id, str(document), f"{ALONE} sent.txt", sealed).id
        self._know("alone", request_id=row.id, document_id=str(document), sent_id=sent)

    def _case(self) -> None:
        olena, world = self.olena, self.world
        with world.writing(olena.actor) as work:
            case = cases.open_case(work, title=f"{CASE} title", story=f"{CASE} {SEALED}", body_id=self.housing.id)
        world.upload(olena.actor, case.folder_id, f"{CASE}.pdf", f"{CASE} {SEALED}".encode())
        with world.writing(olena.actor) as work:
            handed = cases.deliver(work, case.id)
            draft = cases.open_case(work, title=f"{ALONE} draft", story=f"{ALONE} {SEALED}", body_id=self.housing.id)
        with world.reading(COMMAND) as work:
            file = work.session.scalar(select(DeliveredFile.id).where(DeliveredFile.delivery_id == handed.id))
        self._know("delivered", case_id=case.id, delivery_id=handed.id, file_id=str(file), document_id=str(file))
        self._know("alone", case_id=draft.id)
        self._know("delivered", slug=self.housing.slug)
        self._know("shared", slug=self.transport.slug)

    def _know(self, place: str, **ids: str) -> None:
        for name, value in ids.items():
            self.ids.setdefault(name, {})[place] = value

    # who there is ---------------------------------------------------------------------------------------------------
    def _people(self) -> None:
        self._signed_in("owner", self.olena, frozenset(MARKS))
        for level in (Level.LOOK, Level.VIEW, Level.COMMENT, Level.CONTRIBUTE, Level.EDIT):
            someone = self._person(level.word.title())
            self._share(Principal(SubjectKind.PERSON, someone.id), level)
            self._signed_in(level.word, someone, frozenset({SHARED}))
        self._share(Principal(SubjectKind.BODY, self.housing.id), Level.VIEW)
        for role in Role:
            self._signed_in(role.value, self._official(role, self.housing.id), frozenset({SHARED, CASE}))
        self._signed_in("elsewhere", self._official(Role.HEAD, self.transport.id))
        self._signed_in("stranger", self._person("Stranger"))
        self.admin = self._person("Admin", administrator=True)
        self._signed_in("administrator", self.admin)
        self._over()
        self._links()
        self.callers["nobody"] = self._caller("nobody")
        self._administered()

    def _administered(self) -> None:
        """What only an administrator works with, and what waits for its owner."""
        stranger = self._person("Somebody")
        with self.world.reading(COMMAND) as work:
            official = work.session.scalar(select(Official.id).where(Official.body_id == self.housing.id))
            session = work.session.scalar(select(SignIn.id).where(SignIn.person_id == self.olena.id))
        with self.world.writing(self.admin.actor) as work:
            invitation = invite(work, "guest@example.org").id
            office = add_office(work, self.housing.id, "Registry").id
        self._know("alone", person_id=stranger.id, official_id=str(official), session_id=str(session))
        with self.world.writing(Actor(host=True)) as work:
            letter = post(work, recipient=self.olena.email, subject="x", body=ALONE, language="en")
            work.session.flush()
            job = work.session.scalar(select(Job.id).order_by(Job.id.desc()))
        with self.world.writing(self.admin.actor) as work:
            hook = webhooks.add_webhook(work, self.housing.id, "https://hooks.example.org/x", ["case.delivered"]).id
            message = webhooks.try_webhook(work, hook)
        self._know("delivered", webhook_id=hook, message_id=message)
        self._know("alone", invitation_id=invitation, office_id=office, job_id=str(job), letter_id=letter)

    def _over(self) -> None:
        """Three who could once: a grant that has run out, one taken back, an account that was closed."""
        expired, revoked, disabled = (self._person(name) for name in ("Expired", "Revoked", "Disabled"))
        until = self.world.clock.now() + timedelta(hours=1)
        self._share(Principal(SubjectKind.PERSON, expired.id), Level.EDIT, valid_until=until)
        given = self._share(Principal(SubjectKind.PERSON, revoked.id), Level.EDIT)
        self._share(Principal(SubjectKind.PERSON, disabled.id), Level.EDIT)
        for name, someone in (("expired", expired), ("revoked", revoked), ("disabled", disabled)):
            self._signed_in(name, someone)
        with self.world.writing(self.olena.actor) as work:
            sharing.revoke(work, locate_item(work, self.top)[1], given)
        with self.world.writing(self.admin.actor) as work:
            disable(work, disabled.id)
        self.world.clock.move(timedelta(hours=2))

    def _links(self) -> None:
        for name, password in (
            ("link", None),
            ("link_with_password", PASSWORD),
            ("link_without_its_password", PASSWORD),
        ):
            with self.world.writing(self.olena.actor) as work:
                thing = locate_item(work, self.top)[1]
                given, token = links.make_link(work, thing, Level.VIEW, password=password)
            closed = name == "link_without_its_password"
            caller = self._caller(name, frozenset() if closed else frozenset({SHARED}))
            caller.client.get(f"/l/{token}")
            if password and not closed:
                visitor = self.site.visitor()
                visitor.client = caller.client
                visitor.fill(f"/l/{token}", {"password": password}, action=f"/l/{token}")
            caller.identity = given.subject_id
            self.callers[name] = caller

    def _person(self, name: str, **more: Any) -> Someone:
        someone = self.world.make_person(name, **more)
        with self.world.writing(someone.actor) as work:
            work.session.get_one(Person, someone.id).password = hash_password(PASSWORD, 1)
        return someone

    def _official(self, role: Role, body_id: str) -> Someone:
        someone = self._person(f"{role.value.title()} of {body_id[-4:]}")
        with self.world.writing(COMMAND) as work:
            row = Official(id=new_id(), person_id=someone.id, body_id=body_id, role=role.value, appointed_at=work.now)
            work.session.add(row)
        return someone

    def _share(self, subject: Principal, level: Level, **more: Any) -> str:
        with self.world.writing(self.olena.actor) as work:
            return sharing.grant(work, locate_item(work, self.top)[1], subject, level, purpose=SHARED, **more).id

    def _signed_in(self, name: str, someone: Someone, sees: frozenset[str] = frozenset()) -> None:
        caller = self._caller(name, sees)
        visitor = self.site.visitor()
        visitor.client = caller.client
        assert visitor.sign_in(someone.email).status_code == 302
        with self.world.writing(someone.actor) as work:
            caller.secret = make_app_password(work, "program").secret
        caller.email, caller.identity = someone.email, someone.id
        self.callers[name] = caller

    def _caller(self, name: str, sees: frozenset[str] = frozenset()) -> Caller:
        client = self.site.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return Caller(name, client, sees)

    # has anything changed? ------------------------------------------------------------------------------------------
    def state(self) -> list[tuple[str, str]]:
        """Every row of what is Olena's, but for what using it writes down: equal states mean that nothing changed."""
        mine = select(Item.id).where(Item.space_id == self.olena.space_id)
        given = select(Grant.subject_id).where(Grant.granted_by == self.olena.id)
        her_cases = select(Case.id).where(Case.applicant_id == self.olena.id)
        asked = select(FileRequest.id).where(FileRequest.made_by == self.olena.id)
        lines = select(RequestedDocument.id).where(RequestedDocument.request_id.in_(asked))
        wanted = (
            (Person, Person.id == self.olena.id),
            (SignIn, SignIn.person_id == self.olena.id),
            (AppPassword, AppPassword.person_id == self.olena.id),
            (Item, Item.space_id == self.olena.space_id),
            (Version, Version.item_id.in_(mine)),
            (Upload, Upload.space_id == self.olena.space_id),
            (Comment, Comment.item_id.in_(mine)),
            (Grant, Grant.granted_by == self.olena.id),
            (Link, Link.id.in_(given)),
            (Case, Case.id.in_(her_cases)),
            (FileRequest, FileRequest.id.in_(asked)),
            (SentDocument, SentDocument.document_id.in_(lines)),
            *((table, table.case_id.in_(her_cases)) for table in (Delivery, RegisterEntry, CaseNote, AnswerDraft)),
        )
        with self.world.reading(COMMAND) as work:
            return [line for table, clause in wanted for line in self._rows(work, table, clause)]

    def _rows(self, work: Work, table: Any, clause: Any) -> list[tuple[str, str]]:
        columns = [one for one in table.__table__.columns if one.name not in WORN_BY_USE]
        rows = work.session.execute(select(*columns).where(clause).order_by(*table.__table__.primary_key))
        return [(table.__tablename__, repr(tuple(row))) for row in rows]
