"""Refusals of case verbs as sentences beside the field that they concern."""

from flask_babel import gettext as _
from flask_babel import ngettext

from workspace.kernel import errors
from workspace.web.files.refusals import sentence as file_sentence
from workspace.web.formats import number


def sentence(error: errors.DomainError) -> tuple[str, str]:
    """The field (or "") and what puts it right."""
    field, reason = str(error.details.get("field", "")), str(error.details.get("reason", ""))
    if isinstance(error, errors.NotAcceptable) and not isinstance(error, errors.NameNotAllowed):
        return field, _value(field, reason, error.details.get("limit"))
    if isinstance(error, errors.NameTaken) and field == "number":
        return field, _("Your register has this number already this year. Write another, or leave it empty.")
    if isinstance(error, errors.PreconditionFailed):
        return "", _("The case has changed in the meantime. Look at it once more, then press the button again.")
    if isinstance(error, errors.WrongState):
        return "", _state(reason, int(error.details.get("days", 0)))
    if isinstance(error, errors.KeyDestroyed):
        return "", _("The citizen has left this workspace and had everything erased. Nothing can be delivered to them.")
    return field, file_sentence(error)


def _value(field: str, reason: str, limit: object) -> str:
    if reason == "too_long" and isinstance(limit, int):
        return _("It is too long: at most %(limit)s characters", limit=number(limit))
    if reason == "too_many":
        return _("That is too many files for one delivery. Put them into a ZIP file, or deliver them in parts.")
    sentences = {
        "title": _("Write what it is about, in a few words"),
        "story": _("Write your letter"),
        "kind": _("Choose one of the kinds"),
        "body": _("Choose the body that should answer"),
        "text": _("Write a text"),
        "reason": _("Say why, so that the body can look again"),
        "handler": _("Choose a handler or the head of the body"),
        "outcome": _("Choose how the body has decided"),
        "note": _("Write a note"),
        "number": _("Write a shorter number"),
    }
    return sentences.get(field, _("Fill this in"))


def _state(reason: str, days: int) -> str:
    if reason == "body_closed":
        return _("This body was closed and takes no new letters. Choose another one.")
    if reason == "citizen_may_still_contest":
        return ngettext(
            "The citizen may still contest the answer for %(num)s day. Close the case after that.",
            "The citizen may still contest the answer for %(num)s days. Close the case after that.",
            days,
        )
    return _("The case has moved on since this page was loaded. This is how it stands now.")
