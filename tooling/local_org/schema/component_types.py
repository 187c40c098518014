"""The metadata types this org can hold: where their files lie and what their names look like (after SDR's metadata registry)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComponentType:
    """`folder` and `suffix` of its files; `content_suffix` of a second file that carries the content (`.email`, `.cls`)."""

    name: str
    folder: str
    suffix: str
    in_folder: bool = False
    """Lies in a folder that is a component itself: reports/NPS/X.report."""
    folder_type: str | None = None
    has_meta_file: bool = False
    children: tuple[tuple[str, str], ...] = ()
    """Elements of the file that are components of their own: element name and type."""


@dataclass(frozen=True, slots=True)
class ChildType:
    name: str
    element: str
    source_folder: str
    """In source format: objects/X/<source_folder>/Y.<suffix>-meta.xml."""
    suffix: str


OBJECT_CHILDREN = (
    ChildType("CustomField", "fields", "fields", "field"),
    ChildType("ValidationRule", "validationRules", "validationRules", "validationRule"),
    ChildType("RecordType", "recordTypes", "recordTypes", "recordType"),
    ChildType("ListView", "listViews", "listViews", "listView"),
    ChildType("CompactLayout", "compactLayouts", "compactLayouts", "compactLayout"),
    ChildType("FieldSet", "fieldSets", "fieldSets", "fieldSet"),
    ChildType("WebLink", "webLinks", "webLinks", "webLink"),
    ChildType("BusinessProcess", "businessProcesses", "businessProcesses", "businessProcess"),
    ChildType("SharingReason", "sharingReasons", "sharingReasons", "sharingReason"),
    ChildType("Index", "indexes", "indexes", "index"),
)
_WORKFLOW_CHILDREN = (
    ("alerts", "WorkflowAlert"),
    ("fieldUpdates", "WorkflowFieldUpdate"),
    ("knowledgePublishes", "WorkflowKnowledgePublish"),
    ("outboundMessages", "WorkflowOutboundMessage"),
    ("rules", "WorkflowRule"),
    ("tasks", "WorkflowTask"),
)

COMPONENT_TYPES = (
    ComponentType("CustomObject", "objects", "object", children=tuple((child.element, child.name) for child in OBJECT_CHILDREN)),
    ComponentType("CustomLabels", "labels", "labels", children=(("labels", "CustomLabel"),)),
    ComponentType("Workflow", "workflows", "workflow", children=_WORKFLOW_CHILDREN),
    ComponentType("MatchingRules", "matchingRules", "matchingRule", children=(("matchingRules", "MatchingRule"),)),
    ComponentType("SharingRules", "sharingRules", "sharingRules"),
    ComponentType("AssignmentRules", "assignmentRules", "assignmentRules"),
    ComponentType("AutoResponseRules", "autoResponseRules", "autoResponseRules"),
    ComponentType("EscalationRules", "escalationRules", "escalationRules"),
    ComponentType("Flow", "flows", "flow"),
    ComponentType("FlowDefinition", "flowDefinitions", "flowDefinition"),
    ComponentType("FlowTest", "flowtests", "flowtest"),
    ComponentType("PermissionSet", "permissionsets", "permissionset"),
    ComponentType("PermissionSetGroup", "permissionsetgroups", "permissionsetgroup"),
    ComponentType("Profile", "profiles", "profile"),
    ComponentType("CustomPermission", "customPermissions", "customPermission"),
    ComponentType("Layout", "layouts", "layout"),
    ComponentType("CustomTab", "tabs", "tab"),
    ComponentType("CustomApplication", "applications", "app"),
    ComponentType("FlexiPage", "flexipages", "flexipage"),
    ComponentType("QuickAction", "quickActions", "quickAction"),
    ComponentType("PathAssistant", "pathAssistants", "pathAssistant"),
    ComponentType("HomePageLayout", "homePageLayouts", "homePageLayout"),
    ComponentType("HomePageComponent", "homePageComponents", "homePageComponent"),
    ComponentType("CustomMetadata", "customMetadata", "md"),
    ComponentType("GlobalValueSet", "globalValueSets", "globalValueSet"),
    ComponentType("GlobalValueSetTranslation", "globalValueSetTranslations", "globalValueSetTranslation"),
    ComponentType("StandardValueSet", "standardValueSets", "standardValueSet"),
    ComponentType("Queue", "queues", "queue"),
    ComponentType("Group", "groups", "group"),
    ComponentType("Role", "roles", "role"),
    ComponentType("CustomNotificationType", "notificationtypes", "notiftype"),
    ComponentType("Report", "reports", "report", in_folder=True, folder_type="ReportFolder"),
    ComponentType("ReportType", "reportTypes", "reportType"),
    ComponentType("Dashboard", "dashboards", "dashboard", in_folder=True, folder_type="DashboardFolder"),
    ComponentType("EmailTemplate", "email", "email", in_folder=True, folder_type="EmailFolder", has_meta_file=True),
    ComponentType("Document", "documents", "document", in_folder=True, folder_type="DocumentFolder", has_meta_file=True),
    ComponentType("DuplicateRule", "duplicateRules", "duplicateRule"),
    ComponentType("Settings", "settings", "settings"),
    ComponentType("LeadConvertSettings", "LeadConvertSettings", "LeadConvertSetting"),
    ComponentType("StaticResource", "staticresources", "resource", has_meta_file=True),
    ComponentType("ApexClass", "classes", "cls", has_meta_file=True),
    ComponentType("ApexTrigger", "triggers", "trigger", has_meta_file=True),
    ComponentType("ApexPage", "pages", "page", has_meta_file=True),
    ComponentType("ApexComponent", "components", "component", has_meta_file=True),
    ComponentType("RemoteSiteSetting", "remoteSiteSettings", "remoteSite"),
    ComponentType("CspTrustedSite", "cspTrustedSites", "cspTrustedSite"),
    ComponentType("NamedCredential", "namedCredentials", "namedCredential"),
    ComponentType("ExternalCredential", "externalCredentials", "externalCredential"),
    ComponentType("ConnectedApp", "connectedApps", "connectedApp"),
    ComponentType("CustomObjectTranslation", "objectTranslations", "objectTranslation"),
    ComponentType("Translations", "translations", "translation"),
    ComponentType("ApprovalProcess", "approvalProcesses", "approvalProcess"),
)

# Types whose folder-like bundles or compiled code this org cannot hold: refused by name instead of being stored unseen.
UNSUPPORTED_FOLDERS = {
    "aura": "AuraDefinitionBundle",
    "lwc": "LightningComponentBundle",
    "experiences": "ExperienceBundle",
    "digitalExperiences": "DigitalExperienceBundle",
    "bots": "Bot",
    "sites": "CustomSite",
    "wave": "WaveApplication",
}

BY_NAME = {entry.name: entry for entry in COMPONENT_TYPES}
BY_FOLDER = {entry.folder: entry for entry in COMPONENT_TYPES}
CHILD_BY_NAME = {child.name: child for child in OBJECT_CHILDREN}
CHILD_BY_FOLDER = {child.source_folder: child for child in OBJECT_CHILDREN}
PARENT_OF_CHILD = {child: (parent, element) for parent in COMPONENT_TYPES for element, child in parent.children}
