"""Files of a plain form on their way into a case's folder. What fits comes in; the rest is named with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from workspace.cloud.blobs import SealedBlob, forget
from workspace.cloud.service import add_file
from workspace.db.work import Work
from workspace.http.bodies import sealed_files
from workspace.http.request import current_actor, runtime
from workspace.kernel.errors import DomainError, StorageFull, StorageUnavailable, TooLarge
from workspace.web.files.refusals import sentence
from workspace.web.formats import plain_name

UNFIT = (TooLarge, StorageFull, StorageUnavailable)


@dataclass(frozen=True)
class Incoming:
    """What came in, and what did not: (anchor, sentence)."""

    item_ids: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]


def come_in(folder_id: str, field: str = "files") -> Incoming:
    """Take the files of a form field into a folder. Only for views that carry bytes."""
    try:
        came = sealed_files(field)
    except UNFIT as error:
        return Incoming((), ((field, sentence(error)),))
    added: list[str] = []
    errors: list[tuple[str, str]] = []
    for filename, sealed in came:
        name = base_name(filename)
        try:
            added.append(kept(sealed, partial(_add, folder_id, name, sealed)))
        except DomainError as error:
            errors.append((field, f"{plain_name(name)}: {sentence(error)}"))
    return Incoming(tuple(added), tuple(errors))


def _add(folder_id: str, name: str, sealed: SealedBlob, work: Work) -> str:
    return add_file(work, folder_id, name, sealed).item.id


def kept(sealed: SealedBlob, act: Callable[[Work], str]) -> str:
    """Do something with a sealed blob in a Work of its own; where it is refused, the bytes go away again."""
    instance = runtime()
    try:
        with instance.writing(current_actor()) as work:
            done = act(work)
            work.commit()
    except BaseException:
        forget(instance.ports, sealed)
        raise
    return done


def base_name(filename: str) -> str:
    """The name of a file without the folders that some browsers send along."""
    return filename.replace("\\", "/").rpartition("/")[2]
