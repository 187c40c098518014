"""How long formulas are, and how long once Salesforce has inlined the formula fields they mention."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tooling.errors import SpecError
from tooling.metadata import health
from tooling.spec.model import Spec

LONGEST_SOURCE = 3_900
"""Characters, spaces included. Salesforce Help, "Formula Field Limits"."""
LONGEST_INLINED = 5_000
"""Our own bound for the source with referenced formulas inlined; the platform's is 15,000 bytes compiled, known only to an org."""

_TEXT_OR_NAME = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z]\w*(?:\.\w+)*')


def check_sizes(formulas: Mapping[str, str], spec: Spec) -> None:
    """`formulas` maps `Object.Field__c` to its text.

    Raises:
        SpecError: a formula is too long, or mentions a formula field of ours twice; names the field and, for the health score, the
            component that is the longest.
    """
    findings = [finding for name in formulas if (finding := _finding(name, formulas))]
    if findings:
        remedy = f"; the longest component is health_score.{health.longest_component(spec)}: remove a component or shorten its field's name"
        raise SpecError("\n".join(f + (remedy if "NPS_Health" in f else "") for f in findings))


def inlined(name: str, formulas: Mapping[str, str]) -> str:
    """The formula of a field in which each mentioned formula field of the same object is replaced by its own text."""
    sobject = name.partition(".")[0]

    def replaced(match: re.Match[str]) -> str:
        other = f"{sobject}.{match[0]}"
        return f"({inlined(other, formulas)})" if other in formulas and not match[0].startswith('"') else match[0]

    return _TEXT_OR_NAME.sub(replaced, formulas[name])


def _finding(name: str, formulas: Mapping[str, str]) -> str | None:
    source = formulas[name]
    mentioned = [m for m in _TEXT_OR_NAME.findall(source) if f"{name.partition('.')[0]}.{m}" in formulas]
    if len(mentioned) != len(set(mentioned)):
        return f"{name} mentions the formula field {max(mentioned, key=mentioned.count)} more than once"
    if len(source) > LONGEST_SOURCE:
        return f"the formula of {name} has {len(source)} characters; Salesforce takes {LONGEST_SOURCE}"
    if (length := len(inlined(name, formulas))) > LONGEST_INLINED:
        return f"the formula of {name} has {length} characters with its formula fields inlined; {LONGEST_INLINED} is the limit"
    return None
