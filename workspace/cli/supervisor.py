"""`workspace up`: everything on one machine, in one terminal, until Ctrl-C. This is what `make run` starts."""

import os
import threading
import urllib.error
import urllib.request

import click

from workspace.cli.children import Children, in_child
from workspace.cli.instance import fill, kept_accounts, prepare
from workspace.cli.programs import Programs, until_told
from workspace.cli.running import keep_numbers_in, make_good, serve_until_told, work_until_told
from workspace.cli.serving import serving
from workspace.settings import Settings, SettingsError, from_environment


@click.command()
@click.pass_obj
def up(programs: Programs) -> None:
    """Prepare the instance, fill a new one with the demo city (DEMO=0: not), serve it, work for it. Ctrl-C stops all.

    PORT chooses the port of http://localhost (8000), unless WORKSPACE_BIND and WORKSPACE_BASE_URL say otherwise.
    """
    stop = until_told()
    _choose_port()
    settings = from_environment()
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    serving(settings)
    keep_numbers_in(settings)
    programs.load()
    if in_child(lambda: _ready(programs, settings)):
        raise click.ClickException("The instance could not be prepared; what is missing stands above.")
    application = programs.application(settings)
    children = Children()
    try:
        children.start("worker", lambda: work_until_told(programs))
        children.start("serve", lambda: serve_until_told(application, settings))
        _wait_until_served(settings, stop, children)
        if not stop.is_set():
            _greet(settings)
        while not stop.wait(0.5):
            children.require_alive()
    finally:
        children.end()
    click.echo("Stopped.")


def _ready(programs: Programs, settings: Settings) -> None:
    fresh = prepare(settings)
    if fresh and os.environ.get("DEMO", "1") != "0":
        click.echo("A new instance: the demo city is being built …")
        fill(programs.wire(settings))
    make_good(programs)


def _choose_port() -> None:
    port = os.environ.get("PORT", "")
    if not port:
        return
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError(f"PORT is {port!r}; it takes a number from 1 to 65535.")
    os.environ.setdefault("WORKSPACE_BIND", f"127.0.0.1:{port}")
    os.environ.setdefault("WORKSPACE_BASE_URL", f"http://localhost:{port}")


def _wait_until_served(settings: Settings, stop: threading.Event, children: Children) -> None:
    host, _, port = settings.bind.rpartition(":")
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}/healthz"  # noqa: S104 - compared
    while not stop.wait(0.05):
        children.require_alive()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            continue


def _greet(settings: Settings) -> None:
    click.echo(f"\nCitizen Workspace is at {settings.base_url}")
    accounts = kept_accounts(settings.instance)
    if accounts:
        click.echo(f"\nDemo accounts (also in {settings.instance / 'demo-accounts.txt'}):\n{accounts}")
    else:
        click.echo("\nAdd the first administrator: workspace user add you@example.org --name 'Your Name' --admin")
    click.echo("\nCtrl-C stops everything; the data stay.")
