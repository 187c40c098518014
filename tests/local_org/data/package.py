"""The metadata of the data tests, written as the XML a deploy takes: an object with a field of every kind, a detail of it, settings."""

from __future__ import annotations

import re

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
TYPES = {
    "objects": "CustomObject",
    "permissionsets": "PermissionSet",
    "profiles": "Profile",
    "flows": "Flow",
    "queues": "Queue",
    "customMetadata": "CustomMetadata",
    "matchingRules": "MatchingRules",
    "duplicateRules": "DuplicateRule",
    "LeadConvertSettings": "LeadConvertSettings",
}


def xml(root: str, body: str) -> str:
    return f'{HEAD}<{root} xmlns="{NAMESPACE}" {XSI}>{body}</{root}>'


def field(name: str, kind: str, body: str = "", label: str = "") -> str:
    shown = label or name.removesuffix("__c").replace("_", " ")
    return f"<fields><fullName>{name}</fullName><label>{shown}</label>{body}<type>{kind}</type></fields>"


def formula(name: str, kind: str, source: str, body: str = "") -> str:
    escaped = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return field(name, kind, f"<formula>{escaped}</formula>{body}")


def picklist(name: str, *values: str, restricted: bool = True, inactive: tuple[str, ...] = (), kind: str = "Picklist") -> str:
    listed = "".join(
        f"<value><fullName>{value}</fullName><default>false</default>"
        f"{'<isActive>false</isActive>' if value in inactive else ''}<label>{value}</label></value>"
        for value in (*values, *inactive)
    )
    definition = f"<valueSetDefinition><sorted>false</sorted>{listed}</valueSetDefinition>"
    body = f"<valueSet><restricted>{str(restricted).lower()}</restricted>{definition}</valueSet>"
    lines = "<visibleLines>4</visibleLines>" if kind == "MultiselectPicklist" else ""
    return field(name, kind, body + lines)


def lookup(name: str, target: str, relationship: str, constraint: str = "SetNull") -> str:
    body = f"<deleteConstraint>{constraint}</deleteConstraint><referenceTo>{target}</referenceTo>"
    return field(name, "Lookup", f"{body}<relationshipName>{relationship}</relationshipName>")


def master(name: str, target: str, relationship: str) -> str:
    return field(name, "MasterDetail", f"<referenceTo>{target}</referenceTo><relationshipName>{relationship}</relationshipName>")


def summary(name: str, operation: str, child: str, key: str, source: str = "", filters: str = "") -> str:
    summarized = f"<summarizedField>{child}.{source}</summarizedField>" if source else ""
    body = f"{filters}{summarized}<summaryForeignKey>{child}.{key}</summaryForeignKey><summaryOperation>{operation}</summaryOperation>"
    return field(name, "Summary", body)


def rule(name: str, condition: str, message: str, place: str = "", *, active: bool = True) -> str:
    escaped = condition.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = f"<errorDisplayField>{place}</errorDisplayField>" if place else ""
    return (
        f"<validationRules><fullName>{name}</fullName><active>{str(active).lower()}</active>"
        f"<errorConditionFormula>{escaped}</errorConditionFormula>{shown}<errorMessage>{message}</errorMessage></validationRules>"
    )


def custom_object(label: str, body: str, *, sharing: str = "ReadWrite", name: str = "<label>Name</label><type>Text</type>") -> str:
    order = {"fields": 0, "recordTypes": 2, "validationRules": 3}
    parts = re.findall(r"<(fields|recordTypes|validationRules)>.*?</\1>", body, re.DOTALL)
    assert set(parts) <= set(order)
    early = "".join(re.findall(r"<fields>.*?</fields>", body, re.DOTALL))
    late = re.sub(r"<fields>.*?</fields>", "", body, flags=re.DOTALL)
    return xml(
        "CustomObject",
        f"<deploymentStatus>Deployed</deploymentStatus><enableActivities>true</enableActivities>{early}<label>{label}</label>"
        f"<nameField>{name}</nameField><pluralLabel>{label}s</pluralLabel><sharingModel>{sharing}</sharingModel>{late}",
    )


def on_standard(body: str) -> str:
    return xml("CustomObject", body)


