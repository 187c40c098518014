"""Claiming: a Contact or Lead that gets an address or user id asks for the responses that nobody was found for.

Made only if the mapping spec says `match.claim: flow`. Who a response is given to is decided by the response's own flow (`claim_decision`),
which looks for everybody it may be: the flows here only ask, and of several people who share a value only the first asks, so that a batch
of 200 people updates no response more than once for each rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tooling.metadata.flows.claim_decision import ASKED, claim_unmatched, still_unmatched
from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Get, Rule, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.request import ASK_FIRST, ASKING_BATCH, asking_elements, asking_resources
from tooling.metadata.flows.resources import Formula
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.spec.model import CLAIMED_EMAIL, CLAIMED_USER_ID, EmailRule, Spec, UserIdRule

_SOON = 1


@dataclass(frozen=True, slots=True)
class _Value:
    """What a person is found by: its field, and the response's."""

    name: str
    field: str
    respondent: str
    none: str
    """Stands for a blank value, which would find everybody without one."""

    @property
    def found(self) -> str:
        return f"First_With_{self.name}"


_EMAIL = _Value("Email", CLAIMED_EMAIL[0], "Respondent_Email__c", "(no address)")
_USER_ID = _Value("User_Id", CLAIMED_USER_ID, "Respondent_User_Id__c", "(no user id)")


def claim_flows(spec: Spec) -> Iterator[Flow]:
    """What `match.claim: flow` adds; nothing otherwise."""
    if spec.match.claim != "flow":
        return
    yield claim_unmatched(spec)
    yield _recalculation()
    for sobject in ("Contact", "Lead"):
        yield _asking(spec, sobject, "Created")
        yield _asking(spec, sobject, "Changed")


def _values(spec: Spec) -> tuple[_Value, ...]:
    kinds = {UserIdRule: _USER_ID, EmailRule: _EMAIL}
    return tuple(kinds[type(rule)] for rule in spec.match.people if type(rule) in kinds)


def _asking(spec: Spec, sobject: str, turn: str) -> Flow:
    values = _values(spec)
    what = " or ".join("e-mail address" if value is _EMAIL else "user id" for value in values)
    when = f"a new {sobject} with {what}" if turn == "Created" else f"a change of a {sobject}'s {what}"
    return Flow(
        name=f"NPS_Claim_{sobject}_{turn}",
        label=f"NPS Claim: {sobject} {turn}",
        description=(
            f"After {when} is committed: asks for the survey responses with the same value that nobody was found for; the flow NPS Claim: "
            f"Unmatched decides about each. It cannot fail the save of the {sobject}; what it misses, the next sync does."
        ),
        start=_start(sobject, turn, values),
        order=600 if turn == "Created" else 700,
        elements=(
            *(element for index in range(len(values)) for element in _ask(sobject, values, index)),
            *dead_letter("CLAIM_NOT_ASKED_FOR", response=None),
        ),
        resources=(
            *(
                Formula(
                    f"{value.name}OrNone".replace("_", ""),
                    "String",
                    f'BLANKVALUE({{!$Record.{value.field}}}, "{value.none}")',
                    "The value, or one that nobody has: blank would find everybody without one.",
                )
                for value in values
            ),
            Formula("AskedText", "String", f'"{ASKED}: {sobject} " & {{!$Record.Id}}', "What the response says until it is decided."),
            *dead_letter_resources('"claim:" & {!$Record.Id}'),
        ),
    )


def _start(sobject: str, turn: str, values: tuple[_Value, ...]) -> RecordStart:
    # "Is changed" has no documented meaning for a new record: creation and change have a flow each.
    filters: list[Filter] = []
    terms: list[str] = []
    for value in values:
        filters.append(Filter(value.field, "IsNull", FALSE))
        terms.append(str(len(filters)))
        if turn == "Changed":
            filters.append(Filter(value.field, "IsChanged", TRUE))
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
        paths=(AsyncPath("After_Commit", values[0].found),),
    )


def _ask(sobject: str, values: tuple[_Value, ...], index: int) -> tuple[Element, ...]:
    value = values[index]
    following = values[index + 1].found if index + 1 < len(values) else None
    or_none = ref(f"{value.name}OrNone".replace("_", ""))
    what = "address" if value is _EMAIL else "user id"
    return (
        Get(
            value.found,
            f"First with the {what}",
            f"Of several {sobject}s with it only the first asks: one update for each response.",
            sobject,
            (Filter(value.field, "EqualTo", or_none),),
            ("Id",),
            then=f"Is_First_With_{value.name}",
            fault=KEEP,
            sort_by="Id",
        ),
        Decision(
            f"Is_First_With_{value.name}",
            "Is it this record?",
            f"Whether this {sobject} is the one that asks.",
            (
                Rule(
                    f"It_Is_First_With_{value.name}",
                    "Yes",
                    (Condition(value.found, "IsNull", FALSE), Condition(f"{value.found}.Id", "EqualTo", ref("$Record.Id"))),
                    f"Ask_By_{value.name}",
                ),
            ),
            following,
            "No",
        ),
        Update(
            f"Ask_By_{value.name}",
            f"Ask by {what}",
            "A mark on the responses that nobody was found for; erased and removed ones stay as they are.",
            (("Match_Rule__c", ref("AskedText")),),
            then=following,
            fault=KEEP,
            sobject=RESPONSE,
            filters=(Filter(value.respondent, "EqualTo", or_none), *still_unmatched()),
        ),
    )


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
