"""Levels and conditions of access in words."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from workspace.sharing.rule import GrantValue, Level
from workspace.web.formats import day

# level, its name, what it means for the owner, how the sentence says it
LEVELS = (
    (
        Level.LOOK,
        _l("View only"),
        _l("They look on the screen. A screen can still be photographed."),
        _l("look at, but not download,"),
    ),
    (
        Level.VIEW,
        _l("View and download"),
        _l("They can keep a copy. You cannot call a copy back."),
        _l("view and download"),
    ),
    (
        Level.COMMENT,
        _l("View, download and comment"),
        _l("Their comments come to you."),
        _l("view, download and comment on"),
    ),
    (
        Level.CONTRIBUTE,
        _l("Add files as well"),
        _l("They put new files in. They cannot change or remove yours."),
        _l("view and add files to"),
    ),
    (
        Level.EDIT,
        _l("Change everything"),
        _l("They rename, replace and remove. Old versions stay with you."),
        _l("view and change everything in"),
    ),
)


def level_words() -> dict[Level, str]:
    """The levels in words."""
    return {level: label for level, label, _text, _said in LEVELS}


def condition_words(
    grant: GrantValue, now: datetime, used: int = 0, *, password: bool = False, end: bool = True
) -> list[str]:
    """On what terms something was given, each in some words, without its level; without its `end` where that stands
    in a column of its own."""
    words = []
    if grant.valid_from is not None and grant.valid_from > now:
        words.append(_("from %(day)s", day=day(grant.valid_from)))
    if end and grant.valid_until is not None:
        words.append(_("until %(day)s", day=day(grant.valid_until)))
    if grant.downloads is not None:
        left = max(grant.downloads - used, 0)
        words.append(ngettext("%(num)s download left", "%(num)s downloads left", left))
    if password:
        words.append(_("with a password"))
    if grant.sign_in:
        words.append(_("only signed in"))
    return words
