"""Settings that admins may change in Setup: escalation keywords and routes. The first install takes them from the mapping spec."""

from __future__ import annotations

from tooling.spec.escalation import SEVERITIES
from tooling.spec.objects.build import LONGEST_TEXT, checkbox, number, picklist, text
from tooling.spec.objects.types import ObjectKind, ObjectSpec

MATCHES = ("word", "prefix", "contains")

KEYWORD = ObjectSpec(
    api_name="NPS_Escalation_Keyword__mdt",
    label="NPS Escalation Keyword",
    plural_label="NPS Escalation Keywords",
    kind=ObjectKind.METADATA_TYPE,
    description="A word or phrase that opens a Case when it stands in an answer with a low score. A later deploy keeps your changes.",
    fields=(
        text("Keyword__c", "Keyword", 100, "The word or phrase. Letter case and punctuation do not count.", "The word or phrase."),
        picklist("Match__c", "Match", MATCHES,
                 "word: the whole word or phrase; prefix: also longer forms of it (cancel: cancelled); contains: anywhere in the text.",
                 "How the word is looked for."),
        picklist("Severity__c", "Severity", SEVERITIES, "How grave the answer is. Of several keywords the gravest decides.",
                 "How grave an answer with this word is."),
        text("Case_Type__c", "Case Type", 40, "The Type of the Case. Blank: the type that the mapping spec names for all.",
             "The Case's type, if it is to be a special one."),
        text("Queue__c", "Queue", 80, "API name of the queue that gets the Case, whatever the routes say. Blank: the routes decide.",
             "The queue's API name, if this word has its own."),
        number("Order__c", "Order", 4, "Among keywords of the same severity the lowest decides.", "The lowest comes first."),
        checkbox("Active__c", "Active", "Untick to stop looking for this word.", "Untick to switch it off.", default="true"),
    ),
)  # fmt: skip

ROUTE = ObjectSpec(
    api_name="NPS_Escalation_Route__mdt",
    label="NPS Escalation Route",
    plural_label="NPS Escalation Routes",
    kind=ObjectKind.METADATA_TYPE,
    description="Which queue gets an escalated Case, and with which priority. The first route, by order, whose conditions all hold. "
    "A later deploy keeps your changes.",
    fields=(
        number("Order__c", "Order", 4, "Routes are tried in this order, the lowest first.", "The lowest comes first."),
        text("Tier__c", "Tier", LONGEST_TEXT, "The Account's tier; several are separated by semicolons. Blank: any.",
             "Only for these tiers; blank: any."),
        text("Severity__c", "Severity", 40, "low, normal or high; several are separated by semicolons. Blank: any.",
             "Only for these severities; blank: any."),
        text("Case_Type__c", "Case Type", LONGEST_TEXT, "The Case's type; several are separated by semicolons. Blank: any.",
             "Only for these types; blank: any."),
        text("Queue__c", "Queue", 80, "API name of the queue that gets the Case.", "The queue's API name."),
        text("Priority__c", "Priority", 40, "The Case's priority.", "The Case's priority."),
        checkbox("Active__c", "Active", "Untick to pass this route over.", "Untick to switch it off.", default="true"),
    ),
)  # fmt: skip
