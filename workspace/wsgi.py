"""Handle for gunicorn: `gunicorn workspace.wsgi:application`."""

from workspace.app import create_app, wire
from workspace.settings import from_environment

application = create_app(wire(from_environment()))