def permission_set(label: str, objects: tuple[str, ...] = (), fields: tuple[str, ...] = (), *, read_only: tuple[str, ...] = ()) -> str:
    granted = "".join(
        f"<fieldPermissions><editable>{'false' if name in read_only else 'true'}</editable><field>{name}</field>"
        "<readable>true</readable></fieldPermissions>"
        for name in (*fields, *read_only)
    )
    allowed = "".join(
        "<objectPermissions><allowCreate>true</allowCreate><allowDelete>true</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead>"
        f"<modifyAllRecords>false</modifyAllRecords><object>{name}</object><viewAllRecords>false</viewAllRecords></objectPermissions>"
        for name in objects
    )
    return xml("PermissionSet", f"{granted}<hasActivationRequired>false</hasActivationRequired><label>{label}</label>{allowed}")


def package(files: dict[str, str]) -> dict[str, bytes]:
    """An mdapi package of the files, by path such as `objects/X__c.object`; its children are taken along."""
    members: dict[str, set[str]] = {}
    for path, content in files.items():
        folder, _, file = path.partition("/")
        name = file.rpartition(".")[0]
        members.setdefault(TYPES[folder], set()).add(name)
        if folder == "objects" and not name.endswith(("__c", "__mdt")):
            found = re.findall(r"<(fields|recordTypes|validationRules)><fullName>(\w+)</fullName>", content)
            kinds = {"fields": "CustomField", "recordTypes": "RecordType", "validationRules": "ValidationRule"}
            for tag, child in found:
                members.setdefault(kinds[tag], set()).add(f"{name}.{child}")
            members["CustomObject"].discard(name)
        if folder == "matchingRules":
            del members["MatchingRules"]
            members.setdefault("MatchingRule", set()).update(f"{name}.{r}" for r in re.findall(r"<fullName>(\w+)</fullName>", content))
    listed = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in sorted(names))}<name>{kind}</name></types>"
        for kind, names in sorted(members.items())
        if names
    )
    return {
        "package.xml": xml("Package", f"{listed}<version>66.0</version>").encode(),
        **{path: text.encode() for path, text in files.items()},
    }


