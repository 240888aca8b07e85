"""The directory as a file: as spreadsheets write it, all or nothing, each broken row named."""

import pytest
from sqlalchemy import func, select

from tests.world import World
from workspace.bodies import csv_import, queries
from workspace.bodies.csv_import import ImportReport
from workspace.bodies.models import Body, Official
from workspace.kernel.actors import COMMAND, Role
from workspace.kernel.errors import Forbidden

GOOD = """slug,name,kind,email,superior,territory,competence,phone,address,offices
housing,Housing,department,h@city.example,council,Місто,"Roofs, risers",+380 44 1,Rynok 1,Registry | Sector 03-12
council,Міська рада,council,rada@city.example,,,,,,
"""


def take(world: World, data: bytes | str) -> ImportReport:
    with world.writing(COMMAND) as work:
        return csv_import.import_csv(work, data)


def bodies(world: World) -> int:
    with world.reading(COMMAND) as work:
        return work.session.scalar(select(func.count()).select_from(Body)) or 0


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", ";").replace("Roofs;", "Roofs,").encode(),
        GOOD + "\n,,,,,,,,,\n",
    ],
    ids=["text", "utf-8", "bom", "crlf", "semicolon", "empty rows"],
)
def test_a_file_is_taken_as_spreadsheets_write_it(embedded_world: World, data: bytes | str) -> None:
    assert take(embedded_world, data) == ImportReport(added=2)
    with embedded_world.reading(COMMAND) as work:
        page = queries.body(work, "housing")
    assert page.superior is not None
    assert (page.name, page.superior.name, page.competence, page.phone) == (
        "Housing",
        "Міська рада",
        "Roofs, risers",
        "+380 44 1",
    )
    assert [one.name for one in page.offices] == ["Registry", "Sector 03-12"]


def test_what_is_exported_comes_back_unchanged(world: World) -> None:
    take(world, GOOD)
    with world.reading(COMMAND) as work:
        text = csv_import.export_csv(work)
    assert "'+380 44 1" in text
    assert take(world, text) == ImportReport(unchanged=2)
    assert take(world, GOOD.replace("Rynok 1", "Rynok 2")) == ImportReport(changed=1, unchanged=1)


BROKEN = [
    ("housing,H,department,h@city.example\nBad Slug,N,department,n@city.example", (3, "slug", "slug_shape")),
    ("a,,department,n@city.example", (2, "name", "missing")),
    ("a,N,castle,n@city.example", (2, "kind", "unknown_kind")),
    ("a,N,department,nobody", (2, "email", "email_shape")),
    ("a,N,department,n@city.example\na,N,department,n@city.example", (3, "slug", "slug_twice")),
    ("a,N,department,n@city.example,extra", (2, "", "cells")),
    ('a,"N\nN",castle,n@city.example', (2, "kind", "unknown_kind")),
    ('a,"N\nN",department,n@city.example\nb,N,castle,n@city.example', (4, "kind", "unknown_kind")),
]


@pytest.mark.parametrize(("rows", "error"), BROKEN)
def test_a_broken_row_is_named_and_nothing_is_imported(
    embedded_world: World, rows: str, error: tuple[int, str, str]
) -> None:
    report = take(embedded_world, f"slug,name,kind,email\n{rows}\n")
    assert (report.added, [(one.line, one.column, one.code) for one in report.errors]) == (0, [error])
    assert bodies(embedded_world) == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "not_utf8"),
        ("Дах,slug".encode("cp1251"), "not_utf8"),
        (b"slug,name,kind,email,colour\n", "unknown_column"),
        (b"slug,name,kind\n", "missing_column"),
        (b"slug,name,kind,email,email\n", "column_twice"),
        (b"slug,name,kind,email,superior\na,N,court,a@b.example,b\nb,N,court,a@b.example,a\n", "own_superior"),
        (b"slug,name,kind,email,superior\na,N,court,a@b.example,atlantis\n", "unknown_superior"),
        (b"slug,name,kind,email\n" + b"x" * (6 << 20), "too_large"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(embedded_world: World, data: bytes, code: str) -> None:
    assert {one.code for one in take(embedded_world, data).errors} == {code}
    assert bodies(embedded_world) == 0


def test_an_error_says_what_would_be_right(embedded_world: World) -> None:
    (error,) = take(embedded_world, "slug,name,kind,email\na,N,castle,a@b.example\n").errors
    assert (error.value, "department" in error.expected) == ("castle", True)


def test_officials_are_appointed_from_a_file_all_or_none(world: World) -> None:
    andrii, body = world.make_person("Andrii"), world.make_body()
    rows = f"body,email,role,office,phone\n{body.slug},{andrii.email.upper()},Handler,Sector 1,218\n"
    with world.writing(COMMAND) as work:
        report = csv_import.import_officials(work, rows + f"{body.slug},unknown@x.example,janitor,,\n")
        assert [(one.line, one.column, one.code) for one in report.errors] == [
            (3, "email", "unknown_person"),
            (3, "role", "unknown_role"),
        ]
        assert work.session.scalar(select(func.count()).select_from(Official)) == 0
        assert csv_import.import_officials(work, rows) == ImportReport(added=1)
        assert csv_import.import_officials(work, rows) == ImportReport(unchanged=1)
        (post,) = queries.officials(work, body.id)
        assert (post.role, post.office, post.phone) == (Role.HANDLER, "Sector 1", "218")
        assert csv_import.import_officials(work, csv_import.export_officials(work)) == ImportReport(unchanged=1)


def test_a_citizen_imports_nothing(embedded_world: World) -> None:
    olena = embedded_world.make_person("Olena")
    with embedded_world.writing(olena.actor) as work, pytest.raises(Forbidden):
        csv_import.import_csv(work, GOOD)
