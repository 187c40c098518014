"""NPS_Account_Recalculate: an Account's numbers from the ledger, one voice for each person, computed while the Account is saved."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Loop, Rule
from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.recalculation import (
    LATER_SURVEYED,
    SHARED_RESOURCES,
    clear_flag,
    exit_day,
    get_responses,
    in_window,
    latest_and_previous,
    number,
    remember_survey,
    start,
    values_of_record,
    window_resources,
)
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import literal, ref
from tooling.metadata.flows.wording import days
from tooling.nps.score import FIRST_PASSIVE, FIRST_PROMOTER
from tooling.spec.model import Spec

_FIELDS = (
    "Case_Is_Closed__c",
    "Case__c",
    "Contact__c",
    "Follow_Up_Status__c",
    "Lead__c",
    "Quiet__c",
    "Respondent_Email__c",
)

_SCORE = "{!Each_Response.Score__c}"
_PROMOTER = f"{_SCORE} >= {FIRST_PROMOTER}"
_DETRACTOR = f"{_SCORE} < {FIRST_PASSIVE}"
PROMOTER_FROM, DETRACTOR_BELOW = 50, 0
"""An Account's segment by its Net Promoter Score."""


def account_recalculate(spec: Spec) -> Flow:
    return Flow(
        name="NPS_Account_Recalculate",
        label="NPS Account: Recalculate",
        description=(
            "While an Account with the recalculation flag is saved: reads the Account's survey responses once and writes latest answer, "
            "promoters, passives and detractors (the latest answer of each person in the window), average, trend, segment and open "
            "escalations on the Account itself, then clears the flag. Running it again gives the same values."
        ),
        start=start("Account"),
        order=500,
        elements=(
            get_responses("Account", "Account__c", _FIELDS),
            Loop("Each_Response", "Each response", "Latest first.", "Responses", LATER_SURVEYED, "Write_Values"),
            *remember_survey(),
            *latest_and_previous(then="Add_Escalation"),
            *_window(),
            values_of_record(*_COMPANY_VALUES),
            clear_flag(),
        ),
        resources=_resources(spec),
    )


def _window() -> tuple[Element, ...]:
    return (
        Assignment(
            "Add_Escalation",
            "Add an open escalation",
            "A response whose Case is still open.",
            (Assign("OpenEscalations", ref("EscalationOne"), "Add"),),
            "Is_In_Window",
        ),
        *in_window(then="Is_Person_Known"),
        Decision(
            "Is_Person_Known",
            "Is the person counted already?",
            "Only the latest answer of each person counts.",
            (Rule("Person_Is_Known", "Yes", (Condition("PeopleSeen", "Contains", ref("PersonKey")),), "Is_Earlier_Half"),),
            "Add_Person",
            "No",
        ),
        Assignment(
            "Add_Person",
            "Add the person",
            "One voice for each person.",
            (
                Assign("PeopleSeen", ref("PersonKey"), "Add"),
                Assign("People", literal(1), "Add"),
                Assign("Promoters", ref("PromoterOne"), "Add"),
                Assign("Detractors", ref("DetractorOne"), "Add"),
                Assign("OpenDetractors", ref("OpenDetractorOne"), "Add"),
            ),
            "Is_Earlier_Half",
        ),
        Decision(
            "Is_Earlier_Half",
            "In which half of the window?",
            "The trend compares the two halves, again with the latest answer of each person in each.",
            (
                Rule(
                    "Later_Half_Known",
                    "The later half, counted already",
                    (
                        Condition("Each_Response.Responded_At__c", "GreaterThanOrEqualTo", ref("HalfStart")),
                        Condition("LaterSeen", "Contains", ref("PersonKey")),
                    ),
                    "Note_Later_Half",
                ),
                Rule(
                    "Later_Half",
                    "The later half",
                    (Condition("Each_Response.Responded_At__c", "GreaterThanOrEqualTo", ref("HalfStart")),),
                    "Add_To_Later_Half",
                ),
                Rule(
                    "Earlier_Known",
                    "The earlier half, counted already",
                    (Condition("EarlierSeen", "Contains", ref("PersonKey")),),
                    "Each_Response",
                ),
            ),
            "Add_To_Earlier_Half",
            "The earlier half",
        ),
        Assignment(
            "Add_To_Later_Half",
            "Add to the later half",
            "People, and promoters less detractors.",
            (
                Assign("LaterSeen", ref("PersonKey"), "Add"),
                Assign("LaterPeople", literal(1), "Add"),
                Assign("LaterNet", ref("NetOne"), "Add"),
            ),
            "Note_Later_Half",
        ),
        Assignment(
            "Note_Later_Half",
            "Note the later half's oldest",
            "The next to change halves.",
            (Assign("OldestInLaterHalf", ref("Each_Response.Responded_At__c")),),
            "Each_Response",
        ),
        Assignment(
            "Add_To_Earlier_Half",
            "Add to the earlier half",
            "People, and promoters less detractors.",
            (
                Assign("EarlierSeen", ref("PersonKey"), "Add"),
                Assign("EarlierPeople", literal(1), "Add"),
                Assign("EarlierNet", ref("NetOne"), "Add"),
            ),
            "Each_Response",
        ),
    )


_COMPANY_VALUES = (
    Assign("$Record.NPS_Promoters__c", ref("Promoters")),
    Assign("$Record.NPS_Passives__c", ref("Passives")),
    Assign("$Record.NPS_Detractors__c", ref("Detractors")),
    Assign("$Record.NPS_Segment__c", ref("Segment")),
    Assign("$Record.NPS_Open_Escalations__c", ref("OpenEscalations")),
)


