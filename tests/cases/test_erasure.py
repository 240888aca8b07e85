"""An erased citizen: nobody opens anything of theirs, from no backup either; bodies keep what they were given."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select

from tests.cases.conftest import MARKER, STORY, Town, _town
from tests.jobs.keeping import do_all, keep_log
from tests.world import World
from workspace.accounts import app_passwords, sessions
from workspace.accounts import service as accounts
from workspace.accounts.models import AppPassword, Passkey, Person, SignIn
from workspace.cases import service as cases
from workspace.cases.models import Case, DeliveredFile
from workspace.cases.queries import case as view_case
from workspace.cases.queries import open_delivered
from workspace.cases.receipts import receipt, verify_receipt
from workspace.cli.checking import CHECKS
from workspace.cli.findings import Course
from workspace.cloud import service as cloud
from workspace.cloud.blobs import open_blob
from workspace.cloud.erasure import erase_person
from workspace.cloud.leaving import THINKING, ask_to_leave, leaving, stay
from workspace.cloud.models import Blob, Item, Version, WrappedKey
from workspace.db.base import Base
from workspace.db.facts import FactRow
from workspace.db.outbox import Job
from workspace.exchange.requests import ask_for_files
from workspace.exchange.service import comment
from workspace.jobs import kinds
from workspace.jobs.recovery import recover
from workspace.jobs.worker import Worker
from workspace.kernel.actors import COMMAND, WORKER, Principal, SubjectKind
from workspace.kernel.errors import DomainError, KeyDestroyed, NotFound, StorageUnavailable, WrongState
from workspace.kernel.facts import FactKind
from workspace.kernel.ids import new_id
from workspace.mail.outbox import post
from workspace.mail.transport import FolderMailer
from workspace.sharing import service as sharing
from workspace.sharing.links import make_link
from workspace.sharing.models import Grant
from workspace.sharing.rule import Level
from workspace.trust.leaves import NO_SALT
from workspace.trust.verify import verify_log

pytestmark = pytest.mark.slow

CANARY = "canary-51c7"


def erase(world: World, person_id: str) -> None:
    with world.writing(COMMAND) as work:
        erase_person(work, person_id)


def settle(world: World) -> None:
    """The worker does what is due now and after the grace period, and the log takes everything."""
    for _ in range(2):
        do_all(keep_log(world))
        world.clock.move(timedelta(days=2))
        with world.writing(WORKER) as work:
            work.later(kinds.SWEEP_BLOBS, {})
            work.later(kinds.SWEEP_OBJECTS, {})
    keep_log(world)
    with world.reading(WORKER) as work:
        assert work.session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all() == []


def findings(world: World) -> list[str]:
    course = Course(world.runtime, deep=True)
    return [f"{one.kind} {one.text}" for check in CHECKS for one in check(course)]


def rows_with(world: World, *texts: str) -> set[str]:
    """Tables in whose rows one of these texts stands."""
    found = set()
    with world.reading(WORKER) as work:
        for table in Base.metadata.sorted_tables:
            for row in work.session.execute(select(*table.columns)):
                if any(text in str(value) for value in row for text in texts):
                    found.add(table.name)
    return found


def the_life_of(town: Town) -> str:
    """Olena has everything a person can have here, a canary in each of its names; the id of an answered case."""
    world, olena = town.world, town.olena
    case = town.answered()
    folder = world.folder(olena.actor, olena.root_id, f"{CANARY} folder")
    deep = world.folder(olena.actor, folder, f"{CANARY} deep")
    item = world.upload(olena.actor, deep, f"{CANARY}.txt", CANARY.encode() * 9000).item.id
    world.upload(olena.actor, deep, f"{CANARY}.txt", CANARY.encode())
    theirs = world.upload(town.petro.actor, town.petro.root_id, "petro.txt", b"of Petro").item.id
    with world.writing(town.petro.actor) as work:
        me = Principal(SubjectKind.PERSON, olena.id)
        sharing.grant(work, world.thing(theirs), me, Level.COMMENT, addressed_to=olena.email)
        ask_for_files(work, "Photos", ["One"], address=olena.email)
    with world.writing(olena.actor) as work:
        cloud.describe(work, item, note=CANARY)
        comment(work, item, CANARY)
        comment(work, theirs, CANARY)
        cases.open_case(work, title=f"{CANARY} draft", story=CANARY, body_id=town.transport.id)
        make_link(work, world.thing(folder), Level.VIEW, label=CANARY, purpose=CANARY)
        sharing.grant(work, world.thing(item), Principal(SubjectKind.PERSON, town.petro.id), Level.VIEW, purpose=CANARY)
        ask_for_files(work, f"{CANARY} wanted", [f"{CANARY} paper"], text=CANARY)
        app_passwords.make_app_password(work, CANARY)
        sessions.begin_session(work, olena.id, agent=CANARY, address="192.0.2.77", via="password")
        post(work, recipient=olena.email, subject=CANARY, body=CANARY, language="en")
    world.content(town.petro.actor, item)
    return case.id


@pytest.fixture
def town(world: World) -> Town:
    return _town(world)


@pytest.fixture
def small(embedded_world: World) -> Town:
    return _town(embedded_world)


def test_what_a_person_kept_is_gone_for_everybody_and_what_a_body_received_stays(town: Town):
    world, olena = town.world, town.olena
    case_id = the_life_of(town)
    keep_log(world)
    with world.reading(WORKER) as work:
        wraps = work.session.scalars(select(WrappedKey.blob_id).where(WrappedKey.space_id == olena.space_id)).all()
    assert len(wraps) > 8
    erase(world, olena.id)
    with world.reading(WORKER) as work:
        for blob_id in wraps:
            with pytest.raises(KeyDestroyed):
                open_blob(work, blob_id, olena.space_id)
    assert findings(world) == [], "an erased cloud is no damage"
    with world.reading(olena.actor) as work, pytest.raises(NotFound):
        cloud.open_version(work, olena.root_id)
    settle(world)
    assert findings(world) == []
    assert_the_body_has_everything(town, case_id)


def assert_the_body_has_everything(town: Town, case_id: str) -> None:
    world = town.world
    with world.writing(town.iryna) as work:
        seen = view_case(work, case_id)
        assert seen.story == STORY
        assert seen.applicant.name == town.olena.name, "as its receipt says"
        files = work.session.scalars(select(DeliveredFile).where(DeliveredFile.name == "riser.jpg")).all()
        readers = [open_delivered(work, one.id).reader for one in files]
        paper = receipt(work, seen.papers[0].id)
        assert verify_receipt(work, paper.receipt, paper.signature, deep=True).holds
    assert [reader.read_all(1 << 20) for reader in readers] == [MARKER]


def test_no_row_no_letter_and_no_object_tells_of_an_erased_person(town: Town):
    world, olena = town.world, town.olena
    mailer = FolderMailer(world.settings.letters)
    world.runtime = replace(world.runtime, ports=replace(world.runtime.ports, mailer=mailer))
    the_life_of(town)
    do_all(keep_log(world))
    assert len(list(world.settings.letters.glob("*.eml"))) > 1
    named = {
        "item",
        "case",
        "link",
        "grant_",
        "app_password",
        "sign_in",
        "letter",
        "file_request",
        "requested_document",
    }
    assert named <= rows_with(world, CANARY)
    kept = {one.key for one in world.runtime.ports.objects.walk()}
    erase(world, olena.id)
    # address and devices go at once; by whom others meant whom, seconds later, with the worker
    assert rows_with(world, olena.email, "192.0.2.77") == {"file_request", "grant_"}
    settle(world)
    assert rows_with(world, CANARY, olena.email) == set()
    # whom a body was written to by, stands in what it was handed
    assert rows_with(world, olena.name) == {"delivery"}
    assert not [one for one in world.settings.letters.rglob("*") if olena.email.encode() in one.read_bytes()]
    assert {one.key for one in world.runtime.ports.objects.walk()} < kept
    with world.reading(WORKER) as work:
        session = work.session
        for table in (Item,):
            assert session.scalar(select(func.count()).select_from(table).where(table.space_id == olena.space_id)) == 0
        for table in (SignIn, AppPassword):
            assert session.scalar(select(func.count()).where(table.person_id == olena.id)) == 0
        assert session.scalar(select(func.count()).where(Passkey.user_id == olena.id)) == 0
        assert session.scalar(select(func.count()).where(WrappedKey.space_id == olena.space_id)) == 0
        assert session.scalars(select(Case.story_id).where(Case.applicant_id == olena.id)).all() == [None]
        held = select(Grant.revoked_at).where(Grant.subject_id == olena.id)
        assert None not in session.scalars(held).all()
        levels = session.scalars(select(Grant.level).where(Grant.space_id == olena.space_id)).all()
        assert set(levels) == {"handle"}


def test_the_log_still_holds_and_its_leaves_tell_nothing(town: Town):
    world, olena = town.world, town.olena
    the_life_of(town)
    keep_log(world)
    with world.reading(WORKER) as work:
        before = work.session.scalar(select(func.count()).select_from(FactRow))
    erase(world, olena.id)
    settle(world)
    with world.reading(WORKER) as work:
        assert verify_log(work, world.runtime.ports.journal) == []
        about = work.session.scalars(
            select(FactRow).where(
                (FactRow.thing_id == olena.id) | ((FactRow.space_id == olena.space_id) & FactRow.case_id.is_(None)),
                FactRow.kind != FactKind.PERSON_ERASED.value,
            )
        ).all()
        assert len(about) > 15
        assert all(one.salt == NO_SALT and one.person_id is None and one.details == {} for one in about)
        entries = work.session.scalar(select(func.count()).where(FactRow.kind == FactKind.ERASED.value))
        assert entries >= len(about)
        assert work.session.scalar(select(func.count()).select_from(FactRow)) > before, "nothing was taken out"


def test_a_case_that_a_body_works_on_counts_as_withdrawn_and_a_draft_is_gone(town: Town):
    case = town.in_work()
    draft = town.open("Another")
    erase(town.world, town.olena.id)
    settle(town.world)
    with town.world.writing(town.andrii) as work:
        assert view_case(work, case.id).state.withdrawn_at is not None
    with town.world.reading(WORKER) as work:
        assert work.session.get(Case, draft.id) is None


def test_neither_a_restored_database_nor_a_restored_keyring_brings_anything_back(small: Town):
    world, olena = small.world, small.olena
    case_id = the_life_of(small)
    keep_log(world)
    world.runtime.database.dispose()
    for name in ("workspace.db", "keyring", "objects"):
        source, copy = world.instance / name, world.instance / "backup" / name
        copy.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    erase(world, olena.id)
    settle(world)
    world.runtime.database.dispose()
    for one in world.instance.glob("workspace.db-*"):
        one.unlink(missing_ok=True)
    shutil.copy(world.instance / "backup" / "workspace.db", world.instance / "workspace.db")
    shutil.copytree(world.instance / "backup" / "objects", world.instance / "objects", dirs_exist_ok=True)
    shutil.copy(world.instance / "backup" / "keyring" / "keyring.db", world.instance / "keyring" / "keyring.db")
    assert len(world.runtime.ports.keyring.key(olena.space_id)) == 32, "the backup did bring it back"
    assert recover(world.runtime) == 1
    with pytest.raises(KeyDestroyed):
        world.runtime.ports.keyring.key(olena.space_id)
    assert recover(world.runtime) == 0
    settle(world)
    assert rows_with(world, CANARY, olena.email) == set()
    assert findings(world) == []
    assert_the_body_has_everything(small, case_id)


def test_cut_off_after_the_journal_the_next_start_erases(town: Town, monkeypatch: pytest.MonkeyPatch):
    world, olena = town.world, town.olena

    def away(space_id: str) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(world.runtime.ports.keyring, "destroy", away)
        with pytest.raises(StorageUnavailable):
            erase(world, olena.id)
    with world.reading(WORKER) as work:
        assert work.session.get_one(Person, olena.id).erased_at is None
    assert recover(world.runtime) == 1
    with world.reading(WORKER) as work:
        assert work.session.get_one(Person, olena.id).erased_at is not None
    with pytest.raises(KeyDestroyed):
        world.runtime.ports.keyring.key(olena.space_id)


def test_an_older_keyring_that_never_heard_of_the_cloud_gets_its_tombstone(town: Town):
    world, olena = town.world, town.olena
    erase(world, olena.id)
    with world.runtime.ports.keyring._writing() as run:
        run("DELETE FROM space_key WHERE space_id = ?", olena.space_id)
    recover(world.runtime)
    with pytest.raises(KeyDestroyed):
        world.runtime.ports.keyring.key(olena.space_id)


def grow(world: World, person, count: int) -> None:
    """So many small files, as rows, quickly."""
    ids = [new_id() for _ in range(count)]
    digest = b"x" * 32
    with world.writing(WORKER) as work:
        now, session = work.now, work.session
        session.execute(
            insert(Blob),
            [{"id": one, "size": 1, "sha256": digest, "parts": 0, "made_at": now, "sealed": b"s"} for one in ids],
        )
        session.execute(
            insert(WrappedKey), [{"blob_id": one, "space_id": person.space_id, "wrapped": b"w" * 60} for one in ids]
        )
        session.execute(
            insert(Item),
            [
                {"id": one, "space_id": person.space_id, "parent_id": person.root_id, "name": one, "sort_name": one,
                 "is_folder": False, "version_id": one, "size": 1, "made_at": now, "changed_at": now}
                for one in ids
            ],
        )  # fmt: skip
        session.execute(
            insert(Version),
            [
                {"id": one, "item_id": one, "number": 1, "blob_id": one, "size": 1, "sha256": digest, "media_type": "",
                 "made_at": now}
                for one in ids
            ],
        )  # fmt: skip


def statements_of_erasing(world: World, person_id: str) -> int:
    counted = []
    count = lambda *_: counted.append(1)  # noqa: E731
    event.listen(world.runtime.database.engine, "before_cursor_execute", count)
    try:
        erase(world, person_id)
    finally:
        event.remove(world.runtime.database.engine, "before_cursor_execute", count)
    return len(counted)


@pytest.mark.slow
def test_erasing_ten_thousand_files_takes_no_more_steps_than_erasing_none(world: World):
    little, much = world.make_person("Little"), world.make_person("Much")
    grow(world, much, 10_000)
    assert statements_of_erasing(world, much.id) == statements_of_erasing(world, little.id)
    settle(world)
    with world.reading(WORKER) as work:
        assert work.session.scalar(select(func.count()).select_from(Item)) == 0
        assert work.session.scalar(select(func.count()).select_from(Blob)) == 0


def test_who_asks_has_two_weeks_to_take_it_back(town: Town):
    world, olena, petro = town.world, town.olena, town.petro
    for one in (olena, petro):
        with world.writing(one.actor) as work:
            assert ask_to_leave(work) == work.now + THINKING
    world.clock.move(THINKING - timedelta(hours=1))
    with world.writing(petro.actor) as work:
        assert ask_to_leave(work) < work.now + timedelta(days=1), "asked again, the first day stands"
        stay(work)
        assert leaving(work).at is None
    erase_what_is_due(world)
    assert len(world.runtime.ports.keyring.key(olena.space_id)) == 32
    world.clock.move(timedelta(hours=2))
    erase_what_is_due(world)
    with pytest.raises(KeyDestroyed):
        world.runtime.ports.keyring.key(olena.space_id)
    assert len(world.runtime.ports.keyring.key(petro.space_id)) == 32


def erase_what_is_due(world: World) -> None:
    with world.writing(WORKER) as work:
        work.later(kinds.ERASE_DUE, {})
    assert Worker(world.runtime, reacts=False).do_one()


def test_whoever_others_depend_on_is_told_so_and_stays(town: Town):
    world = town.world
    for actor, reason in ((town.iryna, "in_office"), (town.administrator, "last_administrator")):
        with world.writing(actor) as work:
            assert leaving(work).obstacle == reason
            with pytest.raises(WrongState) as refused:
                ask_to_leave(work)
            assert refused.value.details["reason"] == reason
        with pytest.raises(WrongState):
            erase(world, actor.person_id)
    assert recover(world.runtime) == 0, "the journal was told nothing"


def test_only_the_host_erases_others(town: Town):
    with town.world.writing(town.administrator) as work, pytest.raises(DomainError):
        erase_person(work, town.olena.id)


def test_an_erased_account_is_never_opened_again_and_its_address_may_join_anew(town: Town):
    world, olena = town.world, town.olena
    erase(world, olena.id)
    with world.writing(COMMAND) as work:
        with pytest.raises(WrongState):
            accounts.enable(work, olena.id)
        anew = accounts.add_person(work, olena.email, "Olena")
        assert anew.id != olena.id
