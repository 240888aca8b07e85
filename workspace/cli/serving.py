"""Whether the instance is being served on this machine: a lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from workspace.settings import Settings

_held: list[int] = []


def serving(settings: Settings) -> None:
    """Hold the lock, together with others that serve, until this process and all that it forks have ended."""
    descriptor = _open(settings)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise click.ClickException("The instance is being restored or moved; wait until that has ended.") from None
    _held.append(descriptor)


@contextmanager
def not_served(settings: Settings) -> Iterator[None]:
    """Keep `serve` and `worker` out while the block lasts. Raises ClickException where one runs."""
    descriptor = _open(settings)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise click.ClickException("The instance is being served; stop `serve` and `worker` first.") from None
    finally:
        os.close(descriptor)


def _open(settings: Settings) -> int:
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(settings.instance / "serving.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
