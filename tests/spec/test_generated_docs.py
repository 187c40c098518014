"""The schema for editors and the field dictionary are generated: the files in docs/ are what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tooling.spec import dictionary, json_schema
from tooling.spec.model import Section, Spec
from tooling.spec.objects import OBJECTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", [dictionary, json_schema], ids=["dictionary", "json_schema"])
def test_docs__are_current(module) -> None:
    """The checked-in file equals what is generated now."""
    assert (ROOT / module.PATH).read_text("utf-8") == module.render()


def test_dictionary__has_every_field() -> None:
    """No field of ours is missing from the dictionary."""
    text = dictionary.render()

    assert all(f"`{f.api_name}`" in text for o in OBJECTS for f in o.fields)


def test_json_schema__knows_every_key() -> None:
    """Every section of the model is in the schema under the key that the YAML has, and nothing else is allowed."""
    schema = json.loads(json_schema.render())

    assert set(schema["properties"]) == set(Spec.model_fields)
    assert schema["additionalProperties"] is False
    for section in Section.__subclasses__():
        if section is not Spec:
            keys = {info.alias or name for name, info in section.model_fields.items()}
            assert set(schema["$defs"][section.__name__]["properties"]) == keys
