"""The programs that people have, against an instance as `workspace serve` starts it: rclone, cadaver, curl, webdav4.

On both stacks, with two web processes; one instance and one person for the whole module and stack.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from webdav4.client import Client, ResourceAlreadyExists
from webdav4.fsspec import WebdavFileSystem

from tests.parts.instances import Instance, Instances
from tests.parts.worlds import STACKS

EMAIL = "olena@example.org"
BIG = bytes(range(256)) * 12_288  # 3 MiB: several segments, and parts in the store

pytestmark = pytest.mark.slow


@dataclass
class Cloud:
    """A served instance and Olena's way into it."""

    place: Instance
    secret: str

    @property
    def url(self) -> str:
        return self.place.address + "/dav/personal"

    def client(self) -> Client:
        return Client(self.url, auth=(EMAIL, self.secret), timeout=60)


@pytest.fixture(scope="module", params=STACKS)
def cloud(request: pytest.FixtureRequest, instances: Instances) -> Iterator[Cloud]:
    place = instances.start(request.param, threads="4")
    place.add_person(EMAIL, "Olena")
    secret = place.quick("user", "app-password", EMAIL, "--label", "programs").strip()
    assert len(place.web_processes()) == 2
    yield Cloud(place, secret)
    place.stop()


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None, text: str = "") -> str:
    """Run a program to its end; gives back what it said, and expects that it is content."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C.UTF-8"} | (env or {})
    done = subprocess.run(
        [str(one) for one in command],
        cwd=cwd,
        env=surroundings,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_rclone_keeps_folders_in_step_both_ways(cloud: Cloud, tmp_path: Path) -> None:
    rclone = Path(sys.executable).parent / "rclone"
    obscured = run(rclone, "obscure", cloud.secret, cwd=tmp_path).strip()
    empty = tmp_path / "rclone.conf"
    empty.touch()
    remote = {
        "RCLONE_CONFIG": str(empty),
        "RCLONE_CONFIG_CLOUD_TYPE": "webdav",
        "RCLONE_CONFIG_CLOUD_URL": cloud.url,
        "RCLONE_CONFIG_CLOUD_VENDOR": "other",
        "RCLONE_CONFIG_CLOUD_USER": EMAIL,
        "RCLONE_CONFIG_CLOUD_PASS": obscured,
    }

    def sync(*arguments: str) -> str:
        return run(rclone, *arguments, "--retries", "1", "--low-level-retries", "1", cwd=tmp_path, env=remote)

    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("a.txt", "sub/b c.txt", "sub/deep/ж.txt", "sub/100%.txt", "empty"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(name.encode() if name != "empty" else b"")
    (here / "big.bin").write_bytes(BIG)
    sync("sync", "here", "cloud:rclone")
    assert "0 differences" in sync("check", "here", "cloud:rclone", "--download")
    (here / "a.txt").write_bytes(b"changed and longer")
    (here / "sub" / "b c.txt").unlink()
    (here / "sub" / "deep").rename(here / "moved")
    sync("sync", "here", "cloud:rclone")
    sync("sync", "cloud:rclone", "there")
    assert files_in(there) == files_in(here)
    sync("moveto", "cloud:rclone/a.txt", "cloud:rclone/moved/a.txt")
    assert sync("cat", "cloud:rclone/moved/a.txt") == "changed and longer"
    part = subprocess.run(
        [rclone, "cat", "cloud:rclone/big.bin", "--offset", "1000000", "--count", "100"],
        env={"PATH": "", "HOME": str(tmp_path)} | remote, capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    assert part.stdout == BIG[1_000_000:1_000_100]
    assert '"total"' in sync("about", "cloud:", "--json")
    sync("purge", "cloud:rclone")
    assert "rclone/" not in sync("lsf", "cloud:")


def test_cadaver_does_what_it_is_told(cloud: Cloud, tmp_path: Path) -> None:
    host = f"machine localhost login {EMAIL} password {cloud.secret}\n"
    (tmp_path / ".netrc").write_text(host)
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "deed.txt").write_bytes(b"a deed")
    script = """mkcol cadaver
