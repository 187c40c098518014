"""NPS_Lead_Converted: the answers of a converted Lead find its Contact, Account and Opportunity."""

from __future__ import annotations

from tooling.metadata.flows.ask_again import SMALL_BATCH, request
from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Filter, Get, Loop, Rule, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.resources import Formula, Variable
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, TRUE, ref
from tooling.spec.model import Spec


def lead_converted(spec: Spec) -> Flow:
    return Flow(
        name="NPS_Lead_Converted",
        label="NPS Lead: Converted",
        description=(
            "After a Lead's conversion is committed: gives the Lead's survey responses the Contact it became, and the Account and "
            "Opportunity where they have none, then asks for the recalculation of both. It cannot fail the conversion; what it misses, "
            "reconcile finds."
        ),
        start=RecordStart(
            "Lead",
            "RecordAfterSave",
            "Update",
            filters=(Filter("IsConverted", "EqualTo", TRUE),),
            changed_to_meet=True,
            paths=(
                AsyncPath("After_Commit", "Responses"),
                ScheduledPath("Soon", "A minute after it", "Ask_Contact", 1, "Minutes", SMALL_BATCH),
            ),
        ),
        order=100,
        elements=(
            Get(
                "Responses",
                "Survey responses",
                "All that the Lead has given.",
                RESPONSE,
                (Filter("Lead__c", "EqualTo", ref("$Record.Id")),),
                ("Account__c", "Contact__c", "Id", "Opportunity__c"),
                then="Are_There_Any",
                fault=KEEP,
                first_only=False,
            ),
            Decision(
                "Are_There_Any",
                "Are there any?",
                "Most Leads were never asked.",
                (Rule("There_Are_Some", "Yes", (Condition("Responses", "IsNull", FALSE),), "Each_Response"),),
                None,
                "No",
            ),
            Loop("Each_Response", "Each response", "Collected first, written at once.", "Responses", "Fill_In", "Write_Responses"),
            Assignment(
                "Fill_In",
                "Fill in",
                "The Lead stays, as the history; the Account an answer was given for stays too.",
                (
                    Assign("One.Id", ref("Each_Response.Id")),
                    Assign("One.Contact__c", ref("ContactId")),
                    Assign("One.Account__c", ref("AccountId")),
                    Assign("One.Opportunity__c", ref("OpportunityId")),
                    Assign("Changed", ref("One"), "Add"),
                ),
                "Each_Response",
            ),
            Update(
                "Write_Responses",
                "Write the responses",
                "All of them in one statement.",
                (),
                then=None,
                fault=KEEP,
                reference="Changed",
            ),
            request("Ask_Contact", "Contact", ref("$Record.ConvertedContactId"), "Ask_Account", KEEP),
            request("Ask_Account", "Account", ref("$Record.ConvertedAccountId"), None, KEEP),
            *dead_letter("LEAD_CONVERSION_NOT_FOLLOWED", response=None),
        ),
        resources=(
            Variable("One", "SObject", "A response with its new lookups.", sobject=RESPONSE),
            Variable("Changed", "SObject", "All of them.", sobject=RESPONSE, collection=True),
            *(
                Formula(
                    f"{name}Id",
                    "String",
                    f"BLANKVALUE({{!Each_Response.{name}__c}}, {{!$Record.Converted{name}Id}})",
                    f"The response's own {name}, else the one the Lead became.",
                )
                for name in ("Contact", "Account", "Opportunity")
            ),
            *dead_letter_resources('"conversion:" & {!$Record.Id}'),
        ),
    )
