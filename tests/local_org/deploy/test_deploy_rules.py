"""Every deploy rule refuses its broken component, and names the rule's reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tooling.local_org.engine.deploy_rules import BY_TYPE, EVERY_COMPONENT

from .conftest import DeployTarget, new_target
from .package_files import FILES

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "broken_components.yml").read_text())
_BETWEEN_TAGS = re.compile(r">\s+<")
_REPEATED = re.compile(r"%\((.*?)\)\*(\d+)%")
_MANY_VALUES = "".join(
    f"<value><fullName>V{number}</fullName><default>false</default><label>V{number}</label></value>" for number in range(1000)
)


@pytest.fixture(scope="module")
def deployed() -> Iterator[DeployTarget]:
    """An org that has the whole package."""
    target = new_target()
    result = target.deploy(FILES)
    assert [f"{f.full_name}: {f.problem}" for f in result.failures] == []
    yield target
    target.store.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{CASES.index(case)}")
def test_deploy_rules__broken_component(case: dict[str, Any], deployed: DeployTarget) -> None:
    """The deploy fails, says why, and points into the file."""
    result = deployed.deploy(broken_files(case), check_only=True, **case.get("options", {}))
    found = [failure.problem or "" for failure in result.failures]
    assert any(case["expected"] in problem for problem in found), found or result.error_message
    assert result.status == "Failed"
    assert all((failure.line or 0) >= 1 and (failure.column or 0) >= 1 and failure.file_name for failure in result.failures)


def test_deploy_rules__every_rule_has_a_case() -> None:
    """A rule nobody can show broken is no rule."""
    rules = {rule.__name__ for rule in EVERY_COMPONENT} | {rule.__name__ for rules in BY_TYPE.values() for rule in rules}
    assert rules - {case["rule"] for case in CASES} == set()


def broken_files(case: dict[str, Any]) -> dict[str, bytes]:
    numbers = range(case["repeat"]) if "repeat" in case else ["@"]
    files = {
        path.replace("@", str(number)): (text.replace("@", str(number)) if "repeat" in case else repeated(text)).encode()
        for path, text in case.get("more", {}).items()
        for number in numbers
    }
    if "path" in case:
        text = _BETWEEN_TAGS.sub("><", FILES[case["path"]].decode())
        assert case["old"] in text
        files[case["path"]] = text.replace(case["old"], repeated(case["new"]), 1).encode()
    return files


def repeated(text: str) -> str:
    """`%(x)*3%` is xxx, `%VALUES%` a thousand picklist values."""
    return _REPEATED.sub(lambda found: found[1] * int(found[2]), text).replace("%VALUES%", _MANY_VALUES)
