"""Make the demo city: every line goes through the same verbs as in life, only at the times that the story says."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from workspace.accounts.instance import change_instance, mark_demo
from workspace.accounts.models import Person
from workspace.accounts.service import add_person
from workspace.bodies.queries import appointments_of
from workspace.bodies.service import add_body, appoint
from workspace.cases import office, service
from workspace.cases.delivering import deliver_with_letter
from workspace.cases.inbox import desk
from workspace.cases.queries import open_delivered
from workspace.cli.demo import city, pictures
from workspace.cloud import service as cloud
from workspace.cloud.blobs import BlobWriter, SealedBlob
from workspace.cloud.service import open_version
from workspace.cloud.spaces import open_personal_space, root_of
from workspace.cloud.things import locate_item
from workspace.db.runtime import Runtime
from workspace.db.work import Work
from workspace.kernel.actors import COMMAND, Actor, Principal, SubjectKind
from workspace.kernel.errors import WrongState
from workspace.sharing.rule import Level
from workspace.sharing.service import grant
from workspace.trust.paper import compose_letter

LIPOVA = "Липова, 14 – ремонт"


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account to sign in with. The password is made for this instance alone."""

    email: str
    password: str
    who: str


class PastClock:
    """A clock that stands where the story is."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


class Story:
    """Tells the story day by day: who did what, when."""

    def __init__(self, runtime: Runtime) -> None:
        self.zone = ZoneInfo(runtime.settings.timezone)
        self.today = runtime.clock.now()
        self.clock = PastClock(self.today)
        self.runtime = replace(runtime, clock=self.clock)
        self.people: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.items: dict[str, str] = {}
        self.cases: dict[str, str] = {}

    def at(self, working_days_ago: int, hour: int, minute: int = 0) -> None:
        """Go to a working day before today, at an hour of local time. Never after now."""
        day = self.today.astimezone(self.zone).date()
        left = working_days_ago
        while left or day.isoweekday() > 5:
            day -= timedelta(days=1)
            left -= day.isoweekday() <= 5 and left > 0
        instant = datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)
        self.clock.instant = min(instant, self.today)

    def actor(self, key: str) -> Actor:
        """A resident as they come through the web, with their posts."""
        person_id = self.people[key]
        name = next(one.name for one in city.RESIDENTS if one.key == key)
        with self.runtime.reading(COMMAND) as work:
            return Actor(person_id=person_id, name=name, appointments=appointments_of(work, person_id))

    @contextmanager
    def as_(self, key: str) -> Iterator[Work]:
        """A writing Work of a resident, kept at the end."""
        with self.runtime.writing(self.actor(key)) as work:
            yield work
            work.commit()

    def seal(self, content: bytes) -> SealedBlob:
        with BlobWriter(self.runtime.ports, self.runtime.settings) as writer:
            writer.write(content)
            return writer.finish()

    def add(self, key: str, folder_id: str, name: str, content: bytes, kind: str) -> str:
        """Put a file into somebody's folder; a name that is there already gets a new version."""
        sealed = self.seal(content)
        with self.as_(key) as work:
            self.items[name] = cloud.add_file(work, folder_id, name, sealed, kind=kind).item.id
        return self.items[name]


Act = Callable[[Story], None]


def make_demo(runtime: Runtime) -> list[Account]:
    """Fill an empty instance. Raises WrongState where anybody is here already: it never mixes with people's lives."""
    with runtime.reading(COMMAND) as work:
        if work.session.scalar(select(func.count()).select_from(Person)):
            raise WrongState("This instance already holds people; a demo is only made in an empty one.")
    story = Story(runtime)
    story.at(45, 9)
    accounts = _settle(story)
    for working_days_ago, hour, minute, act in STORY:
        story.at(working_days_ago, hour, minute)
        act(story)
    return accounts


