"""What a deploy refuses in a flow: every rule looks at the whole flow and reports all it finds. Drafts are checked as if Active."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...schema.types import Schema
from ..model import Flow, FlowProblem
from .actions import action_calls
from .assigning import assignments
from .conditions import conditions, filters
from .context import Checking
from .data import creates, deletes, lookups, updates
from .flow_tests import check_flow_test
from .formulas import formulas
from .graph import connections, elements_of_the_trigger, start_is_connected
from .joins import joins
from .names import names
from .references import references
from .start import scheduled_paths, start, trigger_order
from .structure import collections, custom_errors, loops, process_type, resources, rollbacks, transforms
from .subflows import subflows

__all__ = ["check_flow", "check_flow_test"]

Rule = Callable[[Checking], Iterator[FlowProblem]]

RULES: tuple[Rule, ...] = (
    process_type, names, resources, start, trigger_order, scheduled_paths, start_is_connected, connections, elements_of_the_trigger,
    references, conditions, filters, assignments, lookups, creates, updates, deletes, loops, collections, transforms, joins, subflows,
    action_calls, custom_errors, rollbacks, formulas,
)  # fmt: skip


def check_flow(flow: Flow, schema: Schema, flows: Mapping[str, Flow]) -> list[FlowProblem]:
    """All problems of a flow, in file order. `flows` are those it may call: of the org, and of the same deploy."""
    if flow.problems:
        return list(flow.problems)
    checking = Checking(flow, schema, flows)
    found = {problem for rule in RULES for problem in rule(checking)}
    return sorted(found, key=lambda p: (p.line, p.column, p.problem))
