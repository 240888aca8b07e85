"""The transparency log: one sequencer appends committed facts, signs heads, and anybody can ask for proofs.

These functions hold no personal content and give out hashes alone; `append`, `keep_heads`, `publish` and `erase` are
for the host's own programs and for verbs that have asked already.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, exists, func, insert, select, text, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from workspace.db.facts import FactRow
from workspace.db.leases import hold
from workspace.db.work import Work
from workspace.kernel.errors import LeaseLost, NotFound
from workspace.kernel.facts import FactKind
from workspace.kernel.things import INSTANCE
from workspace.trust.heads import Head, continuation_bytes, head_bytes
from workspace.trust.journal import HEAD
from workspace.trust.leaves import blank, fact_leaf_hash
from workspace.trust.merkle import Frontier, Node, Span, consistency_spans, cover, inclusion_spans, span_hash
from workspace.trust.models import Log, LogEntry, LogHead, LogKey, LogNode

SEQUENCER = "sequencer"


@dataclass(frozen=True, slots=True)
class Proof:
    """Hashes that lead from a leaf, or from an older root, to the root of the tree of `size` entries."""

    size: int
    root: bytes
    path: tuple[bytes, ...]


def waiting(work: Work) -> bool:
    """Whether a fact has no place in the log yet, or a head is not published yet. Cheap: two partial indexes."""
    unsequenced = exists().where(FactRow.leaf.is_(None))
    unpublished = exists().where(LogHead.published_at.is_(None))
    return bool(work.session.scalar(select(unsequenced | unpublished)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Committed facts that have no place in the log yet, oldest first, and the rows by which they get one: `first` is
    the place of the first, `frontier` the edge of the tree behind the last."""

    facts: list[Row[Any]]
    first: int
    entries: list[dict[str, Any]]
    nodes: list[dict[str, Any]]
    frontier: Frontier


def gather(work: Work, limit: int) -> Gathered:
    """Committed facts that wait for their place. A fact without one never changes, and nobody else appends, so this may
    be asked in a Work that only reads: hashing takes most of the time, and nobody who writes has to wait for it."""
    wanted = select(FactRow.__table__).where(*_settled(work)).order_by(FactRow.id).limit(limit)
    rows = work.session.execute(wanted).all()
    frontier = _frontier(work)
    found = Gathered(list(rows), frontier.size, [], [], frontier)
    for fact in rows:
        leaf_hash = fact_leaf_hash(fact)
        found.entries.append({"index": frontier.size, "fact_id": fact.id, "leaf_hash": leaf_hash})
        found.nodes.extend(
            {"level": level, "index": index, "hash": value}
            for (level, index), value in frontier.append(leaf_hash)
            if level > 0
        )
    return found


def append(work: Work, holder: str, gathered: Gathered, react: Callable[[Work], None]) -> int:
    """Append gathered facts to the log and sign a head. Returns how many; the caller commits.

    Entries, nodes, the facts' places, the head and whatever `react` asks for stand or fall together. The holder of the
    lease `SEQUENCER` alone may do this, and has gathered while holding it; whoever lost it gets LeaseLost and nothing
    of theirs stands.
    """
    hold(work, SEQUENCER, holder)
    log, first = present_log(work), gathered.first
    if not gathered.facts:
        return 0
    if log_size(work) != first:
        raise LeaseLost(name=SEQUENCER)  # lost, and won again after somebody else has appended
    # past the ORM, and one statement for all facts, since other writers wait meanwhile
    connection = work.session.connection()
    connection.execute(insert(LogEntry.__table__), gathered.entries)  # type: ignore[arg-type]
    if gathered.nodes:
        connection.execute(insert(LogNode.__table__), gathered.nodes)  # type: ignore[arg-type]
    work.session.execute(
        update(FactRow)
        .where(FactRow.id == LogEntry.fact_id, LogEntry.index >= first)
        .values(leaf=LogEntry.index)
        .execution_options(synchronize_session=False)
    )
    _sign(work, log, gathered.frontier)
    react(work)
    return len(gathered.facts)


