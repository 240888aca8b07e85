"""What administrators set in the browser for the whole instance, as one typed, frozen value read in each request."""

import base64
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from workspace.accounts.models import InstanceSetting
from workspace.accounts.permission import require_administrator, require_host
from workspace.db.work import Work
from workspace.kernel.errors import NotAcceptable, TooLarge
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.kernel.things import INSTANCE

LOGO_LIMIT = 200 * 1024
_LOGO = "logo_file"
_FINGERPRINT = "data_fingerprint"
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_LIMITS = {"name": 80, "host": 120, "place": 120, "phone": 40, "brand": 7, "source_url": 300}
_SHAPES = {
    "name": re.compile(".+"),
    "brand": re.compile("#[0-9a-fA-F]{6}"),
    "source_url": re.compile(r"|https?://[^\s<>\"']+"),
}


class SignUp(StrEnum):
    """Who may open an account by themselves."""

    ANYONE = "anyone"
    INVITED = "invited"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Instance:
    """How the instance presents itself and who may join. `logo` changes with the logo; empty: the house mark.
    `source_url`: where the source code stands that runs here; empty: the page that says so.

    `demo`: made by `workspace demo`; only here may an administrator read the text of letters.
    """

    name: str = "Citizen Workspace"
    host: str = ""
    place: str = ""
    phone: str = ""
    brand: str = "#0e4a45"
    logo: str = ""
    source_url: str = ""
    sign_up: SignUp = SignUp.ANYONE
    demo: bool = False


_NAMES = tuple(one.name for one in fields(Instance))


def instance(work: Work) -> Instance:
    """The present values; what was never set has its default."""
    rows = work.session.execute(
        select(InstanceSetting.name, InstanceSetting.value).where(InstanceSetting.name.in_(_NAMES))
    )
    values: dict[str, Any] = {name: value["value"] for name, value in rows}
    if "sign_up" in values:
        values["sign_up"] = SignUp(values["sign_up"])
    return Instance(**values)


def change_instance(work: Work, **changes: Any) -> Instance:
    """Set some of name, host, place, phone, brand, source_url and sign_up. Raises NotAcceptable (field)."""
    require_administrator(work)
    for name, value in changes.items():
        if name == "sign_up":
            if value not in list(SignUp):
                raise NotAcceptable(field=name)
        elif name not in _LIMITS or not isinstance(value, str) or len(value) > _LIMITS[name]:
            raise NotAcceptable(field=name, limit=_LIMITS.get(name, 0))
        elif name in _SHAPES and not _SHAPES[name].fullmatch(value.strip()):
            raise NotAcceptable(field=name)
        _keep(work, name, str(value).strip())
    work.record(FactKind.INSTANCE_CHANGED, INSTANCE, what=sorted(changes))
    work.session.flush()
    return instance(work)


def set_logo(work: Work, data: bytes) -> None:
    """Take a PNG or JPEG of at most 200 KiB as the logo, or, empty, go back to the house mark.

    Raises NotAcceptable for anything else (an SVG could carry scripts), TooLarge.
    """
    require_administrator(work)
    if len(data) > LOGO_LIMIT:
        raise TooLarge(limit=LOGO_LIMIT)
    media_type = next((one for start, one in _SIGNATURES.items() if data.startswith(start)), None)
    if data and media_type is None:
        raise NotAcceptable("Choose a PNG or JPEG picture.", field="logo")
    _keep(work, _LOGO, {"type": media_type, "data": base64.b64encode(data).decode()} if data else None)
    _keep(work, "logo", new_id() if data else "")
    work.record(FactKind.INSTANCE_CHANGED, INSTANCE, what=["logo"])


def logo(work: Work) -> tuple[str, bytes] | None:
    """The logo's media type and bytes."""
    row = work.session.get(InstanceSetting, _LOGO)
    kept = row.value["value"] if row is not None else None
    return (kept["type"], base64.b64decode(kept["data"])) if kept else None


def data_fingerprint(work: Work) -> str:
    """What sync clients compare: another value than last time tells them that the instance was restored from a backup,
    and that what they have and it lacks is to be sent again. Empty until that happens."""
    row = work.session.get(InstanceSetting, _FINGERPRINT)
    return str(row.value["value"]) if row is not None else ""


def renew_data_fingerprint(work: Work) -> None:
    """To be called after a restore from a backup, and only then: clients keep both where the two sides differ."""
    require_host(work)
    _keep(work, _FINGERPRINT, new_id())


def mark_demo(work: Work) -> None:
    """Mark this instance as a demo, for good."""
    require_host(work)
    _keep(work, "demo", True)


def _keep(work: Work, name: str, value: Any) -> None:
    row = work.session.get(InstanceSetting, name)
    if row is None:
        row = InstanceSetting(name=name, value={}, changed_at=work.now, changed_by=None)
        work.session.add(row)
    row.value = {"value": value}
    row.changed_at = work.now
    row.changed_by = work.actor.person_id
