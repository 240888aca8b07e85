"""What the pages can do, programs can do: each page names its operations, or the reason why there is none."""

from __future__ import annotations

from flask import Flask

from workspace.api.resources import GROUPS

OPERATIONS = {one.name for group in GROUPS for one in group}

PROVES = "proves who somebody is, which only they do, in their browser"
ADMINISTERS = "a program's password never opens the administration"
SHOWS = "words and pictures for people"
ASKS = "only asks before the step that the operation takes"

# room (`admin`), blueprint or endpoint → names of operations (`tus`: the resumable door), or a sentence why none
PAGES: dict[str, tuple[str, ...] | str] = {
    "about": SHOWS,
    "admin": ADMINISTERS,
    "health": "tells the host how the instance is, at addresses of its own",
    "invitation": PROVES,
    "leaving": PROVES,
    "program_login": PROVES,
    "look": SHOWS,
    "security": PROVES,
    "static": SHOWS,
    "well_known": "for whoever looks for weaknesses, at the address that RFC 9116 sets",
    "transparency": "its own addresses answer programs, signed in or not",
    "home.index": ("list_needs", "list_cases", "list_recent", "list_spaces"),
    "search.index": ("find_items",),
    "bodies.index": ("list_bodies",),
    "bodies.body": ("show_body",),
    "webhooks.index": ("list_webhooks", "add_webhook"),
    "webhooks.webhook": ("list_messages",),
    "webhooks.change": ("change_webhook",),
    "webhooks.try_it": ("try_webhook",),
    "webhooks.enable": ("enable_webhook",),
    "webhooks.send": ("send_message_again",),
    "webhooks.remove": ("remove_webhook",),
    "settings.index": ("show_me",),
    "settings.name": ("change_me",),
    "settings.language": ("change_me",),
    "settings.letters": ("change_me",),
    "settings.programs": ("list_app_passwords",),
    "settings.end_program": ("end_app_password",),
    "settings.devices": ("list_sessions",),
    "settings.end_device": ("end_session",),
    "settings.end_other_devices": ("end_sessions",),
    "ledger.index": ("show_ledger", "show_item_ledger", "show_own_reads"),
    "ledger.proof": ("show_proof",),
    "ledger.document": ("show_proof",),
    "ledger.export": ("export_ledger",),
    "ledger.proofs": ("export_proofs",),
    "shares.index": ("list_shared_by_me", "list_shared_with_me"),
    "shares.share": ("list_grants", "list_ended_grants", "give_access", "change_access", "make_link"),
    "shares.end": ("end_access",),
    "shares.end_many": ("end_access",),
    "shares.again": ("give_again",),
    "shares.again_many": ("give_again",),
    "shares.change": ("change_access", "set_link_password"),
    "requests.index": ("list_requests",),
    "requests.new": ("ask_for_files",),
    "requests.one": ("open_request",),
    "requests.send": ("send_document",),
    "requests.judge": ("judge_document",),
    "requests.close": ("close_request",),
    "shares.link": "lets in whoever has no account; who has one is given access as themselves",
    # files
    "files.index": ("list_spaces", "list_children"),
    "files.folder": ("list_children", "show_item"),
    "files.item": ("show_item", "list_versions", "list_comments", "list_grants", "show_item_ledger", "open_text"),
    "files.download": ("open_content",),
    "files.play": ("open_content",),
    "files.preview": ("open_picture",),
    "files.zipped": ("open_zip",),
    "files.check": ("list_versions",),
    "files.new_folder": ("make_folder",),
    "files.upload": ("store_file", "tus"),
    "files.upload_version": ("replace_content",),
    "files.rename": ("change_item",),
    "files.move": ("change_item",),
    "files.copy": ("copy_item",),
    "files.describe": ("change_item",),
    "files.kinds": ("change_item",),
    "files.selected": ASKS,
    "files.to_case": ASKS,
    "files.trash_item": ("trash_item",),
    "files.trash": ("list_trash",),
    "files.restore": ("restore_item",),
    "files.delete": ("delete_item",),
    "files.empty": ("empty_trash",),
    "files.restore_old": ("restore_version",),
    "files.add_comment": ("add_comment",),
    "files.take_comment_back": ("withdraw_comment",),
    # the citizen's side of cases
    "cases.index": ("list_cases",),
    "cases.case": ("show_case",),
    "cases.guest": ("show_case",),
    "cases.days": ("list_days",),
    "cases.new": ("open_case", "show_procedure"),
    "cases.letter": ("change_case",),
    "cases.body": ("change_case", "list_bodies"),
    "cases.files": ("show_case",),
    "cases.upload": ("store_file", "tus"),
    "cases.put_in": ("put_documents",),
    "cases.take_out": ("take_document_out",),
    "cases.check": ASKS,
    "cases.deliver": ("deliver_case",),
    "cases.receipt": ("show_receipt",),
    "cases.receipt_json": ("show_receipt",),
    "cases.receipt_pdf": ("print_receipt",),
    "cases.document": ("open_document",),
    "cases.save": ("save_document",),
    "cases.reply": ("reply_in_case",),
    "cases.add": ("add_to_case",),
    "cases.accept": ("judge_case",),
    "cases.contest": ("judge_case",),
    "cases.withdraw": ("judge_case",),
    # the office's side
    "office.inbox": ("list_inbox",),
    "office.mine": ("list_inbox",),
    "office.many": ("register_cases", "assign_cases"),
    "office.shared": ("list_shared_with_me",),
    "office.public": ("show_body",),
    "office.case": ("show_desk",),
    "office.register": ("register_case",),
    "office.assign": ("assign_case",),
    "office.ask": ("ask_in_case",),
    "office.note": ("note_in_case",),
    "office.close": ("close_case",),
    "office.answer": ("save_answer_draft", "put_answer_file"),
    "office.answer_file": ("open_answer_file",),
    "office.remove_file": ("remove_answer_file",),
    "office.check": ASKS,
    "office.deliver": ("answer_case",),
}
# the other doors of programs, which have tests of their own
DOORS = {"api", "uploads", "dav"}


def named(endpoint: str) -> str | None:
    """The line of the table that speaks of an endpoint: its own, or that of its whole blueprint or room."""
    blueprint = endpoint.partition(".")[0]
    room = blueprint.partition("_")[0]
    return next((one for one in (endpoint, blueprint, room) if one in PAGES), None)


def test_every_page_has_its_operations_or_a_reason(embedded_app: Flask) -> None:
    endpoints = {one.endpoint for one in embedded_app.url_map.iter_rules()}
    pages = {one for one in endpoints if one.partition(".")[0] not in DOORS}
    assert {one for one in pages if named(one) is None} == set(), "say which operation does what this page does"
    assert set(PAGES) - {named(one) for one in pages} == set(), "no such page any more"


def test_the_operations_named_there_exist() -> None:
    wanted = {one for line in PAGES.values() if not isinstance(line, str) for one in line} - {"tus"}
    assert wanted - OPERATIONS == set()
