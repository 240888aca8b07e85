"""Pages: one module a noun. `README.md` lists the addresses, `templates/components/README.md` the parts of pages."""

from flask import Flask

from workspace.settings import Settings
from workspace.web import context, formats, i18n, look

TEMPLATES = "web/templates"
STATIC = "web/static"


def register(app: Flask, settings: Settings) -> None:
    """Give the app its languages, formats, common values and pages."""
    i18n.init_languages(app, settings)
    formats.register(app)
    context.register(app)
    app.register_blueprint(look.look)
