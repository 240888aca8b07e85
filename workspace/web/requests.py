"""Pages of requests for files: ask, see what came, accept or refuse; and the other side: send what is asked for."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from workspace.bodies.queries import own_bodies
from workspace.cloud.blobs import SealedBlob, forget
from workspace.exchange import asked
from workspace.exchange import requests as verbs
from workspace.http.bodies import sealed_files
from workspace.http.errors import status_of
from workspace.http.request import carries_bytes, current_actor, current_work, refusable, runtime
from workspace.kernel.errors import DomainError, NotAcceptable
from workspace.web.fields import DayField, PageForm
from workspace.web.files.refusals import sentence
from workspace.web.formats import number
from workspace.web.shares.forms import end_of_day

requests = Blueprint("requests", __name__, url_prefix="/requests")
NEW_LINK = "new_request_link"


class AskForm(PageForm):
    """Whom to ask for which documents, until when."""

    title = StringField(
        _l("What is it about?"),
        description=_l("A short name, the repair of the riser for example."),
        validators=[Length(max=verbs.TITLE_LIMIT)],
    )
    documents = TextAreaField(
        _l("Which documents?"),
        description=_l("One on each line. They become a checklist."),
    )
    text = TextAreaField(
        _l("What should they know?"),
        description=_l("Why you ask, and what each document has to show."),
        validators=[Optional(), Length(max=verbs.TEXT_LIMIT)],
    )
    who = RadioField(
        _l("Whom do you ask?"),
        choices=[("person", _l("A person, by e-mail address")), ("link", _l("Whoever has a secret link"))],
        default="person",
    )
    email = StringField(_l("Their e-mail address"), validators=[Optional(), Length(max=254)])
    password = StringField(
        _l("A password for this link"),
        description=_l("At least 8 characters. Tell it by another way than the link."),
        validators=[Optional(), Length(max=200)],
    )
    until = DayField(_l("Until which day?"), description=_l("After this day nothing more is taken."))
    body = RadioField(_l("For whom?"), choices=[], validate_choice=False, default="")

    def explain(self, field: str) -> None:
        """Say at the field what a verb has refused."""
        where, words = {
            "title": (self.title, _("Write a short name")),
            "documents": (
                self.documents,
                _("Name at least one document and at most %(most)s", most=number(verbs.MOST_DOCUMENTS)),
            ),
            "text": (self.text, _("Say it in %(most)s characters or fewer", most=number(verbs.TEXT_LIMIT))),
            "until": (self.until, _("Choose a day that is still to come")),
            "email": (self.email, _("Write a full e-mail address, name@example.org for example")),
            "subject": (self.email, _("This is your own address")),
            "addresses": (self.email, _("You have written to very many addresses today. Go on tomorrow.")),
            "password": (self.password, _("A password needs at least 8 characters")),
        }[field]
        where.errors = [words]


@requests.get("")
def index() -> str:
    """What I ask for, and what is asked of me."""
    work, g.nav = current_work(), "shares.index"
    tab = "of-me" if request.args.get("tab") == "of-me" else "by-me"
    return render_template(
        "requests/index.html",
        tab=tab,
        mine=asked.asked_by_me(work),
        theirs=asked.asked_of_me(work),
        states=state_words(),
    )


@requests.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """Ask for files."""
    work, g.nav = current_work(), "shares.index"
    if current_actor().person_id is None:
        return redirect(url_for("security.login", next=request.path))
    form, bodies = AskForm(), own_bodies(work)
    form.body.choices = [("", _("For myself")), *((one.id, one.name) for one in bodies)]
    if request.method == "GET" and request.args.get("body") in {one.id for one in bodies}:
        form.body.data = request.args["body"]
    if form.validate_on_submit() and (made := _ask(form)):
        return made
    return render_template("requests/new.html", form=form, bodies=bodies)


@requests.get("/<request_id>")
def one(request_id: str) -> str:
    """A request, as its reader may see it."""
    return _page(request_id)


@requests.post("/<request_id>/documents/<document_id>")
@carries_bytes
def send(request_id: str, document_id: str) -> Any:
    """Send files for a line of the checklist. What can be taken is taken."""
    with runtime().reading(current_actor()) as work:
        seen = asked.request(work, request_id)
    if document_id not in {one.id for one in seen.documents}:
        abort(404)
    problems: list[tuple[str, str]] = []
    status, sent = 422, 0
    try:
        came = sealed_files("files")
    except DomainError as error:
        return _again(request_id, [(f"files-{document_id}", _sentence(error))], status_of(error))
    if not came:
        problems.append((f"files-{document_id}", _("Choose a file first.")))
    for filename, sealed in came:
        try:
            _send(request_id, document_id, filename.replace("\\", "/").rpartition("/")[2], sealed)
            sent += 1
        except DomainError as error:
            problems.append((f"files-{document_id}", _sentence(error)))
            status = status_of(error)
    if problems:
        return _again(request_id, problems, status)
    flash(ngettext("%(num)s file was sent.", "%(num)s files were sent.", sent), "ok")
    return redirect(url_for(".one", request_id=request_id), code=303)


@requests.post("/<request_id>/sent/<sent_id>")
def judge(request_id: str, sent_id: str) -> Any:
    """Accept what came, or refuse it with a reason."""
    accept = request.form.get("do") == "accept"
    try:
        with refusable():
            verbs.judge_document(
                current_work(), request_id, sent_id, accept=accept, reason=request.form.get("reason", "")
            )
    except NotAcceptable:
        problem = (f"reason-{sent_id}", _("Say why, so that they can send another one"))
        return _page(request_id, [problem]), 422
    flash(_("Accepted.") if accept else _("Refused. They read the reason."), "ok")
    return redirect(url_for(".one", request_id=request_id), code=303)


@requests.post("/<request_id>/close")
def close(request_id: str) -> BaseResponse:
    """Take nothing more."""
    verbs.close_request(current_work(), request_id)
    flash(_("Closed. Nothing more is taken; what came stays with you."), "ok")
    return redirect(url_for(".one", request_id=request_id), code=303)


def state_words() -> dict[str, str]:
    """The states of a line of the checklist in words."""
    return {
        "missing": _("Missing"),
        "received": _("Received"),
        "accepted": _("Accepted"),
        "refused": _("Refused"),
    }


def _page(request_id: str, problems: list[tuple[str, str]] | None = None) -> str:
    g.nav = "shares.index"
    view = asked.request(current_work(), request_id)
    template = "requests/asked.html" if view.judges else "requests/send.html"
    return render_template(
        template,
        view=view,
        errors=problems or None,
        states=state_words(),
        new_link=session.pop(NEW_LINK, None) if view.judges else None,
        limit=current_work().settings.upload_limit,
    )


def _again(request_id: str, problems: list[tuple[str, str]], status: int) -> Any:
    g.work = runtime().reading(current_actor())
    return _page(request_id, problems), status


def _sentence(error: DomainError) -> str:
    if isinstance(error, NotAcceptable) and error.details.get("field") == "room":
        return _("Whoever asks has no room for it now. Tell them.")
    return sentence(error)


def _ask(form: AskForm) -> BaseResponse | None:
    work = current_work()
    address = (form.email.data or "").strip() if form.who.data == "person" else None
    try:
        with refusable():
            made = verbs.ask_for_files(
                work,
                form.title.data or "",
                (form.documents.data or "").splitlines(),
                text=form.text.data or "",
                address=address,
                body_id=form.body.data or None,
                ends_at=end_of_day(form.until.data, work),
                password=form.password.data or None,
            )
    except NotAcceptable as error:
        form.explain(str(error.details.get("field")))
        return None
    if made.token is not None:
        # shown once, on the next page; the database keeps only its hash
        session[NEW_LINK] = work.settings.base_url + url_for("shares.link", token=made.token)
    flash(_("Asked. What comes stands here."), "ok")
    return redirect(url_for(".one", request_id=made.request.id), code=303)


def _send(request_id: str, document_id: str, name: str, sealed: SealedBlob) -> None:
    instance = runtime()
    try:
        with instance.writing(current_actor()) as work:
            verbs.send_document(work, request_id, document_id, name, sealed)
            work.commit()
    except BaseException:
        forget(instance.ports, sealed)
        raise
