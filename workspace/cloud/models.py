"""Tables of the personal cloud."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workspace.db.base import Base, Digest, Identifier


class Space(Base):
    """A cloud with an owner, a quota and a key. `used_bytes` is folded from `quota_charge` now and then.

    `epoch` rises with every change of grants, places or names in the space.
    """

    __tablename__ = "space"

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(12))
    owner_kind: Mapped[str] = mapped_column(String(8))
    owner_id: Mapped[str] = mapped_column(String(26))
    quota_bytes: Mapped[int] = mapped_column(BigInteger)
    used_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    made_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('personal', 'body')", name="kind"),
        Index("uq_space_owner", "owner_kind", "owner_id", "kind", unique=True),
    )


class QuotaCharge(Base):
    """A change of the room used, in bytes; many writers add rows, nobody waits for the space's row. Not on SQLite,
    which has one writer."""

    __tablename__ = "quota_charge"

    id: Mapped[Identifier]
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    size: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_quota_charge_space_id", "space_id"),)


class Blob(Base):
    """Immutable bytes: an ordered list of sealed parts, or, when small, `sealed` in this very row.

    `size` and `sha256` are of the plain bytes. `made_at` is when it was made or something last let it go: from then
    on runs the grace period of blobs that nothing names.
    """

    __tablename__ = "blob"

    id: Mapped[Identifier]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[Digest]
    parts: Mapped[int]
    made_at: Mapped[datetime]
    # last, so that reading the columns before it never touches its overflow pages
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    # as much as a page holds: what PostgreSQL puts aside lies in pieces of two kilobytes, under an index of their own
    __table_args__ = ({"postgresql_with": {"toast_tuple_target": 8160}},)


class Part(Base):
    """One sealed object of a blob; `size` is its content in bytes, before sealing.

    Written while an upload is still open, hence no foreign key to `blob`.
    """

    __tablename__ = "part"

    blob_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    object_key: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)


class WrappedKey(Base):
    """A blob's data key, wrapped by the key of one space. Without a row here a space cannot read the blob."""

    __tablename__ = "wrapped_key"

    blob_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(60))
    __table_args__ = (Index("ix_wrapped_key_space_id", "space_id"), {"sqlite_with_rowid": False})


class Item(Base):
    """A folder or a file. A move changes one row; bytes and history hang on the id.

    A file's `version_id`, `size`, `media_type` and `modified_at` follow its newest version, a folder's `folder_etag`
    what lies below it (`etags.py`). Names are kept byte for byte as they came (NFC and NFD are different names);
    `sort_name` (`names.sort_key`) is for order and search. Only the top of what was thrown away carries `trashed_at`.
    """

    __tablename__ = "item"

    id: Mapped[Identifier]
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("item.id"))
    name: Mapped[str] = mapped_column(Text)
    # compared byte by byte in both databases, so that pages go on where they stopped whatever the server's locale is
    sort_name: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"))
    is_folder: Mapped[bool]
    version_id: Mapped[str | None] = mapped_column(String(26))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    media_type: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(16), default="other")
    note_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    captured_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(String(26))
    changed_at: Mapped[datetime]
    trashed_at: Mapped[datetime | None]
    trashed_by: Mapped[str | None] = mapped_column(String(26))
    folder_etag: Mapped[str | None] = mapped_column(String(26))
    modified_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('draft', 'evidence', 'correspondence', 'other')", name="kind"),
        CheckConstraint("NOT (is_folder AND version_id IS NOT NULL)", name="folder_has_no_version"),
        Index(
            "uq_item_name",
            "parent_id",
            "name",
            unique=True,
            sqlite_where=text("trashed_at IS NULL"),
            postgresql_where=text("trashed_at IS NULL"),
        ),
        Index("ix_item_listing", "parent_id", text("is_folder DESC"), "sort_name", "id"),
        Index(
            "ix_item_trash",
            "space_id",
            "trashed_at",
            sqlite_where=text("trashed_at IS NOT NULL"),
            postgresql_where=text("trashed_at IS NOT NULL"),
        ),
        Index(
            "uq_item_root",
            "space_id",
            unique=True,
            sqlite_where=text("parent_id IS NULL"),
            postgresql_where=text("parent_id IS NULL"),
        ),
        Index("ix_item_changed", "space_id", "changed_at"),
    )

    @property
    def etag(self) -> str:
        """Another one whenever the content of a file, or anything below a folder, is another. Without quotes."""
        return self.folder_etag or self.version_id or self.id


