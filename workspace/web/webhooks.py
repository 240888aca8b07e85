"""Webhooks of a body: which addresses of its document system are told of what, and how each message went."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.bodies.queries import BodyView, own_bodies
from workspace.bodies.queries import body as body_entry
from workspace.cases import webhooks as verbs
from workspace.cases.webhooks import TEST, Event
from workspace.http.request import current_actor, current_work, refusable
from workspace.kernel.errors import NotAcceptable, WrongState
from workspace.sharing.authorize import require_signed_in

webhooks = Blueprint("webhooks", __name__, url_prefix="/bodies/<slug>/webhooks")


@webhooks.route("", methods=["GET", "POST"])
def index(slug: str) -> Any:
    """The addresses that are told, and the form for one more. Its secret is shown on the page that follows, once."""
    body = _enter(slug)
    work, errors = current_work(), dict[str, str]()
    url, chosen, made = "", [one.value for one in Event], None
    if request.method == "POST":
        url, chosen = request.form.get("url", "").strip(), request.form.getlist("events")
        try:
            with refusable():
                made = verbs.add_webhook(work, body.id, url, chosen)
        except NotAcceptable as error:
            errors = _explained(error)
        except WrongState:
            errors = {"url": _("There are ten webhooks already. Remove one first.")}
    page = render_template(
        "webhooks/index.html",
        body=body,
        lines=verbs.webhooks(work, body.id),
        url="" if made else url,
        chosen=chosen,
        events=_choices(),
        made=made,
        errors=list(errors.items()),
        wrong=errors,
    )
    return page, 422 if errors else 200


@webhooks.get("/<webhook_id>")
def webhook(slug: str, webhook_id: str) -> str:
    """One address: what it was told, with every attempt."""
    return _page(_enter(slug), webhook_id)


@webhooks.post("/<webhook_id>/events")
def change(slug: str, webhook_id: str) -> Any:
    """Tell it of other things."""
    body = _enter(slug)
    try:
        with refusable():
            verbs.change_webhook(current_work(), webhook_id, request.form.getlist("events"))
    except NotAcceptable as error:
        return _page(body, webhook_id, _explained(error)), 422
    flash(_("Changed. It counts from now on."), "ok")
    return _back(slug, webhook_id)


@webhooks.post("/<webhook_id>/try")
def try_it(slug: str, webhook_id: str) -> BaseResponse:
    """A message that tells of nothing."""
    _enter(slug)
    verbs.try_webhook(current_work(), webhook_id)
    flash(_("A message is on its way. Load the page again in some seconds to see how that went."), "ok")
    return _back(slug, webhook_id)


@webhooks.post("/<webhook_id>/enable")
def enable(slug: str, webhook_id: str) -> BaseResponse:
    """Begin again with one that was disabled."""
    _enter(slug)
    verbs.enable_webhook(current_work(), webhook_id)
    flash(_("Messages go out again; what has waited is sent first."), "ok")
    return _back(slug, webhook_id)


@webhooks.post("/<webhook_id>/messages/<message_id>/send")
def send(slug: str, webhook_id: str, message_id: str) -> BaseResponse:
    """A message once more."""
    _enter(slug)
    verbs.send_again(current_work(), webhook_id, message_id)
    flash(_("A message is on its way. Load the page again in some seconds to see how that went."), "ok")
    return _back(slug, webhook_id)


@webhooks.route("/<webhook_id>/remove", methods=["GET", "POST"])
def remove(slug: str, webhook_id: str) -> Any:
    """Tell it of nothing more, after a question."""
    body = _enter(slug)
    if request.method == "GET":
        return render_template("webhooks/remove.html", body=body, hook=verbs.webhook(current_work(), webhook_id))
    verbs.remove_webhook(current_work(), webhook_id)
    flash(_("The webhook is removed."), "ok")
    return redirect(url_for(".index", slug=slug), code=303)


def event_words() -> dict[str, str]:
    """What happens in a case, as people read it."""
    return {
        Event.DELIVERED: _("A case or an addition was delivered"),
        Event.REGISTERED: _("It was registered"),
        Event.ASSIGNED: _("It was assigned"),
        Event.QUESTION_ASKED: _("The citizen was asked something"),
        Event.REPLIED: _("The citizen replied"),
        Event.ANSWERED: _("It was answered"),
        Event.ACCEPTED: _("The citizen accepted the answer"),
        Event.CONTESTED: _("The citizen contested the answer"),
        Event.WITHDRAWN: _("The citizen took the case back"),
        Event.CLOSED: _("It was closed"),
        TEST: _("A try that tells of nothing"),
    }


def problem_words() -> dict[str, str]:
    """Why nothing answered."""
    return {
        "address": _("This address may not be reached"),
        "name": _("There is no server of this name"),
        "connection": _("No connection"),
        "tls": _("Its certificate is not trusted"),
        "time": _("No answer within ten seconds"),
        "answer": _("No answer that could be understood"),
    }


def _enter(slug: str) -> BodyView:
    """The body, in the room of whoever manages it: its head's office, or the administration."""
    actor, work = current_actor(), current_work()
    require_signed_in(actor)
    body = body_entry(work, slug)
    verbs.webhooks(work, body.id)
    g.body = next((one for one in own_bodies(work) if one.id == body.id), None)
    g.room = "office" if g.body is not None else "admin"
    return body


def _page(body: BodyView, webhook_id: str, wrong: dict[str, str] | None = None) -> str:
    work = current_work()
    hook = verbs.webhook(work, webhook_id)
    return render_template(
        "webhooks/webhook.html",
        body=body,
        hook=hook,
        messages=verbs.messages(work, webhook_id),
        events=_choices(),
        chosen=list(hook.events),
        words=event_words(),
        problems=problem_words(),
        errors=list((wrong or {}).items()),
        wrong=wrong or {},
    )


def _choices() -> list[tuple[str, str]]:
    words = event_words()
    return [(one.value, words[one]) for one in Event]


def _explained(error: NotAcceptable) -> dict[str, str]:
    """The field and a sentence that says how to mend it."""
    if error.details.get("field") == "events":
        return {"events": _("Choose at least one thing that it is told of")}
    ports = current_work().settings.webhook_ports
    words = {
        "scheme": _("The address has to begin with https://"),
        "user": _("The address may not hold a name or a password"),
        "host": _("Write the name of the server as it stands in its certificate"),
        "port": _("Only these ports may be reached: %(ports)s", ports=ports),
        "address": _("This address may not be reached: it is not public. Ask whoever runs this workspace to allow it"),
    }
    reason = str(error.details.get("reason", ""))
    return {"url": words.get(reason, _("Write a whole address, https://documents.example.org/hook for example"))}


def _back(slug: str, webhook_id: str) -> BaseResponse:
    return redirect(url_for(".webhook", slug=slug, webhook_id=webhook_id), code=303)
