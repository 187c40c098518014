"""Claiming: a Contact or Lead that gets an address or user id asks for the responses that nobody was found for.

Made only if the mapping spec says `match.claim: flow`. Who a response is given to is decided by the response's own flow (`claim_decision`),
which looks for everybody it may be: the flows here only ask, and of several people who share a value only the first asks, so that a batch
of 200 people updates no response more than once for each rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flows.claim_decision import ASKED, claim_unmatched, still_unmatched
from tooling.metadata.flows.claim_rules import OBJECTS, ByRule, rules_of
from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Get, Rule, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.request import ASK_FIRST, ASKING_BATCH, asking_elements, asking_resources
from tooling.metadata.flows.resources import Formula
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.spec.model import Spec

_SOON = 1


def claim_flows(spec: Spec) -> Iterator[Flow]:
    """What `match.claim: flow` adds; nothing otherwise."""
    if spec.match.claim != "flow":
        return
    yield claim_unmatched(spec)
    yield _recalculation()
    for sobject in OBJECTS:
        yield _asking(spec, sobject, "Created")
        yield _asking(spec, sobject, "Changed")


def _asking(spec: Spec, sobject: str, turn: str) -> Flow:
    rules = rules_of(spec.match)
    what = " or ".join(rule.noun for rule in rules)
    when = f"a new {sobject} with {what}" if turn == "Created" else f"a change of a {sobject}'s {what}"
    return Flow(
        name=f"NPS_Claim_{sobject}_{turn}",
        label=f"NPS Claim: {sobject} {turn}",
        description=(
            f"After {when} is committed: asks for the survey responses with the same value that nobody was found for; the flow NPS Claim: "
            f"Unmatched decides about each. It cannot fail the save of the {sobject}; what it misses, the next sync does."
        ),
        start=_start(sobject, turn, rules),
        order=600 if turn == "Created" else 700,
        elements=(
            *(element for index in range(len(rules)) for element in _ask(sobject, rules, index)),
            *dead_letter("CLAIM_NOT_ASKED_FOR", response=None),
        ),
        resources=(
            *(rule.value_of(rule.field) for rule in rules),
            Formula("AskedText", "String", f'"{ASKED}: {sobject} " & {{!$Record.Id}}', "What the response says until it is decided."),
            *dead_letter_resources('"claim:" & {!$Record.Id}'),
        ),
    )


def _start(sobject: str, turn: str, rules: tuple[ByRule, ...]) -> RecordStart:
    # "Is changed" has no documented meaning for a new record: creation and change have a flow each.
    filters: list[Filter] = []
    terms: list[str] = []
    for rule in rules:
        filters.append(Filter(rule.field, "IsNull", FALSE))
        terms.append(str(len(filters)))
        if turn == "Changed":
            filters.append(Filter(rule.field, "IsChanged", TRUE))
            terms[-1] = f"({terms[-1]} AND {len(filters)})"
    logic = " OR ".join(terms)
    if sobject == "Lead":
        filters.append(Filter("IsConverted", "EqualTo", FALSE))
        logic = f"({logic}) AND {len(filters)}"
    return RecordStart(
        sobject,
        "RecordAfterSave",
        "Create" if turn == "Created" else "Update",
        filters=tuple(filters),
        logic=logic,
        paths=(AsyncPath("After_Commit", _first_with(rules[0])),),
    )


def _ask(sobject: str, rules: tuple[ByRule, ...], index: int) -> tuple[Element, ...]:
    rule, first = rules[index], _first_with(rules[index])
    following = _first_with(rules[index + 1]) if index + 1 < len(rules) else None
    return (
        Get(
            first,
            f"First with the {rule.noun}",
            f"Of several {sobject}s with it only the first asks: one update for each response.",
            sobject,
            (Filter(rule.field, "EqualTo", ref(rule.value)),),
            tuple(sorted(("Id", rule.field))),
            then=f"Is_First_With_{rule.name}",
            fault=KEEP,
            sort_by="Id",
        ),
        Decision(
            f"Is_First_With_{rule.name}",
            "Is it this record?",
            f"Whether this {sobject} is the one that asks.",
            (
                Rule(
                    f"It_Is_First_With_{rule.name}",
                    "Yes",
                    (Condition(first, "IsNull", FALSE), Condition(f"{first}.Id", "EqualTo", ref("$Record.Id"))),
                    f"Ask_By_{rule.name}",
                ),
            ),
            following,
            "No",
        ),
        Update(
            f"Ask_By_{rule.name}",
            f"Ask by {rule.noun}",
            "A mark on the responses that nobody was found for; erased and removed ones stay as they are.",
            (("Match_Rule__c", ref("AskedText")),),
            then=following,
            fault=KEEP,
            sobject=RESPONSE,
            filters=(Filter(rule.respondent, "EqualTo", ref(rule.value)), *still_unmatched()),
        ),
    )


def _first_with(rule: ByRule) -> str:
    return f"First_With_{rule.name}"


def _recalculation() -> Flow:
    """A request of its own: NPS_Request_Recalculation starts once in a response's life, usually before it is claimed."""
    return Flow(
        name="NPS_Claim_Recalculation",
        label="NPS Claim: Recalculation",
        description=(
            "A minute after a survey response that was parked found its person: sets the recalculation flag on its Account, Contact and "
            "Lead if they have not been recalculated since. Where the bridge found the person, it has done so already."
        ),
        start=RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "Update",
            filters=(Filter("Match_Status__c", "EqualTo", literal("Matched")),),
            changed_to_meet=True,
            paths=(ScheduledPath("Soon", "A minute after it", ASK_FIRST, _SOON, "Minutes", ASKING_BATCH),),
        ),
        order=600,
        elements=asking_elements(),
        resources=asking_resources(),
    )