SAMPLE_FIELDS = {
    "Text__c": field("Text__c", "Text", "<length>10</length>"),
    "Area__c": field("Area__c", "TextArea"),
    "Long__c": field("Long__c", "LongTextArea", "<length>300</length><visibleLines>3</visibleLines>"),
    "Number__c": field("Number__c", "Number", "<precision>5</precision><scale>2</scale>"),
    "Money__c": field("Money__c", "Currency", "<precision>18</precision><scale>2</scale>"),
    "Share__c": field("Share__c", "Percent", "<precision>5</precision><scale>1</scale>"),
    "Flag__c": field("Flag__c", "Checkbox", "<defaultValue>false</defaultValue>"),
    "Day__c": field("Day__c", "Date"),
    "Moment__c": field("Moment__c", "DateTime"),
    "Clock__c": field("Clock__c", "Time"),
    "Mail__c": field("Mail__c", "Email"),
    "Phone__c": field("Phone__c", "Phone"),
    "Site__c": field("Site__c", "Url"),
    "Band__c": picklist("Band__c", "Low", "High", inactive=("Gone",)),
    "Open_Band__c": picklist("Open_Band__c", "Low", "High", restricted=False),
    "Tags__c": picklist("Tags__c", "Red", "Green", "Blue", kind="MultiselectPicklist"),
    "Key__c": field("Key__c", "Text", "<externalId>true</externalId><length>20</length><unique>true</unique>"),
    "Case_Key__c": field(
        "Case_Key__c", "Text", "<caseSensitive>true</caseSensitive><externalId>true</externalId><length>20</length><unique>true</unique>"
    ),
    "Contact__c": lookup("Contact__c", "Contact", "Samples"),
    "Account__c": lookup("Account__c", "Account", "Samples", "Restrict"),
    "Serial__c": field("Serial__c", "AutoNumber", "<displayFormat>S-{000}</displayFormat>"),
    "Twice__c": formula("Twice__c", "Number", "Number__c * 2", "<precision>18</precision><scale>2</scale>"),
}
_UNGRANTABLE = ("Serial__c", "Twice__c")
SAMPLE_RULES = (
    rule("Number_Not_Thirteen", "Number__c = 13", "Thirteen brings bad luck.", "Number__c")
    + rule("Text_Not_Forbidden", 'Text__c = "forbidden"', "That word is not allowed.")
    + rule("Sleeping", "TRUE", "Never seen.", active=False)
    + rule("Day_Stays", "AND(NOT(ISNEW()), ISCHANGED(Day__c), NOT(ISBLANK(PRIORVALUE(Day__c))))", "The day stays.", "Day__c")
)
_TYPE_VALUES = (
    "<picklistValues><picklist>Band__c</picklist><values><fullName>{0}</fullName><default>true</default></values></picklistValues>"
)
SAMPLE_TYPES = "".join(
    f"<recordTypes><fullName>{name}</fullName><active>{active}</active><label>{name}</label>{values}</recordTypes>"
    for name, active, values in (
        ("Calm", "true", _TYPE_VALUES.format("Low")),
        ("Loud", "true", _TYPE_VALUES.format("High")),
        ("Retired", "false", ""),
    )
)
PART_FIELDS = {
    "Sample__c": master("Sample__c", "Sample__c", "Parts"),
    "Points__c": field("Points__c", "Number", "<precision>5</precision><scale>0</scale>"),
    "Kind__c": picklist("Kind__c", "Good", "Bad"),
    "On__c": field("On__c", "Date"),
}
SWITCH = xml(
    "CustomObject",
    "<customSettingsType>Hierarchy</customSettingsType><enableFeeds>false</enableFeeds>"
    + field("Limit__c", "Number", "<precision>5</precision><scale>0</scale>")
    + field("Off__c", "Checkbox", "<defaultValue>false</defaultValue>")
    + "<label>Switch</label><visibility>Public</visibility>",
)
WORD = xml(
    "CustomObject",
    field("Weight__c", "Number", "<precision>5</precision><scale>1</scale>")
    + "<label>Word</label><pluralLabel>Words</pluralLabel><visibility>Public</visibility>",
)
FIRST_WORD = xml(
    "CustomMetadata",
    '<label>First</label><protected>false</protected><values><field>Weight__c</field><value xsi:type="xsd:double">2.5</value></values>',
)
FILES = {
    "objects/Sample__c.object": custom_object("Sample", "".join(SAMPLE_FIELDS.values()) + SAMPLE_TYPES + SAMPLE_RULES),
    "objects/Part__c.object": custom_object("Part", "".join(PART_FIELDS.values()), sharing="ControlledByParent"),
    "objects/Secret__c.object": custom_object("Secret", field("Text__c", "Text", "<length>20</length>"), sharing="Private"),
    "objects/Notice__c.object": custom_object("Notice", field("Text__c", "Text", "<length>20</length>"), sharing="Read"),
    "objects/Switch__c.object": SWITCH,
    "objects/Word__mdt.object": WORD,
    "customMetadata/Word.First.md": FIRST_WORD,
    "objects/Activity.object": on_standard(field("Mood__c", "Text", "<length>20</length>")),
    "objects/Lead.object": on_standard(field("Origin__c", "Text", "<length>20</length>") + lookup("Sample__c", "Sample__c", "Leads")),
    "objects/Contact.object": on_standard(field("Origin__c", "Text", "<length>20</length>")),
    "permissionsets/Everything.permissionset": permission_set(
        "Everything",
        ("Sample__c", "Part__c", "Secret__c", "Notice__c"),
        (
            *(f"Sample__c.{name}" for name in SAMPLE_FIELDS if name not in _UNGRANTABLE),
            *(f"Part__c.{name}" for name in PART_FIELDS if name != "Sample__c"),
            "Secret__c.Text__c", "Notice__c.Text__c", "Task.Mood__c", "Event.Mood__c",
            "Lead.Origin__c", "Lead.Sample__c", "Contact.Origin__c",
        ),
        read_only=("Sample__c.Twice__c", "Sample__c.Serial__c"),
    ),
}  # fmt: skip
