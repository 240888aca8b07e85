"""Pictures of the first pages of a PDF."""

from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

from workspace.render.pictures import SIZES, as_pictures
from workspace.render.protocol import NotRenderable, Picture, Rendered

PAGES = 3
LONGEST_SIDE = 14_400  # points; PDF 1.7 annex C: 200 inches


def render_document(data: bytes) -> Rendered:
    """Raises whatever pdfium raises, also for a document that asks for a password."""
    document = PdfDocument(data)
    pages = len(document)
    pictures: list[Picture] = []
    for number in range(min(pages, PAGES)):
        page = document[number]
        width, height = page.get_size()
        if not 0 < max(width, height) <= LONGEST_SIDE:
            raise NotRenderable
        image = page.render(scale=SIZES["large"] / max(width, height), may_draw_forms=False).to_pil()
        first = number == 0
        names = ("large", "small") if first else ("large",)
        pictures += as_pictures(image, "" if first else str(number + 1), names)
    return Rendered(pictures=tuple(pictures), pages=pages)
