"""Names to columns: fields, parent paths, polymorphic parents, formula fields. What is unknown or unseen is refused with its position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..errors import MalformedQuery
from ..schema.types import Field, FieldType, Schema, SObject
from .ast import FieldPath
from .messages import malformed, no_such_column, no_such_relationship

MAX_PARENTS = 5
# The fields of the Name object, which stands for whatever a polymorphic lookup points at (Object Reference, "Name").
_NAME_FIELDS = frozenset(
    {
        "id", "name", "type", "firstname", "lastname", "email", "phone", "title", "alias", "username", "isactive",
        "profileid", "userroleid", "recordtypeid",
    }
)  # fmt: skip
_ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


@dataclass(frozen=True, slots=True)
class FormulaFunction:
    """The SQL function that computes a formula field, and the field paths (from the formula's own object) it is given."""

    name: str
    arguments: tuple[tuple[str, ...], ...]


class Formulas(Protocol):
    def function(self, sobject: SObject, field: Field) -> FormulaFunction: ...


class Visibility(Protocol):
    """What the querying user may see."""

    def sees_object(self, sobject: SObject) -> bool: ...

    def sees_field(self, sobject: SObject, field: Field) -> bool: ...

    def record_filter(self, sobject: SObject, alias: str) -> tuple[str, tuple[Any, ...]] | None:
        """SQL over the table alias that keeps the records the user may read; None keeps all."""


class Everything:
    """The visibility of system context."""

    def sees_object(self, sobject: SObject) -> bool:
        return True

    def sees_field(self, sobject: SObject, field: Field) -> bool:
        return True

    def record_filter(self, sobject: SObject, alias: str) -> tuple[str, tuple[Any, ...]] | None:
        return None


EVERYTHING = Everything()


@dataclass(frozen=True, slots=True)
class Environment:
    """All that compiling a query depends on besides its text."""

    schema: Schema
    formulas: Formulas
    visibility: Visibility = EVERYTHING
    include_deleted: bool = False
    tooling: bool = False
    """Queried through the Tooling API, which also knows objects of its own."""
    time_zone: str = "UTC"
    """The user's, by its IANA name; for convertTimezone()."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A relationship on the way to a field; `id_sql` is the lookup's value, `sobject` None when it is polymorphic."""

    name: str
    id_sql: str
    sobject: SObject | None
    lookup: Field


@dataclass(frozen=True, slots=True)
class Column:
    """A field, resolved: its SQL, and the canonical way to it."""

    sql: str
    field: Field
    sobject: SObject
    parents: tuple[Parent, ...] = ()

    @property
    def name(self) -> str:
        return ".".join([*(parent.name for parent in self.parents), self.field.name])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path has led so far: a table alias, or (polymorphic) the lookup's value and the objects it may point at."""

    alias: str
    sobject: SObject
    parents: tuple[Parent, ...] = ()
    targets: tuple[SObject, ...] = ()


class Scope:
    """The FROM of one query: the object it reads, and one LEFT JOIN for each parent it refers to."""

    def __init__(self, environment: Environment, text: str, sobject: SObject, aliases: Iterator[str], alias: str | None = None) -> None:
        self.environment = environment
        self.text = text
        self.sobject = sobject
        self.aliases = aliases
        self.root = next(aliases)
        self._own_names = {sobject.name.lower(), (alias or sobject.name).lower()}
        self._joins: dict[tuple[str, str, str], tuple[str, str]] = {}

    def from_clause(self) -> str:
        return " ".join([f"{table(self.sobject)} AS {self.root}", *(sql for _, sql in self._joins.values())])

    def column(self, path: FieldPath) -> Column:
        """The field at a path as the user may see it.

        Raises:
            InvalidField: no such field or relationship, or not visible.
        """
        parts = path.parts
        if len(parts) > 1 and parts[0].lower() in self._own_names and self.sobject.relationship(parts[0]) is None:
            parts = parts[1:]
        if len(parts) > MAX_PARENTS + 1:
            raise malformed(self.text, path.at, f"SOQL relationships cannot exceed {MAX_PARENTS} levels: {path}")
        place = _Place(self.root, self.sobject)
        for name in parts[:-1]:
            place = self._parent(place, name, path, checked=True)
        column = self._field(place, parts[-1])
        if column is None or not self._visible(place, column):
            entity = "Name" if place.targets else place.sobject.name
            raise no_such_column(self.text, path.at, parts[-1], entity)
        return column

    def target(self, path: FieldPath, sobject: SObject) -> _Place:
        """One target of a polymorphic lookup, as TYPEOF names it."""
        place = _Place(self.root, self.sobject)
        for name in path.parts[:-1]:
            place = self._parent(place, name, path, checked=True)
        return self._parent(place, f"{path.parts[-1]}:{sobject.name}", path, checked=True)

    def column_of(self, place: _Place, path: FieldPath) -> Column:
        """A field seen from a place already reached."""
        for name in path.parts[:-1]:
            place = self._parent(place, name, path, checked=True)
        column = self._field(place, path.parts[-1])
        if column is None or not self._visible(place, column):
            raise no_such_column(self.text, path.at, path.parts[-1], place.sobject.name)
        return column

    def own(self, field: Field) -> Column:
        """A field of the queried object itself, in system context."""
        return Column(self._sql(self.root, self.sobject, field), field, self.sobject)

    def _visible(self, place: _Place, column: Column) -> bool:
        return bool(place.targets) or self.environment.visibility.sees_field(column.sobject, column.field)

    def _parent(self, place: _Place, name: str, path: FieldPath, *, checked: bool) -> _Place:
        name, _, wanted = name.partition(":")
        if place.targets:
            place = self._through(place, name)
        lookup = place.sobject.relationship(name)
        visibility = self.environment.visibility
        if lookup is None or (checked and not visibility.sees_field(place.sobject, lookup)):
            raise no_such_relationship(self.text, path.at, name)
        targets = [found for target in lookup.reference_to if (found := self.environment.schema.get(target))]
        if not checked and not wanted and len(targets) > 1:
            # A formula that does not say which object it means: the owner as a user (Salesforce Help, "Building Cross-Object Formulas").
            wanted = next((target.name for target in targets if target.name == "User"), targets[0].name)
        if wanted:
            targets = [target for target in targets if target.name.lower() == wanted.lower()]
        if checked and len(targets) == 1 and not visibility.sees_object(targets[0]):
            raise no_such_relationship(self.text, path.at, name)
        if not targets:
            raise no_such_relationship(self.text, path.at, name)
        id_sql = self._sql(place.alias, place.sobject, lookup)
        relationship = lookup.relationship_name or name
        if len(targets) == 1 and (wanted or len(lookup.reference_to) == 1):
            parents = (*place.parents, Parent(relationship, id_sql, targets[0], lookup))
            return _Place(self._join(place.alias, lookup, id_sql, targets[0]), targets[0], parents)
        parents = (*place.parents, Parent(relationship, id_sql, None, lookup))
        return _Place(id_sql, place.sobject, parents, tuple(targets))

    def _through(self, place: _Place, name: str) -> _Place:
        """Beyond a polymorphic lookup (`Owner.Profile.Name`): to the first of its objects that has the relationship."""
        found = next((target for target in place.targets if target.relationship(name)), None)
        if found is None:
            return replace(place, targets=())
        lookup = place.parents[-1].lookup
        return _Place(self._join(place.alias, lookup, place.alias, found), found, place.parents)

    def _join(self, alias: str, lookup: Field, id_sql: str, target: SObject) -> str:
        key = (alias, lookup.name, target.name)
        if key not in self._joins:
            joined = next(self.aliases)
            self._joins[key] = (joined, f'LEFT JOIN {table(target)} AS {joined} ON {joined}."Id" = {id_sql}')
        return self._joins[key][0]

    def _field(self, place: _Place, name: str) -> Column | None:
        if place.targets:
            return self._polymorphic(place, name)
        field = place.sobject.field(name)
        if field is None:
            return None
        return Column(self._sql(place.alias, place.sobject, field), field, place.sobject, place.parents)

    def _polymorphic(self, place: _Place, name: str) -> Column | None:
        """A CASE over the key prefix of the lookup's value: only the table it points into is read."""
        wanted = name.lower()
        if wanted not in _NAME_FIELDS:
            return None
        id_sql = place.alias
        if wanted == "id":
            return Column(id_sql, Field("Id", "Id", FieldType.ID, length=18), place.sobject, place.parents)
        branches, found = [], None
        for target in place.targets:
            if wanted == "type":
                branches.append(f"WHEN '{target.key_prefix}' THEN {_type_name(target, id_sql)}")
                continue
            field = target.name_field if wanted == "name" else target.field(name)
            if field is not None and field.formula is None:
                found = found or field
                branches.append(f"WHEN '{target.key_prefix}' THEN (SELECT {column(field)} FROM {table(target)} WHERE \"Id\" = {id_sql})")
        if wanted == "type":
            found = Field("Type", "Type", FieldType.STRING, length=40)
        if found is None:
            return None
        if wanted == "name":
            found = Field("Name", "Name", FieldType.STRING, length=255, name_field=True)
        collation = " COLLATE SALESFORCE" if found.type.is_text else ""
        return Column(f"(CASE substr({id_sql}, 1, 3) {' '.join(branches)} END){collation}", found, place.sobject, place.parents)

    def _sql(self, alias: str, sobject: SObject, field: Field) -> str:
        if field.formula is not None:
            return self._formula(alias, sobject, field)
        if field.type is FieldType.ADDRESS:
            return _address(alias, sobject, field)
        if field.type is FieldType.LOCATION:
            raise MalformedQuery(f"The compound geolocation field {field.name} is not supported in queries; use its latitude and longitude")
        return f"{alias}.{column(field)}"

    def _formula(self, alias: str, sobject: SObject, field: Field) -> str:
        function = self.environment.formulas.function(sobject, field)
        arguments = []
        for parts in function.arguments:
            path = FieldPath(parts)
            place = _Place(alias, sobject)
            for name in parts[:-1]:
                place = self._parent(place, name, path, checked=False)
            found = self._field(place, parts[-1])
            if found is None:
                raise no_such_column(self.text, 0, parts[-1], place.sobject.name)
            arguments.append(found.sql)
        collation = " COLLATE SALESFORCE" if field.type.is_text else ""
        return f"{function.name}({', '.join(arguments)}){collation}"


def table(sobject: SObject) -> str:
    return _quoted(sobject.name)


def column(field: Field) -> str:
    return _quoted(field.name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type_name(target: SObject, id_sql: str) -> str:
    """A queue is a Group, and yet `Owner.Type` says Queue of it (SOQL and SOSL Reference, "Understanding Relationship Fields")."""
    if target.name != "Group":
        return f"'{target.name}'"
    return f"(SELECT CASE \"Type\" WHEN 'Queue' THEN 'Queue' ELSE 'Group' END FROM {table(target)} WHERE \"Id\" = {id_sql})"


def _address(alias: str, sobject: SObject, field: Field) -> str:
    """A compound address as one JSON object, null when all its parts are."""
    prefix = field.name.removesuffix("Address")
    parts = [(part, f"{alias}.{column(found)}") for part in _ADDRESS_PARTS if (found := sobject.field(prefix + part))]
    if not parts:
        return "NULL"
    listed = ", ".join(f"'{part[0].lower()}{part[1:]}', {sql}" for part, sql in parts)
    values = ", ".join(sql for _, sql in parts)
    return f"CASE WHEN COALESCE({values}, NULL) IS NOT NULL THEN json_object({listed}) END"
