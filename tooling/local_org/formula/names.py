"""What the names in a formula of an sObject stand for: its fields, those of its parents, and the `$` globals."""

from __future__ import annotations

from collections.abc import Container

from ..schema.types import Field, FieldType, ObjectKind, Schema, SObject
from .checker import check
from .errors import FormulaError
from .parser import parse
from .size import compiled_size
from .types import Context, Reference, Type

MOST_RELATIONSHIPS = 10
"""How many relationships one reference may cross (Salesforce Help, "Building Cross-Object Formulas")."""

_TYPES = {
    FieldType.BOOLEAN: Type.BOOLEAN,
    FieldType.DATE: Type.DATE,
    FieldType.DATETIME: Type.DATETIME,
    FieldType.TIME: Type.TIME,
    FieldType.PICKLIST: Type.PICKLIST,
    FieldType.MULTIPICKLIST: Type.MULTIPICKLIST,
    FieldType.LOCATION: Type.LOCATION,
}
_UNSUPPORTED = {FieldType.ADDRESS: "Address", FieldType.BASE64: "File", FieldType.ENCRYPTED: "Text (Encrypted)"}

_GLOBAL_OBJECTS = {
    "$user": ("$User", "User"),
    "$profile": ("$Profile", "Profile"),
    "$organization": ("$Organization", "Organization"),
    "$userrole": ("$UserRole", "UserRole"),
    "$recordtype": ("$RecordType", "RecordType"),
}


def type_of_field(field: Field) -> Type:
    """The type a field has inside a formula; everything that is stored as text, ids too, is Text."""
    if field.type.is_number:
        return Type.NUMBER
    return _TYPES.get(field.type, Type.TEXT)


class GlobalNames:
    """`$User.X`, `$Profile.X`, `$Organization.X`, `$Setup.Obj__c.F__c`, `$Permission.X`, `$Label.X`, `$CustomMetadata.T__mdt.R.F__c`, ….

    `labels` and `permissions`: the names that exist, compared in lower case; None accepts any.
    """

    def __init__(self, schema: Schema, *, labels: Container[str] | None = None, permissions: Container[str] | None = None) -> None:
        self._schema = schema
        self._labels = labels
        self._permissions = permissions

    def find(self, path: tuple[str, ...]) -> Reference | None:
        scope, rest = path[0].lower(), path[1:]
        if scope in _GLOBAL_OBJECTS:
            canonical, sobject = _GLOBAL_OBJECTS[scope]
            return self._field(sobject, rest, (canonical,))
        if scope == "$setup":
            return self._setting(rest)
        if scope == "$custommetadata":
            return self._metadata_record(rest)
        if scope == "$objecttype":
            return self._object_type(rest)
        if scope == "$permission" and len(rest) == 1 and (self._permissions is None or rest[0].lower() in self._permissions):
            return Reference(("$Permission", rest[0]), Type.BOOLEAN, rest[0])
        if scope == "$label" and rest and (self._labels is None or ".".join(rest).lower() in self._labels):
            return Reference(("$Label", *rest), Type.TEXT, rest[-1])
        if scope == "$api" and len(rest) == 1:
            return Reference(("$Api", rest[0]), Type.TEXT, rest[0])
        if scope == "$system" and [r.lower() for r in rest] == ["origindatetime"]:
            return Reference(("$System", "OriginDateTime"), Type.DATETIME, "OriginDateTime")
        return None

    def _field(self, sobject: str, path: tuple[str, ...], prefix: tuple[str, ...]) -> Reference | None:
        owner = self._schema.get(sobject)
        field = owner.field(path[0]) if owner is not None and len(path) == 1 else None
        return reference_to(field, (*prefix, field.name)) if field is not None else None

    def _setting(self, path: tuple[str, ...]) -> Reference | None:
        setting = self._schema.get(path[0]) if len(path) == 2 else None
        if setting is None or setting.kind is not ObjectKind.CUSTOM_SETTING:
            return None
        return self._field(setting.name, path[1:], ("$Setup", setting.name))

    def _metadata_record(self, path: tuple[str, ...]) -> Reference | None:
        kind = self._schema.get(path[0]) if len(path) == 3 else None
        if kind is None or kind.kind is not ObjectKind.CUSTOM_METADATA:
            return None
        return self._field(kind.name, path[2:], ("$CustomMetadata", kind.name, path[1]))

    def _object_type(self, path: tuple[str, ...]) -> Reference | None:
        sobject = self._schema.get(path[0]) if len(path) == 3 and path[1].lower() == "fields" else None
        return self._field(sobject.name, path[2:], ("$ObjectType", sobject.name, "Fields")) if sobject is not None else None


