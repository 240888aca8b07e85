"""What administrators set for the instance."""

import pytest

from tests.world import World
from workspace.accounts.instance import (
    LOGO_LIMIT,
    Instance,
    SignUp,
    change_instance,
    instance,
    logo,
    mark_demo,
    set_logo,
)
from workspace.accounts.letters import letter, letters
from workspace.kernel.actors import ANONYMOUS, COMMAND
from workspace.kernel.errors import Forbidden, NotAcceptable, TooLarge
from workspace.mail.outbox import deliver, post

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def test_what_was_never_set_has_its_default(world: World) -> None:
    with world.reading(ANONYMOUS) as work:
        assert instance(work) == Instance()


def test_changes_are_seen_in_the_next_request(world: World) -> None:
    chief = world.make_person("Chief", administrator=True)
    with world.writing(chief.actor) as work:
        change_instance(work, name="Мрія", sign_up=SignUp.INVITED, brand="#003399")
    with world.reading(ANONYMOUS) as work:
        assert instance(work) == Instance(name="Мрія", sign_up=SignUp.INVITED, brand="#003399")


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"name": "x" * 81}, {"sign_up": "friends"}, {"demo": True}, {"logo": "x"}]
)
def test_a_value_out_of_place_is_refused(embedded_world: World, changes: dict[str, object]) -> None:
    with pytest.raises(NotAcceptable), embedded_world.writing(COMMAND) as work:
        change_instance(work, **changes)


def test_only_administrators_change_it_and_only_the_host_makes_it_a_demo(embedded_world: World) -> None:
    olena, chief = embedded_world.make_person(), embedded_world.make_person("Chief", administrator=True)
    with pytest.raises(Forbidden), embedded_world.writing(olena.actor) as work:
        change_instance(work, name="Mine")
    with pytest.raises(Forbidden), embedded_world.writing(chief.actor) as work:
        mark_demo(work)


def test_a_logo_is_a_picture_that_runs_nothing(world: World) -> None:
    with world.writing(COMMAND) as work:
        set_logo(work, PNG)
    with world.reading(ANONYMOUS) as work:
        assert logo(work) == ("image/png", PNG)
        assert instance(work).logo
    with pytest.raises(NotAcceptable), world.writing(COMMAND) as work:
        set_logo(work, b"<svg onload='alert(1)'/>")
    with pytest.raises(TooLarge), world.writing(COMMAND) as work:
        set_logo(work, PNG + bytes(LOGO_LIMIT))
    with world.writing(COMMAND) as work:
        set_logo(work, b"")
    with world.reading(ANONYMOUS) as work:
        assert logo(work) is None
        assert instance(work).logo == ""


@pytest.mark.parametrize("demo", [False, True])
def test_administrators_read_the_text_of_letters_only_in_a_demo(embedded_world: World, demo: bool) -> None:
    with embedded_world.writing(COMMAND) as work:
        if demo:
            mark_demo(work)
        letter_id = post(work, recipient="olena@example.org", subject="Reset", body="secret link", language="en")
    chief = embedded_world.make_person("Chief", administrator=True)
    for _ in range(2):
        with embedded_world.reading(chief.actor) as work:
            assert letters(work).letters[0].recipient == "olena@example.org"
            assert letter(work, letter_id).text == ("secret link" if demo else None)
        deliver(embedded_world.runtime, letter_id, keep_text=demo)
