"""Pages: one module a noun. `README.md` lists the addresses, `templates/components/README.md` the parts of pages."""

from flask import Flask

from workspace.web import account, context, formats, i18n, invitation, look, security


def register(app: Flask) -> None:
    """Give the app its languages, formats, common values and pages. The app holds its instance already."""
    i18n.init_languages(app, app.extensions["workspace"].settings)
    formats.register(app)
    context.register(app)
    security.register(app)
    app.register_blueprint(look.look)
    app.register_blueprint(account.settings)
    app.register_blueprint(invitation.invitation)
