"""Pages: one module a noun. `README.md` lists the addresses, `templates/components/README.md` the parts of pages."""

from flask import Flask

from workspace.web import (
    about,
    account,
    admin,
    admin_bodies,
    admin_jobs,
    admin_letters,
    admin_people,
    admin_restored,
    admin_settings,
    admin_tables,
    bodies,
    cases,
    context,
    files,
    formats,
    health,
    home,
    i18n,
    invitation,
    leaving,
    ledger,
    look,
    office,
    program_login,
    requests,
    search,
    security,
    shares,
    transparency,
    webhooks,
)


def register(app: Flask) -> None:
    """Give the app its languages, formats, common values and pages. The app holds its instance already."""
    i18n.init_languages(app, app.extensions["workspace"].settings)
    formats.register(app)
    context.register(app)
    security.register(app)
    app.register_blueprint(files.files)
    app.register_blueprint(cases.cases)
    app.register_blueprint(office.office)
    app.register_blueprint(bodies.bodies)
    app.register_blueprint(webhooks.webhooks)
    app.register_blueprint(health.health)
    app.register_blueprint(ledger.ledger)
    app.register_blueprint(look.look)
    app.register_blueprint(shares.shares)
    app.register_blueprint(requests.requests)
    app.register_blueprint(transparency.transparency)
    app.register_blueprint(account.settings)
    app.register_blueprint(leaving.leaving)
    app.register_blueprint(invitation.invitation)
    app.register_blueprint(program_login.program_login)
    app.register_blueprint(home.home)
    app.register_blueprint(search.search)
    app.register_blueprint(about.about)
    app.register_blueprint(about.well_known)
    app.register_blueprint(admin.admin)
    app.register_blueprint(admin_people.admin_people)
    app.register_blueprint(admin_bodies.admin_bodies)
    app.register_blueprint(admin_tables.admin_tables)
    app.register_blueprint(admin_letters.admin_letters)
    app.register_blueprint(admin_jobs.admin_jobs)
    app.register_blueprint(admin_settings.admin_settings)
    app.register_blueprint(admin_restored.admin_restored)
