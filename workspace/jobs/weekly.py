"""The weekly letter: how often others opened what is yours, and the signed state of the log, to be kept outside."""

from datetime import timedelta
from typing import Any

from babel.support import Translations

from workspace.accounts.instance import instance
from workspace.accounts.models import Person
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.exchange.queries import Openings, openings_to_tell
from workspace.jobs.handler import Progress
from workspace.jobs.notices import CATALOGUES
from workspace.kernel.actors import WORKER
from workspace.kernel.canonical import canonical
from workspace.mail.outbox import post
from workspace.trust.documents import state_document

BATCH = 100
WEEK = timedelta(days=7)


def send_weekly_letters(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Put a letter into the outbox for everybody whose things were opened, a hundred people a transaction.

    Until when somebody was told is written down with their letter, so that a job that is done again tells nobody twice.
    """
    after, sent = "", 0
    while True:
        with runtime.writing(WORKER) as work:
            found = openings_to_tell(work, work.now - WEEK, after, BATCH)
            for one in found:
                _post(work, one)
            work.commit()
        if not found:
            return
        after, sent = found[-1].person_id, sent + len(found)
        progress({"letters": sent})


def _post(work: Work, openings: Openings) -> None:
    person = work.session.get_one(Person, openings.person_id)
    language = person.language or work.settings.language
    words = Translations.load(CATALOGUES, [language])
    _ = words.gettext
    state = canonical(state_document(work)).decode()
    counted = words.ngettext(
        "Others opened your files %(num)d time this week.", "Others opened your files %(num)d times this week.",
        openings.count,
    ) % {"num": openings.count}  # fmt: skip
    address = work.settings.base_url.rstrip("/")
    lines = (
        counted + " " + _("Who, when and what for stands here:"),
        f"{address}/opened",
        _("Keep this letter: its last line is the signed state of the log. With it you can find out later whether an "
          "entry before it was changed or taken out. How to do that stands here:"),
        f"{address}/log",
        _("Under Settings, Letters you can say that you do not want this letter."),
        instance(work).name,
        state,
    )  # fmt: skip
    post(
        work,
        recipient=person.email,
        subject=_("Who opened your files this week"),
        body="\n\n".join(lines) + "\n",
        language=language,
        person_id=person.id,
    )
    person.weekly_letter_at = work.now
