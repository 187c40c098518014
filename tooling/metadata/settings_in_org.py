"""Settings that the org already has: a deploy leaves what an admin changed alone, and adds nothing that is there under another name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from tooling.metadata.package import NAMESPACE
from tooling.metadata.settings import KEYWORD_TYPE, ROUTE_TYPE, SETTING_TYPES
from tooling.spec.escalation import words
from tooling.spec.objects.settings import KEYWORD, ROUTE
from tooling.spec.objects.types import FieldType, ObjectSpec

Fields = Mapping[str, object]
"""Field → value; numbers as float, blank as None."""

_OBJECTS: Mapping[str, ObjectSpec] = {KEYWORD_TYPE: KEYWORD, ROUTE_TYPE: ROUTE}
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the package that is not deployed, and why."""

    name: str
    reason: str
    same: bool = False
    """The org says the same all the same: by another name, or by other numbers that make the same order."""


def queries() -> dict[str, str]:
    """For each type of settings the query that reads its records."""
    return {
        name: f"SELECT DeveloperName, {', '.join(f.api_name for f in _OBJECTS[name].fields)} FROM {name}__mdt ORDER BY DeveloperName"
        for name in SETTING_TYPES
    }


def records_in(files: Mapping[str, bytes]) -> dict[str, Fields]:
    """The settings of a Metadata API package: `Type.Record` → its fields."""
    found: dict[str, Fields] = {}
    for path, content in files.items():
        name = path.removeprefix("customMetadata/").removesuffix(".md")
        if path.endswith(".md") and name.partition(".")[0] in SETTING_TYPES:
            found[name] = _fields(name.partition(".")[0], content)
    return found


def kept(files: Mapping[str, bytes], rows: Mapping[str, Iterable[Mapping[str, object]]]) -> list[Kept]:
    """The settings of a package that the org's records stand against. `rows` are the answers to `queries`, by type."""
    here = {kind: {str(row["DeveloperName"]): _values(kind, row) for row in rows.get(kind, ())} for kind in SETTING_TYPES}
    ours = records_in(files)
    same = {kind: _in_order(here[kind]) == _in_order(_of(kind, ours)) for kind in SETTING_TYPES}
    found = []
    for full_name, fields in sorted(ours.items()):
        kind, _, name = full_name.partition(".")
        theirs = here[kind].get(name)
        if theirs is None:
            twin = next((n for n, values in here[kind].items() if _essence(kind, values) == _essence(kind, fields)), None)
            if twin is not None:
                found.append(Kept(full_name, f"the org has it as {twin}", same[kind]))
        elif differing := [f for f in fields if fields[f] != theirs[f]]:
            said = ", ".join(f"{f} is {_shown(theirs[f])} in the org, {_shown(fields[f])} here" for f in differing)
            found.append(Kept(full_name, said, same[kind]))
    return found


def without(files: Mapping[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    """A package without some of its settings."""
    left_out = set(names)
    rest = {path: content for path, content in files.items() if path.removeprefix("customMetadata/").removesuffix(".md") not in left_out}
    manifest = etree.fromstring(files["package.xml"], _PARSER)
    for types in list(manifest.findall(f"{{{NAMESPACE}}}types")):
        if types.findtext(f"{{{NAMESPACE}}}name") == "CustomMetadata":
            for member in list(types.findall(f"{{{NAMESPACE}}}members")):
                if member.text in left_out:
                    types.remove(member)
            if types.find(f"{{{NAMESPACE}}}members") is None:
                manifest.remove(types)
    rest["package.xml"] = etree.tostring(manifest, encoding="UTF-8", xml_declaration=True)
    return rest


def _of(kind: str, records: Mapping[str, Fields]) -> dict[str, Fields]:
    return {name: fields for name, fields in records.items() if name.partition(".")[0] == kind}


def _in_order(records: Mapping[str, Fields]) -> list[Fields]:
    """What records say one after the other, whatever they are called. Without a number they come first, as in a flow's sorted Get."""
    ordered = sorted(records, key=lambda name: (records[name]["Order__c"] is not None, records[name]["Order__c"], name))
    return [{field: value for field, value in records[name].items() if field != "Order__c"} for name in ordered]


def _fields(kind: str, content: bytes) -> dict[str, object]:
    given: dict[str, object] = {}
    for values in etree.fromstring(content, _PARSER).findall(f"{{{NAMESPACE}}}values"):
        value = values.find(f"{{{NAMESPACE}}}value")
        blank = value is None or value.get(_NIL) == "true"
        given[str(values.findtext(f"{{{NAMESPACE}}}field"))] = None if blank or value is None else value.text
    return _values(kind, given)


def _values(kind: str, row: Mapping[str, object]) -> dict[str, object]:
    return {field.api_name: _value(field.type, row.get(field.api_name)) for field in _OBJECTS[kind].fields}


def _value(kind: FieldType, value: object) -> object:
    if kind is FieldType.CHECKBOX:
        return value in (True, "true")
    if value is None or value == "":
        return None
    return float(str(value)) if kind is FieldType.NUMBER else str(value)


def _essence(kind: str, fields: Fields) -> object:
    """What makes two records the same setting whatever they are called."""
    if kind == KEYWORD_TYPE:
        return words(str(fields["Keyword__c"] or ""))
    return tuple(fields[name] for name in ("Tier__c", "Severity__c", "Case_Type__c", "Queue__c", "Priority__c"))


def _shown(value: object) -> str:
    if value is None:
        return "blank"
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
