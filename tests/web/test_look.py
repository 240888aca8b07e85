"""An instance wears its own name and colours, and stays readable whatever colour is chosen."""

from __future__ import annotations

import pytest

from tests.web.gallery_app import gallery
from workspace.web.look import BRAND, Look, contrast, palette, readable, stylesheet


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("brand", ["#ffff00", "#ffffff", "#00aaff", "#003399", "no colour", "#12"])
def test_white_text_can_be_read_on_any_chosen_colour(brand: str) -> None:
    made = palette(brand)
    assert contrast(made["brand"], "#ffffff") >= 4.5
    assert contrast(made["brand-deep"], made["brand-wash"]) >= 4.5


def test_a_colour_that_would_be_darkened_is_told_apart() -> None:
    assert readable("#003399")
    assert not readable("#ffff00")
    assert not readable("red; }")


def test_the_house_colours_need_no_stylesheet() -> None:
    assert stylesheet(Look()) == ""
    assert stylesheet(Look(brand=BRAND.upper())) == ""


def test_the_colours_reach_the_page_as_a_stylesheet_of_its_own() -> None:
    client = gallery(Look(name="Мрія", brand="#003399")).test_client()
    page = client.get("/cases").text
    assert "Мрія" in page
    address = page.split('href="/instance.css')[1].split('"')[0]
    sheet = client.get(f"/instance.css{address}")
    assert sheet.mimetype == "text/css"
    assert "--cw-brand:#003399" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
