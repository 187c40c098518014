"""Our fields on Contact, Lead and Account: what the responses of a person, or of a company's people, come to."""

from __future__ import annotations

from tooling.nps.content import LONGEST_VERBATIM
from tooling.nps.score import Category
from tooling.spec.objects.build import checkbox, date, datetime, long_text, lookup, number, picklist, text
from tooling.spec.objects.types import FieldSpec, ObjectKind, ObjectSpec, Writer

TRENDS = ("Improving", "Stable", "Declining", "Not enough responses")
_ADMIN = frozenset({Writer.ADMIN})
_ADMIN_AND_BRIDGE = frozenset({Writer.ADMIN, Writer.BRIDGE})


def _derived(whose: str, category_label: str) -> tuple[FieldSpec, ...]:
    """The fields that a recalculation fills in. `whose` reads as `this person's` in the texts."""
    return (
        number("NPS_Score__c", "NPS Score", 2, f"The score of {whose} latest response. Derived: recalculated from the ledger.",
               f"The score of {whose} latest answer, 0 to 10.", bridge_reads=True),
        text("NPS_Category__c", category_label, 10, f"The category of {whose} latest response, from NPS Score.",
             "Promoter: 9 or 10. Passive: 7 or 8. Detractor: 0 to 6.", calculated=True),
        long_text("NPS_Verbatim__c", "NPS Verbatim", LONGEST_VERBATIM,
                  f"The verbatim of {whose} latest response. Derived: recalculated from the ledger.",
                  "What was written in the latest answer.", personal=True),
        datetime("NPS_Responded_At__c", "NPS Responded At",
                 f"When {whose} latest response was given. Derived: recalculated from the ledger.", "When the latest answer was given.",
                 bridge_reads=True),
        number("NPS_Previous_Score__c", "NPS Previous Score", 2,
               f"The score of {whose} response before the latest. Derived: recalculated from the ledger.",
               "The score of the answer before the latest."),
        number("NPS_Average_Score__c", "NPS Average Score", 4,
               f"The average of {whose} scores within the rolling window of the mapping spec. Derived: recalculated from the ledger.",
               "The average score of the last months.", scale=2, bridge_reads=True),
        picklist("NPS_Trend__c", "NPS Trend", TRENDS,
                 f"Where {whose} scores are heading, by the rules of the mapping spec. Derived: recalculated from the ledger.",
                 "Where the scores are heading."),
        number("NPS_Response_Count__c", "NPS Response Count", 9,
               f"How many of {whose} responses with a score lie in the history window. Derived: recalculated from the ledger.",
               "How many answers there are.", bridge_reads=True),
    )  # fmt: skip


def _asking(whose: str, *, bridge_reads: bool) -> tuple[FieldSpec, ...]:
    return (
        datetime("NPS_Last_Surveyed_At__c", "NPS Last Surveyed At",
                 f"When {whose} latest survey was sent. Derived: recalculated from the ledger.", "When the latest survey was sent.",
                 bridge_reads=True),
        checkbox("NPS_Opted_Out__c", "NPS Opted Out", "Does not want to be surveyed: set by an unsubscribe in the survey tool, or by hand.",
                 "No surveys, please.", writers=frozenset({Writer.ADMIN, Writer.USER})),
        text("NPS_User_Id__c", "NPS User ID", 255, "The id in your product, by which the bridge finds this record first of all.",
             "The id in your product.", external_id=True, writers=_ADMIN, bridge_reads=bridge_reads, personal=True),
    )  # fmt: skip


def _recalculating() -> tuple[FieldSpec, ...]:
    return (
        checkbox("NPS_Recalculate__c", "NPS Recalculate",
                 "Tick to have the NPS fields of this record recalculated from the ledger in the same save; it clears itself.",
                 "Tick and save to recalculate the NPS fields.", writers=_ADMIN_AND_BRIDGE),
        datetime("NPS_Recalculation_Requested_At__c", "NPS Recalculation Requested At",
                 "When a flow asked for a recalculation; a scheduled path does it in small batches.",
                 "When a recalculation was asked for."),
        datetime("NPS_Recalculated_At__c", "NPS Recalculated At",
                 "When the NPS fields were last recalculated. Responses changed at or after this moment are not yet in.",
                 "The NPS fields are as of this moment.", bridge_reads=True),
        date("NPS_Next_Recalculation__c", "NPS Next Recalculation",
             "The day the next response leaves a window: the record is recalculated then without any new response.",
             "When the NPS fields change next by the passing of time."),
    )  # fmt: skip


