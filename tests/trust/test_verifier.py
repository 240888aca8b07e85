"""The checking program that people download agrees with the standards, with us, and finds what somebody changed.

It is run here as anybody runs it, or loaded from its file; it imports nothing of ours (a test holds that, too).
"""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.parts.services import ROOT
from tests.trust.conftest import Bench
from tests.trust.test_merkle import CONSISTENT, INPUTS, PATHS, ROOTS
from workspace.db.facts import FactRow
from workspace.kernel.actors import WORKER
from workspace.kernel.canonical import canonical
from workspace.trust import merkle
from workspace.trust.documents import consistency_document, entry_document, state_document
from workspace.trust.receipt import signed_receipt

PROGRAM = ROOT / "workspace" / "web" / "static" / "verify.py"
MUTATIONS = 10_000

_spec = spec_from_file_location("verify", PROGRAM)
assert _spec is not None
assert _spec.loader is not None
verify: Any = module_from_spec(_spec)
_spec.loader.exec_module(verify)


# RFC 8032 section 7.1: secret key, message, signature
SIGNATURES = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("secret", "message", "signature"), SIGNATURES)
def test_signatures_are_those_of_rfc_8032(secret: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw()
    assert verify.signed(key, bytes.fromhex(message), bytes.fromhex(signature))
    assert not verify.signed(key, bytes.fromhex(message) + b"!", bytes.fromhex(signature))
    order = int.from_bytes(bytes.fromhex(signature)[32:], "little") + verify.ORDER
    malleable = bytes.fromhex(signature)[:32] + order.to_bytes(32, "little")
    assert not verify.signed(key, bytes.fromhex(message), malleable)


def test_trees_are_those_of_rfc_6962() -> None:
    leaves = [verify.leaf_hash(one) for one in INPUTS]
    for (number, size), path in PATHS.items():
        hashes = [bytes.fromhex(one) for one in path]
        assert verify.included(leaves[number - 1], number - 1, size, hashes, bytes.fromhex(ROOTS[size - 1]))
    for (first, second), path in CONSISTENT.items():
        roots = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
        assert verify.grown(first, second, *roots, [bytes.fromhex(one) for one in path])


def test_the_program_stands_alone_and_is_short_enough_to_read() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    tree = ast.parse(text)
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert len(text.splitlines()) <= 300


# documents of a real log -----------------------------------------------------------------------------------------
@pytest.fixture
def documents(bench: Bench) -> dict[str, Any]:
    """A state kept early, and later: the newest state, the way between them, an entry, a receipt."""
    bench.record(7, note="Їжак ß")
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        kept = state_document(work)
    wanted = bench.record(3)[1]
    bench.record(9)
    bench.sequence()
    with bench.runtime.reading(WORKER) as work:
        receipt, signature = signed_receipt(work.ports.signer, {"number": "1", "time": kept["time"], "files": []})
        return {
            "kept": kept,
            "head": state_document(work),
            "consistency": consistency_document(work, kept["size"]),
            "entry": entry_document(work, work.session.get_one(FactRow, wanted)),
            "receipt": {"receipt": receipt, "signature": signature.hex()},
        }


def key_in(documents: dict[str, Any]) -> bytes:
    return bytes.fromhex(documents["kept"]["public_key"])


def test_what_we_hand_out_holds_there(documents: dict[str, Any]) -> None:
    for name in ("kept", "head", "consistency", "entry", "receipt"):
        assert verify.check(documents[name], key_in(documents), documents["kept"])


def test_people_run_it_as_the_page_says(documents: dict[str, Any], tmp_path: Path) -> None:
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "-I", str(PROGRAM), "--key", key_in(documents).hex(), "--kept", "kept.json"]
    names = ["consistency.json", "entry.json", "receipt.json"]
    done = subprocess.run([*command, *names], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.count("holds:")) == (0, 4), done.stdout + done.stderr
    documents["entry"]["fact"]["at"] = documents["kept"]["time"]
    (tmp_path / "entry.json").write_text(json.dumps(documents["entry"]), encoding="utf-8")
    done = subprocess.run([*command, *names], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.count("DOES NOT HOLD")) == (1, 1), done.stdout + done.stderr


def test_what_cannot_be_checked_is_said_in_a_sentence(documents: dict[str, Any], tmp_path: Path) -> None:
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "forged.json").write_text(json.dumps(documents["kept"] | {"root": "00" * 32}), encoding="utf-8")
    key = key_in(documents).hex()

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(PROGRAM), *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    assert run("--key", key, "head.json", "nothing.json")[0] == 1
    for kept in ("forged.json", "nothing.json"):
        code, said = run("--key", key, "--kept", kept, "head.json")
        assert (code, said.startswith(f"{kept}: DOES NOT HOLD: ")) == (1, True), said
    assert "--key" in run("--key", "no hex", "head.json")[1]
    code, said = run("head.json")
    assert (code, said.startswith("No --key was given")) == (0, True), "a key that a file names proves little"


