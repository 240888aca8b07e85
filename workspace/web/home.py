"""The first page: what needs you now, your cases, your newest files. For strangers, what this place is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from workspace.accounts.instance import SignUp, instance
from workspace.bodies.queries import own_bodies
from workspace.cases.needs import needs
from workspace.cases.procedure import GENERIC, procedure
from workspace.cases.queries import my_cases
from workspace.cases.views import Need, NeedKind
from workspace.cloud.leaving import leaving
from workspace.cloud.own import own_spaces
from workspace.cloud.search import recent
from workspace.cloud.views import Usage
from workspace.db.work import Work
from workspace.http.request import current_actor, current_work
from workspace.web.cases.blueprint import said
from workspace.web.formats import day
from workspace.web.rooms import way

home = Blueprint("home", __name__)

CASES = 3
FILES = 4


@dataclass(frozen=True)
class Waiting:
    """A thing that waits, as `components/need.html` draws it. `quoted`: the title is somebody's own words."""

    title: str
    text: str
    url: str
    label: str
    more: str
    pic: str
    kind: str = ""
    above: str = ""
    chip: str = ""


@home.get("/")
def index() -> Any:
    """Whoever comes here finds what is next for them."""
    if current_actor().person_id is None:
        return _welcome()
    work = current_work()
    cases = my_cases(work)
    if not cases and _arrives() and (office := _office(work)):
        return redirect(office)
    waiting = [*_leaving(leaving(work).at), *(_waiting(one) for one in needs(work))]
    files, usage = recent(work, FILES), _usage(work)
    new_here = not cases and not waiting and not files
    return render_template(
        "home/first.html" if new_here else "home/index.html",
        waiting=waiting,
        heading=_heading(len(waiting)),
        cases=cases[:CASES],
        total=len(cases),
        files=files,
        usage=usage,
        now=work.now,
        first_name=_first_name(current_actor().name),
    )


def _welcome() -> str:
    g.room = "plain"
    joins = instance(current_work()).sign_up is SignUp.ANYONE
    return render_template("home/welcome.html", may_join=joins)


def _arrives() -> bool:
    """Whether somebody has just come, from outside or from signing in; not from a link of ours to their own room."""
    before = urlsplit(request.referrer or "").path
    return request.headers.get("Sec-Fetch-Site") != "same-origin" or before.startswith("/sign-in")


def _office(work: Work) -> str:
    """The inbox of an official; "" where they have none."""
    return next((url for one in own_bodies(work) if (url := way("office.inbox", slug=one.slug))), "")


def _usage(work: Work) -> Usage | None:
    return next((one.usage for one in own_spaces(work) if one.kind == "personal"), None)


def _first_name(name: str) -> str:
    return name.split()[0] if name.split() else ""


def _heading(count: int) -> str:
    words = {
        0: _("Nothing needs you now"),
        1: _("One thing needs you"),
        2: _("Two things need you"),
        3: _("Three things need you"),
        4: _("Four things need you"),
        5: _("Five things need you"),
    }
    return words[min(count, 5)]


def _leaving(at: datetime | None) -> list[Waiting]:
    """That the account will be deleted, for who has asked for it, or whose session somebody else has used."""
    if at is None:
        return []
    title = _("Your account will be deleted on %(day)s", day=day(at))
    text = _("Until then everything works as before. Take with you what you want to keep.")
    return [Waiting(title, text, way("leaving.index"), _("Keep my account"), "", "warning", "over")]


def _waiting(one: Need) -> Waiting:
    if one.kind in (NeedKind.OFFICE_NEW, NeedKind.OFFICE_TODAY, NeedKind.OFFICE_OVERDUE):
        return _of_office(one)
    url, about = way("cases.case", case_id=one.case_id), _about(one)
    until = day(one.due_on, "near") if one.due_on else ""
    if one.kind is NeedKind.QUESTION:
        above = _("%(body)s asks", body=one.body)
        return Waiting(
            _("“%(words)s”", words=_short(one.text)), about, url, _("Reply"), one.title, "question", above=above
        )
    if one.kind is NeedKind.ANSWER:
        outcomes = procedure(GENERIC).outcomes
        outcome = said(outcomes[one.outcome].name) if one.outcome in outcomes else _("Answered")
        above = _("%(body)s has answered", body=one.body)
        title = _("%(title)s: %(outcome)s", title=one.title, outcome=outcome.lower())
        return Waiting(title, one.number, url, _("Read the answer"), one.title, "letter", "ok", above)
    if one.kind is NeedKind.SILENCE:
        chip = _("An answer was due on %(day)s", day=until)
        title = _("%(body)s has not answered in time", body=one.body)
        return Waiting(title, about, url, _("See what you can do"), one.title, "clock", "over", chip=chip)
    return Waiting(one.title, _to(one), url, _("Check and deliver"), one.title, "pen", above=_("Your draft is ready"))


def _of_office(one: Need) -> Waiting:
    url = way("office.inbox", slug=one.body_slug)
    if one.kind is NeedKind.OFFICE_OVERDUE:
        title = ngettext("%(num)s letter is overdue", "%(num)s letters are overdue", one.count)
        return Waiting(title, "", url, _("Open the inbox"), one.body, "clock", "over", one.body)
    if one.kind is NeedKind.OFFICE_TODAY:
        title = ngettext("%(num)s letter is due today", "%(num)s letters are due today", one.count)
        return Waiting(title, "", url, _("Open the inbox"), one.body, "clock", "soon", one.body)
    title = ngettext("%(num)s new letter to register", "%(num)s new letters to register", one.count)
    return Waiting(title, "", url, _("Open the inbox"), one.body, "letter", above=one.body)


def _about(one: Need) -> str:
    return f"{one.title} · {one.number}" if one.number else one.title


def _to(one: Need) -> str:
    return _("To: %(body)s", body=one.body) if one.body else ""


def _short(text: str) -> str:
    """The beginning of somebody's words, on one line."""
    words = " ".join(text.split())
    return words if len(words) <= 160 else f"{words[:159].rstrip()}…"
