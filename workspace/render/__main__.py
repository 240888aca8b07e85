"""The child: one file on standard input, what it looks like on standard output, exit code 1 where nothing can be made.

Usage: python -m workspace.render MEDIA_TYPE
"""

import ctypes
import os
import resource
import sys
from collections.abc import Callable

from workspace.render.documents import render_document
from workspace.render.pictures import render_picture
from workspace.render.protocol import INPUT_LIMIT, Rendered, encode, kind_of

CPU_SECONDS = 20
MEMORY = 1536 << 20
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_DUMPABLE = 4

RENDERERS: dict[str, Callable[[bytes], Rendered]] = {
    "picture": render_picture,
    "document": render_document,
}


def confine() -> None:
    """Give up what a parser does not need: time, memory, files, new processes, new privileges, a readable core."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    os.nice(10)
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return  # not Linux
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(media_type: str) -> int:
    """Reads, renders, writes. Whatever a parser raises means the same: no picture."""
    renderer = RENDERERS.get(kind_of(media_type) or "")
    if renderer is None:
        return 1
    confine()
    data = sys.stdin.buffer.read(INPUT_LIMIT + 1)
    if len(data) > INPUT_LIMIT:
        return 1
    try:
        answer = encode(renderer(data))
    except Exception:
        return 1
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
