"""Small formula texts that several flows share. `escaped` is the only way a spec's text enters a formula."""

from __future__ import annotations

from datetime import timedelta


def escaped(text: str) -> str:
    """A text as a formula literal writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def days(duration: timedelta) -> str:
    """A duration in days, as formulas count them: 24h is `1`, 6h is `(6 / 24)`."""
    hours, rest = divmod(duration, timedelta(hours=1))
    if rest:
        minutes = duration // timedelta(minutes=1)
        return f"({minutes} / 1440)"
    return str(hours // 24) if hours % 24 == 0 else f"({hours} / 24)"
