"""Receipts, delivered files, and what the citizen hands over later: replies and additions."""

from datetime import date
from typing import Any

from flask import Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.bodies.queries import own_bodies
from workspace.cases import queries, receipts, service
from workspace.cases.handover import HandedOver
from workspace.cases.queries import OpenedFile
from workspace.cases.views import CaseView, Reader
from workspace.db.work import Work
from workspace.http.request import carries_bytes, current_actor, current_work, runtime
from workspace.http.streaming import disposition, send_blob
from workspace.kernel.errors import DomainError, NotFound
from workspace.web.cases.blueprint import cases
from workspace.web.cases.incoming import come_in
from workspace.web.cases.words import sentence
from workspace.web.formats import language


@cases.get("/receipts/<delivery_id>")
def receipt(delivery_id: str) -> Any:
    """A receipt: what was handed over, when, to whom, and how to check it. For both sides."""
    work = current_work()
    found = receipts.receipt(work, delivery_id)
    reader, slug = queries.reader_of(work, found.case_id)
    if reader is Reader.OFFICE:
        g.room, g.body = "office", next((one for one in own_bodies(work) if one.slug == slug), None)
    back = url_for("office.case", slug=slug, case_id=found.case_id) if reader is Reader.OFFICE else ""
    return render_template(
        "cases/receipt.html",
        found=found,
        receipt=found.receipt,
        fresh=request.args.get("fresh") == "1" and reader is Reader.APPLICANT,
        back=back or url_for(".case", case_id=found.case_id),
        when=receipts.handed_over_at(found.receipt),
        due=date.fromisoformat(found.receipt["due"]) if "due" in found.receipt else None,
    )


@cases.get("/receipts/<delivery_id>.pdf")
def receipt_pdf(delivery_id: str) -> Response:
    """The receipt on paper, with the signed data inside."""
    work = current_work()
    number = receipts.receipt(work, delivery_id).receipt["number"]
    return _download(receipts.receipt_pdf(work, delivery_id, language()), f"{number}.pdf", "application/pdf")


@cases.get("/receipts/<delivery_id>.json")
def receipt_json(delivery_id: str) -> Response:
    """The receipt with its signature, for programs."""
    data = receipts.receipt_json(current_work(), delivery_id)
    return _download(jsonify(data).get_data(), f"{data['receipt']['number']}.json", "application/json")


@cases.get("/documents/<file_id>")
@carries_bytes
def document(file_id: str) -> Response:
    """A delivered file. An official's look is written down before the first byte leaves."""
    return send_delivered(file_id)


@cases.post("/documents/<file_id>/save")
def save(file_id: str) -> BaseResponse:
    """A delivered file as one of one's own, by reference."""
    item_id = service.save_document(current_work(), file_id)
    flash(_("Saved. It lies with your files now."), "ok")
    return redirect(url_for("files.item", item_id=item_id), code=303)


@cases.route("/<case_id>/reply", methods=["GET", "POST"])
@carries_bytes
def reply(case_id: str) -> Any:
    """Answer the body's question, with files."""
    return _hand_over(case_id, "cases/reply.html", service.reply)


@cases.route("/<case_id>/add", methods=["GET", "POST"])
@carries_bytes
def add(case_id: str) -> Any:
    """Hand over more after the delivery."""
    return _hand_over(case_id, "cases/add.html", _addition)


def send_delivered(file_id: str) -> Response:
    """The bytes of a delivered file, told to the ledger where it is not the applicant's own."""
    instance, actor = runtime(), current_actor()
    opened: OpenedFile | None = None
    with instance.reading(actor) as work:
        if queries.reader_of_file(work, file_id) is Reader.APPLICANT:
            opened = queries.open_delivered(work, file_id)
    if opened is None:
        with instance.writing(actor) as work:
            opened = queries.open_delivered(work, file_id)
            work.commit()
    return send_blob(
        opened.reader,
        again=lambda work: queries.rights_to_delivered(work, file_id),
        name=opened.name,
        media_type=opened.media_type,
        etag=opened.sha256,
        modified=opened.at,
    )


def _addition(work: Work, case_id: str, text: str, item_ids: list[str]) -> HandedOver:
    return service.add_to_delivered(work, case_id, item_ids=item_ids, text=text)


def _hand_over(case_id: str, template: str, verb: Any) -> Any:
    if request.method == "GET":
        return _form(case_id, template)
    with runtime().reading(current_actor()) as work:
        folder_id = _own(work, case_id).folder_id
    came = come_in(folder_id) if folder_id else None
    chosen = [*request.form.getlist("item"), *(came.item_ids if came else ())]
    if came and came.errors:
        return _form(case_id, template, list(came.errors), chosen)
    try:
        with runtime().writing(current_actor()) as work:
            handed = verb(work, case_id, request.form.get("text", ""), chosen)
            work.commit()
    except DomainError as error:
        return _form(case_id, template, [sentence(error)], chosen)
    return redirect(url_for(".receipt", delivery_id=handed.id, fresh=1), code=303)


def _form(
    case_id: str, template: str, errors: list[tuple[str, str]] | None = None, chosen: list[str] | None = None
) -> Any:
    g.work = runtime().reading(current_actor())
    view = _own(g.work, case_id)
    waiting = [one for one in view.files if not one.delivered]
    ticked = chosen if chosen is not None else [one.item_id for one in waiting]
    text = request.form.get("text", "")
    page = render_template(template, view=view, waiting=waiting, ticked=ticked, text=text, errors=errors or [])
    return page, 422 if errors else 200


def _own(work: Work, case_id: str) -> CaseView:
    if queries.reader_of(work, case_id)[0] is not Reader.APPLICANT:
        raise NotFound()
    return queries.case(work, case_id)


def _download(data: bytes, name: str, media_type: str) -> Response:
    answer = Response(data, content_type=media_type)
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
