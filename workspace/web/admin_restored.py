"""Administration after a restore without its journal: what is suspended, and the decision to let it hold again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from workspace.accounts.restored import (
    end_suspended_app_passwords,
    release_app_passwords,
    suspended_app_passwords,
)
from workspace.http.request import current_work
from workspace.sharing.suspension import end_suspended_grants, release_grants, suspended_grants
from workspace.web.admin import enter

admin_restored = Blueprint("admin_restored", __name__, url_prefix="/admin/restored")
admin_restored.before_request(enter)


@admin_restored.get("/")
def index() -> str:
    """Numbers of what waits, and the two ways to end the waiting."""
    work = current_work()
    return render_template(
        "admin/restored.html", grants=suspended_grants(work), app_passwords=suspended_app_passwords(work)
    )


@admin_restored.post("/release")
def release() -> BaseResponse:
    """Let everything that is suspended hold again."""
    work = current_work()
    release_grants(work)
    release_app_passwords(work)
    flash(_("Shares, links and app passwords hold again."), "ok")
    return redirect(url_for("admin.index"))


@admin_restored.post("/end")
def end() -> BaseResponse:
    """Leave everything that is suspended ended for good."""
    work = current_work()
    end_suspended_grants(work)
    end_suspended_app_passwords(work)
    flash(_("What was suspended has ended for good. Tell people, so that they share anew."), "ok")
    return redirect(url_for("admin.index"))
