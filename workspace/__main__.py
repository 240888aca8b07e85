"""Handle for `python -m workspace` and the `workspace` command."""

import sys

from workspace.app import wire
from workspace.cli import cli
from workspace.settings import SettingsError


def main() -> None:
    """Run the command; a bad setting ends it with one sentence."""
    try:
        cli(obj=wire)
    except SettingsError as error:
        sys.exit(f"workspace: {error}")


if __name__ == "__main__":
    main()
