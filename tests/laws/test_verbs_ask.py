"""Closed by default: every public verb and read of a domain package asks the rule of access, or is an open door.

A verb is a public function whose first parameter is `work`. It asks when it calls one of ASKING, itself or through
another function of the domain that does. What does not ask stands in `sharing/doors.py` with its reason; a stale
entry fails.
"""

from __future__ import annotations

import ast

from tests.laws.tree import name_of, parse, python_files
from workspace.sharing.doors import OPEN_DOORS

# `accounts` and `bodies` stand below or beside `sharing` and ask who is acting, not who may see a thing.
GUARDS = frozenset({"require_self", "require_administrator", "require_host"})
ASKING = {
    "accounts": GUARDS,
    "bodies": GUARDS,
    "sharing": GUARDS | {"authorize", "visible"},
    "cloud": GUARDS | {"authorize", "visible"},
    "exchange": GUARDS | {"authorize", "visible"},
    "cases": GUARDS | {"authorize", "visible"},
}

# Modules beside and below the verbs, which need not ask: each with its reason.
INNER: dict[str, str] = {
    "workspace.accounts.permission": "is the asking",
    "workspace.accounts.app_password_rows": "makes rows for a person who has been asked",
    "workspace.accounts.people": "finds the row of a person that a verb has asked about",
    "workspace.sharing.authorize": "is the asking",
    "workspace.sharing.ledger": "writes down what the asking has decided",
    "workspace.cloud.things": "finds a thing; the verb it is given to asks",
    "workspace.bodies.things": "finds a thing; the verb it is given to asks",
    "workspace.cases.things": "finds a thing; the verb it is given to asks",
    "workspace.cases.history": "facts of a case that a verb has asked about",
    "workspace.cases.folders": "files of a case that a verb has asked about",
    "workspace.cases.handover": "freezes and signs what a verb has asked about",
    "workspace.cases.timeline": "lines of a case that a read has asked about",
    "workspace.cloud.quota": "counts bytes for verbs that have asked",
    "workspace.cloud.entries": "writes rows for verbs that have asked",
    "workspace.cloud.receiving": "writes rows for verbs that have asked",
    "workspace.cloud.removal": "deletes rows for verbs that have asked",
    "workspace.cloud.etags": "marks of change for reads that have asked",
    "workspace.cloud.rows": "lines of lists for reads that have asked",
    "workspace.cloud.upload_rows": "rows of uploads for verbs that have asked",
    "workspace.cloud.spaces": "makes the space of a new person or body",
    "workspace.cloud.blobs": "bytes of a version that a verb has asked about",
    "workspace.cloud.texts": "sealed words of a thing that a verb has asked about",
    "workspace.cloud.holders": "somebody as they would come to a door, for verbs that ask in their name",
    "workspace.cloud.locked": "keeps changes that a verb has asked about from what others have locked",
    "workspace.cloud.property_rows": "sealed properties of an item that a verb has asked about",
}
# A door may find a thing, in order to give it to a verb; it may not open what a verb guards.
BELOW_THE_VERBS = {
    "workspace.accounts.app_password_rows",
    "workspace.cases.folders",
    "workspace.cases.handover",
    "workspace.cases.history",
    "workspace.cases.timeline",
    "workspace.cloud.blobs",
    "workspace.cloud.property_rows",
    "workspace.cloud.quota",
    "workspace.cloud.spaces",
    "workspace.cloud.texts",
    "workspace.cloud.upload_rows",
}
DOORS = ("web", "api", "dav", "smtp")

Modules = dict[str, ast.Module]
Calls = dict[str, set[str]]


def imported_names(module: str, tree: ast.Module) -> dict[str, str]:
    """What a name of this module means elsewhere: alias → qualified name."""
    names: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            names |= {one.asname: one.name for one in node.names if one.asname}
    return names


def called_names(function: ast.FunctionDef, module: str, names: dict[str, str]) -> set[str]:
    """Qualified names of what a function calls, as far as names at the top of its module tell."""
    found: set[str] = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name):
                found.add(names.get(name, f"{module}.{name}"))
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in names:
                found.add(f"{names[owner]}.{name}")
    return found


def asking_functions(modules: Modules) -> set[str]:
    """Qualified names of the functions that ask, directly or through each other."""
    calls: Calls = {}
    asking: set[str] = set()
    for module, tree in modules.items():
        names, guards = imported_names(module, tree), ASKING[module.split(".")[1]]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                key = f"{module}.{node.name}"
                calls[key] = called_names(node, module, names)
                if any(name.rpartition(".")[2] in guards for name in calls[key]):
                    asking.add(key)
    while more := {key for key, called in calls.items() if key not in asking and called & asking}:
        asking |= more
    return asking


