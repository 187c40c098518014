"""Small metadata, written as the XML a deploy takes: one custom object and the flows a test names."""

from __future__ import annotations

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

_TYPES = {"objects": "CustomObject", "flows": "Flow", "permissionsets": "PermissionSet", "customPermissions": "CustomPermission"}
_FIELDS = ("Key__c", "Score__c", "Status__c", "Note__c", "Runs__c", "Due__c", "Remind_At__c", "Contact__c", "Double__c", "Band__c")

RESPONSE = f"""{HEAD}<CustomObject xmlns="{NAMESPACE}">
<deploymentStatus>Deployed</deploymentStatus>
<enableActivities>true</enableActivities>
<fields><fullName>Key__c</fullName><caseSensitive>false</caseSensitive><externalId>true</externalId><label>Key</label><length>20</length>
  <type>Text</type><unique>true</unique></fields>
<fields><fullName>Score__c</fullName><label>Score</label><precision>4</precision><scale>2</scale><type>Number</type></fields>
<fields><fullName>Status__c</fullName><defaultValue>"New"</defaultValue><label>Status</label><length>40</length><type>Text</type></fields>
<fields><fullName>Note__c</fullName><label>Note</label><length>40</length><type>Text</type></fields>
<fields><fullName>Runs__c</fullName><label>Runs</label><precision>6</precision><scale>0</scale><type>Number</type></fields>
<fields><fullName>Due__c</fullName><label>Due</label><type>Date</type></fields>
<fields><fullName>Remind_At__c</fullName><label>Remind At</label><type>DateTime</type></fields>
<fields><fullName>Contact__c</fullName><deleteConstraint>SetNull</deleteConstraint><label>Contact</label><referenceTo>Contact</referenceTo>
  <relationshipLabel>Responses</relationshipLabel><relationshipName>Responses</relationshipName><type>Lookup</type></fields>
<fields><fullName>Double__c</fullName><formula>Score__c * 2</formula>
  <label>Double</label><precision>18</precision><scale>2</scale><type>Number</type></fields>
<fields><fullName>Band__c</fullName><label>Band</label><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition>
  <sorted>false</sorted><value><fullName>Low</fullName><default>true</default><label>Low</label></value>
  <value><fullName>High</fullName><default>false</default><label>High</label></value></valueSetDefinition></valueSet></fields>
<label>Response</label>
<nameField><displayFormat>R-{{0000}}</displayFormat><label>Response</label><type>AutoNumber</type></nameField>
<pluralLabel>Responses</pluralLabel>
<sharingModel>ReadWrite</sharingModel>
<validationRules><fullName>Score_In_Range</fullName><active>true</active>
  <errorConditionFormula>OR(Score__c &lt; 0, Score__c &gt; 10)</errorConditionFormula>
  <errorDisplayField>Score__c</errorDisplayField><errorMessage>A score is 0 to 10.</errorMessage></validationRules>
<validationRules><fullName>Key_Stays</fullName><active>true</active>
  <errorConditionFormula>AND(NOT(ISNEW()), ISCHANGED(Key__c))</errorConditionFormula>
  <errorMessage>The key stays.</errorMessage></validationRules>
<validationRules><fullName>Not_For_Forbidden</fullName><active>true</active>
  <errorConditionFormula>Contact__r.LastName = "Forbidden"</errorConditionFormula>
  <errorMessage>Not for this contact.</errorMessage></validationRules>
</CustomObject>"""

ALL_ACCESS = f"""{HEAD}<PermissionSet xmlns="{NAMESPACE}">
{
    "".join(
        f"<fieldPermissions><editable>{'false' if name == 'Double__c' else 'true'}</editable>"
        f"<field>Response__c.{name}</field><readable>true</readable></fieldPermissions>"
        for name in _FIELDS
    )
}
<hasActivationRequired>false</hasActivationRequired><label>All Access</label>
<objectPermissions><allowCreate>true</allowCreate><allowDelete>true</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead>
  <modifyAllRecords>true</modifyAllRecords><object>Response__c</object><viewAllRecords>true</viewAllRecords></objectPermissions>
</PermissionSet>"""


def flow(
    label: str,
    elements: str,
    *,
    trigger: str = "RecordAfterSave",
    on: str = "Create",
    filters: str = "",
    change_needed: bool = False,
    paths: str = "",
    schedule: str = "",
    first: str | None = "First",
    sobject: str | None = "Response__c",
    order: int | None = None,
) -> str:
    """A record-triggered flow, or with `trigger="Scheduled"` a schedule-triggered one, whose start leads to the element `first`."""
    start = [
        "<locationX>0</locationX><locationY>0</locationY>",
        _connector(first),
        "<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>" if change_needed else "",
        f"<filterLogic>and</filterLogic>{filters}" if filters else "",
        f"<object>{sobject}</object>" if sobject else "",
        f"<recordTriggerType>{on}</recordTriggerType>" if trigger != "Scheduled" else "",
        schedule,
        paths,
        f"<triggerType>{trigger}</triggerType>",
    ]
    return (
        f'{HEAD}<Flow xmlns="{NAMESPACE}">{elements}<apiVersion>66.0</apiVersion><label>{label}</label>'
        f"<processType>AutoLaunchedFlow</processType><start>{''.join(start)}</start><status>Active</status>"
        f"{f'<triggerOrder>{order}</triggerOrder>' if order else ''}</Flow>"
    )


