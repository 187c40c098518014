"""The formulas, evaluated: what the org will show for given fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tooling.errors import SpecError
from tooling.local_org.formula import Context, Reference, Type, compile_formula
from tooling.metadata import formulas, health
from tooling.metadata.formula_size import check_sizes, inlined
from tooling.metadata.validation_rules import validation_rules
from tooling.nps.score import category_of
from tooling.spec import Spec, spec_from
from tooling.spec.objects import OBJECTS

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_TYPES = {"Number": Type.NUMBER, "Checkbox": Type.BOOLEAN, "DateTime": Type.DATETIME, "Date": Type.DATE, "Picklist": Type.PICKLIST}


class OurNames:
    """The fields of one object of ours, and what else our formulas mention."""

    def __init__(self, sobject: str) -> None:
        found = next(o for o in OBJECTS if o.api_name == sobject)
        self._types = {f.api_name.lower(): _TYPES.get(f.type, Type.TEXT) for f in found.fields}
        self._types |= {"usage_score__c": Type.NUMBER, "case__r.isclosed": Type.BOOLEAN, "lead__r.isconverted": Type.BOOLEAN}
        self._types |= {"$permission.nps_ledger_maintenance": Type.BOOLEAN}

    def find(self, path: tuple[str, ...]) -> Reference | None:
        kind = self._types.get(".".join(path).lower())
        return Reference(path, kind) if kind else None


@dataclass
class OurValues:
    """A record, and what it was before."""

    record: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    now: datetime = NOW
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    @property
    def is_new(self) -> bool:
        return self.before is None

    def value(self, path: tuple[str, ...]) -> Any:
        return self.record.get(".".join(path))

    def prior(self, path: tuple[str, ...]) -> Any:
        return (self.record if self.before is None else self.before).get(".".join(path))

    def look_up(self, *_: Any) -> Any:
        raise NotImplementedError


def evaluated(reference: str, spec: Spec | None = None, **record: Any) -> Any:
    """The value of a formula field of ours for a record."""
    sobject = reference.partition(".")[0]
    source = formulas.FORMULAS[reference](spec or Spec())
    return compile_formula(source, OurNames(sobject), result=None).evaluate(OurValues(record))


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize("score", range(11))
@pytest.mark.parametrize("reference", ["Survey_Response__c.Category__c", "Survey_Response_Revision__c.Category__c"])
def test_category__agrees_with_the_domain(reference: str, score: int) -> None:
    """The org and the domain put every score into the same category."""
    assert evaluated(reference, Score__c=Decimal(score)) == category_of(score)


@pytest.mark.parametrize("sobject", ["Contact", "Lead", "Account"])
def test_category__of_a_record_without_answers(sobject: str) -> None:
    """No answer is no category; a score of 0 is a detractor."""
    assert evaluated(f"{sobject}.NPS_Category__c", NPS_Score__c=None) is None
    assert evaluated(f"{sobject}.NPS_Category__c", NPS_Score__c=Decimal(0)) == "Detractor"


@pytest.mark.parametrize(("score", "ones"), [(None, (0, 0, 0)), (0, (0, 0, 1)), (7, (0, 1, 0)), (8, (0, 1, 0)), (9, (1, 0, 0))])
def test_report_numbers__exactly_one_of_three(score: int | None, ones: tuple[int, int, int]) -> None:
    """For sums in reports a response counts once, and not at all without a score."""
    value = None if score is None else Decimal(score)
    names = ("Is_Promoter__c", "Is_Passive__c", "Is_Detractor__c")

    assert tuple(evaluated(f"Survey_Response__c.{n}", Score__c=value) for n in names) == ones


@pytest.mark.parametrize(("hours", "band"), [(None, "none"), (0, "<=24h"), (24, "<=24h"), (24.5, "24-48h"), (48, "24-48h"), (49, ">48h")])
def test_follow_up__band(hours: float | None, band: str) -> None:
    """The speed of the follow-up in bands; none without one."""
    done = None if hours is None else NOW + timedelta(hours=hours)

    assert evaluated("Survey_Response__c.Follow_Up_Band__c", Responded_At__c=NOW, Followed_Up_At__c=done) == band


def test_follow_up__hours() -> None:
    """Hours to one decimal; blank while nobody has followed up, or when the answer has no time."""
    reference = "Survey_Response__c.Hours_To_Follow_Up__c"

    assert evaluated(reference, Responded_At__c=NOW, Followed_Up_At__c=NOW + timedelta(minutes=90)) == Decimal("1.5")
    assert evaluated(reference, Responded_At__c=NOW) is None
    assert evaluated(reference, Followed_Up_At__c=NOW) is None


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "expected"),
    [(None, None, None, None), (0, 0, 0, None), (2, 1, 1, 25), (0, 0, 3, -100), (1, None, 2, -33)],
)
def test_net_promoter_score__counts(promoters: int | None, passives: int | None, detractors: int | None, expected: int | None) -> None:
    """An integer from -100 to 100; blank, not 0, without answers."""
    counts = {"NPS_Promoters__c": promoters, "NPS_Passives__c": passives, "NPS_Detractors__c": detractors}
    record = {name: None if n is None else Decimal(n) for name, n in counts.items()}

    assert evaluated("Account.NPS_Net_Promoter_Score__c", **record) == expected


def test_survey_allowed__ninety_days_later() -> None:
    """Nobody is asked again within 90 days; who was never asked may be asked."""
    reference = "Account.NPS_Survey_Allowed_From__c"

    assert evaluated(reference, NPS_Last_Surveyed_At__c=NOW) == (NOW + timedelta(days=90)).date()
    assert evaluated(reference) is None


COMPLETE = {
    "NPS_Average_Score__c": Decimal(8),
    "NPS_Trend__c": "Stable",
    "NPS_Open_Escalations__c": Decimal(1),
    "NPS_Responded_At__c": days_ago(10),
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 78),  # (40·80 + 15·50 + 25·75 + 20·100) / 100 = 78.25
        ({"NPS_Trend__c": "Not enough responses"}, 83),  # (3200 + 1875 + 2000) / 85 = 83.2
        ({"NPS_Trend__c": None}, 83),
        ({"NPS_Average_Score__c": Decimal(0)}, 46),  # a score of 0 counts: (0 + 750 + 1875 + 2000) / 100 = 46.25
        ({"NPS_Open_Escalations__c": Decimal(9)}, 60),  # never below 0: (3200 + 750 + 0 + 2000) / 100 = 59.5
        ({"NPS_Responded_At__c": days_ago(365)}, 58),  # (3200 + 750 + 1875 + 0) / 100 = 58.25
        ({"NPS_Responded_At__c": days_ago(227.5)}, 68),  # half way from 90 to 365 days: (… + 20·50) / 100 = 68.25
        ({"NPS_Average_Score__c": None, "NPS_Trend__c": None}, None),  # 45 of 100 present
        ({"NPS_Average_Score__c": None, "NPS_Open_Escalations__c": None}, None),  # 35 of 100
        ({"NPS_Open_Escalations__c": None, "NPS_Responded_At__c": None}, 72),  # 55 of 100: (3200 + 750) / 55 = 71.8
        (dict.fromkeys(COMPLETE), None),
    ],
)
def test_health_score__drops_what_is_missing(changes: dict[str, Any], expected: int | None) -> None:
    """A component without data drops out and the others weigh more; under half of the weight, no score."""
    assert evaluated("Account.NPS_Health_Score__c", **{**COMPLETE, **changes}) == expected


@pytest.mark.parametrize(("usage", "value"), [(0, 0), (25, 50), (50, 100), (80, 100), (-10, 0)])
def test_health_score__own_component(usage: int, value: int) -> None:
    """A field of the customer's counts from 0 to 100 between `from` and `to`, and never beyond."""
    spec = spec_from(
        "sources: {promoter_io: {}}\nhealth_score:\n  nps_average: {weight: 0}\n  trend: {weight: 0}\n  open_escalations: {weight: 0}\n"
        "  recency: {weight: 0}\n  components: {usage: {field: Account.Usage_Score__c, to: 50, weight: 10}}\n"
    )

    assert evaluated("Account.NPS_Health_Score__c", spec, Usage_Score__c=Decimal(usage)) == value


