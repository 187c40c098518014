"""Report types, reports, dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...schema.source import Component, Problem
from ...schema.types import SObject
from .context import DeployContext, Rule, problem

_GROUPINGS = {"Tabular": (0, 0), "Summary": (3, 0), "Matrix": (2, 2), "MultiBlock": (2, 2)}
_MOST_CROSS_FILTERS = 3
_CHARTS = frozenset(
    {
        "Bar", "BarGrouped", "BarStacked", "BarStacked100", "Column", "ColumnGrouped", "ColumnStacked", "ColumnStacked100", "ColumnLine",
        "ColumnLineGrouped", "ColumnLineStacked", "ColumnLineStacked100", "Donut", "Funnel", "Line", "LineCumulative", "LineGrouped",
        "LineGroupedCumulative", "Pie", "Scatter", "ScatterGrouped",
    }
)  # fmt: skip
_PUBLIC_FOLDERS = frozenset({"unfiled$public", "Private"})
_CUSTOM_NAME = re.compile(r"([A-Za-z]\w*)[.$]([A-Za-z]\w*__c)\b")


def report_folder(component: Component, context: DeployContext) -> Iterator[Problem]:
    yield from _folder(component, context, "ReportFolder")


def report_type(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A custom report type `Name__c`, a custom object's own (`CustomEntity$Obj__c`), or a standard one."""
    name = component.node.value("reportType")
    if name is None:
        return
    place = component.node.place("reportType")
    if name.endswith("__c") and "$" not in name:
        if not context.exists("ReportType", name.removesuffix("__c")):
            yield problem(component, place, f"invalid report type: {name}")
        return
    for part in re.findall(r"[A-Za-z]\w*__c", name):
        if context.sobject(part) is None:
            yield problem(component, place, f"invalid report type: {name}")
            return


