"""Languages of the pages: `?lang=`, kept in a cookie; else what the person set, the browser asks, the host prefers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import Babel, get_locale

from workspace.settings import Settings

LANGUAGES = {"en": ("EN", "English", "in English"), "uk": ("УК", "Українська", "українською")}
COOKIE = "lang"
YEAR = 365 * 24 * 3600
TRANSLATIONS = Path(__file__).parent / "translations"


def choose() -> str:
    """The language of this answer, `en` or `uk`."""
    person = g.get("person")
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE), getattr(person, "language", None)):
        if wish in LANGUAGES:
            return str(wish)
    host: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return request.accept_languages.best_match(list(LANGUAGES), default=host) or host


def language_url(code: str) -> str:
    """The address of this very page in another language; of the front page where this one cannot be asked for again."""
    rule = request.url_rule
    # names with an underscore in front are orders to url_for (scheme, host, method), which nobody gives by an address
    given = {name: value for name, value in request.args.to_dict(flat=False).items() if not name.startswith("_")}
    values: dict[str, Any] = {**given, "lang": code}
    if rule is not None and request.endpoint and "GET" in (rule.methods or ()):
        return url_for(request.endpoint, **{**values, **(request.view_args or {})})
    return f"{request.path if rule is None else '/'}?lang={code}"


def _remember(answer: Response) -> Response:
    wish = request.args.get("lang")
    if wish in LANGUAGES and request.cookies.get(COOKIE) != wish:
        secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
        answer.set_cookie(COOKIE, wish, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    if answer.mimetype == "text/html":
        answer.content_language.add(str(get_locale() or "en"))
        answer.vary.update(("Accept-Language", "Cookie"))
    return answer


def init_languages(app: Flask, settings: Settings) -> None:
    """Switch Babel on: catalogues beside this file, days in the instance's time zone."""
    app.config["BABEL_DEFAULT_LOCALE"] = settings.language
    app.config["BABEL_DEFAULT_TIMEZONE"] = settings.timezone
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=choose, timezone_selector=lambda: settings.timezone)
    app.after_request(_remember)
    app.jinja_env.globals.update(languages=LANGUAGES, language_url=language_url)
