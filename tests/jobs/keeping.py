"""A worker that comes up, brings everything into the log, and rests; its jobs can then be done one by one."""

from tests.world import World
from workspace.jobs.worker import Worker


def keep_log(world: World) -> Worker:
    """Give every fact its place, publish the head, ask for the consequences. Returns the worker."""
    worker = Worker(world.runtime)
    assert worker._sequencer is not None
    while worker._sequencer.step():
        pass
    worker._sequencer.rest()
    return worker


def do_all(worker: Worker) -> None:
    """Do every job that is due."""
    while worker.do_one():
        pass
