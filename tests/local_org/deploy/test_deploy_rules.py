"""Every deploy rule refuses its broken component, and names the rule's reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tooling.local_org.engine.deploy_rules import BY_TYPE, EVERY_COMPONENT

from .conftest import DeployTarget, new_target
from .package_text import FILES
from .rule_cases import CASES, Case


@pytest.fixture(scope="module")
def deployed() -> Iterator[DeployTarget]:
    """An org that has the whole package."""
    target = new_target()
    result = target.deploy(FILES)
    assert [f"{f.full_name}: {f.problem}" for f in result.failures] == []
    yield target
    target.store.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{CASES.index(case)}")
def test_deploy_rules__broken_component(case: Case, deployed: DeployTarget) -> None:
    """The deploy fails, says why, and points into the file."""
    files = dict(case.more)
    if case.path:
        text = FILES[case.path].decode()
        assert case.old in text
        files[case.path] = text.replace(case.old, case.new, 1).encode()
    if case.rule == "coverage":
        remove_flow_test(deployed)
    result = deployed.deploy(files, check_only=True, **case.options)
    found = [failure.problem or "" for failure in result.failures]
    assert any(case.expected in problem for problem in found), found or result.error_message
    assert result.status == "Failed"
    assert all((failure.line or 0) >= 1 and (failure.column or 0) >= 1 and failure.file_name for failure in result.failures)


def test_deploy_rules__every_rule_has_a_case() -> None:
    """A rule nobody can show broken is no rule."""
    rules = {rule.__name__ for rule in EVERY_COMPONENT} | {rule.__name__ for rules in BY_TYPE.values() for rule in rules}
    assert rules - {case.rule for case in CASES} == set()


def remove_flow_test(target: DeployTarget) -> None:
    manifest = b'<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">%s<version>66.0</version></Package>'
    types = b"<types><members>Marks</members><name>FlowTest</name></types>"
    result = target.deploy({"package.xml": manifest % b"", "destructiveChanges.xml": manifest % types})
    assert result.success
