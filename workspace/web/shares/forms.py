"""The forms of sharing, and how what they say becomes terms."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from workspace.db.work import Work
from workspace.sharing.rule import GrantValue, Level
from workspace.sharing.service import ADDRESSES_A_DAY, DOWNLOADS_LIMIT
from workspace.web.fields import DayField, PageForm
from workspace.web.formats import number
from workspace.web.shares.words import LEVELS


class TermsForm(PageForm):
    """What they may do, on which terms."""

    level = RadioField(
        _l("What may they do?"),
        choices=[(level.word, label) for level, label, _text, _said in LEVELS],
        default=Level.VIEW.word,
    )
    until = DayField(
        _l("Until which day?"),
        description=_l("After this day the door closes by itself. For example, 30 6 2026. Leave it empty for no end."),
    )
    purpose = StringField(
        _l("What for?"),
        description=_l("One plain sentence. They see it each time they open a file."),
        validators=[Optional(), Length(max=500)],
    )
    legal_basis = StringField(
        _l("On what legal basis?"),
        description=_l("A law, a contract, your consent. They see it beside the purpose."),
        validators=[Optional(), Length(max=500)],
    )
    start = DayField(_l("From which day?"), description=_l("Before this day the door stays closed."))
    downloads = IntegerField(
        _l("How many downloads?"),
        description=_l(
            "Leave it empty for any number. What one person opens of one file within ten minutes is one download, be it"
            " whole, in parts or as a preview, on a page or by a program. After the last one the names stay visible."
        ),
        validators=[Optional(), NumberRange(min=1, max=DOWNLOADS_LIMIT)],
    )
    sign_in = BooleanField(
        _l("Only for people who are signed in"),
        description=_l("For a secret link: whoever has it also needs an account here, and you see their name."),
    )

    def fill(self, grant: GrantValue, zone: str) -> None:
        """Show the terms that hold now."""
        self.level.data, self.purpose.data, self.legal_basis.data = grant.level.word, grant.purpose, grant.legal_basis
        self.downloads.data, self.sign_in.data = grant.downloads, grant.sign_in
        for where, instant in ((self.start, grant.valid_from), (self.until, grant.valid_until)):
            where.process(None, instant.astimezone(ZoneInfo(zone)).date() if instant else None)

    def terms(self, work: Work) -> dict[str, Any]:
        """What was written, as the verbs take it."""
        return {
            "level": Level[self.level.data.upper()],
            "valid_from": _instant(self.start.data, time(), work),
            "valid_until": end_of_day(self.until.data, work),
            "purpose": self.purpose.data or "",
            "legal_basis": self.legal_basis.data or "",
            "downloads": self.downloads.data,
            "sign_in": bool(self.sign_in.data),
        }

    def explain(self, field: str) -> None:
        """Say at the field what a verb has refused."""
        where, sentence = self._sentences()[field]
        where.errors = [sentence]

    def _sentences(self) -> dict[str, tuple[Any, str]]:
        return {
            "until": (self.until, _("Choose a day that is still to come, and after the first one")),
            "purpose": (self.purpose, _("Say it in 500 characters or fewer")),
            "legal_basis": (self.legal_basis, _("Say it in 500 characters or fewer")),
            "level": (self.level, _("Choose what they may do")),
            "downloads": (self.downloads, _("Write a number from 1 to %(most)s", most=number(DOWNLOADS_LIMIT))),
        }


class ShareForm(TermsForm):
    """Who may do what, until when, what for."""

    who = RadioField(
        _l("Who should get in?"),
        choices=[
            ("body", _l("A public body, or an office of it")),
            ("person", _l("A person, by e-mail address")),
            ("link", _l("Whoever has a secret link")),
        ],
        default="body",
    )
    # looked at only where a body is meant: an instance without any has nothing to choose from
    body = SelectField(_l("Which body?"), choices=[], validate_choice=False)
    email = StringField(
        _l("Their e-mail address"),
        description=_l("They get a letter. Without an account yet, they make one with this address and find it there."),
        validators=[Optional(), Length(max=254)],
    )
    label = StringField(
        _l("A name for this link"),
        description=_l("For you alone, so that you know it again."),
        validators=[Optional(), Length(max=120)],
    )
    password = StringField(
        _l("A password for this link"),
        description=_l("At least 8 characters. Tell it by another way than the link."),
        validators=[Optional(), Length(max=200)],
    )

    def _sentences(self) -> dict[str, tuple[Any, str]]:
        limit = number(ADDRESSES_A_DAY)
        return super()._sentences() | {
            "subject": (self.email, _("This is your own address: you see it already")),
            "email": (self.email, _("Write a full e-mail address, name@example.org for example")),
            "addresses": (
                self.email,
                _("You have let in %(limit)s addresses today, and each gets a letter. Go on tomorrow.", limit=limit),
            ),
            "password": (self.password, _("A password needs at least 8 characters")),
        }


class LinkPasswordForm(PageForm):
    """Another password for a link."""

    password = StringField(
        _l("The new password"),
        description=_l("At least 8 characters; empty for none. Whoever has entered the link has to enter it again."),
        validators=[Optional(), Length(max=200)],
    )


class PasswordForm(PageForm):
    """The password of a link."""

    password = StringField(_l("Password"), validators=[InputRequired(_l("Write the password of this link"))])


def level_choices() -> list[dict[str, Any]]:
    """The levels with what each means, as the radios of the form."""
    return [
        {"value": level.word, "label": label, "text": text, "data": {"text": said}}
        for level, label, text, said in LEVELS
    ]


def end_of_day(day: date | None, work: Work) -> datetime | None:
    """The last instant of a day, where the instance stands."""
    return _instant(day, time(23, 59, 59), work)


def _instant(day: date | None, at: time, work: Work) -> datetime | None:
    """A time of a day, where the instance stands."""
    if day is None:
        return None
    return datetime.combine(day, at, ZoneInfo(work.settings.timezone)).astimezone(UTC)
