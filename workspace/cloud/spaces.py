"""Spaces: opened once for a person or a body, found again by their owner."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from workspace.cloud.models import Item, Space
from workspace.cloud.things import space_thing
from workspace.db.epochs import tell_mirror
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.kernel.errors import NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id

BODY_QUOTA = 1 << 40


def open_personal_space(work: Work, person_id: str) -> Space:
    """The cloud of a person, opened if it is not yet: key, space, root folder. Raises StorageUnavailable."""
    return _open(work, "personal", SubjectKind.PERSON, person_id, work.settings.quota)


def open_body_space(work: Work, body_id: str) -> Space:
    """What a government body holds; opened if it is not yet. Nobody owns it as a person owns theirs."""
    return _open(work, "body", SubjectKind.BODY, body_id, BODY_QUOTA)


def personal_space(work: Work, person_id: str) -> Space:
    """Raises NotFound."""
    return _found(_find(work, "personal", SubjectKind.PERSON, person_id))


def body_space(work: Work, body_id: str) -> Space:
    """Raises NotFound."""
    return _found(_find(work, "body", SubjectKind.BODY, body_id))


def root_of(work: Work, space_id: str) -> Item:
    """The folder that everything in a space lies in. Raises NotFound."""
    root = work.session.scalar(select(Item).where(Item.space_id == space_id, Item.parent_id.is_(None)))
    if root is None:
        raise NotFound()
    return root


def raise_space_epoch(work: Work, space_id: str) -> None:
    """A place, a name or a grant changed: from this commit on every remembered verdict about the space is worthless."""
    work.session.flush()
    work.session.connection().execute(_RAISE, {"space_id": space_id})
    tell_mirror(work, f"space:{space_id}")


_SPACES = cast(Table, Space.__table__)
_RAISE = update(_SPACES).where(_SPACES.c.id == bindparam("space_id")).values(epoch=_SPACES.c.epoch + 1)


def space_epochs(work: Work, space_ids: Iterable[str]) -> dict[str, int]:
    """The epochs of these spaces, as their rows stand."""
    wanted = sorted(set(space_ids))
    if not wanted:
        return {}
    return dict(work.session.execute(select(Space.id, Space.epoch).where(Space.id.in_(wanted))).all())


def _open(work: Work, kind: str, owner: SubjectKind, owner_id: str, quota: int) -> Space:
    known = _find(work, kind, owner, owner_id)
    if known is not None:
        return known
    space = Space(
        id=new_id(), kind=kind, owner_kind=owner.value, owner_id=owner_id, quota_bytes=quota, made_at=work.now
    )
    # The key first: a key without a space is a harmless leftover, a space without a key would lose what is put in.
    work.ports.keyring.create(space.id)
    work.session.add(space)
    work.session.flush()
    work.session.add(
        Item(
            id=new_id(),
            space_id=space.id,
            parent_id=None,
            name="",
            sort_name="",
            is_folder=True,
            made_at=work.now,
            made_by=work.actor.person_id,
            changed_at=work.now,
        )
    )
    work.record(FactKind.SPACE_OPENED, space_thing(space), space_id=space.id, owner=f"{owner}:{owner_id}")
    work.session.flush()
    return space


def _find(work: Work, kind: str, owner: SubjectKind, owner_id: str) -> Space | None:
    return work.session.scalar(
        select(Space).where(
            Space.owner_kind == owner.value,
            Space.owner_id == owner_id,
            Space.kind == kind,
            Space.erased_at.is_(None),
        )
    )


def _found(space: Space | None) -> Space:
    if space is None:
        raise NotFound()
    return space
