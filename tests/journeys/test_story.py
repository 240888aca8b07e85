"""The walked story, whole: a citizen's files, a case, the office, the answer, and who opened what.

On SQLite and the filesystem in both languages, once without JavaScript; on PostgreSQL and SeaweedFS in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys import chapters
from tests.journeys.cleanliness import assert_clean, plain_traces
from tests.journeys.stage import Stage
from tests.parts.instances import Instance, Instances

pytestmark = pytest.mark.browser
TELLINGS = (("embedded", "uk", True), ("embedded", "en", False), ("grown", "en", True))


class Places:
    """One instance for each stack, and the words that were told there."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self.running: dict[str, Instance] = {}
        self.marks: dict[str, list[str]] = {}

    def __getitem__(self, stack: str) -> Instance:
        if stack not in self.running:
            self.running[stack] = self._instances.start(stack)
            self.marks[stack] = []
        return self.running[stack]


@pytest.fixture(scope="module")
def places(instances: Instances) -> Places:
    return Places(instances)


@pytest.fixture
def staged(places: Places, browser: Browser) -> Iterator[Callable[[str, str, bool], Stage]]:
    opened: list[tuple[str, Stage]] = []

    def open_stage(stack: str, language: str, script: bool) -> Stage:
        stage = Stage(places[stack], browser, language, script)
        opened.append((stack, stage))
        stage.people()
        return stage

    yield open_stage
    for stack, stage in opened:
        places.marks[stack] += stage.marks
        stage.close()


@pytest.mark.parametrize(("stack", "language", "script"), TELLINGS)
def test_the_whole_story(staged: Callable[[str, str, bool], Stage], stack: str, language: str, script: bool) -> None:
    stage = staged(stack, language, script)
    chapters.the_citizen_keeps_files(stage)
    chapters.the_folder_is_shared_until_a_day(stage)
    chapters.a_case_is_written_and_delivered(stage)
    chapters.the_receipt_proves_it(stage)
    chapters.the_office_takes_it_up(stage)
    chapters.question_and_reply(stage)
    chapters.the_answer_comes_back(stage)
    chapters.who_opened_what(stage)
    chapters.an_ended_share_is_gone_at_once(stage)
    chapters.a_link_with_a_password(stage)
    chapters.nobody_else_sees_anything(stage)
    assert stage.complaints == []


@pytest.mark.parametrize("stack", ["embedded", "grown"])
def test_what_the_story_leaves_is_whole_and_tells_nothing(places: Places, stack: str) -> None:
    assert_clean(places[stack], places.marks[stack])


def test_the_search_for_traces_would_find_one(places: Places) -> None:
    place = places["embedded"]
    (place.logs / "careless.log").write_text("a word that slipped")
    assert [one.partition(": ")[0] for one in plain_traces(place, ["word that slipped"])] == [
        str(place.logs / "careless.log")
    ]
    (place.logs / "careless.log").unlink()
