"""One flow for each pattern of Salesforce's documentation, written as Flow Builder writes it, deployed and run through the façade."""

from __future__ import annotations

from datetime import UTC, datetime

from .conftest import Projects, record


def test_before_save__defaults(projects: Projects) -> None:
    """Missing values are filled in before the save, by assignments and formulas; given ones stay."""
    filled = projects.saved("Project__c", Name="A", Budget__c=500)
    given = projects.saved("Project__c", Name="B", Status__c="Running", Due_Date__c="2026-12-24", Budget__c=20000)
    assert projects.project(filled, "Status__c", "Due_Date__c", "Health__c") == ["Planned", "2026-04-01", "Small"]
    assert projects.project(given, "Status__c", "Due_Date__c", "Health__c") == ["Running", "2026-12-24", "Large"]


def test_after_save__child(projects: Projects) -> None:
    """A record of another object is created for each new record that meets the conditions, in one statement."""
    assert all(result.success for result in projects.save(*(record("Project__c", Name=f"P{n}") for n in range(200))))
    projects.saved("Project__c", Name="No kickoff", Status__c="Running")
    found = projects.rows("SELECT Name, Points__c, Project__r.Name FROM Milestone__c ORDER BY Name LIMIT 1")
    assert projects.values("SELECT COUNT(Id) FROM Milestone__c") == [200]
    assert (found[0]["Name"], found[0]["Points__c"], found[0]["Project__r"]["Name"]) == ("Kickoff of P0", 1.0, "P0")
    kickoffs = [trace for trace in projects.org.interviews() if trace["flow"] == "Project_Create_Kickoff"]
    assert {trace["transaction"]["dml"] for trace in kickoffs} == {1}


def test_related_record__through_the_lookup(projects: Projects) -> None:
    """`$Record.Project__r` is updated where the decision about it says so; a milestone without project changes nothing."""
    project = projects.saved("Project__c", Name="A")
    projects.saved("Milestone__c", Name="Alone", Done__c=True)
    milestone = projects.saved("Milestone__c", Name="First", Project__c=project)
    assert projects.project(project, "Status__c") == ["Planned"]
    projects.changed("Milestone__c", milestone, Done__c=True)
    assert projects.project(project, "Status__c") == ["Running"]


def test_reminder__before_a_date(projects: Projects) -> None:
    """Three days before the due date, counted from its midnight in the org's zone; a changed date moves it, a closed project loses it."""
    moved = projects.saved("Project__c", Name="Moved", Due_Date__c="2026-03-20")
    closed = projects.saved("Project__c", Name="Closed", Due_Date__c="2026-03-20")
    projects.saved("Project__c", Name="Kept", Due_Date__c="2026-03-20")
    projects.changed("Project__c", moved, Due_Date__c="2026-03-30")
    projects.changed("Project__c", closed, Status__c="Closed")
    projects.org.set_now(datetime(2026, 3, 17, 6, 59, tzinfo=UTC))
    assert projects.org.emails() == []
    projects.org.set_now(datetime(2026, 3, 17, 7, 0, 1, tzinfo=UTC))
    (email,) = projects.org.emails()
    assert email["subject"] == "Kept is due on March 20, 2026"
    assert (email["to"], email["body"]) == (["pmo@example.com"], "Status: Planned. Owner: Local Admin.")
    projects.org.set_now(datetime(2026, 3, 28, tzinfo=UTC))
    assert [e["subject"] for e in projects.org.emails()] == ["Kept is due on March 20, 2026", "Moved is due on March 30, 2026"]


