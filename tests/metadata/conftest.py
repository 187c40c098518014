"""What the tests of the generator share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tooling.metadata.generator import plan
from tooling.spec import Spec, spec_from

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / "../shared/tools/validate_metadata.py"

SMALL = """
sources: {promoter_io: {}}
health_score:
  components: {product_usage: {field: Account.Usage_Score__c, from: 0, to: 50, weight: 25}}
"""


@pytest.fixture(scope="session")
def small() -> Spec:
    """A spec with one component of the customer's own."""
    return spec_from(SMALL)


@pytest.fixture(scope="session")
def files(small: Spec) -> dict[str, str]:
    return plan(small)


@pytest.fixture(scope="session")
def validator() -> list[str]:
    """The command of the structural judge; the test is skipped where it is absent."""
    if not VALIDATOR.exists():
        pytest.skip("the validator lies beside the repository, and is not there")
    return [sys.executable, str(VALIDATOR), "--strict-order"]
