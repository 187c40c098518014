"""Our flows for people, `docs/flows.md`: each as a drawing, with what starts it, what it reads and what it writes."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flows import Flow, all_flows
from tooling.metadata.flows.elements import Action, Assignment, Create, Decision, Element, Get, Loop, Subflow, Update
from tooling.metadata.flows.flow import AsyncPath, CalledStart, RecordStart, ScheduledStart
from tooling.spec.model import Spec

PATH = "docs/flows.md"
_SHAPES = {Decision: ("{{", "}}"), Get: ("[(", ")]"), Create: ("[/", "/]"), Update: ("[/", "/]"), Loop: ("([", "])"), Subflow: ("[[", "]]")}
_ON = {"Create": "is created", "Update": "is changed", "CreateAndUpdate": "is created or changed"}


def render(spec: Spec) -> str:
    """The page as the file holds it."""
    return "\n".join(_lines(all_flows(spec))) + "\n"


def _lines(flows: tuple[Flow, ...]) -> Iterator[str]:
    yield "# Flows"
    yield ""
    yield "Written by `make regen` from the flows that `nps generate` makes of `nps.yml`. Dotted lines are fault paths."
    yield ""
    yield "| Flow | Starts when | Reads | Writes | Calls |"
    yield "|---|---|---|---|---|"
    for flow in flows:
        lists = (_listed(names) for names in (reads(flow), writes(flow), sorted(flow.calls)))
        cells = (f"[{flow.label}](#{flow.name.lower()})", starts_when(flow), *lists)
        yield f"| {' | '.join(cells)} |"
    for flow in flows:
        yield ""
        yield f"## {flow.name}"
        yield ""
        yield flow.description
        yield ""
        yield f"*Starts when* {starts_when(flow)}."
        yield ""
        yield "```mermaid"
        yield from _drawing(flow)
        yield "```"


def starts_when(flow: Flow) -> str:
    """What starts the flow, in words."""
    start = flow.start
    if isinstance(start, CalledStart):
        return "another flow calls it"
    if isinstance(start, ScheduledStart):
        return f"it is {start.at}, for each {start.sobject} that its filters find"
    before = "before it is saved" if start.trigger == "RecordBeforeSave" else "after it is saved"
    paths = [_path_label(path) for path in start.paths]
    article = "an" if start.sobject[0] in "AEIOU" else "a"
    what = f"{article} {start.sobject} {_ON[start.on]}"
    return f"{what}, {before}" if not paths else f"{what}: {', '.join(paths)}"


def reads(flow: Flow) -> list[str]:
    """The objects that the flow gets records of."""
    return sorted({e.sobject for e in flow.elements if isinstance(e, Get)})


def writes(flow: Flow) -> list[str]:
    """The objects and fields that the flow saves; a before-save flow writes into the record that is being saved."""
    assigned: dict[str, set[str]] = {}
    for item in (i for e in flow.elements if isinstance(e, Assignment) for i in e.items):
        root, _, field = item.target.partition(".")
        if field:
            assigned.setdefault(root, set()).add(field)
    found = {_record(flow): assigned["$Record"]} if "$Record" in assigned and isinstance(flow.start, RecordStart) else {}
    for element in flow.elements:
        if isinstance(element, Create | Update):
            root = (element.reference or "").split(".")[0]
            sobject = _owner(root, flow) if root else str(element.sobject)
            found.setdefault(sobject, set()).update({name for name, _ in element.values} | assigned.get(root, set()))
    return [f"{sobject} ({', '.join(sorted(fields))})" if fields else sobject for sobject, fields in sorted(found.items())]


def _owner(root: str, flow: Flow) -> str:
    """The object of what is saved through a reference: the started record, a record variable, or what a Get has stored."""
    got = {e.name: e.sobject for e in flow.elements if isinstance(e, Get)}
    variables = {r.name: str(getattr(r, "sobject", None) or "") for r in flow.resources}
    return _record(flow) if root == "$Record" else got.get(root) or variables.get(root) or root


def _record(flow: Flow) -> str:
    return getattr(flow.start, "sobject", "the record")


def _drawing(flow: Flow) -> Iterator[str]:
    yield "flowchart TD"
    yield f"    Start([{_quoted('Start')}])"
    for element in flow.elements:
        opened, closed = _SHAPES.get(type(element), (">", "]") if isinstance(element, Action) else ("[", "]"))
        yield f"    {element.name}{opened}{_quoted(_caption(element))}{closed}"
    for label, target in _starts(flow):
        yield f"    Start{_arrow(label)} {target}"
    for element in flow.elements:
        yield from _connections(element)


def _starts(flow: Flow) -> Iterator[tuple[str, str]]:
    if flow.start.targets and (first := flow.start.targets[0]):
        yield "", first
    for path in getattr(flow.start, "paths", ()):
        yield _path_label(path), path.then


def _connections(element: Element) -> Iterator[str]:
    if isinstance(element, Decision):
        for rule in element.rules:
            if rule.then:
                yield f"    {element.name}{_arrow(rule.label)} {rule.then}"
        if element.otherwise:
            yield f"    {element.name}{_arrow(element.otherwise_label)} {element.otherwise}"
        return
    if isinstance(element, Loop):
        yield f"    {element.name}{_arrow('for each')} {element.each}"
    if element.then:
        yield f"    {element.name}{_arrow('then' if isinstance(element, Loop) else '')} {element.then}"
    fault = getattr(element, "fault", None)
    if fault:
        yield f"    {element.name} -.-> {fault}"


def _caption(element: Element) -> str:
    if isinstance(element, Get):
        return f"Get {element.sobject}: {element.label}"
    if isinstance(element, Create):
        return f"Create {element.sobject}: {element.label}"
    if isinstance(element, Update):
        return f"Update: {element.label}"
    return element.label


def _path_label(path: object) -> str:
    if isinstance(path, AsyncPath):
        return "right after commit"
    return str(getattr(path, "label", "")) or str(getattr(path, "name", ""))


def _arrow(label: str) -> str:
    return f" -->|{_quoted(label)}|" if label else " -->"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"
