"""Each `cases/NAME.soql` answers what stands beside it: records in `NAME.json` (without attributes), or an error in `NAME.error`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tooling.local_org.errors import OrgError

_CASES = sorted(Path(__file__).with_name("cases").glob("*.soql"))


@pytest.mark.parametrize("case", [case for case in _CASES if case.with_suffix(".json").exists()], ids=lambda case: case.stem)
def test_run__records(world, case):
    """
    A query finds the records of the case, in its order.
    """
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    assert world.rows(case.read_text("utf-8").strip(), world.admin) == expected


@pytest.mark.parametrize("case", [case for case in _CASES if case.with_suffix(".error").exists()], ids=lambda case: case.stem)
def test_run__refused(world, case):
    """
    A query is refused with Salesforce's code and message, position included.
    """
    code, message = case.with_suffix(".error").read_text("utf-8").split("\n", 1)
    with pytest.raises(OrgError) as refused:
        world.engine.run(case.read_text("utf-8").strip(), world.admin)
    assert (refused.value.code, refused.value.message) == (code, message.removesuffix("\n"))


def test_cases__complete():
    """
    No case is without its answer.
    """
    assert _CASES
    assert [c.stem for c in _CASES if c.with_suffix(".json").exists() == c.with_suffix(".error").exists()] == []
