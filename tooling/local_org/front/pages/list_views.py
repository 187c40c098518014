"""List views of an object: those that were deployed, and one of all records."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...schema.source import Component
from ...schema.types import Field, FieldType, SObject
from ..wire import the_org

_ALL = "all"
_MOST_COLUMNS = 8
_OPERATORS = {"equals": "=", "notEqual": "!=", "lessThan": "<", "greaterThan": ">", "lessOrEqual": "<=", "greaterOrEqual": ">="}
_LIKES = {"contains": "%{}%", "startsWith": "{}%", "notContain": "%{}%"}
_UNQUOTED = {FieldType.BOOLEAN, FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT, FieldType.DATE, FieldType.DATETIME}


@dataclass(frozen=True, slots=True)
class ListView:
    """Columns and condition of a list; `left_out` names filters this page cannot apply."""

    name: str
    label: str
    columns: tuple[str, ...]
    where: str = ""
    left_out: tuple[str, ...] = field(default=())


def of_object(sobject: SObject) -> list[ListView]:
    deployed = [_read(sobject, name, component) for name, component in _parts(sobject, "ListView")]
    return [ListView(_ALL, "All records", usual_columns(sobject)), *deployed]


def _parts(sobject: SObject, kind: str) -> list[tuple[str, Component]]:
    """Deployed parts of an object, such as its list views, by their own names."""
    owner = f"{sobject.name.lower()}."
    return [(name.partition(".")[2], each) for name, each in the_org().metadata.of_type(kind).items() if name.lower().startswith(owner)]


def chosen(sobject: SObject, name: str | None) -> tuple[list[ListView], ListView]:
    """All views of the object and the named one, else the first."""
    views = of_object(sobject)
    return views, next((view for view in views if view.name == name), views[0])


def _read(sobject: SObject, name: str, component: Component) -> ListView:
    root = component.node
    columns = [found.name for each in root.all("columns") if (found := _field(sobject, each.text.strip())) is not None]
    conditions, left_out = [], []
    for each in root.all("filters"):
        text = {part: each.value(part) or "" for part in ("field", "operation", "value")}
        condition = _condition(_field(sobject, text["field"]), text["operation"], text["value"])
        if condition:
            conditions.append(condition)
        else:
            left_out.append(" ".join(text.values()))
    if root.value("booleanFilter") and conditions:
        left_out.append("its filter logic")
        conditions = []
    shown = tuple(columns[:_MOST_COLUMNS]) or usual_columns(sobject)
    return ListView(name, root.value("label") or name, shown, " AND ".join(conditions), tuple(left_out))


def _field(sobject: SObject, name: str) -> Field | None:
    """List views name standard fields in their own way: NAME, CONTACT.EMAIL, CREATED_DATE."""
    found = sobject.field(name)
    if found is not None:
        return found
    last = name.rpartition(".")[2].replace("_", "").lower()
    if last == "name" and sobject.name_field is not None:
        return sobject.name_field
    return next((each for each in sobject.fields if each.name.lower() == last), None)


def _condition(on: Field | None, operation: str, value: str) -> str | None:
    if on is None:
        return None
    values = [part.strip() for part in value.split(",")] if value else [""]
    if operation in _LIKES and value:
        parts = [f"{on.name} LIKE {_quoted(_LIKES[operation].format(each))}" for each in values]
        both = f"({' OR '.join(parts)})"
        return f"(NOT {both})" if operation == "notContain" else both
    if operation not in _OPERATORS:
        return None
    parts = [f"{on.name} {_OPERATORS[operation]} {_literal(on, each)}" for each in values]
    return f"({(' AND ' if operation == 'notEqual' else ' OR ').join(parts)})"


def _literal(on: Field, value: str) -> str:
    if value == "":
        return "null"
    if on.type is FieldType.BOOLEAN:
        return "true" if value.lower() in {"1", "true", "yes"} else "false"
    return value if on.type in _UNQUOTED else _quoted(value)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def usual_columns(sobject: SObject) -> tuple[str, ...]:
    """Those of the first deployed list view, else the name and what says most: custom fields and what people look for."""
    for _, component in _parts(sobject, "ListView"):
        named = [found.name for each in component.node.all("columns") if (found := _field(sobject, each.text.strip())) is not None]
        if named:
            return tuple(dict.fromkeys(named))[:_MOST_COLUMNS]
    wanted = ("Email", "Subject", "Status", "Stage", "StageName", "Industry", "Type", "AccountId", "ContactId", "OwnerId", "ActivityDate")
    names = [found.name for found in (sobject.name_field,) if found]
    customs = [each.name for each in sobject.fields if each.custom and not each.is_long_text]
    usual = [found.name for name in wanted if (found := sobject.field(name))]
    picked = names + ((usual + customs) if not sobject.custom else (customs + usual))
    created = ["CreatedDate"] if sobject.field("CreatedDate") else []
    return tuple(dict.fromkeys(picked[: _MOST_COLUMNS - 1] + created)) or ("Id",)
