"""A flow that does the same thing round after round, to meet the governor limits."""

from __future__ import annotations

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<Flow xmlns="http://soap.sforce.com/2006/04/metadata">'
PLACE = "<locationX>0</locationX><locationY>0</locationY>"
ASYNC = (
    "<scheduledPaths><name>Later</name><connector><targetReference>{first}</targetReference></connector>"
    "<pathType>AsyncAfterCommit</pathType></scheduledPaths>"
)

CAUGHT = (
    f"<assignments><name>Caught</name><label>Caught</label>{PLACE}<assignmentItems><assignToReference>message</assignToReference>"
    "<operator>Assign</operator><value><elementReference>$Flow.FaultMessage</elementReference></value></assignmentItems></assignments>"
)


def element(tag: str, name: str, body: str, then: str | None = "Count") -> str:
    """A data element with a fault path, which must not help."""
    after = f"<connector><targetReference>{then}</targetReference></connector>" if then else ""
    fault = "<faultConnector><targetReference>Caught</targetReference></faultConnector>"
    return f"<{tag}><name>{name}</name><label>{name}</label>{PLACE}{after}{fault}{body}</{tag}>"


GET = element("recordLookups", "Work", "<object>Milestone__c</object><storeOutputAutomatically>true</storeOutputAutomatically>")
CREATE = element(
    "recordCreates", "Work",
    "<inputAssignments><field>Name</field><value><stringValue>M</stringValue></value></inputAssignments><object>Milestone__c</object>",
)  # fmt: skip
UPDATE = element(
    "recordUpdates", "Work",
    "<inputAssignments><field>Health__c</field><value><elementReference>text</elementReference></value></inputAssignments>"
    "<inputReference>$Record</inputReference>",
)  # fmt: skip


def flow(work: str, rounds: int, *, first: str = "Work", asynchronous: bool = False, assignments: int = 1) -> dict[str, bytes]:
    """The package of an after-save flow for new projects: first a mark on the project's account, then `work` so many times."""
    item = (
        "<assignmentItems><assignToReference>round</assignToReference><operator>{}</operator><value><numberValue>{}</numberValue></value>"
        "</assignmentItems>"
    )
    idle = (
        "<assignmentItems><assignToReference>message</assignToReference><operator>Assign</operator><value><stringValue>x</stringValue></value>"
        "</assignmentItems>"
    )
    count = item.format("Add", 1) + idle * (assignments - 1)
    parts = [
        f"<assignments><name>Count</name><label>Count</label>{PLACE}{count}<connector><targetReference>Again</targetReference></connector></assignments>",
        CAUGHT,
        f"<decisions><name>Again</name><label>Again</label>{PLACE}<defaultConnectorLabel>Enough</defaultConnectorLabel><rules><name>More</name>"
        "<conditionLogic>and</conditionLogic><conditions><leftValueReference>round</leftValueReference><operator>LessThan</operator><rightValue>"
        f"<numberValue>{rounds}</numberValue></rightValue></conditions><connector><targetReference>{first}</targetReference></connector>"
        "<label>More</label></rules></decisions>",
        "<formulas><name>text</name><dataType>String</dataType><expression>TEXT({!round})</expression></formulas>",
        "<label>Rounds</label>",
        work,
        _start(first, asynchronous),
        "<status>Active</status>",
        "<variables><name>message</name><dataType>String</dataType></variables>",
        "<variables><name>round</name><dataType>Number</dataType><scale>0</scale><value><numberValue>0</numberValue></value></variables>",
        "<variables><name>many</name><dataType>SObject</dataType><isCollection>true</isCollection><objectType>Milestone__c</objectType></variables>",
    ]
    return {"flows/Rounds.flow-meta.xml": (HEAD + _grouped(parts) + "</Flow>").encode()}


def _grouped(parts: list[str]) -> str:
    """Repeated elements stand together."""
    text = "".join(parts)
    loose = [part for part in parts if part.startswith(("<assignments>", "<recordCreates>"))]
    for part in loose:
        text = text.replace(part, "", 1)
    return "".join(sorted(loose, key=lambda part: part[:14])) + text


def _start(first: str, asynchronous: bool) -> str:
    now = "" if asynchronous else f"<connector><targetReference>{first}</targetReference></connector>"
    later = ASYNC.format(first=first) if asynchronous else ""
    return (
        f"<start>{PLACE}{now}<object>Project__c</object><recordTriggerType>Create</recordTriggerType>{later}"
        "<triggerType>RecordAfterSave</triggerType></start>"
    )