_COMPANY = (
    number("NPS_Promoters__c", "NPS Promoters", 6,
           "People whose latest answer in the rolling window is 9 or 10. Derived: recalculated from the ledger.",
           "People of this company who are promoters.", bridge_reads=True),
    number("NPS_Passives__c", "NPS Passives", 6,
           "People whose latest answer in the rolling window is 7 or 8. Derived: recalculated from the ledger.",
           "People of this company who are passives.", bridge_reads=True),
    number("NPS_Detractors__c", "NPS Detractors", 6,
           "People whose latest answer in the rolling window is 0 to 6. Derived: recalculated from the ledger.",
           "People of this company who are detractors.", bridge_reads=True),
    number("NPS_Net_Promoter_Score__c", "Net Promoter Score", 3,
           "Share of promoters less share of detractors, an integer from -100 to 100, from the latest answer of each person. "
           "Blank without answers.",
           "From -100 (all detractors) to 100 (all promoters).", calculated=True),
    picklist("NPS_Segment__c", "NPS Segment", [c.value for c in Category],
             "Detractor while any person's latest answer is a detractor with open follow-up or an escalation is open; else by Net "
             "Promoter Score; with few responses the latest category. Derived: recalculated from the ledger.",
             "How this company stands towards us."),
    number("NPS_Open_Escalations__c", "NPS Open Escalations", 6,
           "How many Cases opened by responses of this company are open. Derived: recalculated from the ledger.",
           "Open Cases from feedback."),
    date("NPS_Survey_Allowed_From__c", "NPS Survey Allowed From",
         "The first day on which anybody here may be surveyed again: the minimum gap after NPS Last Surveyed At.",
         "No survey before this day.", calculated=True),
    number("NPS_Health_Score__c", "NPS Health Score", 3,
           "0 to 100 from the weighted components of the mapping spec. A component without data drops out and the others weigh more; with "
           "under half of the weight present it is blank.",
           "How healthy the relationship is, 0 to 100. See NPS Health Explanation.", calculated=True),
    text("NPS_Health_Status__c", "NPS Health Status", 20, "Green, Yellow or Red by the bands of the mapping spec, or Insufficient data.",
         "The health score in a word.", calculated=True),
    text("NPS_Health_Explanation__c", "NPS Health Explanation", 255, "Every component of the health score with its value and its weight.",
         "What the health score is made of.", calculated=True),
    text("NPS_Company_Id__c", "NPS Company ID", 255, "The company's id in your product, by which the bridge finds the Account.",
         "The company's id in your product.", external_id=True, writers=_ADMIN, bridge_reads=True),
)  # fmt: skip

SUCCESS_MANAGER = lookup(
    "NPS_Success_Manager__c", "NPS Success Manager", "User", ("NPS_Managed_Accounts", "NPS Managed Accounts"),
    "The customer success manager: first choice for follow-up Tasks. Not made if the mapping spec names another field.",
    "Who looks after this customer.", writers=frozenset({Writer.ADMIN, Writer.USER}),
)  # fmt: skip
TIER = picklist(
    "NPS_Tier__c", "NPS Tier", ["Enterprise", "Mid-Market", "Small Business"],
    "The customer's tier: decides routes and invitations. Not made if the mapping spec names another field.",
    "The size of this customer.", restricted=False, writers=frozenset({Writer.ADMIN, Writer.USER}),
)  # fmt: skip


MADE_FOR = text(
    "NPS_Made_For__c", "NPS Made For", 64,
    "On a record that the bridge made for an unknown respondent (match.on_missing): a keyed hash of the address it was made for. Unique, "
    "so that two syncs at once cannot make two. External ID.",
    "Set by the bridge when it made this record.", external_id=True, unique=True, case_sensitive=True, bridge_reads=False,
)  # fmt: skip
"""Granted to the bridge only where the spec has it make people: see `tooling.metadata.access`."""


def _person(api_name: str, plural: str) -> ObjectSpec:
    return ObjectSpec(
        api_name=api_name,
        label=api_name,
        plural_label=plural,
        kind=ObjectKind.STANDARD,
        description=f"What the survey responses of a {api_name} come to.",
        fields=_derived("this person's", "NPS Category") + _asking("this person's", bridge_reads=True) + (MADE_FOR,) + _recalculating(),
    )


CONTACT = _person("Contact", "Contacts")
LEAD = _person("Lead", "Leads")
ACCOUNT = ObjectSpec(
    api_name="Account",
    label="Account",
    plural_label="Accounts",
    kind=ObjectKind.STANDARD,
    description="What the survey responses of a company's people come to, and the company's health.",
    fields=_derived("this company's", "NPS Category (latest response)")
    + _asking("this company's", bridge_reads=False)
    + _COMPANY
    + (SUCCESS_MANAGER, TIER)
    + _recalculating(),
)
