"""Survey_Response_Revision__c: what a response said before it was changed; written once, never edited."""

from __future__ import annotations

from tooling.nps.content import LONGEST_VERBATIM
from tooling.nps.response import Outcome
from tooling.spec.objects.build import datetime, long_text, master_detail, number, picklist, text
from tooling.spec.objects.survey_response import BRIDGE
from tooling.spec.objects.types import ObjectKind, ObjectSpec

_CONTENT = (
    master_detail("Survey_Response__c", "Survey Response", "Survey_Response__c", ("Revisions", "Revisions"),
                  "The response this is an earlier content of.", "The response this belongs to.", section="What it said"),
    number("Revision__c", "Revision", 9, "The number of this revision of the response.", "Which version of the answer this is.",
           section="What it said", writers=BRIDGE),
    number("Score__c", "Score", 2, "The score of this revision.", "The score at that time.", section="What it said", writers=BRIDGE),
    text("Category__c", "Category", 10, "Promoter, Passive or Detractor, from the score of this revision.", "The category at that time.",
         section="What it said", calculated=True),
    picklist("Outcome__c", "Outcome", [o.value for o in Outcome], "The outcome of this revision.", "The outcome at that time.",
             section="What it said", writers=BRIDGE),
    long_text("Verbatim__c", "Verbatim", LONGEST_VERBATIM, "The verbatim of this revision.", "The person's words at that time.",
              lines=6, section="What it said", writers=BRIDGE, personal=True),
    long_text("Tags__c", "Tags", 4000, "The tags of this revision, one a line.", "The tags at that time.",
              section="What it said", writers=BRIDGE, personal=True),
    datetime("Responded_At__c", "Responded At", "When the person answered, as this revision says.", "When the person answered.",
             section="What it said", writers=BRIDGE),
    datetime("Source_Modified_At__c", "Source Modified At", "When this revision was made at the source, if the source says so.",
             "When it was written in the survey tool.", section="What it said", writers=BRIDGE),
    text("Revision_Key__c", "Revision Key", 130, "{source}:{response id}:r{revision}: the external ID the bridge finds it by.",
         "The revision's key.", section="Record", external_id=True, unique=True, case_sensitive=True, writers=BRIDGE),
    text("Content_Hash__c", "Content Hash", 64, "The content hash of this revision.", "Used to see whether the response has changed.",
         section="Record", writers=BRIDGE),
    datetime("Received_At__c", "Received At", "When this content reached the org.", "When it reached Salesforce.",
             section="Record", writers=BRIDGE),
    datetime("Archived_At__c", "Archived At", "When this content was archived, just before the response was changed.",
             "When it was replaced.", default="NOW()", section="Record", writers=BRIDGE),
    text("Run_Key__c", "Run Key", 80, "The sync run that archived this content.", "The sync run that wrote this.",
         section="Record", writers=BRIDGE),
)  # fmt: skip

SURVEY_RESPONSE_REVISION = ObjectSpec(
    api_name="Survey_Response_Revision__c",
    label="Survey Response Revision",
    plural_label="Survey Response Revisions",
    kind=ObjectKind.CUSTOM,
    description="What a survey response said before it was changed at the source. Written by the bridge before the change, never edited.",
    name_label="Revision Number",
    name_format="SRR-{00000000}",
    sharing_model="ControlledByParent",
    fields=_CONTENT,
)
