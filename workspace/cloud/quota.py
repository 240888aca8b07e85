"""Room: what a space uses, what is left, and how many uploads at once can never take more than there is.

What is used is the sum of the sizes of all versions in the space (old ones and those in the trash count: they take room
and come back by one click) and of the announced lengths of open uploads. It is kept as `space.used_bytes` plus rows of
`quota_charge`, so that writers only add rows and nobody waits for the row of the space.

On SQLite there is one writer, and that is all: it changes the row of the space. On PostgreSQL two writers may not see
each other's charges yet. Adding a charge takes the row of the space FOR KEY SHARE (its foreign key does), which many
can hold at once. That is enough as long as much is left: what is still unseen cannot reach the end. Where little would
be left, or the charge is big against what is left, the writer takes its charge back and the row FOR UPDATE: so it waits
for all unseen charges, then sums again.

Hence the rule for verbs: `charge` comes first, before any row is locked or written that points to the space. Holding
KEY SHARE and then asking for more is how two writers would wait for each other.
"""

from sqlalchemy import delete, func, select, true, update

from workspace.cloud.models import QuotaCharge, Space
from workspace.db.work import Work
from workspace.kernel.errors import OverQuota
from workspace.kernel.ids import new_id

MIB = 1 << 20
LITTLE = 64 * MIB
AT_ONCE = 64
"""How many writers may be charging one space in the same instant: more than the database gives connections to."""
FOLD_AT = 128
FOLD = """
    WITH turn AS MATERIALIZED (
      SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS mine
    ), gone AS (
      DELETE FROM quota_charge WHERE space_id = ? AND (SELECT mine FROM turn) RETURNING size
    )
    UPDATE space SET used_bytes = used_bytes + folded.total
    FROM (SELECT sum(size) AS total FROM gone) folded WHERE id = ? AND folded.total IS NOT NULL"""
"""PostgreSQL's `fold`; each value is the id of the space. One at a time, until its transaction ends: who else finds
many charges goes on, since waiting for the row of the space is what charges are there to spare."""


def charge(work: Work, space_id: str, size: int) -> None:
    """Take (or, negative, give back) `size` bytes of room, standing with this Work's commit.

    Raises OverQuota: `details` say `needed` and `free`, in bytes.
    """
    if size <= 0:
        if size < 0:
            _add(work, space_id, size)
        return
    if not work.on_sqlite:
        # no `with`: folding goes on after the savepoint has ended; whatever fails takes the whole Work back
        attempt = work.session.begin_nested()
        _add(work, space_id, size)
        quota, used, rows = _sums(work, space_id)
        if not _little_left(quota, used - size, size):
            attempt.commit()
            if rows >= FOLD_AT:
                fold(work, space_id)
            return
        attempt.rollback()
        work.session.execute(select(Space.id).where(Space.id == space_id).with_for_update())
    quota, used, rows = _sums(work, space_id)
    if size > quota - used:
        raise OverQuota(needed=size, free=max(0, quota - used))
    _add(work, space_id, size)
    if rows >= FOLD_AT:
        fold(work, space_id)


def charge_or_take_over(work: Work, space_id: str, size: int, charged_in: str | None) -> None:
    """Take room for bytes that have come in pieces and were charged as they came: where they lie elsewhere now, the
    space `charged_in` gets its room back. None: they are charged here for the first time. Raises OverQuota."""
    if charged_in == space_id:
        return
    charge(work, space_id, size)
    if charged_in is not None:
        charge(work, charged_in, -size)


def used_bytes(work: Work, space_id: str) -> int:
    return _sums(work, space_id)[1]


def room(work: Work, space_id: str) -> int:
    """How many bytes are left; 0 where a lowered quota has been passed."""
    quota, used, _ = _sums(work, space_id)
    return max(0, quota - used)


def fold(work: Work, space_id: str) -> None:
    """Draw the charges into the space's own sum, unless somebody else is at it."""
    if not work.on_sqlite:
        work.session.connection().exec_driver_sql(FOLD.replace("?", "%s"), (space_id, space_id, space_id))
        return
    gone = delete(QuotaCharge).where(QuotaCharge.space_id == space_id).returning(QuotaCharge.size)
    total = sum(work.session.scalars(gone.execution_options(synchronize_session=False)))
    _draw_in(work, space_id, total)


def _little_left(quota: int, used: int, size: int) -> bool:
    free = quota - used
    # other writers are as likely to be as big as this one: AT_ONCE of them must fit into what is seen to be free
    return free - size < max(LITTLE, quota // 10) or size * (AT_ONCE + 1) > free


def _sums(work: Work, space_id: str) -> tuple[int, int, int]:
    """Quota, bytes used and number of charge rows, of one snapshot."""
    charges = (
        select(func.coalesce(func.sum(QuotaCharge.size), 0).label("total"), func.count().label("rows"))
        .where(QuotaCharge.space_id == space_id)
        .subquery()
    )
    row = work.session.execute(
        select(Space.quota_bytes, Space.used_bytes, charges.c.total, charges.c.rows)
        .join(charges, true())
        .where(Space.id == space_id)
    ).one()
    return row.quota_bytes, row.used_bytes + int(row.total), row.rows


def _add(work: Work, space_id: str, size: int) -> None:
    if work.on_sqlite:
        _draw_in(work, space_id, size)
        return
    work.session.add(QuotaCharge(id=new_id(), space_id=space_id, size=size))
    work.session.flush()


def _draw_in(work: Work, space_id: str, size: int) -> None:
    work.session.execute(
        update(Space)
        .where(Space.id == space_id)
        .values(used_bytes=Space.used_bytes + size)
        .execution_options(synchronize_session=False)
    )
