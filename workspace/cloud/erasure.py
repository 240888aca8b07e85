"""Erasure of a citizen: the key of their cloud is destroyed, and with it all that was sealed under it alone.

That one act costs the same whatever the cloud holds, and is all that counts: from then on no reader, no backup of the
data and no program of the host opens files, previews, letters, stories, notes. What was delivered to a body is sealed
under the body's key as well, and stays. Rows and bytes, of use to nobody now, are cleared away by the worker.
"""

from datetime import timedelta

from sqlalchemy import Select, delete, select, update

from workspace.accounts.forgetting import forget_person
from workspace.accounts.people import find_row
from workspace.cloud.leaving import obstacle
from workspace.cloud.models import QuotaCharge, Space, WrappedKey
from workspace.cloud.removal import remove_leaves, remove_uploads
from workspace.cloud.spaces import raise_space_epoch
from workspace.db.folder_changes import FolderChange
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import KeyDestroyed, StorageUnavailable, WrongState
from workspace.kernel.ports import Keyring
from workspace.kernel.things import INSTANCE
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.trust.journal import ERASED

SWEEP = "erased.sweep"
AGAIN = timedelta(days=1)
"""Whatever was on its way in while the key was destroyed has come to its end by then."""


def erase_person(work: Work, person_id: str) -> None:
    """Erase a person, for good; the caller commits. Somebody erased already stays so.

    First everything is written that could be refused; then the journal, from where a restored backup learns of it; then
    the key goes; then the commit. Cut off after the journal, the next start goes on (`jobs/recovery.py`).
    Raises NotFound, WrongState (`reason`), StorageFull, StorageUnavailable.
    """
    authorize(work, Action.MAINTAIN, INSTANCE)
    person = find_row(work, person_id)
    if person.erased_at is not None:
        return
    if reason := obstacle(work, person):
        raise WrongState(reason=reason)
    spaces = _erase_rows(work, person_id)
    work.ports.journal.write(ERASED, {"person": person_id, "spaces": spaces})
    for space_id in spaces:
        work.ports.keyring.destroy(space_id)


def erase_again(work: Work, person_id: str) -> None:
    """What the journal knows as erased and a restored backup does not; the caller commits."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    for space_id in _erase_rows(work, person_id):
        work.ports.keyring.destroy(space_id)


def shredded(keyring: Keyring, space_id: str) -> bool:
    """Whether the keyring holds no key of this space any more, and never will."""
    try:
        keyring.key(space_id)
    except KeyDestroyed:
        return True
    except StorageUnavailable:
        return False  # an older keyring, which has never heard of the space
    return False


def erased_spaces(work: Work, person_id: str) -> list[str]:
    """The spaces of an erased person."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    return list(work.session.scalars(_of(person_id).where(Space.erased_at.is_not(None))))


def sweep_space(work: Work, space_id: str, limit: int = 200) -> int:
    """Clear some rows of an erased space away; returns how many. 0: nothing is left but the space's own row."""
    authorize(work, Action.MAINTAIN, INSTANCE)
    if work.session.get_one(Space, space_id).erased_at is None:
        raise ValueError("only the rows of an erased space are cleared away")
    gone = remove_uploads(work, space_id) + remove_leaves(work, space_id, limit)
    if gone:
        return gone
    some = select(WrappedKey.blob_id).where(WrappedKey.space_id == space_id).limit(limit).scalar_subquery()
    wraps = delete(WrappedKey).where(WrappedKey.space_id == space_id, WrappedKey.blob_id.in_(some))
    gone = len(work.session.execute(wraps.returning(WrappedKey.blob_id)).all())
    if not gone:
        work.session.execute(delete(QuotaCharge).where(QuotaCharge.space_id == space_id))
        work.session.execute(delete(FolderChange).where(FolderChange.space_id == space_id))
        work.session.execute(update(Space).where(Space.id == space_id).values(used_bytes=0))
    return gone


def _of(person_id: str) -> Select[str]:
    return select(Space.id).where(Space.owner_kind == SubjectKind.PERSON.value, Space.owner_id == person_id)


def _erase_rows(work: Work, person_id: str) -> list[str]:
    # alone with the spaces: who is just putting something in comes first, or finds the cloud gone
    spaces = list(work.session.scalars(_of(person_id).with_for_update()))
    forget_person(work, person_id)
    work.session.execute(update(Space).where(Space.id.in_(spaces)).values(erased_at=work.now))
    for space_id in spaces:
        raise_space_epoch(work, space_id)
    work.later(SWEEP, {"person": person_id}, key=f"{SWEEP}:{person_id}")
    work.later(SWEEP, {"person": person_id}, key=f"{SWEEP}:{person_id}:again", due_at=work.now + AGAIN)
    work.session.flush()
    return spaces
