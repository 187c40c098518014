"""What a well-formed route may still get wrong: fields that are not there, cannot be written, or cannot hold what they are to hold.

Offline only our own fields and Salesforce's standard ones are known; a customer's are compared with the org's describe before the
first write. Both use `field_problem`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.spec.answers import RECORDS, Kind, as_field_value, fits, kind_of, moment_from, number_from
from tooling.spec.findings import Finding, Path, suggestion
from tooling.spec.model import Spec
from tooling.spec.objects import OBJECTS, FieldSpec, FieldType, ObjectKind, Writer, field_named
from tooling.spec.routes import Condition, Route, Value
from tooling.spec.standard_fields import KnownField, standard_fields

_TYPES = {
    FieldType.TEXT: "string",
    FieldType.LONG_TEXT: "textarea",
    FieldType.EMAIL: "email",
    FieldType.NUMBER: "double",
    FieldType.CHECKBOX: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime",
    FieldType.PICKLIST: "picklist",
    FieldType.LOOKUP: "reference",
    FieldType.MASTER_DETAIL: "reference",
}
_UNLIKE_TEXT = frozenset({"boolean", "textarea", "multipicklist", "address", "location", "encryptedstring"})
"""Types that no record is looked up by: not filterable, or never one record's own."""


def routes_are_sound(spec: Spec) -> Iterator[Finding]:
    names: set[str] = set()
    for index, route in enumerate(spec.routes):
        path: Path = ("routes", index)
        if route.name in names:
            yield Finding((*path, "name"), f"a second route is called {route.name}", "choose another name")
        names.add(route.name)
        yield from _object(path, route)
        yield from _source(path, route, spec)
        for name, condition in route.when.answers.items():
            yield from _condition((*path, "when", "answers", name), name, condition)
        if route.on_found == "skip" and route.on_missing == "skip":
            yield Finding((*path, "on_found"), f"the route {route.name} never writes anything", "write on_missing: create, or remove it")


def field_problem(route: Route, name: str, found: KnownField, *, creates: bool, updates: bool) -> str | None:
    """Why the route cannot write the field, or None."""
    where = f"{route.object}.{name}"
    if (creates and not found.createable) or (updates and not found.updateable):
        return f"{where} cannot be {'written' if not found.createable else 'changed'}"
    return _value_problem(route.fields[name], found, where) if name in route.fields else None


def lookup_problem(route: Route, found: KnownField) -> str | None:
    """Why no record can be looked up by the field, or None."""
    name, answer = f"{route.object}.{route.lookup.field}", route.lookup.from_
    if found.type in _UNLIKE_TEXT:
        return f"nothing is looked up by {name}: it is of type {found.type}"
    of = RECORDS.get(answer)
    if found.type == "id" and of not in (None, route.object):
        return f"{name} is never the id of a {of}"
    if found.type == "id" and kind_of(answer) not in (Kind.RECORD_ID, Kind.ANY):
        return f"{name} cannot be {answer}: that is {kind_of(answer)}"
    if not fits(kind_of(answer), found.type, of, found.reference_to):
        return f"{name} ({found.type}) cannot be {answer}: that is {kind_of(answer)}"
    return None


def _object(path: Path, route: Route) -> Iterator[Finding]:
    ours = next((o for o in OBJECTS if o.api_name == route.object), None)
    if route.lookup.field == "Id" and route.on_missing == "create":
        yield Finding((*path, "on_missing"), "a record cannot be created under an Id of its own", "write skip, or look up by another field")
    if ours is not None and ours.kind is not ObjectKind.STANDARD:
        yield Finding((*path, "object"), f"{route.object} is our own", "the ledger needs no route; name another object")
        return
    standard = standard_fields(route.object)
    known = {**(standard or {}), **_our_fields(route.object)}
    looked_up = [(*path, "lookup", "field")]
    for field_path, name in [*((p, route.lookup.field) for p in looked_up), *(((*path, "fields", f), f) for f in route.fields)]:
        found = known.get(name)
        at_key = field_path[-2] == "fields"
        if found is None:
            if not _is_customers(route.object, name, standard is not None):
                remedy = suggestion(name, list(known), "correct it; a field of your own ends in __c")
                yield Finding(field_path, f"{route.object} has no field {name}", remedy, at_key=at_key)
            continue
        problem = lookup_problem(route, found) if not at_key else _write_problem(route, name, found)
        if problem:
            yield Finding(field_path, problem, "choose another field or answer", at_key=at_key)


