"""A case as a thing that the rule of access can decide on, and its words."""

from sqlalchemy import select

from workspace.cases.models import Case
from workspace.cloud.texts import open_text
from workspace.cloud.things import locate_item
from workspace.db.work import Work
from workspace.kernel.actors import Principal, SubjectKind
from workspace.kernel.errors import NotFound
from workspace.kernel.things import Located, ThingKind


def locate_case(work: Work, case_id: str) -> tuple[Case, Located]:
    """The case and its place: below its folder, so that sharing the folder shows what is being written there.

    In a writing Work the row is locked: whoever moves a case first, the other sees it as moved. A folder that lies in
    the trash or is gone takes its shares with it; deliveries stay. Raises NotFound.
    """
    wanted = select(Case).where(Case.id == case_id)
    row = work.session.scalar(wanted.with_for_update() if work.writes else wanted)
    if row is None:
        raise NotFound()
    owner = Principal(SubjectKind.PERSON, row.applicant_id)
    return row, Located(ThingKind.CASE, row.id, owner, (row.id, *_above(work, row)), row.space_id)


def story_of(work: Work, case: Case) -> str:
    """The words of the case as the citizen has them; whoever calls has asked."""
    return open_text(work, case.story_id, case.space_id) if case.story_id else ""


def _above(work: Work, row: Case) -> tuple[str, ...]:
    try:
        _, folder = locate_item(work, row.folder_id)
    except NotFound:
        return ()
    return folder.lineage
