"""Report types, reports and the dashboard: NPS over time, follow-ups, escalations, health, automation."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.rendering import Component
from tooling.metadata.types.dashboard import Dashboard, Tile
from tooling.metadata.types.folder import Folder
from tooling.metadata.types.report import Chart, Column, Criterion, Grouping, Report, SummaryFormula
from tooling.metadata.types.report_type import ReportType
from tooling.spec.model import Spec
from tooling.spec.objects import FieldType, ObjectSpec, objects_of

FOLDER = "NPS"
RESPONSES, ACCOUNTS, DEAD_LETTERS = "NPS_Responses", "NPS_Accounts", "NPS_Dead_Letters"
RECENT = "LAST_N_DAYS:90"
"""How recently an Account was surveyed to count as recent."""

_RESPONSE, _ACCOUNT, _DEAD_LETTER = "Survey_Response__c", "Account", "NPS_Dead_Letter__c"
_SHOWN = frozenset({"Name", "Score__c", "Category__c", "Account__c", "Contact__c", "Responded_At__c",
                    "NPS_Segment__c", "NPS_Health_Score__c", "Owner", "Status__c", "Error_Code__c"})  # fmt: skip


def components(spec: Spec) -> Iterator[Component]:
    objects = {o.api_name: o for o in objects_of(spec)}
    yield ReportType(
        name=RESPONSES,
        label="NPS Responses",
        description="Survey responses with everything about them.",
        sobject=_RESPONSE,
        section="Survey Responses",
        columns=("Name", *_reportable(objects[_RESPONSE]), "Account__c.Owner", "Owner", "CreatedDate", "LastModifiedDate"),
        shown=_SHOWN,
    )
    yield ReportType(
        name=ACCOUNTS,
        label="NPS Accounts",
        description="Accounts with what their people's answers come to.",
        sobject=_ACCOUNT,
        section="Accounts",
        columns=("Name", "Owner", "Type", "Industry", *_reportable(objects[_ACCOUNT]), "CreatedDate"),
        shown=_SHOWN,
        category="accounts",
    )
    yield ReportType(
        name=DEAD_LETTERS,
        label="NPS Dead Letters",
        description="What could not be written, with the reason.",
        sobject=_DEAD_LETTER,
        section="Dead Letters",
        columns=("Name", *_reportable(objects[_DEAD_LETTER]), "CreatedDate", "LastModifiedDate"),
        shown=_SHOWN,
    )
    yield Folder(kind="Report", name=FOLDER, label="NPS")
    yield Folder(kind="Dashboard", name=FOLDER, label="NPS")
    yield from REPORTS
    yield _dashboard()


def _reportable(sobject: ObjectSpec) -> Iterator[str]:
    return (f.api_name for f in sobject.fields if not (f.type is FieldType.LONG_TEXT and f.length and f.length > 32_000))


def _response(name: str) -> str:
    return f"{_RESPONSE}${name}"


def _account(name: str) -> str:
    return f"{_ACCOUNT}${name}"


def _dead_letter(name: str) -> str:
    return f"{_DEAD_LETTER}${name}"


_COUNTED = (Criterion(_response("Score__c"), "greaterOrEqual", "0"), Criterion(_response("Removed_At_Source__c"), "equals", ""))
_NET_PROMOTER_SCORE = SummaryFormula(
    name="FORMULA1",
    label="Net Promoter Score",
    description="Share of promoters less share of detractors, from -100 to 100. Look at the number of answers beside it.",
    formula=f"IF(RowCount = 0, 0, 100 * ({_RESPONSE}.Is_Promoter__c:SUM - {_RESPONSE}.Is_Detractor__c:SUM) / RowCount)",
)
_COUNT = "RowCount"
_CLOSURE_LEVEL = _response("Follow_Up_Status__c")
_SHARE_OF_FOLLOW_UPS = SummaryFormula(
    name="FORMULA1",
    label="Share of follow-ups",
    description="Of all follow-ups that were due, the share that is done or still open. Done is the loop closure.",
    # A share of the whole has no meaning for the whole: Salesforce wants the grouping it is shown for.
    formula="RowCount / PARENTGROUPVAL(RowCount, GRAND_SUMMARY)",
    datatype="percent",
    level=_CLOSURE_LEVEL,
)

REPORTS = (
    Report(
        folder=FOLDER,
        name="NPS_Over_Time",
        label="NPS over time",
        description="Net Promoter Score by month, with the number of answers and of promoters, passives and detractors.",
        report_type=f"{RESPONSES}__c",
        columns=(
            Column(_response("Name")),
            Column(_response("Is_Promoter__c"), "Sum"),
            Column(_response("Is_Passive__c"), "Sum"),
            Column(_response("Is_Detractor__c"), "Sum"),
            Column(_response("Score__c"), "Average"),
        ),
        groupings=(Grouping(_response("Responded_At__c"), "Month"),),
        criteria=_COUNTED,
        formulas=(_NET_PROMOTER_SCORE,),
        chart=Chart("Line", "FORMULA1", "Net Promoter Score by month"),
        date_column=_response("Responded_At__c"),
        details=False,
    ),
    Report(
        folder=FOLDER,
        name="NPS_Answers_Over_Time",
        label="Answers over time",
        description="Number of answers by month and category: how much the Net Promoter Score of that month rests on.",
        report_type=f"{RESPONSES}__c",
        columns=(Column(_response("Name")), Column(_response("Score__c"), "Average")),
        groupings=(Grouping(_response("Responded_At__c"), "Month"), Grouping(_response("Category__c"))),
        criteria=_COUNTED,
        chart=Chart("VerticalColumnStacked", _COUNT, "Answers by month and category", stacked=True),
        date_column=_response("Responded_At__c"),
        details=False,
    ),
    Report(
        folder=FOLDER,
        name="NPS_Open_Follow_Ups",
        label="Open follow-ups by age",
        description="Detractors who still wait for an answer, by how long they have waited.",
        report_type=f"{RESPONSES}__c",
        columns=(
            Column(_response("Name")),
            Column(_response("Score__c")),
            Column(_response("Account__c")),
            Column(_response("Contact__c")),
            Column(_response("Follow_Up_Due_At__c")),
        ),
        groupings=(Grouping(_response("Follow_Up_Age__c")),),
        criteria=(Criterion(_response("Follow_Up_Status__c"), "equals", "Open"),),
        chart=Chart("HorizontalBar", _COUNT, "Open follow-ups by age"),
        date_column=_response("Responded_At__c"),
    ),
    Report(
        folder=FOLDER,
        name="NPS_Loop_Closure",
        label="Loop closure",
        description="Which share of the follow-ups is done, how quickly they were done, and what was behind the answers.",
        report_type=f"{RESPONSES}__c",
        columns=(
            Column(_response("Name")),
            Column(_response("Account__c")),
            Column(_response("Hours_To_Follow_Up__c"), "Average"),
            Column(_response("Root_Cause__c")),
        ),
        groupings=(Grouping(_CLOSURE_LEVEL), Grouping(_response("Follow_Up_Band__c"))),
        criteria=(Criterion(_CLOSURE_LEVEL, "equals", "Open,Done"),),
        formulas=(_SHARE_OF_FOLLOW_UPS,),
        chart=Chart("HorizontalBarStacked", _COUNT, "Loop closure, by speed of the follow-up", stacked=True),
        date_column=_response("Responded_At__c"),
    ),
    Report(
        folder=FOLDER,
        name="NPS_Escalations",
        label="Escalations",
        description="Answers that opened a Case, open and closed.",
        report_type=f"{RESPONSES}__c",
        columns=(
            Column(_response("Name")),
            Column(_response("Score__c")),
            Column(_response("Account__c")),
            Column(_response("Case__c")),
            Column(_response("Escalation_Keywords__c")),
        ),
        groupings=(Grouping(_response("Case_Is_Closed__c")),),
        criteria=(Criterion(_response("Case__c"), "notEqual", ""),),
        chart=Chart("Donut", _COUNT, "Escalations: closed or not"),
        date_column=_response("Responded_At__c"),
    ),
    Report(
        folder=FOLDER,
        name="NPS_Health_By_Owner",
        label="Health by owner",
        description="Average NPS Health Score of each owner's Accounts.",
        report_type=f"{ACCOUNTS}__c",
        columns=(
            Column(_account("Name")),
            Column(_account("NPS_Health_Score__c"), "Average"),
            Column(_account("NPS_Health_Status__c")),
            Column(_account("NPS_Segment__c")),
        ),
        groupings=(Grouping(_account("Owner")),),
        criteria=(Criterion(_account("NPS_Health_Score__c"), "greaterOrEqual", "0"),),
        chart=Chart("HorizontalBar", _account("NPS_Health_Score__c"), "Average health by owner", aggregate="Average"),
        date_column=_account("CreatedDate"),
    ),
    Report(
        folder=FOLDER,
        name="NPS_Automation_Health",
        label="Automation health",
        description="What has become of each response's automation. Failed and Pending ones are done again by the sweep; their error is "
        "shown.",
        report_type=f"{RESPONSES}__c",
        columns=(
            Column(_response("Name")),
            Column(_response("Automation_Attempt__c")),
            Column(_response("Automation_Error__c")),
            Column(_response("LastModifiedDate")),
        ),
        groupings=(Grouping(_response("Automation_Status__c")),),
        criteria=(Criterion(_response("Automation_Status__c"), "notEqual", ""),),
        chart=Chart("HorizontalBar", _COUNT, "Automation of responses"),
        date_column=_response("LastModifiedDate"),
        details=False,
    ),
    Report(
        folder=FOLDER,
        name="NPS_Dead_Letters",
        label="Dead letters",
        description="What could not be written and is not resolved, by the platform's error code.",
        report_type=f"{DEAD_LETTERS}__c",
        columns=(
            Column(_dead_letter("Name")),
            Column(_dead_letter("Status__c")),
            Column(_dead_letter("Source__c")),
            Column(_dead_letter("Survey_Response__c")),
            Column(_dead_letter("Attempts__c")),
            Column(_dead_letter("Last_Failed_At__c")),
            Column(_dead_letter("Error_Message__c")),
        ),
        groupings=(Grouping(_dead_letter("Error_Code__c")),),
        criteria=(Criterion(_dead_letter("Status__c"), "notEqual", "Resolved"),),
        chart=Chart("HorizontalBar", _COUNT, "Dead letters by error"),
        date_column=_dead_letter("CreatedDate"),
    ),
    Report(
        folder=FOLDER,
        name="NPS_Recent_Promoters",
        label="Recently surveyed promoters",
        description="Promoter Accounts surveyed within 90 days: whom to ask for a reference.",
        report_type=f"{ACCOUNTS}__c",
        columns=(
            Column(_account("Name")),
            Column(_account("NPS_Net_Promoter_Score__c")),
            Column(_account("NPS_Last_Surveyed_At__c")),
        ),
        criteria=(
            Criterion(_account("NPS_Segment__c"), "equals", "Promoter"),
            Criterion(_account("NPS_Last_Surveyed_At__c"), "greaterOrEqual", RECENT),
        ),
        groupings=(Grouping(_account("Owner")),),
        chart=Chart("HorizontalBar", _COUNT, "Recently surveyed promoters by owner"),
        date_column=_account("CreatedDate"),
    ),
)

_KINDS = {"HorizontalBar": "Bar", "HorizontalBarStacked": "BarStacked", "VerticalColumnStacked": "ColumnStacked"}
"""A dashboard has other words for the kinds of charts."""


def _dashboard() -> Dashboard:
    charted = [(r, r.chart) for r in REPORTS if r.chart is not None]
    return Dashboard(
        folder=FOLDER,
        name="NPS",
        title="NPS",
        description="Net Promoter Score, follow-ups, escalations, health and automation. It shows what its running user may see.",
        tiles=tuple(
            Tile(f"{FOLDER}/{r.name}", chart.title, _KINDS.get(chart.kind, chart.kind), row=8 * (i // 2), column=6 * (i % 2))
            for i, (r, chart) in enumerate(charted)
        ),
    )
