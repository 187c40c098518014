"""A flow that breaks each governor limit: the whole transaction is undone, although every data element has a fault path.

Source of the rules and numbers: Salesforce Help, "Flow Limits per Transaction"; Apex Developer Guide, "Execution Governors and Limits".
"""

from __future__ import annotations

import pytest

from . import rounds
from .conftest import Projects, record

COUNT_ONLY = ""
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
    """10,000 records may be written: the statement that would be one too many writes none."""
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
    assert refused(bare) == "Too many DML rows: 12800"
    assert bare.values("SELECT COUNT(Id) FROM Milestone__c") == [200]


@pytest.mark.parametrize(("asynchronous", "passes", "breaks"), [(False, 4_600, 5_000), (True, 27_500, 30_000)])
def test_limit__of_cpu_time(bare: Projects, asynchronous: bool, passes: int, breaks: int) -> None:
    """10,000 ms in a synchronous transaction, 60,000 in an asynchronous one, by a fixed cost for each element."""
    bare.set(trace=False)
    work = "<loops><name>Unused</name><label>Unused</label><locationX>0</locationX><locationY>0</locationY><collectionReference>many</collectionReference></loops>"
    for number, fits in ((passes, True), (breaks, False)):
        bare.deploy(rounds.flow(work, number, first="Count", asynchronous=asynchronous, assignments=100))
        if not asynchronous:
            (result,) = bare.save(record("Project__c", Name="A"))
            assert result.success is fits
            assert fits or result.errors[0].message == "Apex CPU time limit exceeded"
            continue
        bare.saved("Project__c", Name="A")
        assert bare.org.run_async()["async"] == 1
        assert bare.org.usage()["limitsReached"] == ([] if fits else ["Apex CPU time limit exceeded"])


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
