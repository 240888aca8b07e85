"""What stands in the footer: help, accessibility, privacy, source. Long texts are templates, one a language."""

from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, Response, g, render_template, url_for

from workspace.accounts.instance import instance
from workspace.cases.procedure import GENERIC, procedure
from workspace.http.request import current_actor, current_work, runtime
from workspace.web.formats import language

about = Blueprint("about", __name__, url_prefix="/about")
well_known = Blueprint("well_known", __name__, url_prefix="/.well-known")
# RFC 9116 section 2.5.5: within a year; who reads it later reads it anew
CONTACT_HOLDS = timedelta(days=90)


@well_known.get("/security.txt")
def security_txt() -> Response:
    """Where weaknesses are reported (RFC 9116)."""
    settings, address = runtime().settings, runtime().settings.base_url.rstrip("/")
    until = current_work().now + CONTACT_HOLDS
    lines = (
        f"Contact: {settings.security_contact or address + url_for('about.help')}",
        f"Expires: {until:%Y-%m-%dT00:00:00.000Z}",
        "Preferred-Languages: uk, en",
        f"Canonical: {address}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@about.before_request
def in_the_readers_room() -> None:
    """These pages are for everybody: whoever is signed in keeps their menu."""
    g.room = "citizen" if current_actor().person_id else "plain"


@about.get("/help")
def help() -> str:
    """The guide for citizens and for officials."""
    settings, rules = runtime().settings, procedure(GENERIC)
    return _page(
        "help",
        acknowledge_days=rules.acknowledge.days,
        answer_days=rules.answer.days,
        close_days=rules.close_after_answer_days,
        trash_days=settings.trash_days,
        upload_limit=settings.upload_limit,
        sign_up=instance(current_work()).sign_up.value,
    )


@about.get("/programs")
def programs() -> str:
    """How the programs that people have open their cloud as a folder."""
    address = runtime().settings.base_url.rstrip("/")
    return _page("programs", address=address, plain=address.partition("://")[2], secure=runtime().settings.secure)


@about.get("/accessibility")
def accessibility() -> str:
    """Who can use these pages, how that was tried, and what is still wanting."""
    return _page("accessibility")


@about.get("/privacy")
def privacy() -> str:
    """What is kept, what of it is sealed, who can see it. It promises no more than the program keeps."""
    return _page("privacy", trash_days=runtime().settings.trash_days)


@about.get("/source")
def source() -> str:
    """Where the program comes from and under which licence."""
    try:
        known = version("citizen-workspace")
    except PackageNotFoundError:
        known = ""
    return _page("source", version=known)


def _page(name: str, **values: object) -> str:
    return render_template(f"about/{name}.{language()}.html", **values)