@pytest.mark.parametrize(
    ("options", "stored", "value"), [("from: 20, to: 0", 5, 75), ("percent: true", 1, 100), ("from: -10, to: 10", 0, 50)]
)
def test_health_score__own_component_scales(options: str, stored: float, value: int) -> None:
    """Less may be better, a percent field is seen as a fraction, and a range may begin below zero."""
    spec = spec_from(
        "sources: {promoter_io: {}}\nhealth_score:\n  nps_average: {weight: 0}\n  trend: {weight: 0}\n  open_escalations: {weight: 0}\n"
        f"  recency: {{weight: 0}}\n  components: {{usage: {{field: Account.Usage_Score__c, {options}, weight: 10}}}}\n"
    )

    assert evaluated("Account.NPS_Health_Score__c", spec, Usage_Score__c=Decimal(stored)) == value


@pytest.mark.parametrize("score", [None, *range(101)])
def test_health_status__bands(score: int | None) -> None:
    """The bands of the spec, to the point; without a score the status says so."""
    value = None if score is None else Decimal(score)
    expected = "Insufficient data" if score is None else "Green" if score >= 70 else "Yellow" if score >= 40 else "Red"

    assert evaluated("Account.NPS_Health_Status__c", NPS_Health_Score__c=value) == expected


def test_health_explanation__lists_every_component() -> None:
    """Every component with its value and its weight; what is missing says so."""
    text = evaluated("Account.NPS_Health_Explanation__c", **{**COMPLETE, "NPS_Trend__c": None})

    assert text == ("NPS average: 80 (weight 40); Trend: no data (weight 15); Open escalations: 75 (weight 25); Recency: 100 (weight 20)")


