"""Which handler does which kind of job. A kind without a line here fails with a sentence, it is never skipped."""

from workspace.jobs import kinds
from workspace.jobs.erasure import erase_due, sweep_erased
from workspace.jobs.errands import copy_item, join_upload
from workspace.jobs.handler import Handler
from workspace.jobs.letters import send_letter, send_notices
from workspace.jobs.previews import make_preview
from workspace.jobs.scrub import scrub
from workspace.jobs.sweep import sweep_blobs, sweep_objects
from workspace.jobs.upkeep import (
    empty_trash,
    end_held,
    expire_uploads,
    fold_folder_changes,
    fold_quota,
    forget_answers,
    prune_jobs,
    prune_sessions,
)
from workspace.jobs.webhooks import announce_fact, forget_messages, send_message
from workspace.jobs.weekly import send_weekly_letters

HANDLERS: dict[str, Handler] = {
    kinds.LETTER: send_letter,
    kinds.NOTICE: send_notices,
    kinds.WEEKLY: send_weekly_letters,
    kinds.PREVIEW: make_preview,
    kinds.EMPTY_TRASH: empty_trash,
    kinds.SWEEP_BLOBS: sweep_blobs,
    kinds.SWEEP_OBJECTS: sweep_objects,
    kinds.EXPIRE_UPLOADS: expire_uploads,
    kinds.END_HELD: end_held,
    kinds.FOLD_QUOTA: fold_quota,
    kinds.FOLD_CHANGES: fold_folder_changes,
    kinds.PRUNE_SESSIONS: prune_sessions,
    kinds.ERASE_DUE: erase_due,
    kinds.SWEEP_ERASED: sweep_erased,
    kinds.SCRUB: scrub,
    kinds.PRUNE_JOBS: prune_jobs,
    kinds.COPY: copy_item,
    kinds.JOIN_UPLOAD: join_upload,
    kinds.ANNOUNCE: announce_fact,
    kinds.SEND_WEBHOOK: send_message,
    kinds.FORGET_MESSAGES: forget_messages,
    kinds.FORGET_ANSWERS: forget_answers,
}
