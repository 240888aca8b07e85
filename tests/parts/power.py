"""A disk whose power can be cut: what was not flushed by then is gone, as with a real one.

ext4 on a loop device, over FUSE, over NBD, whose server (nbdkit) keeps writes in memory until they are flushed. Killing
that server is the cut. It needs root, loop devices and /dev/fuse; where they are missing it says so and fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

TOOLS = ("nbdkit", "nbdfuse", "fusermount3", "losetup", "mkfs.ext4", "mount", "umount")
MIB = 1 << 20


class PowerDisk:
    """`mounted` is its folder. `cut` takes the power away, `start_again` mounts what survived in the same place."""

    def __init__(self, folder: Path, size: int = 192 * MIB) -> None:
        missing = [tool for tool in TOOLS if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
        if missing or os.geteuid() != 0 or not Path("/dev/fuse").exists() or not Path("/dev/loop-control").exists():
            raise RuntimeError(f"the power-cut rig needs root, /dev/fuse, loop devices and {missing or 'its tools'}")
        self._image, self._fuse, self.mounted = folder / "disk.img", folder / "nbd", folder / "mounted"
        self._socket = folder / "socket"
        self._fuse.mkdir()
        self.mounted.mkdir()
        with self._image.open("wb") as file:
            file.truncate(size)
        _run("mkfs.ext4", "-qF", str(self._image))
        self._device = ""
        self._server: subprocess.Popen[bytes] | None = None
        self._client: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Mount it, with a cache that a cut empties."""
        self._socket.unlink(missing_ok=True)
        self._server = subprocess.Popen(
            ["nbdkit", "-f", "-U", str(self._socket), "--filter=cache", "file", str(self._image), "cache=writeback"]
        )
        _wait_for(self._socket)
        disk = self._fuse / "disk"
        self._client = subprocess.Popen(["nbdfuse", str(disk), "--unix", str(self._socket)])
        _wait_for(disk)
        self._device = _run("losetup", "-f", "--show", str(disk))
        _run("mount", self._device, str(self.mounted))

    def cut(self) -> None:
        """The power is gone; whoever still writes gets errors."""
        assert self._server is not None
        self._server.send_signal(signal.SIGKILL)
        self._server.wait()
        self._server = None

    def start_again(self) -> None:
        """What survived, mounted where it was, on an ordinary device."""
        self._let_go()
        _run("mount", "-o", "loop", str(self._image), str(self.mounted))

    def end(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._server is not None:
            self.cut()
        if os.path.ismount(self.mounted):
            subprocess.run(["umount", "-l", str(self.mounted)], check=True)
        if self._device:
            subprocess.run(["losetup", "-d", self._device], check=False)
            self._device = ""
        if self._client is not None:
            subprocess.run(["fusermount3", "-uz", str(self._fuse)], check=False, capture_output=True)
            self._client.kill()
            self._client.wait()
            self._client = None


def _run(*command: str) -> str:
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path} did not come")
        time.sleep(0.01)
