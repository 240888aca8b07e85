"""A secret link: its token is exchanged once for a place in this browser's session, then the address is a clean one."""

from hashlib import sha256
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _

from workspace.accounts import guesses
from workspace.accounts.guesses import Secret
from workspace.http import sessions
from workspace.http.errors import keep_refusal
from workspace.http.request import carries_bytes, current_actor, runtime
from workspace.kernel.errors import PasswordRequired, WrongSecret
from workspace.kernel.things import ThingKind
from workspace.sharing.links import enter_link
from workspace.web.shares.blueprint import shares
from workspace.web.shares.forms import PasswordForm


@shares.route("/l/<token>", methods=["GET", "POST"])
@carries_bytes
def link(token: str) -> Any:
    """Enter a secret link: exchange its token for this browser's session, then go to an address without it."""
    form = PasswordForm()
    password = form.password.data if form.validate_on_submit() else None
    counted = sha256(token.encode()).hexdigest()
    if password is not None:
        guesses.try_once(runtime(), Secret.LINK, counted)
    try:
        with runtime().writing(current_actor()) as work:
            entered, given = enter_link(work, token, password)
            if password is not None:
                guesses.clear(work, Secret.LINK, counted)
            work.commit()
    except PasswordRequired:
        return render_template("shares/password.html", form=form)
    except WrongSecret as error:
        keep_refusal(runtime(), current_actor(), error)
        form.password.errors = [_("That is not the password of this link. Ask whoever sent it to you.")]
        return render_template("shares/password.html", form=form), 401
    sessions.remember_link(entered.id, entered.entry)
    if given.thing_kind == ThingKind.REQUEST:
        return redirect(url_for("requests.one", request_id=given.thing_id), code=303)
    return redirect(url_for("files.item", item_id=given.thing_id), code=303)
