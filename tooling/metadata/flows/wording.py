"""Small formula texts that several flows share."""

from __future__ import annotations

from datetime import timedelta

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_UNITS = ((timedelta(days=1), 1), (timedelta(hours=1), 24), (timedelta(minutes=1), 1_440), (timedelta(seconds=1), 86_400))


def escaped(text: str) -> str:
    """A text as a formula literal writes it: the only way a spec's text enters a formula."""
    return f'"{text.translate(_ESCAPES)}"'


def days(duration: timedelta) -> str:
    """A duration in days, as formulas count them: 24h is `1`, 6h is `(6 / 24)`. Parts of a second are dropped."""
    unit, per_day = next((one for one in _UNITS if not duration % one[0]), _UNITS[-1])
    count = duration // unit
    return str(count) if per_day == 1 else f"({count} / {per_day})"
