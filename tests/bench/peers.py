"""The servers to compare with, each bare, on loopback, in a folder of its own: no accounts, no encryption, no fsync."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.parts.instances import end_with_parent, free_port

PATIENCE = 60.0
NGINX = """
daemon off; master_process on; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;
{user}load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 0; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {location}
  }}
}}
"""
DAV = """location / {{
      root {folder}/files; dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS;
      create_full_put_path on; client_body_in_file_only off;
    }}"""
SABRE = """location / {{
      fastcgi_pass unix:{folder}/php.sock; fastcgi_request_buffering off; fastcgi_buffering off;
      fastcgi_param SCRIPT_FILENAME {folder}/server.php; fastcgi_param SCRIPT_NAME /server.php;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param QUERY_STRING $query_string; fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param SERVER_NAME 127.0.0.1; fastcgi_param SERVER_PORT {port}; fastcgi_param REMOTE_ADDR $remote_addr;
    }}"""
SERVER_PHP = """<?php
require '/usr/share/php/Sabre/autoload.php';
$server = new \\Sabre\\DAV\\Server(new \\Sabre\\DAV\\FS\\Directory('{folder}/files'));
$server->setBaseUri('/');
$server->exec();
"""
POOL = """[global]
error_log = {folder}/php.log
daemonize = no
[www]
listen = {folder}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 8
{user}php_admin_value[opcache.enable] = 1
php_admin_value[memory_limit] = 512M
php_admin_flag[display_errors] = off
"""


@dataclass(frozen=True)
class Peer:
    """A server that runs: where it answers, and the processes that are its own."""

    name: str
    url: str
    pids: tuple[int, ...]
    user: str | None = None
    password: str | None = None


def missing() -> list[str]:
    """Packages of Debian that the peers need and this machine lacks."""
    wanted = {
        "nginx": shutil.which("nginx") or Path("/usr/sbin/nginx").exists(),
        "libnginx-mod-http-dav-ext": Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so").exists(),
        "php-fpm": bool(_php_fpm()),
        "php-sabre-dav": Path("/usr/share/php/Sabre/DAV/Server.php").exists(),
    }
    return [name for name, there in wanted.items() if not there]


@contextmanager
def nginx_dav(folder: Path) -> Iterator[Peer]:
    """nginx with its dav modules: the measure of streams."""
    with _nginx(folder, DAV) as (port, pid):
        yield Peer("nginx", f"http://127.0.0.1:{port}/", (pid,))


@contextmanager
def sabre(folder: Path) -> Iterator[Peer]:
    """sabre/dav under php-fpm behind nginx: what most people's cloud runs on, and the measure of small things."""
    (folder / "files").mkdir(parents=True)
    (folder / "server.php").write_text(SERVER_PHP.replace("{folder}", str(folder)))
    root = os.geteuid() == 0
    user = "user = root\ngroup = root\n" if root else ""
    (folder / "php.conf").write_text(POOL.format(folder=folder, user=user))
    command = [_php_fpm(), "-n", "-F", "-y", str(folder / "php.conf"), *_extensions(), *(["-R"] if root else [])]
    with ExitStack() as stack:
        php = stack.enter_context(_running(command))
        _wait(lambda: (folder / "php.sock").exists(), php)
        port, pid = stack.enter_context(_nginx(folder, SABRE))
        yield Peer("sabre", f"http://127.0.0.1:{port}/", (pid, php.pid))


@contextmanager
def copyparty(folder: Path) -> Iterator[Peer]:
    """copyparty, if it is installed (`pip install copyparty`)."""
    port = free_port()
    (folder / "files").mkdir(parents=True)
    command = [sys.executable, "-m", "copyparty", "-q", "-i", "127.0.0.1", "-p", str(port), "--daw"]
    command += ["-v", f"{folder / 'files'}::A", "--no-robots"]
    with _answering("copyparty", command, port) as peer:
        yield peer


@contextmanager
def wsgidav(folder: Path) -> Iterator[Peer]:
    """WsgiDAV under cheroot, if it is installed (`pip install wsgidav cheroot`)."""
    port = free_port()
    (folder / "files").mkdir(parents=True)
    command = [sys.executable, "-m", "wsgidav", "--host", "127.0.0.1", "--port", str(port), "--auth", "anonymous"]
    with _answering("wsgidav", [*command, "--root", str(folder / "files"), "-q"], port) as peer:
        yield peer


@contextmanager
def rclone(folder: Path) -> Iterator[Peer]:
    """`rclone serve webdav`, which the tests bring along."""
    port = free_port()
    (folder / "files").mkdir(parents=True)
    program = shutil.which("rclone") or str(Path(sys.executable).with_name("rclone"))
    command = [program, "serve", "webdav", str(folder / "files"), "--addr", f"127.0.0.1:{port}"]
    with _answering(
        "rclone", [*command, "--vfs-cache-mode", "writes", "--cache-dir", str(folder / "cache")], port
    ) as one:
        yield one


@contextmanager
def _nginx(folder: Path, location: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    (folder / "files").mkdir(parents=True, exist_ok=True)
    user = "user root; " if os.geteuid() == 0 else ""
    text = NGINX.format(folder=folder, port=port, user=user, location=location.format(folder=folder, port=port))
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with _running([program, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as process:
        _wait(lambda: _answers(port), process)
        yield port, process.pid


@contextmanager
def _answering(name: str, command: list[str], port: int) -> Iterator[Peer]:
    with _running(command) as process:
        _wait(lambda: _answers(port), process)
        yield Peer(name, f"http://127.0.0.1:{port}/", (process.pid,))


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(ready: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(ready)
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not answer")
        time.sleep(0.05)  # a server says nowhere else that it listens


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def _php_fpm() -> str:
    found = sorted(Path("/usr/sbin").glob("php-fpm*"))
    return str(found[-1]) if found else ""


def _extensions() -> list[str]:
    """What sabre/dav needs beyond the core (`-n` reads no configuration of the host)."""
    folders = sorted(Path("/usr/lib/php").glob("2*"))
    names = ("opcache", "ctype", "dom", "iconv", "mbstring", "simplexml", "xml", "xmlreader", "xmlwriter", "fileinfo")
    found = [folder / f"{name}.so" for folder in folders[-1:] for name in names if (folder / f"{name}.so").exists()]
    return [
        part
        for path in found
        for part in ("-d", f"{'zend_extension' if path.stem == 'opcache' else 'extension'}={path}")
    ]
