"""What can go wrong in an element of a flow."""

from __future__ import annotations


class FlowFault(Exception):
    """An element failed; its text is `$Flow.FaultMessage`. A fault path catches it."""


class NotCompatible(FlowFault):
    """A value that its target cannot hold."""


def unset(reference: object) -> FlowFault:
    """Source of the wording: SFDO-Community/declarative-lookup-rollup-summaries issue 355."""
    return FlowFault(f"The flow failed to access the value for {reference} because it hasn't been set or assigned.")
