"""Finding: files and folders by name, mine and those shared with me; my cases by title, number or body."""

from flask import Blueprint, render_template, request

from workspace.cases.queries import my_cases
from workspace.cases.views import CaseLine
from workspace.cloud.search import LONGEST
from workspace.cloud.search import search as find_items
from workspace.http.request import current_actor, current_work
from workspace.sharing.authorize import require_signed_in

search = Blueprint("search", __name__)

PAGE = 50


@search.get("/search")
def index() -> str:
    """What fits the words of `q`. Cases stand on the first page only."""
    require_signed_in(current_actor())
    text, cursor = request.args.get("q", "").strip()[:LONGEST], request.args.get("cursor")
    work = current_work()
    page = find_items(work, text, cursor, PAGE) if text else None
    cases = [one for one in my_cases(work) if _fits(one, text)] if text and not cursor else []
    return render_template("home/search.html", text=text, page=page, cases=cases)


def _fits(one: CaseLine, text: str) -> bool:
    held = f"{one.title}\n{one.state.number}\n{one.body}".casefold()
    return all(word in held for word in text.casefold().split())
