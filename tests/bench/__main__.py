"""`make bench`: this program on both databases and its peers, measured in turns; prints how we stand to each goal.

ROUNDS=3 rounds, one server after the other in each; ALL=1 adds copyparty, WsgiDAV and rclone; QUICK=1 takes a small
part of everything (to see that it runs); ONLY=regular expression names the steps; OUT=file takes all figures as JSON,
server by server as they come. Everything listens on loopback.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import peers
from tests.bench.accounting import MIB, family, proportional
from tests.bench.peers import Peer
from tests.bench.table import table, values
from tests.parts.instances import end_with_parent, free_port
from tests.parts.postgres import PostgresServer
from tests.parts.services import ROOT

PATIENCE = 180.0
PERSON = "bench@example.org"
STACKS = ("sqlite", "postgresql")


@contextmanager
def this_program(stack: str, folder: Path) -> Iterator[Peer]:
    """An instance as `make run` starts it, without the demo, with one person and an app password."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKSPACE_")}
    environment |= {
        "WORKSPACE_INSTANCE": str(folder / "instance"),
        "WORKSPACE_BASE_URL": f"http://127.0.0.1:{port}",
        "WORKSPACE_BIND": f"127.0.0.1:{port}",
        "WORKSPACE_QUOTA": str(500 * 1000**3),
        "WORKSPACE_LOG_LEVEL": "WARNING",
        "DEMO": "0",
    }
    with ExitStack() as ending:
        if stack == "postgresql":
            environment |= ending.enter_context(_postgresql())
        command = [sys.executable, "-m", "workspace"]

        def told(*arguments: str, text: str = "") -> str:
            done = subprocess.run(
                [*command, *arguments],
                cwd=ROOT,
                env=environment,
                input=text,
                capture_output=True,
                text=True,
                check=True,
            )
            return done.stdout.strip()

        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "up"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip
        ending.callback(_end, process)
        deadline = time.monotonic() + PATIENCE
        while not peers._answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.1)  # a server says nowhere else that it listens
        told("user", "add", PERSON, "--name", "Bench", "--password-stdin", text="a-long-password-of-nobody\n")
        secret = told("user", "app-password", PERSON, "--label", "bench").splitlines()[-1]
        yield Peer(stack, f"http://127.0.0.1:{port}/dav/personal/", (process.pid,), PERSON, secret)


@contextmanager
def _postgresql() -> Iterator[dict[str, str]]:
    """A PostgreSQL of its own for data and keys."""
    server = PostgresServer()
    try:
        yield {f"WORKSPACE_{name}_URL": server.url(server.new_database()) for name in ("DATABASE", "KEYRING")}
    finally:
        server.stop()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def measured(peer: Peer, environment: Mapping[str, str]) -> dict[str, Any]:
    """One run of the benchmark, by a process of its own."""
    quick = environment.get("QUICK") == "1"
    arguments = [peer.url, "--pids", ",".join(map(str, peer.pids))]
    arguments += ["--big-mib", "128" if quick else "1024", "--small-count", "300" if quick else "2000"]
    arguments += ["--only", environment["ONLY"]] if environment.get("ONLY") else []
    if peer.user is not None:
        arguments += ["--user", peer.user, "--password", peer.password or ""]
    idle = proportional(family(peer.pids)) / MIB
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.davbench", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    steps: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["steps"]
    return steps | {"idle": {"pss_MiB": round(idle, 1)}}


def main(environment: Mapping[str, str] = os.environ) -> int:
    lacking = peers.missing()
    if lacking and not _installed(lacking):
        sys.stderr.write(f"The peers need what this machine lacks. As root: apt-get install {' '.join(lacking)}\n")
        return 1
    stacks = [one for one in STACKS if environment.get("STACK", one) == one]
    compared = [peers.nginx_dav, peers.sabre]
    if environment.get("ALL") == "1":
        compared += [peers.copyparty, peers.wsgidav, peers.rclone]
    rounds: dict[str, list[dict[str, Any]]] = {}
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        for number in range(int(environment.get("ROUNDS", "3"))):
            starts = {start.__name__: start for start in compared} | {
                stack: lambda place, stack=stack: this_program(stack, place) for stack in stacks
            }
            for name, start in starts.items():
                place = folder / f"{name}-{number}"
                place.mkdir(mode=0o755)
                with start(place) as peer:
                    print(f"round {number + 1}: {peer.name} …", file=sys.stderr, flush=True)
                    rounds.setdefault(peer.name, []).append(measured(peer, environment))
                if environment.get("OUT"):
                    Path(environment["OUT"]).write_text(json.dumps(rounds, indent=1))
                shutil.rmtree(place, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {machine}, load {os.getloadavg()[0]:.1f}, {platform.system()}")
    for stack in stacks:
        print("\n".join(["", f"## {stack}", "", *table(rounds, stack)]))
    print("\n".join(["", "## values", "", *values(rounds)]))
    return 0


def _installed(packages: list[str]) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    # the hosts' own nginx and php-fpm are not started: each is run here with a configuration of its own
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages], check=False, **quiet)
    return not peers.missing()


if __name__ == "__main__":
    sys.exit(main())
