"""Our flows, one module for each or for each family; `all_flows` lists them in the order in which they are activated."""

from __future__ import annotations

from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.follow_up import follow_up
from tooling.metadata.flows.recalculate_account import account_recalculate
from tooling.metadata.flows.recalculate_person import contact_recalculate, lead_recalculate
from tooling.metadata.flows.request import request_recalculation
from tooling.metadata.flows.response import changed, created, prepare
from tooling.spec.model import Spec

_FLOWS = (
    follow_up,
    account_recalculate,
    contact_recalculate,
    lead_recalculate,
    request_recalculation,
    prepare,
    created,
    changed,
)


def all_flows(spec: Spec) -> tuple[Flow, ...]:
    """Every flow of the product; a flow stands after those it calls."""
    return tuple(make(spec) for make in _FLOWS)


__all__ = ["Flow", "all_flows"]
