"""The actor's own clouds: where everything of theirs begins."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from workspace.cloud.models import Item, Space
from workspace.cloud.queries import usage
from workspace.cloud.rows import owned
from workspace.cloud.spaces import open_personal_space
from workspace.cloud.views import Usage
from workspace.db.work import Work
from workspace.kernel.actors import SubjectKind
from workspace.sharing.authorize import require_signed_in


@dataclass(frozen=True, slots=True)
class OwnSpace:
    """A cloud of the actor's: its top folder and how full it is."""

    id: str
    kind: str
    root_id: str
    usage: Usage


def own_spaces(work: Work) -> list[OwnSpace]:
    """The actor's clouds. In a Work that writes the personal one is opened if it is not yet: an account that only
    programs have used so far has none. Raises SignInRequired."""
    person_id = require_signed_in(work.actor)
    if work.writes:
        open_personal_space(work, person_id)
    rows = work.session.execute(
        select(Space.id, Space.kind, Item.id)
        .join(Item, (Item.space_id == Space.id) & Item.parent_id.is_(None))
        .where(owned(work), Space.erased_at.is_(None))
        .order_by(Space.id)
    )
    return [OwnSpace(space_id, kind, root_id, usage(work, space_id)) for space_id, kind, root_id in rows.all()]


def own_root(work: Work) -> str | None:
    """The id of the top folder of the actor's personal cloud; None where it is not open yet: a Work that writes opens
    it. Raises SignInRequired."""
    person_id = require_signed_in(work.actor)
    root_id = work.session.scalar(_ROOT, {"owner_id": person_id})
    if root_id is None and work.writes:
        open_personal_space(work, person_id)
        root_id = work.session.scalar(_ROOT, {"owner_id": person_id})
    return root_id


_ROOT = (
    select(Item.id)
    .join(Space, Space.id == Item.space_id)
    .where(
        Space.owner_kind == SubjectKind.PERSON.value,
        Space.owner_id == bindparam("owner_id"),
        Space.kind == "personal",
        Space.erased_at.is_(None),
        Item.parent_id.is_(None),
    )
)
