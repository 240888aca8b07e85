"""Administration of the instance itself: name, host, colours, logo, who may join."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from workspace.accounts import instance as kept
from workspace.accounts.instance import Instance, SignUp
from workspace.http.bodies import small_file, takes_small_files
from workspace.http.request import current_work, refusable
from workspace.kernel.errors import NotAcceptable, TooLarge
from workspace.web.admin import enter
from workspace.web.formats import number
from workspace.web.look import BRAND, HEX, READABLE, WHITE, contrast

admin_settings = Blueprint("admin_settings", __name__, url_prefix="/admin/settings")
admin_settings.before_request(enter)

LOGO_LIMIT = 2 << 20
NAMES = ("name", "host", "place", "phone", "brand", "source_url", "sign_up")


class InstanceForm(FlaskForm):
    """What every page of the instance says about it."""

    name = StringField(
        _l("Name of the instance"), validators=[InputRequired(_l("Write a name for the instance")), Length(max=80)]
    )
    place = StringField(
        _l("Place"), description=_l("It stands under the name. For example, Zelenohirsk."), validators=[Length(max=120)]
    )
    host = StringField(
        _l("Who runs it"), description=_l("Your organisation, for example NGO Open City."), validators=[Length(max=120)]
    )
    phone = StringField(
        _l("Telephone for help"), description=_l("It stands at the foot of every page."), validators=[Length(max=40)]
    )
    source_url = StringField(
        _l("Address of the source code"),
        description=_l("Where people can read the program that runs here. It begins with https://."),
        validators=[Length(max=300)],
    )
    brand = StringField(
        _l("Main colour"), description=_l("Of buttons, header and marks. Six hexadecimal digits, for example #0e4a45.")
    )
    sign_up = RadioField(
        _l("Who may open an account?"),
        choices=[
            (SignUp.ANYONE.value, _l("Anyone"), _l("Whoever proves an e-mail address.")),
            (SignUp.INVITED.value, _l("Whoever is invited"), _l("An administrator invites by e-mail.")),
            (SignUp.NOBODY.value, _l("Nobody"), _l("Only those who are here already, and whom the host adds itself.")),
        ],
        validate_choice=False,
    )

    def validate_brand(self, field: StringField) -> None:
        """White text has to be readable on the colour (WCAG 2.2, 1.4.3)."""
        colour = (field.data or "").strip().lower()
        colour = colour if colour.startswith("#") else f"#{colour}"
        if not HEX.fullmatch(colour):
            raise ValidationError(_("Write # and six digits from 0 to f, for example #0e4a45"))
        ratio = contrast(colour, WHITE)
        if ratio < READABLE:
            raise ValidationError(
                _(
                    "White text on this colour has a contrast of %(ratio)s to 1. It takes %(needed)s to 1, so that "
                    "people with weak eyes can read it. Choose a darker colour.",
                    ratio=number(int(ratio * 10) / 10),
                    needed=number(READABLE),
                )
            )
        field.data = colour


@admin_settings.route("/", methods=["GET", "POST"])
def index() -> Any:
    """The settings and their form."""
    here = kept.instance(current_work())
    form = InstanceForm(data={name: getattr(here, name) for name in NAMES})
    if form.validate_on_submit() and _change(here, form):
        flash(_("Changed. Every page shows it from now on."), "ok")
        return redirect(url_for(".index"))
    return _page(here, form)


@admin_settings.post("/logo")
@takes_small_files(LOGO_LIMIT)
def logo() -> Any:
    """Take a picture as the logo, or go back to the house mark."""
    work = current_work()
    if request.form.get("do") == "remove":
        kept.set_logo(work, b"")
        flash(_("The house mark is back."), "ok")
        return redirect(url_for(".index"))
    data = small_file("logo")
    wrong = _("Choose a PNG or JPEG picture") if not data else ""
    if data:
        try:
            with refusable():
                kept.set_logo(work, data)
        except TooLarge:
            wrong = _("The picture is too large: at most 200 kB. 160 by 160 dots are plenty.")
        except NotAcceptable:
            wrong = _("This is no PNG or JPEG. Other kinds can carry programs and are not taken.")
    if not wrong:
        flash(_("The logo is changed."), "ok")
        return redirect(url_for(".index"))
    here = kept.instance(work)
    return _page(here, InstanceForm(formdata=None, data={name: getattr(here, name) for name in NAMES}), wrong)


@admin_settings.post("/colour")
def house_colour() -> BaseResponse:
    """Go back to the colour of the house."""
    kept.change_instance(current_work(), brand=BRAND)
    flash(_("The colour of the house is back."), "ok")
    return redirect(url_for(".index"))


def _change(here: Instance, form: InstanceForm) -> bool:
    """Keep what differs; False where a field has to be put right."""
    wanted = {name: (form[name].data or "").strip() for name in NAMES}
    changes: dict[str, Any] = {name: value for name, value in wanted.items() if value != getattr(here, name)}
    try:
        with refusable():
            if changes:
                kept.change_instance(current_work(), **changes)
    except NotAcceptable as error:
        field = str(error.details.get("field"))
        sentences = {
            "source_url": _("Write an address that begins with https://, or leave it empty"),
            "sign_up": _("Choose who may open an account"),
        }
        form[field].errors = [sentences.get(field, _("Write it shorter"))]
        return False
    return True


def _page(here: Instance, form: InstanceForm, logo_wrong: str = "") -> str:
    return render_template(
        "admin/settings.html",
        here=here,
        form=form,
        logo_wrong=logo_wrong,
        errors=[("logo", logo_wrong)] if logo_wrong else None,
        ratio=contrast(here.brand, WHITE),
        own_colour=here.brand != BRAND,
    )