def _settle(story: Story) -> list[Account]:
    """Bodies, people, posts."""
    accounts = []
    with story.runtime.writing(COMMAND) as work:
        mark_demo(work)
        change_instance(work, **city.INSTANCE)
        for values in city.BODIES:
            story.bodies[values.slug] = add_body(work, values).id
        for one in city.RESIDENTS:
            password = "-".join(secrets.token_hex(3) for _ in range(3))
            person = add_person(
                work, one.email, one.name, password=password, language=one.language, administrator=one.administrator
            )
            work.session.flush()
            open_personal_space(work, person.id)
            story.people[one.key] = person.id
            accounts.append(Account(one.email, password, one.who))
            if one.post is not None:
                appoint(work, story.bodies[one.post.body], person.id, one.post.role, phone=one.post.phone)
        work.commit()
    return accounts


def _first_files(story: Story) -> None:
    """Olena's folders, photographs and papers."""
    with story.as_("olena") as work:
        story.items["root"] = root = root_of(work, open_personal_space(work, story.people["olena"]).id).id
        committee = cloud.make_folder(work, root, "Будинковий комітет").id
        story.items["lipova"] = lipova = cloud.make_folder(work, committee, LIPOVA).id
        story.items["park"] = cloud.make_folder(work, root, "Калиновий парк").id
    taken = story.clock.instant.astimezone(story.zone)  # a camera knows no time zone
    story.add("olena", lipova, "IMG_riser_0714.jpg", pictures.photograph(pictures.riser, taken, 1), "evidence")
    story.add("olena", lipova, "IMG_puddle_0716.jpg", pictures.photograph(pictures.puddle, taken, 2), "evidence")
    story.add("olena", lipova, "Протокол_зборів.pdf", _paper("Протокол зборів", city.MINUTES, story), "evidence")
    story.add("olena", lipova, "Кошторис_стояк.csv", city.ESTIMATE.encode(), "evidence")
    story.add("olena", root, "Скарга_чернетка.txt", city.DRAFT_COMPLAINT.encode(), "draft")
    with story.as_("olena") as work:
        cloud.describe(work, story.items["IMG_riser_0714.jpg"], note="Стояк у підвалі, другий під’їзд")


def _more_files(story: Story) -> None:
    """New photographs, a second version of the draft."""
    taken, root = story.clock.instant.astimezone(story.zone), story.items["root"]
    story.add("olena", story.items["park"], "Пеньки.jpg", pictures.photograph(pictures.stump, taken, 4), "evidence")
    story.add("olena", root, "Перехід_0812.jpg", pictures.photograph(pictures.crossing, taken, 3), "evidence")
    longer = city.DRAFT_COMPLAINT + "4. Що додаю: фото, протокол.\n"
    story.add("olena", root, "Скарга_чернетка.txt", longer.encode(), "draft")


def _shared(story: Story) -> None:
    """The repair folder, shared with the neighbour and with a body."""
    with story.as_("olena") as work:
        _, folder = locate_item(work, story.items["lipova"])
        housing = Principal(SubjectKind.BODY, story.bodies["zhytlo"])
        until = story.today + timedelta(days=60)
        grant(work, folder, housing, Level.VIEW, valid_until=until, purpose=city.PURPOSE)
        grant(work, folder, Principal(SubjectKind.PERSON, story.people["petro"]), Level.CONTRIBUTE)


def _opened(key: str, name: str) -> Act:
    def act(story: Story) -> None:
        with story.as_(key) as work:
            open_version(work, story.items[name])

    return act


def _delivered(case: str, key: str, body: str, text: str, names: tuple[str, ...] = (), kind: str = "appeal") -> Act:
    def act(story: Story) -> None:
        with story.as_(key) as work:
            opened = service.open_case(work, title=case, story=text, body_id=story.bodies[body], kind=kind)
            service.put_in(work, opened.id, [story.items[name] for name in names])
            story.cases[case] = opened.id
        deliver_with_letter(story.runtime, story.actor(key), story.cases[case], "uk")

    return act


