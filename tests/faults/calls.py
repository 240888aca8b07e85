"""Lets a process run and decides about each of its system calls that change something: let it happen, kill, or fail.

The kernel does the stopping: the child installs a seccomp filter (seccomp(2), SECCOMP_RET_USER_NOTIF, Linux 5.5) that
hands every such call to its parent and waits. The parent counts, names what the call is about, and answers. No root,
no compiler, no tracer, every thread included, some 40 µs a call; `README.md` says why it is this and not strace.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import re
import select
import signal
import struct
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

KILL = -1
"""A judge's answer: the process dies, before the call has done anything."""
PATIENCE = 120.0

_NUMBERS = {
    "x86_64": {
        "write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296, "fsync": 74, "fdatasync": 75, "ftruncate": 77,
        "rename": 82, "mkdir": 83, "rmdir": 84, "link": 86, "unlink": 87, "chmod": 90, "fchmod": 91, "openat": 257,
        "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "fallocate": 285, "renameat2": 316,
        "copy_file_range": 326, "sendto": 44, "sendmsg": 46,
    },
    "aarch64": {
        "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "fsync": 82, "fdatasync": 83, "ftruncate": 46,
        "mkdirat": 34, "unlinkat": 35, "linkat": 37, "renameat": 38, "fchmod": 52, "openat": 56, "fallocate": 47,
        "renameat2": 276, "copy_file_range": 285, "sendto": 206, "sendmsg": 211,
    },
}  # fmt: skip
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_PIDFD_GETFD = 438
_PATH_AT = {  # which argument is the path that the call changes
    "rename": 0, "mkdir": 0, "rmdir": 0, "link": 1, "unlink": 0, "chmod": 0, "openat": 1, "mkdirat": 1,
    "unlinkat": 1, "renameat": 1, "linkat": 3, "renameat2": 1,
}  # fmt: skip
FILES = tuple(name for name in _NUMBERS["x86_64"] if not name.startswith("send"))
"""Calls that change files. On a store behind a network, what is sent counts as well."""
NETWORK = ("sendto", "sendmsg")
SYNCS = ("fsync", "fdatasync")
FILLS = ("write", "pwrite64", "writev", "pwritev", "openat", "mkdir", "mkdirat", "link", "linkat")
"""What a full disk refuses; files and folders that are there already it opens."""

_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, _SEND
_CONTINUE = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Call:
    """The `number`th call that changes something, counted from 1. `about`: its file, below the root, ids left out;
    `path`: the file itself; `fresh`: there is no such file yet."""

    number: int
    name: str
    about: str
    path: str = ""
    fresh: bool = False

    def __str__(self) -> str:
        return f"call {self.number} ({self.name} {self.about})"


@dataclass(slots=True)
class Ending:
    """How a process ended: `status` is its exit status, or minus the signal that killed it."""

    status: int
    calls: list[Call] = field(default_factory=list)


Judge = Callable[[Call], int]
"""0: let it happen; KILL; or an errno that the call fails with, without having happened."""


def let_be(_call: Call) -> int:
    return 0


def kill_at(number: int) -> Judge:
    return lambda call: KILL if call.number == number else 0


def watch(act: Callable[[], object], judge: Judge, root: str, names: tuple[str, ...] = FILES) -> Ending:
    """Run `act` in a fork of this process, which must have no other threads, and judge its calls."""
    shared = mmap.mmap(-1, mmap.PAGESIZE)
    child = os.fork()
    if child == 0:
        _be_watched(act, shared, names)
    process = os.pidfd_open(child)
    ending = Ending(0)
    try:
        listener = _listener(process, shared)
        try:
            _judge_all(child, process, listener, judge, ending, root)
        finally:
            os.close(listener)
    finally:
        os.close(process)
        ending.status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        shared.close()
    return ending


