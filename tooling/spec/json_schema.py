"""The JSON Schema of `nps.yml` for editors, made from the model: `docs/nps.schema.json`."""

from __future__ import annotations

import json

from tooling.spec.model import Spec

PATH = "docs/nps.schema.json"


def render() -> str:
    """The schema as the file holds it."""
    schema = Spec.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "NPS for Salesforce: mapping spec"
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
