"""What Nextcloud's and ownCloud's clients ask before they sync, in JSON: status, capabilities, who one is, and how a
program is let in. Everything else below these addresses is a 404 in JSON, never a page.

Announced is what there is: no trash, versions or shares of theirs (the pages have them), no bulk upload.
"""

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from werkzeug.datastructures import Authorization

from workspace.accounts.app_passwords import revoke_app_password
from workspace.accounts.instance import instance
from workspace.accounts.models import Person
from workspace.accounts.program_logins import begin_program_login, fetch_program_login
from workspace.cloud.own import own_root
from workspace.cloud.queries import usage
from workspace.cloud.things import locate_item
from workspace.dav.messages import CHALLENGE, Answer, Request
from workspace.db.runtime import Runtime
from workspace.http.errors import refusal_headers, status_of
from workspace.http.programs import who_asks
from workspace.kernel.actors import ANONYMOUS, Actor, Door
from workspace.kernel.errors import DomainError, NotFound, SignInRequired

log = logging.getLogger(__name__)

FIRST = frozenset({"status.php", "ocs", "index.php"})
"""The first pieces of these addresses."""
VERSION = (27, 1, 0, 1)
"""The version of Nextcloud whose dialect this is; clients choose by capabilities, and refuse very old ones."""
_FORM_LIMIT = 4096
Asked = Callable[[Runtime, Request], Answer]


def ocs(runtime: Runtime, request: Request) -> Answer:
    """Answer a request below one of `FIRST`."""
    path = str(request.environ["PATH_INFO"]).rstrip("/")
    act = _ROUTES.get((request.method.replace("HEAD", "GET"), path.replace("/ocs/v1.php/", "/ocs/v2.php/")))
    try:
        if act is None:
            raise NotFound()
        return act(runtime, request)
    except DomainError as error:
        status = status_of(error)
        headers = [*refusal_headers(error).items(), *([CHALLENGE] if status == 401 else [])]
        return _told(request, status, {}, headers=headers, message=str(error))


def _status(_runtime: Runtime, _request: Request) -> Answer:
    told = {
        "installed": True,
        "maintenance": False,
        "needsDbUpgrade": False,
        "version": ".".join(map(str, VERSION)),
        "versionstring": ".".join(map(str, VERSION[:3])),
        "edition": "",
        "productname": "Citizen Workspace",
        "extendedSupport": False,
    }
    return _json(200, told)


def _capabilities(runtime: Runtime, request: Request) -> Answer:
    """Open to anybody, as clients ask before they sign in; who sends a password has to send the right one."""
    if request.header("Authorization") is not None:
        _who(runtime, request)
    with runtime.reading(ANONYMOUS) as work:
        known = instance(work)
    major, minor, micro = VERSION[:3]
    told = {
        "version": {
            "major": major,
            "minor": minor,
            "micro": micro,
            "string": f"{major}.{minor}.{micro}",
            "edition": "",
            "extendedSupport": False,
        },
        "capabilities": {
            "core": {
                "pollinterval": 60,
                "webdav-root": "remote.php/webdav",
                "status": {"version": ".".join(map(str, VERSION)), "productname": "Citizen Workspace"},
            },
            "dav": {"chunking": "1.0"},
            "files": {
                "bigfilechunking": True,
                "undelete": False,
                "versioning": False,
                "blacklisted_files": [],
                "locking": "",
            },
            "checksums": {"supportedTypes": ["SHA256", "SHA1", "MD5"], "preferredUploadType": "SHA256"},
            "files_sharing": {"api_enabled": False},
            "theming": {"name": known.name, "url": runtime.settings.base_url, "color": known.brand},
        },
    }
    return _told(request, 200, told)


def _user(runtime: Runtime, request: Request) -> Answer:
    actor, person = _who(runtime, request)
    with runtime.writing(actor) as work:
        root_id = own_root(work)
        space_id = None if root_id is None else locate_item(work, root_id)[1].space_id
        room = usage(work, space_id) if space_id is not None else None
        work.commit()
    told: dict[str, Any] = {
        "id": person.id,
        "enabled": True,
        "display-name": person.name,
        "displayname": person.name,
        "email": person.email,
        "language": person.language or "en",
    }
    if room is not None:
        share = round(100 * room.used / room.quota, 2) if room.quota else 100.0
        told["quota"] = {
            "free": room.free,
            "used": room.used,
            "total": room.quota,
            "relative": share,
            "quota": room.quota,
        }
    return _told(request, 200, told)


def _end_own_password(runtime: Runtime, request: Request) -> Answer:
    """The program signs out: the app password that it has just used opens nothing any more."""
    actor, _ = _who(runtime, request)
    if actor.app_password_id is None:
        raise NotFound()
    with runtime.writing(actor) as work:
        revoke_app_password(work, actor.app_password_id)
        work.commit()
    return _told(request, 200, [])


def _begin_login(runtime: Runtime, request: Request) -> Answer:
    agent = request.header("User-Agent") or ""
    begun = begin_program_login(runtime, agent, str(request.environ.get("REMOTE_ADDR", "")))
    base = runtime.settings.base_url.rstrip("/")
    poll = {"token": begun.poll, "endpoint": f"{base}{_POLL}"}
    return _json(200, {"poll": poll, "login": f"{base}/let-in/{begun.page}"})


def _poll_login(runtime: Runtime, request: Request) -> Answer:
    form = parse_qs(request.body(_FORM_LIMIT).decode("ascii", "replace"), max_num_fields=8)
    token = (form.get("token") or [""])[0]
    try:
        with runtime.writing(ANONYMOUS.through(Door.DAV)) as work:
            given = fetch_program_login(work, token)
            work.commit()
    except NotFound:
        return _json(404, [])
    told = {
        "server": runtime.settings.base_url.rstrip("/"),
        "loginName": given.email,
        "appPassword": given.app_password,
    }
    return _json(200, told)


def _reachable(_runtime: Runtime, _request: Request) -> Answer:
    """Phones ask whether the way is free of a hotel's sign-in page."""
    return Answer(204)


_POLL = "/index.php/login/v2/poll"
_ROUTES: dict[tuple[str, str], Asked] = {
    ("GET", "/status.php"): _status,
    ("GET", "/ocs/v2.php/cloud/capabilities"): _capabilities,
    ("GET", "/ocs/v2.php/cloud/user"): _user,
    ("DELETE", "/ocs/v2.php/core/apppassword"): _end_own_password,
    ("POST", "/index.php/login/v2"): _begin_login,
    ("POST", _POLL): _poll_login,
    ("GET", "/index.php/204"): _reachable,
}


def _who(runtime: Runtime, request: Request) -> tuple[Actor, Person]:
    given = request.header("Authorization")
    if given is None:
        raise SignInRequired()
    return who_asks(runtime, Authorization.from_header(given), Door.DAV)


def _told(
    request: Request,
    status: int,
    data: Any,
    *,
    headers: list[tuple[str, str]] | None = None,
    message: str = "OK",
) -> Answer:
    """The envelope of the Open Collaboration Services: success is 100 in its first version, 200 in its second."""
    first = str(request.environ["PATH_INFO"]).startswith("/ocs/v1.php/")
    code = {True: {200: 100, 401: 997, 404: 998}.get(status, status), False: status}[first]
    meta = {"status": "ok" if status == 200 else "failure", "statuscode": code, "message": message}
    return _json(status, {"ocs": {"meta": meta, "data": data}}, headers)


def _json(status: int, value: Any, headers: list[tuple[str, str]] | None = None) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, [("Content-Type", "application/json; charset=utf-8"), *(headers or [])], body)