def test_another_key_than_the_one_given_is_refused(documents: dict[str, Any]) -> None:
    other = Ed25519PrivateKey.generate()
    for name in ("head", "consistency", "entry", "receipt"):
        with pytest.raises(verify.Broken):
            verify.check(documents[name], other.public_key().public_bytes_raw())


def test_a_document_that_is_none_is_refused_in_a_sentence() -> None:
    for document in (
        {},
        {"format": "x"},
        {"format": verify.HEAD},
        {"receipt": 1},
        {"format": []},
        {"format": verify.INCLUSION, "head": []},
    ):
        with pytest.raises(verify.Broken):
            verify.check(document)


# mutations ---------------------------------------------------------------------------------------------------------
def tree(leaves: list[bytes]) -> dict[merkle.Node, bytes]:
    frontier, nodes = merkle.Frontier(0, []), {}
    for leaf in leaves:
        nodes.update(frontier.append(leaf))
    return nodes


def root_of(leaves: list[bytes]) -> bytes:
    frontier = merkle.Frontier(0, [])
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def mutated(dice: random.Random, leaves: list[bytes], kept: int) -> list[bytes]:
    """The log, rewritten within what somebody has kept a state of: changed, taken out, put in, swapped, forked."""
    other, place = list(leaves), dice.randrange(kept)
    match dice.randrange(5):
        case 0:
            bit = 1 << dice.randrange(256)
            other[place] = (int.from_bytes(other[place], "big") ^ bit).to_bytes(32, "big")
        case 1:
            del other[place]
        case 2:
            other.insert(place, dice.randbytes(32))
        case 3:
            second = dice.choice([one for one in range(len(other)) if one != place])
            other[place], other[second] = other[second], other[place]
        case 4:
            other[place:] = [dice.randbytes(32) for _ in other[place:]]
    return other


def test_ten_thousand_rewritten_logs_are_all_found_by_whoever_kept_a_state() -> None:
    """The one who rewrites holds the key and may show any proof that their tree gives; none leads from the old root."""
    dice = random.Random(20261125)
    found = 0
    for _ in range(MUTATIONS):
        size = dice.randrange(2, 40)
        kept = dice.randrange(1, size)
        leaves = [dice.randbytes(32) for _ in range(size)]
        other = mutated(dice, leaves, kept)
        if len(other) < kept:
            found += 1  # a log that has shrunk has no proof at all
            continue
        nodes = tree(other)
        path = [merkle.span_hash(span, nodes) for span in merkle.consistency_spans(kept, len(other))]
        found += not verify.grown(kept, len(other), root_of(leaves[:kept]), root_of(other), path)
    assert found == MUTATIONS


def changed_somewhere(dice: random.Random, document: Any) -> Any:
    """A copy with one value changed, one taken out, or two of a list swapped."""
    other = json.loads(json.dumps(document))
    spots: list[tuple[Any, Any]] = []

    def walk(one: Any) -> None:
        for key in one if isinstance(one, dict) else range(len(one)):
            spots.append((one, key))
            if isinstance(one[key], dict | list):
                walk(one[key])

    walk(other)
    holder, key = dice.choice(spots)
    value = holder[key]
    if dice.random() < 0.2:
        del holder[key]
    elif isinstance(value, str) and value:
        at = dice.randrange(len(value))
        holder[key] = value[:at] + dice.choice("0123456789abcdef".replace(value[at].lower(), "")) + value[at + 1 :]
    elif isinstance(value, int):
        holder[key] = value + dice.choice((-1, 1))
    else:
        holder[key] = dice.choice(["", 0, {"a": 1}, ["00"]])
    return other


def test_a_thousand_changed_documents_are_all_refused(documents: dict[str, Any]) -> None:
    dice = random.Random(6962)
    for _ in range(250):
        for name in ("head", "consistency", "entry", "receipt"):
            other = changed_somewhere(dice, documents[name])
            with pytest.raises(verify.Broken):
                verify.check(other, key_in(documents))


def test_its_canonical_json_is_ours() -> None:
    value = {"ß": "Ї", "b": [1, True, None, {"𝄞": "\u2028", "￿": ""}], "a": 2**53 - 1}
    assert verify.canonical(value) == canonical(value)
    for wrong in (1.5, 2**53):
        with pytest.raises(verify.Broken):
            verify.canonical({"a": wrong})
