"""Objects as files: `root/ab/cd/<key>`, where `abcd` are the key's first characters.

Keys sort by time of making, so one folder holds about twelve days and nearly no write pays for a new folder. A slash
in a key becomes a dot in the file's name: every object lies at the same depth and no key stands in another's way.
"""

import ctypes
import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from workspace.kernel.durable import sync_folder
from workspace.kernel.errors import Damaged, NotFound, StorageFull, StorageUnavailable
from workspace.kernel.ids import new_id
from workspace.kernel.ports import StoredObject

MIB = 1 << 20
BALLAST = 32 * MIB
WRITE_OUT_EVERY = 8 * MIB
FAN = 4  # how many characters of the key name its two folders
_KEY = re.compile(r"[0-9a-z]+(?:/[0-9a-z]+)*")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FilesystemStore:
    """An ObjectStore on one file system. Safe for many threads and processes at once.

    `ballast` bytes of the disk stay free, so that the database beside it can still record a sign-in or a revocation
    when uploads have filled the rest. None: 32 MiB, or an eighth of a disk that is smaller than 256 MiB.
    """

    part_limit = 1 << 30

    def __init__(self, root: Path, ballast: int | None = None) -> None:
        self.root = root
        self._temporary = root / "tmp"
        self._ballast = ballast
        self._durable: set[Path] = set()
        self._durable_lock = threading.Lock()

    def create(self, key: str) -> "FileWriter":
        """Begin an object. Raises ValueError (not a key of ours), StorageFull, StorageUnavailable."""
        target = self._path(key)
        try:
            self._make_durable(self._temporary)
            self.check_room()
            temporary = self._temporary / f"{target.name}.{new_id()}"
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self.forget_folders(error)
            raise refusal(error) from error
        return FileWriter(self, descriptor, temporary, target)

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises NotFound, Damaged, StorageUnavailable."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotFound from None
        except OSError as error:
            raise refusal(error) from error
        try:
            return _read_exactly(descriptor, offset, length)
        except OSError as error:
            raise refusal(error) from error
        finally:
            os.close(descriptor)

    def size(self, key: str) -> int | None:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise refusal(error) from error

    def delete(self, key: str) -> None:
        """Remove the object. Not fsynced: an object that comes back after a power cut is an orphan, swept again."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise refusal(error) from error

    def walk(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with `prefix`, in no promised order; memory stays flat."""
        fan = prefix.replace("/", "")[:FAN]
        for upper in _folders(self.root, fan[:2]):
            for lower in _folders(upper, fan[2:]):
                for name, size, modified in _files(lower):
                    key = name.replace(".", "/")
                    if key.startswith(prefix):
                        yield StoredObject(key, size, modified)

    def forget_cached(self, key: str) -> None:
        """Let the next read come from the disk itself, where the system keeps to the hint (posix_fadvise)."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            raise NotFound from None
        except OSError as error:
            raise refusal(error) from error

    def ready(self) -> None:
        """Write, link and remove a probe as a real object would be. Raises StorageFull or StorageUnavailable."""
        probe = self._temporary / f"ready.{new_id()}"
        twin = probe.with_name(probe.name + ".link")
        try:
            self._make_durable(self._temporary)
            self.check_room()
            descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, b"ready")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.link(probe, twin)
        except OSError as error:
            raise refusal(error) from error
        finally:
            _forget(twin)
            _forget(probe)

    def stale(self, older_than: float = 3600.0) -> Iterator[StoredObject]:
        """What writers left behind: temporary files untouched for `older_than` seconds. None is an object."""
        horizon = datetime.now(UTC).timestamp() - older_than
        for name, size, modified in _files(self._temporary):
            if modified.timestamp() < horizon:
                yield StoredObject(f"tmp/{name}", size, modified)

    def discard(self, leftover: StoredObject) -> None:
        """Remove something that `stale` has listed."""
        _forget(self._temporary / Path(leftover.key).name)

    def check_room(self) -> None:
        """Raises StorageFull where only the ballast is left."""
        disk = os.statvfs(self.root)
        ballast = min(BALLAST, disk.f_blocks * disk.f_frsize // 8) if self._ballast is None else self._ballast
        if disk.f_bavail * disk.f_frsize <= ballast:
            raise StorageFull

    def durable_folder(self, target: Path) -> Path:
        """The object's folder, made where it is missing, itself sure to survive a power cut."""
        self._make_durable(target.parent)
        return target.parent

    def forget_folders(self, error: OSError) -> None:
        """Somebody removed a folder under us (a disk unmounted and mounted again): the next write makes it again."""
        if error.errno == errno.ENOENT:
            self._durable.clear()

    def _make_durable(self, folder: Path) -> None:
        # Another process may have made the folder and not yet fsynced its parent: whoever uses a folder for the first
        # time in this process fsyncs the way up to it, whether or not it was the one that made it.
        if folder in self._durable:
            return
        if folder != self.root:
            self._make_durable(self.root if folder.parent == self.root else folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)
        with self._durable_lock:
            self._durable.add(folder)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key) or len(key) > 200:
            raise ValueError("a key consists of 0-9, a-z and single slashes between them, 200 characters at most")
        fan = key.replace("/", "")[:FAN].ljust(FAN, "_")
        return self.root / fan[:2] / fan[2:] / key.replace("/", ".")