def keep_heads(work: Work) -> list[int]:
    """Put heads that stand in the database into the journal; returns their sizes, for `publish`. A Work that only reads
    is enough, so that nobody who writes waits for the journal's disk.

    In this order a head in the journal is always one that the database has had: a journal that is ahead of the database
    means that an older backup was restored. A head may stand in the journal twice.
    """
    rows = list(work.session.scalars(select(LogHead).where(LogHead.published_at.is_(None)).order_by(LogHead.size)))
    for row in rows:
        work.ports.journal.write(HEAD, _as_head(row).as_values())
    return [row.size for row in rows]


def publish(work: Work, sizes: list[int]) -> None:
    """Allow heads that `keep_heads` has put into the journal to be shown. The caller commits."""
    work.session.execute(update(LogHead).where(LogHead.size.in_(sizes)).values(published_at=work.now))


def head(work: Work) -> Head | None:
    """The newest published head; None before there is any."""
    row = work.session.scalar(
        select(LogHead).where(LogHead.published_at.is_not(None)).order_by(LogHead.size.desc()).limit(1)
    )
    return _as_head(row) if row else None


def head_of(work: Work, size: int) -> Head:
    """The published head of exactly this size. Raises NotFound."""
    row = work.session.get(LogHead, size)
    if row is None or row.published_at is None:
        raise NotFound()
    return _as_head(row)


def place_of(work: Work, fact_id: str) -> int | None:
    """Where in the log a fact stands; None while it is still being sealed."""
    return work.session.scalar(select(LogEntry.index).where(LogEntry.fact_id == fact_id))


def inclusion_proof(work: Work, index: int, size: int) -> Proof:
    """That the entry `index` stands in the tree of `size` (RFC 9162 section 2.1.3). Raises NotFound outside the log."""
    if not 0 <= index < size <= log_size(work):
        raise NotFound()
    return _proof(work, size, inclusion_spans(index, size))


def consistency_proof(work: Work, first: int, second: int) -> Proof:
    """That the tree of `first` entries begins the tree of `second` (section 2.1.4). Raises NotFound outside the log."""
    if not 0 < first <= second <= log_size(work):
        raise NotFound()
    return _proof(work, second, consistency_spans(first, second))


def log_size(work: Work) -> int:
    """How many entries the log has, published or not."""
    last = work.session.scalar(select(func.max(LogEntry.index)))
    return 0 if last is None else last + 1


def erase(work: Work, fact: FactRow) -> FactRow:
    """Take the personal part out of a fact and leave an erasure entry; the leaf's hash stays, so the tree still holds.

    A fact that has no leaf yet cannot be erased (WrongState would hide that it will be in a second): it is sequenced
    first, hence ValueError for a programmer's mistake.
    """
    if fact.leaf is None:
        raise ValueError("a fact is sequenced before it can be erased")
    blank(fact)
    return work.record(FactKind.ERASED, INSTANCE, leaf=fact.leaf, fact=fact.id)


def present_log(work: Work) -> Log:
    """The log that is being written; begun here if there is none. The signer's public key is kept beside it."""
    log = work.session.scalar(select(Log).order_by(Log.id.desc()).limit(1))
    if log is None:
        log = Log(started_at=work.now, continues=None)
        work.session.add(log)
    signer = work.ports.signer
    if work.session.get(LogKey, signer.key_id) is None:
        work.session.add(LogKey(id=signer.key_id, public_key=signer.public_key()))
    work.session.flush()
    return log


