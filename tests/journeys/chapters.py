"""The walked story, chapter by chapter: files, a case, the office, the answer, and who opened what."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pypdfium2
from playwright.sync_api import expect

from tests.journeys.stage import Player, Stage
from workspace.kernel.ids import new_id
from workspace.trust.receipt import receipt_holds
from workspace.trust.signing import Ed25519Signer, verify

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PATIENCE = 30.0
DROP = """([selector, files]) => {
  const transfer = new DataTransfer()
  for (const [name, text] of files) transfer.items.add(new File([text], name, { type: 'text/plain' }))
  document.querySelector(selector).dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }))
}"""


def the_citizen_keeps_files(stage: Stage) -> None:
    """A folder, several files at once, by choosing and by dropping; fingerprints; the same name is a new version."""
    citizen = stage["citizen"]
    citizen.menu("Files")
    citizen.follow("New folder")
    citizen.fill("name", "Стояк")
    citizen.press("Make the folder")
    stage.kept["folder"] = citizen.page.url.rpartition("/")[2].partition("?")[0]
    act = f"Акт про залиття. {stage.secret('act')}\n".encode() * 40
    estimate = f"Труба;24;{stage.secret('estimate')}\n".encode() * 40
    upload(citizen, {"Акт.txt": act, "Кошторис.csv": estimate, "Фото.png": PICTURE}, stage.script)
    if stage.script:
        words = f"Покази свідка. {stage.secret('dropped')}"
        citizen.page.evaluate(DROP, [".cw-drop", [["Свідок.txt", words]]])
        citizen.sees(citizen.say("Everything has arrived"))
    act += "Підпис голови.\n".encode()
    upload(citizen, {"Акт.txt": act}, stage.script)
    citizen.sees(
        citizen.say("A new version of the file with this name")
        if stage.script
        else citizen.say(
            "A file with this name was here: this is its version %(number)s now. The earlier ones stay.", number=2
        )
    )
    stage.kept |= {"act": act, "estimate": estimate}
    citizen.open(f"/files/{stage.kept['folder']}")
    stage.kept["photo id"] = str(citizen.link("Фото.png").get_attribute("href")).rpartition("/")[2]
    citizen.link("Акт.txt").click()
    stage.kept["act id"] = citizen.page.url.rpartition("/")[2]
    assert sha256(act).hexdigest() in re.sub(r"\s", "", citizen.page.inner_text("#fp-value"))
    citizen.sees(citizen.say("Version %(number)s", number=1), citizen.say("Version %(number)s", number=2))
    assert citizen.visitor.fetch(f"/files/item/{stage.kept['act id']}/download") == act
    describe(citizen, stage)


def upload(player: Player, files: dict[str, bytes], script: bool) -> None:
    """Choose several files in the page of a folder; without JavaScript the button sends them. A script takes what was
    chosen before it was there, and the button away."""
    chosen: list[Any] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()
    ]
    player.page.set_input_files("#files", chosen)
    if script:
        expect(player.page.locator("[data-cw-total]")).to_have_text(player.say("Everything has arrived"))
    else:
        player.press("Upload")
    for name in files:
        player.sees(name)


def describe(citizen: Player, stage: Stage) -> None:
    """A note, which only the citizen reads."""
    note = stage.secret("note")
    citizen.open(f"/files/item/{stage.kept['act id']}/describe")
    citizen.fill("note", note)
    citizen.page.locator("main form button").last.click()
    citizen.sees(note)


def the_folder_is_shared_until_a_day(stage: Stage) -> None:
    """With the body, to look at; by a link with a password for whoever has it."""
    citizen, until = stage["citizen"], datetime.now(UTC).date() + timedelta(days=40)
    citizen.open(f"/files/{stage.kept['folder']}")
    citizen.follow("Share folder")
    citizen.page.check("input[name=who][value=body]")
    citizen.page.select_option("select[name=body]", label=stage.body)
    for part, value in (("day", until.day), ("month", until.month), ("year", until.year)):
        citizen.fill(f"until-{part}", str(value))
    citizen.fill("purpose", "Спланувати ремонт стояка")
    citizen.press("Share")
    citizen.sees(citizen.say("Shared with %(who)s.", who=stage.body))
    handler = stage["handler"]
    handler.open(f"/files/{stage.kept['folder']}")
    handler.sees("Спланувати ремонт стояка", "Акт.txt")
    assert handler.visitor.fetch(f"/files/item/{stage.kept['act id']}/download") == stage.kept["act"]
    look_at_the_photo(stage)
    assert stage["outsider"].status(f"/files/{stage.kept['folder']}") == 404


def look_at_the_photo(stage: Stage) -> None:
    """Its preview, once the worker has made it."""
    preview, deadline = f"/files/item/{stage.kept['photo id']}/preview", time.monotonic() + PATIENCE
    while stage["citizen"].status(preview) != 200:
        assert time.monotonic() < deadline, "no preview came"
        time.sleep(0.1)  # nothing says that it is there
    stage["handler"].open(f"/files/item/{stage.kept['photo id']}")
    expect(stage["handler"].page.locator(f"img[src^='{preview}']").first).to_be_visible()


def a_case_is_written_and_delivered(stage: Stage) -> None:
    """Title, story, body, files; the tick, the wine button, the receipt."""
    citizen = stage["citizen"]
    stage.kept["story"] = stage.secret("story")
    stage.kept["title"] = f"Прорив стояка {stage.mark}"
    citizen.menu("Cases")
    citizen.page.get_by_role("main").locator("a[href$='/cases/new']").first.click()
    citizen.fill("title", stage.kept["title"])
    citizen.fill("story", f"Прошу замінити стояк.\n\n{stage.kept['story']}")
    citizen.press("Save and go on")
    stage.kept["case"] = citizen.page.url.split("/")[-2]
    choose_own_files(citizen, stage)
    citizen.follow("Go on to the body")
    citizen.fill("q", stage.mark)
    citizen.press("Find")
    citizen.page.get_by_role("radio", name=re.compile(re.escape(stage.body))).check()
    citizen.press("Save and go on")
    for stranger in ("neighbour", "registrar", "outsider", "host"):
        assert stage[stranger].status(f"/cases/{stage.kept['case']}") == 404, stranger
    citizen.press("Deliver to %(body)s", body=stage.body)
    citizen.sees(citizen.say("Tick the box to say that you have read the letter and the list"))
    citizen.page.check("input[name=sure]")
    citizen.press("Deliver to %(body)s", body=stage.body)
    citizen.sees(citizen.say("Now you can rest"), "Акт.txt", "Кошторис.csv")
    stage.kept["delivery"] = citizen.page.url.rpartition("/")[2].partition("?")[0]


def choose_own_files(citizen: Player, stage: Stage) -> None:
    """From the cloud, by reference: through the folder, two of its files."""
    citizen.page.locator("#from summary").click()
    citizen.page.locator("#from").get_by_role("link", name="Стояк").click()
    for name in ("Акт.txt", "Кошторис.csv"):
        citizen.page.locator("#from").get_by_role("checkbox", name=re.compile(re.escape(name))).check()
    citizen.press("Put into the case")
    citizen.sees("Акт.txt", "Кошторис.csv")


def the_receipt_proves_it(stage: Stage) -> None:
    """PDF/A-3 with the signed data inside; the signature is that of the instance's key."""
    delivery, citizen = stage.kept["delivery"], stage["citizen"]
    pdf = citizen.visitor.fetch(f"/cases/receipts/{delivery}.pdf")
    document = pypdfium2.PdfDocument(pdf)
    inside = [document.get_attachment(index) for index in range(document.count_attachments())]
    papers = {one.get_name(): bytes(one.get_data()) for one in inside}
    assert re.search(rb"pdfaid:part(?:>|=\")3", pdf)
    key = Ed25519Signer(stage.place.home / "secrets" / "log.key").public_key()
    assert verify(key, papers["receipt.json"], papers["receipt.sig"])
    given = json.loads(citizen.visitor.fetch(f"/cases/receipts/{delivery}.json"))
    assert given["receipt"] == json.loads(papers["receipt.json"])
    assert receipt_holds(given["receipt"], bytes.fromhex(given["signature"]), key)
    hashes = {one["name"]: one["sha256"] for one in given["receipt"]["files"]}
    assert hashes["Акт.txt"] == sha256(stage.kept["act"]).hexdigest()
    assert hashes["Кошторис.csv"] == sha256(stage.kept["estimate"]).hexdigest()
    for stranger in ("neighbour", "outsider", "host"):
        assert stage[stranger].status(f"/cases/receipts/{delivery}.pdf") == 404, stranger


