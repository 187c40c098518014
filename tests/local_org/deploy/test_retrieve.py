"""What a retrieve and a listing show of what was deployed."""

from __future__ import annotations

from tooling.local_org.engine.listing import describe_metadata, list_metadata
from tooling.local_org.engine.retrieve import retrieve, zip_files

from .conftest import DeployTarget, new_target


def test_retrieve__round_trip(deployed: DeployTarget) -> None:
    """What is retrieved deploys into a fresh org, and is retrieved from there byte for byte."""
    members = [(kind, "*") for kind in sorted({kind for kind, _ in deployed.metadata.components})]
    members += [
        ("CustomObject", "Account"),
        ("CustomObject", "Activity"),
        ("Report", "Answers"),
        ("Report", "Answers/Answers"),
        ("Dashboard", "Answers"),
        ("Dashboard", "Answers/Answers"),
        ("EmailTemplate", "Answers"),
        ("EmailTemplate", "Answers/Hello"),
    ]
    first = retrieve(deployed.metadata, members)
    assert first.messages == ()
    other = new_target()
    result = other.deploy(zip_files(first.files, ""))
    assert [(failure.full_name, failure.problem) for failure in result.failures] == []
    assert retrieve(other.metadata, members).files == first.files
    other.store.close()


def test_retrieve__profile_lists_what_the_org_has(deployed: DeployTarget) -> None:
    """Fields, tabs and apps of the org stand in a retrieved profile though none was granted: clients switch them on and deploy it back."""
    got = retrieve(deployed.metadata, [("Profile", "Admin")])
    text = got.files["profiles/Admin.profile"]
    assert b"<field>Answer__c.Score__c</field>" in text
    assert b"<field>Answer__c.Key__c</field>" not in text
    granted = text.replace(b"<readable>false", b"<readable>true").replace(b"<editable>false", b"<editable>true")
    assert deployed.deploy({"package.xml": got.files["package.xml"], "profiles/Admin.profile": granted}).success
    assert deployed.metadata.profiles["System Administrator"].field("Answer__c", "Score__c").editable


def test_retrieve__unknown_member_is_a_message(target: DeployTarget) -> None:
    """The retrieve succeeds and says what it did not find."""
    got = retrieve(target.metadata, [("CustomObject", "Gone__c"), ("CustomObject", "Account")])
    assert [problem for _, problem in got.messages] == ["Entity of type 'CustomObject' named 'Gone__c' cannot be found"]
    assert list(got.files) == ["package.xml"]


def test_listing__types_and_components(deployed: DeployTarget) -> None:
    """listMetadata names what is there, describeMetadata what could be."""
    assert [entry.full_name for entry in list_metadata(deployed.metadata, "Report", "Answers")] == ["Answers/Answers"]
    assert "Account" in [entry.full_name for entry in list_metadata(deployed.metadata, "CustomObject")]
    assert "CustomField" in next(kind for kind in describe_metadata() if kind.xml_name == "CustomObject").child_xml_names
