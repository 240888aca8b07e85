"""Files and cases: put into a draft from the list, marked once they were delivered."""

from __future__ import annotations

import re

from tests.web.files_site import FilesSite
from tests.world import World
from workspace.cases import service
from workspace.cases.delivering import deliver_with_letter


def test_a_file_goes_into_a_draft_and_is_marked_when_it_was_delivered(embedded_world: World) -> None:
    site = FilesSite(embedded_world)
    olena = site.reader("Olena")
    assert olena.someone is not None
    actor, root = olena.someone.actor, olena.someone.root_id
    body = embedded_world.make_body("Department of Housing")
    act = embedded_world.upload(actor, root, "act.txt", b"act").item.id

    page = olena.post(f"/files/{root}/selection", do="case", item=[act]).get_data(as_text=True)
    assert "You have no draft now" in page
    with embedded_world.writing(actor) as work:
        case = service.open_case(work, title="Burst riser", story="Please mend it.", body_id=body.id)
        case_id = case.id
    page = olena.page(f"/files/to-case?item={act}")
    assert f'action="/cases/{case_id}/files/put-in"' in page
    assert "Burst riser" in page
    assert olena.post(f"/cases/{case_id}/files/put-in", item=[act]).status_code == 200

    assert "cw-badge--sealed" not in olena.page("/files")
    deliver_with_letter(embedded_world.runtime, actor, case_id, "en")
    listed = olena.page("/files")
    assert re.search(r"cw-badge--sealed.*?Delivered 2 March", listed, re.S)
    page = olena.page(f"/files/item/{act}")
    assert "Department of Housing" in page
    assert "cannot be taken back" in page
    assert f'href="/cases/{case_id}">Burst riser</a>' in page