def the_office_takes_it_up(stage: Stage) -> None:
    """The registrar finds it in the inbox, registers and assigns; the handler asks."""
    registrar, case = stage["registrar"], f"/office/{stage.slug}/cases/{stage.kept['case']}"
    registrar.open(f"/office/{stage.slug}/")
    registrar.link(stage.kept["title"]).click()
    registrar.sees(stage.kept["story"])
    registrar.page.locator("form#register button").click()
    assign(registrar)
    handler = stage["handler"]
    handler.open(f"/office/{stage.slug}/mine")
    handler.link(stage.kept["title"]).click()
    stage.kept["question"] = stage.secret("question")
    handler.fill("question", stage.kept["question"])
    handler.press("Deliver the question")
    handler.sees(stage.kept["question"])
    note = stage.secret("internal")
    handler.fill("note", note)
    handler.press("Save internal note")
    handler.sees(note)
    stage.kept["internal"] = note
    for stranger in ("citizen", "neighbour", "outsider", "host"):
        assert stage[stranger].status(case) in (403, 404), stranger


def assign(registrar: Player) -> None:
    options = registrar.page.locator("form#assign option")
    names = options.all_inner_texts()
    chosen = next(index for index, name in enumerate(names) if "Шевчук" in name)
    registrar.page.locator("form#assign select").select_option(index=chosen)
    registrar.page.locator("form#assign button").click()
    registrar.sees(registrar.say("%(name)s handles it", name="Андрій Шевчук"))


