"""A folder that Nextcloud's real command client (Debian's `nextcloud-desktop-cmd`) keeps in step with an instance."""

from __future__ import annotations

import os
import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.parts.faults import share
from tests.parts.instances import Instance

CLIENT = "nextcloudcmd"
PATIENCE = share(150, 800)
"""Seconds that a run of the client may take: for a hundred files, and for two thousand."""
ODD_NAMES = [
    "й as one character", "й as two".replace("й", "\u0438\u0306"), "with  two spaces", "100 % & more + less # or not?",
    "semi;colon: \"quoted\" *star* <angle> |pipe| back\\slash", "emoji 😀 and 👩‍👩‍👧", "tab\tand control\u0001",
    "ÄÖÜ ß", "CamelCase", "camelcase", ".dotfile", "x" * 200, "`$(date)` && ls", "%41", "a=b&c=d", "[1] {2} (3)",
]  # fmt: skip


@dataclass
class Synced:
    """A folder on one of somebody's computers."""

    place: Instance
    folder: Path
    email: str
    secret: str
    said: str = ""

    def sync(self, *options: str, expect: int = 0) -> list[str]:
        """One run of the client; returns the methods of the requests it sent."""
        home = self.folder.with_name(self.folder.name + ".home")
        for path in (home, self.folder):
            path.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        done = subprocess.run(
            [CLIENT, "--non-interactive", "-h", "--user", self.email, "--password", self.secret, *options,
             str(self.folder), self.place.address],
            env=kept | {"HOME": str(home), "LC_ALL": "C.UTF-8", "OWNCLOUD_TIMEOUT": "60"},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
        )  # fmt: skip
        self.said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == expect, f"the client ended with {done.returncode}\n{self.said[-12000:]}"
        return re.findall(r'accessmanager \]:\s+\d+ "([A-Z]*)" "http', self.said)

    def write(self, name: str, data: bytes, at: int = 1_600_000_000) -> Path:
        """A file, last changed at a time in seconds since 1970."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (at, at))
        return path

    def tree(self) -> dict[bytes, tuple[bytes, int] | None]:
        """What lies there, by path: content and time of files, None for folders; what the client keeps is left out."""
        found: dict[bytes, tuple[bytes, int] | None] = {}
        root = os.fsencode(self.folder)
        for folder, folders, files in os.walk(root):
            for name in folders:
                found[os.path.relpath(os.path.join(folder, name), root)] = None
            for name in files:
                if not name.startswith((b".sync_", b".nextcloudsync", b".owncloudsync")):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, root)] = (file.read(), int(os.stat(path).st_mtime))
        return found


def fill(synced: Synced, count: int) -> None:
    """`count` files, always the same ones: odd names, several folders deep, some empty, one for chunks."""
    numbers = random.Random(7)
    synced.folder.mkdir(exist_ok=True)
    for number, name in enumerate(ODD_NAMES):
        synced.write(name, numbers.randbytes(number * 37), 1_400_000_000 + number)
    synced.write("empty", b"", 86_401)
    synced.write("large.bin", numbers.randbytes(30 << 20), 1_234_567_890)
    deep = "one/two two/три/四/five"
    for number in range(count - len(ODD_NAMES) - 2):
        folder = "/".join(deep.split("/")[: number % 6])
        synced.write(f"{folder}/{number:04}.txt".lstrip("/"), numbers.randbytes(number % 5000), 1_500_000_000 + number)
    (synced.folder / "an empty folder").mkdir()
