"""Stable names of the domain in words: kinds of bodies, roles of officials."""

from flask_babel import gettext as _

from workspace.bodies.kinds import BodyKind
from workspace.kernel.actors import Role


def kind_words() -> dict[str, str]:
    """What people read for a kind of body."""
    return {
        BodyKind.COUNCIL: _("Council"),
        BodyKind.EXECUTIVE_COMMITTEE: _("Executive committee"),
        BodyKind.DEPARTMENT: _("Department"),
        BodyKind.ADMINISTRATION: _("State administration"),
        BodyKind.MINISTRY: _("Ministry"),
        BodyKind.INSPECTORATE: _("Inspectorate"),
        BodyKind.MUNICIPAL_ENTERPRISE: _("Municipal enterprise"),
        BodyKind.COURT: _("Court"),
        BodyKind.PROSECUTOR: _("Prosecutor's office"),
        BodyKind.POLICE: _("Police"),
        BodyKind.SCHOOL: _("School"),
        BodyKind.HOSPITAL: _("Hospital"),
        BodyKind.SOCIAL_SERVICE: _("Social service"),
        BodyKind.OTHER: _("Another body"),
    }


def role_words() -> dict[str, str]:
    """What people read for a role in a body."""
    return {Role.HEAD: _("Head"), Role.HANDLER: _("Handler"), Role.REGISTRAR: _("Registrar")}