def question_and_reply(stage: Stage) -> None:
    """The citizen sees the question, not the internal note, and replies."""
    citizen = stage["citizen"]
    citizen.open(f"/cases/{stage.kept['case']}")
    citizen.sees(stage.kept["question"])
    assert stage.kept["internal"] not in citizen.page.content()
    citizen.follow("Reply")
    stage.kept["reply"] = stage.secret("reply")
    citizen.fill("text", stage.kept["reply"])
    citizen.press("Deliver the reply")
    citizen.sees(citizen.say("Reply delivered"))
    handler = stage["handler"]
    handler.open(f"/office/{stage.slug}/cases/{stage.kept['case']}")
    handler.sees(stage.kept["reply"])


def the_answer_comes_back(stage: Stage) -> None:
    """With a document, byte for byte; the citizen accepts."""
    handler, citizen = stage["handler"], stage["citizen"]
    report = f"Акт обстеження {stage.secret('report')}\n".encode() + os.urandom(300_000)
    stage.kept["answer"] = stage.secret("answer")
    handler.page.locator("#answer select[name=outcome]").select_option(index=1)
    handler.page.locator("#answer textarea[name=text]").fill(stage.kept["answer"])
    handler.page.locator("#answer input[type=file]").set_input_files(
        {"name": "Обстеження.bin", "mimeType": "application/octet-stream", "buffer": report}
    )
    handler.press("Check before delivering")
    assert stage.kept["answer"] not in page_of(citizen, stage)
    handler.page.check("input[name=sure]")
    handler.press("Deliver the answer")
    citizen.open(f"/cases/{stage.kept['case']}")
    citizen.sees(stage.kept["answer"], "Обстеження.bin")
    document = citizen.link("Обстеження.bin").get_attribute("href")
    assert document is not None
    assert citizen.visitor.fetch(document) == report
    for stranger in ("neighbour", "outsider", "host"):
        assert stage[stranger].status(document) == 404, stranger
    citizen.press("Yes, it settles the matter")
    citizen.sees(citizen.say("You have accepted the answer. The case is finished."))


def page_of(citizen: Player, stage: Stage) -> str:
    citizen.open(f"/cases/{stage.kept['case']}")
    return str(citizen.page.content())


