"""sObject tree: parents with their children in one call, all or nothing, at most 200 records of five types, five levels deep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ..engine.org import SaveResult
from ..errors import InvalidField, JsonParserError, NotFound, OrgError, error_class
from .errors import NOT_THERE, row_error
from .sobjects import save_options
from .wire import calling_user, json_object, note_rows, reply, the_org

routes = Blueprint("tree", __name__)

MOST_RECORDS = 200
MOST_TYPES = 5
MOST_LEVELS = 5


@dataclass(slots=True)
class _Node:
    """One record of the tree, without its children; `parent` and `lookup` say how it hangs on the record above."""

    reference: str
    sobject: str
    values: dict[str, Any]
    level: int
    parent: _Node | None = None
    lookup: str = ""
    id: str | None = None


class _Refused(Exception):
    def __init__(self, failures: list[tuple[str, OrgError]]) -> None:
        super().__init__()
        self.failures = failures


@routes.post("/services/data/v<version:version>/composite/tree/<sobject>")
def create_tree(version: str, sobject: str) -> Response:
    calling_user()
    found = the_org().metadata.schema.get(sobject)
    if found is None:
        raise NotFound(NOT_THERE)
    nodes: list[_Node] = []
    for record in _list(json_object().get("records")):
        _collect(record, found.name, None, "", 1, nodes)
    _require_limits(nodes)
    note_rows(len(nodes))
    try:
        with the_org().unit_of_work():
            _insert(nodes)
    except _Refused as refused:
        results = [{"referenceId": reference, "errors": [row_error(error)]} for reference, error in refused.failures]
        return reply({"hasErrors": True, "results": results}, 400)
    return reply({"hasErrors": False, "results": [{"referenceId": node.reference, "id": node.id} for node in nodes]}, 201)


def _list(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise JsonParserError("records must be an array of objects")
    return value


def _collect(record: dict[str, Any], sobject: str, parent: _Node | None, lookup: str, level: int, nodes: list[_Node]) -> None:
    attributes = record.get("attributes") or {}
    reference = str(attributes.get("referenceId") or "")
    if not reference:
        raise error_class("MISSING_ARGUMENT")("Each record of a tree needs a referenceId in its attributes")
    values = {name: value for name, value in record.items() if name != "attributes" and not _is_children(value)}
    node = _Node(reference, sobject, values, level, parent, lookup)
    nodes.append(node)
    for name, value in record.items():
        if name == "attributes" or not _is_children(value):
            continue
        relationship = next(
            (each for each in the_org().metadata.schema.children(sobject) if each.name and each.name.lower() == name.lower()), None
        )
        if relationship is None:
            raise InvalidField(f"No such column '{name}' on sobject of type {sobject}")
        for each in _list(value["records"]):
            _collect(each, relationship.child, node, relationship.field.name, level + 1, nodes)


def _is_children(value: Any) -> bool:
    return isinstance(value, dict) and "records" in value


def _require_limits(nodes: list[_Node]) -> None:
    limits = (
        (len(nodes), MOST_RECORDS, "records"),
        (len({node.sobject for node in nodes}), MOST_TYPES, "different sObject types"),
        (max((node.level for node in nodes), default=0), MOST_LEVELS, "levels"),
    )
    for found, most, what in limits:
        if found > most:
            raise error_class("LIMIT_EXCEEDED")(f"A tree takes at most {most} {what}; this one has {found}.")
    references = [node.reference for node in nodes]
    twice = next((each for each in references if references.count(each) > 1), None)
    if twice is not None:
        raise error_class("DUPLICATE_REFERENCE_ID")(f"Duplicate ReferenceId provided in the request: {twice}")


def _insert(nodes: list[_Node]) -> None:
    """Level by level, so that children find their parents' ids; the first level with a failure ends it."""
    for level in range(1, max((node.level for node in nodes), default=0) + 1):
        here = [node for node in nodes if node.level == level]
        records = [
            {**node.values, **({node.lookup: node.parent.id} if node.parent else {}), "attributes": {"type": node.sobject}} for node in here
        ]
        results: list[SaveResult] = the_org().insert(calling_user(), records, options=save_options())
        failures = [(node.reference, error) for node, result in zip(here, results, strict=True) for error in result.errors]
        if failures:
            raise _Refused(failures)
        for node, result in zip(here, results, strict=True):
            node.id = result.id
