"""The org at a glance: objects with records, deployed metadata, what waits, what was sent."""

from __future__ import annotations

from typing import Any

from ...errors import OrgError
from ..wire import front_state, the_org
from . import analytics, interviews

_SETUP = frozenset(
    {"Organization", "Profile", "PermissionSet", "PermissionSetAssignment", "EntityDefinition", "FieldDefinition", "RecordType"}
)
_NEWEST = 8


def overview() -> dict[str, Any]:
    org = the_org()
    counted = [(sobject, _count(sobject.name)) for sobject in org.metadata.schema if sobject.queryable]
    filled = sorted(((s, n) for s, n in counted if n and s.name not in _SETUP), key=lambda each: (not each[0].custom, each[0].label_plural))
    setup = sorted(((s, n) for s, n in counted if n and s.name in _SETUP), key=lambda each: each[0].label_plural)
    empty = sorted((s for s, n in counted if not n and s.custom), key=lambda each: each.label_plural)
    usage = org.usage()
    return {
        "objects": filled,
        "setup": setup,
        "empty": empty,
        "types": deployed(),
        "dashboards": _analytics("Dashboard"),
        "reports": _analytics("Report"),
        "interviews": interviews.newest(most=_NEWEST),
        "emails": emails()[:_NEWEST],
        "transactions": usage.pop("transactions", {}),
        "waiting": usage,
        "usage": front_state().usage.to_json(),
        "faults": front_state().faults.to_json(),
    }


def _analytics(kind: str) -> list[dict[str, str]]:
    return [each for _, items in analytics.listed(kind) for each in items]


def emails() -> list[dict[str, Any]]:
    """The newest first."""
    return list(reversed(the_org().emails()))


def deployed() -> list[tuple[str, list[str]]]:
    """Types of deployed metadata and the names of their components."""
    names: dict[str, list[str]] = {}
    for kind, name in the_org().metadata.components:
        names.setdefault(kind, []).append(name)
    return [(kind, sorted(names[kind])) for kind in sorted(names)]


def component(kind: str, name: str) -> dict[str, Any] | None:
    """Source and, for a flow, its interviews."""
    found = the_org().metadata.components.get((kind, name))
    if found is None:
        return None
    source = found.xml().decode("utf-8", errors="replace")
    ran = interviews.newest(name, most=_NEWEST) if kind == "Flow" else []
    return {"kind": kind, "name": name, "source": source, "interviews": ran}


def _count(sobject: str) -> int:
    try:
        return int(the_org().query(None, f"SELECT count() FROM {sobject}").total_size)
    except OrgError:
        # Some objects can only be read with a filter.
        return 0
