"""Who asks: from the session cookie, or, for programs, from an app password. Decided once, before the view."""

import logging
from dataclasses import dataclass

from flask import Flask, g, request, session
from sqlalchemy.exc import OperationalError

from workspace.accounts.app_passwords import person_with
from workspace.accounts.instance import Instance, instance
from workspace.accounts.models import Person, SignIn
from workspace.accounts.sessions import SEEN_EVERY, person_in, seen, session_of
from workspace.db.work import Work
from workspace.http import forgery, sessions
from workspace.http.doors import door_of
from workspace.http.programs import actor_of, who_asks
from workspace.http.request import runtime
from workspace.kernel.actors import ANONYMOUS, Actor, Door
from workspace.sharing.links import Entered, open_links

log = logging.getLogger(__name__)

# served to anybody alike, and often: nobody is looked up for them
FOR_ALL = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"})


@dataclass(frozen=True, slots=True)
class Proof:
    """By what somebody is known at a door; enough to find out later, outside a request, whether they still are."""

    door: Door
    session_id: str | None = None
    app_password_id: str | None = None
    links: frozenset[Entered] = frozenset()
    visitor: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a request is told about who asks."""

    actor: Actor
    person: Person | None = None
    sign_in: SignIn | None = None
    values: Instance | None = None


def install(app: Flask) -> None:
    """Set up the session cookie, have every request find out who asks, and refuse what another origin made up."""
    sessions.install(app)
    app.before_request(establish)
    forgery.install(app)


def establish() -> None:
    """Put `g.actor`, `g.person`, `g.sign_in` and `g.instance_values` in place.

    A door for programs never looks at the browser's cookie, the browser's door never at `Authorization` (save for
    uploads, which both may send): so no page of another origin can act there with what a browser sends by itself.
    Raises WrongSecret, TooManyTries.
    """
    if request.endpoint in FOR_ALL:
        g.actor = ANONYMOUS
        return
    door = door_of(request.path)
    if door is not Door.WEB:
        known = _program(door) if request.authorization is not None else Known(Actor(door=door))
    elif request.path.startswith("/uploads") and request.authorization is not None:
        known = _program(Door.API)
    else:
        known = _browser()
    g.actor, g.person, g.sign_in, g.instance_values = known.actor, known.person, known.sign_in, known.values


def present_proof() -> Proof:
    """By what whoever sends the present request is known."""
    actor: Actor = g.actor
    sign_in = g.get("sign_in")
    entered = sessions.entered_links() if actor.links else frozenset()
    return Proof(actor.door, sign_in.id if sign_in else None, actor.app_password_id, entered, actor.visitor)


def actor_by(work: Work, proof: Proof) -> Actor:
    """Who a proof makes somebody now: with the posts of now; nobody where the session or the app password has ended."""
    person = None
    if proof.app_password_id is not None:
        person = person_with(work, proof.app_password_id)
    elif proof.session_id is not None:
        person = person_in(work, proof.session_id)
    links = open_links(work, proof.links)
    if person is None:
        return Actor(links=links, door=proof.door, visitor=proof.visitor)
    return actor_of(work, person, proof.door, proof.app_password_id, links)


def _program(door: Door) -> Known:
    return Known(*who_asks(runtime(), request.authorization, door))


def _browser() -> Known:
    token = session.get(sessions.TOKEN)
    with runtime().reading(ANONYMOUS) as work:
        values = instance(work)
        links = open_links(work, sessions.entered_links())
        found = session_of(work, token) if token else None
        if found is None or found[1].fs_uniquifier != session.get("_user_id"):
            return Known(Actor(links=links, visitor=sessions.visitor()), values=values)
        sign_in, person = found
        actor = actor_of(work, person, Door.WEB, links=links)
        now = work.now
    if sign_in.last_seen_at <= now - SEEN_EVERY:
        _note_use(sign_in)
    return Known(actor, person, sign_in, values)


def _note_use(sign_in: SignIn) -> None:
    try:
        with runtime().writing(ANONYMOUS) as work:
            seen(work, sign_in.id)
            work.commit()
    except OperationalError:
        # a full disk must not keep anybody from reading
        log.warning("the use of a session could not be noted")