def _be_watched(act: Callable[[], object], shared: mmap.mmap, names: tuple[str, ...]) -> None:
    """In the child: never returns."""
    status = 70
    try:
        shared[0:4] = struct.pack("i", _install(names))
        while not shared[4]:
            time.sleep(0.0002)
        act()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _listener(process: int, shared: mmap.mmap) -> int:
    """The parent's copy of the descriptor on which the kernel tells of calls."""
    deadline = time.monotonic() + PATIENCE
    while not (theirs := struct.unpack("i", shared[0:4])[0]):
        if time.monotonic() > deadline:
            raise TimeoutError("the child did not begin")
        time.sleep(0.0002)
    listener = int(_libc.syscall(_PIDFD_GETFD, process, theirs, 0))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    os.set_inheritable(listener, False)
    shared[4] = 1
    return listener


def _judge_all(child: int, process: int, listener: int, judge: Judge, ending: Ending, root: str) -> None:
    numbers = {number: name for name, number in _NUMBERS[platform.machine()].items()}
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    waiting.register(process, select.POLLIN)
    while True:
        ready = dict(waiting.poll(PATIENCE * 1000))
        if not ready:
            os.kill(child, signal.SIGKILL)
            raise TimeoutError(f"nothing came after {ending.calls[-1:]}")
        if not ready.get(listener, 0) & select.POLLIN:
            if process in ready:
                return
            continue
        asked = bytearray(80)
        try:
            fcntl.ioctl(listener, _RECEIVE, asked)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                continue  # a signal took the caller back
            raise
        number, thread, _flags, call = struct.unpack_from("QIIi", asked)
        arguments = struct.unpack_from("6Q", asked, 32)
        name = numbers[call]
        path = _path(thread, name, arguments)
        fresh = name in _PATH_AT and not os.path.exists(path)
        ending.calls.append(Call(len(ending.calls) + 1, name, plain(path, root), path, fresh))
        verdict = judge(ending.calls[-1])
        if verdict == KILL:
            os.kill(child, signal.SIGKILL)
            return
        told = struct.pack("QqiI", number, 0, -verdict, 0 if verdict else _CONTINUE)
        try:
            fcntl.ioctl(listener, _SEND, bytearray(told))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise


def _path(thread: int, name: str, arguments: tuple[int, ...]) -> str:
    """What a call is about: the path that it is given, or what its descriptor stands for."""
    try:
        if name not in _PATH_AT:
            return os.readlink(f"/proc/{thread}/fd/{arguments[0]}")
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
            return os.pread(memory.fileno(), 512, arguments[_PATH_AT[name]]).split(b"\0")[0].decode()
    except (OSError, UnicodeDecodeError):
        return "?"


def plain(path: str, root: str) -> str:
    """A path below the root without what differs from run to run."""
    path = path.removeprefix(root).lstrip("/") if path.startswith(root) else path
    path = re.sub(r"objects/[0-9a-z_]{2}(/[0-9a-z_]{2})?(?=$|/)", "objects/..", path)
    path = re.sub(r"[0-9a-z]{26}", "*", path)
    return re.sub(r"socket:\[\d+\]", "socket", path)


def _install(names: tuple[str, ...]) -> int:
    """The filter: the named calls wait for the parent; `openat` only where it may make or empty a file."""
    if _libc.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "prctl")
    program = _program([number for name, number in _NUMBERS[platform.machine()].items() if name in names])
    code = ctypes.create_string_buffer(b"".join(program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    listener = int(_libc.syscall(_SECCOMP[platform.machine()], 1, 8, head))  # SET_MODE_FILTER, NEW_LISTENER
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _program(numbers: list[int]) -> list[bytes]:
    """Classic BPF over struct seccomp_data (linux/seccomp.h)."""

    def instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("HBBI", code, then, otherwise, value)

    load, equal, bits, give = 0x20, 0x15, 0x45, 0x06
    openat = _NUMBERS[platform.machine()]["openat"]
    others = [number for number in numbers if number != openat]
    program = [instruction(load, 0)]
    if openat in numbers:
        program += [
            instruction(equal, openat, 0, 3),
            instruction(load, 16 + 2 * 8),
            instruction(bits, os.O_CREAT | os.O_TRUNC, len(others) + 2, len(others) + 1),
            instruction(load, 0),
        ]
    # every jump counts the instructions between: the comparisons still to come, then ALLOW, then NOTIFY
    program += [instruction(equal, number, len(others) - place) for place, number in enumerate(others)]
    return [*program, instruction(give, 0x7FFF0000), instruction(give, 0x7FC00000)]
