"""The flows the benchmark runs: three on each new project, one of them with a query for children, and a loop of a given length."""

from __future__ import annotations

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_PLACE = "<locationX>0</locationX><locationY>0</locationY>"


def _text(name: str) -> str:
    return f"<fields><fullName>{name}</fullName><label>{name}</label><length>80</length><type>Text</type></fields>"


def _number(name: str, formula: str = "") -> str:
    size = "<precision>18</precision><scale>2</scale><type>Number</type>"
    return f"<fields><fullName>{name}</fullName>{formula}<label>{name}</label>{size}</fields>"


OBJECT = (
    f"{HEAD}<CustomObject {NAMESPACE}><deploymentStatus>Deployed</deploymentStatus><enableActivities>true</enableActivities>"
    + _text("Key__c").replace("<label>", "<externalId>true</externalId><label>", 1)
    + _text("Status__c")
    + _text("Note__c")
    + _number("Budget__c")
    + _number("Score__c", "<formula>ROUND(IF(BLANKVALUE(Budget__c, 0) &gt; 1000, Budget__c * 1.19, Budget__c / 2), 2)</formula>")
    + "<fields><fullName>Contact__c</fullName><deleteConstraint>SetNull</deleteConstraint><label>Contact</label>"
    "<referenceTo>Contact</referenceTo>"
    "<relationshipLabel>Projects</relationshipLabel><relationshipName>Projects</relationshipName><type>Lookup</type></fields>"
    "<label>Project</label><nameField><label>Project Name</label><type>Text</type></nameField><pluralLabel>Projects</pluralLabel>"
    "<sharingModel>ReadWrite</sharingModel></CustomObject>"
)

_FIELDS = ("Key__c", "Status__c", "Note__c", "Budget__c", "Contact__c")


def _grant(name: str, editable: str) -> str:
    field = f"<field>Project__c.{name}</field>"
    return f"<fieldPermissions><editable>{editable}</editable>{field}<readable>true</readable></fieldPermissions>"


ACCESS = (
    f"{HEAD}<PermissionSet {NAMESPACE}>"
    + "".join(_grant(name, "true") for name in _FIELDS)
    + _grant("Score__c", "false")
    + "<hasActivationRequired>false</hasActivationRequired><label>Projects</label><objectPermissions><allowCreate>true</allowCreate>"
    "<allowDelete>true</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead><modifyAllRecords>true</modifyAllRecords>"
    "<object>Project__c</object><viewAllRecords>true</viewAllRecords></objectPermissions></PermissionSet>"
)


def _node(tag: str, name: str, body: str, then: str = "") -> str:
    after = f"<connector><targetReference>{then}</targetReference></connector>" if then else ""
    return f"<{tag}><name>{name}</name><label>{name}</label>{_PLACE}{after}{body}</{tag}>"


def _flow(label: str, parts: str, trigger: str, first: str) -> bytes:
    return (
        f"{HEAD}<Flow {NAMESPACE}>{parts}<label>{label}</label>"
        f"<start>{_PLACE}<connector><targetReference>{first}</targetReference></connector>"
        f"<object>Project__c</object><recordTriggerType>Create</recordTriggerType><triggerType>{trigger}</triggerType></start>"
        "<status>Active</status></Flow>"
    ).encode()


def _assign(target: str, value: str, operator: str = "Assign") -> str:
    how = f"<operator>{operator}</operator><value>{value}</value>"
    return f"<assignmentItems><assignToReference>{target}</assignToReference>{how}</assignmentItems>"


DEFAULTS = _flow(
    "Defaults",
    _node("assignments", "Set_Status", _assign("$Record.Status__c", "<elementReference>Band</elementReference>"))
    + f"<decisions><name>Given</name><label>Given</label>{_PLACE}<defaultConnectorLabel>Yes</defaultConnectorLabel><rules><name>No</name>"
    "<conditionLogic>and</conditionLogic><conditions><leftValueReference>$Record.Status__c</leftValueReference><operator>IsNull</operator>"
    "<rightValue><booleanValue>true</booleanValue></rightValue></conditions><connector><targetReference>Set_Status</targetReference></connector>"
    "<label>No</label></rules></decisions><formulas><name>Band</name><dataType>String</dataType>"
    "<expression>IF({!$Record.Budget__c} &gt; 1000, &quot;Large&quot;, &quot;Small&quot;)</expression></formulas>",
    "RecordBeforeSave",
    "Given",
)
CHILD = _flow(
    "Child",
    _node(
        "recordCreates", "Create_Task",
        "<inputAssignments><field>Subject</field><value><stringValue>Plan {!$Record.Name}</stringValue></value></inputAssignments>"
        "<inputAssignments><field>WhatId</field><value><elementReference>$Record.Id</elementReference></value></inputAssignments>"
        "<object>Task</object>",
    ),
    "RecordAfterSave",
    "Create_Task",
)  # fmt: skip
SIBLINGS = _flow(
    "Siblings",
    _node(
        "recordLookups", "Get_Siblings",
        "<filterLogic>and</filterLogic><filters><field>Contact__c</field><operator>EqualTo</operator><value><elementReference>$Record.Contact__c"
        "</elementReference></value></filters><object>Project__c</object><queriedFields>Budget__c</queriedFields>"
        "<storeOutputAutomatically>true</storeOutputAutomatically>",
        "Count_Siblings",
    )
    + _node("assignments", "Count_Siblings", _assign("count", "<elementReference>Get_Siblings</elementReference>", "AssignCount"), "Save")
    + _node(
        "recordUpdates", "Save",
        "<inputAssignments><field>Note__c</field><value><elementReference>Text</elementReference></value></inputAssignments>"
        "<inputReference>$Record</inputReference>",
    )
    + "<formulas><name>Text</name><dataType>String</dataType><expression>TEXT({!count}) &amp; &quot; projects&quot;</expression></formulas>"
    "<variables><name>count</name><dataType>Number</dataType><scale>0</scale></variables>",
    "RecordAfterSave",
    "Get_Siblings",
)  # fmt: skip
"""A query for the records of the same parent, and an update of the triggering record, which goes through its flows again."""

THREE = {"flows/Defaults.flow-meta.xml": DEFAULTS, "flows/Child.flow-meta.xml": CHILD, "flows/Siblings.flow-meta.xml": SIBLINGS}


def loop(length: int) -> dict[str, bytes]:
    """A before-save flow that counts to a number, with a decision each time."""
    number = f"<numberValue>{length}</numberValue>"
    parts = (
        _node("assignments", "Step", _assign("n", "<numberValue>1</numberValue>", "Add"), "Enough")
        + f"<decisions><name>Enough</name><label>Enough</label>{_PLACE}<defaultConnectorLabel>Yes</defaultConnectorLabel>"
        f"<rules><name>No</name><conditionLogic>and</conditionLogic><conditions><leftValueReference>n</leftValueReference><operator>LessThan</operator>"
        f"<rightValue>{number}</rightValue></conditions><connector><targetReference>Step</targetReference></connector><label>No</label></rules></decisions>"
        "<variables><name>n</name><dataType>Number</dataType><scale>0</scale><value><numberValue>0</numberValue></value></variables>"
    )
    return {"flows/Loop.flow-meta.xml": _flow("Loop", parts, "RecordBeforeSave", "Step")}
