"""What a person sees of our objects: tabs, the app, list views, compact layouts, page layouts, record pages."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.rendering import Component
from tooling.metadata.reports import RECENT
from tooling.metadata.types.compact_layout import CompactLayout
from tooling.metadata.types.custom_application import CustomApplication
from tooling.metadata.types.custom_tab import CustomTab
from tooling.metadata.types.flexipage import FlexiPage, Region
from tooling.metadata.types.layout import Item, Layout, RelatedList, Section
from tooling.metadata.types.list_view import Filter, ListView
from tooling.spec.model import Spec
from tooling.spec.objects import FieldSpec, FieldType, ObjectKind, ObjectSpec, Writer, objects_of

RESPONSE, REVISION, RUN, DEAD_LETTER = "Survey_Response__c", "Survey_Response_Revision__c", "NPS_Sync_Run__c", "NPS_Dead_Letter__c"
APPLICATION = "NPS"

TABS = (
    CustomTab(sobject=RESPONSE, description="Survey responses: the ledger.", motif="Custom46: Postage"),
    CustomTab(sobject=RUN, description="Runs of the bridge.", motif="Custom67: Gears"),
    CustomTab(sobject=DEAD_LETTER, description="What could not be written, and why.", motif="Custom49: CD/DVD"),
)

COMPACT_LAYOUTS = {
    c.sobject: c
    for c in (
        CompactLayout(
            sobject=RESPONSE,
            name="NPS_Response",
            label="NPS Response",
            fields=("Name", "Score__c", "Category__c", "Contact__c", "Account__c", "Responded_At__c", "Follow_Up_Status__c"),
        ),
        CompactLayout(
            sobject=RUN,
            name="NPS_Run",
            label="NPS Run",
            fields=("Name", "Source__c", "Status__c", "Started_At__c", "Created_Count__c", "Refused_Count__c"),
        ),
        CompactLayout(
            sobject=DEAD_LETTER,
            name="NPS_Dead_Letter",
            label="NPS Dead Letter",
            fields=("Name", "Source__c", "Status__c", "Error_Code__c", "Attempts__c"),
        ),
    )
}

RECORD_PAGES = {
    RESPONSE: FlexiPage(
        name="NPS_Survey_Response_Record_Page",
        label="Survey Response",
        description="A survey response: highlights, the answer and its follow-up, activities and revisions.",
        sobject=RESPONSE,
        regions=(
            Region("header", ("force:highlightsPanel",)),
            Region("main", ("force:detailPanel",)),
            Region("sidebar", ("runtime_sales_activities:activityPanel", "force:relatedListContainer")),
        ),
    ),
}

_WHO = ("NAME", "Score__c", "Category__c", "Contact__c", "Lead__c", "Account__c", "Responded_At__c")
_UNKNOWN = ("NAME", "Score__c", "Respondent_Email__c", "Respondent_Name__c", "Responded_At__c", "Match_Rule__c")
_FAILED = ("NAME", "Automation_Status__c", "Automation_Attempt__c", "Score__c", "Contact__c", "Account__c")
_LETTERS = ("NAME", "Status__c", "Source__c", "Error_Code__c", "Attempts__c", "Last_Failed_At__c")

LIST_VIEWS = (
    ListView(sobject=RESPONSE, name="All", label="All", columns=(*_WHO, "Follow_Up_Status__c")),
    ListView(
        sobject=RESPONSE,
        name="Unmatched",
        label="Unmatched",
        columns=_UNKNOWN,
        filters=(Filter("Match_Status__c", "equals", "Unmatched"),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Ambiguous",
        label="Ambiguous",
        columns=_UNKNOWN,
        filters=(Filter("Match_Status__c", "equals", "Ambiguous"),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Open_Follow_Ups",
        label="Open follow-ups",
        columns=(*_WHO, "Follow_Up_Due_At__c"),
        filters=(Filter("Follow_Up_Status__c", "equals", "Open"),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Automation_Failed",
        label="Automation failed",
        columns=_FAILED,
        filters=(Filter("Automation_Status__c", "equals", "Failed"),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Automation_Not_Done",
        label="Automation not done",
        columns=(*_FAILED, "LAST_UPDATE"),
        filters=(Filter("Automation_Status__c", "equals", "Pending,Failed,Suppressed"),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Closed_Without_Root_Cause",
        label="Closed without root cause",
        columns=(*_WHO, "Followed_Up_At__c"),
        filters=(Filter("Follow_Up_Status__c", "equals", "Done"), Filter("Root_Cause__c", "equals", "")),
    ),
    ListView(
        sobject=RESPONSE,
        name="Escalated",
        label="Escalated",
        columns=(*_WHO, "Case__c", "Escalation_Keywords__c"),
        filters=(Filter("Case__c", "notEqual", ""),),
    ),
    ListView(
        sobject=RESPONSE,
        name="Invited_Promoters",
        label="Invited promoters",
        columns=(*_WHO, "Advocacy_Status__c", "Advocacy_Ask__c", "Advocacy_Reason__c"),
        filters=(Filter("Advocacy_Status__c", "notEqual", ""),),
    ),
    ListView(
        sobject="Account",
        name="NPS_Recent_Promoters",
        label="NPS: recently surveyed promoters",
        columns=("ACCOUNT.NAME", "NPS_Segment__c", "NPS_Net_Promoter_Score__c", "NPS_Last_Surveyed_At__c", "CORE.USERS.ALIAS"),
        filters=(Filter("NPS_Segment__c", "equals", "Promoter"), Filter("NPS_Last_Surveyed_At__c", "greaterOrEqual", RECENT)),
    ),
    ListView(
        sobject=RUN,
        name="All",
        label="All",
        columns=("NAME", "Source__c", "Mode__c", "Status__c", "Started_At__c", "Created_Count__c", "Revised_Count__c", "Refused_Count__c"),
    ),
    ListView(sobject=DEAD_LETTER, name="All", label="All", columns=_LETTERS),
    ListView(
        sobject=DEAD_LETTER,
        name="Unresolved",
        label="Unresolved",
        columns=_LETTERS,
        filters=(Filter("Status__c", "notEqual", "Resolved"),),
    ),
)

_RELATED_LISTS = {
    RESPONSE: (
        RelatedList(f"{REVISION}.{RESPONSE}", ("NAME", "Revision__c", "Score__c", "Outcome__c", "Archived_At__c")),
        RelatedList("RelatedActivityList", ("TASK.SUBJECT", "TASK.WHO_NAME", "ACTIVITY.TASK", "TASK.DUE_DATE", "TASK.STATUS")),
        RelatedList("RelatedHistoryList", ("TASK.SUBJECT", "TASK.WHO_NAME", "ACTIVITY.TASK", "TASK.LAST_UPDATE")),
        RelatedList("Case.NPS_Response__c", ("CASES.CASE_NUMBER", "CASES.SUBJECT", "CASES.STATUS")),
        RelatedList(f"{DEAD_LETTER}.{RESPONSE}", ("NAME", "Status__c", "Error_Code__c")),
    ),
}


def components(spec: Spec) -> Iterator[Component]:
    yield from TABS
    yield from COMPACT_LAYOUTS.values()
    yield from LIST_VIEWS
    yield from RECORD_PAGES.values()
    yield CustomApplication(
        name=APPLICATION,
        label="NPS",
        description="Survey responses, and what they say about people and companies.",
        header_color="#0B5CAB",
        tabs=(
            "standard-home",
            RESPONSE,
            "standard-Account",
            "standard-Contact",
            "standard-Lead",
            "standard-Task",
            "standard-Case",
            "standard-report",
            "standard-Dashboard",
            RUN,
            DEAD_LETTER,
        ),
    )
    for sobject in objects_of(spec):
        if sobject.kind is ObjectKind.CUSTOM:
            yield _layout(sobject)


def _layout(sobject: ObjectSpec) -> Layout:
    sections = []
    for label in dict.fromkeys(f.section for f in sobject.fields):
        fields = [f for f in sobject.fields if f.section == label]
        short = [_item(f) for f in fields if f.type is not FieldType.LONG_TEXT]
        if label == sobject.fields[0].section:
            short.insert(0, Item("Name", "Readonly"))
        half = (len(short) + 1) // 2
        if short:
            sections.append(Section(label, (tuple(short[:half]), tuple(short[half:])), "TwoColumnsTopToBottom"))
        if long := [_item(f) for f in fields if f.type is FieldType.LONG_TEXT]:
            sections.append(Section(f"{label}: texts", (tuple(long),), "OneColumn"))
    # A detail of a master-detail relationship has no owner of its own.
    owner = () if sobject.sharing_model == "ControlledByParent" else (Item("OwnerId", "Edit"),)
    who = (*owner, Item("CreatedById", "Readonly")), (Item("LastModifiedById", "Readonly"),)
    return Layout(
        sobject=sobject.api_name,
        name=f"{sobject.label} Layout",
        sections=(*sections, Section("System", who, "TwoColumnsTopToBottom")),
        related_lists=_RELATED_LISTS.get(sobject.api_name, ()),
    )


def _item(field: FieldSpec) -> Item:
    if field.type is FieldType.MASTER_DETAIL:
        return Item(field.api_name, "Required")
    by_hand = not field.calculated and bool(field.writers & {Writer.ADMIN, Writer.USER})
    return Item(field.api_name, "Edit" if by_hand else "Readonly")
