"""Forgetting a person: the account becomes a row without a name, so that what others hold keeps its references."""

import secrets

from sqlalchemy import delete, or_, update

from workspace.accounts.models import AppPassword, Awaited, Invitation, Passkey, ProgramLogin, SignIn
from workspace.accounts.people import find_row, tell
from workspace.accounts.permission import require_host
from workspace.db.epochs import raise_epoch
from workspace.db.kept_answers import KeptAnswer
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.facts import FactKind
from workspace.mail.models import Letter

NOBODY = "—"
"""What stands where the name of an erased person stood; the same in every language."""


def forget_person(work: Work, person_id: str) -> None:
    """Take name, address and every way in from an account; end its sessions; blank its letters. Raises NotFound.

    The address may join anew. Letters keep their rows until the worker has deleted what the mailer still holds of them.
    """
    require_host(work)
    person = find_row(work, person_id)
    mine = or_(Letter.person_id == person.id, Letter.recipient == person.email)
    for statement in (
        update(Letter).where(mine).values(person_id=person.id, recipient="", subject="", body=None),
        delete(Invitation).where(Invitation.email == person.email),
        delete(Awaited).where(Awaited.email == person.email),
        delete(SignIn).where(SignIn.person_id == person.id),
        delete(AppPassword).where(AppPassword.person_id == person.id),
        delete(ProgramLogin).where(ProgramLogin.person_id == person.id),
        delete(Passkey).where(Passkey.user_id == person.id),
        delete(KeptAnswer).where(KeptAnswer.person_id == person.id),
    ):
        work.session.execute(statement.execution_options(synchronize_session=False))
    person.name, person.email = NOBODY, f"{person.id}@erased.invalid"  # RFC 2606: this domain never is
    person.language = person.password = person.tf_primary_method = person.tf_totp_secret = None
    person.totp_counter = person.password_changed_at = person.confirmed_at = person.leaves_at = None
    person.weekly_letter, person.weekly_letter_at = False, None
    person.mf_recovery_codes = []
    person.fs_uniquifier, person.fs_webauthn_user_handle = secrets.token_hex(32), secrets.token_hex(32)
    person.administrator = False
    person.disabled_at = person.disabled_at or work.now
    person.erased_at = work.now
    tell(work, FactKind.PERSON_ERASED, person.id)
    raise_epoch(work, Principal(SubjectKind.PERSON, person.id))
    work.session.flush()
