"""Pages: one module a noun. `README.md` lists the addresses, `templates/components/README.md` the parts of pages."""

from flask import Flask

from workspace.web import context, formats, i18n, look


def register(app: Flask) -> None:
    """Give the app its languages, formats, common values and pages. The app holds its instance already."""
    i18n.init_languages(app, app.extensions["workspace"].settings)
    formats.register(app)
    context.register(app)
    app.register_blueprint(look.look)
