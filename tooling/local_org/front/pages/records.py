"""One record with all that hangs on it, and lists of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...schema.types import ChildRelationship, Field, FieldType, SObject
from ..wire import the_org
from . import interviews, timeline
from .display import EMPTY, Shown, shown
from .field_groups import grouped
from .list_views import ListView, usual_columns

PAGE_SIZE = 50
_RELATED = 6
_RELATED_COLUMNS = 6
_OFF_TIMELINE = frozenset({"Task", "Event"})


def record_list(sobject: SObject, chosen: tuple[list[ListView], ListView], page: int) -> dict[str, Any]:
    """A page of records; pages count from 1."""
    views, view = chosen
    where = f" WHERE {view.where}" if view.where else ""
    total = the_org().query(None, f"SELECT count() FROM {sobject.name}{where}").total_size
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), last)
    columns = [found for name in view.columns if (found := sobject.field(name))]
    # OFFSET ends at 2,000 in SOQL; the façade gives the whole result, of which one page is shown.
    order = next((name for name in ("CreatedDate", "Id") if sobject.field(name)), "Id")
    select = ", ".join(dict.fromkeys(["Id", *(column.name for column in columns)]))
    result = the_org().query(None, f"SELECT {select} FROM {sobject.name}{where} ORDER BY {order} DESC, Id DESC LIMIT {page * PAGE_SIZE}")
    records = result.page((page - 1) * PAGE_SIZE, PAGE_SIZE)
    return {
        "sobject": sobject, "views": views, "view": view, "columns": columns, "rows": _rows(records, columns), "total": total, "page": page,
        "pages": last,
    }  # fmt: skip


def record(record_id: str) -> dict[str, Any] | None:
    """Fields in groups, related lists, timeline and interviews of one record; None when there is none."""
    schema = the_org().metadata.schema
    sobject = schema.of_id(record_id)
    if sobject is None:
        return None
    [found] = the_org().retrieve(None, sobject.name, [record_id])
    if found is None:
        return None
    names = names_of([found], sobject.fields)
    lists = [_related(child, record_id) for child in schema.children(sobject.name) if child.name and child.child not in _OFF_TIMELINE]
    touched = interviews.of_record(record_id)
    addresses = {str(found[field.name]) for field in sobject.fields if field.type is FieldType.EMAIL and found.get(field.name)}
    title = found.get(sobject.name_field.name) if sobject.name_field else None
    return {
        "sobject": sobject, "title": title or record_id, "id": record_id, "groups": _groups(sobject, found, names),
        "related": [each for each in lists if each], "timeline": timeline.of_record(sobject, record_id, addresses), "interviews": touched,
    }  # fmt: skip


def names_of(records: Iterable[Mapping[str, Any]], fields: Iterable[Field]) -> dict[str, str]:
    """Names of the records that reference fields lead to, by id."""
    lookups = [field.name for field in fields if field.type is FieldType.REFERENCE]
    wanted: dict[str, set[str]] = {}
    schema = the_org().metadata.schema
    for each in records:
        for name in lookups:
            value = str(each.get(name) or "")
            parent = schema.of_id(value)
            if parent is not None:
                wanted.setdefault(parent.name, set()).add(value)
    names: dict[str, str] = {}
    for sobject_name, ids in wanted.items():
        parent = schema.get(sobject_name)
        name_field = parent.name_field if parent else None
        if name_field is None:
            continue
        found = the_org().retrieve(None, sobject_name, sorted(ids), ["Id", name_field.name])
        names |= {each["Id"]: str(each[name_field.name]) for each in found if each and each.get(name_field.name)}
    return names


def _rows(records: Sequence[Mapping[str, Any]], columns: Sequence[Field]) -> list[tuple[str, list[Shown]]]:
    """Each record's id and its cells; the name leads to the record."""
    names = names_of(records, columns)
    rows = []
    for each in records:
        cells = [shown(each.get(column.name), column, names) for column in columns]
        linked = next((index for index, column in enumerate(columns) if column.name_field), 0)
        cells[linked] = Shown(cells[linked].text or each["Id"], f"/r/{each['Id']}")
        rows.append((each["Id"], cells))
    return rows


def _groups(sobject: SObject, found: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    cells = {field.name: shown(found.get(field.name), field, names) for field in sobject.fields}
    filled = frozenset(name for name, cell in cells.items() if cell is not EMPTY)
    return [
        {"title": group.title, "folded": group.folded, "wide": group.wide, "fields": [(each, cells[each.name]) for each in group.fields]}
        for group in grouped(sobject, filled)
    ]


def _related(child: ChildRelationship, record_id: str) -> dict[str, Any] | None:
    sobject = the_org().metadata.schema.get(child.child)
    if sobject is None or not sobject.queryable:
        return None
    where = f"FROM {sobject.name} WHERE {child.field.name} = '{record_id}'"
    total = the_org().query(None, f"SELECT count() {where}").total_size
    if not total:
        return None
    names = [name for name in usual_columns(sobject) if name != child.field.name]
    columns = [found for name in names[:_RELATED_COLUMNS] if (found := sobject.field(name))]
    created = sobject.field("CreatedDate")
    select = ", ".join(dict.fromkeys(["Id", *(column.name for column in columns)]))
    order = " ORDER BY CreatedDate DESC" if created else ""
    result = the_org().query(None, f"SELECT {select} {where}{order} LIMIT {_RELATED}")
    return {
        "title": sobject.label_plural, "name": child.name, "sobject": sobject.name, "field": child.field.label, "total": total,
        "columns": columns, "rows": _rows(result.records, columns),
    }  # fmt: skip
