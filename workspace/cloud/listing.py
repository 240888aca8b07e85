"""Pages of a list that stay where they are: each goes on after the last row of the one before (keyset paging).

A row that comes or goes meanwhile never shifts the others: nothing is shown twice or passed over, at any length.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, or_

from workspace.cloud.models import Item
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.ids import is_id


class Sort(StrEnum):
    """What a folder can be sorted by; folders always come first."""

    NAME = "name"
    CHANGED = "changed"
    SIZE = "size"
    KIND = "kind"


_COLUMNS: dict[Sort, Any] = {
    Sort.NAME: Item.sort_name,
    Sort.CHANGED: Item.changed_at,
    Sort.SIZE: Item.size,
    Sort.KIND: Item.kind,
}
_TYPES: dict[Sort, type] = {Sort.NAME: str, Sort.CHANGED: datetime, Sort.SIZE: int, Sort.KIND: str}


@dataclass(frozen=True, slots=True)
class Order:
    """Folders first, then by one column, then by id."""

    sort: Sort = Sort.NAME
    descending: bool = False

    def clauses(self) -> list[UnaryExpression[Any]]:
        column = _COLUMNS[self.sort]
        if self.descending:
            return [Item.is_folder.desc(), column.desc(), Item.id.desc()]
        return [Item.is_folder.desc(), column.asc(), Item.id.asc()]

    def after(self, cursor: str) -> ColumnElement[bool]:
        """The clause for the rows behind a cursor. Raises NotAcceptable for a cursor that is none of ours."""
        is_folder, key, item_id = self._read(cursor)
        column = _COLUMNS[self.sort]
        later, same = (column < key, Item.id < item_id) if self.descending else (column > key, Item.id > item_id)
        behind = and_(Item.is_folder.is_(is_folder), or_(later, and_(column == key, same)))
        return or_(behind, Item.is_folder.is_(False)) if is_folder else behind

    def cursor(self, row: Any) -> str:
        """The cursor that leads to what follows this row."""
        key = {
            Sort.NAME: row.sort_name,
            Sort.CHANGED: row.changed_at.isoformat(),
            Sort.SIZE: row.size,
            Sort.KIND: row.kind,
        }[self.sort]
        return write_cursor(self.sort.value, self.descending, row.is_folder, key, row.id)

    def _read(self, cursor: str) -> tuple[bool, Any, str]:
        values = read_cursor(cursor, 5)
        sort, descending, is_folder, key, item_id = values
        if sort != self.sort.value or descending is not self.descending or not isinstance(is_folder, bool):
            raise NotAcceptable(field="cursor")
        if self.sort is Sort.CHANGED and isinstance(key, str):
            try:
                key = datetime.fromisoformat(key)
            except ValueError:
                raise NotAcceptable(field="cursor") from None
        fits = isinstance(key, _TYPES[self.sort]) and not isinstance(key, bool)
        zoned = not isinstance(key, datetime) or key.tzinfo is not None
        if not (fits and zoned and isinstance(item_id, str) and is_id(item_id)):
            raise NotAcceptable(field="cursor")
        return is_folder, key, item_id


def write_cursor(*values: Any) -> str:
    """Values as an opaque text for an address."""
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def read_cursor(cursor: str, count: int) -> list[Any]:
    """The values again; whoever calls checks their types. Raises NotAcceptable (field `cursor`)."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or len(values) != count or not all(map(_storable, values)):
        raise NotAcceptable(field="cursor")
    return values


def _storable(value: Any) -> bool:
    """Whether both databases take it as a parameter: no NUL, no lone surrogate, no number beyond 64 bits."""
    if isinstance(value, str):
        return not any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value)
    return not isinstance(value, int) or abs(value) < 1 << 63
