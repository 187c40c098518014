"""The org's clock: it ticks with the machine's, from wherever it was set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC, to the millisecond, as Salesforce stores datetimes."""

    def __init__(self, start: datetime | None = None, *, offset: timedelta = timedelta()) -> None:
        self.offset = offset
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        moment = datetime.now(UTC) + self.offset
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set(self, moment: datetime) -> None:
        """Sets the clock; it goes on ticking from there.

        Raises:
            ValueError: the moment has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("The org's clock takes a moment with a time zone")
        self.offset = moment.astimezone(UTC) - datetime.now(UTC)
