"""What happened: the kinds of facts. A fact is written in the same transaction as the change it tells of."""

from enum import StrEnum


class FactKind(StrEnum):
    """Stable names: they stand in the transparency log, in receipts and in exports. Never rename one."""

    # people
    PERSON_JOINED = "person.joined"
    PERSON_INVITED = "person.invited"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_CHANGED = "person.changed"
    LEAVING_ASKED = "person.leaving_asked"
    LEAVING_UNDONE = "person.leaving_undone"
    PERSON_ERASED = "person.erased"
    SIGNED_IN = "person.signed_in"
    SIGNED_OUT = "person.signed_out"
    SIGN_IN_REFUSED = "person.sign_in_refused"
    SESSION_ENDED = "person.session_ended"
    PASSWORD_CHANGED = "person.password_changed"  # noqa: S105 - the name of a fact, not a password
    FACTOR_CHANGED = "person.factor_changed"
    APP_PASSWORD_MADE = "app_password.made"  # noqa: S105
    APP_PASSWORD_REVOKED = "app_password.revoked"  # noqa: S105
    # instance and bodies
    INSTANCE_CHANGED = "instance.changed"
    QUOTA_CHANGED = "space.quota_changed"
    BODY_ADDED = "body.added"
    BODY_CHANGED = "body.changed"
    OFFICIAL_APPOINTED = "official.appointed"
    OFFICIAL_DISMISSED = "official.dismissed"
    # the personal cloud
    SPACE_OPENED = "space.opened"
    ITEM_ADDED = "item.added"
    VERSION_ADDED = "item.version_added"
    VERSION_RESTORED = "item.version_restored"
    ITEM_RENAMED = "item.renamed"
    ITEM_MOVED = "item.moved"
    ITEM_COPIED = "item.copied"
    ITEM_DESCRIBED = "item.described"
    ITEM_TRASHED = "item.trashed"
    ITEM_RESTORED = "item.restored"
    ITEM_DELETED = "item.deleted"
    COMMENTED = "item.commented"
    COMMENT_WITHDRAWN = "item.comment_withdrawn"
    # who looked
    OPENED = "access.opened"
    LISTED = "access.listed"
    PREVIEWED = "access.previewed"
    DOWNLOADED = "access.downloaded"
    REFUSED = "access.refused"
    # sharing
    GRANTED = "grant.given"
    GRANT_CHANGED = "grant.changed"
    REVOKED = "grant.revoked"
    LINK_ENTERED = "link.entered"
    # cases
    CASE_OPENED = "case.opened"
    CASE_CHANGED = "case.changed"
    DOCUMENT_ADDED = "case.document_added"
    DOCUMENT_REMOVED = "case.document_removed"
    DELIVERED = "case.delivered"
    REGISTERED = "case.registered"
    ASSIGNED = "case.assigned"
    QUESTION_ASKED = "case.question_asked"
    REPLIED = "case.replied"
    ANSWERED = "case.answered"
    ACCEPTED = "case.accepted"
    CONTESTED = "case.contested"
    CLOSED = "case.closed"
    WITHDRAWN = "case.withdrawn"
    NOTED = "case.noted"
    # requests for files
    REQUEST_MADE = "request.made"
    REQUEST_CLOSED = "request.closed"
    DOCUMENT_SENT = "request.document_sent"
    DOCUMENT_ACCEPTED = "request.document_accepted"
    DOCUMENT_REFUSED = "request.document_refused"
    # proofs
    ERASED = "log.erased"
    LOG_CONTINUED = "log.continued"


ACCESS_KINDS = frozenset({FactKind.OPENED, FactKind.LISTED, FactKind.PREVIEWED, FactKind.DOWNLOADED, FactKind.REFUSED})
