"""The health score as formulas: weighted components, where one without data drops out and the others weigh more.

All three formulas stand on stored fields and repeat the components' text, because Salesforce inlines a referenced formula field every
time it is mentioned: only the status mentions the score, and only once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tooling.errors import SpecError
from tooling.spec.checks import BAND_WIDTH
from tooling.spec.model import Component, HealthScore, Spec

NO_DATA = "Insufficient data"


@dataclass(frozen=True, slots=True)
class Part:
    """One component: a formula that tells whether it has data, and one for its value from 0 to 100."""

    key: str
    label: str
    weight: int
    present: str
    value: str


def score(spec: Spec) -> str:
    """The health score, 0 to 100; blank with under half of the weight present."""
    parts = _parts(spec.health_score)
    present = _sum(f"IF({p.present}, {p.weight}, 0)" for p in parts)
    weighted = _sum(f"IF({p.present}, {p.weight} * {p.value}, 0)" for p in parts)
    total = sum(p.weight for p in parts)
    return f"IF(2 * ({present}) < {total}, NULL, ROUND(({weighted}) / ({present}), 0))"


def status(spec: Spec) -> str:
    """The band the score lies in. Bands are multiples of 5, so one CASE mentions the score once.

    Of an integer score, ROUND((score - 2) / 5) is FLOOR(score / 5). FLOOR compiles to text that repeats its argument three times, ROUND
    to text that has it once (salesforce/formula-engine: FunctionFloor, FunctionRound), and the argument is the whole inlined score.
    """
    bands = spec.health_score.bands
    steps = ", ".join(f'{low // BAND_WIDTH}, "{_colour(low, bands.green, bands.yellow)}"' for low in range(0, 101, BAND_WIDTH))
    return f'CASE(ROUND((NPS_Health_Score__c - {BAND_WIDTH // 2}) / {BAND_WIDTH}, 0), {steps}, "{NO_DATA}")'


def explanation(spec: Spec) -> str:
    """Every component with its value and its weight. No BR(): the API would answer `_BR_ENCODED_`."""
    return ' & "; " & '.join(
        f'"{p.label}: " & IF({p.present}, TEXT(ROUND({p.value}, 0)), "no data") & " (weight {p.weight})"' for p in _parts(spec.health_score)
    )


def longest_component(spec: Spec) -> str:
    """The spec's name of the component whose formula is the longest."""
    return max(_parts(spec.health_score), key=lambda p: len(p.present) + len(p.value)).key


def _parts(health: HealthScore) -> tuple[Part, ...]:
    parts = tuple(p for p in _all_parts(health) if p.weight)
    if not parts:
        raise SpecError("health_score: every weight is 0; give at least one component a weight")
    return parts


def _all_parts(health: HealthScore) -> Iterator[Part]:
    yield Part("nps_average", "NPS average", health.nps_average.weight, _given("NPS_Average_Score__c"), "(10 * NPS_Average_Score__c)")
    yield Part(
        "trend",
        "Trend",
        health.trend.weight,
        "CASE(NPS_Trend__c, " + ", ".join(f'"{word}", 1' for word in ("Improving", "Stable", "Declining")) + ", 0) = 1",
        'CASE(NPS_Trend__c, "Improving", 100, "Stable", 50, 0)',
    )
    yield Part(
        "open_escalations",
        "Open escalations",
        health.open_escalations.weight,
        _given("NPS_Open_Escalations__c"),
        f"MAX(0, 100 - {health.open_escalations.per_case} * NPS_Open_Escalations__c)",
    )
    full, zero = _days(health.recency.full_until), _days(health.recency.zero_at)
    yield Part(
        "recency",
        "Recency",
        health.recency.weight,
        _given("NPS_Responded_At__c"),
        _clamped(f"100 * ({zero} - (NOW() - NPS_Responded_At__c)) / ({zero} - {full})"),
    )
    for name, component in health.components.items():
        yield Part(
            f"components.{name}",
            name.replace("_", " ").capitalize(),
            component.weight,
            _given(_field(component)),
            _clamped(_scaled(component)),
        )


def _scaled(component: Component) -> str:
    value = f"100 * {_field(component)}" if component.percent else _field(component)
    low, high = number_text(component.from_), number_text(component.to)
    if (low, high) == ("0", "100"):
        return value
    return f"100 * ({value} - {low}) / ({high} - {low})" if low != "0" else f"100 * {value} / {high}"


def _field(component: Component) -> str:
    return component.field.removeprefix("Account.")


def _given(field: str) -> str:
    return f"NOT(ISBLANK({field}))"


def _clamped(value: str) -> str:
    return f"MAX(0, MIN(100, {value}))"


def _sum(terms: Iterator[str]) -> str:
    return "\n + ".join(terms)


def _days(duration: timedelta) -> str:
    return number_text(duration / timedelta(days=1))


def number_text(value: float) -> str:
    """A number as a formula writes it: no exponent, no needless point; negative ones in parentheses."""
    text = f"{value:.6f}".rstrip("0").rstrip(".") or "0"
    return f"({text})" if text.startswith("-") else text


def _colour(low: int, green: int, yellow: int) -> str:
    if low >= green:
        return "Green"
    return "Yellow" if low >= yellow else "Red"