def verbs(modules: Modules) -> set[str]:
    """Qualified names of the public functions whose first parameter is `work`."""
    return {
        f"{module}.{node.name}"
        for module, tree in modules.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if (parameters := [*node.args.posonlyargs, *node.args.args]) and parameters[0].arg == "work"
    }


def findings(modules: Modules, doors: dict[str, str]) -> list[str]:
    """One sentence for each verb that does not ask, and for each open door that is no longer one."""
    outer = {module: tree for module, tree in modules.items() if module not in INNER}
    silent = verbs(outer) - asking_functions(modules)
    sentences = [
        f"{name} does not ask; call authorize or visible, or say in doors.py why not." for name in silent - set(doors)
    ]
    sentences += [f"{name} is listed as an open door but asks, or is gone." for name in set(doors) - silent]
    sentences += [
        f"{name} is an open door without a reason." for name, reason in doors.items() if len(reason.split()) < 4
    ]
    return sorted(sentences)


def trespasses(modules: Modules, doors: Modules) -> list[str]:
    """One sentence for each call by which a door passes the verbs and reaches what lies below them."""
    inner = verbs({module: tree for module, tree in modules.items() if module in BELOW_THE_VERBS})
    return sorted(
        f"{module}.{node.name} calls {name}; call a verb that asks."
        for module, tree in doors.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for name in called_names(node, module, imported_names(module, tree)) & inner
    )


def door_modules() -> Modules:
    paths = {name_of(path): path for path in python_files("workspace")}
    found = {name: path for name, path in paths.items() if name.split("/")[1] in DOORS}
    return {name.removesuffix(".py").replace("/", "."): parse(path) for name, path in found.items()}


def domain() -> Modules:
    modules: Modules = {}
    for path in python_files("workspace"):
        parts = name_of(path).removesuffix(".py").split("/")
        if len(parts) == 3 and parts[1] in ASKING:
            modules[".".join(parts)] = parse(path)
    return modules


def test_every_public_verb_asks() -> None:
    found = findings(domain(), OPEN_DOORS)
    assert not found, "\n".join(found)


def test_no_door_passes_the_verbs() -> None:
    assert trespasses(domain(), door_modules()) == []


def test_the_inner_modules_exist() -> None:
    assert set(INNER) - set(domain()) == set()


SERVICE = "workspace.cloud.service"
HEAD = "from workspace.sharing.authorize import authorize\nfrom workspace.cases import queries as reads\n"


def seeded(text: str, doors: dict[str, str] | None = None, module: str = SERVICE) -> list[str]:
    other = ast.parse("def mine(work):\n    return visible(work)\n")
    return findings({module: ast.parse(HEAD + text), "workspace.cases.queries": other}, doors or {})


def test_a_verb_that_does_not_ask_is_found() -> None:
    assert seeded("def trash(work, item_id):\n    work.session.delete(item_id)\n") == [
        "workspace.cloud.service.trash does not ask; call authorize or visible, or say in doors.py why not."
    ]


def test_a_verb_may_ask_through_another_function() -> None:
    assert seeded("def trash(work):\n    _own(work)\ndef _own(work):\n    authorize(work)\n") == []
    assert seeded("def trash(work):\n    reads.mine(work)\n") == []
    assert seeded("def trash(work):\n    reads.yours(work)\n") != []


def test_a_door_that_reads_bytes_without_asking_is_found() -> None:
    inner = ast.parse("def open_blob(work, blob_id):\n    pass\nclass BlobWriter:\n    pass\n")
    page = "from workspace.cloud import blobs\ndef show(work):\n    blobs.BlobWriter()\n    {call}\n"
    modules = {"workspace.cloud.blobs": inner}
    seen = trespasses(modules, {"workspace.web.files": ast.parse(page.format(call="blobs.open_blob(work, 1)"))})
    assert seen == ["workspace.web.files.show calls workspace.cloud.blobs.open_blob; call a verb that asks."]
    assert trespasses(modules, {"workspace.web.files": ast.parse(page.format(call="pass"))}) == []


def test_accounts_may_not_ask_with_a_word_that_means_nothing_there() -> None:
    module = "workspace.accounts.service"
    assert seeded("def end(work):\n    authorize(work)\n", module=module) != []
    assert seeded("def end(work):\n    require_self(work)\n", module=module) == []


def test_what_takes_no_work_or_is_private_need_not_ask() -> None:
    assert seeded("def size(item):\n    return 1\ndef _trash(work):\n    pass\n") == []


def test_an_open_door_needs_a_reason_and_must_be_one() -> None:
    silent, reason = "def news(work):\n    pass\n", "anyone may read the news"
    assert seeded(silent, {f"{SERVICE}.news": reason}) == []
    assert seeded(silent, {f"{SERVICE}.news": "open"}) != []
    assert seeded(silent, {f"{SERVICE}.news": reason, f"{SERVICE}.gone": reason}) != []
    assert seeded("def news(work):\n    authorize(work)\n", {f"{SERVICE}.news": reason}) != []
