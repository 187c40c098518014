"""Our fields on Activity (Task and Event) and Case: the link to the response they were made for."""

from __future__ import annotations

from tooling.spec.objects.build import lookup, picklist
from tooling.spec.objects.types import ObjectKind, ObjectSpec

ACTIVITY = ObjectSpec(
    api_name="Activity",
    label="Activity",
    plural_label="Activities",
    kind=ObjectKind.STANDARD,
    description="Links a Task or an Event to the response it was made for.",
    fields=(
        lookup(
            "NPS_Response__c", "NPS Response", "Survey_Response__c", ("NPS_Activities", "NPS Activities"),
            "The survey response this was made for. Together with NPS Kind it is the once-only key: flows look for it before they create.",
            "The answer this is about.", bridge_reads=True,
        ),
        picklist(
            "NPS_Kind__c", "NPS Kind", ["Follow-up", "Timeline", "Event"],
            "Follow-up: somebody is to answer the person. Timeline: a response, for the record. Event: something the person did.",
            "What kind of NPS activity this is.", bridge_reads=True,
        ),
    ),
)  # fmt: skip

CASE = ObjectSpec(
    api_name="Case",
    label="Case",
    plural_label="Cases",
    kind=ObjectKind.STANDARD,
    description="Links a Case to the response that opened it.",
    fields=(
        lookup(
            "NPS_Response__c", "NPS Response", "Survey_Response__c", ("NPS_Cases", "NPS Cases"),
            "The survey response that opened this Case: flows look for it before they create one.",
            "The answer that opened this Case.",
        ),
    ),
)  # fmt: skip
