"""`make pictures`: takes the screenshots that the guides show from those that the browser tests made last.

The tests leave them under build/screens/ as LANGUAGE/NAME.WIDTH.png; the guides and the README name
docs/pictures/NAME.wide.png (English) and docs/pictures/NAME.uk.wide.png. Each is cut to what a reader needs to see and
kept in few colours.
"""

import re
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SCREENS = ROOT / "build" / "screens"
PICTURES = ROOT / "docs" / "pictures"
NAMED = re.compile(r"pictures/([a-z0-9-]+?)(\.uk)?\.(wide|phone)\.png")
TALLEST = 1500
COLOURS = 128


def wanted() -> dict[str, str]:
    """File names of the pictures, each with the screenshot that it is taken from."""
    texts = [path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]]
    found = (match for text in texts for match in NAMED.finditer(text))
    return {
        f"{name}{uk or ''}.{width}.png": f"{'uk' if uk else 'en'}/{name}.{width}.png"
        for name, uk, width in (match.groups() for match in found)
    }


def main() -> None:
    """Write what can be written; name what is missing and fail."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, source in sorted(wanted().items()):
        if not (SCREENS / source).exists():
            missing.append(source)
            continue
        with Image.open(SCREENS / source) as screen:
            cut = screen.convert("RGB").crop((0, 0, screen.width, min(screen.height, TALLEST)))
            cut.quantize(COLOURS).save(PICTURES / name, optimize=True)
    if missing:
        sys.exit("No such screenshot; run the browser tests first: " + ", ".join(missing))


if __name__ == "__main__":
    main()
