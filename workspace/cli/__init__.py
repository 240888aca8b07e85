"""The `workspace` command. Its names and outputs stay stable: scripts of hosts stand on them."""

from typing import Any

import click

from workspace.cli.backup.commands import backup, backups, restore
from workspace.cli.backup.keyring import backup_keyring, restore_keyring
from workspace.cli.bodies import body
from workspace.cli.checking import check
from workspace.cli.instance import demo, init, settings
from workspace.cli.keys import keys
from workspace.cli.log import log
from workspace.cli.moving import move
from workspace.cli.people import user
from workspace.cli.running import serve, worker
from workspace.cli.supervisor import up
from workspace.db.dump import NotWhole
from workspace.kernel.errors import DomainError
from workspace.settings import SettingsError
from workspace.storage.master import MasterKeyError


class _Sentences(click.Group):
    """Ends a refusal with one sentence on standard error and status 1, never with a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (DomainError, SettingsError, MasterKeyError, NotWhole) as error:
            raise click.ClickException(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    details = getattr(error, "details", {})
    field = details.get("field")
    reason = details.get("reason")
    return f"{error}" + (f" ({field}{': ' + str(reason) if reason else ''})" if field else "")


@click.group(cls=_Sentences)
@click.version_option(package_name="citizen-workspace", prog_name="workspace")
def cli() -> None:
    """Citizen Workspace: a citizen's own cloud, case folders shared with government bodies, and proof of who looked.

    Settings come from the environment; `workspace settings` shows them all.
    """


OPERATING = (init, settings, serve, worker, up, demo, user, body, check, log, keys)
KEEPING = (backup, backups, restore, backup_keyring, restore_keyring, move)

for command in (*OPERATING, *KEEPING):
    cli.add_command(command)
