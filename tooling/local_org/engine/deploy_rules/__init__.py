"""What Salesforce refuses to deploy, as plain functions: one file per family of components, each with its tuple of rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...schema.source import Component, Problem
from . import (
    analytics,
    custom_metadata,
    duplicates,
    field_limits,
    fields,
    flows,
    formulas,
    layouts,
    names,
    navigation,
    objects,
    permissions,
    relationships,
    setup,
    structure,
)
from .context import DeployContext, Rule

EVERY_COMPONENT: tuple[Rule, ...] = (*structure.RULES, *names.RULES)
BY_TYPE: Mapping[str, tuple[Rule, ...]] = {
    "CustomObject": objects.RULES,
    "CustomField": (*fields.RULES, *field_limits.RULES, *relationships.RULES, *formulas.FIELD_RULES),
    "ValidationRule": formulas.VALIDATION_RULES,
    "RecordType": objects.RECORD_TYPE_RULES,
    "ListView": layouts.LIST_VIEW_RULES,
    "CompactLayout": layouts.COMPACT_LAYOUT_RULES,
    "FieldSet": layouts.FIELD_SET_RULES,
    "Layout": layouts.LAYOUT_RULES,
    "PermissionSet": permissions.RULES,
    "Profile": permissions.RULES,
    "CustomTab": navigation.TAB_RULES,
    "CustomApplication": navigation.APPLICATION_RULES,
    "FlexiPage": navigation.FLEXIPAGE_RULES,
    "CustomMetadata": custom_metadata.RULES,
    "Report": analytics.REPORT_RULES,
    "ReportType": analytics.REPORT_TYPE_RULES,
    "Dashboard": analytics.DASHBOARD_RULES,
    "EmailTemplate": setup.EMAIL_TEMPLATE_RULES,
    "Queue": setup.QUEUE_RULES,
    "CustomNotificationType": setup.NOTIFICATION_TYPE_RULES,
    "GlobalValueSet": setup.GLOBAL_VALUE_SET_RULES,
    "DuplicateRule": duplicates.DUPLICATE_RULE_RULES,
    "MatchingRule": duplicates.MATCHING_RULE_RULES,
    "WorkflowAlert": setup.WORKFLOW_ALERT_RULES,
    "Flow": flows.FLOW_RULES,
    "FlowDefinition": flows.FLOW_DEFINITION_RULES,
    "FlowTest": flows.FLOW_TEST_RULES,
}


def check(components: Iterable[Component], context: DeployContext) -> Iterator[Problem]:
    """Everything that is wrong with the components. One that does not match the schema is not looked at further."""
    for component in components:
        found = [item for rule in structure.RULES for item in rule(component, context)]
        if not found:
            found = [item for rule in (*names.RULES, *BY_TYPE.get(component.type, ())) for item in rule(component, context)]
        yield from found
