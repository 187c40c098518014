"""Another match section deployed into the org of the stories, and what a response says of its person."""

from __future__ import annotations

from tests.automation.world import World
from tooling.metadata.flows.claim import claim_flows
from tooling.metadata.flows.components import FlowComponent
from tooling.metadata.rendering import render
from tooling.spec import Spec


def with_match(spec: Spec, **changes: object) -> Spec:
    return spec.model_copy(update={"match": spec.match.model_copy(update={"claim": "flow", **changes})})


def deploy_claiming(world: World, spec: Spec) -> None:
    flows = {one.name: render(FlowComponent(one, spec.org.api_version)).encode() for one in claim_flows(spec)}
    members = "".join(f"<members>{name}</members>" for name in flows)
    world.deploy({f"flows/{name}.flow": source for name, source in flows.items()}, f"<types>{members}<name>Flow</name></types>")


def whose(world: World, response: str) -> dict[str, object]:
    return world.record(response, "Match_Status__c", "Match_Rule__c", "Match_Candidates__c", "Contact__c", "Lead__c", "Account__c")
