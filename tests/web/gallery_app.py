"""A small app that shows every part of pages, without an instance behind it: for looking and for axe."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, flash, g, render_template
from flask_babel import lazy_gettext as _l
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from workspace.http import headers
from workspace.kernel.actors import Actor
from workspace.kernel.errors import OverQuota
from workspace.settings import Settings
from workspace.web import context, formats, i18n, look
from workspace.web.fields import DayField, PageForm
from workspace.web.rail import rail

HERE = Path(__file__).parent / "gallery"
ICONS = Path(context.__file__).parent / "templates" / "components" / "icons.html"
NOW = datetime(2026, 4, 9, 8, 20, tzinfo=UTC)
STATUSES = (400, 401, 403, 404, 405, 409, 410, 412, 413, 416, 422, 429, 500, 503, 507)
FILES = (
    ("Фото підвалу", True, "", "evidence", 1_100_000_000),
    ("Листи 2025–2026", True, "", "correspondence", 94_000_000),
    ("Заява_заміна_стояка_v3.odt", False, "application/vnd.oasis.opendocument.text", "draft", 48_213),
    ("IMG_20260302_0714_riser.jpg", False, "image/jpeg", "evidence", 4_200_000),
    (
        "Лист_ДЖ_03-12_214_запитання_дуже-довга-назва-яка-не-вміщується-в-рядок.pdf",
        False,
        "",
        "correspondence",
        112_000,
    ),
    ("video_leak_flat8_ceiling.mp4", False, "video/mp4", "other", 0),
)


class EveryField(PageForm):
    """One of each."""

    name = StringField(_l("Name"))
    email = EmailField("Ел. пошта", description="Сюди надходять листи.", validators=[InputRequired("Напишіть адресу")])
    password = PasswordField("Пароль", validators=[InputRequired("Придумайте пароль")])
    code = StringField("Код")
    story = TextAreaField("Що сталося?", validators=[InputRequired("Опишіть, що сталося")])
    body = SelectField("Який орган?", choices=[("h", "Департамент житла"), ("t", "Департамент транспорту")])
    level = RadioField("Що їм можна?", choices=[("view", "Перегляд"), ("edit", "Зміни")], default="view")
    until = DayField("До якого дня?", description="Наприклад, 30 6 2026.")
    sure = BooleanField("Так, я знаю про це")


def gallery(instance: look.Look | None = None, language: str = "en") -> Flask:
    """The app. `instance` gives it another name and colours."""
    app = Flask("workspace.web")
    app.config.update(SECRET_KEY="gallery", TESTING=True)
    loader = app.jinja_loader
    assert loader is not None
    app.jinja_loader = ChoiceLoader([loader, FileSystemLoader(HERE)])
    app.extensions["workspace"] = SimpleNamespace(settings=Settings(language=language))
    headers.install(app)
    CSRFProtect(app)
    i18n.init_languages(app, Settings(language=language))
    formats.register(app)
    context.register(app)
    app.register_blueprint(look.look)
    _people(app, instance)
    _pages(app)
    return app


def _people(app: Flask, instance: look.Look | None) -> None:
    @app.before_request
    def arrive() -> None:
        g.actor = Actor(person_id="1" * 26, name="Олена Гриценко", administrator=True)
        g.person = SimpleNamespace(name="Олена Гриценко", email="olena@example.org", language=None)
        g.instance = instance or look.Look(name="Простір громадянина", host="ГО «Відкрите місто»", place="Зеленогірськ")
        g.posts = (SimpleNamespace(name="Департамент житла", slug="housing"),)


def _forms() -> str:
    form = EveryField()
    form.validate_on_submit()
    return render_template("forms.html", form=form)


def _refused(status: int) -> Any:
    g.room = "plain"
    error = OverQuota(needed=4_200_000_000, free=12_000_000) if status == 507 else None
    code = "over_quota" if error else "x"
    return render_template("errors/error.html", status=status, code=code, error=error, request_id="01jb2"), status


def _pages(app: Flask) -> None:
    def files() -> str:
        flash("Файл «Акт.pdf» тепер у кошику.", "ok")
        flash("Диск сервера повний, нічого не збережено.", "error")
        flash("О 22:00 сервер оновлюватиметься.", "info")
        shown = [
            SimpleNamespace(name=name, folder=folder, type=kind, kind=what, size=size, changed=NOW - timedelta(days=7))
            for name, folder, kind, what, size in FILES
        ]
        return render_template(
            "files.html",
            files=shown,
            sort_url=lambda key, down: f"/?sort={key}&down={int(down)}",
            page_url=lambda number: f"/?page={number}",
            names=re.findall(r"^  '([a-z-]+)':", ICONS.read_text(), re.MULTILINE),
            sha=bytes(range(0, 256, 8)),
            day=date(2026, 6, 30),
            now=NOW,
        )

    def cases() -> str:
        rails = [
            rail(38, 45, first=30, answered=True),
            rail(17, 30),
            rail(28, 30, soon=True),
            rail(33, 45, first=30),
            rail(25, 40, first=15),
            rail(39, 30),
            rail(90, 30),
            rail(0, 30),
            rail(2, 30, answered=True),
        ]
        return render_template(
            "cases.html",
            rails=rails,
            day=date(2026, 4, 9),
            begun=date(2026, 3, 2),
            last=date(2026, 4, 16),
            first=date(2026, 4, 1),
        )

    def inbox(slug: str) -> str:
        g.body = SimpleNamespace(
            name="Департамент житла та комунального господарства", slug=slug, territory="Зеленогірськ"
        )
        g.counts, g.room = {"new": 46, "mine": 17}, "office"
        return cases()

    app.add_url_rule("/", "home.index", files)
    app.add_url_rule("/files", "files.index", files)
    app.add_url_rule("/cases", "cases.index", cases)
    app.add_url_rule("/forms", "settings.index", _forms, methods=["GET", "POST"])
    app.add_url_rule("/search", "search.index", files)
    app.add_url_rule("/opened", "ledger.index", files)
    app.add_url_rule("/admin", "admin.index", lambda: render_template("forms.html", form=EveryField(), room="admin"))
    app.add_url_rule("/office/<slug>", "office.inbox", inbox)
    app.add_url_rule("/office/<slug>/mine", "office.mine", inbox)
    app.add_url_rule("/help", "about.help", files)
    app.add_url_rule("/sign-out", "security.logout", files, methods=["POST"])
    app.add_url_rule("/refused/<int:status>", "refused", _refused)
