"""Child processes that are forked from this one: they share what is imported, and end when this one does."""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import click

from workspace.kernel.errors import DomainError
from workspace.settings import SettingsError
from workspace.storage.master import MasterKeyError

PATIENCE = 30.0
_PR_SET_PDEATHSIG = 1


def fork(act: Callable[[], None]) -> int:
    """Run `act` in a child with a session of its own, so that Ctrl-C reaches only us; returns its process id.

    Call it while this process has neither threads nor open databases.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.setsid()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == parent:
            act()
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except click.ClickException as refusal:
        refusal.show()
    except (DomainError, SettingsError, MasterKeyError) as refusal:
        click.ClickException(str(refusal)).show()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def in_child(act: Callable[[], None]) -> int:
    """Run `act` in a child and wait for its end; returns its status, 0 if it came to its end."""
    _, status = os.waitpid(fork(act), 0)
    return os.waitstatus_to_exitcode(status)


@dataclass
class Children:
    """The processes of an instance."""

    running: dict[int, str] = field(default_factory=dict)

    def start(self, name: str, act: Callable[[], None]) -> None:
        self.running[fork(act)] = name

    def require_alive(self) -> None:
        """Raises ClickException where one of them has ended by itself."""
        ended = self._reap()
        if ended is not None:
            name, status = ended
            raise click.ClickException(f"`workspace {name}` has ended with status {status}; what it said stands above.")

    def end(self) -> None:
        """Ask all to end, wait, and kill what does not."""
        for child in self.running:
            os.kill(child, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self.running and time.monotonic() < until:
            if self._reap() is None:
                time.sleep(0.05)
        for child in self.running:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.running.clear()

    def _reap(self) -> tuple[str, int] | None:
        for child, name in list(self.running.items()):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                del self.running[child]
                return name, os.waitstatus_to_exitcode(status)
        return None
