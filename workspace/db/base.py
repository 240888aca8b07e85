"""The declarative base and the column types that both databases share."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData, String, types
from sqlalchemy.orm import DeclarativeBase, mapped_column

from workspace.kernel.ids import LENGTH, new_id

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(types.TypeDecorator[datetime]):
    """A UTC instant. Naive values are refused at the door: a time without a zone is a bug, not a time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def database_time(at: datetime) -> str:
    """An instant as SQLite keeps it, for statements that go past SQLAlchemy."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def instant_of(value: datetime | str) -> datetime:
    """An instant as the driver gives it, to the second, for statements that go past SQLAlchemy."""
    return _second(value[:19]) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _second(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# SQLite keeps autoincrement only for plain INTEGER
Serial = BigInteger().with_variant(Integer, "sqlite")

Identifier = Annotated[str, mapped_column(String(LENGTH), primary_key=True, default=new_id)]
Digest = Annotated[bytes, mapped_column(LargeBinary(32))]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {datetime: Instant(), dict[str, Any]: types.JSON()}
