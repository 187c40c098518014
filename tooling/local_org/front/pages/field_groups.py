"""How a record's fields are grouped on its page: as the object's deployed layout has them, else what was added to the object first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from ...schema.source import Component
from ...schema.types import Field, SObject
from ..wire import the_org

_SYSTEM = frozenset(
    {"Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastViewedDate",
     "LastReferencedDate", "LastActivityDate"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldGroup:
    title: str
    fields: tuple[Field, ...]
    folded: bool = False
    wide: bool = False
    """One column instead of two."""


def grouped(sobject: SObject, filled: frozenset[str]) -> list[FieldGroup]:
    """The object's fields in groups that have any; `filled` names those with a value, the others come last together."""
    rest = [field for field in sobject.fields if field.name not in _SYSTEM and field.compound is None]
    shown = [field for field in rest if field.name in filled]
    layout = _layout(sobject)
    groups = list(_sections(sobject, layout, shown)) if layout else list(_usual(sobject, shown))
    groups.append(FieldGroup("Empty fields", tuple(field for field in rest if field.name not in filled), folded=True))
    groups.append(FieldGroup("System information", tuple(field for field in sobject.fields if field.name in _SYSTEM), folded=True))
    return [group for group in groups if group.fields]


def _layout(sobject: SObject) -> Component | None:
    """The first deployed layout of the object."""
    owner = f"{sobject.name}-".lower()
    return next((each for name, each in the_org().metadata.of_type("Layout").items() if name.lower().startswith(owner)), None)


def _sections(sobject: SObject, layout: Component, shown: Sequence[Field]) -> Iterator[FieldGroup]:
    placed: set[str] = set()
    for section in layout.node.all("layoutSections"):
        columns = [[item.value("field") or "" for item in column.all("layoutItems")] for column in section.all("layoutColumns")]
        # Columns are written one after the other and read side by side.
        names = [name for name in chain.from_iterable(zip_longest(*columns, fillvalue="")) if name]
        fields = [field for name in names if (field := sobject.field(name)) in shown and field is not None]
        placed |= {field.name for field in fields}
        yield FieldGroup(section.value("label") or "Details", tuple(fields), wide=section.value("style") == "OneColumn")
    yield FieldGroup("Not on the layout", tuple(field for field in shown if field.name not in placed), folded=True)


def _usual(sobject: SObject, shown: Sequence[Field]) -> Iterator[FieldGroup]:
    added = sorted((field for field in shown if field.custom), key=lambda field: field.label.casefold())
    yield FieldGroup("Fields" if sobject.custom else "Custom fields", tuple(added))
    yield FieldGroup("Details", tuple(field for field in shown if not field.custom))
