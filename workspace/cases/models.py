"""Tables of cases. What happened in a case, and so its state and its clocks, are facts with its `case_id`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Digest, Identifier


class Case(Base):
    """A case folder of a citizen: what they write to a government body about, and the files they put in.

    It belongs to no space. Until it is delivered its story is sealed under the citizen's key alone and its files lie in
    `folder_id`; each delivery freezes a set of its own. The folder is the citizen's to delete, hence no foreign key.
    """

    __tablename__ = "case"

    id: Mapped[Identifier]
    applicant_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    folder_id: Mapped[str] = mapped_column(String(26))
    body_id: Mapped[str | None] = mapped_column(ForeignKey("body.id"))
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(200))
    story_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    procedure: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_case_applicant_id", "applicant_id", "id"),
        Index("ix_case_body_id", "body_id", "id"),
    )


class Delivery(Base):
    """A formal handing over: a frozen manifest, a letter, a receipt. Written once, never changed.

    `direction` is `appeal`, `addition`, `question`, `reply` or `answer`. The letter is sealed under both parties' keys.
    """

    __tablename__ = "delivery"

    id: Mapped[Identifier]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    direction: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    from_space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    to_space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    sender_id: Mapped[str] = mapped_column(String(26))
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    title: Mapped[str] = mapped_column(String(200))
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    files: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    manifest_sha256: Mapped[Digest]
    receipt: Mapped[dict[str, Any]]
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    fact_id: Mapped[str] = mapped_column(ForeignKey("fact.id"))
    made_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("direction IN ('appeal', 'addition', 'question', 'reply', 'answer')", name="direction"),
        Index("ix_delivery_case_id", "case_id", "id"),
    )


class DeliveredFile(Base):
    """One line of a delivery's manifest. It names a blob that both spaces hold a wrapped key for."""

    __tablename__ = "delivered_file"

    id: Mapped[Identifier]
    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id"))
    ordinal: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    blob_id: Mapped[str] = mapped_column(ForeignKey("blob.id"))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[Digest]
    media_type: Mapped[str] = mapped_column(String(120))
    item_id: Mapped[str | None] = mapped_column(String(26))
    version_id: Mapped[str | None] = mapped_column(String(26))
    __table_args__ = (
        Index("uq_delivered_file_ordinal", "delivery_id", "ordinal", unique=True),
        Index("ix_delivered_file_blob_id", "blob_id"),
        Index("ix_delivered_file_item_id", "item_id"),
    )


class RegisterEntry(Base):
    """A line of a body's register: the number under which it keeps a case. `serial` is None for a number of its own."""

    __tablename__ = "register_entry"

    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    year: Mapped[int]
    serial: Mapped[int | None]
    number: Mapped[str] = mapped_column(String(40))
    __table_args__ = (
        Index("uq_register_entry_number", "body_id", "year", "number", unique=True),
        Index("uq_register_entry_serial", "body_id", "year", "serial", unique=True),
    )


class CaseNote(Base):
    """An internal note of the body, sealed under the body's key; the citizen does not see it."""

    __tablename__ = "case_note"

    id: Mapped[Identifier]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    author_id: Mapped[str] = mapped_column(String(26))
    text_id: Mapped[str] = mapped_column(ForeignKey("blob.id"))
    made_at: Mapped[datetime]
    __table_args__ = (Index("ix_case_note_case_id", "case_id", "id"),)


class AnswerDraft(Base):
    """What a handler is writing, sealed under the body's key, until it is delivered."""

    __tablename__ = "answer_draft"

    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    text_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    changed_by: Mapped[str] = mapped_column(String(26))
    changed_at: Mapped[datetime]


class AnswerFile(Base):
    """A document put beside an answer's draft; its blob is sealed under the body's key."""

    __tablename__ = "answer_file"

    id: Mapped[Identifier]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    name: Mapped[str] = mapped_column(Text)
    blob_id: Mapped[str] = mapped_column(ForeignKey("blob.id"))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[Digest]
    media_type: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    __table_args__ = (Index("ix_answer_file_case_id", "case_id"),)


class Webhook(Base):
    """An address of a body's document system that is told what happens in its cases. Its secret of 256 bits is wrapped
    by the key of the body's space.

    `failing_since`: the first failure after which nothing has arrived; `disabled_at`: nothing is sent any more.
    """

    __tablename__ = "webhook"

    id: Mapped[Identifier]
    body_id: Mapped[str] = mapped_column(ForeignKey("body.id"))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[dict[str, Any]]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(60))
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(String(26))
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_webhook_body_id", "body_id"),)


class WebhookMessage(Base):
    """What one webhook is told of one fact: ids, times and the number in the register, never content.

    Sent until `settled_at`: it has `arrived`, or was given up.
    """

    __tablename__ = "webhook_message"

    id: Mapped[Identifier]
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhook.id"))
    fact_id: Mapped[str] = mapped_column(String(26))
    payload: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    attempts: Mapped[int]
    arrived: Mapped[bool]
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_webhook_message_fact", "webhook_id", "fact_id", unique=True),
        Index("ix_webhook_message_made_at", "made_at"),
    )


class WebhookAttempt(Base):
    """One sending of a message: the status of the answer, or why there was none."""

    __tablename__ = "webhook_attempt"

    id: Mapped[Identifier]
    message_id: Mapped[str] = mapped_column(ForeignKey("webhook_message.id"))
    at: Mapped[datetime]
    status: Mapped[int | None]
    problem: Mapped[str] = mapped_column(String(20))
    __table_args__ = (Index("ix_webhook_attempt_message_id", "message_id"),)