def reference_to(field: Field, path: tuple[str, ...], compiled_size: int = 0) -> Reference:
    """
    The reference to a field at a canonical path.

    Raises:
        FormulaError: a field type that no formula can use.
    """
    if field.type in _UNSUPPORTED:
        label, name = _UNSUPPORTED[field.type], ".".join(path)
        raise FormulaError(f'You referenced an unsupported field type called "{label}" using the following field: {name}')
    return Reference(
        path,
        type_of_field(field),
        field.label,
        percent=field.type is FieldType.PERCENT,
        long_text=field.is_long_text,
        calculated=field.calculated,
        identifier=field.type in (FieldType.ID, FieldType.REFERENCE),
        compiled_size=compiled_size,
    )


class FormulaCycle(FormulaError):
    """A formula field that refers to itself."""


class InlinedSizes:
    """The compiled sizes of formula fields, which Salesforce inlines where another formula refers to them."""

    def __init__(self, schema: Schema, global_names: GlobalNames) -> None:
        self._schema = schema
        self._globals = global_names
        self._known: dict[tuple[str, str], int] = {}
        self._open: list[tuple[str, str]] = []

    def of(self, owner: SObject, field: Field) -> int:
        """
        Characters; 0 for a field that is no formula.

        Raises:
            FormulaCycle: the field's formula refers to itself, directly or by way of others.
        """
        if field.formula is None:
            return 0
        key = (owner.name, field.name)
        if key in self._open:
            chain = " -> ".join(".".join(k) for k in (*self._open, key))
            raise FormulaCycle(f"Formula cannot use another formula field that directly or indirectly refers to itself. {chain}")
        if key not in self._known:
            self._open.append(key)
            try:
                self._known[key] = self._compiled(owner.name, field.formula)
            finally:
                self._open.pop()
        return self._known[key]

    def _compiled(self, sobject: str, source: str) -> int:
        try:
            return compiled_size(check(parse(source), SObjectNames(self._schema, sobject, self._globals, self), Context.FIELD))
        except FormulaCycle:
            raise
        except FormulaError:
            # What is wrong with the other field's own formula is said when that field is deployed.
            return 0


class SObjectNames:
    """The names in a formula field, validation rule or default value of one sObject type."""

    def __init__(self, schema: Schema, sobject: str, global_names: GlobalNames | None = None, sizes: InlinedSizes | None = None) -> None:
        self._schema = schema
        self._sobject = schema.get(sobject)
        self._globals = global_names or GlobalNames(schema)
        self._sizes = sizes or InlinedSizes(schema, self._globals)

    def find(self, path: tuple[str, ...]) -> Reference | None:
        if path[0].startswith("$"):
            return self._globals.find(path)
        if len(path) - 1 > MOST_RELATIONSHIPS:
            raise FormulaError(f"Field {'.'.join(path)} crosses {len(path) - 1} relationships. The maximum is {MOST_RELATIONSHIPS}.")
        owner, canonical = self._sobject, []
        for step in path[:-1]:
            found = self._parent(owner, step)
            if found is None:
                return None
            name, owner = found
            canonical.append(name)
        field = owner.field(path[-1]) if owner is not None else None
        if owner is None or field is None:
            return None
        return reference_to(field, (*canonical, field.name), self._sizes.of(owner, field))

    def _parent(self, owner: SObject | None, step: str) -> tuple[str, SObject | None] | None:
        """A relationship's canonical name and its parent; `Owner:User` picks one of several possible parents."""
        relationship, _, chosen = step.partition(":")
        lookup = owner.relationship(relationship) if owner is not None else None
        if lookup is None or not lookup.relationship_name:
            return None
        if chosen:
            target = next((t for t in lookup.reference_to if t.lower() == chosen.lower()), None)
            if target is None:
                message = f"{chosen} is an invalid object type for the {relationship} field. Check spelling."
                raise FormulaError(message)
            return f"{lookup.relationship_name}:{target}", self._schema.get(target)
        target = "User" if "User" in lookup.reference_to else next(iter(lookup.reference_to), "")
        return lookup.relationship_name, self._schema.get(target)
