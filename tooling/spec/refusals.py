"""What the mapping spec will have and this version has not: refused by name, never silently ignored."""

from __future__ import annotations

from dataclasses import dataclass

from tooling.spec.findings import Finding, Path, shown


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """A key (`*` is any item of a list), refused whatever it says, or only with certain values."""

    path: str
    values: tuple[object, ...] | None = None

    def matches(self, path: Path, value: object) -> bool:
        parts = self.path.split(".")
        same = len(parts) == len(path) and all(p == "*" if isinstance(q, int) else p == q for p, q in zip(parts, path, strict=True))
        # `1` equals True in Python, but `business_days: 1` is a wrong type rather than a wish for business days.
        return same and (self.values is None or any(type(v) is type(value) and v == value for v in self.values))


NOT_AVAILABLE = (
    NotAvailable("close_at_source"),
    NotAvailable("audiences"),
    NotAvailable("surveys"),
    NotAvailable("sources.segment"),
    NotAvailable("sources.userpilot"),
)


def refusal(path: Path, value: object) -> Finding | None:
    """The finding for a key or value that is not available in this version."""
    for entry in NOT_AVAILABLE:
        if entry.matches(path, value):
            word = "true" if value is True else value
            what = shown(path) if entry.values is None else f"{shown(path)}: {word}"
            return Finding(path, f"{what} is not available in this version", "remove it", at_key=entry.values is None)
    return None
