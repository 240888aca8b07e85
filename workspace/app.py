"""The only place that wires: stores, keyring, journal, signer, mailer, clock, doors."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from workspace import api, web
from workspace.dav.door import ProgramsDoor
from workspace.db.database import Database
from workspace.db.runtime import Runtime
from workspace.http import bodies, errors, headers, identity, metrics, request, running
from workspace.kernel.clock import SystemClock
from workspace.kernel.ports import Ports
from workspace.mail.transport import open_mailer
from workspace.outbound.calls import open_caller
from workspace.settings import Settings
from workspace.storage.keyring import open_keyring
from workspace.storage.master import open_master_keys
from workspace.storage.objects import open_objects
from workspace.trust.journal import FolderJournal
from workspace.trust.signing import Ed25519Signer


def wire(settings: Settings) -> Runtime:
    """An instance from its settings. The secrets must exist (`workspace init` makes them)."""
    ports = Ports(
        objects=open_objects(settings.objects),
        keyring=open_keyring(settings.keyring, open_master_keys(settings.master_key, settings.master_key_path)),
        journal=FolderJournal(settings.journal),
        signer=Ed25519Signer(settings.secrets / "log.key"),
        mailer=open_mailer(settings),
        outbound=open_caller(settings),
    )
    return Runtime(settings, Database(settings.database), ports, SystemClock())


def create_app(runtime: Runtime) -> Flask:
    """The web application over a wired instance."""
    app = request.WorkspaceFlask("workspace.web")
    request.install(app, runtime)
    answers = running.install(app)
    programs = ProgramsDoor(app.wsgi_app, runtime, answers)
    app.wsgi_app, app.at_hand = programs, programs.at_hand  # type: ignore[method-assign]
    trusted = runtime.settings.trusted_proxies
    if trusted:
        # as many entries of X-Forwarded-For as there are proxies of ours; before them anybody may have written any.
        # What is at hand for a program that is known does not depend on where its request came from.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=0)  # type: ignore[method-assign]
    metrics.install(app)
    bodies.install(app)
    errors.install(app)
    headers.install(app)
    identity.install(app)
    web.register(app)
    api.register(app)
    return app