cd cadaver
put deed.txt
lock deed.txt
discover deed.txt
unlock deed.txt
propset deed.txt color red
propget deed.txt color
copy deed.txt copy.txt
move copy.txt moved.txt
ls
get moved.txt got.txt
delete moved.txt
cd ..
rmcol cadaver
quit
"""
    said = run(shutil.which("cadaver") or "cadaver", cloud.url + "/", cwd=tmp_path, text=script)
    assert "failed" not in said.lower(), said
    assert said.count("succeeded") >= 11, said
    assert "Value of color is: red" in said, said
    assert (tmp_path / "got.txt").read_bytes() == b"a deed"


def test_curl_sends_and_gets_with_and_without_a_length(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(BIG)
    (tmp_path / ".netrc").write_text(f"machine localhost login {EMAIL} password {cloud.secret}\n")
    curl = ("curl", "-sS", "--fail-with-body", "--netrc-file", tmp_path / ".netrc")
    code = ("-o", os.devnull, "-w", "%{http_code}")
    assert run(*curl, *code, "-T", "big.bin", cloud.url + "/curl.bin", cwd=tmp_path) == "201"
    chunked = ("-H", "Transfer-Encoding: chunked", "-H", "Expect:")
    assert run(*curl, *code, *chunked, "-T", "big.bin", cloud.url + "/curl.bin", cwd=tmp_path) == "204"
    run(*curl, "-o", "got.bin", cloud.url + "/curl.bin", cwd=tmp_path)
    assert (tmp_path / "got.bin").read_bytes() == BIG
    (tmp_path / "got.bin").write_bytes(BIG[:1_000_000])
    run(*curl, "-C", "-", "-o", "got.bin", cloud.url + "/curl.bin", cwd=tmp_path)
    assert (tmp_path / "got.bin").read_bytes() == BIG
    assert run(*curl, *code, "-X", "DELETE", cloud.url + "/curl.bin", cwd=tmp_path) == "204"


def test_webdav4_knows_files_as_python_does(cloud: Cloud) -> None:
    client = cloud.client()
    client.mkdir("webdav4")
    client.upload_fileobj(BytesIO(BIG), "webdav4/big.bin")
    with pytest.raises(ResourceAlreadyExists):
        client.mkdir("webdav4")
    assert client.exists("webdav4/big.bin")
    assert client.isdir("webdav4")
    assert client.content_length("webdav4/big.bin") == len(BIG)
    assert client.etag("webdav4/big.bin")
    assert client.modified("webdav4/big.bin") is not None
    assert [one["name"] for one in client.ls("webdav4")] == ["webdav4/big.bin"]
    got = BytesIO()
    client.download_fileobj("webdav4/big.bin", got)
    assert got.getvalue() == BIG
    with client.open("webdav4/big.bin", mode="rb") as file:
        file.seek(2_000_000)
        assert file.read(10) == BIG[2_000_000:2_000_010]
    client.copy("webdav4", "webdav4-copy")
    client.move("webdav4-copy/big.bin", "webdav4-copy/moved.bin")
    assert client.exists("webdav4-copy/moved.bin")
    for name in ("webdav4", "webdav4-copy"):
        client.remove(name)
    assert not client.exists("webdav4")


def test_fsspec_opens_the_cloud_as_a_file_system(cloud: Cloud) -> None:
    files = WebdavFileSystem(cloud.url, auth=(EMAIL, cloud.secret), timeout=60)
    files.makedirs("fsspec/inner/most")
    files.pipe("fsspec/inner/most/note.txt", "нотатка".encode())
    with files.open("fsspec/more.txt", "wb") as file:
        file.write(b"line\n" * 1000)
    assert files.cat("fsspec/inner/most/note.txt") == "нотатка".encode()
    assert files.find("fsspec") == ["fsspec/inner/most/note.txt", "fsspec/more.txt"]
    assert files.info("fsspec/more.txt")["size"] == 5000
    files.mv("fsspec/more.txt", "fsspec/inner/moved.txt")
    assert files.ls("fsspec/inner", detail=False) == ["fsspec/inner/most", "fsspec/inner/moved.txt"]
    with files.open("fsspec/inner/moved.txt", "rb") as file:
        file.seek(4990)
        assert file.read() == b"line\nline\n"
    files.rm("fsspec", recursive=True)
    assert not files.exists("fsspec")
