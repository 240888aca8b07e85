"""The parent's side: passes bytes to a child of its own and takes back what they look like. Parses nothing itself."""

import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from workspace.render.protocol import INPUT_LIMIT, OUTPUT_LIMIT, NotRenderable, Rendered, decode, kind_of

SECONDS = 40.0
ROOT = Path(__file__).resolve().parents[2]


def input_limit(media_type: str) -> int:
    """Up to how many bytes of a file a picture can be made of it; 0 where none can be made at all."""
    return INPUT_LIMIT if kind_of(media_type) in ("picture", "document") else 0


def render(media_type: str, content: Iterable[bytes | memoryview], seconds: float = SECONDS) -> Rendered:
    """What a file looks like. The child has nothing but its input: no environment, no open files, no folder of ours.

    Raises NotRenderable, and whatever `content` raises. Nothing touches the disk on the way.
    """
    command = [sys.executable, "-s", "-P", "-m", "workspace.render", media_type]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", "HOME": "/"},
        close_fds=True,
    )
    ending = threading.Timer(seconds, child.kill)
    ending.start()
    failures: list[BaseException] = []
    feeding = threading.Thread(target=_feed, args=(child, content, failures), name="render-input")
    feeding.start()
    try:
        assert child.stdout is not None
        answer = child.stdout.read(OUTPUT_LIMIT + 1)
    finally:
        child.kill()  # it has answered, or answers too much
        feeding.join()
        code = child.wait()
        ending.cancel()
        assert child.stdout is not None
        child.stdout.close()
    if failures:
        raise failures[0]
    if len(answer) > OUTPUT_LIMIT or not answer or code not in (0, -9):
        raise NotRenderable
    return decode(answer)


def _feed(
    child: "subprocess.Popen[bytes]", content: Iterable[bytes | memoryview], failures: list[BaseException]
) -> None:
    assert child.stdin is not None
    try:
        for piece in content:
            child.stdin.write(piece)
    except BrokenPipeError:
        pass  # it has seen enough
    except Exception as error:  # the reader's: damaged, or the store is away
        failures.append(error)
        child.kill()
    with suppress(OSError):
        child.stdin.close()
