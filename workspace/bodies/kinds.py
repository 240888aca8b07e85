"""The kinds of government bodies. What people read for them is translated at the door."""

from enum import StrEnum


class BodyKind(StrEnum):
    """Stable names: they stand in the database and in CSV files."""

    COUNCIL = "council"
    EXECUTIVE_COMMITTEE = "executive_committee"
    DEPARTMENT = "department"
    ADMINISTRATION = "administration"
    MINISTRY = "ministry"
    INSPECTORATE = "inspectorate"
    MUNICIPAL_ENTERPRISE = "municipal_enterprise"
    COURT = "court"
    PROSECUTOR = "prosecutor"
    POLICE = "police"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    SOCIAL_SERVICE = "social_service"
    OTHER = "other"
