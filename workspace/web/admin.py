"""Administration, first page: how the instance is, and what needs its keepers now. Numbers only, never content."""

import shutil
from dataclasses import dataclass

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from workspace.accounts.instance import instance
from workspace.accounts.invitations import open_invitations
from workspace.accounts.jobs import JobState, job_counts
from workspace.accounts.queries import count_administrators, count_people, person_line
from workspace.accounts.restored import suspended_app_passwords
from workspace.cases.administration import UnattendedBody, case_numbers, unattended_bodies
from workspace.cloud.administration import storage_numbers
from workspace.cloud.scrub import ScrubView, damages, scrub_view
from workspace.db.work import Work
from workspace.http.request import current_work, runtime
from workspace.http.vitals import Vitals, keyring_ready, objects_ready, vitals
from workspace.kernel.things import INSTANCE
from workspace.settings import Settings
from workspace.sharing.authorize import authorize
from workspace.sharing.rule import Action
from workspace.sharing.suspension import suspended_grants
from workspace.trust.log import head
from workspace.web.formats import file_size
from workspace.web.rooms import way

admin = Blueprint("admin", __name__, url_prefix="/admin")

WORKER_PATIENCE = 15.0  # seconds without a worker before it is said
LOG_PATIENCE = 1000  # facts without a place in the log
LITTLE_DISK = 10  # per cent


@dataclass(frozen=True)
class Need:
    """Something that a keeper should look at; as `components/need.html` draws it."""

    title: str
    text: str
    kind: str = ""
    pic: str = "warning"
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Health:
    """Whether the parts do their work; `worker` None: none was ever seen."""

    database: bool
    objects: bool
    keyring: bool
    worker: bool | None
    vitals: Vitals | None

    @property
    def well(self) -> bool:
        return self.database and self.objects and self.keyring and bool(self.worker)


def enter() -> None:
    """The door of every page of this room. Raises SignInRequired or Forbidden."""
    work = current_work()
    authorize(work, Action.ADMINISTER, INSTANCE)
    g.counts = {"failed": job_counts(work)[JobState.FAILED]}


admin.before_request(enter)


@admin.get("/")
def index() -> str:
    """Health, numbers, and what needs attention."""
    work, settings = current_work(), runtime().settings
    health, unattended, scrub = _health(), unattended_bodies(work), scrub_view(work)
    disk = shutil.disk_usage(settings.instance) if settings.objects.startswith("file:") else None
    needs = [*_damaged(scrub), *_broken(health), *_waiting(work, unattended, settings)]
    if disk is not None and 100 * disk.free < LITTLE_DISK * disk.total:
        needs.append(
            Need(
                _("The disk is nearly full: %(free)s are free", free=file_size(disk.free)),
                _("When it is full, nothing new comes in. Reading, signing in and ending access go on."),
                kind="soon",
                pic="server",
            )
        )
    return render_template(
        "admin/index.html",
        needs=needs,
        health=health,
        scrub=scrub,
        people=count_people(work),
        invited=len(open_invitations(work)),
        cases=case_numbers(work),
        storage=storage_numbers(work),
        jobs={state.value: count for state, count in job_counts(work).items()},
        head=head(work),
        disk=disk,
        database="SQLite" if work.on_sqlite else "PostgreSQL",
        on_s3=settings.objects.startswith("s3:"),
    )


def _health() -> Health:
    found = vitals(runtime())
    absent = found.worker_absent if found is not None else None
    return Health(
        database=found is not None,
        objects=objects_ready(runtime()),
        keyring=keyring_ready(runtime()),
        worker=None if absent is None else absent <= WORKER_PATIENCE,
        vitals=found,
    )


@admin.get("/damage")
def damage() -> str:
    """What the scrub found unsound: numbers of blobs and objects, never whose they are or what they hold."""
    return render_template("admin/damage.html", lines=damages(current_work()), scrub=scrub_view(current_work()))


def _damaged(scrub: ScrubView) -> list[Need]:
    """What the scrub found."""
    if not scrub.damaged:
        return []
    title = ngettext("%(num)s stored content is damaged", "%(num)s stored contents are damaged", scrub.damaged)
    text = _("Nothing of it is shown to anybody. Put its objects back from a backup while you still have one.")
    return [Need(title, text, "over", "warning", url_for("admin.damage"), _("See what it is"))]


def _broken(health: Health) -> list[Need]:
    """Parts that do not do their work."""
    needs = []
    if not health.worker:
        text = _("Letters stay here, previews are not made, and the log is not signed. Start it: workspace worker")
        needs.append(Need(_("No worker is running"), text, kind="soon", pic="jobs"))
    if not health.objects:
        text = _("Lists and settings work; opening and adding files does not. Look at the disk or the object store.")
        needs.append(Need(_("The store of the files takes nothing"), text, kind="soon", pic="server"))
    if not health.keyring:
        text = _("Without the keys no file can be opened or added. Look at its database and the master key.")
        needs.append(Need(_("The keyring does not answer"), text, kind="soon", pic="key"))
    if health.vitals is not None and health.vitals.unsequenced > LOG_PATIENCE:
        title = ngettext(
            "%(num)s fact waits for its place in the log",
            "%(num)s facts wait for their place in the log",
            health.vitals.unsequenced,
        )
        needs.append(Need(title, _("The worker gives them one; see whether it runs."), kind="soon", pic="link"))
    return needs


def _waiting(work: Work, unattended: list[UnattendedBody], settings: Settings) -> list[Need]:
    """What a person should decide or do."""
    needs = []
    if suspended_grants(work) is not None or suspended_app_passwords(work):
        title = _("Shares, links and app passwords are suspended")
        text = _("A backup came back without its journal. They open nothing until you have looked.")
        needs.append(Need(title, text, "soon", "lock", url_for("admin_restored.index"), _("Look at them")))
    if failed := g.counts["failed"]:
        title = ngettext("%(num)s job has failed", "%(num)s jobs have failed", failed)
        text = _("The worker has given up after several tries. See why, mend it, and let it try again.")
        needs.append(Need(title, text, "soon", "jobs", url_for("admin_jobs.index", state="failed"), _("See the jobs")))
    for body in unattended:
        title = ngettext(
            "%(num)s case waits at %(body)s, where nobody works",
            "%(num)s cases wait at %(body)s, where nobody works",
            body.cases,
            body=body.name,
        )
        text = _("Appoint a registrar, so that somebody can take them in.")
        url = url_for("admin_bodies.body", slug=body.slug)
        needs.append(Need(title, text, "soon", "body", url, _("Appoint somebody")))
    if not settings.mail_url and not instance(work).demo:
        text = _("Letters become files in the instance's folder. Set WORKSPACE_MAIL_URL, so that people get them.")
        needs.append(Need(_("There is no mail server"), text, pic="letter"))
    if count_administrators(work) == 1:
        text = _("If you cannot sign in one day, nobody opens this room. Make somebody you trust an administrator.")
        url = url_for("admin_people.index")
        needs.append(Need(_("You are the only administrator"), text, "", "people", url, _("See the people")))
    me = person_line(work, work.actor.person_id) if work.actor.person_id else None
    if me is not None and not me.second_factor:
        text = _("A password alone opens the whole administration. Add a passkey or one-time codes.")
        needs.append(
            Need(_("Your own sign-in has one step only"), text, "", "key", way("settings.index"), _("Settings"))
        )
    return needs
