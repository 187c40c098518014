"""SQLite: records, indexes, savepoints, snapshots, ids."""

from __future__ import annotations

from .database import COLLATION, Store
from .ids import checksum, is_id, make_id, to_18
from .records import Records

__all__ = ["COLLATION", "Records", "Store", "checksum", "is_id", "make_id", "to_18"]
