"""What belongs to the British government never reaches the pages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "workspace" / "web" / "static" / "vendor"
TRACES = ("@font-face", "GDS Transport", "url(/assets/", "sourceMappingURL")

spec = importlib.util.spec_from_file_location("assets", ROOT / "deploy" / "assets.py")
assert spec
assert spec.loader
assets = importlib.util.module_from_spec(spec)
spec.loader.exec_module(assets)


def test_typeface_and_crest_are_taken_out_and_the_rest_stays() -> None:
    css = (
        "/*! Copyright (c) 2011. */@font-face{font-family:GDS Transport;src:url(/assets/fonts/a.woff2)}"
        '.a{font-family:"GDS Transport",arial,sans-serif;color:red}'
        ".b{background-image:url(/assets/images/crest.svg);background-repeat:no-repeat}"
        ".c{-webkit-mask-image:url(/assets/images/crest.svg);mask-image:url(/assets/images/crest.svg)}"
        "\n/*# sourceMappingURL=a.css.map */\n"
    )
    kept = ".a{font-family:arial,sans-serif;color:red}.b{background-repeat:no-repeat}.c{}\n"
    assert assets.without_government_marks(css) == kept


def test_a_trace_that_cannot_be_taken_out_stops_the_build() -> None:
    with pytest.raises(ValueError, match="GDS Transport"):
        assets.without_government_marks(".a{font-family:arial,GDS Transport}")


def test_the_files_that_pages_load_are_there_and_clean() -> None:
    assert {path.name for path in VENDOR.iterdir() if not path.name.startswith(".")} == set(assets.FILES)
    for name in assets.FILES:
        text = (VENDOR / name).read_text(encoding="utf-8")
        assert len(text) > 10_000
        assert [trace for trace in TRACES if trace in text] == []
