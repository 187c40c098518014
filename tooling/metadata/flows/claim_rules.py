"""The rules of the mapping spec that a flow can follow, and what NPS_Claim_Unmatched computes from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import FALSE, literal
from tooling.spec.model import CLAIMED_EMAIL, CLAIMED_USER_ID, EmailRule, Match, UserIdRule

OBJECTS = ("Contact", "Lead")
_CLAIMED = "; claimed by flow"
_LONGEST_CANDIDATES = 4000


@dataclass(frozen=True, slots=True)
class ByRule:
    """One rule of `match.people` that a flow can follow."""

    number: int
    by: str
    noun: str
    field: str
    """Of the person."""
    respondent: str
    """Of the response."""

    @property
    def name(self) -> str:
        return self.by.title()

    def people(self, sobject: str) -> str:
        return f"{sobject}s_By_Rule_{self.number}"

    @property
    def value(self) -> str:
        return f"ValueOfRule{self.number}"

    def value_of(self, field: str) -> Formula:
        """`value`, read from this field of the triggering record."""
        return Formula(
            self.value,
            "String",
            f'BLANKVALUE({{!$Record.{field}}}, "(no {self.noun})")',
            "The value, or one that nobody has: blank would find everybody without one.",
        )


def rules_of(match: Match) -> tuple[ByRule, ...]:
    """Those by user id and e-mail address, in the order of the spec; `nps check` sees to it that there is one."""
    found: list[ByRule] = []
    for rule in match.people:
        if isinstance(rule, UserIdRule):
            found.append(ByRule(len(found) + 1, rule.by, "user id", CLAIMED_USER_ID, "Respondent_User_Id__c"))
        elif isinstance(rule, EmailRule):
            found.append(ByRule(len(found) + 1, rule.by, "e-mail address", CLAIMED_EMAIL[0], "Respondent_Email__c"))
    return tuple(found)


def settles_ties(match: Match) -> bool:
    """Whether nothing but what a flow looks at could tell several people apart."""
    return set(match.prefer) <= {"contact_over_lead"} and not has_variants(match)


def has_variants(match: Match) -> bool:
    """Whether the bridge also looks for an address in other forms."""
    return any(isinstance(rule, EmailRule) and rule.also_without for rule in match.people)


def state() -> Iterator[Resource]:
    """What the loops count."""
    yield Variable("RuleName", "String", "The rule that found them.")
    yield Variable("IsNarrowed", "Boolean", "True when the second rule may narrow what the first has found.", value=FALSE)
    yield Variable("AnyFitsBoth", "Boolean", "True once somebody is found by both rules.", value=FALSE)
    yield Variable("Found", "Number", "How many the rule found.", scale=0, value=literal(0))
    for sobject in OBJECTS:
        yield Variable(f"{sobject}s", "SObject", f"The {sobject}s among whom it is decided.", sobject=sobject, collection=True)
        yield Variable(f"{sobject}Count", "Number", f"How many {sobject}s it may be.", scale=0, value=literal(0))
        yield Variable(f"{sobject}Id", "String", f"The {sobject}, if it is the only one.")
        yield Variable(f"{sobject}Lines", "String", f"The {sobject}s it may be, one a line.")
    yield Variable("ContactAccountId", "String", "The Account of the Contact, if it is the only one.")


def of_rules(rules: tuple[ByRule, ...]) -> Iterator[Resource]:
    """What is looked for, and how a person fits."""
    for rule in rules:
        yield rule.value_of(rule.respondent)
    for sobject in OBJECTS:
        other = rules[-1]
        same = f'LOWER(BLANKVALUE({{!Each_{sobject}.{other.field}}}, "")) = LOWER({{!{other.value}}})'
        yield Formula(
            f"{sobject}FitsBoth", "Boolean", f"AND({{!IsNarrowed}}, {same})", f"True when the {sobject} is found by the second rule too."
        )
        name = f'IF(ISBLANK({{!Each_{sobject}.Name}}), "", " (" & {{!Each_{sobject}.Name}} & ")")'
        yield Formula(
            f"{sobject}Line",
            "String",
            f'IF({{!{sobject}Count}} > 0, "\\n", "") & "{sobject} " & {{!Each_{sobject}.Id}} & {name}',
            "A line of the candidates, as the bridge writes it.",
        )


def result(match: Match, rules: tuple[ByRule, ...]) -> Iterator[Resource]:
    """What is decided, and the texts that say so, in the bridge's words."""
    prefers_contacts = match.prefer[:1] == ("contact_over_lead",)
    both = "{!ContactCount} + {!LeadCount}"
    winners = f"IF({{!ContactCount}} > 0, {{!ContactCount}}, {both})" if prefers_contacts else both
    yield Formula("Winners", "Number", winners, "How many people it may be, after the tie-breaker.", scale=0)
    yield Formula("ContactOrNone", "String", "IF({!ContactCount} > 0, {!ContactId}, NULL)", "The Contact, if it is one.")
    yield Formula("LeadOrNone", "String", "IF({!ContactCount} > 0, NULL, {!LeadId})", "The Lead, if it is one.")
    yield Formula(
        "AccountOrNone",
        "String",
        "IF(ISBLANK({!$Record.Account__c}), IF({!ContactCount} > 0, {!ContactAccountId}, NULL), {!$Record.Account__c})",
        "The Account the response has, else the Contact's.",
    )
    narrowed = f'IF(AND({{!AnyFitsBoth}}, {{!Found}} > 1, {both} = 1), ", then {rules[-1].by}", "")' if len(rules) > 1 else '""'
    preferred = 'IF(AND({!ContactCount} > 0, {!LeadCount} > 0), ", contact_over_lead", "")' if prefers_contacts else '""'
    yield Formula(
        "MatchedText", "String", f'{{!RuleName}} & {narrowed} & {preferred} & "{_CLAIMED}"', "What decided, as the bridge says it."
    )
    if settles_ties(match):
        yield Formula(
            "AmbiguousText",
            "String",
            f'TEXT({{!Winners}}) & " found by " & {{!RuleName}} & {preferred}',
            "Why nothing decided, as the bridge says it.",
        )
        lines = '{!ContactLines} & IF(AND({!ContactCount} > 0, {!LeadCount} > 0), "\\n", "") & {!LeadLines}'
        if prefers_contacts:
            lines = "IF({!ContactCount} > 0, {!ContactLines}, {!LeadLines})"
        yield Formula("Candidates", "String", f"LEFT({lines}, {_LONGEST_CANDIDATES})", "Who it may be, cut to what the field holds.")
