"""Flow XML from fragments, for tests of one element, operator or rule: repeated elements are put together, as the Metadata API asks."""

from __future__ import annotations

import re

from tooling.local_org.flow import Flow, FlowProblem, Program, check_flow, compile_flow, read_flow

from .schema import SCHEMA

AUTOLAUNCHED = "<connector><targetReference>{first}</targetReference></connector>"
BEFORE_SAVE = (
    AUTOLAUNCHED + "<object>Response__c</object><recordTriggerType>CreateAndUpdate</recordTriggerType>"
    "<triggerType>RecordBeforeSave</triggerType>"
)
AFTER_SAVE = (
    AUTOLAUNCHED + "<object>Response__c</object><recordTriggerType>CreateAndUpdate</recordTriggerType>"
    "<triggerType>RecordAfterSave</triggerType>"
)

_PLACE = "<label>x</label><locationX>0</locationX><locationY>0</locationY>"
_NODES = (
    "actionCalls|assignments|collectionProcessors|customErrors|decisions|loops|recordCreates|recordDeletes|recordLookups|recordRollbacks|"
    "recordUpdates|subflows|transforms"
)


def xml(*fragments: str, start: str = AUTOLAUNCHED, first: str | None = None, more: str = "") -> bytes:
    """A flow of top-level elements: label and location of nodes are filled in; the first node is where it starts."""
    text = "".join(fragments)
    text = re.sub(rf"(<(?:{_NODES})><name>\w+</name>)", rf"\1{_PLACE}", text)
    tops = re.findall(r"<(\w+)><name>.*?</\1>", text, re.DOTALL)
    pieces = re.findall(rf"<({'|'.join(dict.fromkeys(tops))})>(<name>.*?)</\1>", text, re.DOTALL) if tops else []
    grouped = "".join(f"<{tag}>{body}</{tag}>" for wanted in sorted(set(tops)) for tag, body in pieces if tag == wanted)
    nodes = re.findall(rf"<(?:{_NODES})><name>(\w+)</name>", text)
    begin = start.replace("{first}", first or (nodes[0] if nodes else ""))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Flow xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"{grouped}<label>My flow</label>{more}"
        f"<start><locationX>0</locationX><locationY>0</locationY>{begin}</start><status>Active</status></Flow>"
    ).encode()


def flow(*fragments: str, name: str = "My_Flow", start: str = AUTOLAUNCHED, first: str | None = None, more: str = "") -> Flow:
    return read_flow(name, xml(*fragments, start=start, first=first, more=more))


def program(*fragments: str, start: str = AUTOLAUNCHED, first: str | None = None, called: tuple[Flow, ...] = ()) -> Program:
    """Compiles the fragments, after the deploy's checks found nothing."""
    made = flow(*fragments, start=start, first=first)
    flows = {f.full_name: f for f in (made, *called)}
    assert [p.problem for f in flows.values() for p in check_flow(f, SCHEMA, flows)] == []
    return compile_flow(made, SCHEMA, flows)


def problems(
    *fragments: str, start: str = AUTOLAUNCHED, first: str | None = None, more: str = "", called: tuple[Flow, ...] = ()
) -> list[str]:
    """What a deploy says about the fragments."""
    made = flow(*fragments, start=start, first=first, more=more)
    found: list[FlowProblem] = check_flow(made, SCHEMA, {f.full_name: f for f in (made, *called)})
    return [p.problem.removeprefix("field integrity exception: unknown (").removesuffix(")") for p in found]


def variable(name: str, data_type: str = "String", more: str = "", value: str = "") -> str:
    given = f"<value>{value}</value>" if value else ""
    body = f"<name>{name}</name><dataType>{data_type}</dataType><isInput>true</isInput><isOutput>true</isOutput>"
    return f"<variables>{body}{more}{given}</variables>"


def collection(name: str, data_type: str = "String", more: str = "") -> str:
    return variable(name, data_type, f"<isCollection>true</isCollection>{more}")


def record(name: str, sobject: str) -> str:
    return variable(name, "SObject", f"<objectType>{sobject}</objectType>")


def records(name: str, sobject: str) -> str:
    return collection(name, "SObject", f"<objectType>{sobject}</objectType>")


def item(target: str, operator: str, value: str = "") -> str:
    given = f"<value>{value}</value>" if value else ""
    return f"<assignmentItems><assignToReference>{target}</assignToReference><operator>{operator}</operator>{given}</assignmentItems>"


def assignment(name: str, *items: str, then: str = "") -> str:
    return f"<assignments><name>{name}</name>{''.join(items)}{to(then)}</assignments>"


def to(target: str, tag: str = "connector") -> str:
    return f"<{tag}><targetReference>{target}</targetReference></{tag}>" if target else ""


def ref(reference: str) -> str:
    return f"<elementReference>{reference}</elementReference>"


def text(value: str) -> str:
    return f"<stringValue>{value}</stringValue>"


def number(value: str | int) -> str:
    return f"<numberValue>{value}</numberValue>"


def boolean(value: bool) -> str:
    return f"<booleanValue>{str(value).lower()}</booleanValue>"


def condition(left: str, operator: str, right: str = "") -> str:
    given = f"<rightValue>{right}</rightValue>" if right else ""
    return f"<conditions><leftValueReference>{left}</leftValueReference><operator>{operator}</operator>{given}</conditions>"


def decision(name: str, *conditions: str, logic: str = "and", then: str = "", otherwise: str = "", more: str = "") -> str:
    """A decision with one outcome, named after it."""
    asked = "".join(conditions)
    rule = f"<rules><name>{name}_Yes</name><conditionLogic>{logic}</conditionLogic>{asked}{to(then)}{more}<label>x</label></rules>"
    return f"<decisions><name>{name}</name>{to(otherwise, 'defaultConnector')}{rule}</decisions>"


def filters(*lines: tuple[str, str, str]) -> str:
    return "".join(
        f"<filters><field>{field}</field><operator>{operator}</operator><value>{value}</value></filters>"
        for field, operator, value in lines
    )


def inputs(**fields: str) -> str:
    return "".join(f"<inputAssignments><field>{field}</field><value>{value}</value></inputAssignments>" for field, value in fields.items())
