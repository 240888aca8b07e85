"""A worker that comes up, brings everything into the log, and rests; its jobs can then be done one by one."""

from tests.world import World
from workspace.db.runtime import Runtime
from workspace.jobs.worker import Worker


def keep_log(world: World) -> Worker:
    """Give every fact its place, publish the head, ask for the consequences. Returns the worker."""
    return keep_log_of(world.runtime)


def keep_log_of(instance: Runtime) -> Worker:
    """The same for an instance that no world made."""
    worker = Worker(instance)
    assert worker._sequencer is not None
    while worker._sequencer.step():
        pass
    worker._sequencer.rest()
    return worker


def do_all(worker: Worker) -> None:
    """Do every job that is due."""
    while worker.do_one():
        pass
