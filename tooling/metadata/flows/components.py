"""The flows as metadata components."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tooling.metadata.flows import all_flows
from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.xml import Node, tree_of
from tooling.spec.model import Spec


@dataclass(frozen=True, slots=True)
class FlowComponent:
    flow: Flow
    api_version: str
    template: str = "Flow.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/flows/{self.flow.name}.flow-meta.xml"

    @property
    def tree(self) -> Node:
        return tree_of(self.flow, self.api_version)


def components(spec: Spec) -> Iterator[FlowComponent]:
    yield from (FlowComponent(flow, spec.org.api_version) for flow in all_flows(spec))
