"""Refusals as sentences beside the form that they concern: what is wrong, and what puts it right."""

from flask_babel import gettext as _

from workspace.kernel import errors
from workspace.web.formats import file_size


def sentence(error: errors.DomainError) -> str:
    """One sentence for a person who can put it right in the form before them."""
    if isinstance(error, errors.NameNotAllowed):
        return _name(error)
    for kind, text in (
        (errors.NameTaken, _("Something with this name is already here. Choose another name.")),
        (errors.StorageFull, _("There is no room left on the server. Nothing was stored; reading goes on.")),
        (errors.StorageUnavailable, _("The store that holds the files does not answer. Try again in some minutes.")),
        (
            errors.LengthMismatch,
            _("The connection broke before all had arrived. Nothing was stored; try again."),
        ),
        (errors.PreconditionFailed, _("Somebody else was faster. Load the page again, then repeat your step.")),
        (errors.AccessEnded, _("This access has ended. Ask the owner to share it again.")),
        (errors.NotFound, _("It is no longer there. Somebody may have moved it or thrown it away.")),
    ):
        if isinstance(error, kind):
            return text
    if isinstance(error, errors.OverQuota):
        return _(
            "There is not enough room in this cloud: it needs %(needed)s, and %(free)s are free. Empty the trash or "
            "remove what you no longer need.",
            needed=file_size(error.details.get("needed")),
            free=file_size(error.details.get("free")),
        )
    if isinstance(error, errors.TooLarge):
        return _(
            "It is too large: this server takes up to %(limit)s each.", limit=file_size(error.details.get("limit"))
        )
    if isinstance(error, errors.Forbidden):
        return _forbidden(error)
    return _("That is not possible now. Load the page again to see where it stands.")


def _name(error: errors.NameNotAllowed) -> str:
    reason = error.details.get("reason")
    if reason == "empty":
        return _("Write a name")
    if reason == "long":
        return _("The name is too long. Shorten it: a name takes about 255 Latin or 127 Ukrainian letters.")
    if reason == "dots":
        return _("A name may not be a dot or two dots alone")
    return _("A name may not hold a slash ( / )")


def _forbidden(error: errors.Forbidden) -> str:
    reason = error.details.get("reason")
    if reason == "into_itself":
        return _("A folder cannot go into itself. Choose another folder.")
    if reason == "other_space":
        return _("It can be moved only inside its own cloud. Copy it instead.")
    return _("You may see this, but not do that with it.")
