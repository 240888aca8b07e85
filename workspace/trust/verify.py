"""The whole log, checked: every leaf against its fact, every node, every head, and the journal beside it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from workspace.db.facts import FactRow
from workspace.db.work import Work
from workspace.kernel.facts import FactKind
from workspace.kernel.ports import Journal
from workspace.kernel.things import INSTANCE
from workspace.trust.heads import Head, continuation_bytes
from workspace.trust.journal import HEAD, FolderJournal
from workspace.trust.leaves import fact_leaf_hash, is_blank
from workspace.trust.merkle import Frontier, Node
from workspace.trust.models import Log, LogEntry, LogHead, LogKey, LogNode
from workspace.trust.signing import verify

BATCH = 1000


def verify_log(work: Work, journal: Journal) -> list[str]:
    """What is wrong with the log, in words; empty where all holds. Reads everything once, in flat memory."""
    found: list[str] = []
    if isinstance(journal, FolderJournal):
        found += journal.findings()
    try:
        roots, size = _tree(work, found)
        _heads(work, roots, found)
        _journal(work, journal, roots, size, found)
    except (ValueError, TypeError, KeyError) as error:
        # a time that is no time, JSON that is none: whoever damaged a value may have made it unreadable
        found.append(f"A value cannot be read any more ({type(error).__name__}); the check ended there.")
    return found


def _tree(work: Work, found: list[str]) -> tuple[dict[int, bytes], int]:
    """Builds the tree anew; the roots at the sizes that have heads, and the size."""
    wanted = set(work.session.scalars(select(LogHead.size)))
    erased = _erased(work)
    frontier, nodes = Frontier(0, []), 0
    roots: dict[int, bytes] = {}
    for entries, facts, stored in _batches(work):
        for entry in entries:
            if entry.index != frontier.size:
                found.append(f"Entry {frontier.size}: missing.")
                return roots, frontier.size
            _leaf(entry, facts.get(entry.fact_id), erased, found)
            for node, value in frontier.append(entry.leaf_hash):
                if node[0] > 0:
                    nodes += 1
                    if stored.get(node) != value:
                        found.append(f"Node {node[0]}/{node[1]}: not the hash of the entries below it.")
            if frontier.size in wanted:
                roots[frontier.size] = frontier.root()
    kept = work.session.scalar(select(func.count()).select_from(LogNode)) or 0
    if kept > nodes:
        found.append(f"Nodes: {kept - nodes} more than the entries make.")
    _unplaced(work, found)
    return roots, frontier.size


def _batches(work: Work) -> Iterator[tuple[list[LogEntry], dict[str, FactRow], dict[Node, bytes]]]:
    start = -1
    while True:
        entries = list(
            work.session.scalars(select(LogEntry).where(LogEntry.index > start).order_by(LogEntry.index).limit(BATCH))
        )
        if not entries:
            return
        first, start = entries[0].index, entries[-1].index
        facts = work.session.scalars(select(FactRow).where(FactRow.id.in_([one.fact_id for one in entries])))
        yield entries, {one.id: one for one in facts}, _nodes_ending_in(work, first, start)
        work.session.expunge_all()


def _nodes_ending_in(work: Work, first: int, last: int) -> dict[Node, bytes]:
    """Stored subtrees whose last leaf lies between two entries: those that the batch completes."""
    result: dict[Node, bytes] = {}
    level = 1
    while last + 1 >> level:
        low, high = (first + 1 >> level) - 1, (last + 1 >> level) - 1
        rows = work.session.execute(
            select(LogNode.index, LogNode.hash).where(LogNode.level == level, LogNode.index.between(low, high))
        )
        result |= {(level, index): value for index, value in rows}
        level += 1
    return result


def _erased(work: Work) -> set[int]:
    """The leaves that an erasure entry speaks of."""
    return {one["leaf"] for one in _own_facts(work, FactKind.ERASED) if isinstance(one.get("leaf"), int)}


def _own_facts(work: Work, kind: FactKind) -> list[dict[str, Any]]:
    """The details of facts about the log itself."""
    found = select(FactRow.details).where(FactRow.thing_id == INSTANCE.id, FactRow.kind == kind.value)
    return list(work.session.scalars(found))


def _leaf(entry: LogEntry, fact: FactRow | None, erased: set[int], found: list[str]) -> None:
    if fact is None:
        found.append(f"Entry {entry.index}: its fact {entry.fact_id} is gone.")
        return
    if fact.leaf != entry.index:
        found.append(f"Entry {entry.index}: its fact {fact.id} names the place {fact.leaf}.")
    try:
        same = fact_leaf_hash(fact) == entry.leaf_hash
    except ValueError:
        same = False
    if same:
        return
    if not is_blank(fact):
        found.append(f"Entry {entry.index}: its fact {fact.id} was changed after it was logged.")
    elif entry.index not in erased:
        found.append(f"Entry {entry.index}: its fact {fact.id} was blanked without an erasure entry.")


def _unplaced(work: Work, found: list[str]) -> None:
    strays = work.session.scalars(
        select(FactRow.id)
        .outerjoin(LogEntry, LogEntry.fact_id == FactRow.id)
        .where(FactRow.leaf.is_not(None), LogEntry.index.is_(None))
        .order_by(FactRow.id)
        .limit(20)
    )
    found += [f"Fact {one}: says that it is logged, but no entry speaks of it." for one in strays]


def _heads(work: Work, roots: dict[int, bytes], found: list[str]) -> None:
    keys = {row.id: row.public_key for row in work.session.scalars(select(LogKey))}
    signer = work.ports.signer
    if keys.get(signer.key_id, signer.public_key()) != signer.public_key():
        found.append(f"Key {signer.key_id}: the kept public key is not the one of the signing key file.")
    last_time: datetime | None = None
    for row in work.session.scalars(select(LogHead).order_by(LogHead.size)):
        one = Head(row.log_id, row.size, row.root, row.signed_at, row.key_id, row.signature)
        if row.size not in roots:
            found.append(f"Head {row.size}: the log does not reach that far.")
        elif roots[row.size] != row.root:
            found.append(f"Head {row.size}: its root is not the root of the entries.")
        if row.key_id not in keys or not one.holds(keys[row.key_id]):
            found.append(f"Head {row.size}: its signature does not hold.")
        if last_time is not None and row.signed_at < last_time:
            found.append(f"Head {row.size}: it is older than the smaller head before it.")
        last_time = row.signed_at


def _journal(work: Work, journal: Journal, roots: dict[int, bytes], size: int, found: list[str]) -> None:
    """Heads that were published must still be those that the tree gives; published heads must stand in the journal."""
    excused = _continued(work, found)
    known: set[tuple[str, int]] = set()
    for entry in journal.entries():
        if entry["kind"] != HEAD:
            continue
        values = entry["values"]
        log, at = values["log"], values["size"]
        known.add((log, at))
        if at > excused.get(log, at):
            continue
        if at > size:
            found.append(f"Journal: a head of {at} entries was published, the log has {size} (an older backup?).")
        elif at not in roots:
            found.append(f"Journal: the head of {at} entries is missing from the database.")
        elif roots[at].hex() != values["root"]:
            found.append(f"Journal: the head of {at} entries had another root: the log was changed after publication.")
    published = select(LogHead.log_id, LogHead.size).where(LogHead.published_at.is_not(None)).order_by(LogHead.size)
    for log, at in work.session.execute(published):
        if (log, at) not in known:
            found.append(f"Head {at}: published, but not in the journal.")


def _continued(work: Work, found: list[str]) -> dict[str, int]:
    """Logs that another one continues, and up to which size they still count; each must stand in the log itself."""
    told = {one.get("log"): (one.get("continues"), one.get("size")) for one in _own_facts(work, FactKind.LOG_CONTINUED)}
    kept: dict[str, int] = {}
    for row in work.session.scalars(select(Log).where(Log.id.in_(list(told)))):
        if row.continues is None or told[row.id] != (row.continues["log"], row.continues["size"]):
            found.append(f"Log {row.id}: what it continues is not what its own entry says.")
            continue
        kept[row.continues["log"]] = row.continues["size"]
        key = work.session.get(LogKey, row.continues["key"])
        signature = bytes.fromhex(row.continues["signature"])
        if key is None or not verify(key.public_key, continuation_bytes(row.id, row.continues), signature):
            found.append(f"Log {row.id}: the signature under what it continues does not hold.")
        head = row.continues["head"]
        if head is not None and (head["size"], head["root"]) != (row.continues["size"], row.continues["root"]):
            found.append(f"Log {row.id}: the head that it quotes is not the end of what it continues.")
    return kept
