"""Writing a case, in four steps: letter, files, body, check and deliver. Each can be left and taken up again."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from workspace.bodies import queries as bodies
from workspace.cases import queries, service
from workspace.cases.delivering import deliver_with_letter
from workspace.cases.procedure import GENERIC, procedure
from workspace.cases.views import Next
from workspace.cloud.own import own_spaces
from workspace.cloud.queries import folder, path
from workspace.http.request import carries_bytes, current_actor, current_work, refusable, runtime
from workspace.kernel.errors import DomainError, NotAcceptable, NotFound, PreconditionFailed, WrongState
from workspace.sharing.authorize import require_signed_in
from workspace.web.cases.blueprint import cases
from workspace.web.cases.incoming import Incoming, come_in
from workspace.web.cases.words import sentence
from workspace.web.formats import language
from workspace.web.words import kind_words


@cases.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """The first step: what kind of letter, about what, in which words."""
    work = current_work()
    require_signed_in(work.actor)
    slug = request.values.get("body", "")
    body = _known_body(slug)
    values, errors = _letter_values(), []
    if request.method == "POST":
        try:
            with refusable():
                body_id = body.id if body is not None and body.receives else None
                made = service.open_case(work, **values, body_id=body_id, language=language())
            return redirect(url_for(".files", case_id=made.id), code=303)
        except NotAcceptable as error:
            errors = [sentence(error)]
    return _letter_page(None, values, errors, body=body)


@cases.route("/<case_id>/letter", methods=["GET", "POST"])
def letter(case_id: str) -> Any:
    """The letter again, as long as it is a draft."""
    work = current_work()
    view = queries.case(work, case_id)
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        values = _letter_values()
        try:
            with refusable():
                service.change_case(work, case_id, **values)
            return redirect(url_for(".files", case_id=case_id), code=303)
        except (NotAcceptable, WrongState) as error:
            errors = [sentence(error)]
    else:
        values = {"title": view.title, "story": view.story, "kind": view.kind}
    return _letter_page(view, values, errors)


@cases.get("/<case_id>/files")
def files(case_id: str) -> Any:
    """The second step: what goes with the letter."""
    return files_page(case_id)


@cases.post("/<case_id>/files")
@carries_bytes
def upload(case_id: str) -> Any:
    """Files that come in by a plain form, into the case's folder."""
    with runtime().reading(current_actor()) as work:
        folder_id = queries.case(work, case_id).folder_id
        if folder_id is None:
            raise NotFound()
    came = come_in(folder_id)
    if not came.item_ids and not came.errors:
        came = Incoming((), (("files", _("Choose at least one file first.")),))
    if came.errors:
        g.work = runtime().reading(current_actor())
        return files_page(case_id, list(came.errors)), 422
    arrived = len(came.item_ids)
    flash(ngettext("%(num)s file has arrived.", "%(num)s files have arrived.", arrived), "ok")
    return redirect(url_for(".files", case_id=case_id), code=303)


@cases.post("/<case_id>/files/put-in")
def put_in(case_id: str) -> Any:
    """Files and folders of one's own cloud, by reference."""
    wanted = request.form.getlist("item")
    try:
        with refusable():
            service.put_in(current_work(), case_id, wanted)
    except DomainError as error:
        return files_page(case_id, [sentence(error)]), 422
    flash(ngettext("%(num)s thing put in.", "%(num)s things put in.", len(wanted)), "ok")
    return redirect(url_for(".files", case_id=case_id), code=303)


@cases.post("/<case_id>/files/<item_id>/remove")
def take_out(case_id: str, item_id: str) -> BaseResponse:
    """Out of the case, into the trash."""
    service.take_out(current_work(), case_id, item_id)
    flash(_("Taken out. It lies in the trash of your files for a while."), "ok")
    back = ".check" if request.form.get("back") == "check" else ".files"
    return redirect(url_for(back, case_id=case_id), code=303)


@cases.route("/<case_id>/body", methods=["GET", "POST"])
def body(case_id: str) -> Any:
    """The third step: who should answer."""
    work = current_work()
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            with refusable():
                if not request.form.get("body"):
                    raise NotAcceptable(field="body", reason="missing")
                service.change_case(work, case_id, body_id=request.form["body"])
            return redirect(url_for(".check", case_id=case_id), code=303)
        except (NotAcceptable, WrongState) as error:
            errors = [sentence(error)]
    view = queries.case(work, case_id)
    text = request.args.get("q", "").strip()[:100]
    found = bodies.directory(work, text)
    page = render_template(
        "cases/body.html",
        view=view,
        text=text,
        bodies=found,
        kinds=kind_words(),
        errors=[("body-1", words) for _field, words in errors],
    )
    return page, 422 if errors else 200


@cases.get("/<case_id>/deliver")
def check(case_id: str) -> Any:
    """The last step: exactly what will be handed over, and what that means."""
    view = queries.case(current_work(), case_id)
    if view.state.delivery_id is not None:
        return redirect(url_for(".receipt", delivery_id=view.state.delivery_id))
    if view.step is Next.WRITE:
        return redirect(url_for(".letter", case_id=case_id))
    if view.step is Next.CHOOSE_BODY:
        return redirect(url_for(".body", case_id=case_id))
    return render_template("cases/check.html", view=view, errors=[], tick_error="")


@cases.post("/<case_id>/deliver")
@carries_bytes
def deliver(case_id: str) -> Any:
    """Hand it over for good. The tick is asked for here as well as on the page."""
    if request.form.get("sure") != "1":
        wrong = _("Tick the box to say that you have read the letter and the list")
        return _refused(case_id, [("sure", wrong)], tick_error=wrong)
    try:
        handed = deliver_with_letter(runtime(), current_actor(), case_id, language())
    except (NotAcceptable, WrongState, PreconditionFailed) as error:
        return _refused(case_id, [sentence(error)])
    return redirect(url_for(".receipt", delivery_id=handed.id, fresh=1), code=303)


def _refused(case_id: str, errors: list[tuple[str, str]], tick_error: str = "") -> Any:
    g.work = runtime().reading(current_actor())
    view = queries.case(g.work, case_id)
    return render_template("cases/check.html", view=view, errors=errors, tick_error=tick_error), 422


def files_page(case_id: str, errors: list[tuple[str, str]] | None = None) -> str:
    """The files of a draft, with a window into the citizen's own cloud to choose from."""
    work = current_work()
    view = queries.case(work, case_id)
    here = request.args.get("from") or own_spaces(work)[0].root_id
    window = folder(work, here, limit=200)
    return render_template(
        "cases/files.html",
        view=view,
        errors=errors or [],
        window=window,
        window_path=path(work, here),
        limit=work.settings.upload_limit,
        opened="from" in request.args,
    )


def _letter_values() -> dict[str, str]:
    kinds = procedure(GENERIC).kinds
    return {
        "title": request.form.get("title", ""),
        "story": request.form.get("story", ""),
        "kind": request.form.get("kind", next(iter(kinds))),
    }


def _letter_page(view: Any, values: dict[str, str], errors: list[tuple[str, str]], **more: Any) -> Any:
    page = render_template(
        "cases/letter.html", view=view, values=values, errors=errors, rules=procedure(GENERIC), **more
    )
    return page, 422 if errors else 200


def _known_body(slug: str) -> bodies.BodyView | None:
    if not slug:
        return None
    try:
        with refusable():
            return bodies.body(current_work(), slug)
    except NotFound:
        return None
