"""Fields tell the same story to the eye and to the ear, from WTForms and from plain values."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict

from tests.web.gallery_app import EveryField, gallery
from workspace.web.fields import shown, wrongs, wrongs_title

DRAW = '{% from "components/forms.html" import text, radios, date, password %}'


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery()


def filled(app: Flask, **values: str) -> EveryField:
    form = EveryField(MultiDict(values), meta={"csrf": False})
    form.validate()
    return form


def test_an_error_is_bound_to_its_field(app: Flask) -> None:
    with app.test_request_context("/"):
        form = filled(app)
        drawn = render_template_string(DRAW + "{{ text(form.email) }}", form=form)
        assert 'aria-describedby="email-hint email-error"' in drawn
        assert 'aria-invalid="true"' in drawn
        assert 'type="email"' in drawn
        assert 'autocomplete="email"' in drawn
        assert ("email", "Напишіть адресу") in wrongs(form)


def test_a_password_is_never_written_back(app: Flask) -> None:
    with app.test_request_context("/"):
        form = filled(app, password="correct horse battery")
        drawn = render_template_string(DRAW + "{{ password(form.password) }}{{ text(form.password) }}", form=form)
        assert "correct horse" not in drawn


def test_values_are_escaped(app: Flask) -> None:
    with app.test_request_context("/"):
        drawn = render_template_string(DRAW + "{{ text(f) }}", f={"name": "n", "label": "<b>", "value": '"><script>'})
        assert "<script>" not in drawn
        assert "<b>" not in drawn


def test_a_day_is_read_from_three_boxes(app: Flask) -> None:
    with app.test_request_context("/"):
        form = filled(app, **{"until-day": "30", "until-month": "6", "until-year": "2026"})
        assert form.until.data == date(2026, 6, 30)
        wrong = filled(app, **{"until-day": "31", "until-month": "6", "until-year": "2026"})
        assert wrong.until.data is None
        assert wrong.until.parts == ("31", "6", "2026")
        assert any(anchor == "until-day" for anchor, _sentence in wrongs(wrong))


def test_radios_keep_the_choice_and_explain_it(app: Flask) -> None:
    with app.test_request_context("/"):
        form = filled(app, level="edit")
        drawn = render_template_string(
            DRAW + "{{ radios(form.level, choices=[('view', 'V', 'x'), ('edit', 'E', 'y')]) }}", form=form
        )
        assert 'value="edit" checked' in drawn
        assert 'value="view" checked' not in drawn


def test_plain_values_are_fields_too() -> None:
    field = shown({"name": "quota", "label": "Quota", "value": 10, "error": "Write a number"})
    assert (field.id, field.value, field.described_by) == ("quota", "10", "quota-error")
    assert wrongs({"quota": "Write a number"}, None, [("x", "y")]) == [("quota", "Write a number"), ("x", "y")]


@pytest.mark.parametrize(("lang", "title"), [("en", "2 things to put right"), ("uk", "Потрібно виправити 2 місця")])
def test_the_summary_counts(app: Flask, lang: str, title: str) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        assert wrongs_title(2) == title


def test_no_sentence_of_the_form_library_reaches_a_person(app: Flask) -> None:
    with app.test_request_context("/?lang=uk"):
        form = filled(app, body="nowhere")
        assert form.body.errors == ["Виберіть одну з наведених відповідей"]
