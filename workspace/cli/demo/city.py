"""Who and what is in the demo city of Zelenohirsk. Nobody and nothing in it is real."""

from dataclasses import dataclass

from workspace.bodies.values import BodyValues
from workspace.kernel.actors import Role

DOMAIN = "zelenohirsk.example"

INSTANCE = {"place": "Зеленогірськ", "host": "ГО «Відкрите місто»", "phone": "0 800 000 000"}


@dataclass(frozen=True, slots=True)
class Post:
    """A post in a body of the city: its slug, the role, the telephone."""

    body: str
    role: Role
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody of the city. `who` is what the list of demo accounts says of them, in English."""

    key: str
    name: str
    who: str
    language: str = "uk"
    administrator: bool = False
    post: Post | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


BODIES = (
    BodyValues(
        slug="miska-rada",
        name="Зеленогірська міська рада",
        kind="council",
        email=f"rada@{DOMAIN}",
        territory="Зеленогірськ",
        competence="Бюджет міста, комунальна власність, правила благоустрою, звернення до депутатів.",
        phone="(000) 20-00-00",
        address="пл. Ринок, 1",
    ),
    BodyValues(
        slug="zhytlo",
        name="Департамент житла",
        kind="department",
        superior="miska-rada",
        email=f"zhytlo@{DOMAIN}",
        territory="Зеленогірськ",
        competence="Ремонт будинків і мереж у них, підвали й дахи, ОСББ, аварійні роботи.",
        phone="(000) 20-03-12",
        address="вул. Замкова, 3",
    ),
    BodyValues(
        slug="transport",
        name="Департамент транспорту",
        kind="department",
        superior="miska-rada",
        email=f"transport@{DOMAIN}",
        territory="Зеленогірськ",
        competence="Дороги й переходи, розмітка, світлофори, автобуси й тролейбуси, паркування.",
        phone="(000) 20-05-07",
        address="вул. Соборна, 21",
    ),
    BodyValues(
        slug="ekoinspektsiia",
        name="Екологічна інспекція",
        kind="inspectorate",
        email=f"eko@{DOMAIN}",
        territory="Зеленогірський район",
        competence="Дерева й парки, вода, повітря, відходи; перевірки за скаргами.",
        phone="(000) 20-11-02",
        address="вул. Паркова, 8",
    ),
    BodyValues(
        slug="vodokanal",
        name="КП «Водоканал»",
        kind="municipal_enterprise",
        superior="miska-rada",
        email=f"voda@{DOMAIN}",
        territory="Зеленогірськ",
        competence="Водопостачання й водовідведення, лічильники, якість води.",
        phone="(000) 20-15-58",
        address="вул. Джерельна, 4",
    ),
)

RESIDENTS = (
    Resident("olena", "Олена Гриценко", "citizen, with files and cases in every state"),
    Resident("petro", "Петро Лисенко", "citizen, her neighbour; she shares a folder with him"),
    Resident(
        "iryna",
        "Ірина Бондар",
        "registrar of the Department of Housing",
        post=Post("zhytlo", Role.REGISTRAR, "дод. 201"),
    ),
    Resident(
        "andrii", "Андрій Шевчук", "handler, Department of Housing", post=Post("zhytlo", Role.HANDLER, "дод. 218")
    ),
    Resident("nadiia", "Надія Кравець", "head, Department of Housing", post=Post("zhytlo", Role.HEAD, "дод. 200")),
    Resident("sofiia", "Софія Гнатюк", "head, Department of Transport", post=Post("transport", Role.HEAD, "дод. 305")),
    Resident(
        "taras",
        "Тарас Мельник",
        "registrar, Environment Inspectorate",
        post=Post("ekoinspektsiia", Role.REGISTRAR, "дод. 12"),
    ),
    Resident("host", "Марта Ткачук", "administrator of this instance", administrator=True),
)

PURPOSE = "Спланувати ремонт стояка в другому під’їзді"

STORY_RISER = """Шановний департаменте!

18 лютого у підвалі другого під’їзду прорвав стояк холодної води. Аварійна служба наклала хомут, але вода знову тече. \
У підвалі стоїть вода, у квартирі 8 мокра стеля.

На зборах 34 мешканці просили замінити стояк від підвалу до третього поверху. Підрядник склав кошторис.

Прошу: 1) замінити стояк; 2) просушити підвал; 3) повідомити про день робіт завчасно, бо в будинку живуть лежачі хворі.

З повагою,
Олена Гриценко, голова будинкового комітету"""

QUESTION_RISER = "Де саме кран, що перекриває воду, і в кого ключ від підвалу?"
REPLY_RISER = "Кран ліворуч від лічильників. Ключ у пані Коваленко з квартири 1. Фото крана додаю."
ANSWER_RISER = """Шановна Олено Василівно!

Стояк від підвалу до третього поверху замінить ТОВ «АкваБуд» коштом міста протягом двох тижнів. \
Про день робіт повідомимо за три доби.

У просушуванні підвалу відмовлено: вологість у межах норми (акт обстеження додаємо)."""
NOTE_RISER = "Власник квартири 8 у від’їзді. Раніше стіну не розкриємо. Домовитися через ОСББ."

STORY_CROSSING = """Прошу відновити розмітку пішохідного переходу біля школи № 5 і поставити попереджувальний знак.

Смуги стерлися ще восени. Вранці дорогу переходять діти, водії не бачать переходу. Фото додаю."""
QUESTION_CROSSING = "О котрій годині ви зняли фото переходу? Нам треба порівняти з графіком руху."

STORY_TREES = """У Калиновому парку за тиждень зрубали двадцять дерев. Таблички з дозволом немає.

Прошу повідомити: хто дав дозвіл, на яких підставах і скільки дерев ще зрубають."""

STORY_ROOF = "Тече дах над квартирою 40, Замкова, 3. Після кожного дощу вода в під’їзді. Прошу оглянути й полагодити."

STORY_DRAFT = "Прошу перевірити лічильник: за березень нараховано вдвічі більше, ніж звичайно."

MINUTES = """Протокол зборів мешканців будинку, Липова, 14

Присутні: 34 особи.
Порядок денний: прорив стояка, кошторис, звернення до міста.
Вирішили: просити Департамент житла замінити стояк від підвалу до третього поверху.
За — 34, проти — 0, утрималися — 0."""

ESTIMATE = """Найменування;Кількість;Ціна, грн;Разом, грн
Труба PPR 63 мм, м;24;310;7440
Муфта перехідна;6;420;2520
Демонтаж старого стояка, год;10;650;6500
Монтаж, год;18;650;11700
"""

DRAFT_COMPLAINT = """Скарга (чернетка)

1. Що сталося.
2. Коли й кому писали.
3. Чого прошу.
"""
