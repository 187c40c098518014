"""The page that draws the flows."""

from __future__ import annotations

from tooling.metadata import flow_chart
from tooling.metadata.flows import all_flows
from tooling.spec import Spec


def test_render__every_flow_and_element(small: Spec) -> None:
    """Each flow has its drawing, and in it every element; what a flow starts with, reads and writes stands in the table."""
    page = flow_chart.render(small)

    for flow in all_flows(small):
        drawing = page.split(f"## {flow.name}\n")[1].split("```mermaid\n")[1].split("```")[0]
        assert drawing.startswith("flowchart TD\n")
        assert all(f"    {element.name}" in drawing for element in flow.elements)
        assert flow.description in page


def test_writes__fields_by_object(small: Spec) -> None:
    """What a recalculation writes is the record's own fields."""
    recalculate = next(f for f in all_flows(small) if f.name == "NPS_Contact_Recalculate")

    assert flow_chart.reads(recalculate) == ["Survey_Response__c"]
    assert len(flow_chart.writes(recalculate)) == 1
    assert flow_chart.writes(recalculate)[0].startswith("Contact (NPS_Average_Score__c, ")
    assert flow_chart.starts_when(recalculate) == "a Contact is changed, before it is saved"
