"""What the bridge asks of any source of responses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from tooling.nps.response import Response, ResponseSkipped


class Source(Protocol):
    """Yields responses with the source's own id and times. Reading twice must yield the same ids."""

    @property
    def name(self) -> str:
        """The value of Source__c, and the first part of every response key."""
        ...

    @property
    def can_be_windowed(self) -> bool:
        """Whether `read` honours its bounds: a source that does not is read as a whole every time."""
        ...

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        """Responses given between the two moments, in any order; more than asked for is allowed, less is not.

        Raises:
            SourceRefused: wrong key, address or payload.
            Unreachable: the source cannot be reached; running again is safe.
        """
        ...


@runtime_checkable
class CountingSource(Protocol):
    """A source that knows how many responses it has without reading them all."""

    def count(self) -> int | None:
        """About how many; None when it does not say."""
        ...


@runtime_checkable
class RemovalSource(Protocol):
    """A source that can tell whether one response was taken back."""

    def is_removed(self, response_id: str) -> bool:
        """True when the source says that this response no longer exists."""
        ...
