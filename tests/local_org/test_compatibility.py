"""The compatibility document is complete, and the same every time."""

from __future__ import annotations

import re

import pytest

from tooling.local_org import compatibility
from tooling.local_org.engine.deploy_rules import BY_TYPE
from tooling.local_org.errors import ERROR_TEXTS
from tooling.local_org.flow.checks import RULES
from tooling.local_org.formula import FUNCTIONS, REFUSED
from tooling.local_org.schema.component_types import COMPONENT_TYPES
from tooling.local_org.schema.standard import standard_schema
from tooling.local_org.soql.coverage import EXAMPLES


@pytest.fixture(scope="module")
def document() -> str:
    return compatibility.render()


def test_render__names_everything(document: str) -> None:
    """Every function, component type, rule, standard object and error code stands in it."""
    rules = {rule.__name__ for rules in (*BY_TYPE.values(), RULES) for rule in rules}
    components = {kind.name for kind in COMPONENT_TYPES}
    names = {*FUNCTIONS, *REFUSED, *rules, *components, *(s.name for s in standard_schema()), *(row.code for row in ERROR_TEXTS)}
    assert {name for name in names if f"`{name}`" not in document} == set()


def test_render__every_example_is_answered(document: str) -> None:
    """A feature of SOQL is supported, or refused with a code."""
    rows = {name: line for line in document.splitlines() for name, _ in EXAMPLES if line.startswith(f"| {name} |")}
    assert len(rows) == len(EXAMPLES)
    assert all(re.search(r"\| (supported|refused: `[A-Z_]+` .+) \|$", line) for line in rows.values())


def test_render__every_rule_says_what_it_refuses(document: str) -> None:
    """The last cell of a rule's row is never empty."""
    rules = {rule.__name__ for rules in (*BY_TYPE.values(), RULES) for rule in rules}
    rows = [line for line in document.splitlines() if set(re.findall(r"\| `(\w+)` \|", line)) & rules]
    assert len(rows) >= len(rules)
    assert [line for line in rows if line.endswith("|  |")] == []


def test_render__twice_the_same(document: str) -> None:
    """Nothing in it depends on the clock, on order of sets or on earlier runs."""
    assert compatibility.render() == document


SECTIONS = ["Formulas", "SOQL", "Flows", "Save order", "Objects and fields", "Metadata components", "What a deploy refuses",
            "Limits and settings", "Assumptions of saving, access and deploys", "Reports and dashboards",
            "API resources", "Error codes"]  # fmt: skip


@pytest.mark.parametrize("title", SECTIONS)
def test_render__sections(document: str, title: str) -> None:
    """A heading for each part."""
    assert f"\n## {title}\n" in document