def test_sizes__too_many_components() -> None:
    """A formula that Salesforce would refuse is refused here, and the component that is the longest is named."""
    parts = "".join(f"    part_{n}: {{field: Account.A_Rather_Long_Field_Name_{n}__c, from: 3, to: 17, weight: 5}}\n" for n in range(16))
    spec = spec_from(f"sources: {{promoter_io: {{}}}}\nhealth_score:\n  components:\n{parts}")
    sources = {name: make(spec) for name, make in formulas.FORMULAS.items()}

    with pytest.raises(SpecError, match=r"NPS_Health_Score__c has \d+ characters; Salesforce takes 3900; the longest .*health_score\."):
        check_sizes(sources, spec)


def test_sizes__formula_field_mentioned_twice() -> None:
    """Salesforce inlines a formula field as often as it is mentioned: twice is refused."""
    with pytest.raises(SpecError, match=r"Account\.B__c mentions the formula field A__c more than once"):
        check_sizes({"Account.A__c": "1 + 1", "Account.B__c": 'A__c + A__c & "A__c"'}, Spec())


def test_sizes__inlined() -> None:
    """The status is measured with the score in it."""
    sources = {name: make(Spec()) for name, make in formulas.FORMULAS.items()}
    whole = inlined("Account.NPS_Health_Status__c", sources)

    assert health.score(Spec()) in whole and "NPS_Health_Score__c" not in whole


RULES = {r.name: r for r in validation_rules()}


def refuses(name: str, record: dict[str, Any], before: dict[str, Any] | None = None) -> bool:
    rule = RULES[name]
    compiled = compile_formula(rule.condition, OurNames(rule.sobject), result=Type.BOOLEAN, context=Context.VALIDATION)
    return bool(compiled.evaluate(OurValues(record, before)))


@pytest.mark.parametrize(("score", "refused"), [(None, False), (0, False), (10, False), (11, True), (-1, True), ("7.5", True)])
def test_rule__score(score: Any, refused: bool) -> None:
    """A score is an integer from 0 to 10, or there is none."""
    assert refuses("Score_Is_0_To_10", {"Score__c": None if score is None else Decimal(score)}) is refused


def test_rule__dismissed() -> None:
    """A dismissal carries no score."""
    assert refuses("Dismissed_Has_No_Score", {"Outcome__c": "Dismissed", "Score__c": Decimal(3)})
    assert not refuses("Dismissed_Has_No_Score", {"Outcome__c": "Dismissed"})
    assert not refuses("Dismissed_Has_No_Score", {"Outcome__c": "Answered", "Score__c": Decimal(3)})


FIRST = {"Score__c": Decimal(3), "Verbatim__c": "slow", "Outcome__c": "Answered", "Responded_At__c": NOW, "Revision__c": Decimal(1)}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, False),
        ({"Score__c": Decimal(9)}, True),
        ({"Verbatim__c": "fast"}, True),
        ({"Outcome__c": "Partial"}, True),
        ({"Responded_At__c": days_ago(1)}, True),
        ({"Score__c": Decimal(9), "Revision__c": Decimal(2)}, False),
        ({"Score__c": Decimal(9), "Revision__c": Decimal(3)}, True),
        ({"Score__c": Decimal(9), "$Permission.NPS_Ledger_Maintenance": True}, False),
    ],
)
def test_rule__content_changes_by_revision(changes: dict[str, Any], refused: bool) -> None:
    """What was said changes only as the next revision; a writer that planned on an older one is refused."""
    permission = {"$Permission.NPS_Ledger_Maintenance": False}

    assert refuses("Content_Changes_By_Revision", {**permission, **FIRST, **changes}, FIRST) is refused
    assert not refuses("Content_Changes_By_Revision", {**permission, **FIRST, **changes})


def test_rule__contact_and_lead() -> None:
    """One person answered; both only when the Lead was converted."""
    both = {"Contact__c": "003000000000001AAA", "Lead__c": "00Q000000000001AAA"}

    assert refuses("Contact_And_Lead_Only_If_Converted", {**both, "Lead__r.IsConverted": False})
    assert not refuses("Contact_And_Lead_Only_If_Converted", {**both, "Lead__r.IsConverted": True})
    assert not refuses("Contact_And_Lead_Only_If_Converted", {"Lead__c": both["Lead__c"], "Lead__r.IsConverted": False})


def test_rule__revisions_are_never_edited() -> None:
    """An archived revision stays; archiving the same content again, after a run was killed, is no edit."""
    before = {"Score__c": Decimal(3), "Verbatim__c": "slow", "Archived_At__c": days_ago(1), "$Permission.NPS_Ledger_Maintenance": False}

    assert refuses("Revisions_Are_Never_Edited", {**before, "Verbatim__c": "fast"}, before)
    assert not refuses("Revisions_Are_Never_Edited", {**before, "Archived_At__c": NOW}, before)
