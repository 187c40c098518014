"""Our flows, one module for each or for each family; `all_flows` lists them in the order in which they are activated.

A flow is made only where the mapping spec has a section for what it does.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flows.acknowledge import acknowledge, is_acknowledged
from tooling.metadata.flows.ask_again import recalculation_flows
from tooling.metadata.flows.claim import claim_flows
from tooling.metadata.flows.closing import escalation_closed, escalation_opened, follow_up_done, follow_up_reopened
from tooling.metadata.flows.escalate import escalate
from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.follow_up import follow_up
from tooling.metadata.flows.lead_converted import lead_converted
from tooling.metadata.flows.log_activity import is_logged, log_activity
from tooling.metadata.flows.promoter import invite, thank_you
from tooling.metadata.flows.recalculate_account import account_recalculate
from tooling.metadata.flows.recalculate_person import contact_recalculate, lead_recalculate
from tooling.metadata.flows.renewal import renewal_email, renewal_sweep
from tooling.metadata.flows.renewal_send import renewal_send
from tooling.metadata.flows.request import request_recalculation
from tooling.metadata.flows.response import prepare
from tooling.metadata.flows.response_automation import changed, created
from tooling.metadata.flows.stamp_decision import stamp_decision
from tooling.metadata.flows.sweep import automation_sweep
from tooling.spec.model import Spec


def all_flows(spec: Spec) -> tuple[Flow, ...]:
    """Every flow that the spec asks for; a flow stands after those it calls."""
    return tuple(_flows(spec))


def _flows(spec: Spec) -> Iterator[Flow]:
    yield follow_up(spec)
    if spec.escalation is not None:
        yield escalate(spec, spec.escalation)
    if is_logged(spec):
        yield log_activity(spec)
    if spec.emails is not None and is_acknowledged(spec):
        yield acknowledge(spec, spec.emails)
    yield account_recalculate(spec)
    yield contact_recalculate(spec)
    yield lead_recalculate(spec)
    yield from recalculation_flows(spec)
    yield request_recalculation(spec)
    yield prepare(spec)
    yield created(spec)
    yield changed(spec)
    if spec.emails is not None and spec.follow_up.promoter is not None:
        yield invite(spec, spec.emails, spec.follow_up.promoter)
        yield thank_you(spec, spec.follow_up.promoter)
    yield automation_sweep(spec)
    yield follow_up_done(spec)
    yield follow_up_reopened(spec)
    if spec.escalation is not None:
        yield escalation_opened(spec)
        yield escalation_closed(spec)
    yield lead_converted(spec)
    yield from claim_flows(spec)
    yield stamp_decision(spec)
    if spec.emails is not None and spec.emails.renewal is not None:
        yield renewal_send(spec, spec.emails, spec.emails.renewal)
        yield renewal_email(spec, spec.emails.renewal)
        yield renewal_sweep(spec, spec.emails.renewal)


__all__ = ["Flow", "all_flows"]
