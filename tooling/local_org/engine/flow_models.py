"""The models of the flows an org would have after a deploy."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..flow.model import Flow
from ..schema.source import Component
from .metadata import OrgMetadata, flow_model


def flow_models(metadata: OrgMetadata, deployed: Iterable[Component], removed: Container[tuple[str, str]]) -> dict[str, Flow]:
    """By API name; a deployed one replaces what the org runs now."""
    models = {name: version.flow for name, version in metadata.flows.items() if ("Flow", name) not in removed}
    models |= {c.full_name: flow_model(c.full_name, c.content or c.xml()) for c in deployed if c.type == "Flow"}
    return models
