"""Governor limits: counted per transaction, not catchable, rolling everything back."""

from __future__ import annotations

from .conftest import Story
from .metadata import create, criterion, flow, formula, path, reference, text, update_record

TOUCH_CONTACT = (
    "<recordUpdates><name>First</name><label>First</label><locationX>0</locationX><locationY>0</locationY>"
    "<faultConnector><targetReference>Caught</targetReference></faultConnector><filterLogic>and</filterLogic>"
    + criterion("Id", "EqualTo", reference("$Record.Contact__c"))
    + "<inputAssignments><field>Title</field><value><stringValue>Touched</stringValue></value></inputAssignments>"
    + "<object>Contact</object></recordUpdates>"
    + update_record("Caught", "Note__c", text("caught"))
)


def test_duplicate_updates__thirteen_children_of_one_parent(story: Story) -> None:
    """Twelve updates of one record in a batch pass; the thirteenth undoes the whole batch, fault path or not."""
    story.deploy_flows(Touch=flow("Touch", TOUCH_CONTACT))
    contact = story.saved("Contact", LastName="A")
    twelve = [story.response(Contact__c=contact) for _ in range(12)]
    assert all(result.success for result in story.org.insert(story.admin, twelve))
    results = story.org.insert(story.admin, [*twelve, story.response(Contact__c=contact)])
    assert {result.errors[0].code for result in results} == {"LIMIT_EXCEEDED"}
    assert "duplicate updates in one batch (12 allowed)" in results[0].errors[0].message
    assert story.value("SELECT COUNT(Id) FROM Response__c") == 12
    assert len(story.org.usage()["limitsReached"]) == 1


def test_duplicate_updates__switched_off(story: Story) -> None:
    """The org can be set to count limits without enforcing them."""
    story.set(governor_limits=False)
    story.deploy_flows(Touch=flow("Touch", TOUCH_CONTACT))
    contact = story.saved("Contact", LastName="A")
    assert len(story.all_saved([story.response(Contact__c=contact) for _ in range(13)])) == 13


def test_depth__a_flow_that_feeds_itself(story: Story) -> None:
    """Sixteen saves within each other are the most."""
    story.set(reenter=True)
    elements = formula("Next", "BLANKVALUE({!$Record.Runs__c}, 0) + 1", "Number", 0) + create(
        "First", "Response__c", {"Runs__c": reference("Next")}
    )
    story.deploy_flows(Feed=flow("Feed", elements))
    (result,) = story.org.insert(story.admin, [story.response(Key__c="1")])
    assert (result.errors[0].code, result.errors[0].message) == ("LIMIT_EXCEEDED", "maximum trigger depth exceeded")
    assert story.values("SELECT Id FROM Response__c") == []


def test_async_limit__gives_up_the_batch(story: Story) -> None:
    """A breached limit in an asynchronous batch is recorded for each of its interviews."""
    story.deploy_flows(Touch=flow("Touch", TOUCH_CONTACT, first=None, paths=path("Async", "First")))
    contact = story.saved("Contact", LastName="A")
    story.all_saved([story.response(Contact__c=contact) for _ in range(13)])
    assert story.org.run_async()["async"] == 13
    assert len([trace for trace in story.org.interviews() if "12 allowed" in str(trace.get("error"))]) == 13
    assert story.value("SELECT Title FROM Contact") is None


def test_unit_of_work__limit_ends_it(story: Story) -> None:
    """Within a unit of work a breached limit is raised: there is nothing left to answer for single records."""
    story.deploy_flows(Touch=flow("Touch", TOUCH_CONTACT))
    contact = story.saved("Contact", LastName="A")
    try:
        with story.org.unit_of_work():
            for _ in range(13):
                story.saved("Response__c", Contact__c=contact)
    except Exception as error:
        assert getattr(error, "code", "") == "LIMIT_EXCEEDED"
    else:
        raise AssertionError("the limit was not enforced")
    assert story.values("SELECT Id FROM Response__c") == []


def test_usage__the_most_that_one_transaction_used(story: Story) -> None:
    """What transactions used is told apart by the kind of their limits: all together, and the most that one used; a reset forgets it."""
    story.deploy_flows(Touch=flow("Touch", TOUCH_CONTACT, first=None, paths=path("Async", "First")))
    contact = story.saved("Contact", LastName="A")
    before = story.org.usage()["transactions"]["asynchronous"]
    for count in (3, 2):
        story.all_saved([story.response(Contact__c=contact) for _ in range(count)])
        story.org.run_async()
    after = story.org.usage()["transactions"]["asynchronous"]
    assert after["count"] - before["count"] == 2
    assert (after["highest"]["duplicateUpdates"], after["limits"]["duplicateUpdates"], after["limits"]["cpu"]) == (3, 12, 60_000)
    assert after["highest"]["dmlRows"] < after["total"]["dmlRows"]
    story.org.reset("deployed")
    assert story.org.usage()["transactions"]["asynchronous"]["count"] == 0