def continue_log(work: Work, restored: str | None = None) -> Log | None:
    """Begin a new log where an older state of the database has come back.

    That is so where the journal knows a later head than the database does, and after every restore (`restored` names
    the snapshot): heads beyond it may have been published, whether or not the journal at hand knows them. The new log
    keeps the entries there are, and says what it continues, under which head, and what was lost, so that nobody who
    holds a lost head is shown another tree under the same name. Returns None where there is nothing to say. The caller
    commits.
    """
    log, size = present_log(work), log_size(work)
    lost: dict[str, Any] = {}
    for entry in work.ports.journal.entries():
        if entry["kind"] == HEAD and entry["values"]["log"] == log.id and entry["values"]["size"] > size:
            lost = entry["values"]
    if not lost and (restored is None or not size):
        return None
    newer, last = Log(started_at=work.now), work.session.get(LogHead, size)
    work.session.add(newer)
    work.session.flush()
    values: dict[str, Any] = {
        "log": log.id,
        "size": size,
        "root": _frontier(work).root().hex(),
        "head": _as_head(last).as_values() if last is not None else None,
        "lost": lost or None,
        "restored": restored,
        "key": work.ports.signer.key_id,
    }
    values["signature"] = work.ports.signer.sign(continuation_bytes(newer.id, values)).hex()
    newer.continues = values
    work.session.flush()
    lost_size = lost.get("size")
    work.record(FactKind.LOG_CONTINUED, INSTANCE, log=newer.id, continues=log.id, size=size, lost_size=lost_size)
    return newer


def key(work: Work, key_id: str) -> bytes | None:
    """The raw public key of that name, if this log ever used it."""
    return work.session.scalar(select(LogKey.public_key).where(LogKey.id == key_id))


def _settled(work: Work) -> list[ColumnElement[bool]]:
    """Facts without a leaf that no running transaction can still slip in front of.

    On PostgreSQL the edge is read before the facts are: whatever began below it has ended by then. Transactions of
    other databases in the same server write no facts; waiting for them would let a stranger's long job hold the log.
    """
    clauses: list[ColumnElement[bool]] = [FactRow.leaf.is_(None)]
    if not work.on_sqlite:
        edge = work.session.scalar(text(_EDGE))
        clauses.append(text("age(fact.xmin) > age(CAST(:edge AS xid))").bindparams(edge=str(edge)))  # type: ignore[arg-type]
    return clauses


_EDGE = """
    SELECT coalesce(
        (SELECT backend_xid FROM pg_stat_activity
         WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
         ORDER BY age(backend_xid) DESC LIMIT 1),
        pg_snapshot_xmax(pg_current_snapshot())::xid)::text
"""


def _sign(work: Work, log: Log, frontier: Frontier) -> None:
    signer, root = work.ports.signer, frontier.root()
    # never before the last head, even if the clock went backwards
    last = work.session.scalar(select(LogHead.signed_at).order_by(LogHead.size.desc()).limit(1))
    time = max(work.now, last) if last else work.now
    signature = signer.sign(head_bytes(log.id, frontier.size, root, time))
    work.session.add(
        LogHead(size=frontier.size, root=root, signed_at=time, key_id=signer.key_id, signature=signature,
                log_id=log.id, published_at=None)
    )  # fmt: skip
    work.session.flush()


def _frontier(work: Work) -> Frontier:
    size = log_size(work)
    nodes = cover((0, size))
    hashes = _hashes(work, nodes)
    return Frontier(size, [hashes[node] for node in nodes])


def _proof(work: Work, size: int, spans: list[Span]) -> Proof:
    whole = (0, size)
    hashes = _hashes(work, [node for span in [*spans, whole] for node in cover(span)])
    return Proof(size, span_hash(whole, hashes), tuple(span_hash(span, hashes) for span in spans))


def _hashes(work: Work, nodes: Iterable[Node]) -> dict[Node, bytes]:
    wanted = set(nodes)
    found: dict[Node, bytes] = {}
    leaves = [index for level, index in wanted if level == 0]
    for index, value in work.session.execute(
        select(LogEntry.index, LogEntry.leaf_hash).where(LogEntry.index.in_(leaves))
    ):
        found[0, index] = value
    inner = [node for node in wanted if node[0] > 0]
    place = tuple_(LogNode.level, LogNode.index)
    for level, index, value in work.session.execute(
        select(LogNode.level, LogNode.index, LogNode.hash).where(place.in_(inner))
    ):
        found[level, index] = value
    return found


def _as_head(row: LogHead) -> Head:
    return Head(row.log_id, row.size, row.root, row.signed_at, row.key_id, row.signature)