def _draft(story: Story) -> None:
    """A case that is still being written."""
    with story.as_("olena") as work:
        water = story.bodies["vodokanal"]
        service.open_case(work, title="Перевірити лічильник води", story=city.STORY_DRAFT, body_id=water)


def _registered(case: str, registrar: str, handler: str) -> Act:
    def act(story: Story) -> None:
        with story.as_(registrar) as work:
            office.register(work, story.cases[case])
            office.assign(work, story.cases[case], story.people[handler])

    return act


def _read(case: str, key: str) -> Act:
    """An official looks at the case and opens its first document."""

    def act(story: Story) -> None:
        with story.as_(key) as work:
            documents = desk(work, story.cases[case]).case.documents
            open_delivered(work, documents[0].id)

    return act


def _asked(case: str, key: str, text: str) -> Act:
    def act(story: Story) -> None:
        with story.as_(key) as work:
            office.ask(work, story.cases[case], text)

    return act


def _replied(story: Story) -> None:
    with story.as_("olena") as work:
        service.reply(work, story.cases[RISER], city.REPLY_RISER, [story.items["IMG_puddle_0716.jpg"]])


def _noted(story: Story) -> None:
    with story.as_("nadiia") as work:
        office.note(work, story.cases[RISER], city.NOTE_RISER)


def _answered(story: Story) -> None:
    report = story.seal(_paper("Акт обстеження підвалу", city.ANSWER_RISER, story))
    with story.as_("andrii") as work:
        office.attach_answer_file(work, story.cases[RISER], "Акт_обстеження.pdf", report, "application/pdf")
        office.answer(work, story.cases[RISER], "partly", city.ANSWER_RISER)


def _paper(title: str, text: str, story: Story) -> bytes:
    day = story.clock.instant.astimezone(story.zone).date()
    return compose_letter(title, ["ОСББ «Липова, 14»"], ["Зеленогірськ"], day, text.split("\n"), [], "uk")


ROOF, RISER, CROSSING = "Тече дах, Замкова, 3", "Прорив стояка, Липова, 14", "Перехід біля школи № 5"
TREES = "Вирубка в Калиновому парку"
LIPOVA_FILES = ("IMG_riser_0714.jpg", "IMG_puddle_0716.jpg", "Протокол_зборів.pdf", "Кошторис_стояк.csv")

STORY: tuple[tuple[int, int, int, Act], ...] = (
    # working days ago, hour, minute of local time
    (39, 19, 40, _first_files),
    (23, 10, 15, _delivered(ROOF, "petro", "zhytlo", city.STORY_ROOF, kind="complaint")),
    (22, 9, 30, _registered(ROOF, "iryna", "andrii")),
    (18, 18, 42, _delivered(RISER, "olena", "zhytlo", city.STORY_RISER, LIPOVA_FILES)),
    (17, 9, 11, _registered(RISER, "iryna", "andrii")),
    (17, 9, 15, _read(RISER, "iryna")),
    (14, 14, 20, _read(RISER, "andrii")),
    (14, 14, 30, _asked(RISER, "andrii", city.QUESTION_RISER)),
    (13, 20, 15, _replied),
    (12, 18, 5, _more_files),
    (12, 18, 20, _shared),
    (11, 8, 30, _delivered(CROSSING, "olena", "transport", city.STORY_CROSSING, ("Перехід_0812.jpg",))),
    (10, 9, 0, _registered(CROSSING, "sofiia", "sofiia")),
    (10, 9, 20, _read(CROSSING, "sofiia")),
    (9, 15, 40, _noted),
    (5, 14, 5, _opened("andrii", "Протокол_зборів.pdf")),
    (2, 10, 20, _asked(CROSSING, "sofiia", city.QUESTION_CROSSING)),
    (2, 17, 25, _delivered(TREES, "olena", "ekoinspektsiia", city.STORY_TREES, ("Пеньки.jpg",), kind="information")),
    (1, 11, 20, _answered),
    (0, 7, 50, _draft),
)
