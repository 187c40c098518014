"""A flow that breaks each governor limit: the whole transaction is undone, although every data element has a fault path.

Source of the rules and numbers: Salesforce Help, "Flow Limits per Transaction"; Apex Developer Guide, "Execution Governors and Limits".
"""

from __future__ import annotations

import pytest

from . import rounds
from .conftest import Projects, record

DUPLICATES = (
    "You or your organization has exceeded the maximum limit for this operation. "
    "Maximum number of duplicate updates in one batch (12 allowed). Attempt to update Id more than once in this Apex transaction: "
)


def refused(projects: Projects) -> str:
    """Two projects in one request: both are refused for what one interview did. Gives the message."""
    results = projects.save(record("Project__c", Name="A"), record("Project__c", Name="B"))
    assert {(result.success, result.errors[0].code) for result in results} == {(False, "LIMIT_EXCEEDED")}
    assert projects.values("SELECT COUNT(Id) FROM Project__c") == [0]
    assert len(projects.org.usage()["limitsReached"]) == 1
    return results[0].errors[0].message


@pytest.mark.parametrize(
    ("work", "passes", "breaks", "message"),
    [
        (rounds.GET, 100, 101, "Too many SOQL queries: 101"),
        (rounds.CREATE, 150, 151, "Too many DML statements: 151"),
        (rounds.UPDATE, 12, 13, DUPLICATES),
    ],
    ids=["soql", "dml", "duplicate updates"],
)
def test_limit__of_statements(bare: Projects, work: str, passes: int, breaks: int, message: str) -> None:
    """So many statements pass, one more undoes everything; switched off, limits are only counted."""
    bare.deploy(rounds.flow(work, breaks))
    assert refused(bare).startswith(message)
    assert bare.values("SELECT COUNT(Id) FROM Milestone__c") == [0]
    bare.deploy(rounds.flow(work, passes))
    bare.saved("Project__c", Name="Within")
    bare.deploy(rounds.flow(work, breaks))
    bare.set(governor_limits=False)
    bare.saved("Project__c", Name="Beyond")
    assert bare.org.interviews()[-1]["fault"] is None


def test_limit__of_rows_read(bare: Projects) -> None:
    """50,000 records may be read in a transaction, in whatever number of queries."""
    bare.save(*(record("Milestone__c", Name=f"M{n}") for n in range(1000)))
    bare.deploy(rounds.flow(rounds.GET, 51))
    assert refused(bare) == "Too many query rows: 50001"
    bare.deploy(rounds.flow(rounds.GET, 50))
    bare.saved("Project__c", Name="Within")


def test_limit__of_rows_written(bare: Projects) -> None:
    """10,000 records may be written: the statement that would be one too many writes none. Two interviews write together."""
    bare.save(*(record("Milestone__c", Name=f"M{n}") for n in range(200)))
    get = rounds.GET.replace("<targetReference>Count<", "<targetReference>Double<", 1)
    item = (
        "<assignmentItems><assignToReference>many</assignToReference><operator>Add</operator><value><elementReference>{}</elementReference></value>"
        "</assignmentItems>"
    )
    double = (
        f"<assignments><name>Double</name><label>Double</label>{rounds.PLACE}{item.format('Work')}{item.format('many') * 6}"
        "<connector><targetReference>Create_Many</targetReference></connector></assignments>"
    )
    create = rounds.element("recordCreates", "Create_Many", "<inputReference>many</inputReference>", None)
    ((path, text),) = rounds.flow(get, 1).items()
    files = {
        path: text.replace(b"<assignments><name>Count", (double + "<assignments><name>Count").encode()).replace(
            b"<decisions>", (create + "<decisions>").encode()
        )
    }
    bare.deploy(files)
    assert refused(bare) == "Too many DML rows: 25600"
    assert bare.values("SELECT COUNT(Id) FROM Milestone__c") == [200]


IDLE = f"<loops><name>Unused</name><label>Unused</label>{rounds.PLACE}<collectionReference>many</collectionReference></loops>"
"""Nothing that is ever reached: the rounds only count."""


def test_limit__of_cpu_time(bare: Projects) -> None:
    """10,000 ms in a synchronous transaction, by a fixed cost for each element: the same on every machine."""
    bare.set(trace=False)
    bare.deploy(rounds.flow(IDLE, 2_300, first="Count", assignments=100))
    assert all(result.success for result in bare.save(record("Project__c", Name="A"), record("Project__c", Name="B")))
    bare.org.reset("deployed")
    bare.deploy(rounds.flow(IDLE, 2_500, first="Count", assignments=100))
    assert refused(bare) == "Apex CPU time limit exceeded"


def test_limit__of_cpu_time_in_an_asynchronous_transaction(bare: Projects) -> None:
    """60,000 ms after the commit."""
    bare.set(trace=False)
    for rounds_, reached in ((5_000, []), (30_000, ["Apex CPU time limit exceeded"])):
        bare.deploy(rounds.flow(IDLE, rounds_, first="Count", asynchronous=True, assignments=100))
        bare.saved("Project__c", Name="A")
        assert bare.org.run_async()["async"] == 1
        assert bare.org.usage()["limitsReached"] == reached


def test_limit__of_soql_in_an_asynchronous_transaction(bare: Projects) -> None:
    """200 queries after the commit, where 100 are allowed before it."""
    bare.deploy(rounds.flow(rounds.GET, 200, asynchronous=True))
    bare.saved("Project__c", Name="Within")
    bare.org.run_async()
    assert bare.org.usage()["limitsReached"] == []
    bare.deploy(rounds.flow(rounds.GET, 201, asynchronous=True))
    bare.saved("Project__c", Name="Beyond")
    bare.org.run_async()
    assert bare.org.usage()["limitsReached"] == ["Too many SOQL queries: 201"]
    assert bare.values("SELECT Name FROM Project__c ORDER BY Name") == ["Beyond", "Within"]


def test_limits__are_shared_by_all_of_the_transaction(bare: Projects) -> None:
    """Two flows of 60 queries each are one flow of 120: limits belong to the transaction."""
    bare.deploy(rounds.flow(rounds.GET, 60))
    (text,) = rounds.flow(rounds.GET, 60).values()
    bare.deploy({"flows/Rounds_Again.flow-meta.xml": text})
    assert refused(bare) == "Too many SOQL queries: 101"