def report_columns(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Custom fields a report mentions exist; standard columns have legacy names that no public list defines."""
    for item in component.node.walk():
        if item.tag not in ("field", "groupingColumn", "column", "dateColumn", "sortColumn"):
            continue
        for owner, name in _CUSTOM_NAME.findall(item.text.strip()):
            sobject = context.sobject(owner)
            if sobject is not None and sobject.field(name) is None and not _related(context, sobject, name):
                yield problem(component, item, f"Invalid value specified: {item.text.strip()}")


def report_format(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    kind = node.value("format") or "Tabular"
    down, across = _GROUPINGS.get(kind, (0, 0))
    if len(node.all("groupingsDown")) > down:
        yield problem(component, node.all("groupingsDown")[down], f"A {kind} report can have at most {down} groupings down")
    if len(node.all("groupingsAcross")) > across:
        yield problem(component, node.all("groupingsAcross")[across], f"A {kind} report can have at most {across} groupings across")
    if kind in ("Summary", "Matrix") and not node.all("groupingsDown"):
        yield problem(component, node.place("format"), f"A {kind} report must have a grouping")
    columns = {item.value("field") for item in node.all("columns")}
    for grouping in (*node.all("groupingsDown"), *node.all("groupingsAcross")):
        if grouping.value("field") in columns:
            yield problem(component, grouping.place("field"), f"{grouping.value('field')} cannot be a column: the report is grouped by it")
    if len(node.all("crossFilters")) > _MOST_CROSS_FILTERS:
        yield problem(
            component, node.all("crossFilters")[_MOST_CROSS_FILTERS], f"A report can have at most {_MOST_CROSS_FILTERS} cross filters"
        )


def report_date_groupings(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A grouping by a custom date field says by what: Day, Week, Month …"""
    for grouping in (*component.node.all("groupingsDown"), *component.node.all("groupingsAcross")):
        text = grouping.value("field") or ""
        named = _CUSTOM_NAME.fullmatch(text)
        field = context.field(f"{named[1]}.{named[2]}") if named else None
        if field is not None and field.type.value in ("date", "datetime") and grouping.value("dateGranularity") is None:
            yield problem(component, grouping.place("field"), f"{text} is a date: its grouping needs a dateGranularity")


def report_scope(component: Component, context: DeployContext) -> Iterator[Problem]:
    """All records are `organization`, for reports on leads `org`."""
    if component.node.value("reportType") == "LeadList" and component.node.value("scope") == "organization":
        yield problem(component, component.node.place("scope"), "Invalid value specified for scope: organization")


def report_type_objects(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    base = node.value("baseObject")
    if context.sobject(base) is None:
        yield problem(component, node.place("baseObject"), f"In field: baseObject - no CustomObject named {base} found")
        return
    known = context.before.components.get(component.key)
    if known is not None and known.node.value("baseObject") != base:
        yield problem(component, node.place("baseObject"), "Cannot change the baseObject of an existing ReportType")
    owner, depth, outer = context.sobject(base), 1, False
    join = node.child("join")
    while join is not None and owner is not None:
        depth += 1
        name = join.value("relationship") or ""
        child = next((c.child for c in context.schema.children(owner.name) if c.name and c.name.lower() == name.lower()), None)
        if child is None:
            yield problem(component, join.place("relationship"), f"Invalid relationship {name} on {owner.name}")
        if outer and not join.flag("outerJoin"):
            yield problem(component, join.place("outerJoin"), "An inner join cannot follow an outer join")
        outer = outer or join.flag("outerJoin")
        owner, join = context.sobject(child), join.child("join")
    if depth > 4:
        yield problem(component, node, "A report type can have at most 4 objects")


def report_type_columns(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Table: the base object, then relationship names, dotted; every column by API name."""
    base = component.node.value("baseObject") or ""
    if context.sobject(base) is None:
        return
    for section in component.node.all("sections"):
        for column in section.all("columns"):
            table, name = column.value("table") or "", column.value("field") or ""
            sobject = _table(context, base, table)
            if sobject is None:
                yield problem(component, column.place("table"), f"Invalid table {table} in ReportType with base object {base}")
            elif not _column(context, sobject, name):
                yield problem(component, column.place("field"), f"In field: field - no CustomField named {sobject.name}.{name} found")


def dashboard_folder(component: Component, context: DeployContext) -> Iterator[Problem]:
    yield from _folder(component, context, "DashboardFolder")


def dashboard_reports(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.walk():
        if item.tag == "report" and not context.exists("Report", item.text.strip()):
            yield problem(component, item, f"In field: report - no Report named {item.text.strip()} found")


def dashboard_charts(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A chart shows groups, or the rows of a report that limits them."""
    for item in component.node.walk():
        name = item.value("report") if item.tag in ("components", "dashboardComponent") else None
        report = context.components.get(("Report", name)) if name else None
        if report is None or item.value("componentType") not in _CHARTS:
            continue
        if report.node.value("format") == "Tabular" and report.node.value("rowLimit") is None:
            yield problem(component, item.place("report"), f"The report {name} has no grouping and no row limit: a chart cannot show it")


def dashboard_user(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    name = node.value("runningUser")
    if name is not None and name.lower() not in context.usernames:
        yield problem(component, node.place("runningUser"), f"Could not find user: {name}")
    if node.value("dashboardType") in (None, "SpecifiedUser") and name is None and node.child("dashboardType") is not None:
        yield problem(component, node.place("dashboardType"), "A dashboard of type SpecifiedUser needs a runningUser")


def _folder(component: Component, context: DeployContext, kind: str) -> Iterator[Problem]:
    folder, slash, _ = component.full_name.rpartition("/")
    if not slash or not (folder in _PUBLIC_FOLDERS or context.exists(kind, folder)):
        yield problem(component, component.node, f"Cannot find folder:{folder}")


def _table(context: DeployContext, base: str, table: str) -> SObject | None:
    first, *steps = table.split(".")
    owner = context.sobject(first) if first == base else None
    for step in steps:
        if owner is None:
            return None
        child = next((c.child for c in context.schema.children(owner.name) if c.name and c.name.lower() == step.lower()), None)
        owner = context.sobject(child)
    return owner


def _column(context: DeployContext, sobject: SObject, name: str) -> bool:
    owner: SObject | None = sobject
    *steps, last = name.split(".")
    for step in steps:
        link = (owner.relationship(step) or owner.field(step) or owner.field(f"{step}Id")) if owner else None
        owner = context.sobject(link.reference_to[0]) if link and link.reference_to else None
    return owner is not None and (owner.field(last) is not None or owner.field(f"{last}Id") is not None)


def _related(context: DeployContext, sobject: SObject, name: str) -> bool:
    """`Survey_Response__c$Account__c.NPS_Tier__c` and the like go on through a lookup of the named object."""
    return any(
        target is not None and target.field(name) is not None
        for field in sobject.fields
        for target in (context.sobject(parent) for parent in field.reference_to)
    )


REPORT_RULES: tuple[Rule, ...] = (report_folder, report_type, report_columns, report_format, report_date_groupings, report_scope)
REPORT_TYPE_RULES: tuple[Rule, ...] = (report_type_objects, report_type_columns)
DASHBOARD_RULES: tuple[Rule, ...] = (dashboard_folder, dashboard_reports, dashboard_charts, dashboard_user)