def assign(name: str, field: str, value: str, *, following: str | None = None) -> str:
    """Assigns to a field of `$Record`; `value` is a metadata value element."""
    return (
        f"<assignments><name>{name}</name><label>{name}</label><locationX>0</locationX><locationY>0</locationY>"
        f"<assignmentItems><assignToReference>$Record.{field}</assignToReference><operator>Assign</operator><value>{value}</value></assignmentItems>"
        f"{_connector(following)}</assignments>"
    )


def update_record(name: str, field: str, value: str, *, fault: str | None = None) -> str:
    """Updates the triggering record."""
    return (
        f"<recordUpdates><name>{name}</name><label>{name}</label><locationX>0</locationX><locationY>0</locationY>"
        f"{_connector(fault, 'faultConnector')}"
        f"<inputAssignments><field>{field}</field><value>{value}</value></inputAssignments><inputReference>$Record</inputReference></recordUpdates>"
    )


def create(name: str, sobject: str, values: dict[str, str], *, following: str | None = None, fault: str | None = None) -> str:
    assignments = "".join(
        f"<inputAssignments><field>{field}</field><value>{value}</value></inputAssignments>" for field, value in values.items()
    )
    return (
        f"<recordCreates><name>{name}</name><label>{name}</label><locationX>0</locationX><locationY>0</locationY>"
        f"{_connector(following)}{_connector(fault, 'faultConnector')}{assignments}<object>{sobject}</object></recordCreates>"
    )


def custom_error(name: str, message: str, field: str | None = None) -> str:
    place = f"<fieldSelection>{field}</fieldSelection><isFieldError>true</isFieldError>" if field else "<isFieldError>false</isFieldError>"
    return (
        f"<customErrors><name>{name}</name><label>{name}</label><locationX>0</locationX><locationY>0</locationY>"
        f"<customErrorMessages><errorMessage>{message}</errorMessage>{place}</customErrorMessages></customErrors>"
    )


def criterion(field: str, operator: str, value: str) -> str:
    return f"<filters><field>{field}</field><operator>{operator}</operator><value>{value}</value></filters>"


def path(name: str, target: str, *, offset: tuple[int, str] | None = None, field: str | None = None, batch: int | None = None) -> str:
    """A scheduled path; without offset an asynchronous one."""
    connector = _connector(target)
    if offset is None:
        return f"<scheduledPaths><name>{name}</name>{connector}<pathType>AsyncAfterCommit</pathType></scheduledPaths>"
    size = f"<maxBatchSize>{batch}</maxBatchSize>" if batch else ""
    source = (
        f"<recordField>{field}</recordField><timeSource>RecordField</timeSource>"
        if field
        else "<timeSource>RecordTriggerEvent</timeSource>"
    )
    return (
        f"<scheduledPaths><name>{name}</name>{connector}<label>{name}</label>{size}<offsetNumber>{offset[0]}</offsetNumber>"
        f"<offsetUnit>{offset[1]}</offsetUnit>{source}</scheduledPaths>"
    )


def text(value: str) -> str:
    return f"<stringValue>{value}</stringValue>"


def reference(name: str) -> str:
    return f"<elementReference>{name}</elementReference>"


def formula(name: str, expression: str, kind: str = "String", scale: int | None = None) -> str:
    scaled = f"<scale>{scale}</scale>" if scale is not None else ""
    return f"<formulas><name>{name}</name><dataType>{kind}</dataType><expression>{expression}</expression>{scaled}</formulas>"


def package(files: dict[str, str]) -> dict[str, bytes]:
    """An mdapi package of the files, by path such as `flows/X.flow`."""
    members: dict[str, list[str]] = {}
    for name in files:
        folder, _, file = name.partition("/")
        members.setdefault(_TYPES[folder], []).append(file.rpartition(".")[0])
    listed = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in names)}<name>{kind}</name></types>"
        for kind, names in sorted(members.items())
    )
    manifest = f'{HEAD}<Package xmlns="{NAMESPACE}">{listed}<version>66.0</version></Package>'
    return {"package.xml": manifest.encode(), **{name: content.encode() for name, content in files.items()}}


def _connector(target: str | None, tag: str = "connector") -> str:
    return f"<{tag}><targetReference>{target}</targetReference></{tag}>" if target else ""
