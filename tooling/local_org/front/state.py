"""What the front remembers between requests: query cursors, bulk jobs, deploys, injected faults, counted calls. Lost at a restart."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from ..store.ids import make_id
from .faults import Faults
from .usage import Usage

Kept = TypeVar("Kept")

_MOST = 500


class Shelf(Generic[Kept]):
    """Things kept under ids of one key prefix, the oldest given up when there are too many."""

    def __init__(self, prefix: str, most: int = _MOST) -> None:
        self._prefix = prefix
        self._most = most
        self._numbers = itertools.count(1)
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def new_id(self) -> str:
        return make_id(self._prefix, next(self._numbers))

    def keep(self, key: str, value: Kept) -> None:
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, key: str) -> Kept | None:
        """By the id, of which 15 characters are enough."""
        with self._lock:
            return self._kept.get(key) or next((value for known, value in self._kept.items() if known[:15] == key[:15]), None)

    def drop(self, key: str) -> Kept | None:
        with self._lock:
            return self._kept.pop(key, None)

    def values(self) -> list[Kept]:
        with self._lock:
            return list(self._kept.values())

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class FrontState:
    """One per served org; `Shelf`s are made by the endpoints that own them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now`: the org's clock."""
        self.usage = Usage(now)
        self.faults = Faults()
        self._shelves: dict[str, Shelf[object]] = {}
        self._started = datetime.now(UTC).replace(microsecond=0)
        self._seen: dict[Hashable, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def changed_at(self, key: Hashable, tag: str) -> datetime:
        """When the answer under a key was last seen to change its tag: to the second, as HTTP dates are, always later than before."""
        with self._lock:
            known, changed = self._seen.get(key, (tag, self._started))
            if known != tag:
                changed = max(datetime.now(UTC).replace(microsecond=0), changed + timedelta(seconds=1))
            self._seen[key] = (tag, changed)
            return changed

    def shelf(self, prefix: str) -> Shelf[object]:
        """The shelf of a key prefix: `01g` query locators, `750` jobs, `0Af` deploys …"""
        with self._lock:
            return self._shelves.setdefault(prefix, Shelf(prefix))

    def forget(self) -> None:
        """After a reset: cursors, jobs and deploys of the old org mean nothing in the new one."""
        with self._lock:
            for shelf in self._shelves.values():
                shelf.clear()
