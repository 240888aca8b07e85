"""Writes a migration from the difference between the models and a fresh database: `python -m migrations.new "…"`."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic import command

from workspace.db.database import Database
from workspace.db.migrations import config_over, upgrade


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'fresh.db'}")
        if any((Path(__file__).parent / "versions").glob("*.py")):
            upgrade(database)
        with database.engine.connect() as connection:
            slug = "_".join(message.lower().split())
            name = f"{datetime.now(UTC):%Y_%m_%d}_{slug}"[:32]
            command.revision(config_over(connection), message, autogenerate=True, rev_id=name)
        database.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
