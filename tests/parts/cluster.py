"""A SeaweedFS of three volume servers, each object on two of them (replication 001); master, filer and S3 beside."""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import subprocess
import sysconfig
import time
from pathlib import Path

from tests.parts.seaweed import HOST, Seaweed, end_with_weed, free_ports
from workspace.kernel.errors import StorageUnavailable
from workspace.storage.objects import open_objects

VOLUMES = 3
PATIENCE = 90.0


class SeaweedCluster:
    """Started whole; `kill` takes one volume server away, `revive` brings it back with its data. `stop` ends all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        secret = secrets.token_urlsafe(24)
        identity = {"name": "app", "credentials": [{"accessKey": "app", "secretKey": secret}]}
        identity["actions"] = ["Admin", "Read", "Write", "List", "Tagging"]
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\ncopy_2 = 2\n")
        self._master, self._filer, s3, *self._volumes = free_ports(3 + VOLUMES)
        self.seaweed = Seaweed(s3, "app", secret)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self._begin()
        except BaseException:
            self.stop()
            raise

    def kill(self, number: int) -> None:
        """As a power cut would: at once."""
        process = self._processes[f"volume-{number}"]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def revive(self, number: int) -> None:
        self._volume(number)

    def size(self, number: int) -> int:
        """Bytes that a volume server holds."""
        return sum(path.stat().st_size for path in (self._folder / f"volume-{number}").glob("*.dat"))

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def said(self) -> str:
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in sorted(self._folder.glob("*.log")))

    def _begin(self) -> None:
        self._run(
            "master", "master", f"-port={self._master}", f"-mdir={self._made('master')}", "-defaultReplication=001",
            "-volumeSizeLimitMB=128", "-telemetry=false",
        )  # fmt: skip
        for number in range(VOLUMES):
            self._volume(number)
        self._run(
            "filer", "filer", f"-port={self._filer}", f"-master={HOST}:{self._master}", "-defaultReplicaPlacement=001",
            f"-defaultStoreDir={self._made('filer')}", f"-localSocket={self._folder / 'filer.sock'}", "-s3",
            f"-s3.port={self.seaweed.port}", f"-s3.config={self._folder / 's3.json'}", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-s3.iam=false",
        )  # fmt: skip
        store = open_objects(self.seaweed.url("ready"))
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                store.ready()
                return
            except StorageUnavailable:
                if time.monotonic() > deadline:
                    raise RuntimeError(self.said()) from None
                time.sleep(0.2)  # it says nowhere when it is ready

    def _volume(self, number: int) -> None:
        port = self._volumes[number]
        data = self._made(f"volume-{number}")
        self._run(
            f"volume-{number}", "volume", f"-port={port}", f"-dir={data}", "-max=60", f"-master={HOST}:{self._master}"
        )

    def _made(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _run(self, name: str, *words: str) -> None:
        weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or "weed"
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [weed, *words, f"-ip={HOST}", f"-ip.bind={HOST}"],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_weed,
            )
