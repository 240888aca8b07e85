"""How a page about an item begins: what the actor may do with it, and a Work in which a look can be written down."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import g, url_for
from flask_babel import gettext as _

from workspace.accounts.queries import names_of
from workspace.cloud.models import Item
from workspace.cloud.things import locate_item
from workspace.cloud.views import Crumb
from workspace.db.work import Work
from workspace.http.request import current_actor, current_work, end_work, runtime
from workspace.kernel.actors import Actor, SubjectKind
from workspace.kernel.things import Located
from workspace.sharing.authorize import authorize
from workspace.sharing.ledger import downloads_used
from workspace.sharing.models import Grant
from workspace.sharing.rule import Action, Level, Verdict, permits
from workspace.web.subjects import subject_names


@dataclass(frozen=True, slots=True)
class Standing:
    """An item, and how the actor of this request stands to it."""

    item: Item
    thing: Located
    verdict: Verdict
    actor: Actor

    @property
    def owner(self) -> bool:
        return self.verdict.owner

    def may(self, action: str) -> bool:
        """Whether a page should offer an action ("add", "change", …): by the rule that decides it afterwards."""
        return permits(Action(action), self.verdict, self.actor)


@dataclass(frozen=True, slots=True)
class LetIn:
    """What somebody who is not the owner is told above everything: by whom, for what, until when."""

    giver: str
    body: str
    level: Level | None
    until: datetime | None
    purpose: str
    legal_basis: str
    left: int | None
    by_link: bool


def stand(item_id: str, action: Action = Action.SEE, *, trashed: bool = False) -> Standing:
    """Find an item for a page and ask for an action. Raises what `authorize` raises.

    Where the item is somebody else's, the Work of this request is one that writes from here on: whatever of it the page
    shows is written into the owner's ledger before the page leaves.
    """
    found = _stand(current_work(), item_id, action, trashed)
    if found.owner or current_work().writes:
        return found
    return _stand(writing_work(), item_id, action, trashed)


def writing_work() -> Work:
    """The Work of this request, begun anew as one that writes where it only read so far."""
    if not current_work().writes:
        end_work()
        g.work = runtime().writing(current_actor())
    return cast(Work, g.work)


def let_in(work: Work, standing: Standing) -> LetIn | None:
    """What lets the actor in, None for the owner."""
    grant = standing.verdict.grant
    if standing.owner or grant is None:
        return None
    given_by = work.session.get_one(Grant, grant.id).granted_by
    office = grant.subject.kind in (SubjectKind.BODY, SubjectKind.OFFICE)
    return LetIn(
        giver=names_of(work, [given_by]).get(given_by, ""),
        body=subject_names(work, [grant.subject])[grant.subject] if office else "",
        level=standing.verdict.level,
        until=grant.valid_until,
        purpose=grant.purpose,
        legal_basis=grant.legal_basis,
        left=_left(work, standing.verdict),
        by_link=grant.subject.kind is SubjectKind.LINK,
    )


def _left(work: Work, verdict: Verdict) -> int | None:
    """How many downloads are left, None where they are not counted."""
    if verdict.counted is None or verdict.counted.downloads is None:
        return None
    return max(verdict.counted.downloads - downloads_used(work, [verdict.counted.id]).get(verdict.counted.id, 0), 0)


def way_to(path: tuple[Crumb, ...], standing: Standing, *more: str) -> list[tuple[str, str | None]]:
    """The breadcrumbs of an item, as far as the actor may know them; `more` are pages below the item's own."""
    steps: list[tuple[str, str | None]] = []
    if not standing.owner:
        g.nav = "shares.index"
        if standing.actor.person_id:
            steps.append((_("Shared with me"), url_for("shares.index", tab="with-me")))
    for one in path:
        top = one.name == "" and standing.owner
        url = url_for("files.index") if top else url_for("files.folder", folder_id=one.id)
        steps.append((one.name or (_("My files") if standing.owner else _("All files")), url))
    return [*steps, *((name, None) for name in more)]


def url_of(item: Item) -> str:
    """The page of an item."""
    if item.is_folder:
        return url_for("files.folder", folder_id=item.id)
    return url_for("files.item", item_id=item.id)


def _stand(work: Work, item_id: str, action: Action, trashed: bool) -> Standing:
    item, thing = locate_item(work, item_id, trashed=trashed)
    return Standing(item, thing, authorize(work, action, thing), work.actor)
