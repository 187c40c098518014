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
    found = []
    for full_name, fields in sorted(records_in(files).items()):
        kind, _, name = full_name.partition(".")
        theirs = here[kind].get(name)
        if theirs is None:
            same = next((n for n, values in here[kind].items() if _essence(kind, values) == _essence(kind, fields)), None)
            if same is not None:
                found.append(Kept(full_name, f"the org has it as {same}"))
        elif differing := [f for f in fields if fields[f] != theirs[f]]:
            said = ", ".join(f"{f} is {_shown(theirs[f])} in the org, {_shown(fields[f])} here" for f in differing)
            found.append(Kept(full_name, said))
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
