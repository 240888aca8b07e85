"""Which door an address belongs to."""

from workspace.kernel.actors import Door

PROGRAMS = {
    "api": Door.API,
    "dav": Door.DAV,
    "remote.php": Door.DAV,
    "public.php": Door.DAV,
    "ocs": Door.DAV,
    "status.php": Door.DAV,
    "index.php": Door.DAV,
}


def door_of(path: str) -> Door:
    """By the first part of the path: programs have doors of their own, all else is the web's."""
    return PROGRAMS.get(path.lstrip("/").partition("/")[0], Door.WEB)