class Version(Base):
    """What a file was at a time. Never changed; versions of evidence are never pruned.

    `modified_at`: when the content was last changed where it comes from, as the program says that sent it, else when
    it came.
    """

    __tablename__ = "version"

    id: Mapped[Identifier]
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    blob_id: Mapped[str] = mapped_column(ForeignKey("blob.id"))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[Digest]
    media_type: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(String(26))
    restored_from: Mapped[str | None] = mapped_column(String(26))
    modified_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_version_item_id_number", "item_id", "number", unique=True),
        Index("ix_version_blob_id", "blob_id"),
    )


class Upload(Base):
    """A resumable upload (tus 1.0.0) on its way: its parts are already sealed and durable, its file not yet visible.

    `concat`: "partial" for a piece of a file that is sent side by side with others, "final" for what becomes of them;
    `final_id` names it, once it is asked for. `reserved`: the room, in bytes, that this row holds; a final one in the
    cloud of its pieces holds none of its own, since theirs becomes the file's.

    `chunk_folder` is the name of one that comes as a folder of chunks (`chunks.py`): where its file will lie is not
    known yet, `length` is what has come so far. Others come in the order of their bytes.
    """

    __tablename__ = "upload"

    id: Mapped[Identifier]
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    parent_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    person_id: Mapped[str | None] = mapped_column(String(26))
    # of somebody who is not signed in: by which link they came, and in which browser
    link_id: Mapped[str | None] = mapped_column(String(26))
    visitor: Mapped[str | None] = mapped_column(String(26))
    blob_id: Mapped[str] = mapped_column(String(26), unique=True)
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved: Mapped[int] = mapped_column(BigInteger)
    concat: Mapped[str] = mapped_column(String(8), default="")
    final_id: Mapped[str | None] = mapped_column(String(26))
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    item_id: Mapped[str | None] = mapped_column(String(26))
    chunk_folder: Mapped[str | None] = mapped_column(String(255))
    __table_args__ = (
        CheckConstraint("concat IN ('', 'partial', 'final')", name="concat"),
        Index("ix_upload_expires_at", "expires_at"),
        Index("ix_upload_final_id", "final_id"),
        Index("uq_upload_chunk_folder", "person_id", "chunk_folder", unique=True),
    )


class Chunk(Base):
    """A chunk of an upload, under the name that the program gave it; chunks are put together by `number`.

    `first` and `span`: the ordinals that its parts may take, so that two chunks that come at once never take the same.
    `size` is None while it is on its way.
    """

    __tablename__ = "chunk"

    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    span: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)


class Preview(Base):
    """A picture of a version's content, sealed like everything else; `blob_id` is None where none can be made."""

    __tablename__ = "preview"

    version_id: Mapped[str] = mapped_column(ForeignKey("version.id"), primary_key=True)
    size_name: Mapped[str] = mapped_column(String(8), primary_key=True)
    blob_id: Mapped[str | None] = mapped_column(ForeignKey("blob.id"))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int | None]
    made_at: Mapped[datetime]


class Scrub(Base):
    """Where the present round of reading everything stands (`cloud/scrub.py`): after which blob, how much of how much.
    `began_at` is None between two rounds."""

    __tablename__ = "scrub"

    name: Mapped[str] = mapped_column(String(12), primary_key=True)
    began_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cursor: Mapped[str] = mapped_column(String(26))
    blobs: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    all_blobs: Mapped[int] = mapped_column(BigInteger)
    all_size: Mapped[int] = mapped_column(BigInteger)


class Damage(Base):
    """A blob that the scrub found unsound: `key` or `damaged`. No foreign key: the sweep never waits for it."""

    __tablename__ = "damage"

    blob_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    found_at: Mapped[datetime]


class ItemLock(Base):
    """A write lock (RFC 4918 section 6). `deep`: it covers all that lies in the folder. `owner`: what the program said
    of its holder, as XML. It holds only while its holder may change the item (`locked.py`)."""

    __tablename__ = "item_lock"

    token: Mapped[str] = mapped_column(String(36), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    space_id: Mapped[str] = mapped_column(String(26))
    person_id: Mapped[str] = mapped_column(String(26))
    exclusive: Mapped[bool]
    deep: Mapped[bool]
    owner: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (Index("ix_item_lock_item_id", "item_id"), Index("ix_item_lock_space_id", "space_id"))


class ItemProperties(Base):
    """The dead properties (RFC 4918 section 4) of an item, all in one sealed text."""

    __tablename__ = "item_properties"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    blob_id: Mapped[str] = mapped_column(ForeignKey("blob.id"))
    __table_args__ = (Index("ix_item_properties_blob_id", "blob_id"),)


class ShareName(Base):
    """Under which name somebody finds what others share with them. Given once, so that programs that keep a folder in
    step never find another one there, whatever comes, goes or is renamed."""

    __tablename__ = "share_name"

    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_share_name_item_id", "item_id"),
        Index("uq_share_name_person_id_name", "person_id", "name", unique=True),
    )
