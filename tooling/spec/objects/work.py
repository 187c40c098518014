"""Our fields on Activity (Task and Event), Case and Opportunity: what the work of others shows of NPS."""

from __future__ import annotations

from tooling.nps.score import Category
from tooling.spec.objects.build import LONGEST_TEXT, datetime, lookup, number, picklist, text
from tooling.spec.objects.types import ObjectKind, ObjectSpec

NO_RESPONSE = "No response"

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
            "The answer this is about.",
        ),
        picklist(
            "NPS_Kind__c", "NPS Kind", ["Follow-up", "Timeline", "Event"],
            "Follow-up: somebody is to answer the person. Timeline: a response, for the record. Event: something the person did.",
            "What kind of NPS activity this is.",
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

OPPORTUNITY = ObjectSpec(
    api_name="Opportunity",
    label="Opportunity",
    plural_label="Opportunities",
    kind=ObjectKind.STANDARD,
    description="What the Account's NPS means for an Opportunity, now and at its decision.",
    fields=(
        text("NPS_Segment__c", "NPS Segment", 10, "The Account's NPS Segment, as it is now.",
             "How this company stands towards us.", calculated=True),
        number("NPS_Average_Score__c", "NPS Average Score", 4, "The Account's NPS Average Score, as it is now.",
               "The company's average score of the last months.", scale=2, calculated=True),
        number("NPS_Health_Score__c", "NPS Health Score", 3, "The Account's NPS Health Score, as it is now.",
               "How healthy the relationship is, 0 to 100.", calculated=True),
        text("NPS_Guidance__c", "NPS Guidance", 255, "What to do, by the Account's NPS Segment; the texts stand in the mapping spec.",
             "What to do next.", calculated=True),
        picklist("NPS_Segment_At_Decision__c", "NPS Segment at Decision", [*(c.value for c in Category), NO_RESPONSE],
                 "The category of the company's last answer between 180 and 7 days before the close date, stamped when the Opportunity was "
                 "closed. Answers given after the decision never count.",
                 "How the company stood when it decided."),
        number("NPS_Age_Days_At_Decision__c", "NPS Age at Decision (Days)", 4,
               "How many days before the close date that answer was given.", "How old the answer was, in days."),
        picklist("NPS_Renewal_Email_Status__c", "NPS Renewal Email Status", ["Waiting", "Sent", "Skipped"],
                 "Where the renewal e-mail stands. Waiting: a follow-up with this company is still open.",
                 "Where the renewal e-mail stands."),
        text("NPS_Renewal_Email_Reason__c", "NPS Renewal Email Reason", LONGEST_TEXT, "Why the renewal e-mail waits or was skipped.",
             "Why it waits or was skipped."),
        datetime("NPS_Renewal_Email_At__c", "NPS Renewal Email At", "When the renewal e-mail was sent.", "When it was sent."),
    ),
)  # fmt: skip
