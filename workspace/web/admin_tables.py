"""The directory as CSV: a file is looked at first, rows that cannot be taken are named; then all of it or nothing."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from workspace.bodies import csv_import
from workspace.bodies.csv_import import ImportReport
from workspace.bodies.csv_table import RowError
from workspace.db.work import Work
from workspace.http.bodies import small_file, takes_small_files
from workspace.http.request import current_work, end_work
from workspace.kernel.errors import NotFound
from workspace.web.admin import enter

admin_tables = Blueprint("admin_tables", __name__, url_prefix="/admin/bodies/table")
admin_tables.before_request(enter)


@admin_tables.before_request
def below_bodies() -> None:
    """In the menu these pages belong to the bodies."""
    g.nav = "admin_bodies.index"


LIMIT = 2 << 20
SHOWN = 200  # errors on the page; the rest is counted
TABLES = {
    "bodies": (csv_import.import_csv, csv_import.export_csv),
    "officials": (csv_import.import_officials, csv_import.export_officials),
}


@dataclass(frozen=True)
class Wrong:
    """An error of a row in words."""

    line: int
    column: str
    value: str
    sentence: str


@admin_tables.get("/<kind>.csv")
def export(kind: str) -> Response:
    """The table as it is now; it can be changed in a spreadsheet and brought back."""
    answer = Response(_table(kind)[1](current_work()), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return answer


@admin_tables.route("/<kind>", methods=["GET", "POST"])
@takes_small_files(LIMIT)
def bring(kind: str) -> Any:
    """Choose a file, see what it would do, then let it."""
    _table(kind)
    if request.method == "GET":
        return _page(kind)
    text = request.form.get("text", "")
    if text and request.form.get("do") == "take":
        report = _try(current_work(), kind, text)
        if not report.errors:
            flash(_("Taken: %(added)s added, %(changed)s changed.", added=report.added, changed=report.changed), "ok")
            return redirect(url_for("admin_bodies.index"))
        end_work()
        return _page(kind, report=report)
    data = small_file("table")
    if not data:
        return _page(kind, errors=[("table", _("Choose a CSV file"))])
    report = _try(current_work(), kind, data)
    # only looked at: whatever the trial wrote is rolled back here
    end_work()
    text = "" if report.errors else data.decode("utf-8-sig")
    return _page(kind, report=report, text=text)


def _try(work: Work, kind: str, data: bytes | str) -> ImportReport:
    return _table(kind)[0](work, data)


def _table(kind: str) -> Any:
    if kind not in TABLES:
        raise NotFound()
    return TABLES[kind]


def _page(kind: str, *, report: ImportReport | None = None, text: str = "", errors: Any = None) -> str:
    wrong = [_wrong(one) for one in report.errors[:SHOWN]] if report else []
    columns, needed = (
        (csv_import.BODY_COLUMNS, csv_import.BODY_COLUMNS[:4])
        if kind == "bodies"
        else (csv_import.OFFICIAL_COLUMNS, csv_import.OFFICIAL_COLUMNS[:3])
    )
    return render_template(
        "admin/table.html",
        kind=kind,
        report=report,
        wrong=wrong,
        more=len(report.errors) - len(wrong) if report else 0,
        text=text,
        columns=[(name, name in needed, words) for name, words in column_words().items() if name in columns],
        errors=errors,
    )


def _wrong(error: RowError) -> Wrong:
    return Wrong(error.line, error.column, error.value, problem_words(error.code, error.expected))


def column_words() -> dict[str, str]:
    """What belongs into a column."""
    return {
        "slug": _("Short name for addresses, for example housing-department"),
        "name": _("Name"),
        "kind": _("Kind: council, department, inspectorate, municipal_enterprise, court, …"),
        "body": _("Short name of the body"),
        "email": _("E-mail address; of an official, the one of their account here"),
        "role": _("Role: registrar, handler or head"),
        "superior": _("Short name of the body above it"),
        "territory": _("Territory"),
        "competence": _("What it is in charge of, in words"),
        "office": _("Office"),
        "phone": _("Telephone"),
        "address": _("Street address"),
        "offices": _("Names of offices, with | between them"),
    }


def problem_words(code: str, expected: Any = "") -> str:
    """Why a value cannot be taken, and what would be right."""
    sentences = {
        "missing": _("Something has to stand here."),
        "slug_shape": _("Use small Latin letters, digits and hyphens, for example housing-department."),
        "slug_twice": _("This short name stands in line %(line)s already.", line=expected),
        "slug_stays": _("The short name of a body stays for good."),
        "unknown_kind": _("There is no such kind. Choose one of: %(kinds)s.", kinds=expected),
        "email_shape": _("Write an address such as registry@city.example."),
        "own_superior": _("A body cannot stand above itself."),
        "unknown_superior": _("No body here, and none in the file, has this short name."),
        "too_long": _("Write at most %(count)s characters.", count=expected),
        "control_character": _("There is a character in it that cannot be shown. Write it anew."),
        "unknown_body": _("No open body has this short name."),
        "unknown_person": _("Nobody with an open account has this address. Invite them first."),
        "unknown_role": _("There is no such role. Choose registrar, handler or head."),
        "unknown_office": _("This office belongs to another body."),
        "disabled": _("This account is closed."),
        "unknown_column": _("There is no such column. Known are: %(columns)s.", columns=expected),
        "missing_column": _("The column “%(name)s” is missing.", name=expected),
        "column_twice": _("This column stands there twice."),
        "cells": _("This row has another number of cells than the first row, which has %(count)s.", count=expected),
        "quotes": _("A quotation mark is opened and not closed here."),
        "empty": _("The file is empty. Its first row names the columns."),
        "not_utf8": _("The file is not written in UTF-8. Save it as “CSV UTF-8”."),
        "too_many_rows": _("A file may hold %(count)s rows. Bring the rest in a second one.", count=expected),
        "too_large": _("The file is too large. Bring it in parts."),
    }
    return sentences.get(code, _("This value cannot be taken."))
