"""Receipts and letters: what is signed, what stands on the paper, and that outsiders' tools agree."""

import base64
import json
import re
from datetime import date
from hashlib import sha256

import pypdfium2
import pytest

from workspace.trust.paper import compose_letter, compose_pdf
from workspace.trust.receipt import receipt_holds, signed_receipt
from workspace.trust.signing import Ed25519Signer, verify

VALUES = {
    "number": "ZH-2026-03-02-8841",
    "time": "2026-03-02T16:42:07.000000Z",
    "direction": "appeal",
    "title": "Прорив стояка, Липова 14",
    "from": {"name": "Олена Гриценко"},
    "to": {"name": "Department of Housing", "body": "Zelenohirsk City Council"},
    "due": "2026-04-01",
    "files": [
        {"name": name, "size": size, "sha256": sha256(name.encode()).hexdigest(), "media_type": "image/jpeg"}
        for name, size in (("Фото стояка.jpg", 3_456_789), ('#read("/etc/passwd") $x$ *b* <c>.txt', 0))
    ],
    "manifest_sha256": "81c084a6" * 8,
    "instance": {"name": "Зеленогірськ", "address": "https://cloud.example.org"},
}


@pytest.fixture
def signer(tmp_path):
    return Ed25519Signer.create(tmp_path / "key")


def words(pdf):
    """The text of all pages, as a person would read it."""
    pages = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(pages.split())


def attachments(pdf):
    document = pypdfium2.PdfDocument(pdf)
    found = [document.get_attachment(index) for index in range(document.count_attachments())]
    return {one.get_name(): bytes(one.get_data()) for one in found}


def test_a_receipt_holds_until_a_letter_of_it_is_changed(signer, tmp_path):
    receipt, signature = signed_receipt(signer, VALUES)
    assert receipt_holds(receipt, signature, signer.public_key())
    for name in receipt:
        assert not receipt_holds({**receipt, name: "other"}, signature, signer.public_key()), name
    assert not receipt_holds({**receipt, "more": 1}, signature, signer.public_key())
    assert not receipt_holds(receipt, signature, Ed25519Signer.create(tmp_path / "two").public_key())


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Receipt", "Delivered Monday, 2 March 2026, 18:42:07", "Answer due Wednesday, 1 April 2026", "3.5 MB"]),
        ("uk", ["Квитанція", "понеділок, 2 березня 2026, 18:42:07", "Відповісти до середа, 1 квітня 2026", "3,5 МБ"]),
    ],
)
def test_the_paper_says_who_what_when_in_the_readers_language(signer, language, expected):
    text = words(compose_pdf(*signed_receipt(signer, VALUES), language))
    for one in (*expected, "ZH-2026-03-02-8841", "Олена Гриценко", "Department of Housing, Zelenohirsk City Council"):
        assert one in text
    assert 'read("/etc/passwd") $x$ *b* <c>.txt' in text  # as it is: nothing in a name is run
    first = VALUES["files"][0]["sha256"]
    assert " ".join(re.findall("....", first)) in text


def test_what_is_attached_is_what_was_signed_and_the_printed_key_checks_it(signer):
    receipt, signature = signed_receipt(signer, VALUES)
    pdf = compose_pdf(receipt, signature, "en")
    inside = attachments(pdf)
    assert set(inside) == {"receipt.json", "receipt.sig"}
    assert json.loads(inside["receipt.json"]) == receipt
    printed = re.search(r"-----BEGIN PUBLIC KEY----- (\S+) -----END", words(pdf))
    key = base64.b64decode(printed[1])[-32:]
    assert verify(key, inside["receipt.json"], inside["receipt.sig"])


def test_the_paper_is_tagged_pdf_a_3_and_brings_its_fonts(signer):
    pdf = compose_pdf(*signed_receipt(signer, VALUES), "uk")
    assert pypdfium2.PdfDocument(pdf).is_tagged()
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"/AFRelationship/Data" in pdf.replace(b" /Data", b"/Data")


def test_a_receipt_of_hundreds_of_files_goes_over_pages(signer):
    many = {**VALUES, "files": VALUES["files"] * 150, "due": None, "manifest_sha256": None}
    pdf = compose_pdf(*signed_receipt(signer, many), "en")
    assert len(pypdfium2.PdfDocument(pdf)) > 5
    assert "300" in words(pdf)
    assert "Answer due" not in words(pdf)


def test_a_receipt_without_files_says_so(signer):
    assert "No files were delivered" in words(compose_pdf(*signed_receipt(signer, {**VALUES, "files": []}), "en"))


def test_a_letter_keeps_its_paragraphs_and_names_its_attachments():
    pdf = compose_letter(
        "Про прорив стояка", ["Олена Гриценко", "вул. Липова, 14"], ["Департамент житла"], date(2026, 3, 2),
        ["Шановні!", "  ", "Прошу *усунути* #аварію.\nДякую."], ["Фото.jpg"], "uk",
    )  # fmt: skip
    text = words(pdf)
    for one in (
        "Від кого",
        "вул. Липова, 14",
        "2 березня 2026",
        "Прошу *усунути* #аварію. Дякую.",
        "Додатки 1. Фото.jpg",
    ):
        assert one in text
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    plain = compose_letter("To whom", [], [], date(2026, 3, 2), ["One."], [], "en")
    assert "Attachments" not in words(plain)
