"""The blueprint that all pages about a citizen's cases stand on."""

from collections.abc import Mapping

from flask import Blueprint

from workspace.web.formats import language

cases = Blueprint("cases", __name__, url_prefix="/cases")


@cases.app_template_global()
def said(words: Mapping[str, str]) -> str:
    """Words of a procedure in the language of this answer."""
    return words.get(language()) or words.get("en", "")
