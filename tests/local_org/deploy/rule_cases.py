"""One broken component per deploy rule: which text of which file becomes which, and what the deploy says to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .package_text import DETAIL, LOOKUP, NUMBER, OBJECT, OBJECT_RIGHTS, RULE, F, O
from .package_text import field as field_xml
from .package_text import xml


@dataclass(frozen=True)
class Case:
    rule: str
    expected: str
    path: str = ""
    old: str = ""
    new: str = ""
    more: dict[str, bytes] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)


def new_field(rule: str, expected: str, body: str, name: str = "New__c", label: str = "New") -> Case:
    return Case(rule, expected, more={f"{F}{name}.field-meta.xml": field_xml(name, body, label)})


OBJ = O + "Answer__c.object-meta.xml"
PART = "objects/Part__c/Part__c.object-meta.xml"
PART_MASTER = "objects/Part__c/fields/Answer__c.field-meta.xml"
PERMS = "permissionsets/Answers.permissionset-meta.xml"
LAYOUT = "layouts/Answer__c-Answer Layout.layout-meta.xml"
RECORD = "customMetadata/Word.First.md-meta.xml"
REPORT = "reports/Answers/Answers.report-meta.xml"
REPORT_TYPE = "reportTypes/Answers.reportType-meta.xml"
DASHBOARD = "dashboards/Answers/Answers.dashboard-meta.xml"
TAB = "tabs/Answer__c.tab-meta.xml"
APP = "applications/Answers.app-meta.xml"
PAGE = "flexipages/Answer_Page.flexipage-meta.xml"
RULE_FILE = O + "validationRules/Score_In_Range.validationRule-meta.xml"
NAME_FORM = "can only contain underscores and alphanumeric characters"
LONG = "x" * 41
PLAIN_TEXT = "<length>10</length><type>Text</type>"
FORMULA = "<formula>{0}</formula><type>Number</type><precision>5</precision><scale>0</scale>"

CASES = (
    Case("in_metadata_namespace", "wrong namespace", OBJ, "http://soap.sforce.com/2006/04/metadata", "http://other.example"),
    Case("matches_schema", "Element {http://soap.sforce.com/2006/04/metadata}fields invalid at this location in type PermissionSet", PERMS, "<label>", "<fields/><label>"),
    Case("matches_schema", "Element fieldPermissions is duplicated at this location in type PermissionSet", PERMS, "<tabSettings>", "<fieldPermissions><editable>false</editable><field>Answer__c.Flag__c</field></fieldPermissions><tabSettings>"),
    Case("matches_schema", "Required field is missing: label", PERMS, "<label>Answers</label>", ""),
    Case("matches_schema", "'Sometimes' is not a valid value for the enum", O + "listViews/All.listView-meta.xml", "Everything", "Sometimes"),
    Case("matches_schema", "'maybe' is not a valid value for active", RULE_FILE, "<active>true", "<active>maybe"),
    new_field("developer_name", NAME_FORM, PLAIN_TEXT, name="Two__Parts__c"),
    new_field("developer_name", "data value too large", PLAIN_TEXT, name=f"A{LONG}__c"),
    new_field("lengths", "Value too long for field: label maximum length is:40", PLAIN_TEXT, label=LONG),
    Case("custom_suffix", "must not end with __c", more={O + "validationRules/Bad__c.validationRule-meta.xml": xml("ValidationRule", RULE.replace("Score_In_Range", "Bad__c"))}),
    new_field("custom_suffix", "must end in __c", PLAIN_TEXT, name="Plain"),
    Case("unique_in_any_case", "duplicate value found", more={F + "New__c.field-meta.xml": field_xml("New__c", PLAIN_TEXT), F + "NEW__c.field-meta.xml": field_xml("NEW__c", PLAIN_TEXT)}),
    # Objects
    Case("labels_present", "Must specify a non-empty label for the CustomObject", OBJ, "<label>Answer</label>", ""),
    Case("object_exists", "Nothing is not a standard object", more={"objects/Nothing/Nothing.object-meta.xml": xml("CustomObject", "<label>Nothing</label>")}),
    Case("name_field", "Must specify a nameField", OBJ, OBJECT[OBJECT.index("<nameField>") : OBJECT.index("<pluralLabel>")], ""),
    Case("name_field", "with a {0}", OBJ, "A-{0000}", "A-"),
    Case("deployment_and_sharing", "Must specify a deploymentStatus", OBJ, "<deploymentStatus>Deployed</deploymentStatus>", ""),
    Case("sharing_follows_master", "Cannot set sharingModel to ReadWrite on a CustomObject with a MasterDetail relationship field", PART, "ControlledByParent", "ReadWrite"),
    Case("setting_type", "Can not specify 'sharingModel' for a custom setting", "objects/Switch__c/Switch__c.object-meta.xml", "<visibility>", "<sharingModel>Read</sharingModel><visibility>"),
    Case("kind_stays", "Cannot change the customSettingsType", OBJ, "<deploymentStatus>", "<customSettingsType>List</customSettingsType><deploymentStatus>"),
    Case("record_type_on_object", "Picklist value: Lost in picklist: Status__c not found", O + "recordTypes/Web.recordType-meta.xml", "<fullName>Open", "<fullName>Lost"),
    # Fields
    Case("on_known_object", "Must specify a non-empty label for the CustomObject", more={"objects/Gone__c/fields/New__c.field-meta.xml": field_xml("New__c", PLAIN_TEXT)}),
    Case("on_known_object", "defined on Activity", more={"objects/Task/fields/New__c.field-meta.xml": field_xml("New__c", PLAIN_TEXT)}),
    Case("label_and_type", "Must specify a non-empty label for the CustomField", F + "Score__c.field-meta.xml", "<label>Label</label>", ""),
    new_field("label_and_type", "Fields of type Location are not supported", "<scale>2</scale><type>Location</type>"),
    new_field("needed_attributes", "Must specify 'length' for a CustomField of type Text", "<type>Text</type>"),
    new_field("forbidden_attributes", "Can not specify 'length' for a CustomField of type Email", "<length>80</length><type>Email</type>"),
    new_field("forbidden_attributes", "Can not specify 'required' for a CustomField of type Number", "<formula>1</formula><precision>3</precision><required>true</required><scale>0</scale><type>Number</type>"),
    new_field("sizes_in_range", "between 1 and 255", "<length>256</length><type>Text</type>"),
    new_field("sizes_in_range", "at most 18 digits", "<precision>19</precision><scale>0</scale><type>Number</type>"),
    new_field("checkbox_default", "must be true or false", "<defaultValue>yes</defaultValue><type>Checkbox</type>"),
    new_field("formula_type", "A formula field cannot be of type Email", "<formula>'a'</formula><type>Email</type>"),
    Case("value_set", "no GlobalValueSet named Ranks found", "objects/Account/fields/Tier__c.field-meta.xml", "Tiers", "Ranks"),
    Case("value_set", "Duplicate picklist value: open", F + "Status__c.field-meta.xml", "<fullName>Done", "<fullName>open"),
    new_field("display_format", "must contain a {0}", "<displayFormat>N-</displayFormat><type>AutoNumber</type>"),
    new_field("case_sensitive_needs_unique", "'caseSensitive'", "<caseSensitive>true</caseSensitive><length>10</length><type>Text</type>"),
    Case("object_limits", "Maximum number of External ID fields exceeded", more={f"{F}E{n}__c.field-meta.xml": field_xml(f"E{n}__c", "<externalId>true</externalId><length>10</length><type>Text</type>") for n in range(25)}),
    Case("type_stays", "Cannot change the type of an existing field from Number to Date", F + "Score__c.field-meta.xml", NUMBER, "<type>Date</type>"),
    Case("fits_object_kind", "A custom setting cannot have a field of type Lookup", more={"objects/Switch__c/fields/New__c.field-meta.xml": field_xml("New__c", LOOKUP.replace("Answers", "Switches"))}),
    # Relationships
    Case("target_exists", "referenceTo value of 'Nobody__c' does not resolve to a valid sObject type", F + "Contact__c.field-meta.xml", "<referenceTo>Contact", "<referenceTo>Nobody__c"),
    Case("relationship_name_form", NAME_FORM, F + "Contact__c.field-meta.xml", "<relationshipName>Answers", "<relationshipName>Answers__r"),
    new_field("relationship_name_unique", "There is already a Child Relationship named Answers on Contact.", LOOKUP),
    Case("delete_constraint", "required lookup foreign key", F + "Contact__c.field-meta.xml", "<referenceTo>", "<required>true</required><referenceTo>"),
    Case("delete_constraint", "Can not specify 'deleteConstraint' for a CustomField of type MasterDetail", PART_MASTER, "<referenceTo>", "<deleteConstraint>Cascade</deleteConstraint><referenceTo>"),
    Case("master_detail", "Master-Detail Relationship Fields Cannot be Optional or Required", PART_MASTER, "<referenceTo>", "<required>true</required><referenceTo>"),
    Case("master_detail", "Lead cannot be the master", PART_MASTER, "<referenceTo>Answer__c", "<referenceTo>Lead"),
    Case("relationship_limit", "Maximum number of relationship fields exceeded", more={f"{F}L{n}__c.field-meta.xml": field_xml(f"L{n}__c", LOOKUP.replace("Answers", f"Answers{n}")) for n in range(41)}),
    Case("lookup_filter", "Required lookup filters are not supported", F + "Contact__c.field-meta.xml", "<referenceTo>", "<lookupFilter><active>true</active><filterItems><field>Contact.Email</field><operation>notEqual</operation><value/></filterItems><isOptional>false</isOptional></lookupFilter><referenceTo>"),
    Case("summary", "no CustomField named Part__c.Nothing__c found", F + "Points__c.field-meta.xml", "Part__c.Points__c", "Part__c.Nothing__c"),
    Case("summary", "is not a Master-Detail relationship to Answer__c", F + "Points__c.field-meta.xml", "Part__c.Answer__c", "Answer__c.Contact__c"),
    # Formulas
    new_field("formula_compiles", "Field Nothing__c does not exist. Check spelling.", FORMULA.format("Nothing__c + 1")),
    new_field("formula_compiles", "incompatible with expected data type", FORMULA.format("TODAY()")),
    new_field("formula_compiles", "Unknown function FROBNICATE. Check spelling.", FORMULA.format("FROBNICATE(1)")),
    Case("formula_compiles", "refers to itself", more={F + "A__c.field-meta.xml": field_xml("A__c", FORMULA.format("B__c")), F + "B__c.field-meta.xml": field_xml("B__c", FORMULA.format("A__c"))}),
    new_field("default_value_compiles", "Field Nothing__c does not exist. Check spelling.", "<defaultValue>Nothing__c</defaultValue><length>10</length><type>Text</type>"),
    Case("rule_is_complete", "Required field is missing: errorMessage", RULE_FILE, "<errorMessage>Too high</errorMessage>", ""),
    Case("condition_compiles", "Field Nothing__c does not exist. Check spelling.", RULE_FILE, "Score__c &gt;", "Nothing__c &gt;"),
    Case("error_field_exists", "no CustomField named Answer__c.Nothing__c found", RULE_FILE, "<errorDisplayField>Score__c", "<errorDisplayField>Nothing__c"),
    # Permission sets
    Case("fields_exist", "In field: field - no CustomField named Answer__c.Nothing__c found", PERMS, "Answer__c.Score__c", "Answer__c.Nothing__c"),
    Case("fields_can_be_granted", "You cannot deploy to a required field: Answer__c.Key__c", PERMS, "Answer__c.Score__c", "Answer__c.Key__c"),
    Case("fields_can_be_granted", "is not editable", PERMS, "Answer__c.Score__c", "Answer__c.Doubled__c"),
    Case("each_field_once", "Duplicate fieldPermissions", PERMS, "<label>", "<fieldPermissions><editable>false</editable><field>answer__c.score__c</field><readable>true</readable></fieldPermissions><label>"),
    Case("objects_exist", "no CustomObject named Gone__c found", PERMS, "<object>Part__c", "<object>Gone__c"),
    Case("object_permissions_consistent", "Permission Edit depends on permission(s): Read", PERMS, "<allowEdit>true</allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Part__c", "<allowEdit>true</allowEdit><allowRead>false</allowRead><modifyAllRecords>false</modifyAllRecords><object>Part__c"),
    Case("masters_readable", "Permission Read Part__c depends on permission(s): Read Answer__c", PERMS, OBJECT_RIGHTS.format("Answer__c"), ""),
    Case("tabs_exist", "no CustomTab named Gone__c found", PERMS, "<tab>Answer__c", "<tab>Gone__c"),
    Case("other_references_exist", "no CustomPermission named Gone found", PERMS, "<name>Maintain", "<name>Gone"),
    # Layouts and list views
    Case("list_view_object", "Entity of type 'CustomObject' named 'Gone__c' cannot be found", more={"objects/Gone__c/listViews/All.listView-meta.xml": xml("ListView", "<fullName>All</fullName><filterScope>Everything</filterScope><label>All</label>")}),
    Case("list_view_columns", "no CustomField named Answer__c.Nothing__c found", O + "listViews/All.listView-meta.xml", "<columns>Score__c", "<columns>Nothing__c"),
    Case("list_view_columns", "use 1 or 0", O + "listViews/All.listView-meta.xml", "<value>1", "<value>true"),
    Case("list_view_queue", "no Queue named Gone found", O + "listViews/All.listView-meta.xml", "</label>", "</label><queue>Gone</queue>"),
    Case("compact_layout_fields", "no CustomField named Answer__c.Nothing__c found", O + "compactLayouts/Main.compactLayout-meta.xml", "Score__c", "Nothing__c"),
    Case("field_set_fields", "no CustomField named Answer__c.Nothing__c found", O + "fieldSets/Key.fieldSet-meta.xml", "Score__c", "Nothing__c"),
    Case("layout_object", "no CustomObject named Gone__c found", more={"layouts/Gone__c-Main.layout-meta.xml": xml("Layout", "")}),
    Case("layout_fields_exist", "no CustomField named Answer__c.Nothing__c found", LAYOUT, "Score__c", "Nothing__c"),
    Case("layout_behavior", "Field:Doubled__c must be Readonly", LAYOUT, "<behavior>Readonly</behavior><field>Doubled__c", "<behavior>Edit</behavior><field>Doubled__c"),
    Case("layout_has_required_fields", "Layout must contain an item for required layout field: Key__c", LAYOUT, "<layoutItems><behavior>Required</behavior><field>Key__c</field></layoutItems>", ""),
    Case("related_lists_exist", "Cannot find related list:Part__c.Points__c", LAYOUT, "Part__c.Answer__c", "Part__c.Points__c"),
    # Navigation
    Case("tab_shows_something", "cannot be found", more={"tabs/Gone__c.tab-meta.xml": xml("CustomTab", "<customObject>true</customObject><motif>Custom1: Heart</motif>")}),
    Case("tab_motif", "Required field is missing: motif", TAB, "<motif>Custom57: Building Block</motif>", ""),
    Case("tab_flexipage", "no FlexiPage named Gone found", more={"tabs/Page.tab-meta.xml": xml("CustomTab", "<flexiPage>Gone</flexiPage><label>Page</label><motif>Custom1: Heart</motif>")}),
    Case("application_label", "Required field is missing: label", APP, "<label>Answers</label>", ""),
    Case("application_tabs", "no CustomTab named Gone__c found", APP, "<tabs>Answer__c", "<tabs>Gone__c"),
    Case("application_references", "no FlexiPage named Gone found", APP, "</uiType>", "</uiType><utilityBar>Gone</utilityBar>"),
    Case("flexipage_object", "no CustomObject named Gone__c found", PAGE, "<sobjectType>Answer__c", "<sobjectType>Gone__c"),
    Case("flexipage_fields", "no CustomField named Answer__c.Nothing__c found", PAGE, "Record.Score__c", "Record.Nothing__c"),
    # Custom metadata
    Case("type_exists", "Custom metadata type Gone__mdt is not available", more={"customMetadata/Gone.First.md-meta.xml": xml("CustomMetadata", "<label>First</label><protected>false</protected>")}),
    Case("label_present", "Required field is missing: label", RECORD, "<label>First</label>", ""),
    Case("values_fit", "no CustomField named Word__mdt.Nothing__c found", RECORD, "Weight__c", "Nothing__c"),
    Case("values_fit", "value outside of valid range", RECORD, "2.0", "20000.0"),
    Case("required_values_given", "Required fields are missing: [Word__c]", RECORD, '<value xsi:type="xsd:string">angry</value>', '<value xsi:nil="true"/>'),
    # Reports and dashboards
    Case("report_folder", "Cannot find folder:Gone", more={"reports/Gone/Answers.report-meta.xml": xml("Report", "<format>Tabular</format><name>A</name><reportType>Answers__c</reportType>")}),
    Case("report_type", "invalid report type: Gone__c", REPORT, "<reportType>Answers__c", "<reportType>Gone__c"),
    Case("report_columns", "Invalid value specified: Answer__c$Nothing__c", REPORT, "Answer__c$Score__c", "Answer__c$Nothing__c"),
    Case("report_format", "cannot be a column", REPORT, "<field>Answer__c$Status__c", "<field>Answer__c$Score__c"),
    Case("report_format", "A Tabular report can have at most 0 groupings", REPORT, "Summary", "Tabular"),
    Case("report_type_objects", "Invalid relationship Gone__r on Answer__c", REPORT_TYPE, "<relationship>Parts__r", "<relationship>Gone__r"),
    Case("report_type_columns", "no CustomField named Part__c.Nothing__c found", REPORT_TYPE, "Points__c", "Nothing__c"),
    Case("dashboard_folder", "Cannot find folder:Gone", more={"dashboards/Gone/A.dashboard-meta.xml": xml("Dashboard", "<backgroundEndColor>#FFFFFF</backgroundEndColor><backgroundFadeDirection>Diagonal</backgroundFadeDirection><backgroundStartColor>#FFFFFF</backgroundStartColor><textColor>#000000</textColor><title>A</title><titleColor>#000000</titleColor><titleSize>12</titleSize>")}),
    Case("dashboard_reports", "no Report named Answers/Gone found", DASHBOARD, "Answers/Answers", "Answers/Gone"),
    Case("dashboard_user", "Could not find user: nobody@local.example", DASHBOARD, "LoggedInUser</dashboardType>", "SpecifiedUser</dashboardType><runningUser>nobody@local.example</runningUser>"),
    # Setup
    Case("queue_objects", "Part__c cannot be owned by a queue", "queues/Care.queue-meta.xml", "<sobjectType>Case", "<sobjectType>Part__c"),
    Case("queue_members", "Could not find user: nobody@local.example", "queues/Care.queue-meta.xml", "admin@", "nobody@"),
    Case("template_folder", "Cannot find folder:Gone", more={"email/Gone/Bye.email": b"Bye", "email/Gone/Bye.email-meta.xml": xml("EmailTemplate", "<available>true</available><encodingKey>UTF-8</encodingKey><name>Bye</name><style>none</style><subject>Bye</subject><type>text</type>")}),
    Case("template_complete", "Required field is missing: subject", "email/Answers/Hello.email-meta.xml", "<subject>Hi</subject>", "", more={"email/Answers/Hello.email": b"Hello"}),
    Case("template_unique", "duplicate value found", more={"email/More.emailFolder-meta.xml": xml("EmailFolder", "<accessType>Public</accessType><name>More</name>"), "email/More/Hello.email": b"Hello", "email/More/Hello.email-meta.xml": xml("EmailTemplate", "<available>true</available><encodingKey>UTF-8</encodingKey><name>Hello</name><style>none</style><subject>Hi</subject><type>text</type>")}),
    Case("notification_channel", "at least one channel", more={"notificationtypes/Bell.notiftype-meta.xml": xml("CustomNotificationType", "<customNotifTypeName>Bell</customNotifTypeName><desktop>false</desktop><masterLabel>Bell</masterLabel><mobile>false</mobile>")}),
    Case("global_values", "Duplicate picklist value: gold", "globalValueSets/Tiers.globalValueSet-meta.xml", "<masterLabel>", "<customValue><fullName>gold</fullName><default>false</default><label>Gold 2</label></customValue><masterLabel>"),
    Case("alert_references", "no EmailTemplate named Answers/Gone found", "workflows/Answer__c.workflow-meta.xml", "Answers/Hello", "Answers/Gone"),
    # Flows
    Case("flow_is_valid", "", "flows/Mark.flow-meta.xml", "<targetReference>Set_Flag", "<targetReference>Gone"),
    Case("flow_actions_exist", "Answer__c.Gone", "flows/Mark.flow-meta.xml", "<assignments>", "<actionCalls><name>Send</name><label>Send</label><locationX>0</locationX><locationY>0</locationY><actionName>Answer__c.Gone</actionName><actionType>emailAlert</actionType></actionCalls><assignments>"),
    Case("flow_labels_exist", "The label $Label.Gone does not exist", "flows/Mark.flow-meta.xml", "<booleanValue>true</booleanValue>", "<elementReference>$Label.Gone</elementReference>"),
    Case("coverage", "Flow test coverage", more={}, path="flows/Mark.flow-meta.xml", old="<label>Mark</label>", new="<label>Mark it</label>", options={"production": "coverage required"}),
    Case("definition_of_flow", "no Flow named Gone found", more={"flowDefinitions/Gone.flowDefinition-meta.xml": xml("FlowDefinition", "<activeVersionNumber>1</activeVersionNumber>")}),
    Case("definition_version", "Version 9 of flow Mark does not exist", more={"flowDefinitions/Mark.flowDefinition-meta.xml": xml("FlowDefinition", "<activeVersionNumber>9</activeVersionNumber>")}),
    Case("test_of_flow", "no Flow named Gone found", "flowtests/Marks.flowtest-meta.xml", "<flowApiName>Mark", "<flowApiName>Gone"),
    Case("test_of_flow", "A test point is at Start or Finish", "flowtests/Marks.flowtest-meta.xml", "<elementApiName>Start", "<elementApiName>Middle"),
)  # fmt: skip
__all__ = ["CASES", "DETAIL", "Case"]
