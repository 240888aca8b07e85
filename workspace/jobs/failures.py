"""What is said about a job that failed: which error, where; never what was in the file, the letter or the query."""

import traceback

from workspace.kernel.errors import DomainError


class UnknownJob(DomainError):
    """No handler knows this kind of job; a newer or an older program wrote it."""

    code = "unknown_job"


def sentence(error: BaseException) -> str:
    """One line for the administrator. Our own errors carry no content, so they may speak; of others only the class,
    the system's own words for an OSError, and the place in our code."""
    name = type(error).__name__
    if isinstance(error, DomainError):
        return f"{name}: {error}"
    said = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"{name}{said}{_place(error)}"


def _place(error: BaseException) -> str:
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/workspace/" in frame.filename.replace("\\", "/")
    ]
    if not ours:
        return ""
    last = ours[-1]
    return f" in workspace/{last.filename.rsplit('/workspace/', 1)[-1]}, {last.name}, line {last.lineno}"
