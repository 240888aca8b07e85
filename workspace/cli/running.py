"""Serving pages and doing jobs."""

import ctypes
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from workspace.cli.children import in_child
from workspace.cli.programs import Programs, until_told
from workspace.cli.serving import serving
from workspace.settings import Settings, from_environment

WORKER = "workspace.http.worker.Worker"
METRICS = "PROMETHEUS_MULTIPROC_DIR"
M_ARENA_MAX = -8  # malloc.h


@click.command()
@click.pass_obj
def serve(programs: Programs) -> None:
    """Serve the pages with gunicorn until told to stop."""
    settings = from_environment()
    serving(settings)
    keep_numbers_in(settings)
    programs.load()
    # in a process of its own, because an open database must not go through the fork that follows
    if in_child(lambda: make_good(programs)):
        raise click.ClickException("The instance cannot be served; what is missing stands above.")
    serve_until_told(programs.application(settings), settings)


@click.command()
@click.pass_obj
def worker(programs: Programs) -> None:
    """Do jobs, keep the log and the schedule, until told to stop."""
    work_until_told(programs)


def keep_numbers_in(settings: Settings) -> None:
    """An empty folder in which the processes that serve keep their numbers for /metrics."""
    folder = settings.instance.absolute() / "metrics"
    if folder.parent.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        os.environ[METRICS] = str(folder)


def make_good(programs: Programs) -> None:
    """Nobody is let in before what a restored backup brought back is taken away again."""
    try:
        programs.recover(programs.open())
    except Exception as error:
        raise click.ClickException(str(error)) from error


def serve_until_told(application: Any, settings: Settings) -> None:
    """Become gunicorn; returns by SystemExit."""
    share_memory()
    _Server(application, settings).run()


def share_memory() -> None:
    """Let all threads take memory from two arenas. By itself glibc gives nearly every thread one of its own and rarely
    gives anything back, so that memory grows with the number of threads that have ever carried a file."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and no need of it
    if tell is not None:
        tell(M_ARENA_MAX, 2)


def work_until_told(programs: Programs) -> None:
    """Be a worker until SIGTERM or Ctrl-C."""
    stop = until_told()
    runtime = programs.open()
    serving(runtime.settings)
    logging.basicConfig(level=runtime.settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    programs.work(runtime, stop)


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    """How gunicorn is set for these settings."""
    found = {
        "bind": settings.bind,
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": WORKER,
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 5,
        "loglevel": settings.log_level.lower(),
        # proxies are believed by `trusted_proxies`, in the application
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "proc_name": "workspace",
    }
    if Path("/dev/shm").is_dir():  # noqa: S108 - the signs of life of gunicorn's workers belong in memory
        found["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
    return found


class _Server(BaseApplication):
    """gunicorn over an application that was put together before its workers are forked, which share it.

    `settings` is what `http.worker` reads its own limits from.
    """

    def __init__(self, application: Any, settings: Settings) -> None:
        self._application = application
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_settings(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._application
