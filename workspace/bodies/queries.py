"""Reads of the directory of government bodies. It is public: anyone may know which bodies there are and who works there."""

from sqlalchemy import select

from workspace.bodies.models import Official
from workspace.db.work import Work
from workspace.kernel.actors import Appointment, Role


def appointments_of(work: Work, person_id: str) -> frozenset[Appointment]:
    """The posts a person holds now. Identity is built from it, so it stands before any question of access."""
    rows = work.session.execute(
        select(Official.body_id, Official.role, Official.office_id).where(
            Official.person_id == person_id, Official.dismissed_at.is_(None)
        )
    )
    return frozenset(Appointment(body_id, Role(role), office_id) for body_id, role, office_id in rows)
