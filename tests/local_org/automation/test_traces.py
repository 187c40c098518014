"""What an interview leaves to look at: values, why a branch was taken with both sides of its conditions, limits used."""

from __future__ import annotations

import json

from tooling.local_org.flow import trace_lines

from .conftest import Projects


def test_trace__of_a_decision(projects: Projects) -> None:
    """Every condition that was asked, with what it compared; elements by name, label and type; numbers of the limits."""
    project = projects.saved("Project__c", Name="A", Budget__c=500, Status__c="Running")
    trace = next(t for t in projects.org.interviews() if t["flow"] == "Project_Set_Defaults")
    assert (trace["recordId"], trace["leftOut"], trace["fault"]) == (project, 0, None)
    ask, assign = trace["elements"]
    assert (ask["element"], ask["type"], ask["label"], ask["outcome"]) == ("Has_Status", "Decision", "Has Status", "(default)")
    assert ask["why"] == [
        {
            "outcome": "No_Status",
            "label": "No Status",
            "conditions": [{"condition": "$Record.Status__c IsNull", "left": "Running", "right": True, "met": False}],
        }
    ]
    assert assign["assigned"] == {"$Record.Due_Date__c": "2026-04-01", "$Record.Health__c": "Small"}
    assert trace["used"]["soql"] == trace["used"]["dml"] == 0
    assert trace["used"]["cpu"] > 0
    assert json.loads(json.dumps(trace)) == trace


def test_trace__of_entry_conditions_and_writes(projects: Projects) -> None:
    """Why the flow started, what was created, and what the interview and its transaction used."""
    projects.saved("Project__c", Name="A")
    trace = next(t for t in projects.org.interviews() if t["flow"] == "Project_Create_Kickoff")
    assert trace["entry"] == [{"condition": "$Record.Status__c EqualTo", "left": "Planned", "right": "Planned", "met": True}]
    (made,) = trace["elements"]
    assert (made["object"], made["count"], made["records"][0]["Name"]) == ("Milestone__c", 1, "Kickoff of A")
    assert made["ids"][0].startswith("a")
    assert (trace["used"]["dml"], trace["used"]["dmlRows"]) == (1, 1)
    assert trace["transaction"]["dml"] == 1


def test_trace__as_lines(projects: Projects) -> None:
    """The same for a terminal."""
    projects.saved("Project__c", Name="A", Status__c="Running", Budget__c=500)
    text = "\n".join(line for trace in projects.org.interviews() for line in trace_lines(trace))
    assert "Project: Set Defaults (Project_Set_Defaults)" in text
    assert "      No_Status: $Record.Status__c IsNull: Running against True, not met" in text
    assert "  transaction so far: soql 0, rows 0, dml 0" in text
