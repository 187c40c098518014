"""A flow as the tree of Metadata API elements that its template prints, in schema order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tooling.metadata.flows.elements import (
    Action,
    Assignment,
    Create,
    Decision,
    Element,
    Filter,
    Get,
    Loop,
    Rule,
    Subflow,
    Update,
)
from tooling.metadata.flows.flow import AsyncPath, CalledStart, Flow, RecordStart, ScheduledPath, ScheduledStart
from tooling.metadata.flows.resources import Formula, TextTemplate, Variable
from tooling.metadata.flows.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """An element with a text, or with children."""

    tag: str
    text: str | None = None
    children: tuple[Node, ...] = ()


def tree_of(flow: Flow, api_version: str) -> Node:
    """The `Flow` element of a flow. Every flow is Active: what a draft may contain, an active flow may not."""
    shared = _shared_fault_targets(flow)
    by_tag: dict[str, list[Node]] = {}
    for element in flow.elements:
        tag, node = _element(element, shared)
        by_tag.setdefault(tag, []).append(Node(tag, children=node))
    for resource in flow.resources:
        tag, node = _resource(resource)
        by_tag.setdefault(tag, []).append(Node(tag, children=node))
    by_tag["apiVersion"] = [Node("apiVersion", api_version)]
    by_tag["description"] = [Node("description", flow.description)]
    by_tag["environments"] = [Node("environments", "Default")]
    by_tag["interviewLabel"] = [Node("interviewLabel", f"{flow.label} {{!$Flow.CurrentDateTime}}")]
    by_tag["label"] = [Node("label", flow.label)]
    by_tag["processMetadataValues"] = [
        Node("processMetadataValues", children=(Node("name", name), Node("value", children=(Node("stringValue", value),))))
        for name, value in (
            ("BuilderType", "LightningFlowBuilder"),
            ("CanvasMode", "AUTO_LAYOUT_CANVAS"),
            ("OriginBuilderType", "LightningFlowBuilder"),
        )
    ]
    by_tag["processType"] = [Node("processType", "AutoLaunchedFlow")]
    by_tag["start"] = [Node("start", children=_start(flow.start))]
    by_tag["status"] = [Node("status", "Active")]
    if flow.order is not None:
        by_tag["triggerOrder"] = [Node("triggerOrder", str(flow.order))]
    return Node("Flow", children=tuple(node for tag in sorted(by_tag) for node in by_tag[tag]))


def _shared_fault_targets(flow: Flow) -> dict[str, str]:
    """Fault paths that meet in one element: all but the first are "go to" connectors, so that the canvas lays itself out."""
    first: dict[str, str] = {}
    for element in flow.elements:
        fault = getattr(element, "fault", None)
        if fault:
            first.setdefault(fault, element.name)
    return first


def _connector(tag: str, target: str | None, go_to: bool = False) -> Iterable[Node]:
    if target is not None:
        children = (Node("isGoTo", "true"),) if go_to else ()
        yield Node(tag, children=(*children, Node("targetReference", target)))


def _value(tag: str, value: Value) -> Node:
    return Node(tag, children=(Node(value.tag, value.text),))


def _head(part: Element) -> tuple[Node, ...]:
    return (
        Node("description", part.description),
        Node("name", part.name),
        Node("label", part.label),
        Node("locationX", "0"),
        Node("locationY", "0"),
    )


def _filters(filters: tuple[Filter, ...], logic: str = "and") -> Iterable[Node]:
    if filters:
        yield Node("filterLogic", logic)
    for one in filters:
        yield Node("filters", children=(Node("field", one.field), Node("operator", one.operator), _value("value", one.value)))


def _inputs(values: tuple[tuple[str, Value], ...]) -> Iterable[Node]:
    for field, value in sorted(values, key=lambda pair: pair[0]):
        yield Node("inputAssignments", children=(Node("field", field), _value("value", value)))


def _element(element: Element, shared: dict[str, str]) -> tuple[str, tuple[Node, ...]]:
    head = _head(element)

    def fault(target: str) -> Iterable[Node]:
        return _connector("faultConnector", target, go_to=shared[target] != element.name)

    match element:
        case Decision():
            default = (*_connector("defaultConnector", element.otherwise), Node("defaultConnectorLabel", element.otherwise_label))
            return "decisions", (*head, *default, *(_rule(rule) for rule in element.rules))
        case Assignment():
            items = (
                Node(
                    "assignmentItems",
                    children=(
                        Node("assignToReference", item.target),
                        Node("operator", item.operator),
                        _value("value", item.value),
                    ),
                )
                for item in element.items
            )
            return "assignments", (*head, *items, *_connector("connector", element.then))
        case Get():
            sort = (
                (Node("sortField", element.sort_by), Node("sortOrder", "Desc" if element.descending else "Asc")) if element.sort_by else ()
            )
            return "recordLookups", (
                *head,
                Node("assignNullValuesIfNoRecordsFound", "false"),
                *_connector("connector", element.then),
                *fault(element.fault),
                *_filters(element.filters),
                Node("getFirstRecordOnly", "true" if element.first_only else "false"),
                Node("object", element.sobject),
                *(Node("queriedFields", field) for field in element.fields),
                *sort,
                Node("storeOutputAutomatically", "true"),
            )
        case Loop():
            return "loops", (
                *head,
                Node("collectionReference", element.collection),
                Node("iterationOrder", "Asc"),
                *_connector("nextValueConnector", element.each),
                *_connector("noMoreValuesConnector", element.then),
            )
        case Create():
            what = (
                (Node("inputReference", element.reference),)
                if element.reference
                else (*_inputs(element.values), Node("object", element.sobject), Node("storeOutputAutomatically", "true"))
            )
            return "recordCreates", (*head, *_connector("connector", element.then), *fault(element.fault), *what)
        case Update():
            where = (
                (*_inputs(element.values), Node("inputReference", element.reference))
                if element.reference
                else (*_inputs(element.values), Node("object", element.sobject))
            )
            return "recordUpdates", (
                *head,
                *_connector("connector", element.then),
                *fault(element.fault),
                *_filters(element.filters),
                *where,
            )
        case Subflow():
            inputs = (Node("inputAssignments", children=(Node("name", name), _value("value", value))) for name, value in element.inputs)
            outputs = (
                Node("outputAssignments", children=(Node("assignToReference", variable), Node("name", output)))
                for output, variable in element.outputs
            )
            return "subflows", (*head, *_connector("connector", element.then), Node("flowName", element.flow), *inputs, *outputs)
        case Action():
            parameters = (
                Node("inputParameters", children=(Node("name", name), _value("value", value)))
                for name, value in sorted(element.inputs, key=lambda pair: pair[0])
            )
            return "actionCalls", (
                *head,
                Node("actionName", element.action),
                Node("actionType", element.action),
                *_connector("connector", element.then),
                *fault(element.fault),
                *parameters,
            )


def _rule(rule: Rule) -> Node:
    conditions = (
        Node(
            "conditions",
            children=(Node("leftValueReference", c.left), Node("operator", c.operator), _value("rightValue", c.right)),
        )
        for c in rule.conditions
    )
    return Node(
        "rules",
        children=(
            Node("name", rule.name),
            Node("conditionLogic", rule.logic),
            *conditions,
            *_connector("connector", rule.then),
            Node("label", rule.label),
        ),
    )


def _resource(resource: Variable | Formula | TextTemplate) -> tuple[str, tuple[Node, ...]]:
    head = (Node("description", resource.description), Node("name", resource.name))
    match resource:
        case Variable():
            return "variables", (
                *head,
                Node("dataType", resource.data_type),
                Node("isCollection", str(resource.collection).lower()),
                Node("isInput", str(resource.input).lower()),
                Node("isOutput", str(resource.output).lower()),
                *((Node("objectType", resource.sobject),) if resource.sobject else ()),
                *((Node("scale", str(resource.scale)),) if resource.scale is not None else ()),
                *((_value("value", resource.value),) if resource.value else ()),
            )
        case Formula():
            scale = (Node("scale", str(resource.scale)),) if resource.scale is not None else ()
            return "formulas", (*head, Node("dataType", resource.data_type), Node("expression", resource.expression), *scale)
        case TextTemplate():
            return "textTemplates", (*head, Node("isViewedAsPlainText", "true"), Node("text", resource.text))


_FIRST_DAY = "2026-01-01"


def _start(start: RecordStart | ScheduledStart | CalledStart) -> tuple[Node, ...]:
    place = (Node("locationX", "0"), Node("locationY", "0"))
    if isinstance(start, CalledStart):
        return (*place, *_connector("connector", start.then))
    if isinstance(start, ScheduledStart):
        # The time is one of the org's zone, whatever the Z says: Salesforce Help, "Schedule-Triggered Flows".
        when = (Node("frequency", "Daily"), Node("startDate", _FIRST_DAY), Node("startTime", f"{start.at}:00.000Z"))
        return (
            *place,
            *_connector("connector", start.then),
            *_filters(start.filters, start.logic),
            Node("object", start.sobject),
            Node("schedule", children=when),
            Node("triggerType", "Scheduled"),
        )
    changed = (Node("doesRequireRecordChangedToMeetCriteria", "true"),) if start.changed_to_meet else ()
    return (
        *place,
        *_connector("connector", start.then),
        *changed,
        *_filters(start.filters, start.logic),
        Node("object", start.sobject),
        Node("recordTriggerType", start.on),
        *(_path(path) for path in start.paths),
        Node("triggerType", start.trigger),
    )


def _path(path: AsyncPath | ScheduledPath) -> Node:
    if isinstance(path, AsyncPath):
        # A label, an offset or a batch size on this kind of path is refused at deploy.
        return Node(
            "scheduledPaths",
            children=(Node("name", path.name), *_connector("connector", path.then), Node("pathType", "AsyncAfterCommit")),
        )
    source = (
        (Node("recordField", path.field), Node("timeSource", "RecordField")) if path.field else (Node("timeSource", "RecordTriggerEvent"),)
    )
    return Node(
        "scheduledPaths",
        children=(
            Node("name", path.name),
            *_connector("connector", path.then),
            Node("label", path.label),
            Node("maxBatchSize", str(path.batch_size)),
            Node("offsetNumber", str(path.offset)),
            Node("offsetUnit", path.unit),
            *source,
        ),
    )
