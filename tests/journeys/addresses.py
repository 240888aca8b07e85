"""Every page and the way to it: who goes there in the demo city, by which address. `test_pages.py` visits them all.

A new page stands here, or, if it is none that anybody reads, in `NO_PAGES` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.journeys.city import City
from tests.journeys.preparing import DRAFT, INVITED, JOINING, half_signed_in
from tests.journeys.visiting import Visitor
from workspace.cases.models import Webhook
from workspace.cli.demo.make import CROSSING, LIPOVA, RISER, ROOF, TREES

NOBODY, NEWCOMER, CAREFUL = "nobody", "novachok@example.org", "oberezhna@example.org"
HOUSING, KEYHOLDER = "zhytlo", "sofiia"
Path = Callable[[City], str]
Before = Callable[[Visitor, City], None]


@dataclass(frozen=True)
class Visit:
    """One look at a page: by whom, where, and what has to be done first."""

    name: str
    who: str
    path: str | Path
    status: int = 200
    before: Before | None = None

    def address(self, city: City) -> str:
        return self.path if isinstance(self.path, str) else self.path(city)


def _item(name: str, form: str = "/files/item/{}") -> Path:
    return lambda city: form.format(city.item(name))


def _folder(name: str, form: str = "/files/{}") -> Path:
    return _item(name, form)


def _official(key: str, form: str) -> Path:
    return lambda city: form.format(*city.official(key))


def _person(key: str, form: str) -> Path:
    return lambda city: form.format(city.person(key))


def _case(title: str, form: str = "/cases/{}") -> Path:
    return lambda city: form.format(city.case(title))


def _webhook(form: str) -> Path:
    return lambda city: form.format(HOUSING, city.one(Webhook.id))


def _receipt(title: str, direction: str) -> Path:
    return lambda city: f"/cases/receipts/{city.delivery(title, direction)}"


def _grant(name: str, form: str) -> Path:
    """An access on this item that stands open."""
    return lambda city: form.format(city.item(name), city.grant_on(city.item(name)))


def _opening(name: str) -> Path:
    return lambda city: f"/opened/{city.opening(name)}/proof"


def _mailed(recipient: str, part: str) -> Path:
    return lambda city: city.mailed(recipient, part)


FIRST: dict[str, tuple[Visit, ...]] = {
    "home.index": (
        Visit("welcome", NOBODY, "/"),
        Visit("home", "olena", "/"),
        Visit("home-first", NEWCOMER, "/"),
    ),
    "search.index": (
        Visit("search", "olena", "/search?q=Липова"),
        Visit("search-nothing", "olena", "/search?q=жираф"),
    ),
    "about.help": (Visit("help", NOBODY, "/about/help"),),
    "about.programs": (Visit("programs", NOBODY, "/about/programs"),),
    "about.accessibility": (Visit("accessibility", NOBODY, "/about/accessibility"),),
    "about.privacy": (Visit("privacy", NOBODY, "/about/privacy"),),
    "about.source": (Visit("source", NOBODY, "/about/source"),),
    "webhooks.index": (Visit("webhooks", "nadiia", f"/bodies/{HOUSING}/webhooks"),),
    "webhooks.webhook": (Visit("webhook", "nadiia", _webhook("/bodies/{}/webhooks/{}")),),
    "webhooks.remove": (Visit("webhook-remove", "host", _webhook("/bodies/{}/webhooks/{}/remove")),),
    "bodies.index": (
        Visit("bodies", NOBODY, "/bodies/"),
        Visit("bodies-none-found", "olena", "/bodies/?q=жираф"),
    ),
    "bodies.body": (Visit("body", NOBODY, f"/bodies/{HOUSING}"), Visit("body-signed-in", "olena", "/bodies/vodokanal")),
}
CASES: dict[str, tuple[Visit, ...]] = {
    "cases.index": (Visit("cases", "olena", "/cases/"), Visit("cases-empty", NEWCOMER, "/cases/")),
    "cases.case": (
        Visit("case-draft", "olena", _case(DRAFT)),
        Visit("case-delivered", "olena", _case(TREES)),
        Visit("case-question", "olena", _case(CROSSING)),
        Visit("case-answered", "olena", _case(RISER)),
        Visit("case-overdue", "petro", _case(ROOF)),
    ),
    "cases.new": (Visit("case-new", "olena", "/cases/new"), Visit("case-new-to", "olena", "/cases/new?body=zhytlo")),
    "cases.letter": (Visit("case-letter", "olena", _case(DRAFT, "/cases/{}/letter")),),
    "cases.files": (Visit("case-files", "olena", _case(DRAFT, "/cases/{}/files")),),
    "cases.body": (
        Visit("case-body", "olena", _case(DRAFT, "/cases/{}/body")),
        Visit("case-body-none", "olena", _case(DRAFT, "/cases/{}/body?q=жираф")),
    ),
    "cases.check": (Visit("case-deliver", "olena", _case(DRAFT, "/cases/{}/deliver")),),
    "cases.reply": (Visit("case-reply", "olena", _case(CROSSING, "/cases/{}/reply")),),
    "cases.add": (Visit("case-add", "olena", _case(CROSSING, "/cases/{}/add")),),
    "cases.contest": (Visit("case-contest", "olena", _case(RISER, "/cases/{}/contest")),),
    "cases.withdraw": (
        Visit("case-withdraw", "olena", _case(TREES, "/cases/{}/withdraw")),
        Visit("case-throw-away", "olena", _case(DRAFT, "/cases/{}/withdraw")),
    ),
    "cases.days": (Visit("case-days", "olena", _case(RISER, "/cases/{}/days")),),
    "cases.receipt": (
        Visit("receipt", "olena", _receipt(RISER, "appeal")),
        Visit("receipt-of-answer", "olena", _receipt(RISER, "answer")),
        Visit("receipt-for-a-body", "iryna", _receipt(RISER, "appeal")),
    ),
    "cases.guest": (Visit("case-guest", "petro", _case(DRAFT, "/cases/{}/shared")),),
    "office.inbox": (
        Visit("inbox", "iryna", f"/office/{HOUSING}/"),
        Visit("inbox-nothing-found", "iryna", f"/office/{HOUSING}/?q=жираф"),
        Visit("inbox-empty", "taras", "/office/ekoinspektsiia/?tab=overdue"),
    ),
    "office.mine": (
        Visit("inbox-mine", "andrii", f"/office/{HOUSING}/mine"),
        Visit("inbox-mine-empty", "taras", "/office/ekoinspektsiia/mine"),
    ),
    "office.shared": (
        Visit("office-shared", "andrii", f"/office/{HOUSING}/shared"),
        Visit("office-shared-empty", "taras", "/office/ekoinspektsiia/shared"),
    ),
    "office.public": (Visit("office-public", "iryna", f"/office/{HOUSING}/public"),),
    "office.case": (
        Visit("office-case-new", "taras", _case(TREES, "/office/ekoinspektsiia/cases/{}")),
        Visit("office-case-handler", "andrii", _case(ROOF, f"/office/{HOUSING}/cases/{{}}")),
        Visit("office-case-head", "nadiia", _case(RISER, f"/office/{HOUSING}/cases/{{}}")),
        Visit("office-case-question", "sofiia", _case(CROSSING, "/office/transport/cases/{}")),
    ),
    "office.check": (Visit("office-check", "andrii", _case(ROOF, f"/office/{HOUSING}/cases/{{}}/answer")),),
}
FILES: dict[str, tuple[Visit, ...]] = {
    "files.index": (Visit("files", "olena", "/files"), Visit("files-empty", NEWCOMER, "/files")),
    "files.folder": (
        Visit("folder", "olena", _folder(LIPOVA)),
        Visit("folder-of-another", "petro", _folder(LIPOVA)),
        Visit("folder-for-a-body", "andrii", _folder(LIPOVA)),
    ),
    "files.new_folder": (Visit("new-folder", "olena", _folder(LIPOVA, "/files/{}/new-folder")),),
    "files.item": (
        Visit("item-picture", "olena", _item("IMG_riser_0714.jpg")),
        Visit("item-paper", "olena", _item("Протокол_зборів.pdf")),
        Visit("item-versions", "olena", _item("Скарга_чернетка.txt")),
        Visit("item-of-another", "petro", _item("Кошторис_стояк.csv")),
    ),
    "files.check": (Visit("item-check", "olena", _item("IMG_riser_0714.jpg", "/files/item/{}/check")),),
    "files.describe": (Visit("item-describe", "olena", _item("IMG_riser_0714.jpg", "/files/item/{}/describe")),),
    "files.rename": (Visit("item-rename", "olena", _item("IMG_riser_0714.jpg", "/files/item/{}/rename")),),
    "files.copy": (Visit("copy", "olena", _item("IMG_riser_0714.jpg", "/files/copy?item={}")),),
    "files.move": (Visit("move", "olena", _item("IMG_riser_0714.jpg", "/files/move?item={}")),),
    "files.to_case": (Visit("to-case", "olena", _item("IMG_riser_0714.jpg", "/files/to-case?item={}")),),
    "files.kinds": (Visit("kinds", "olena", _item("IMG_riser_0714.jpg", "/files/kinds?item={}")),),
    "files.trash": (Visit("trash-empty", NEWCOMER, "/files/trash"), Visit("trash", "petro", "/files/trash")),
    "files.delete": (Visit("trash-delete", "petro", _item("Зайве.txt", "/files/trash/{}/delete")),),
    "files.empty": (Visit("trash-empty-it", "petro", "/files/trash/empty"),),
    "shares.share": (
        Visit("share", "olena", _folder(LIPOVA, "/files/{}/share")),
        Visit("share-nobody-yet", "olena", _item("Перехід_0812.jpg", "/files/{}/share")),
    ),
    "shares.change": (
        Visit("share-change", "olena", _grant(LIPOVA, "/files/{}/share/{}")),
        Visit("share-change-link", "olena", _grant("Калиновий парк", "/files/{}/share/{}")),
    ),
    "shares.end": (Visit("share-end", "olena", _grant(LIPOVA, "/files/{}/share/{}/end")),),
    "shares.index": (
        Visit("shared-by-me", "olena", "/shared"),
        Visit("shared-by-who", "olena", "/shared?by=who"),
        Visit("shared-by-what", "olena", "/shared?by=what"),
        Visit("shared-with-me", "petro", "/shared?tab=with-me"),
        Visit("shared-empty", NEWCOMER, "/shared"),
    ),
    "requests.index": (
        Visit("requests", "olena", "/requests"),
        Visit("requests-of-me", "petro", "/requests?tab=of-me"),
        Visit("requests-empty", NEWCOMER, "/requests"),
    ),
    "requests.new": (
        Visit("request-new", "olena", "/requests/new"),
        Visit("request-new-official", "iryna", "/requests/new"),
    ),
    "requests.one": (
        Visit("request-asked", "olena", lambda city: city.links["request"]),
        Visit("request-send", "petro", lambda city: city.links["request"]),
    ),
    "shares.link": (
        Visit("link-password", NOBODY, lambda city: city.links["password"]),
        Visit("link-ended", NOBODY, lambda city: city.links["ended"], 410),
        Visit("link-unknown", NOBODY, "/l/no-such-link-is-here", 404),
    ),
    "ledger.index": (
        Visit("opened", "olena", "/opened?t=all"),
        Visit("opened-empty", NEWCOMER, "/opened"),
    ),
    "transparency.index": (
        Visit("log", NOBODY, "/log"),
        Visit("log-signed-in", "olena", "/log"),
    ),
    "ledger.proof": (
        Visit("opened-proof", "olena", lambda city: f"/opened/{city.opening('Протокол_зборів.pdf')}/proof"),
    ),
}
ACCOUNT: dict[str, tuple[Visit, ...]] = {
    "security.two_factor_setup": (
        Visit("settings-two-step", "olena", "/settings/two-step"),
        Visit("settings-two-step-on", CAREFUL, "/settings/two-step"),
    ),
    "security.login": (Visit("sign-in", NOBODY, "/sign-in"),),
    "security.register": (Visit("sign-up", NOBODY, "/sign-up"),),
    "invitation.check_mail": (Visit("sign-up-check-mail", NOBODY, "/sign-up/check-your-mail"),),
    "security.forgot_password": (Visit("forgot-password", NOBODY, "/reset-password"),),
    "security.send_confirmation": (Visit("confirm-address", NOBODY, "/confirm-address"),),
    "security.wan_signin": (Visit("sign-in-passkey", NOBODY, "/sign-in/passkey"),),
    "security.confirm_email": (Visit("confirm-address-link", NOBODY, _mailed(JOINING, "/confirm-address/")),),
    "security.reset_password": (Visit("reset-password-link", NOBODY, _mailed(CAREFUL, "/reset-password/")),),
    "security.change_email_confirm": (
        Visit("settings-address-link", "olena", _mailed("olena.new@example.org", "/settings/address/")),
    ),
    "invitation.accept": (
        Visit("invitation", NOBODY, _mailed(INVITED, "/invitation/")),
        Visit("invitation-ended", NOBODY, "/invitation/no-such-invitation-is-here", 404),
    ),
    "security.two_factor_token_validation": (Visit("sign-in-code", CAREFUL, "/sign-in/code", before=half_signed_in),),
    "security.mf_recovery": (Visit("sign-in-recovery-code", CAREFUL, "/sign-in/recovery-code", before=half_signed_in),),
    "security.tf_select": (Visit("sign-in-second-step", CAREFUL, "/sign-in/second-step", before=half_signed_in),),
    "security.wan_verify": (Visit("confirm-by-passkey", KEYHOLDER, "/confirm-it-is-you/passkey"),),
    "security.verify": (Visit("confirm-it-is-you", "olena", "/confirm-it-is-you"),),
    "security.change_password": (Visit("settings-password", "olena", "/settings/password"),),
    "security.change_email": (Visit("settings-address", "olena", "/settings/address"),),
    "security.wan_register": (
        Visit("settings-passkeys-none", "olena", "/settings/passkeys"),
        Visit("settings-passkeys", KEYHOLDER, "/settings/passkeys"),
    ),
    "security.mf_recovery_codes": (Visit("settings-recovery-codes", "olena", "/settings/recovery-codes"),),
    "settings.index": (Visit("settings", "olena", "/settings"),),
    "leaving.index": (
        Visit("settings-delete-account", "olena", "/settings/delete-account"),
        Visit("settings-delete-account-last", "host", "/settings/delete-account"),
    ),
    "settings.name": (Visit("settings-name", "olena", "/settings/name"),),
    "settings.letters": (Visit("settings-letters", "olena", "/settings/letters"),),
    "settings.language": (Visit("settings-language", "olena", "/settings/language"),),
    "settings.programs": (Visit("settings-app-passwords", "olena", "/settings/app-passwords"),),
    "program_login.confirm": (
        Visit("let-in", "olena", lambda city: f"/let-in/{city.waiting_program()}"),
        Visit("let-in-ended", "olena", "/let-in/no-such-program-waits-here", 404),
    ),
    "settings.devices": (Visit("settings-sessions", "olena", "/settings/sessions"),),
}
ADMIN: dict[str, tuple[Visit, ...]] = {
    "admin.index": (Visit("admin", "host", "/admin/"),),
    "admin_people.index": (Visit("admin-people", "host", "/admin/people/"),),
    "admin_people.person": (Visit("admin-person", "host", _person("olena", "/admin/people/{}")),),
    "admin_people.ask": (
        Visit("admin-person-disable", "host", _person("petro", "/admin/people/{}/disable")),
        Visit("admin-person-administrator", "host", _person("petro", "/admin/people/{}/administrator")),
    ),
    "admin_bodies.index": (Visit("admin-bodies", "host", "/admin/bodies/"),),
    "admin_bodies.add": (Visit("admin-body-add", "host", "/admin/bodies/new"),),
    "admin_bodies.body": (Visit("admin-body", "host", f"/admin/body/{HOUSING}"),),
    "admin_bodies.change": (Visit("admin-body-change", "host", f"/admin/body/{HOUSING}/change"),),
    "admin_bodies.close": (Visit("admin-body-close", "host", f"/admin/body/{HOUSING}/close"),),
    "admin_bodies.dismiss": (
        Visit("admin-official-dismiss", "host", _official("andrii", "/admin/body/{}/officials/{}/dismiss")),
    ),
    "admin_tables.bring": (
        Visit("admin-table-bodies", "host", "/admin/bodies/table/bodies"),
        Visit("admin-table-officials", "host", "/admin/bodies/table/officials"),
    ),
    "admin_letters.index": (Visit("admin-letters", "host", "/admin/letters/"),),
    "admin_letters.letter": (Visit("admin-letter", "host", lambda city: f"/admin/letters/{city.letter()}"),),
    "admin_jobs.index": (Visit("admin-jobs", "host", "/admin/jobs/"),),
    "admin.damage": (Visit("admin-damage", "host", "/admin/damage"),),
    "admin_settings.index": (Visit("admin-settings", "host", "/admin/settings/"),),
    "admin_restored.index": (Visit("admin-restored", "host", "/admin/restored/"),),
}
ERRORS: dict[str, tuple[Visit, ...]] = {
    "": (
        Visit("error-404", "olena", "/nothing-here", 404),
        Visit("error-404-nobody", NOBODY, "/nothing-here", 404),
        Visit("error-403", "petro", "/admin/people/", 403),
    ),
}
PAGES = FIRST | FILES | CASES | ACCOUNT | ADMIN | ERRORS

NO_PAGES = {
    "static": "files of the pages",
    "look.instance_css": "the colours",
    "look.logo": "a picture",
    "health.healthz": "for machines",
    "well_known.security_txt": "for whoever looks for weaknesses",
    "health.readyz": "for machines",
    "health.metrics": "for machines",
    "files.download": "the file itself",
    "files.play": "the file itself",
    "files.preview": "a picture",
    "files.zipped": "an archive",
    "cases.document": "the file itself",
    "cases.receipt_json": "for programs",
    "cases.receipt_pdf": "a document to keep",
    "office.answer_file": "the file itself",
    "security.wan_delete": "leads back to the passkeys",
    "security.two_factor_rescue": "leads to the page of recovery codes",
    "ledger.export": "a table to keep",
    "ledger.proofs": "a document to keep",
    "ledger.document": "a proof to keep",
    "transparency.newest": "a signed state to keep",
    "transparency.state": "a signed state to keep",
    "transparency.consistency": "a proof to keep",
    "transparency.inclusion": "a proof to keep",
    "transparency.key": "for machines",
    "admin_tables.export": "a table to keep",
}
