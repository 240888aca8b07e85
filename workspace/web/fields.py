"""A form field as a template draws it: from a WTForms field, or from a plain dict where there is no form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.form import BaseForm


@dataclass(frozen=True)
class Choice:
    """One answer to choose from; `text` explains it, `data` goes into `data-*` attributes."""

    value: str
    label: str
    text: str = ""
    checked: bool = False
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What a template needs to draw a field; `id` is also the anchor of its error."""

    name: str
    id: str
    label: str = ""
    hint: str = ""
    value: str = ""
    errors: tuple[str, ...] = ()
    type: str = "text"
    required: bool = False
    checked: bool = False
    autocomplete: str = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple[str, str, str] = ("", "", "")

    @property
    def described_by(self) -> str:
        """The ids for `aria-describedby`: the hint's, then the error's."""
        return " ".join([f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * bool(self.errors))


# A browser may fill in what it knows (WCAG 2.2, 1.3.5); names as in the HTML standard.
AUTOCOMPLETE = {
    "email": "email",
    "name": "name",
    "tel": "tel",
    "phone": "tel",
    "new_password": "new-password",
    "password": "current-password",
    "new_password_confirm": "new-password",
    "code": "one-time-code",
}


def shown(source: Field | Mapping[str, Any] | Shown, **changes: Any) -> Shown:
    """Read a field once, so that macros draw all sources alike. `changes` (label, …) win where not None."""
    if isinstance(source, Shown):
        result = source
    elif isinstance(source, Mapping):
        result = _from_mapping(source)
    else:
        result = _from_field(source)
    result = replace(result, **{key: value for key, value in changes.items() if value is not None})
    if result.choices and not all(isinstance(one, Choice) for one in result.choices):
        result = replace(result, choices=_choices(result.choices, result.value))
    return result


def _from_mapping(source: Mapping[str, Any]) -> Shown:
    known = dict(source)
    errors = known.pop("errors", None) or ([known["error"]] if known.get("error") else [])
    known.pop("error", None)
    known.setdefault("id", known["name"])
    value = known.pop("value", "")
    known["choices"] = _choices(known.get("choices", ()), value)
    return Shown(value="" if value is None else str(value), errors=tuple(str(one) for one in errors), **known)


def _from_field(source: Field) -> Shown:
    value = source._value() if hasattr(source, "_value") else source.data
    choices = getattr(source, "choices", None)
    kind = getattr(source.widget, "input_type", "text")
    parts: tuple[str, str, str] = getattr(source, "parts", ("", "", ""))
    return Shown(
        name=source.name,
        id=source.id,
        label=str(source.label.text),
        hint=str(source.description or ""),
        value="" if value is None else str(value),
        errors=tuple(str(one) for one in source.errors),
        type="text" if kind == "select" else kind,
        required=bool(source.flags.required),
        checked=source.data is True,
        autocomplete=AUTOCOMPLETE.get(source.name, ""),
        choices=_choices(choices or (), source.data),
        parts=parts,
    )


def _choices(source: Iterable[Any], value: Any) -> tuple[Choice, ...]:
    wanted = (
        {str(one) for one in value} if isinstance(value, list | tuple | set) else {"" if value is None else str(value)}
    )
    result = []
    for one in source:
        if isinstance(one, Mapping):
            value_of, label, text = (str(one.get(key, "")) for key in ("value", "label", "text"))
            one = Choice(value_of, label, text, data=one.get("data", {}))
        elif isinstance(one, tuple | list):
            value_of, label, text = (*(str(part) for part in one[:3]), "", "")[:3]
            one = Choice(value_of, label, text)
        elif not isinstance(one, Choice):
            one = Choice(str(one), str(one))
        result.append(replace(one, checked=one.value in wanted))
    return tuple(result)


def wrongs(*sources: Any) -> list[tuple[str, str]]:
    """(anchor, sentence) of everything to put right, from forms and from plain pairs, in reading order."""
    result: list[tuple[str, str]] = []
    for source in sources:
        if isinstance(source, BaseForm):
            result += [("", str(one)) for one in source.form_errors]
            result += [
                (_anchor(one), str(sentence))
                for one in source
                for sentence in one.errors
                if not isinstance(sentence, dict)
            ]
        elif isinstance(source, Mapping):
            result += [(anchor, str(sentence)) for anchor, sentence in source.items()]
        elif source:
            result += [(anchor, str(sentence)) for anchor, sentence in source]
    return result


def _anchor(source: Field) -> str:
    if isinstance(source, HiddenField):
        return ""
    if isinstance(source, DayField):
        return f"{source.id}-day"
    return f"{source.id}-1" if getattr(source, "choices", None) and source.type == "RadioField" else str(source.id)


def wrongs_title(count: int) -> str:
    """The heading of the error summary."""
    return ngettext("%(num)s thing to put right", "%(num)s things to put right", count)


class FormWords:
    """WTForms' own sentences in our words; the names of their values are WTForms'."""

    ONE = {
        "This field is required.": _l("Fill this in"),
        "Not a valid choice.": _l("Choose one of the answers offered"),
        "Invalid Choice: could not coerce.": _l("Choose one of the answers offered"),
        "Not a valid integer value.": _l("Write a whole number"),
        "Not a valid decimal value.": _l("Write a number"),
        "Not a valid float value.": _l("Write a number"),
        "Invalid email address.": _l("Write a full e-mail address, name@example.org for example"),
        "Field must be equal to %(other_name)s.": _l("Write the same in both places"),
        "Number must be between %(min)s and %(max)s.": _l("Write a number between %(min)s and %(max)s"),
        "The CSRF token is missing.": _l("Load the page again and repeat the step"),
        "The CSRF token is invalid.": _l("Load the page again and repeat the step"),
        "CSRF token missing.": _l("Load the page again and repeat the step"),
    }

    def gettext(self, sentence: str) -> str:
        return str(self.ONE.get(sentence, sentence))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        if singular.startswith("Field must be at least %(min)d"):
            return ngettext("Write at least %(min)d character", "Write at least %(min)d characters", count, min=count)
        if "longer than %(max)d" in singular:
            return ngettext("Write at most %(max)d character", "Write at most %(max)d characters", count, max=count)
        return singular if count == 1 else plural


class PageForm(FlaskForm):  # type: ignore[misc]
    """The base of every form on a page: CSRF token, and sentences in our words."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: Any) -> FormWords:
            return FormWords()


class DayField(Field):
    """A day typed in three boxes, `name-day`, `name-month`, `name-year`; `data` is a date or None."""

    def __init__(self, label: Any = None, validators: Any = None, **rest: Any) -> None:
        super().__init__(label, validators, **rest)
        self.parts: tuple[str, str, str] = ("", "", "")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors = []
        default = self.default() if callable(self.default) else self.default
        self.data: date | None = data if isinstance(data, date) else default
        if self.data:
            self.parts = (str(self.data.day), str(self.data.month), str(self.data.year))
        if formdata is None or f"{self.name}-day" not in formdata:
            return
        day, month, year = (formdata.get(f"{self.name}-{part}", "").strip() for part in ("day", "month", "year"))
        self.parts, self.data, self.raw_data = (day, month, year), None, [f"{day}{month}{year}"]
        if day or month or year:
            try:
                self.data = date(int(year), int(month), int(day))
            except ValueError:
                self.process_errors.append(_l("Write a day that exists, for example 30 6 2026"))
