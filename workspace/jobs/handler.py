"""What a handler of jobs looks like."""

from collections.abc import Callable
from typing import Any

from workspace.db.runtime import Runtime

Progress = Callable[[dict[str, Any]], None]
"""Tells how far a job has come: numbers by name, never content. May be called as often as one likes."""

Handler = Callable[[Runtime, dict[str, Any], Progress], None]
"""Does one job, outside of any Work. It may be called again for the same payload: the effect has to be the same.
Whatever it raises makes the job wait and be tried again."""
