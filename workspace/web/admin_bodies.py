"""Administration of the directory: bodies, their offices, who works in them. Tables: `admin_tables.py`."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from workspace.accounts.queries import person_by_email
from workspace.bodies import queries, service
from workspace.bodies.queries import BodyView
from workspace.bodies.values import BodyValues, problems, tidy
from workspace.http.request import current_work, refusable
from workspace.kernel.actors import Role
from workspace.kernel.errors import NameTaken, NotAcceptable, NotFound, WrongState
from workspace.web.admin import enter
from workspace.web.admin_tables import problem_words
from workspace.web.formats import plain_name
from workspace.web.words import kind_words, role_words

admin_bodies = Blueprint("admin_bodies", __name__, url_prefix="/admin")
admin_bodies.before_request(enter)


class BodyForm(FlaskForm):
    """An entry of the directory."""

    name = StringField(_l("Name"))
    slug = StringField(
        _l("Short name for addresses"),
        description=_l("Small Latin letters, digits and hyphens, for example housing-department. It stays for good."),
    )
    kind = SelectField(_l("Kind"), choices=[])
    superior = SelectField(_l("Body above it"), choices=[])
    territory = StringField(_l("Territory"), description=_l("For example, Zelenohirsk city"))
    competence = TextAreaField(
        _l("What it is in charge of"),
        description=_l("In words that people use: roofs, lifts, heating. The search looks here too."),
    )
    email = StringField(
        _l("E-mail address"), description=_l("News of letters go there while nobody works here for the body.")
    )
    phone = StringField(_l("Telephone"))
    address = StringField(_l("Street address"))


class PostForm(FlaskForm):
    """Who gets which post."""

    email = StringField(
        _l("E-mail address of their account here"), validators=[InputRequired(_l("Write the address of their account"))]
    )
    role = SelectField(_l("Role"), choices=[])
    office = SelectField(_l("Office"), choices=[])
    phone = StringField(_l("Telephone"))


@admin_bodies.get("/bodies/")
def index() -> str:
    """All bodies, closed ones too."""
    text, kind = request.args.get("q", "").strip()[:100], request.args.get("kind", "")
    lines = queries.directory(current_work(), text, kind if kind in kind_words() else "", closed=True)
    return render_template("admin/bodies.html", lines=lines, text=text, kind=kind, kinds=kind_words())


@admin_bodies.route("/bodies/new", methods=["GET", "POST"])
def add() -> Any:
    """A new entry."""
    form = _body_form()
    values = _values(form, form.slug.data or "")
    if form.is_submitted() and _right(form, values):
        try:
            with refusable():
                row = service.add_body(current_work(), values)
        except NameTaken:
            form.slug.errors = [_("Another body has this short name")]
        except NotAcceptable as error:
            _explain(form, error)
        else:
            text = _("%(name)s stands in the directory. Appoint somebody who takes its letters in.", name=row.name)
            flash(text, "ok")
            return redirect(url_for(".body", slug=row.slug))
    return render_template("admin/body_form.html", form=form, body=None)


@admin_bodies.get("/body/<slug>")
def body(slug: str) -> str:
    """One body: its entry, offices, officials."""
    found = queries.body(current_work(), slug)
    return _body(found, _post_form(found, formdata=None))


@admin_bodies.route("/body/<slug>/change", methods=["GET", "POST"])
def change(slug: str) -> Any:
    """Change what the entry says."""
    found = queries.body(current_work(), slug)
    form = _body_form(found)
    values = _values(form, found.slug)
    if form.is_submitted() and _right(form, values):
        try:
            with refusable():
                service.change_body(current_work(), found.id, values)
        except NotAcceptable as error:
            _explain(form, error)
        else:
            flash(_("Changed."), "ok")
            return redirect(url_for(".body", slug=slug))
    return render_template("admin/body_form.html", form=form, body=found)


@admin_bodies.route("/body/<slug>/close", methods=["GET", "POST"])
def close(slug: str) -> Any:
    """The question before a body is closed, and the closing."""
    found = queries.body(current_work(), slug)
    if request.method == "GET":
        return render_template("admin/body_close.html", body=found)
    service.close_body(current_work(), found.id)
    flash(_("%(name)s is closed: nothing new can be delivered to it.", name=found.name), "ok")
    return redirect(url_for(".body", slug=slug))


@admin_bodies.post("/body/<slug>/reopen")
def reopen(slug: str) -> BaseResponse:
    """The body receives again."""
    found = queries.body(current_work(), slug)
    service.reopen_body(current_work(), found.id)
    flash(_("%(name)s is open again.", name=found.name), "ok")
    return redirect(url_for(".body", slug=slug))


@admin_bodies.post("/body/<slug>/offices")
def add_office(slug: str) -> BaseResponse:
    """A new part of the body."""
    found = queries.body(current_work(), slug)
    try:
        with refusable():
            office = service.add_office(current_work(), found.id, request.form.get("name", ""))
    except NotAcceptable as error:
        flash(problem_words(str(error.details.get("reason")), error.details.get("limit", 0)), "error")
    else:
        flash(_("The office “%(name)s” is there.", name=office.name), "ok")
    return redirect(url_for(".body", slug=slug, _anchor="offices"))


@admin_bodies.post("/body/<slug>/offices/<office_id>/remove")
def remove_office(slug: str, office_id: str) -> BaseResponse:
    """Take away an office that nobody ever worked in."""
    _must_be_of(queries.body(current_work(), slug), office_id)
    try:
        with refusable():
            service.remove_office(current_work(), office_id)
    except WrongState:
        flash(_("Somebody works or worked in this office, so it stays: old answers name it."), "error")
    else:
        flash(_("The office is gone."), "ok")
    return redirect(url_for(".body", slug=slug, _anchor="offices"))


@admin_bodies.post("/body/<slug>/officials")
def appoint(slug: str) -> Any:
    """Give somebody a post."""
    work, found = current_work(), queries.body(current_work(), slug)
    form = _post_form(found)
    if form.validate_on_submit():
        person = person_by_email(work, form.email.data or "")
        if person is None:
            form.email.errors = [
                _("Nobody with an open account has this address. Invite them first, then appoint them.")
            ]
        else:
            try:
                with refusable():
                    office, phone = form.office.data or None, form.phone.data or ""
                    service.appoint(work, found.id, person.id, Role(form.role.data), office_id=office, phone=phone)
            except NotAcceptable as error:
                _explain(form, error)
            except WrongState:
                form.email.errors = [_("The body is closed. Open it again first.")]
            else:
                name, role = plain_name(person.name), role_words()[form.role.data]
                flash(_("Appointed: %(name)s, %(role)s.", name=name, role=role.lower()), "ok")
                return redirect(url_for(".body", slug=slug))
    return _body(found, form)


@admin_bodies.route("/body/<slug>/officials/<official_id>/dismiss", methods=["GET", "POST"])
def dismiss(slug: str, official_id: str) -> Any:
    """The question before a post ends, and its end."""
    found = queries.body(current_work(), slug)
    post = next((one for one in found.officials if one.id == official_id), None)
    if post is None:
        raise NotFound()
    if request.method == "GET":
        return render_template("admin/official_dismiss.html", body=found, post=post, roles=role_words())
    service.dismiss(current_work(), official_id)
    flash(_("Dismissed: %(name)s. Their answers keep their name.", name=plain_name(post.name)), "ok")
    return redirect(url_for(".body", slug=slug))


def _body(found: BodyView, form: PostForm) -> str:
    return render_template(
        "admin/body.html", body=found, form=form, kinds=kind_words(), roles=role_words(), errors=None
    )


def _body_form(found: BodyView | None = None) -> BodyForm:
    start = {
        name: getattr(found, name)
        for name in ("name", "slug", "kind", "territory", "competence", "email", "phone", "address")
        if found is not None
    }
    above = found.superior.slug if found is not None and found.superior else ""
    form = BodyForm(data={"kind": "department", "superior": above} | start)
    form.kind.choices = list(kind_words().items())
    others = queries.directory(current_work(), closed=True)
    form.superior.choices = [("", _("None"))] + [
        (one.slug, one.name) for one in others if found is None or one.id != found.id
    ]
    return form


def _post_form(found: BodyView, **more: Any) -> PostForm:
    form = PostForm(data={"role": Role.REGISTRAR.value if not found.officials else Role.HANDLER.value}, **more)
    form.role.choices = list(role_words().items())
    form.office.choices = [("", _("No office of its own"))] + [(one.id, one.name) for one in found.offices]
    return form


def _values(form: BodyForm, slug: str) -> BodyValues:
    names = ("name", "kind", "email", "superior", "territory", "competence", "phone", "address")
    return BodyValues(slug=slug, **{name: getattr(form, name).data or "" for name in names})


def _right(form: BodyForm, values: BodyValues) -> bool:
    """Whether the entry is right by itself; if not, every wrong field says why."""
    wrong = list(problems(tidy(values)))
    for one in wrong:
        form[one.field].errors = [problem_words(one.code, one.limit)]
    return not wrong


def _explain(form: FlaskForm, error: NotAcceptable) -> None:
    """Say at the field what is wrong with it."""
    sentence = problem_words(str(error.details.get("reason", "")), error.details.get("limit", 0))
    name = str(error.details.get("field", ""))
    field = {"person": "email"}.get(name, name)
    (form[field] if field in form else next(iter(form))).errors = [sentence]


def _must_be_of(found: BodyView, office_id: str) -> None:
    if office_id not in {one.id for one in found.offices}:
        raise NotFound()