def who_opened_what(stage: Stage) -> None:
    """Each look of an official stands in the ledger, with name and body; the owner's own do not."""
    citizen = stage["citizen"]
    citizen.menu("Who opened")
    citizen.sees("Андрій Шевчук", "Ірина Бондар", stage.body)
    rows = citizen.page.get_by_role("row").all_inner_texts()
    assert any("Акт.txt" in one and "Андрій Шевчук" in one for one in rows), rows
    assert any("Фото.png" in one and citizen.say("Preview") in one for one in rows), rows
    assert not any("Софія Гнатюк" in one or "Марта Ткачук" in one for one in rows), rows
    for stranger in ("neighbour", "outsider"):
        stage[stranger].open("/opened?t=all")
        assert "Акт.txt" not in stage[stranger].reads()


def an_ended_share_is_gone_at_once(stage: Stage) -> None:
    """In the tab that is open, and with everything below it; what was delivered stays."""
    citizen, handler = stage["citizen"], stage["handler"]
    handler.open(f"/files/{stage.kept['folder']}")
    citizen.open(f"/files/{stage.kept['folder']}/share")
    citizen.page.locator("main a[href$='/end']").first.click()
    citizen.sees(citizen.say("What they keep, because you delivered it"), "Акт.txt")
    citizen.press("End the access")
    citizen.sees(citizen.say("Nobody but you."))
    answer = handler.visitor.go(f"/files/item/{stage.kept['act id']}")
    assert answer.status == 410
    assert "Акт.txt" not in handler.page.content()
    assert handler.status(f"/files/item/{stage.kept['act id']}/download") == 410
    assert handler.status(f"/office/{stage.slug}/cases/{stage.kept['case']}") == 200


def a_link_with_a_password(stage: Stage) -> None:
    """Opens for whoever knows both, tells nothing before, and says when it has ended."""
    citizen, stranger = stage["citizen"], stage["stranger"]
    citizen.open(f"/files/{stage.kept['folder']}/share")
    citizen.page.check("input[name=who][value=link]")
    citizen.fill("password", "сім-сорок-на-дубі")
    citizen.press("Share")
    link = citizen.page.locator(".cw-secret code").inner_text()
    assert stranger.status(f"/files/{stage.kept['folder']}") in (302, 401)
    stranger.open(link)
    assert "Стояк" not in stranger.page.content()
    stranger.fill("password", "не той пароль")
    stranger.press("Open")
    stranger.sees(stranger.say("That is not the password of this link. Ask whoever sent it to you."))
    stranger.fill("password", "сім-сорок-на-дубі")
    stranger.press("Open")
    stranger.sees("Акт.txt")
    assert stranger.visitor.fetch(f"/files/item/{stage.kept['act id']}/download") == stage.kept["act"]
    citizen.open(f"/files/{stage.kept['folder']}/share")
    citizen.page.locator("form[action$='/end'] button").first.click()
    citizen.sees(citizen.say("Nobody but you."))
    assert stranger.visitor.go(link).status == 410
    assert "Акт.txt" not in stranger.page.content()


def nobody_else_sees_anything(stage: Stage) -> None:
    """Not by address, not by search, not in any list: the very answer that a made-up address gets."""
    item, folder, case = stage.kept["act id"], stage.kept["folder"], stage.kept["case"]
    doors = ["/files/{folder}", "/files/item/{item}", "/files/item/{item}/download", "/files/item/{item}/preview"]
    doors += ["/files/zip?item={item}", "/files/{folder}/share", "/cases/{case}", "/api/v1/items/{item}"]
    for key in ("neighbour", "outsider", "host"):
        somebody = stage[key]
        for door in doors:
            true = somebody.status(door.format(folder=folder, item=item, case=case))
            made_up = somebody.status(door.format(folder=new_id(), item=new_id(), case=new_id()))
            assert true == made_up >= 400, (key, door, true, made_up)
        for page in ("/files", "/cases/", "/shared", "/opened?t=all", f"/search?q={stage.mark}", "/search?q=Акт"):
            somebody.open(page)
            text = somebody.page.content()
            assert not any(one in text for one in (item, folder, case, *stage.marks)), (key, page)
    assert stage["citizen"].status(f"/office/{stage.slug}/") in (403, 404)
    assert stage["outsider"].status(f"/office/{stage.slug}/") in (403, 404)