class FileWriter:
    """One object on its way in: a temporary file until `commit` has given it its name."""

    def __init__(self, store: FilesystemStore, descriptor: int, temporary: Path, target: Path) -> None:
        self._store = store
        self._descriptor: int | None = descriptor
        self._temporary = temporary
        self._target = target
        self._written = 0
        self._sent_out = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        descriptor = self._open_descriptor()
        try:
            with memoryview(data).cast("B") as view:
                done = 0
                while done < len(view):
                    done += os.write(descriptor, view[done:])
            self._written += done
            if self._written - self._sent_out >= WRITE_OUT_EVERY:
                # begun now, the disk's work overlaps with the upload and the last fsync has little left to do
                _start_write_out(descriptor, self._sent_out, self._written - self._sent_out)
                self._sent_out = self._written
                self._store.check_room()
        except OSError as error:
            self.abort()
            raise refusal(error) from error
        except StorageFull:
            self.abort()
            raise

    def commit(self) -> None:
        """fsync the file, give it its name, fsync the folder: in this order, each once."""
        descriptor = self._open_descriptor()
        try:
            # After a failed fsync the kernel may have dropped the pages and called them clean: a second fsync would
            # succeed over lost bytes. So there is none; the file goes and the caller takes a new key.
            os.fsync(descriptor)
            folder = self._store.durable_folder(self._target)
            os.link(self._temporary, self._target)  # unlike rename, never replaces what is there
            sync_folder(folder)
        except FileExistsError as error:
            raise StorageUnavailable("This key is in use already; keys are never used twice.") from error
        except OSError as error:
            self._store.forget_folders(error)
            raise refusal(error) from error
        finally:
            self.abort()

    def abort(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
            _forget(self._temporary)

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise StorageUnavailable("This write has ended; begin a new object under a new key.")
        return self._descriptor


def _read_exactly(descriptor: int, offset: int, length: int) -> bytes:
    data = os.pread(descriptor, length, offset)
    if len(data) == length:
        return data
    pieces = [data]
    while data and length > (got := sum(map(len, pieces))):
        data = os.pread(descriptor, length - got, offset + got)
        pieces.append(data)
    whole = b"".join(pieces)
    if len(whole) != length:
        raise Damaged
    return whole


def _folders(folder: Path, prefix: str) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if len(entry.name) == 2 and entry.is_dir()]
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusal(error) from error
    yield from (folder / name for name in sorted(found) if name.startswith(prefix))


def _files(folder: Path) -> Iterator[tuple[str, int, datetime]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # deleted while we walk
                yield entry.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusal(error) from error


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # a leftover in tmp/ is no object; `stale` lists it and the sweep tries again


def refusal(error: OSError) -> StorageFull | StorageUnavailable:
    """The domain's word for what the disk said."""
    reason = errno.errorcode.get(error.errno or 0, "unknown")
    return StorageFull(reason=reason) if error.errno in _FULL else StorageUnavailable(reason=reason)


def _load_sync_file_range() -> Callable[[int, int, int, int], int] | None:
    try:
        function = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError):
        return None  # not Linux: the last fsync does all the work
    function.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    return function


_SYNC_FILE_RANGE = _load_sync_file_range()
_SYNC_FILE_RANGE_WRITE = 2  # linux/fs.h: start writing dirty pages of the range, do not wait for them


def _start_write_out(descriptor: int, offset: int, length: int) -> None:
    # only a hint, its answer says nothing about durability: an error is met again by the fsync that counts
    if _SYNC_FILE_RANGE is not None:
        _SYNC_FILE_RANGE(descriptor, offset, length, _SYNC_FILE_RANGE_WRITE)
