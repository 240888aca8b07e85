"""What becomes of older snapshots, and whether those that are kept can be relied upon."""

from collections.abc import Iterator

from workspace.cli.backup.taking import Tell, parsed
from workspace.cli.backup.vault import OBJECTS, Vault
from workspace.kernel.errors import Damaged, NotFound
from workspace.storage.copying import Wanted, fingerprint


def prune(vault: Vault, keep: int) -> tuple[int, int]:
    """Delete all snapshots but the newest `keep`, then the objects that none of these names; returns how many of each.

    The caller holds `vault.alone()`. Killed between the two, the next one deletes the objects.
    """
    gone = vault.snapshots()[:-keep]
    for snapshot in gone:
        vault.forget(snapshot)
    named = {one.key for one in _named(vault)}
    unnamed = [one.key for one in vault.objects.walk() if one.key not in named]
    for key in unnamed:
        vault.objects.delete(key)
    for leftover in vault.objects.stale():
        vault.objects.discard(leftover)
    return len(gone), len(unnamed)


def examine(vault: Vault, tell: Tell) -> list[str]:
    """Read every object that a snapshot names; the keys of those that are missing or changed."""
    wrong, done = [], 0
    named = {one.key: one for one in _named(vault)}
    total = sum(one.size for one in named.values())
    for key, one in named.items():
        try:
            same = vault.objects.size(key) == one.size and fingerprint(vault.objects, key, one.size) == one.sha256
        except (Damaged, NotFound):
            same = False
        if not same:
            wrong.append(key)
        done += one.size
        tell("objects", done, total)
    return wrong


def _named(vault: Vault) -> Iterator[Wanted]:
    for snapshot in vault.snapshots():
        yield from map(parsed, vault.lines(vault.manifest(snapshot), OBJECTS))
