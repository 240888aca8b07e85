"""What has to happen in the demo city before some of its pages can be seen: things thrown away, links, letters."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from urllib.parse import urlsplit

from tests.journeys.city import City, address_of
from tests.journeys.visiting import Visitor
from workspace.cases.models import Case
from workspace.cloud.blobs import BlobWriter
from workspace.exchange import asked, requests
from workspace.kernel.actors import Actor

DRAFT = "Перевірити лічильник води"
LINK_PASSWORD = "три-веселі-сороки"
GUEST, INVITED, JOINING = "petro", "zaproshena@example.org", "nova@example.org"


def make_links(olena: Visitor, city: City) -> dict[str, str]:
    """A link with a password and one that has ended: their paths."""
    folder = city.item("Калиновий парк")
    kept = _link(olena, folder, LINK_PASSWORD)
    ended = _link(olena, folder, "")
    olena.page.locator("form[action$='/end'] button").last.click()
    return {"password": kept, "ended": ended}


def make_request(city: City) -> str:
    """Olena asks Petro for two documents; one came and was refused, the other one waits to be looked at. Its path."""
    olena, petro = (Actor(person_id=city.person(key)) for key in ("olena", "petro"))
    with city.runtime.writing(olena) as work:
        made = requests.ask_for_files(
            work,
            "Субсидія для сусіда",
            ["Довідка про склад родини", "Рахунок за тепло"],
            text="Щоб подати разом зі мною.",
            address=address_of("petro"),
        ).request.id
        work.commit()
    with city.runtime.reading(petro) as work:
        lines = [one.id for one in asked.request(work, made).documents]
    sent = [_send(city, petro, made, line, name) for line, name in zip(lines, ("Скан.pdf", "Рахунок.pdf"), strict=True)]
    with city.runtime.writing(olena) as work:
        requests.judge_document(work, made, sent[0], accept=False, reason="Печатки не видно")
        work.commit()
    return f"/requests/{made}"


def _send(city: City, who: Actor, request_id: str, document_id: str, name: str) -> str:
    with BlobWriter(city.runtime.ports, city.runtime.settings) as writer:
        writer.write(name.encode())
        sealed = writer.finish()
    with city.runtime.writing(who) as work:
        sent = requests.send_document(work, request_id, document_id, name, sealed).id
        work.commit()
    return sent


def _link(owner: Visitor, item_id: str, password: str) -> str:
    owner.open(f"/files/{item_id}/share")
    owner.page.check("input[name=who][value=link]")
    owner.page.fill("input[name=password]", password)
    owner.page.click("button[name=do][value=share]")
    return urlsplit(owner.page.locator(".cw-secret code").inner_text()).path


def share_draft(olena: Visitor, city: City) -> None:
    """The folder of a draft, with the neighbour."""
    folder = city.one(Case.folder_id, Case.title == DRAFT)
    olena.open(f"/files/{folder}/share")
    olena.page.check("input[name=who][value=person]")
    olena.page.fill("input[name=email]", "petro@zelenohirsk.example")
    olena.page.click("button[name=do][value=share]")


def throw_something_away(petro: Visitor) -> None:
    """So that a trash is there to be looked at."""
    petro.open("/files")
    petro.page.set_input_files(
        "input[name=files]", {"name": "Зайве.txt", "mimeType": "text/plain", "buffer": "Не треба.".encode()}
    )
    petro.page.get_by_role("link", name="Зайве.txt").first.click()
    petro.page.locator("form[action$='/trash'] button").first.click()


def draft_answer(andrii: Visitor, city: City, case_id: str) -> None:
    """An answer that waits to be checked."""
    andrii.open(f"/office/zhytlo/cases/{case_id}")
    andrii.page.select_option("select[name=outcome]", index=1)
    andrii.page.fill("textarea[name=text]", "Дах оглянуто. Ремонт призначено на наступний тиждень.")
    andrii.page.click("button[name=do][value=save]")


def invite(host: Visitor) -> None:
    """Somebody new, by the administrator."""
    host.open("/admin/people/")
    host.page.fill("form[action$='/invite'] input[name=email]", INVITED)
    host.page.click("form[action$='/invite'] button")


def ask_for_letters(nobody: Visitor, olena: Visitor, careful: str) -> None:
    """Letters with links: a new account, a forgotten password, another address."""
    nobody.open("/sign-up")
    nobody.page.fill("input[name=name]", "Нова Людина")
    nobody.page.fill("input[name=email]", JOINING)
    nobody.page.fill("input[name=password]", "сім лебедів летять на південь")
    nobody.page.press("input[name=password]", "Enter")
    nobody.page.wait_for_url("**/check-your-mail")
    nobody.open("/reset-password")
    nobody.page.fill("input[name=email]", careful)
    nobody.page.press("input[name=email]", "Enter")
    nobody.page.wait_for_load_state()
    olena.open("/settings/address")
    olena.page.fill("input[name=email]", "olena.new@example.org")
    olena.page.press("input[name=email]", "Enter")
    olena.page.wait_for_load_state()


def add_webhook(head: Visitor) -> None:
    """An address of the body's document system, told of something once."""
    head.open("/bodies/zhytlo/webhooks")
    head.page.fill("input[name=url]", "https://127.0.0.1:9/hook")
    head.page.press("input[name=url]", "Enter")
    head.page.get_by_role("link", name="127.0.0.1").click()
    head.page.locator("form[action$='/try'] button").click()
    head.page.locator("form[action$='/try'] button").wait_for()


def switch_two_steps_on(careful: Visitor) -> None:
    """With an application for codes, and a security key that lives in this browser."""
    careful.open("/settings/two-step")
    careful.page.click("main form button")
    secret = re.sub(r"\W", "", careful.page.locator(".cw-secret code").inner_text()).upper()
    careful.page.fill("input[name=code]", code_of(secret, time.time()))
    careful.page.press("input[name=code]", "Enter")
    careful.page.wait_for_url("**/settings")


def keep_a_passkey(owner: Visitor) -> None:
    """In an authenticator that Chromium plays (WebAuthn, section 11)."""
    devices = owner.context.new_cdp_session(owner.page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    owner.open("/settings/passkeys")
    owner.page.fill("input[name=name]", "Телефон")
    owner.page.press("input[name=name]", "Enter")
    owner.page.get_by_role("rowheader", name="Телефон").wait_for()


def code_of(secret: str, now: float) -> str:
    """The one-time code of a moment (RFC 6238, 30 seconds, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(now) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def half_signed_in(careful: Visitor, _city: City) -> None:
    """The password is given, the second step is not."""
    careful.context.clear_cookies(name="session")
    careful.open("/sign-in")
    careful.page.fill("input[name=email]", "oberezhna@example.org")
    careful.page.fill("input[name=password]", careful.place.passwords["oberezhna@example.org"])
    careful.page.press("input[name=password]", "Enter")
    careful.page.wait_for_url(lambda url: "/sign-in/code" in url)
