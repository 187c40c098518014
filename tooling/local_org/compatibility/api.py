"""The APIs: resources, request limits, error codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import errors
from ..engine.org import Org
from ..errors import ERROR_TEXTS, Evidence, OrgError
from ..front import bulk1, composite, metadata_files, sobject_collections, tree, usage
from ..front.app import create_app
from .markdown import code, section, table
from .source import attribute_docs

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CHOICE = re.compile(r"<any\(([^)]*)\):\w+>")
_LIMITS = (
    ("records of a collection", sobject_collections.MOST_RECORDS),
    ("records of a collection retrieve", sobject_collections.MOST_RETRIEVED),
    ("records, types and levels of a tree", f"{tree.MOST_RECORDS}, {tree.MOST_TYPES}, {tree.MOST_LEVELS}"),
    ("subrequests of a composite call, queries among them", f"{composite.MOST_SUBREQUESTS}, {composite.MOST_QUERIES}"),
    ("graphs and nodes of a composite graph call", f"{composite.MOST_GRAPHS}, {composite.MOST_NODES}"),
    ("records and bytes of a Bulk v1 batch", f"{bulk1.MOST_RECORDS:,}, {bulk1.MOST_BYTES:,}"),
    ("bytes of a deployed zip", f"{metadata_files.MOST_ZIP_BYTES:,}"),
    ("API requests of 24 hours", f"{usage.DAILY_API_REQUESTS:,}"),
)


def sections(org: Org) -> Iterator[str]:
    yield _resources(org)
    yield _errors()


def _resources(org: Org) -> str:
    """From the application's own routes; pages for people are left out."""
    found: dict[str, set[str]] = {}
    for rule in create_app(org).url_map.iter_rules():
        path = _CHOICE.sub(lambda choice: f"{{{choice[1].replace(', ', '|')}}}", rule.rule)
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
        if path.startswith(("/services", "/id/", "/local-org/")):
            found.setdefault(path, set()).update(rule.methods or ())
    rows = [(code(path), " ".join(method for method in _METHODS if method in methods)) for path, methods in sorted(found.items())]
    return section(
        "API resources",
        table(("resource", "methods"), rows),
        table(("at most", ""), [(name, str(most)) for name, most in _LIMITS]),
    )


def _errors() -> str:
    docs = attribute_docs(Evidence)
    marks = [(code(mark.value), docs[mark.name]) for mark in Evidence]
    rows = [
        (code(row.code), str(row.status or _status(row.code)), code(row.text), row.evidence.value, "HTTP front" if row.http else "")
        for row in ERROR_TEXTS
    ]
    return section(
        "Error codes",
        "How surely Salesforce words an error so:",
        table(("mark", "evidence"), marks),
        table(("code", "HTTP status of a single call", "text", "mark", ""), rows),
    )


def _status(code_name: str) -> int:
    """Of the codes that have a class, else 400."""
    classes = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, OrgError)]
    return next((cls.status for cls in classes if cls.code == code_name), OrgError.status)
