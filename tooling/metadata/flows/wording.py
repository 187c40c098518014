"""Small formula texts that several flows share. `escaped` is the only way a spec's text enters a formula."""

from __future__ import annotations

from datetime import timedelta

_UNITS = ((timedelta(days=1), 1), (timedelta(hours=1), 24), (timedelta(minutes=1), 1_440), (timedelta(seconds=1), 86_400))

def escaped(text: str) -> str:
    """A text as a formula literal writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def days(duration: timedelta) -> str:
    """A duration in days, as formulas count them: 24h is `1`, 6h is `(6 / 24)`. Parts of a second are dropped."""
    for unit, per_day in _UNITS:
        if not duration % unit:
            break
    count = duration // unit
    return str(count) if per_day == 1 else f"({count} / {per_day})"
