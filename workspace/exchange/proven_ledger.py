"""The access ledger as one document in which every line proves itself; `web/static/verify.py` reads it."""

import json
from collections.abc import Iterator

from workspace.db.runtime import Runtime
from workspace.exchange.queries import LedgerFilter, Proven, ledger_entries
from workspace.kernel.actors import Actor
from workspace.trust.log import head

LEDGER = "citizen-workspace ledger v1"


def proven_ledger(instance: Runtime, actor: Actor, wanted: LedgerFilter) -> Iterator[bytes]:
    """The document in pieces, newest line first. Each page is read by a Work of its own, so that memory stays flat and
    nothing is held open; all lines lead to one head, the newest of when it began. What `ledger` refuses is refused
    before the first piece."""
    with instance.reading(actor) as work:
        newest = head(work)
        size = newest.size if newest is not None else 0
        first = ledger_entries(work, wanted, size)
    return _pieces(instance, actor, wanted, size, first)


def _pieces(instance: Runtime, actor: Actor, wanted: LedgerFilter, size: int, page: Proven) -> Iterator[bytes]:
    yield f'{{"format": "{LEDGER}", "entries": ['.encode()
    between = ""
    while True:
        documents, cursor = page
        for one in documents:
            yield f"{between}\n{json.dumps(one, ensure_ascii=False)}".encode()
            between = ","
        if cursor is None:
            break
        with instance.reading(actor) as work:
            page = ledger_entries(work, wanted, size, cursor)
    yield b"\n]}\n"
