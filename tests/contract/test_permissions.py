"""What the deployed permission sets grant, as the org itself tells. Open question 4, in part."""

from __future__ import annotations

import pytest

from tests.contract.target import RESPONSE, Target
from tooling.metadata import access
from tooling.metadata.types.permission_set import PermissionSet
from tooling.spec import Spec


@pytest.mark.parametrize("name", ["NPS_User", "NPS_Bridge"])
def test_permission_set__fields_of_the_ledger(target: Target, spec: Spec, name: str) -> None:
    """Every field is granted as the mapping spec says: a deploy that leaves one out would hide it without a word."""
    (given,) = (one for one in access.components(spec) if isinstance(one, PermissionSet) and one.name == name)
    expected = {field.field: field.editable for field in given.fields if field.field.startswith(f"{RESPONSE}.")}

    rows = target.query(
        f"SELECT Field, PermissionsEdit, PermissionsRead FROM FieldPermissions WHERE Parent.Name = '{name}' AND SobjectType = '{RESPONSE}'"
    )

    assert {row["Field"]: row["PermissionsEdit"] for row in rows} == expected
    assert all(row["PermissionsRead"] for row in rows)
