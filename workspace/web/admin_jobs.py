"""Administration of jobs: what waits, runs and failed, why, and trying again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from workspace.accounts.jobs import JobState, job_counts, jobs, retry, retry_all
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import WrongState
from workspace.web.admin import enter

admin_jobs = Blueprint("admin_jobs", __name__, url_prefix="/admin/jobs")
admin_jobs.before_request(enter)


@admin_jobs.get("/")
def index() -> str:
    """The jobs in one state; those that failed come first."""
    work = current_work()
    counts = job_counts(work)
    state = _state() or (JobState.FAILED if counts[JobState.FAILED] else JobState.WAITING)
    return render_template(
        "admin/jobs.html",
        page=jobs(work, state, request.args.get("cursor")),
        state=state,
        counts=counts,
        kinds=job_words(),
    )


@admin_jobs.post("/<job_id>/retry")
def again(job_id: str) -> BaseResponse:
    """Try one job at once."""
    try:
        with refusable():
            retry(current_work(), job_id)
    except WrongState as error:
        flash(
            _("The same work has been asked for again meanwhile and is under way.")
            if error.details.get("reason") == "asked_anew"
            else _("It is running or done already."),
            "info",
        )
    else:
        flash(_("The worker tries it again within seconds."), "ok")
    return redirect(url_for(".index"))


@admin_jobs.post("/retry")
def all_again() -> BaseResponse:
    """Try everything that failed."""
    count = retry_all(current_work())
    flash(ngettext("The worker tries %(num)s job again.", "The worker tries %(num)s jobs again.", count), "ok")
    return redirect(url_for(".index"))


def job_words() -> dict[str, str]:
    """What a kind of job does; one that is not listed shows its own name."""
    return {
        "letter.send": _("Send a letter"),
        "notice.send": _("Write news of a case"),
        "letter.weekly": _("Write the weekly letters"),
        "preview.make": _("Make a preview"),
        "trash.empty": _("Empty old trash"),
        "sweep.blobs": _("Forget content that nothing names"),
        "sweep.objects": _("Clear bytes out of the store"),
        "uploads.expire": _("Forget uploads that were broken off"),
        "quota.fold": _("Add up the room used"),
        "changes.fold": _("Mark the folders that something changed in"),
        "held.end": _("End what was held open under a right that is gone"),
        "sessions.prune": _("Forget old sessions"),
        "erase.due": _("Delete accounts whose time has come"),
        "erased.sweep": _("Clear away what a deleted account left"),
        "scrub.step": _("Read what is stored, to find damage early"),
        "jobs.prune": _("Forget jobs that are done"),
        "webhook.announce": _("See who is told of news of a case"),
        "webhook.send": _("Tell a document system"),
        "webhooks.forget": _("Forget what document systems were told"),
        "answers.forget": _("Forget answers kept for programs"),
        "copy.make": _("Copy a large folder"),
        "upload.join": _("Put an upload together from its pieces"),
    }


def _state() -> JobState | None:
    wanted = request.args.get("state", "")
    return JobState(wanted) if wanted in list(JobState) else None
