"""Handle for `python -m workspace` and the `workspace` command."""

import sys

from workspace.cli import cli
from workspace.cli.programs import Programs
from workspace.settings import SettingsError

PROGRAMS = Programs(app="workspace.app", worker="workspace.jobs.worker", recovery="workspace.jobs.recovery")


def main() -> None:
    """Run the command; a bad setting ends it with one sentence."""
    try:
        cli(obj=PROGRAMS)
    except SettingsError as error:
        sys.exit(f"workspace: {error}")


if __name__ == "__main__":
    main()
