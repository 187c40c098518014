"""The marker of what is deployed: version and mapping spec."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.rendering import Component
from tooling.metadata.types.custom_metadata import CustomMetadata, Value
from tooling.spec.model import Spec

VERSION = "0.1.0"
"""The generator's version, equal to the package's."""


def components(spec: Spec) -> Iterator[Component]:
    yield CustomMetadata(
        type="NPS_About",
        name="NPS",
        label="NPS",
        values=(Value("Spec_Hash__c", spec.fingerprint()), Value("Version__c", VERSION)),
    )
