"""What follows when a proof changes: facts, and the end of what the former proof had opened."""

from workspace.accounts import sessions
from workspace.accounts.guesses import Secret, clear
from workspace.accounts.people import find_row, tell
from workspace.accounts.permission import require_self
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE


def address_proven(work: Work, person_id: str) -> None:
    """Somebody followed the link that went to their address."""
    person = find_row(work, person_id)
    person.confirmed_at = person.confirmed_at or work.now
    tell(work, FactKind.PERSON_CHANGED, person.id, what="confirmed")


def address_changed(work: Work, person_id: str) -> None:
    """The new address was proven by the link that went there; sessions opened under the old one end."""
    tell(work, FactKind.PERSON_CHANGED, person_id, what="address")
    sessions.end_all(work, person_id)


def password_changed(work: Work, session_id: str) -> None:
    """One's own password is another one now: all other sessions end."""
    person = find_row(work, require_self(work))
    person.password_changed_at = work.now
    tell(work, FactKind.PASSWORD_CHANGED, person.id, how="changed")
    sessions.end_all(work, person.id, session_id)
    clear(work, Secret.PASSWORD, person.email)


def password_reset(work: Work, person_id: str) -> None:
    """A forgotten password was replaced through the link in a letter: all sessions end, tries are forgotten.

    The link went to the address, so it has proven it, too. A second factor stays: a letter is only one proof.
    """
    person = find_row(work, person_id)
    person.password_changed_at = work.now
    person.confirmed_at = person.confirmed_at or work.now
    tell(work, FactKind.PASSWORD_CHANGED, person.id, how="reset")
    sessions.end_all(work, person.id)
    clear(work, Secret.PASSWORD, person.email)


def factor_changed(work: Work, what: str, session_id: str = "") -> None:
    """A second factor, a passkey or the recovery codes changed; the other sessions end (ASVS 7.4.3)."""
    person_id = require_self(work)
    tell(work, FactKind.FACTOR_CHANGED, person_id, what=what)
    if session_id:
        sessions.end_all(work, person_id, session_id)


def refused(work: Work, person_id: str | None, via: str) -> None:
    """Somebody did not prove to be this person, or tried an address that nobody has: written down either way."""
    if person_id is None:
        work.record(FactKind.SIGN_IN_REFUSED, INSTANCE, via=via)
        return
    fact = tell(work, FactKind.SIGN_IN_REFUSED, person_id, via=via)
    # it is not known who tried: the person is what the fact is about, not who acted
    fact.person_id = work.actor.person_id
