"""What a program calls itself (User-Agent), as people would say it: "Nextcloud, Android". A hint, never a proof."""

import re

PROGRAMS = (
    (re.compile(r"mirall/.*\bowncloud", re.IGNORECASE), "ownCloud"),
    (re.compile(r"mirall/", re.IGNORECASE), "Nextcloud"),
    (re.compile(r"nextcloud", re.IGNORECASE), "Nextcloud"),
    (re.compile(r"owncloud", re.IGNORECASE), "ownCloud"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iOS", "iOS"),
    ("iPhone", "iOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("macOS", "macOS"),
    ("Linux", "Linux"),
)
LONGEST = 80
_NAME = re.compile(r"[A-Za-z][\w .+-]{0,38}", re.ASCII)


def program_name(agent: str) -> str:
    """A short name of at most 80 letters, never empty. Whatever a program may write, no line break and nothing that
    reads as an address gets through."""
    name = next((name for mark, name in PROGRAMS if mark.search(agent)), None)
    if name is None:
        first = _NAME.match(agent.split("/")[0].strip())
        name = first[0].strip() if first and not agent.startswith("Mozilla/") else "Program"
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{name}, {system}" if system else name
