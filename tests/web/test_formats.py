"""Sizes, days, names and fingerprints as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.web.gallery_app import gallery
from workspace.web import formats

NBSP = "\u00a0"
SUMMER = datetime(2026, 7, 2, 21, 42, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery()


@pytest.fixture(params=["en", "uk"])
def language(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context(f"/?lang={request.param}"):
        yield request.param


@pytest.mark.parametrize(
    ("count", "english", "ukrainian"),
    [
        (0, "0 B", "0 Б"),
        (999, "999 B", "999 Б"),
        (1000, "1 kB", "1 кБ"),
        (48_213, "48 kB", "48 кБ"),
        (999_400, "999 kB", "999 кБ"),
        (999_600, "1 MB", "1 МБ"),
        (4_240_000, "4.2 MB", "4,2 МБ"),
        (9_960_000, "10 MB", "10 МБ"),
        (1_800_000_000, "1.8 GB", "1,8 ГБ"),
        (10**16, "10 PB", "10 ПБ"),
        (None, "–", "–"),
    ],
)
def test_sizes_round_as_people_do(language: str, count: int | None, english: str, ukrainian: str) -> None:
    assert formats.file_size(count) == (english if language == "en" else ukrainian).replace(" ", NBSP)


def test_days_are_written_out(language: str) -> None:
    wanted = {"en": "2 March 2026", "uk": "2 березня 2026 року"}
    assert formats.day(date(2026, 3, 2)) == wanted[language]
    week = {"en": "Thursday 9 April 2026", "uk": "Четвер, 9 квітня 2026 року"}
    assert formats.day(date(2026, 4, 9), "week") == week[language]
    assert formats.day(date(2026, 4, 9), "short") == {"en": "9 Apr", "uk": "9 квіт."}[language]
    assert formats.day(None) == ""


def test_an_instant_belongs_to_the_day_of_the_city_not_of_greenwich(language: str) -> None:
    wanted = {"en": "3 Jul 2026, 00:42", "uk": "3 лип. 2026, 00:42"}
    assert formats.moment(SUMMER).replace(" р.", "") == wanted[language]
    assert formats.moment(SUMMER, "exact").endswith("00:42:07")
    assert "2026-07-02T21:42:07Z" in formats.time_tag(SUMMER)


def test_today_and_yesterday_are_called_so(language: str) -> None:
    now = datetime.now(UTC)
    assert formats.moment(now).startswith({"en": "Today, ", "uk": "Сьогодні, "}[language])
    before = formats.moment(now - timedelta(days=1))
    assert before.startswith({"en": "Yesterday, ", "uk": "Учора, "}[language])


def test_a_name_cannot_hide_its_ending() -> None:
    shown = formats.breakable("фото\u202egpj.exe")
    assert "\u202e" not in shown
    assert "U+202E" in shown
    assert formats.plain_name("a\nb") == "a[U+000A]b"


def test_a_name_breaks_at_its_seams_and_carries_no_markup() -> None:
    assert formats.breakable("IMG_2026-03.jpg") == "<bdi>IMG_<wbr>2026-<wbr>03.<wbr>jpg</bdi>"
    assert "<script>" not in formats.breakable("<script>alert(1)</script>")


def test_fingerprints_are_grouped() -> None:
    digest = bytes(range(32))
    first, second = formats.fingerprint_halves(digest)
    assert (first + " " + second).replace(" ", "") == digest.hex()
    assert formats.fingerprint_short(digest.hex()) == "0001 0203 … 1e1f"
    assert formats.fingerprint_short(None) == "–"


@pytest.mark.parametrize(("name", "letters"), [("Олена Гриценко", "ОГ"), ("ivan", "I"), ("", "?"), ("(а) Б. В", "БВ")])
def test_a_face_has_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_counted_things_take_their_ukrainian_form(app: Flask) -> None:
    with app.test_request_context("/?lang=uk"):
        written = app.jinja_env.from_string("{{ ngettext('%(num)s file.', '%(num)s files.', n) }}")
        assert [written.render(n=n) for n in (1, 2, 5, 11, 21, 104)] == [
            "1 файл.", "2 файли.", "5 файлів.", "11 файлів.", "21 файл.", "104 файли.",
        ]  # fmt: skip


def test_a_constant_in_a_template_is_written_for_each_reader(app: Flask) -> None:
    size = app.jinja_env.from_string("{{ 34000000|bytes }}")
    with app.test_request_context("/?lang=en"):
        assert size.render() == f"34{NBSP}MB"
    with app.test_request_context("/?lang=uk"):
        assert size.render() == f"34{NBSP}МБ"
