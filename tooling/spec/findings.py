"""What is wrong with a spec, as values: collected, placed and shown all at once."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]
"""Where something stands in the document: keys and, for items of a list, their index."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a path, and what to do. `at_key` points at the key, otherwise at the value."""

    path: Path
    problem: str
    remedy: str
    at_key: bool = False

    @property
    def text(self) -> str:
        return f"{self.problem}; {self.remedy}"


def shown(path: Path) -> str:
    """A path as people write it; the line number tells which item of a list is meant.

    >>> shown(("match", "people", 1, "by"))
    'match.people.by'
    """
    return ".".join(part for part in path if isinstance(part, str))


def suggestion(wrong: str, known: list[str], otherwise: str) -> str:
    """`did you mean …?`, or what else to do when nothing is close."""
    lowered = {k.lower(): k for k in known}
    close = get_close_matches(wrong.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean {lowered[close[0]]}?" if close else otherwise