def _write_problem(route: Route, name: str, found: KnownField) -> str | None:
    ours = _our_field(route.object, name)
    if ours is not None and not ours.writers & {Writer.ADMIN, Writer.USER}:
        return f"{route.object}.{name} is derived from the ledger"
    return field_problem(route, name, found, creates=route.on_missing == "create", updates=route.on_found == "update")


def _is_customers(sobject: str, name: str, is_known: bool) -> bool:
    """Whether only the org can tell: a custom field that is not named like one of ours, or anything of an object not listed."""
    return not is_known or (name.endswith("__c") and not name.startswith("NPS_"))


def _our_field(sobject: str, name: str) -> FieldSpec | None:
    return field_named(f"{'Activity' if sobject in ('Task', 'Event') else sobject}.{name}")


def _our_fields(sobject: str) -> dict[str, KnownField]:
    name = "Activity" if sobject in ("Task", "Event") else sobject
    ours = next((o for o in OBJECTS if o.api_name == name), None)
    return {f.api_name: known_field(f) for f in ours.fields} if ours else {}


def known_field(field: FieldSpec) -> KnownField:
    """A field of ours as a describe would show it."""
    kind = "double" if field.calculated and field.type is FieldType.NUMBER else _TYPES[field.type]
    references = (field.reference_to,) if field.reference_to else ()
    return KnownField(field.api_name, kind, field.length or 0, references, not field.calculated, not field.calculated)


def _value_problem(value: Value, found: KnownField, where: str) -> str | None:
    constants = [c for c in (value.value, value.default, *(value.map or {}).values()) if c is not None]
    for constant in constants:
        try:
            as_field_value(constant, found.type)
        except ValueError as error:
            return f"{where} ({found.type}) cannot be {str(constant)!r:.60}: {error}"
        if found.length and isinstance(constant, str) and len(constant) > found.length:
            return f"{where} holds {found.length} characters, {constant!r:.40} has {len(constant)}"
    if value.text is not None and not fits(Kind.LONG_TEXT, found.type) and not fits(Kind.TEXT, found.type):
        return f"{where} ({found.type}) cannot be a text"
    if value.from_ is None or value.map is not None:
        return None
    kind = kind_of(value.from_)
    if not fits(kind, found.type, RECORDS.get(value.from_), found.reference_to):
        return f"{where} ({found.type}) cannot be {value.from_}: that is {kind}"
    return None


def _source(path: Path, route: Route, spec: Spec) -> Iterator[Finding]:
    known = [*(["promoter_io"] if spec.sources.promoter_io else []), *dict.fromkeys(f.name for f in spec.sources.files)]
    for source in route.when.source or ():
        if "*" not in source and source not in known and known:
            remedy = suggestion(source, known, f"there are {', '.join(known)}")
            yield Finding((*path, "when", "source"), f"sources names no {source}", remedy)


def _condition(path: Path, name: str, condition: Condition) -> Iterator[Finding]:
    kind = kind_of(name)
    compared = {"above": condition.above, "at_least": condition.at_least, "below": condition.below, "at_most": condition.at_most}
    for key, value in compared.items():
        if value is None:
            continue
        if kind not in (Kind.NUMBER, Kind.MOMENT, Kind.ANY):
            yield Finding((*path, key), f"{name} is {kind}: it is not {key.replace('_', ' ')} anything", "use is, contains or starts_with")
        elif (kind is Kind.MOMENT and not _is_moment(value)) or (kind is not Kind.MOMENT and number_from(value) is None and not (
            kind is Kind.ANY and _is_moment(value)
        )):  # fmt: skip
            yield Finding((*path, key), f"{value!r} cannot be compared with {name}", "write a number or a date")
    if kind is Kind.NUMBER:
        for value in (*(condition.is_ or ()), *(condition.is_not or ())):
            if number_from(value) is None:
                yield Finding(path, f"{name} is never {value!r}", "write a number")


def _is_moment(value: object) -> bool:
    try:
        moment_from(value)
    except ValueError:
        return False
    return True
