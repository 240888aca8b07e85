"""An operation whose disk fails it: one call that syncs answers EIO, or from one call on the disk is full.

Whoever asked is told by name, nothing is half visible, and the very same process does it when it is asked again.
"""

from __future__ import annotations

import errno
import time

from sqlalchemy.exc import OperationalError

from tests.faults.calls import FILLS, SYNCS, Call, Ending, Judge, let_be, watch
from tests.faults.operations import Operation
from tests.faults.soundness import findings
from tests.faults.sweep import Result, chosen, reference, told_by_a_fork, watched
from tests.faults.town import Refused, Town
from workspace.kernel.errors import DomainError

KINDS = {"sync": (SYNCS, errno.EIO), "full": (FILLS, errno.ENOSPC)}
NAMED = ("storage_unavailable", "storage_full")


def error_sweep(town: Town, operation: Operation, kind: str, most: int | None) -> Result:
    """Fail each call of a kind in turn, or `most` chosen ones: a sync that fails once, a disk that stays full until
    somebody was told."""
    began = time.monotonic()
    result = Result(operation.name)
    names, error = KINDS[kind]
    expected = reference(town, operation)
    town.put_back()
    findings(town, expected)  # here and not in a fork, so that statements are compiled for all forks to come
    calls = [one for one in _run(town, operation, let_be).calls if one.name in names and _may_fail(one)]
    for call in chosen(calls, most) if most else calls:
        ending = _run(town, operation, _sync_fails(call) if kind == "sync" else _full_from(town, call))
        result.points += 1
        town.place.settle()
        found = [*_told(town, ending), *_synced_again(ending, call)]
        found += told_by_a_fork(lambda: findings(town, expected[-1:]))
        result.found += [f"{operation.name}, {errno.errorcode[error]} at {call}: {one}" for one in found]
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _run(town: Town, operation: Operation, judge: Judge) -> Ending:
    town.put_back()
    return watch(lambda: _act(town, operation), judge, str(town.place.folder), watched(town))


def _act(town: Town, operation: Operation) -> None:
    """Each step, and once more where it was refused: without a restart."""
    town.begin()
    for number, step in enumerate(operation.steps, 1):
        try:
            told = step(town)
        except (Refused, DomainError, OperationalError) as error:
            town.ledger.acknowledge(refused=_name(error))
            if operation.goes_on is not None and "upload" in town.notes:
                assert operation.goes_on(town) == []
                return
            told = step(town)
        town.ledger.acknowledge(step=number, **told)


def _name(error: Exception) -> str:
    if isinstance(error, OperationalError):
        return "storage_unavailable"  # what `http/errors.py` makes of it
    return str(error.code) if isinstance(error, (Refused, DomainError)) else ""


def _may_fail(call: Call) -> bool:
    return call.name not in ("openat", "mkdir", "mkdirat") or call.fresh


def _sync_fails(struck: Call) -> Judge:
    return lambda call: errno.EIO if call.number == struck.number else 0


def _full_from(town: Town, struck: Call) -> Judge:
    def judge(call: Call) -> int:
        full = call.number >= struck.number and not any("refused" in told for told in town.ledger.read())
        return errno.ENOSPC if full and call.name in FILLS and _may_fail(call) else 0

    return judge


def _told(town: Town, ending: Ending) -> list[str]:
    """The refusal had a name, and the second try went well."""
    if ending.status != 0:
        return [f"asked again, it does not do it ({ending.status})"]
    codes = [told["refused"] for told in town.ledger.read() if "refused" in told]
    return [f"refused as {code!r}, which says nothing" for code in codes if code not in NAMED]


def _synced_again(ending: Ending, struck: Call) -> list[str]:
    """A file whose fsync failed is never fsynced again: the kernel may call the lost pages clean. (SQLite writes all
    frames anew before it syncs again, and folders hold names only.)"""
    if struck.name not in SYNCS or "tmp/" not in struck.path:
        return []
    later = [one for one in ending.calls[struck.number :] if one.name in SYNCS and one.path == struck.path]
    return [f"synced again: {one}" for one in later]
