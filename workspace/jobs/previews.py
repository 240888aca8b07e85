"""Pictures of new versions."""

from typing import Any

from workspace.cloud.previews import make_previews
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress


def make_preview(runtime: Runtime, payload: dict[str, Any], _progress: Progress) -> None:
    """Make the previews of a version, in a process apart; a version that is gone by now needs none."""
    make_previews(runtime, payload["version"])
