"""A step of the scrub."""

from typing import Any

from workspace.cloud.scrub import scrub_step
from workspace.db.runtime import Runtime
from workspace.jobs.handler import Progress


def scrub(runtime: Runtime, _payload: dict[str, Any], progress: Progress) -> None:
    """Read some of what is stored, so that damage is found before somebody needs the file."""
    seen = scrub_step(runtime)
    progress({"percent": int(100 * seen.share), "damaged": seen.damaged})
