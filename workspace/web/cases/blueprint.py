"""The blueprint that all pages about a citizen's cases stand on."""

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from workspace.cases.queries import reader_of
from workspace.cases.views import Reader
from workspace.http.request import current_actor, runtime
from workspace.kernel.errors import Forbidden
from workspace.web.formats import language

cases = Blueprint("cases", __name__, url_prefix="/cases")
# what whoever sees a case may open; everything else under its address is the applicant's desk
FOR_READERS = frozenset({"cases.case", "cases.guest", "cases.days"})


@cases.before_request
def lead_readers_on() -> BaseResponse | None:
    """Lead officials and guests from the applicant's pages to where they read the case; what they send is refused.

    Raises NotFound, SignInRequired, AccessEnded, and Forbidden for what would change something.
    """
    case_id = (request.view_args or {}).get("case_id")
    if case_id is None or request.endpoint in FOR_READERS:
        return None
    with runtime().reading(current_actor()) as work:
        reader, _slug = reader_of(work, case_id)
    if reader is Reader.APPLICANT:
        return None
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("cases.case", case_id=case_id))
    raise Forbidden()


@cases.app_template_global()
def said(words: Mapping[str, str]) -> str:
    """Words of a procedure in the language of this answer."""
    return words.get(language()) or words.get("en", "")
