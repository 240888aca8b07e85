"""The access ledger as one document in which every line proves itself; `web/static/verify.py` reads it."""

import json
from collections.abc import Iterator

from workspace.db.runtime import Runtime
from workspace.exchange.queries import LedgerFilter, ledger_entries
from workspace.kernel.actors import Actor
from workspace.trust.log import head

LEDGER = "citizen-workspace ledger v1"


def proven_ledger(instance: Runtime, actor: Actor, wanted: LedgerFilter) -> Iterator[bytes]:
    """The document in pieces, newest line first. Each page is read by a Work of its own, so that memory stays flat and
    nothing is held open; all lines lead to one head, the newest of when it began."""
    with instance.reading(actor) as work:
        newest = head(work)
    size = newest.size if newest is not None else 0
    yield f'{{"format": "{LEDGER}", "entries": ['.encode()
    cursor, between = None, ""
    while True:
        with instance.reading(actor) as work:
            documents, cursor = ledger_entries(work, wanted, size, cursor)
        for one in documents:
            yield f"{between}\n{json.dumps(one, ensure_ascii=False)}".encode()
            between = ","
        if cursor is None:
            break
    yield b"\n]}\n"
