"""What the demo tells at the end: read back from the org, as anybody could."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from tooling.bridge.explain import Explanation, explain
from tooling.bridge.report import SyncReport
from tooling.errors import NpsError
from tooling.salesforce.org import Row, TargetOrg
from tooling.salesforce.soql import soql

_PERSON = (
    "SELECT Id, Name, Email, AccountId, NPS_Score__c, NPS_Category__c, NPS_Previous_Score__c, NPS_Average_Score__c, NPS_Trend__c, "
    "NPS_Response_Count__c, NPS_Verbatim__c FROM Contact WHERE Email = {email}"
)
_HISTORY = (
    "SELECT Name, Responded_At__c, Revision__c, Score__c, Category__c, Verbatim__c, Follow_Up_Status__c, "
    "(SELECT Revision__c, Score__c, Verbatim__c FROM Revisions__r ORDER BY Revision__c DESC) "
    "FROM Survey_Response__c WHERE Contact__c = {id} ORDER BY Responded_At__c DESC"
)
_ACCOUNT = (
    "SELECT Name, NPS_Health_Score__c, NPS_Health_Status__c, NPS_Health_Explanation__c, NPS_Net_Promoter_Score__c, NPS_Segment__c, "
    "NPS_Trend__c FROM Account WHERE Id = {id}"
)
_TASK = (
    "SELECT Id, Subject, Priority, Status, ActivityDate, Owner.Name, Description FROM Task "
    "WHERE WhoId = {id} AND NPS_Kind__c = 'Follow-up' ORDER BY CreatedDate DESC LIMIT 1"
)
_ROWS = (
    ("Score", "NPS_Score__c"),
    ("Category", "NPS_Category__c"),
    ("Previous score", "NPS_Previous_Score__c"),
    ("Average", "NPS_Average_Score__c"),
    ("Trend", "NPS_Trend__c"),
    ("Responses", "NPS_Response_Count__c"),
    ("Verbatim", "NPS_Verbatim__c"),
)


@dataclass
class Story:
    """One person, their company, and three syncs."""

    email: str
    before: Row
    syncs: list[SyncReport] = field(default_factory=list)
    after_first: Row = field(default_factory=dict)
    after: Row = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)
    account: Row = field(default_factory=dict)
    task: Row = field(default_factory=dict)
    explanation: Explanation | None = None
    throttled: int = 0

    @classmethod
    def begin(cls, org: TargetOrg, email: str) -> Story:
        return cls(email, _one(org, soql(_PERSON, email=email)))

    def after_first_sync(self, org: TargetOrg) -> None:
        self.after_first = _one(org, soql(_PERSON, email=self.email))

    def end(self, org: TargetOrg, throttled: int) -> None:
        self.after = _one(org, soql(_PERSON, email=self.email))
        self.history = org.query(soql(_HISTORY, id=self.after["Id"]))
        self.account = _one(org, soql(_ACCOUNT, id=self.after["AccountId"]))
        self.task = _one(org, soql(_TASK, id=self.after["Id"]))
        self.explanation = explain(org, self.task["Id"])
        self.throttled = throttled

    def as_json(self) -> dict[str, Any]:
        return {
            "syncs": [
                {name: getattr(sync, name) for name in ("read", "created", "revised", "unchanged", "parked", "removed", "api_calls")}
                for sync in self.syncs
            ],
            "throttled": self.throttled,
            "contact": {"before": self.before, "after_first_sync": self.after_first, "after": self.after},
            "history": self.history,
            "account": self.account,
            "task": self.task,
            "explanation": self.explanation.as_json() if self.explanation else None,
        }


def automation_state(org: TargetOrg) -> str:
    """How far the flows are, and what waits for people, in a few words."""
    states = org.query("SELECT Automation_Status__c status, COUNT(Id) responses FROM Survey_Response__c GROUP BY Automation_Status__c")
    tasks = org.query("SELECT COUNT(Id) tasks FROM Task WHERE NPS_Kind__c = 'Follow-up' AND IsClosed = false")[0]["tasks"]
    cases = org.query("SELECT COUNT(Id) cases FROM Case WHERE NPS_Response__c != null AND IsClosed = false")[0]["cases"]
    counted = [f"{row['responses']} {str(row['status']).lower()}" for row in states]
    return ", ".join([*counted, f"{tasks} follow-up Tasks and {cases} Cases open"])


def _one(org: TargetOrg, query: str) -> Row:
    rows = org.query(query)
    if not rows:
        raise NpsError(f"the org has no record for: {query}", "This is a defect of the demo: please report it.")
    return rows[0]


def tell(story: Story, console: Console) -> None:
    """Prints the story."""
    console.print()
    console.print(_counts(story))
    console.print(f"Promoter.io answered 429 (slow down) {story.throttled} times; the client waited as long as it was told.\n")
    console.print(_contact(story))
    console.print(_history(story))
    console.print(_task(story))
    console.print(_health(story))
    console.print(
        "[bold]Where to look next[/]\n"
        "  nps demo --keep        leaves this org up; its address shows every record, flow interview and task\n"
        "  nps.yml                change a weight, a label or a due time, run `nps generate`, and see force-app/ change\n"
        "  docs/admin-guide.md    why a Task exists, how to stop and resume, what every field means\n"
        "  README.md              connecting a real org"
    )


def _counts(story: Story) -> Table:
    table = Table(title="Three syncs", title_justify="left", title_style="bold")
    table.add_column("")
    for name in ("first", "next day", "once more"):
        table.add_column(name, justify="right")
    for label in ("read", "created", "revised", "removed", "unchanged", "parked", "follow_ups", "recalculated", "api_calls"):
        table.add_row(label.replace("_", " ").replace("api", "API"), *(str(getattr(sync, label)) for sync in story.syncs))
    return table


def _contact(story: Story) -> Table:
    table = Table(title=f"Contact {story.after['Name']} <{story.email}>", title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for name in ("before", "after the first sync", "now"):
        table.add_column(name, overflow="fold", ratio=1)
    for label, name in _ROWS:
        table.add_row(label, *(_shown(row.get(name)) for row in (story.before, story.after_first, story.after)))
    return table


def _history(story: Story) -> Table:
    table = Table(title="Every answer, and what it said before", title_justify="left", title_style="bold")
    for name in ("record", "answered", "rev.", "score", "category"):
        table.add_column(name, no_wrap=True)
    table.add_column("verbatim", overflow="fold", ratio=1)
    table.add_column("follow-up", no_wrap=True)
    for row in story.history:
        table.add_row(
            row["Name"],
            str(row["Responded_At__c"])[:10],
            _shown(row["Revision__c"]),
            _shown(row["Score__c"]),
            _shown(row["Category__c"]),
            _shown(row["Verbatim__c"]),
            _shown(row["Follow_Up_Status__c"]),
        )
        for old in _children(row.get("Revisions__r")):
            told = (_shown(old["Revision__c"]), _shown(old["Score__c"]), "", _shown(old["Verbatim__c"]), "")
            table.add_row("", "said before", *told, style="dim")
    return table


def _children(value: object) -> list[Row]:
    return list(value["records"]) if isinstance(value, Mapping) else []


def _task(story: Story) -> Panel:
    task = story.task
    lines = [
        f"[bold]{task['Subject']}[/]",
        f"{task['Priority']} priority, {task['Status']}, due {task['ActivityDate']}, for {task['Owner']['Name']}",
        "",
        escape(str(task["Description"])),
        "",
        f"[bold]nps explain {task['Id']}[/]",
        escape(story.explanation.as_text()) if story.explanation else "",
    ]
    return Panel("\n".join(lines), title="The Task that the answer caused", title_align="left")


def _health(story: Story) -> Panel:
    account = story.account
    lines = [
        f"Health {_shown(account['NPS_Health_Score__c'])} ({account['NPS_Health_Status__c']}), Net Promoter Score "
        f"{_shown(account['NPS_Net_Promoter_Score__c'])}, segment {account['NPS_Segment__c']}, trend {account['NPS_Trend__c']}",
        *(f"  {escape(part)}" for part in str(account["NPS_Health_Explanation__c"]).split("; ")),
    ]
    return Panel("\n".join(lines), title=f"Account {account['Name']}", title_align="left")


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
