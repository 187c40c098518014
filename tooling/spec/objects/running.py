"""The objects that running needs: sync runs, dead letters, the switch, and the marker of what is deployed."""

from __future__ import annotations

from tooling.spec.objects.build import LONGEST_TEXT, checkbox, datetime, long_text, lookup, number, picklist, text
from tooling.spec.objects.survey_response import BRIDGE
from tooling.spec.objects.types import Choice, ObjectKind, ObjectSpec

_COUNTS = (
    ("Responses_Read__c", "Responses Read", "Responses read from the source."),
    ("Created_Count__c", "Created", "New responses written."),
    ("Revised_Count__c", "Revised", "Responses whose content changed: archived and updated."),
    ("Unchanged_Count__c", "Unchanged", "Responses that were already as the source says."),
    ("Removed_Count__c", "Removed", "Responses marked as removed at the source."),
    ("Skipped_Count__c", "Skipped", "Input that cannot be a response."),
    ("Unmatched_Count__c", "Unmatched", "Responses written without a person: none was found."),
    ("Ambiguous_Count__c", "Ambiguous", "Responses written without a person: several were found."),
    ("Refused_Count__c", "Refused", "Responses that the org refused; see NPS Dead Letters."),
    ("Recalculated_Count__c", "Recalculated", "Contacts, Leads and Accounts flagged for recalculation."),
    ("API_Calls__c", "API Calls", "Calls to Salesforce that the run made."),
)

SYNC_RUN = ObjectSpec(
    api_name="NPS_Sync_Run__c",
    label="NPS Sync Run",
    plural_label="NPS Sync Runs",
    kind=ObjectKind.CUSTOM,
    description="One run of the bridge: what it read and wrote, and the bookmark from which the next run goes on. Kept for 90 days.",
    name_label="Run Number",
    name_format="RUN-{000000}",
    fields=(
        text("Run_Key__c", "Run Key", 80, "The run's own key; responses carry it. External ID.", "The run's key.",
             section="Run", external_id=True, unique=True, case_sensitive=True, writers=BRIDGE),
        text("Source__c", "Source", 80, "The source that was read.", "Where the responses came from.", section="Run", writers=BRIDGE),
        picklist("Mode__c", "Mode", ["Sync", "Backfill", "Retry", "Reconcile"], "What kind of run it was.", "What kind of run it was.",
                 section="Run", writers=BRIDGE),
        picklist("Status__c", "Status", [Choice("Running", "Running", default=True), "Done", "Incomplete", "Failed"],
                 "Done: all was confirmed. Incomplete: stopped politely, the next run goes on. Failed: see Error.",
                 "How the run ended.", section="Run", writers=BRIDGE),
        datetime("Started_At__c", "Started At", "When the run began, by the org's clock.", "When it began.", section="Run", writers=BRIDGE),
        datetime("Finished_At__c", "Finished At", "When the run ended, by the org's clock.", "When it ended.", section="Run",
                 writers=BRIDGE),
        datetime("Last_Checked_At__c", "Last Checked At", "When a run that changed nothing last looked: it updates the last idle run.",
                 "When the source was last asked.", section="Run", writers=BRIDGE),
        datetime("Bookmark__c", "Bookmark", "Everything the source had up to this moment is confirmed in the org.",
                 "Complete up to this moment.", section="Run", writers=BRIDGE),
        datetime("Reread_Position__c", "Reread Position", "Up to where the older slices have been read again; the next run goes on there.",
                 "Where rereading goes on.", section="Run", writers=BRIDGE),
        checkbox("Quiet__c", "Quiet", "The run started no follow-ups.", "No follow-ups were started.", section="Run", writers=BRIDGE),
        *(number(name, label, 9, description, description, section="Counts", writers=BRIDGE) for name, label, description in _COUNTS),
        long_text("Error__c", "Error", 4000, "What ended the run before its time.", "What went wrong.", section="Result", writers=BRIDGE),
        long_text("Details__c", "Details", 32000, "Further figures and notes of the run, as JSON.", "Further details.", section="Result",
                  writers=BRIDGE),
    ),
)  # fmt: skip

DEAD_LETTER = ObjectSpec(
    api_name="NPS_Dead_Letter__c",
    label="NPS Dead Letter",
    plural_label="NPS Dead Letters",
    kind=ObjectKind.CUSTOM,
    description="Something that could not be written, with its payload and the reason, so that it can be done later. Resolved ones are "
    "kept for 30 days.",
    name_label="Dead Letter Number",
    name_format="DL-{000000}",
    fields=(
        text("Delivery_Key__c", "Delivery Key", LONGEST_TEXT, "What was to be written: the response's key, for example. External ID.",
             "What was to be written.", section="Delivery", external_id=True, unique=True, case_sensitive=True, writers=BRIDGE),
        text("Source__c", "Source", 80, "The source it came from, or the flow that failed.", "Where it came from.", section="Delivery",
             writers=BRIDGE),
        picklist("Status__c", "Status", [Choice("New", "New", default=True), "Retry", "Resolved"],
                 "New: to be looked at. Retry: the next run tries again. Resolved: done or given up.", "What is to be done with it.",
                 section="Delivery", writers=BRIDGE),
        number("Attempts__c", "Attempts", 6, "How often it was tried.", "How often it was tried.", default="1", section="Delivery",
               writers=BRIDGE),
        text("Error_Code__c", "Error Code", 80, "The platform's error code.", "The error's code.", section="Delivery", writers=BRIDGE),
        text("Run_Key__c", "Run Key", 80, "The sync run that tried last.", "The sync run that tried last.", section="Delivery",
             writers=BRIDGE),
        datetime("Last_Failed_At__c", "Last Failed At", "When it failed last.", "When it failed last.", section="Delivery",
                 writers=BRIDGE),
        datetime("Resolved_At__c", "Resolved At", "When it was resolved.", "When it was resolved.", section="Delivery", writers=BRIDGE),
        lookup("Survey_Response__c", "Survey Response", "Survey_Response__c", ("Dead_Letters", "Dead Letters"),
               "The response it is about, if that is in the org.", "The response it is about.", section="Delivery"),
        long_text("Error_Message__c", "Error Message", 4000, "The platform's error message.", "What went wrong.", section="Content",
                  writers=BRIDGE),
        long_text("Payload__c", "Payload", 131072, "What was to be written, as JSON.", "What was to be written.", section="Content",
                  writers=BRIDGE, personal=True),
    ),
)  # fmt: skip

SETTINGS = ObjectSpec(
    api_name="NPS_Settings__c",
    label="NPS Settings",
    plural_label="NPS Settings",
    kind=ObjectKind.SETTING,
    description="Switches for the whole org, a profile or a user. Without a record, automation is on.",
    fields=(
        checkbox("Automation_Off__c", "Automation Off",
                 "Switches off what our flows do after a response is saved. Responses are marked Suppressed and done later.",
                 "Tick to stop Tasks and the like; they are done after you clear it."),
    ),
)  # fmt: skip

ABOUT = ObjectSpec(
    api_name="NPS_About__mdt",
    label="NPS About",
    plural_label="NPS About",
    kind=ObjectKind.METADATA_TYPE,
    description="The marker of this product: which version and which mapping spec are deployed.",
    fields=(
        text("Version__c", "Version", 20, "The version of the generator that made what is deployed.", "The deployed version."),
        text("Spec_Hash__c", "Spec Hash", 64, "A hash of the mapping spec that was deployed: tells whether the org and the file agree.",
             "A hash of the mapping spec."),
    ),
)  # fmt: skip