def test_nightly_batch__records_that_meet_the_filters(projects: Projects) -> None:
    """At two o'clock of the org's zone one interview per record that meets the conditions, each exactly once."""
    projects.save(*(record("Project__c", Name=f"P{n}", Status__c="Running", Due_Date__c="2026-03-02") for n in range(201)))
    projects.saved("Project__c", Name="Done", Status__c="Closed", Due_Date__c="2026-03-01")
    projects.saved("Project__c", Name="Later", Status__c="Running", Due_Date__c="2026-03-03")
    projects.org.set_now(datetime(2026, 3, 3, 9, 59, tzinfo=UTC))
    assert projects.values("SELECT COUNT(Id) FROM Project__c WHERE Overdue__c = true") == [0]
    projects.org.set_now(datetime(2026, 3, 3, 10, 0, 1, tzinfo=UTC))
    assert projects.values("SELECT COUNT(Id) FROM Project__c WHERE Overdue__c = true") == [201]
    ran = [t["recordId"] for t in projects.org.interviews() if t["flow"] == "Project_Nightly_Overdue"]
    assert len(ran) == len(set(ran)) == 201
    projects.advance(days=1)
    assert projects.values("SELECT Name FROM Project__c WHERE Overdue__c = true AND Name = 'Later'") == ["Later"]


def test_subflow__outputs(projects: Projects) -> None:
    """An autolaunched flow counts and adds up in a loop, and hands its outputs to the flow that calls it."""
    project = projects.saved("Project__c", Name="A")
    for name, points, done in (("One", 2, True), ("Two", 5, True), ("Three", 8, False)):
        projects.saved("Milestone__c", Name=name, Project__c=project, Points__c=points, Done__c=done)
    projects.changed("Project__c", project, Status__c="Closed")
    # Four milestones: the flow for new projects has made the kickoff.
    assert projects.project(project, "Points__c", "Health__c") == [7.0, "7 points in 4 milestones"]
    trace = next(t for t in projects.org.interviews() if t["flow"] == "Project_Close")
    call = next(entry for entry in trace["elements"] if entry["element"] == "Score_Project")
    assert call["inputs"] == {"projectid": project}
    assert call["outputs"] == {"points": "7", "milestoneCount": "4"}


def test_custom_error__on_field_and_page(projects: Projects) -> None:
    """Only the record concerned is refused, with the flow's words on the field or on the page; nothing of it is saved."""
    refused, accepted = projects.save(record("Project__c", Name="A", Budget__c=-1), record("Project__c", Name="B"))
    (error,) = refused.errors
    assert (error.code, error.message, error.fields) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "A budget of -1 is not possible.",
        ("Budget__c",),
    )
    assert accepted.success
    projects.changed("Project__c", str(accepted.id), Status__c="Closed")
    (again,) = projects.org.update(projects.admin, [record("Project__c", Id=accepted.id, Status__c="Running")])
    assert [(e.message, e.fields) for e in again.errors] == [("A closed project stays closed.", ())]
    assert projects.values("SELECT Name FROM Project__c") == ["B"]


def test_asynchronous_path__after_the_commit(projects: Projects) -> None:
    """What needs not be in the transaction runs after it, once for each record that came to meet the conditions."""
    project = projects.saved("Project__c", Name="A")
    projects.changed("Project__c", project, Status__c="Closed")
    projects.changed("Project__c", project, Budget__c=5)
    assert projects.values("SELECT Subject FROM Task") == []
    assert projects.org.run_async() == {"async": 1, "scheduled": 0}
    assert projects.values("SELECT Subject FROM Task") == ["Announce A"]


def test_collections__filter_sort_transform_and_create(projects: Projects) -> None:
    """Records are filtered, sorted and cut, made into records of another object, created at once, and added up."""
    project = projects.saved("Project__c", Name="A")
    for name, points in (("Light", 1), ("Heavy", 8), ("Heaviest", 13), ("Middle", 3), ("Unknown", None)):
        projects.saved("Milestone__c", Name=name, Project__c=project, Points__c=points)
    projects.changed("Project__c", project, Status__c="Running")
    assert projects.values("SELECT Subject FROM Task ORDER BY Subject") == ["Follow up: Heaviest", "Follow up: Heavy"]
    # 1 + 8 + 13 + 3, nothing for the unknown, and the kickoff's 1.
    assert projects.project(project, "Open_Milestones__c") == [26.0]
