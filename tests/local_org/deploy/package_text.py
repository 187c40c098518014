"""A small valid package in source format, written as text; cases break one thing in it."""

from __future__ import annotations

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'


def xml(root: str, body: str, attributes: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}" {attributes}>\n{body}\n</{root}>\n'.encode()


def field(name: str, body: str, label: str = "Label") -> bytes:
    return xml("CustomField", f"<fullName>{name}</fullName><label>{label}</label>{body}")


PICKLIST = (
    "<type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted>"
    "<value><fullName>Open</fullName><default>true</default><label>Open</label></value>"
    "<value><fullName>Done</fullName><default>false</default><label>Done</label></value></valueSetDefinition></valueSet>"
)
OBJECT = (
    "<deploymentStatus>Deployed</deploymentStatus><enableActivities>true</enableActivities><label>Answer</label>"
    "<nameField><displayFormat>A-{0000}</displayFormat><label>Number</label><type>AutoNumber</type></nameField>"
    "<pluralLabel>Answers</pluralLabel><sharingModel>ReadWrite</sharingModel>"
)
DETAIL = (
    "<deploymentStatus>Deployed</deploymentStatus><label>Part</label><nameField><label>Part Name</label><type>Text</type></nameField>"
    "<pluralLabel>Parts</pluralLabel><sharingModel>ControlledByParent</sharingModel>"
)
MASTER_DETAIL = "<referenceTo>Answer__c</referenceTo><relationshipName>Parts</relationshipName><type>MasterDetail</type>"
LOOKUP = "<deleteConstraint>SetNull</deleteConstraint><referenceTo>Contact</referenceTo><relationshipName>Answers</relationshipName><type>Lookup</type>"
SUMMARY = (
    "<summarizedField>Part__c.Points__c</summarizedField><summaryForeignKey>Part__c.Answer__c</summaryForeignKey>"
    "<summaryOperation>sum</summaryOperation><type>Summary</type>"
)
NUMBER = "<precision>3</precision><scale>0</scale><type>Number</type>"
OBJECT_RIGHTS = (
    "<objectPermissions><allowCreate>true</allowCreate><allowDelete>false</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead>"
    "<modifyAllRecords>false</modifyAllRecords><object>{0}</object><viewAllRecords>false</viewAllRecords></objectPermissions>"
)
PERMISSION_SET = (
    "<customPermissions><enabled>true</enabled><name>Maintain</name></customPermissions>"
    "<fieldPermissions><editable>true</editable><field>Answer__c.Score__c</field><readable>true</readable></fieldPermissions>"
    "<label>Answers</label>"
    + OBJECT_RIGHTS.format("Answer__c")
    + OBJECT_RIGHTS.format("Part__c")
    + "<tabSettings><tab>Answer__c</tab><visibility>Visible</visibility></tabSettings>"
)
LAYOUT = (
    "<layoutSections><layoutColumns><layoutItems><behavior>Readonly</behavior><field>Name</field></layoutItems>"
    "<layoutItems><behavior>Edit</behavior><field>Score__c</field></layoutItems>"
    "<layoutItems><behavior>Required</behavior><field>Key__c</field></layoutItems>"
    "<layoutItems><behavior>Readonly</behavior><field>Doubled__c</field></layoutItems></layoutColumns>"
    "<style>OneColumn</style></layoutSections><relatedLists><fields>NAME</fields><relatedList>Part__c.Answer__c</relatedList></relatedLists>"
)
LIST_VIEW = (
    "<fullName>All</fullName><columns>NAME</columns><columns>Score__c</columns><filterScope>Everything</filterScope>"
    "<filters><field>Flag__c</field><operation>equals</operation><value>1</value></filters><label>All</label>"
)
RULE = (
    "<fullName>Score_In_Range</fullName><active>true</active><errorConditionFormula>Score__c &gt; 10</errorConditionFormula>"
    "<errorDisplayField>Score__c</errorDisplayField><errorMessage>Too high</errorMessage>"
)
REPORT_TYPE = (
    "<baseObject>Answer__c</baseObject><category>other</category><deployed>true</deployed><description>Answers</description>"
    "<join><outerJoin>true</outerJoin><relationship>Parts__r</relationship></join><label>Answers</label>"
    "<sections><columns><checkedByDefault>true</checkedByDefault><field>Score__c</field><table>Answer__c</table></columns>"
    "<columns><checkedByDefault>true</checkedByDefault><field>Points__c</field><table>Answer__c.Parts__r</table></columns>"
    "<masterLabel>Answers</masterLabel></sections>"
)
REPORT = (
    "<columns><field>Answer__c$Score__c</field></columns><format>Summary</format>"
    "<groupingsDown><field>Answer__c$Status__c</field><sortOrder>Asc</sortOrder></groupingsDown>"
    "<name>Answers</name><reportType>Answers__c</reportType><scope>organization</scope><showDetails>true</showDetails>"
)
DASHBOARD = (
    "<backgroundEndColor>#FFFFFF</backgroundEndColor><backgroundFadeDirection>Diagonal</backgroundFadeDirection>"
    "<backgroundStartColor>#FFFFFF</backgroundStartColor><dashboardType>LoggedInUser</dashboardType>"
    "<leftSection><columnSize>Medium</columnSize><components><componentType>Metric</componentType><report>Answers/Answers</report>"
    "</components></leftSection><textColor>#000000</textColor><title>Answers</title><titleColor>#000000</titleColor><titleSize>12</titleSize>"
)
METADATA_RECORD = (
    "<label>First</label><protected>false</protected><values><field>Weight__c</field><value xsi:type=\"xsd:double\">2.0</value></values>"
    "<values><field>Word__c</field><value xsi:type=\"xsd:string\">angry</value></values>"
)
TEMPLATE = "<available>true</available><encodingKey>UTF-8</encodingKey><name>Hello</name><style>none</style><subject>Hi</subject><type>text</type>"
FLOW = (
    "<apiVersion>66.0</apiVersion><assignments><name>Set_Flag</name><label>Set flag</label><locationX>0</locationX><locationY>0</locationY>"
    "<assignmentItems><assignToReference>$Record.Flag__c</assignToReference><operator>Assign</operator>"
    "<value><booleanValue>true</booleanValue></value></assignmentItems></assignments>"
    "<interviewLabel>Mark {!$Flow.CurrentDateTime}</interviewLabel><label>Mark</label><processType>AutoLaunchedFlow</processType>"
    "<start><locationX>0</locationX><locationY>0</locationY><connector><targetReference>Set_Flag</targetReference></connector>"
    "<object>Answer__c</object><recordTriggerType>Create</recordTriggerType><triggerType>RecordBeforeSave</triggerType></start>"
    "<status>Active</status>"
)
FLOW_TEST = (
    "<flowApiName>Mark</flowApiName><label>Marks</label><testPoints><elementApiName>Start</elementApiName></testPoints>"
    "<testPoints><elementApiName>Finish</elementApiName></testPoints>"
)
O, F = "objects/Answer__c/", "objects/Answer__c/fields/"
FILES: dict[str, bytes] = {
    O + "Answer__c.object-meta.xml": xml("CustomObject", OBJECT),
    F + "Score__c.field-meta.xml": field("Score__c", NUMBER),
    F + "Key__c.field-meta.xml": field(
        "Key__c", "<caseSensitive>true</caseSensitive><externalId>true</externalId><length>80</length><required>true</required><type>Text</type><unique>true</unique>"
    ),
    F + "Flag__c.field-meta.xml": field("Flag__c", "<defaultValue>false</defaultValue><type>Checkbox</type>"),
    F + "Status__c.field-meta.xml": field("Status__c", PICKLIST),
    F + "Verbatim__c.field-meta.xml": field("Verbatim__c", "<length>32000</length><type>LongTextArea</type><visibleLines>5</visibleLines>"),
    F + "Contact__c.field-meta.xml": field("Contact__c", LOOKUP),
    F + "Doubled__c.field-meta.xml": field(
        "Doubled__c", "<formula>Score__c * 2</formula><formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>" + NUMBER
    ),
    F + "Points__c.field-meta.xml": field("Points__c", SUMMARY),
    O + "validationRules/Score_In_Range.validationRule-meta.xml": xml("ValidationRule", RULE),
    O + "listViews/All.listView-meta.xml": xml("ListView", LIST_VIEW),
    O + "compactLayouts/Main.compactLayout-meta.xml": xml(
        "CompactLayout", "<fullName>Main</fullName><fields>Name</fields><fields>Score__c</fields><label>Main</label>"
    ),
    O + "fieldSets/Key.fieldSet-meta.xml": xml(
        "FieldSet",
        "<fullName>Key</fullName><description>Key</description><displayedFields><field>Score__c</field><isFieldManaged>false</isFieldManaged>"
        "<isRequired>false</isRequired></displayedFields><label>Key</label>",
    ),
    O + "recordTypes/Web.recordType-meta.xml": xml(
        "RecordType",
        "<fullName>Web</fullName><active>true</active><label>Web</label><picklistValues><picklist>Status__c</picklist>"
        "<values><fullName>Open</fullName><default>false</default></values></picklistValues>",
    ),
    "objects/Part__c/Part__c.object-meta.xml": xml("CustomObject", DETAIL),
    "objects/Part__c/fields/Answer__c.field-meta.xml": field("Answer__c", MASTER_DETAIL),
    "objects/Part__c/fields/Points__c.field-meta.xml": field("Points__c", NUMBER),
    "objects/Word__mdt/Word__mdt.object-meta.xml": xml("CustomObject", "<label>Word</label><pluralLabel>Words</pluralLabel>"),
    "objects/Word__mdt/fields/Weight__c.field-meta.xml": field("Weight__c", "<precision>4</precision><scale>1</scale><type>Number</type>"),
    "objects/Word__mdt/fields/Word__c.field-meta.xml": field("Word__c", "<length>40</length><required>true</required><type>Text</type>"),
    "customMetadata/Word.First.md-meta.xml": xml("CustomMetadata", METADATA_RECORD, XSI),
    "objects/Switch__c/Switch__c.object-meta.xml": xml(
        "CustomObject", "<customSettingsType>Hierarchy</customSettingsType><label>Switch</label><visibility>Public</visibility>"
    ),
    "objects/Switch__c/fields/Off__c.field-meta.xml": field("Off__c", "<defaultValue>false</defaultValue><type>Checkbox</type>"),
    "objects/Activity/fields/Kind__c.field-meta.xml": field("Kind__c", "<length>20</length><type>Text</type>"),
    "objects/Account/fields/Tier__c.field-meta.xml": field("Tier__c", "<type>Picklist</type><valueSet><valueSetName>Tiers</valueSetName></valueSet>"),
    "globalValueSets/Tiers.globalValueSet-meta.xml": xml(
        "GlobalValueSet",
        "<customValue><fullName>Gold</fullName><default>false</default><label>Gold</label></customValue><masterLabel>Tiers</masterLabel><sorted>false</sorted>",
    ),
    "permissionsets/Answers.permissionset-meta.xml": xml("PermissionSet", PERMISSION_SET),
    "customPermissions/Maintain.customPermission-meta.xml": xml("CustomPermission", "<isLicensed>false</isLicensed><label>Maintain</label>"),
    "layouts/Answer__c-Answer Layout.layout-meta.xml": xml("Layout", LAYOUT),
    "tabs/Answer__c.tab-meta.xml": xml("CustomTab", "<customObject>true</customObject><motif>Custom57: Building Block</motif>"),
    "applications/Answers.app-meta.xml": xml(
        "CustomApplication",
        "<formFactors>Large</formFactors><label>Answers</label><navType>Standard</navType><tabs>Answer__c</tabs><tabs>standard-Account</tabs><uiType>Lightning</uiType>",
    ),
    "flexipages/Answer_Page.flexipage-meta.xml": xml(
        "FlexiPage",
        "<flexiPageRegions><itemInstances><fieldInstance><fieldItem>Record.Score__c</fieldItem><identifier>Score</identifier></fieldInstance></itemInstances>"
        "<name>main</name><type>Region</type></flexiPageRegions><masterLabel>Answer</masterLabel><sobjectType>Answer__c</sobjectType>"
        "<template><name>flexipage:recordHomeTemplateDesktop</name></template><type>RecordPage</type>",
    ),
    "queues/Care.queue-meta.xml": xml(
        "Queue",
        "<doesSendEmailToMembers>false</doesSendEmailToMembers><name>Care</name><queueMembers><users><user>admin@local.example</user></users></queueMembers>"
        "<queueSobject><sobjectType>Case</sobjectType></queueSobject>",
    ),
    "notificationtypes/Bell.notiftype-meta.xml": xml(
        "CustomNotificationType",
        "<customNotifTypeName>Bell</customNotifTypeName><desktop>true</desktop><masterLabel>Bell</masterLabel><mobile>true</mobile>",
    ),
    "email/Answers.emailFolder-meta.xml": xml("EmailFolder", "<accessType>Public</accessType><name>Answers</name>"),
    "email/Answers/Hello.email": b"Hello {!Contact.FirstName}",
    "email/Answers/Hello.email-meta.xml": xml("EmailTemplate", TEMPLATE),
    "workflows/Answer__c.workflow-meta.xml": xml(
        "Workflow",
        "<alerts><fullName>Tell</fullName><description>Tell</description><protected>false</protected><recipients><recipient>admin@local.example</recipient>"
        "<type>user</type></recipients><senderType>CurrentUser</senderType><template>Answers/Hello</template></alerts>",
    ),
    "reportTypes/Answers.reportType-meta.xml": xml("ReportType", REPORT_TYPE),
    "reports/Answers.reportFolder-meta.xml": xml("ReportFolder", "<accessType>Public</accessType><name>Answers</name>"),
    "reports/Answers/Answers.report-meta.xml": xml("Report", REPORT),
    "dashboards/Answers.dashboardFolder-meta.xml": xml("DashboardFolder", "<accessType>Public</accessType><name>Answers</name>"),
    "dashboards/Answers/Answers.dashboard-meta.xml": xml("Dashboard", DASHBOARD),
    "labels/CustomLabels.labels-meta.xml": xml(
        "CustomLabels",
        "<labels><fullName>Greeting</fullName><language>en_US</language><protected>false</protected><shortDescription>Greeting</shortDescription>"
        "<value>Good day</value></labels>",
    ),
    "flows/Mark.flow-meta.xml": xml("Flow", FLOW),
    "flowtests/Marks.flowtest-meta.xml": xml("FlowTest", FLOW_TEST),
}  # fmt: skip
