"""NPS_Claim_Unmatched: whose a parked response is, by the rules of the mapping spec and as the bridge's matcher decides.

What a flow cannot know is left to the next sync and said so on the response: a company id or a record id within the attributes, a converted
Lead, an address in another form, and tie-breakers beyond "a Contact rather than a Lead".
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flows.claim_rules import OBJECTS, ByRule, has_variants, of_rules, result, rules_of, settles_ties, state
from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Get, Loop, Rule, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import EMPTY, FALSE, TRUE, literal, ref
from tooling.spec.model import CLAIMED_EMAIL, CLAIMED_USER_ID, Match, SalesforceIdRule, Spec

ASKED = "asked for"
"""How Match_Rule__c begins while the decision is pending."""
_LEFT = "left to the next sync: a flow cannot decide it"


def still_unmatched() -> tuple[Filter, ...]:
    """Responses that the bridge would match again."""
    return (
        Filter("Match_Status__c", "EqualTo", literal("Unmatched")),
        *(Filter(field, "IsNull", TRUE) for field in ("Contact__c", "Lead__c", "Erased_At__c", "Removed_At_Source__c")),
    )


def claim_unmatched(spec: Spec) -> Flow:
    match, rules = spec.match, rules_of(spec.match)
    return Flow(
        name="NPS_Claim_Unmatched",
        label="NPS Claim: Unmatched",
        description=(
            "After a new or changed Contact or Lead has asked for a survey response that nobody was found for: looks for everybody with "
            "its address or user id, and gives it to the one person whom the rules of the mapping spec name. Several become candidates of "
            "an ambiguous response. What a flow cannot decide is left to the next sync."
        ),
        start=RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "Update",
            filters=(Filter("Match_Rule__c", "StartsWith", literal(ASKED)), *still_unmatched()),
            changed_to_meet=True,
            paths=(AsyncPath("After_Commit", "Can_A_Flow_Decide"),),
        ),
        order=700,
        elements=(
            _can_a_flow_decide(match, rules),
            *_look_for(match, rules),
            *(element for sobject in OBJECTS for element in _each(sobject)),
            *_settle(match),
            *dead_letter("CLAIM_NOT_WRITTEN", response=ref("$Record.Id")),
        ),
        resources=(*state(), *of_rules(rules), *result(match, rules), *dead_letter_resources('"claim:" & {!$Record.Id}')),
    )


def _can_a_flow_decide(match: Match, rules: tuple[ByRule, ...]) -> Decision:
    carried = [Condition("$Record.Attributes__c", "Contains", literal('"company_id":'))]
    by_id = any(isinstance(rule, SalesforceIdRule) for rule in match.people)
    return Decision(
        "Can_A_Flow_Decide",
        "Can a flow decide?",
        "An Account that its company id may name, or a record id, stands in the attributes, where only the sync can look for it.",
        (
            Rule(
                "Was_Decided",
                "It was decided meanwhile",
                (
                    Condition("$Record.Match_Status__c", "NotEqualTo", literal("Unmatched")),
                    *(
                        Condition(f"$Record.{field}", "IsNull", FALSE)
                        for field in ("Contact__c", "Lead__c", "Erased_At__c", "Removed_At_Source__c")
                    ),
                ),
                None,
                logic="or",
            ),
            Rule(
                "Has_A_Company_Id",
                "A company id without its Account",
                (*carried, Condition("$Record.Account__c", "IsNull", TRUE)),
                "Leave_It",
            ),
            *(
                (
                    Rule(
                        "Has_A_Record_Id",
                        "A record id",
                        (Condition("$Record.Attributes__c", "Contains", literal('"salesforce_id":')),),
                        "Leave_It",
                    ),
                )
                if by_id
                else ()
            ),
        ),
        rules[0].people(OBJECTS[0]),
        "Yes",
    )


def _look_for(match: Match, rules: tuple[ByRule, ...]) -> Iterator[Element]:
    """By the first rule; by the second only if that finds nobody, for otherwise it can but narrow what the first has found."""
    for rule in rules:
        contacts, leads = (rule.people(sobject) for sobject in OBJECTS)
        is_last = rule is rules[-1]
        # The bridge would look for the address in its other forms before it asks the next rule.
        blind = rule.by == "email" and has_variants(match)
        yield _get(rule, "Contact", ("AccountId",), leads)
        yield _get(rule, "Lead", ("IsConverted",), f"Take_Rule_{rule.number}" if is_last else f"Does_Rule_{rule.number}_Find_Anybody")
        if not is_last:
            yield Decision(
                f"Does_Rule_{rule.number}_Find_Anybody",
                f"Anybody by {rule.by}?",
                "The first rule that finds people decides; the next can only narrow them.",
                (
                    Rule(
                        f"Rule_{rule.number}_Finds_Somebody",
                        "Yes",
                        (Condition(contacts, "IsNull", FALSE), Condition(leads, "IsNull", FALSE)),
                        f"Take_Rule_{rule.number}",
                        logic="or",
                    ),
                ),
                "Leave_It" if blind else rules[rule.number].people(OBJECTS[0]),
                "No",
            )
        yield Assignment(
            f"Take_Rule_{rule.number}",
            f"Take those by {rule.by}",
            "Among these it is decided.",
            (
                Assign("Contacts", ref(contacts), "Add"),
                Assign("Leads", ref(leads), "Add"),
                Assign("RuleName", literal(rule.by)),
                Assign("IsNarrowed", TRUE if not is_last else FALSE),
            ),
            "Each_Contact",
        )
        if blind:
            return


def _get(rule: ByRule, sobject: str, more: tuple[str, ...], then: str) -> Get:
    return Get(
        rule.people(sobject),
        f"{sobject}s by {rule.by}",
        f"Every {sobject} with the respondent's value, not only the one that asked.",
        sobject,
        (Filter(rule.field, "EqualTo", ref(rule.value)),),
        tuple(sorted({*CLAIMED_EMAIL, "Id", "Name", CLAIMED_USER_ID, *more})),
        then=then,
        fault=KEEP,
        first_only=False,
        sort_by="Id",
    )


def _each(sobject: str) -> tuple[Element, ...]:
    """Counts the people of one object; whoever both rules find puts the others out."""
    loop, is_contact = f"Each_{sobject}", sobject == "Contact"
    converted = (
        () if is_contact else (Rule("Is_Converted", "A converted Lead", (Condition(f"{loop}.IsConverted", "EqualTo", TRUE),), "Leave_It"),)
    )
    take = (
        Assign(f"{sobject}Lines", ref(f"{sobject}Line"), "Add"),
        Assign(f"{sobject}Count", literal(1), "Add"),
        Assign(f"{sobject}Id", ref(f"{loop}.Id")),
        *((Assign("ContactAccountId", ref("Each_Contact.AccountId")),) if is_contact else ()),
    )
    return (
        Loop(
            loop,
            f"Each {sobject}",
            "In the order of their ids.",
            f"{sobject}s",
            f"Count_{sobject}",
            "Each_Lead" if is_contact else "Who_Is_It",
        ),
        Assignment(
            f"Count_{sobject}", "Count", "How many the rule found.", (Assign("Found", literal(1), "Add"),), f"How_Does_{sobject}_Fit"
        ),
        Decision(
            f"How_Does_{sobject}_Fit",
            "How does it fit?",
            "By both rules, better than those before; as well as they; or not as well.",
            (
                *converted,
                Rule(
                    f"{sobject}_Fits_Better",
                    "Better",
                    (Condition(f"{sobject}FitsBoth", "EqualTo", TRUE), Condition("AnyFitsBoth", "EqualTo", FALSE)),
                    f"Begin_With_{sobject}",
                ),
                Rule(
                    f"{sobject}_Fits_As_Well",
                    "As well",
                    (Condition(f"{sobject}FitsBoth", "EqualTo", ref("AnyFitsBoth")),),
                    f"Take_{sobject}",
                ),
            ),
            loop,
            "Not as well",
        ),
        Assignment(
            f"Begin_With_{sobject}",
            f"Begin with this {sobject}",
            "Those found by one rule only are out.",
            (
                Assign("AnyFitsBoth", TRUE),
                *(Assign(f"{name}Count", literal(0)) for name in OBJECTS),
                *(Assign(f"{name}Lines", EMPTY) for name in OBJECTS),
            ),
            f"Take_{sobject}",
        ),
        Assignment(f"Take_{sobject}", f"Take this {sobject}", "One of those it may be.", take, loop),
    )


def _settle(match: Match) -> tuple[Element, ...]:
    several = "Say_Ambiguous" if settles_ties(match) else "Leave_It"
    return (
        Decision(
            "Who_Is_It",
            "Who is it?",
            "Exactly one person gets the response; it is never guessed.",
            (
                Rule("It_Is_One", "One person", (Condition("Winners", "EqualTo", literal(1)),), "Give_It"),
                Rule("It_Is_One_Of_Several", "One of several", (Condition("Winners", "GreaterThan", literal(1)),), several),
            ),
            "Leave_It",
            "Nobody any more",
        ),
        Update(
            "Give_It",
            "Give it to the person",
            "The Account it was given for stays; without one it is the Contact's. The response's automation starts again by this.",
            (
                ("Account__c", ref("AccountOrNone")),
                ("Contact__c", ref("ContactOrNone")),
                ("Lead__c", ref("LeadOrNone")),
                ("Match_Candidates__c", EMPTY),
                ("Match_Rule__c", ref("MatchedText")),
                ("Match_Status__c", literal("Matched")),
            ),
            then=None,
            fault=KEEP,
            reference="$Record",
        ),
        *(
            (
                Update(
                    "Say_Ambiguous",
                    "Say that it is ambiguous",
                    "Somebody decides among the candidates; until then every sync looks again.",
                    (
                        ("Match_Candidates__c", ref("Candidates")),
                        ("Match_Rule__c", ref("AmbiguousText")),
                        ("Match_Status__c", literal("Ambiguous")),
                    ),
                    then=None,
                    fault=KEEP,
                    reference="$Record",
                ),
            )
            if settles_ties(match)
            else ()
        ),
        Update(
            "Leave_It",
            "Leave it to the sync",
            "It stays unmatched; the next person who asks starts this again.",
            (("Match_Rule__c", literal(_LEFT)),),
            then=None,
            fault=KEEP,
            reference="$Record",
        ),
    )
