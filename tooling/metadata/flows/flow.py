"""A flow as a value, and the checks that the Metadata API does not make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass

from tooling.metadata.flows.elements import Element, Filter, Loop, Subflow
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.values import Value

_NAME = re.compile(r"[A-Za-z](?!.*__)[A-Za-z0-9_]{0,78}[A-Za-z0-9]")
_MERGE = re.compile(r"\{!([^}]+)\}")


@dataclass(frozen=True, slots=True)
class AsyncPath:
    """Runs right after commit, in a transaction of its own."""

    name: str
    then: str


@dataclass(frozen=True, slots=True)
class ScheduledPath:
    name: str
    label: str
    then: str
    offset: int
    unit: str
    batch_size: int
    field: str | None = None
    """A date or datetime field to count from; without it, the moment the record was saved."""


@dataclass(frozen=True, slots=True)
class RecordStart:
    """`trigger` is RecordBeforeSave or RecordAfterSave, `on` is Create, Update or CreateAndUpdate."""

    sobject: str
    trigger: str
    on: str
    then: str | None = None
    filters: tuple[Filter, ...] = ()
    logic: str = "and"
    changed_to_meet: bool = False
    paths: tuple[AsyncPath | ScheduledPath, ...] = ()

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then, *(path.then for path in self.paths))


@dataclass(frozen=True, slots=True)
class ScheduledStart:
    """Once a day, for every record of an object that the filters find. `at` is a time of day in the org's zone, `03:00`."""

    sobject: str
    then: str
    at: str
    filters: tuple[Filter, ...]
    logic: str = "and"

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then,)


@dataclass(frozen=True, slots=True)
class CalledStart:
    """Of a flow that other flows call."""

    then: str

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then,)


class FlowDefect(ValueError):
    """A flow that the generator must not write."""


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    label: str
    description: str
    start: RecordStart | ScheduledStart | CalledStart
    elements: tuple[Element, ...]
    resources: tuple[Resource, ...] = ()
    order: int | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise FlowDefect("\n".join(f"{self.name}: {problem}" for problem in problems))

    @property
    def calls(self) -> frozenset[str]:
        """The flows this one calls: they are activated before it."""
        return frozenset(e.flow for e in self.elements if hasattr(e, "flow"))


def _names(flow: Flow) -> Iterator[str]:
    for element in flow.elements:
        yield element.name
        yield from (rule.name for rule in getattr(element, "rules", ()))
    yield from (resource.name for resource in flow.resources)
    yield from (path.name for path in getattr(flow.start, "paths", ()))


def _problems(flow: Flow) -> Iterator[str]:
    names = list(_names(flow))
    # Elements, outcomes, resources and paths share one namespace, without regard to case.
    for name, count in Counter(name.lower() for name in names).items():
        if count > 1:
            yield f"{name} is used {count} times"
    for name in (flow.name, *names):
        if not _NAME.fullmatch(name):
            yield f"{name} is no valid API name"
    for part in (flow, *flow.elements, *flow.resources):
        if not part.description.strip():
            yield f"{part.name} has no description"
    for element in flow.elements:
        if not getattr(element, "fault", "not needed"):
            yield f"{element.name} has no fault path"
    yield from _unconnected(flow)
    known = {name.lower() for name in names}
    for reference in _references(flow):
        root = reference.split(".")[0]
        if not root.startswith("$") and root.lower() not in known:
            yield f"{reference} refers to nothing in this flow"


def _unconnected(flow: Flow) -> Iterator[str]:
    by_name = {element.name: element for element in flow.elements}
    reached: set[str] = set()
    waiting = [target for target in flow.start.targets if target]
    if not waiting:
        yield "nothing is connected to the start"
    while waiting:
        name = waiting.pop()
        if name not in by_name:
            yield f"a connector leads to {name}, which is no element"
        elif name not in reached:
            reached.add(name)
            waiting.extend(target for target in by_name[name].targets if target)
    for name in by_name.keys() - reached:
        yield f"{name} is never reached"


def _references(part: object) -> Iterator[str]:
    """Every name that a flow's elements and resources mention."""
    if isinstance(part, Value):
        if part.reference:
            yield part.reference
        elif part.tag == "stringValue":
            yield from _MERGE.findall(part.text)
    elif isinstance(part, Formula):
        yield from _MERGE.findall(part.expression)
    elif isinstance(part, TextTemplate):
        yield from _MERGE.findall(part.text)
    elif isinstance(part, Variable):
        return
    elif isinstance(part, tuple):
        yield from _each(part)
    elif is_dataclass(part):
        if isinstance(part, Loop):
            yield part.collection
        if isinstance(part, Subflow):
            yield from (variable for _, variable in part.outputs)
        for mentioned in ("left", "target", "reference"):
            if isinstance(name := getattr(part, mentioned, None), str):
                yield name
        yield from _each(getattr(part, f.name) for f in fields(part))


def _each(parts: Iterable[object]) -> Iterator[str]:
    for part in parts:
        yield from _references(part)
