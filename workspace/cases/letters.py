"""The letter of a case as a PDF/A-3 that goes with the delivery.

It is composed and sealed between two Works, since bytes travel; the mark says what it was composed from, so that a
letter never goes with a case that has changed in the meantime.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from workspace.accounts.models import Person
from workspace.bodies.models import Body
from workspace.cases.deadlines import local_day
from workspace.cases.folders import files_in
from workspace.cases.handover import Handed
from workspace.cases.models import Case
from workspace.cases.things import locate_case, story_of
from workspace.cloud.blobs import BlobWriter, SealedBlob
from workspace.cloud.names import free_name, shorten
from workspace.db.work import Work
from workspace.kernel.canonical import canonical
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.ports import Ports
from workspace.settings import Settings
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.trust.paper import compose_letter

MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """What stands in the letter, and the mark of what it was taken from."""

    title: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    day: date
    paragraphs: tuple[str, ...]
    attachments: tuple[str, ...]
    language: str
    mark: str


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """The letter as stored bytes that nothing names yet."""

    sealed: SealedBlob
    title: str
    mark: str

    def as_file(self, others: Sequence[Handed]) -> Handed:
        """The letter as the first file of a set, under a name that none of the others has."""
        plain = "".join(one for one in self.title if one.isprintable() and one not in '/\\:*?"<>|')
        name = free_name(f"{shorten(plain.strip(' .'), 120) or 'letter'}.pdf", {one.name for one in others})
        return Handed(name, self.sealed.blob_id, self.sealed.size, self.sealed.sha256, MEDIA_TYPE)


def draft_letter(work: Work, case_id: str, language: str) -> LetterDraft:
    """What the letter of a case would say now. Raises NotAcceptable (`field`) where words or body are missing."""
    case, thing = locate_case(work, case_id)
    authorize(work, Action.DELIVER, thing)
    story = story_of(work, case)
    if not story:
        raise NotAcceptable(field="story", reason="missing")
    if case.body_id is None:
        raise NotAcceptable(field="body", reason="missing")
    person, body = work.session.get_one(Person, case.applicant_id), work.session.get_one(Body, case.body_id)
    files = files_in(work, case.folder_id)
    return LetterDraft(
        title=case.title,
        sender=(person.name, person.email),
        recipient=tuple(filter(None, (body.name, body.address))),
        day=local_day(work.now, work.settings.timezone),
        paragraphs=tuple(story.split("\n\n")),
        attachments=tuple(one.name for one in files),
        language=language,
        mark=letter_mark(case, story, body.name, files),
    )


def letter_mark(case: Case, story: str, body: str, files: Sequence[Handed]) -> str:
    """SHA-256 (hex) of all that the letter is composed from."""
    parts = [case.id, case.title, story, case.body_id, body, [[one.name, one.sha256.hex()] for one in files]]
    return sha256(canonical(parts)).hexdigest()


def seal_letter(ports: Ports, settings: Settings, draft: LetterDraft) -> SealedLetter:
    """Compose and store the letter. No Work may be open. Raises StorageFull, StorageUnavailable."""
    paper = compose_letter(
        draft.title, draft.sender, draft.recipient, draft.day, draft.paragraphs, draft.attachments, draft.language
    )
    with BlobWriter(ports, settings) as writer:
        writer.write(paper)
        return SealedLetter(writer.finish(), draft.title, draft.mark)