def _resources(spec: Spec) -> tuple[Resource, ...]:
    rollup = spec.rollup
    enough, threshold = rollup.min_responses, rollup.trend.threshold
    half = rollup.window / 2
    return (
        *SHARED_RESOURCES,
        *window_resources(spec),
        *(
            number(name, description)
            for name, description in (
                ("People", "People who answered within the window."),
                ("Promoters", "People whose latest answer is a promoter's."),
                ("Detractors", "People whose latest answer is a detractor's."),
                ("OpenDetractors", "Those of them whose follow-up is not closed."),
                ("OpenEscalations", "Responses whose Case is open."),
                ("LaterPeople", "People who answered in the later half of the window."),
                ("LaterNet", "Promoters less detractors among them."),
                ("EarlierPeople", "People who answered in the earlier half of the window."),
                ("EarlierNet", "Promoters less detractors among them."),
            )
        ),
        Variable("PeopleSeen", "String", "Keys of the people counted."),
        Variable("LaterSeen", "String", "Keys of the people counted in the later half."),
        Variable("EarlierSeen", "String", "Keys of the people counted in the earlier half."),
        Variable("OldestInLaterHalf", "DateTime", "The oldest answer of the later half: the next to change halves."),
        Formula("HalfStart", "DateTime", f"{{!$Flow.CurrentDateTime}} - {days(half)}", "Where the window's later half begins."),
        Formula(
            "PersonKey",
            "String",
            '";" & BLANKVALUE({!Each_Response.Contact__c}, BLANKVALUE({!Each_Response.Lead__c}, '
            'BLANKVALUE({!Each_Response.Respondent_Email__c}, {!Each_Response.Id}))) & ";"',
            "Who answered: Contact, else Lead, else address, else the response itself.",
        ),
        Formula("PromoterOne", "Number", f"IF({_PROMOTER}, 1, 0)", "1 for a promoter's answer.", scale=0),
        Formula("DetractorOne", "Number", f"IF({_DETRACTOR}, 1, 0)", "1 for a detractor's answer.", scale=0),
        Formula("NetOne", "Number", f"IF({_PROMOTER}, 1, IF({_DETRACTOR}, -1, 0))", "1 promoter, 0 passive, -1 detractor.", scale=0),
        Formula(
            "OpenDetractorOne",
            "Number",
            # The follow-up starts after this may run: until it says otherwise, an audible detractor's is open.
            f'IF(AND({_DETRACTOR}, OR(TEXT({{!Each_Response.Follow_Up_Status__c}}) = "Open", '
            "AND(ISBLANK(TEXT({!Each_Response.Follow_Up_Status__c})), NOT({!Each_Response.Quiet__c})))), 1, 0)",
            "1 for a detractor's answer whose follow-up is not closed.",
            scale=0,
        ),
        Formula(
            "EscalationOne",
            "Number",
            "IF(AND(NOT(ISBLANK({!Each_Response.Case__c})), NOT({!Each_Response.Case_Is_Closed__c})), 1, 0)",
            "1 for a response whose Case is open.",
            scale=0,
        ),
        Formula("Passives", "Number", "{!People} - {!Promoters} - {!Detractors}", "People whose latest answer is a passive's.", scale=0),
        Formula(
            "Segment",
            "String",
            'IF(OR({!OpenDetractors} > 0, {!OpenEscalations} > 0), "Detractor", '
            "IF(ISBLANK({!LatestScore}), NULL, "
            f"IF({{!People}} < {enough}, "
            f'IF({{!LatestScore}} >= {FIRST_PROMOTER}, "Promoter", IF({{!LatestScore}} >= {FIRST_PASSIVE}, "Passive", "Detractor")), '
            f'IF(({{!Promoters}} - {{!Detractors}}) * 100 / {{!People}} >= {PROMOTER_FROM}, "Promoter", '
            f'IF(({{!Promoters}} - {{!Detractors}}) * 100 / {{!People}} < {DETRACTOR_BELOW}, "Detractor", "Passive")))))',
            "Detractor while a follow-up or an escalation is open; else by Net Promoter Score; with few people, the latest category.",
        ),
        Formula(
            "TrendPoints",
            "Number",
            "{!LaterNet} * 100 / {!LaterPeople} - {!EarlierNet} * 100 / {!EarlierPeople}",
            "Net Promoter Score of the later half less that of the earlier one.",
            scale=2,
        ),
        Formula(
            "Trend",
            "String",
            f'IF(OR({{!LaterPeople}} < {enough}, {{!EarlierPeople}} < {enough}), "Not enough responses", '
            f'IF({{!TrendPoints}} >= {threshold}, "Improving", IF({{!TrendPoints}} <= -{threshold}, "Declining", "Stable")))',
            "rollup.trend.threshold in the mapping spec, in Net Promoter Score points.",
        ),
        exit_day("HalfExit", "OldestInLaterHalf", half, "The day the next answer changes halves."),
        exit_day("WindowExit", "OldestInWindow", rollup.window, "The day the next answer leaves the rolling window."),
        exit_day("HistoryExit", "OldestInHistory", rollup.history, "The day the next answer leaves the history."),
        Formula(
            "NextRecalculation",
            "Date",
            "IF({!HistoryCount} = 0, NULL, IF(AND({!HalfExit} <= {!WindowExit}, {!HalfExit} <= {!HistoryExit}), {!HalfExit}, "
            "IF({!WindowExit} <= {!HistoryExit}, {!WindowExit}, {!HistoryExit})))",
            "The day the values change without a new answer.",
        ),
    )
