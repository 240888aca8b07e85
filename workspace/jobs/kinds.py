"""The names of jobs. They stand in the database: an old row must find its handler after an update."""

from workspace.cases.webhooks import SEND_JOB
from workspace.cloud.concatenation import JOB as JOIN_JOB
from workspace.cloud.errands import COPY_JOB

LETTER = "letter.send"
NOTICE = "notice.send"
WEEKLY = "letter.weekly"
PREVIEW = "preview.make"
EMPTY_TRASH = "trash.empty"
SWEEP_BLOBS = "sweep.blobs"
SWEEP_OBJECTS = "sweep.objects"
EXPIRE_UPLOADS = "uploads.expire"
END_HELD = "held.end"
FOLD_QUOTA = "quota.fold"
FOLD_CHANGES = "changes.fold"
PRUNE_SESSIONS = "sessions.prune"
ERASE_DUE = "erase.due"
SWEEP_ERASED = "erased.sweep"
SCRUB = "scrub.step"
PRUNE_JOBS = "jobs.prune"
COPY = COPY_JOB
JOIN_UPLOAD = JOIN_JOB
SEND_WEBHOOK = SEND_JOB
ANNOUNCE = "webhook.announce"
FORGET_MESSAGES = "webhooks.forget"
FORGET_ANSWERS = "answers.forget"
