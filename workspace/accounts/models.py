"""Tables of accounts: people and how they prove who they are."""

from datetime import datetime
from typing import Any

from flask_security import UserMixin, WebAuthnMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text, true, types
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workspace.db.base import Base, Digest, Identifier


class Person(Base, UserMixin):
    """Somebody with an account. The roles are few and plain: `administrator` here, officials in `bodies`.

    `email` is kept normalised (`addresses.normal_email`), so that plain equality is the comparison people expect.
    `confirmed_at` None: the address has not been proven, nobody can sign in. `disabled_at`: nobody can, any more.
    `leaves_at`: when they will be erased, as they asked. `erased_at`: they were; the row names nobody any more.
    Names that begin with `tf_`, `mf_` and `fs_` are Flask-Security's.
    """

    __tablename__ = "person"

    id: Mapped[Identifier]  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(String(8))
    administrator: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    leaves_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    # the letter that sums up who opened what: whether it is wanted, and until when the last one told
    weekly_letter: Mapped[bool] = mapped_column(default=True, server_default=true())
    weekly_letter_at: Mapped[datetime | None]
    password: Mapped[str | None] = mapped_column(String(255))
    password_changed_at: Mapped[datetime | None]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    fs_webauthn_user_handle: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    # the last time step a code was taken for: a code works once (ASVS 6.5.1)
    totp_counter: Mapped[int | None]
    # hashes of recovery codes that have not been used
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(types.JSON)

    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan"
    )

    # Flask-Security looks here for what it would put on a telephone; codes never travel by SMS
    tf_phone_number = None

    __table_args__ = (
        CheckConstraint("language IN ('en', 'uk')", name="language"),
        Index("ix_person_name", "name"),
        Index(
            "ix_person_leaves_at",
            "leaves_at",
            sqlite_where=text("leaves_at IS NOT NULL"),
            postgresql_where=text("leaves_at IS NOT NULL"),
        ),
    )

    @property
    def active(self) -> bool:  # type: ignore[override]
        """Whether the account is open. The truth is `disabled_at`; the verb `disable` closes it."""
        return self.disabled_at is None

    def get_security_payload(self) -> dict[str, Any]:
        return {}


class Passkey(Base, WebAuthnMixin):
    """A WebAuthn credential (W3C Web Authentication level 3), for signing in without a password or as second factor."""

    __tablename__ = "passkey"

    id: Mapped[Identifier]  # type: ignore[assignment]
    user_id: Mapped[str] = mapped_column("person_id", ForeignKey("person.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(types.JSON)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    lastuse_datetime: Mapped[datetime]

    user: Mapped[Person] = relationship(back_populates="webauthn")

    __table_args__ = (
        CheckConstraint("usage IN ('first', 'secondary')", name="usage"),
        Index("ix_passkey_person_id", "person_id"),
    )


class SignIn(Base):
    """A session: one browser in which somebody signed in. The cookie holds a token, this row only its SHA-256."""

    __tablename__ = "sign_in"

    id: Mapped[Identifier]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    agent: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    made_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sign_in_person_id", "person_id", "ended_at"),)


class AppPassword(Base):
    """A password for one program. 160 random bits, so its plain SHA-256 suffices; `prefix` finds the one row.

    `suspended_at` marks one that a restore has revoked and an administrator may let open doors again (restored.py).
    """

    __tablename__ = "app_password"

    id: Mapped[Identifier]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    label: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    secret_hash: Mapped[Digest]
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_app_password_person_id", "person_id"),)


class ProgramLogin(Base):
    """A program that waits for its person to confirm, for twenty minutes at most. Only the SHA-256 of its two tokens is
    kept: of the page, and of the question whether the person has confirmed. `person_id`: who has."""

    __tablename__ = "program_login"

    id: Mapped[Identifier]
    page_hash: Mapped[Digest] = mapped_column(unique=True)
    poll_hash: Mapped[Digest] = mapped_column(unique=True)
    program: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (Index("ix_program_login_ends_at", "ends_at"),)


class Guess(Base):
    """How often a secret was tried of late, and when last. `secret` is a digest: it names, never tells."""

    __tablename__ = "guess"

    secret: Mapped[Digest] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]

    __table_args__ = (Index("ix_guess_last_at", "last_at"),)


class Invitation(Base):
    """An invitation by an administrator. Only the SHA-256 of its token is kept; it works once, for one address."""

    __tablename__ = "invitation"

    id: Mapped[Identifier]
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    invited_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_invitation_email", "email"),)


class Awaited(Base):
    """An address that something was given to: whoever joins with it gets this id, and finds what waits for them."""

    __tablename__ = "awaited"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26))
    made_at: Mapped[datetime]


class InstanceSetting(Base):
    """One setting of the instance that an administrator changes in the browser; typed in `instance.py`."""

    __tablename__ = "instance_setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
