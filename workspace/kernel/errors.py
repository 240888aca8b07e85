"""Domain errors, by name. `http/errors.py` is the one table that turns them into answers.

Each carries `code` (stable, for programs) and `message`, a sentence that says how to mend it; templates translate by
`code`. None of them ever carries content, a secret or the name of something the actor may not know of.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Base of every refusal the domain can give. `details` are values for the translated sentence."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message or self.__doc__ or self.code)
        self.details = details


# access ---------------------------------------------------------------------------------------------------------
class NotFound(DomainError):
    """There is nothing here, or nothing that you may see."""

    code = "not_found"


class SignInRequired(DomainError):
    """Sign in to go on."""

    code = "sign_in_required"


class Forbidden(DomainError):
    """You may see this, but not do that with it."""

    code = "forbidden"


class StaleForm(Forbidden):
    """This came from a page that is too old, or from another site. Load the page again and repeat it."""

    code = "stale_form"


class AccessEnded(DomainError):
    """This access has ended."""

    code = "access_ended"


class PasswordRequired(DomainError):
    """This link asks for a password."""

    code = "password_required"


class WrongSecret(DomainError):
    """The name or the secret is not right."""

    code = "wrong_secret"


class TooManyTries(DomainError):
    """Too many tries. Wait a quarter of an hour."""

    code = "too_many_tries"


# values ---------------------------------------------------------------------------------------------------------
class NotAcceptable(DomainError):
    """A value cannot be taken as it is. `details["field"]` names it."""

    code = "not_acceptable"


class NameNotAllowed(NotAcceptable):
    """A name may not be empty, a dot or two, hold a slash or NUL, or be longer than 255 bytes."""

    code = "name_not_allowed"


class NameTaken(DomainError):
    """Something with this name is already here."""

    code = "name_taken"


class WrongState(DomainError):
    """This step is not possible now."""

    code = "wrong_state"


class StillInProgress(WrongState):
    """The same request is still under way. Ask again in a moment."""

    code = "still_in_progress"


class KeyReused(NotAcceptable):
    """This Idempotency-Key belongs to another request. Take a new one."""

    code = "idempotency_key_reused"


class Locked(DomainError):
    """Somebody works on this and has locked it. `details["until"]`: when their time ends, if they do not renew."""

    code = "locked"


class PreconditionFailed(DomainError):
    """It has changed since you last read it."""

    code = "precondition_failed"


class RangeNotSatisfiable(DomainError):
    """The range lies outside the file (RFC 9110 section 15.5.17). `details["size"]` is its size in bytes."""

    code = "range_not_satisfiable"


class LengthMismatch(DomainError):
    """Fewer or more bytes came than were announced; nothing was stored."""

    code = "length_mismatch"


class TooSlow(LengthMismatch):
    """The bytes came too slowly, and the connection was given up. Send what is missing on a better line."""

    code = "too_slow"


class ChecksumMismatch(DomainError):
    """The bytes that came are not the bytes that were announced; nothing was stored."""

    code = "checksum_mismatch"


# storage --------------------------------------------------------------------------------------------------------
class OverQuota(DomainError):
    """There is not enough room in this cloud. `details`: `needed`, `free` in bytes."""

    code = "over_quota"


class TooLarge(DomainError):
    """This is larger than the host allows. `details["limit"]` in bytes."""

    code = "too_large"


class StorageFull(DomainError):
    """The host's disk is full; nothing was stored. Reading goes on."""

    code = "storage_full"


class StorageUnavailable(DomainError):
    """The store that holds the files does not answer now. Nothing is lost; try again in some minutes."""

    code = "storage_unavailable"


class Damaged(DomainError):
    """The stored bytes fail their seal; nothing of them is served."""

    code = "damaged"


class KeyDestroyed(DomainError):
    """The key of this cloud was destroyed; its content cannot be read by anyone."""

    code = "key_destroyed"


class NotReached(DomainError):
    """The other server could not be reached. `details["reason"]`: address, name, connection, tls, time or answer."""

    code = "not_reached"


# the host's own programs ------------------------------------------------------------------------------------------
class LeaseLost(DomainError):
    """Another process has taken this work over; what was begun here does not stand."""

    code = "lease_lost"
