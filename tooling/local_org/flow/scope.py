"""What a reference means in a flow, decided once: `$Record.Account.Name`, `myVariable`, `Get_Contact.Email`, `My_Subflow.result`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from ..schema.types import Field, Schema, SObject
from .kinds import BOOLEAN, DATE, DATE_TIME, TEXT, Kind, kind_of_field
from .model import (
    CollectionProcessor,
    Constant,
    Decision,
    Flow,
    FormulaResource,
    Loop,
    RecordCreate,
    RecordLookup,
    Subflow,
    TextTemplate,
    Transform,
    Variable,
)
from .model.base import Element
from .vocabulary import CollectionProcessorType, DataType


class Root(Enum):
    """Where the first word of a reference gets its value from."""

    RECORD = auto()
    PRIOR = auto()
    FLOW = auto()
    CONSTANT_GLOBAL = auto()
    GLOBAL = auto()
    VARIABLE = auto()
    """Also outputs that elements store under their own name."""
    RESOURCE = auto()
    """Constant, formula or text template."""
    SUBFLOW = auto()
    VISITED = auto()
    """Any other element or outcome: true once the interview passed it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A resolved reference: canonical words, the static type at its end, and where it starts.

    `each` marks the `[$EachItem]` of a transform; `parent` the sObject whose lookup the reference ends at (`$Record.Account`).
    """

    root: Root
    path: tuple[str, ...]
    kind: Kind
    root_kind: Kind
    each: bool = False
    relationship: Field | None = None

    @property
    def name(self) -> str:
        return self.path[0]

    @property
    def fields(self) -> tuple[str, ...]:
        return self.path[1:]

    def __str__(self) -> str:
        return ".".join(self.path)


class UnknownReference(Exception):
    """A reference that leads nowhere; its text is what the deploy says."""


EACH_ITEM = "[$EachItem]"

_FLOW_GLOBALS: dict[str, tuple[str, Kind]] = {
    "currentdate": ("CurrentDate", DATE),
    "currentdatetime": ("CurrentDateTime", DATE_TIME),
    "currentrecord": ("CurrentRecord", TEXT),
    "faultmessage": ("FaultMessage", TEXT),
    "interviewguid": ("InterviewGuid", TEXT),
    "interviewstarttime": ("InterviewStartTime", DATE_TIME),
}
_CONSTANTS: dict[str, tuple[str, Kind]] = {"true": ("True", BOOLEAN), "false": ("False", BOOLEAN), "emptystring": ("EmptyString", TEXT)}
_RECORD_GLOBALS = {"$user": ("$User", "User"), "$profile": ("$Profile", "Profile"), "$organization": ("$Organization", "Organization")}


def field_path(schema: Schema, sobject: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], Field, bool]:
    """Canonical names of a field path, the field at its end, and whether it ends at the parent itself (`Account` of a Contact).

    Raises:
        UnknownReference: a name is neither a field nor a relationship.
    """
    candidates = [found] if (found := schema.get(sobject)) else []
    if not candidates:
        raise UnknownReference(f'The object "{sobject}" doesn\'t exist.')
    path: list[str] = []
    for position, name in enumerate(names):
        last = position == len(names) - 1
        field = next((f for s in candidates if (f := s.field(name))), None)
        if last and field is not None:
            return (*path, field.name), field, False
        parent = next((f for s in candidates if (f := s.relationship(name))), None)
        if parent is None:
            raise UnknownReference(f'The field "{".".join(names[position:])}" for the object "{candidates[0].name}" doesn\'t exist.')
        path.append(parent.relationship_name or name)
        if last:
            return tuple(path), parent, True
        candidates = _parents(schema, parent)
    raise UnknownReference(f'The field "" for the object "{sobject}" doesn\'t exist.')


def _parents(schema: Schema, lookup: Field) -> list[SObject]:
    """The sObjects a lookup may lead to; a polymorphic one is searched in order."""
    return [found for name in lookup.reference_to if (found := schema.get(name))]


class Scope:
    """The names of one flow."""

    def __init__(self, flow: Flow, schema: Schema, flows: Mapping[str, Flow]) -> None:
        self.flow = flow
        self.schema = schema
        self.flows = flows
        self._elements: dict[str, Element] = {}
        for element in (*flow.resources(), *flow.nodes()):
            self._elements.setdefault(element.name.lower(), element)
            if isinstance(element, Decision):
                for rule in element.rules:
                    self._elements.setdefault(rule.name.lower(), rule)
        self._items = {
            node.assign_next_value_to_reference.lower(): node for node in flow.collection_processors if node.assign_next_value_to_reference
        }
        self._resolving: set[str] = set()

    def element(self, name: str) -> Element | None:
        return self._elements.get(name.lower())

    def find(self, reference: str) -> Target:
        """What a reference means.

        Raises:
            UnknownReference: nothing has this name, or a field on the way does not exist.
        """
        words = reference.strip().removeprefix("{!").removesuffix("}").split(".")
        each = words[0].endswith(EACH_ITEM)
        head = words[0].removesuffix(EACH_ITEM)
        rest = tuple(words[1:])
        if head.startswith("$"):
            return self._global(head, rest, reference, each)
        root, name, kind = self._root(head, rest, reference)
        if root is Root.SUBFLOW:
            return self._subflow_output(name, rest, reference)
        if each and not kind.collection:
            raise UnknownReference(f'"{head}" isn\'t a collection.')
        if each:
            return self._extended(root, name + EACH_ITEM, kind.item, rest, reference, each)
        return self._extended(root, name, kind, rest, reference)

    def _extended(self, root: Root, name: str, kind: Kind, rest: tuple[str, ...], reference: str, each: bool = False) -> Target:
        if not rest:
            return Target(root, (name,), kind, kind, each)
        if kind.sobject is None or kind.collection:
            raise UnknownReference(f'"{name}" has no field "{".".join(rest)}" ({reference}).')
        path, field, is_parent = field_path(self.schema, kind.sobject, rest)
        if is_parent:
            parent = Kind(DataType.SOBJECT, field.reference_to[0] if field.reference_to else None)
            return Target(root, (name, *path), parent, kind, each, field)
        return Target(root, (name, *path), kind_of_field(field), kind, each)

    def _global(self, head: str, rest: tuple[str, ...], reference: str, each: bool) -> Target:
        word = head.lower()
        if word in ("$record", "$record__prior"):
            sobject = self.flow.trigger_object
            found = self.schema.get(sobject) if sobject else None
            if found is None or (word == "$record__prior" and not self.flow.record_triggered):
                raise UnknownReference(f"{head} isn't available in this flow ({reference}).")
            record = Kind(DataType.SOBJECT, found.name)
            if word == "$record":
                return self._extended(Root.RECORD, "$Record", record, rest, reference)
            return self._extended(Root.PRIOR, "$Record__Prior", record, rest, reference)
        if word in ("$flow", "$globalconstant") and len(rest) == 1:
            table, root, name = (
                (_FLOW_GLOBALS, Root.FLOW, "$Flow") if word == "$flow" else (_CONSTANTS, Root.CONSTANT_GLOBAL, "$GlobalConstant")
            )
            entry = table.get(rest[0].lower())
            if entry:
                return Target(root, (name, entry[0]), entry[1], entry[1])
        elif word in _RECORD_GLOBALS and rest:
            name, sobject = _RECORD_GLOBALS[word]
            path, field, is_parent = field_path(self.schema, sobject, rest)
            if not is_parent:
                return Target(Root.GLOBAL, (name, *path), kind_of_field(field), kind_of_field(field))
        elif word in ("$setup", "$custommetadata") and len(rest) == (2 if word == "$setup" else 3):
            return self._setting("$Setup" if word == "$setup" else "$CustomMetadata", rest)
        elif word == "$permission" and len(rest) == 1:
            return Target(Root.GLOBAL, ("$Permission", *rest), BOOLEAN, BOOLEAN)
        elif word in ("$label", "$api") and rest:
            return Target(Root.GLOBAL, ("$Label" if word == "$label" else "$Api", *rest), TEXT, TEXT)
        elif word == "$system" and tuple(r.lower() for r in rest) == ("origindatetime",):
            return Target(Root.FLOW, ("$System", "OriginDateTime"), DATE_TIME, DATE_TIME)
        raise UnknownReference(f'The element "{reference}" doesn\'t exist.')

    def _setting(self, name: str, rest: tuple[str, ...]) -> Target:
        path, field, _ = field_path(self.schema, rest[0], rest[-1:])
        found = self.schema.get(rest[0])
        words = (name, found.name if found else rest[0], *rest[1:-1], *path)
        return Target(Root.GLOBAL, words, kind_of_field(field), kind_of_field(field))

    def _root(self, head: str, rest: tuple[str, ...], reference: str) -> tuple[Root, str, Kind]:
        element = self._elements.get(head.lower())
        if element is None:
            processor = self._items.get(head.lower())
            if processor is None:
                raise UnknownReference(f'The element "{reference}" doesn\'t exist.')
            # Flow Builder declares the item variable of a collection filter; where it is missing, the collection gives its type.
            return Root.VARIABLE, processor.assign_next_value_to_reference or head, self._collection(processor.collection_reference).item
        if isinstance(element, Variable):
            return Root.VARIABLE, element.name, kind_of_variable(element, self.schema)
        if isinstance(element, Constant):
            return Root.RESOURCE, element.name, Kind(element.data_type)
        if isinstance(element, FormulaResource):
            return Root.RESOURCE, element.name, Kind(element.data_type or DataType.STRING, scale=element.scale)
        if isinstance(element, TextTemplate):
            return Root.RESOURCE, element.name, TEXT
        if isinstance(element, Subflow) and element.store_output_automatically and rest:
            return Root.SUBFLOW, element.name, TEXT
        kind = self._stored(element)
        if kind is None:
            return Root.VISITED, element.name, BOOLEAN
        return Root.VARIABLE, element.name, kind

    def _stored(self, element: Element) -> Kind | None:
        """What an element keeps under its own name; None for one that only can be visited."""
        if isinstance(element, RecordLookup) and element.store_output_automatically:
            return Kind(DataType.SOBJECT, self._sobject(element.object), collection=not element.get_first_record_only)
        if isinstance(element, RecordCreate) and element.store_output_automatically:
            return TEXT
        if isinstance(element, Loop) and not element.assign_next_value_to_reference:
            return self._collection(element.collection_reference).item
        if isinstance(element, CollectionProcessor):
            if element.collection_processor_type is CollectionProcessorType.RECOMMENDATION_MAP:
                return Kind(DataType.SOBJECT, self._sobject(element.output_sobject_type or ""), collection=True)
            return self._collection(element.collection_reference)
        if isinstance(element, Transform):
            sobject = self._sobject(element.object_type) if element.object_type else None
            return Kind(element.data_type or DataType.STRING, sobject, element.is_collection, element.scale)
        return None

    def _collection(self, reference: str) -> Kind:
        if reference in self._resolving:
            raise UnknownReference(f'The element "{reference}" refers to itself.')
        self._resolving.add(reference)
        try:
            kind = self.find(reference).kind
        finally:
            self._resolving.discard(reference)
        if not kind.collection:
            raise UnknownReference(f'"{reference}" isn\'t a collection.')
        return kind

    def _sobject(self, name: str) -> str:
        found = self.schema.get(name)
        return found.name if found else name

    def _subflow_output(self, name: str, rest: tuple[str, ...], reference: str) -> Target:
        node = self._elements[name.lower()]
        child = flow_named(self.flows, node.flow_name) if isinstance(node, Subflow) else None
        variable = next((v for v in child.variables if v.name.lower() == rest[0].lower() and v.is_output), None) if child else None
        if variable is None:
            raise UnknownReference(f'The element "{reference}" doesn\'t exist.')
        kind = kind_of_variable(variable, self.schema)
        target = self._extended(Root.SUBFLOW, f"{name}.{variable.name}", kind, rest[1:], reference)
        return Target(Root.SUBFLOW, target.path, target.kind, target.root_kind, False, target.relationship)


def kind_of_variable(variable: Variable, schema: Schema) -> Kind:
    found = schema.get(variable.object_type) if variable.object_type else None
    sobject = found.name if found else variable.object_type
    return Kind(variable.data_type, sobject, variable.is_collection, variable.scale or 0)


def flow_named(flows: Mapping[str, Flow], name: str) -> Flow | None:
    """A flow by its API name, whatever the case."""
    found = flows.get(name)
    if found is not None:
        return found
    return next((flow for key, flow in flows.items() if key.lower() == name.lower()), None)


def global_names() -> tuple[str, ...]:
    """The globals that a flow may refer to; a dot and dots stand for fields and names."""
    return (
        "$Record.…",
        "$Record__Prior.…",
        *(f"$Flow.{name}" for name, _ in _FLOW_GLOBALS.values()),
        *(f"$GlobalConstant.{name}" for name, _ in _CONSTANTS.values()),
        *(f"{name}.…" for name, _ in _RECORD_GLOBALS.values()),
        "$Setup.Object__c.Field__c",
        "$CustomMetadata.Type__mdt.Record.Field__c",
        "$Permission.…",
        "$Label.…",
        "$Api.…",
        "$System.OriginDateTime",
    )
