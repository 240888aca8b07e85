"""The one rule of access, by example and as a law."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.kernel.actors import ANONYMOUS, WORKER, Actor, Appointment, Principal, Role, SubjectKind
from workspace.kernel.things import INSTANCE, Located, ThingKind
from workspace.sharing.rule import NEEDS, ROLES, Action, GrantValue, Level, Reason, decide, permits

NOW = datetime(2026, 4, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLENA = Actor(person_id="olena")
PETRO = Actor(person_id="petro")
IRYNA = Actor(person_id="iryna", appointments=frozenset({Appointment("housing", Role.REGISTRAR)}))
ANDRII = Actor(person_id="andrii", appointments=frozenset({Appointment("housing", Role.HANDLER)}))
FILE = Located(ThingKind.ITEM, "file", Principal(SubjectKind.PERSON, "olena"), ("file", "folder", "root"), "space")
CASE = Located(ThingKind.CASE, "case", Principal(SubjectKind.PERSON, "olena"), ("case",), "space")
HOUSING = Principal(SubjectKind.BODY, "housing")
PETRO_HIMSELF = Principal(SubjectKind.PERSON, "petro")


def to(subject: Principal, thing: str, level: Level, **conditions: datetime) -> GrantValue:
    return GrantValue(f"{subject}-{thing}-{level}", subject, thing, level, **conditions)


def test_the_owner_may_do_everything_that_is_the_owners() -> None:
    verdict = decide(OLENA, FILE, [], NOW)
    assert verdict.owner
    assert permits(Action.SHARE, verdict, OLENA)
    assert permits(Action.DELIVER, verdict, OLENA)


@pytest.mark.parametrize("actor", [PETRO, IRYNA, ANONYMOUS, WORKER, Actor(person_id="admin", administrator=True)])
def test_nobody_else_may_do_anything_without_a_grant(actor: Actor) -> None:
    verdict = decide(actor, FILE, [], NOW)
    assert not [action for action in Action if action is not Action.MAINTAIN and permits(action, verdict, actor)]


def test_a_grant_on_a_folder_reaches_what_lies_in_it_and_nothing_above() -> None:
    grants = [to(PETRO_HIMSELF, "folder", Level.EDIT)]
    root = Located(ThingKind.ITEM, "root", FILE.owner, ("root",), "space")
    assert decide(PETRO, FILE, grants, NOW).level is Level.EDIT
    assert decide(PETRO, root, grants, NOW).level is None


def test_the_highest_of_several_grants_counts() -> None:
    grants = [to(PETRO_HIMSELF, "folder", Level.VIEW), to(PETRO_HIMSELF, "file", Level.COMMENT)]
    assert decide(PETRO, FILE, grants, NOW).level is Level.COMMENT


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({"valid_from": NOW}, True),
        ({"valid_from": NOW + HOUR}, False),
        ({"valid_until": NOW}, False),
        ({"valid_until": NOW + HOUR}, True),
        ({"revoked_at": NOW - HOUR}, False),
    ],
)
def test_a_grant_holds_from_its_beginning_until_just_before_its_end(conditions: dict, holds: bool) -> None:
    verdict = decide(PETRO, FILE, [to(PETRO_HIMSELF, "file", Level.VIEW, **conditions)], NOW)
    assert (verdict.level is Level.VIEW) is holds


def test_who_may_only_look_gets_no_bytes() -> None:
    verdict = decide(PETRO, FILE, [to(PETRO_HIMSELF, "file", Level.LOOK)], NOW)
    assert [action for action in Action if permits(action, verdict, PETRO)] == [Action.SEE, Action.LOOK]
    both = [to(PETRO_HIMSELF, "file", Level.LOOK), to(PETRO_HIMSELF, "folder", Level.VIEW)]
    assert permits(Action.OPEN, decide(PETRO, FILE, both, NOW), PETRO)


def test_a_link_that_asks_to_sign_in_holds_for_who_has_signed_in() -> None:
    link = Principal(SubjectKind.LINK, "link")
    grants = [GrantValue("g", link, "file", Level.VIEW, sign_in=True)]
    assert decide(Actor(links=frozenset({"link"})), FILE, grants, NOW).reason is Reason.SIGN_IN
    assert decide(Actor(person_id="petro", links=frozenset({"link"})), FILE, grants, NOW).level is Level.VIEW
    over = [GrantValue("g", link, "file", Level.VIEW, sign_in=True, revoked_at=NOW)]
    assert decide(Actor(links=frozenset({"link"})), FILE, over, NOW).reason is Reason.ENDED


def test_downloads_are_counted_only_where_nothing_gives_the_same_freely() -> None:
    counted = GrantValue("a", PETRO_HIMSELF, "file", Level.EDIT, downloads=3)
    free = GrantValue("b", PETRO_HIMSELF, "folder", Level.VIEW)
    looking = GrantValue("c", PETRO_HIMSELF, "folder", Level.LOOK)
    assert decide(PETRO, FILE, [counted], NOW).counted is counted
    assert decide(PETRO, FILE, [counted, looking], NOW).counted is counted
    assert decide(PETRO, FILE, [counted, free], NOW).counted is None


def test_a_verdict_knows_when_it_must_be_decided_anew() -> None:
    later = to(PETRO_HIMSELF, "file", Level.EDIT, valid_from=NOW + HOUR)
    first = to(PETRO_HIMSELF, "folder", Level.VIEW, valid_until=NOW + 2 * HOUR)
    assert decide(PETRO, FILE, [later, first], NOW).until == NOW + HOUR


def test_the_holder_of_an_ended_grant_is_told_that_it_ended() -> None:
    ended = to(PETRO_HIMSELF, "file", Level.VIEW, valid_until=NOW - HOUR)
    assert decide(PETRO, FILE, [ended], NOW).reason is Reason.ENDED
    assert decide(IRYNA, FILE, [ended], NOW).reason is Reason.NOTHING


def test_being_an_official_of_a_body_does_not_make_one_the_owner_of_its_cloud() -> None:
    record = Located(ThingKind.ITEM, "record", HOUSING, ("record",), "office-space")
    assert decide(IRYNA, record, [], NOW).level is None


def test_a_registrar_registers_and_a_handler_answers() -> None:
    delivered = [to(HOUSING, "case", Level.HANDLE)]
    registrar, handler = decide(IRYNA, CASE, delivered, NOW), decide(ANDRII, CASE, delivered, NOW)
    assert permits(Action.REGISTER, registrar, IRYNA)
    assert not permits(Action.ANSWER, registrar, IRYNA)
    assert permits(Action.ANSWER, handler, ANDRII)
    assert not permits(Action.REGISTER, handler, ANDRII)


def test_an_official_cannot_handle_their_own_appeal() -> None:
    olena_at_work = Actor(person_id="olena", appointments=frozenset({Appointment("housing", Role.HEAD)}))
    verdict = decide(olena_at_work, CASE, [to(HOUSING, "case", Level.HANDLE)], NOW)
    assert verdict.owner
    assert not [action for action in ROLES if permits(action, verdict, olena_at_work)]


def test_an_official_of_another_body_is_a_stranger() -> None:
    transport = Actor(person_id="sofiia", appointments=frozenset({Appointment("transport", Role.HEAD)}))
    assert decide(transport, CASE, [to(HOUSING, "case", Level.HANDLE)], NOW).level is None


def test_an_administrator_runs_the_instance_and_reads_nothing() -> None:
    admin = Actor(person_id="admin", administrator=True)
    assert permits(Action.ADMINISTER, decide(admin, INSTANCE, [], NOW), admin)
    assert not permits(Action.ADMINISTER, decide(OLENA, INSTANCE, [], NOW), OLENA)
    assert decide(admin, FILE, [], NOW).level is None


def test_only_programs_of_the_host_do_maintenance_and_they_open_no_content() -> None:
    assert permits(Action.MAINTAIN, decide(WORKER, INSTANCE, [], NOW), WORKER)
    assert decide(WORKER, FILE, [], NOW).level is None


def test_every_action_is_either_decided_by_level_or_belongs_to_the_instance() -> None:
    assert set(Action) == set(NEEDS) | {Action.ADMINISTER, Action.MAINTAIN}
    assert set(ROLES) <= set(NEEDS)


subjects = st.sampled_from([PETRO_HIMSELF, HOUSING, Principal(SubjectKind.LINK, "link")])
instants = st.none() | st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
grants = st.builds(
    GrantValue,
    id=st.uuids().map(str),
    subject=subjects,
    thing_id=st.sampled_from(["file", "folder", "root", "elsewhere"]),
    level=st.sampled_from([Level.LOOK, Level.VIEW, Level.COMMENT, Level.CONTRIBUTE, Level.EDIT]),
    sign_in=st.booleans(),
    downloads=st.none() | st.integers(1, 3),
    valid_from=instants,
    valid_until=instants,
    revoked_at=instants,
)
actors = st.sampled_from([OLENA, PETRO, IRYNA, ANONYMOUS, Actor(links=frozenset({"link"}))])


@given(actors, st.lists(grants, max_size=6), grants)
def test_a_further_grant_never_takes_away(actor: Actor, some: list[GrantValue], one: GrantValue) -> None:
    before, after = decide(actor, FILE, some, NOW).level, decide(actor, FILE, [*some, one], NOW).level
    assert before is None or (after is not None and after >= before)


@given(actors, st.lists(grants, max_size=6))
def test_revoking_everything_leaves_only_the_owner(actor: Actor, some: list[GrantValue]) -> None:
    revoked = [GrantValue(g.id, g.subject, g.thing_id, g.level, revoked_at=NOW) for g in some]
    assert (decide(actor, FILE, revoked, NOW).level is None) is (actor is not OLENA)


@given(actors, st.lists(grants, max_size=6))
def test_a_verdict_holds_until_the_instant_it_names(actor: Actor, some: list[GrantValue]) -> None:
    verdict = decide(actor, FILE, some, NOW)
    last = NOW + 4 * HOUR if verdict.until is None else verdict.until - timedelta(microseconds=1)
    assert decide(actor, FILE, some, last).level is verdict.level
