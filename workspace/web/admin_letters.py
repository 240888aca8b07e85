"""Administration of letters: to whom, about what, when. The text only in a demo: a reset link opens an account."""

from flask import Blueprint, render_template, request

from workspace.accounts import letters as kept
from workspace.accounts.instance import instance
from workspace.accounts.jobs import letter_jobs
from workspace.http.request import current_work, runtime
from workspace.web.admin import enter

admin_letters = Blueprint("admin_letters", __name__, url_prefix="/admin/letters")
admin_letters.before_request(enter)


@admin_letters.get("/")
def index() -> str:
    """All letters, the newest first."""
    work = current_work()
    page = kept.letters(work, request.args.get("cursor"))
    return render_template(
        "admin/letters.html",
        page=page,
        jobs=letter_jobs(work, [one.id for one in page.letters if one.sent_at is None]),
        to_files=not runtime().settings.mail_url,
        demo=instance(work).demo,
    )


@admin_letters.get("/<letter_id>")
def letter(letter_id: str) -> str:
    """One letter."""
    work = current_work()
    found = kept.letter(work, letter_id)
    return render_template(
        "admin/letter.html",
        letter=found,
        job=letter_jobs(work, [found.id]).get(found.id) if found.sent_at is None else None,
        demo=instance(work).demo,
    )
