"""gunicorn with our worker over a small application: `python -m tests.http.serving PORT THREADS LEAN WORKERS`.

`/hash` tells the SHA-256 of the body as `incoming.body_pieces` gives it, `/input` as `wsgi.input` does, `/refuse` says
why not without having read a byte, `/process` the id of who answers, everything else answers with its own path.
`/at-hand/…` is at hand, and so filled up to 16 KiB; `/at-hand/…/broken` cannot be told at once after all. Every answer
says in `X-Thread` which thread gave it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from gunicorn.app.base import BaseApplication

from workspace.http import incoming
from workspace.http import worker as workers
from workspace.http.lean import AT_HAND
from workspace.kernel.errors import DomainError, TooSlow
from workspace.settings import Settings

REASON = b"there is no room for this"
FILLED = 1 << 14


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, told = "200 OK", environ["PATH_INFO"].encode("latin-1")
    length = environ.get("CONTENT_LENGTH")
    try:
        if told == b"/hash":
            digest = sha256()
            for piece in incoming.body_pieces(environ["wsgi.input"], None if length is None else int(length), 1 << 30):
                digest.update(piece)
            told = digest.hexdigest().encode()
        elif told == b"/input":
            told = sha256(environ["wsgi.input"].read()).hexdigest().encode()
        elif told == b"/refuse":
            status, told = "403 Forbidden", REASON
        elif told == b"/process":
            told = str(os.getpid()).encode()
        elif told.startswith(b"/at-hand/"):
            environ[AT_HAND] = True
            told = told.ljust(FILLED)
    except DomainError as error:
        status, told = ("408 Slow" if isinstance(error, TooSlow) else "400 Short"), error.code.encode()
    thread = "the poller's" if threading.current_thread() is threading.main_thread() else "another"
    head = [("Content-Length", str(len(told))), ("Content-Type", "text/plain"), ("X-Thread", thread)]
    start_response(status, head)
    return [told]


def at_hand(environ: dict[str, Any]) -> Callable[..., Iterable[bytes]] | None:
    if environ["PATH_INFO"].endswith("/broken"):
        raise RuntimeError("this was asked for")
    return application if environ["PATH_INFO"].startswith("/at-hand/") else None


application.at_hand = at_hand  # type: ignore[attr-defined]


class Server(BaseApplication):
    def __init__(self, port: int, threads: int, lean: int, workers: int) -> None:
        self._port, self._threads, self._workers = port, threads, workers
        self.settings = replace(Settings(), patience=2, slowest=1000, lean=lean)
        super().__init__()

    def load_config(self) -> None:
        given = {
            "bind": f"127.0.0.1:{self._port}",
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": "workspace.http.worker.Worker",
            "keepalive": 5,
            "loglevel": "error",
            "control_socket_disable": True,
        }
        for name, value in given.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return application


if __name__ == "__main__":
    incoming.FIRST = 1.0
    workers.HEAD_TIME = 1.0
    Server(*map(int, sys.argv[1:])).run()
