"""Record types: which a record may have, where a default comes from, which picklist values it brings."""

from __future__ import annotations

from .conftest import DataStory
from .package import xml


def type_id(story: DataStory, name: str) -> str:
    return str(story.value(f"SELECT Id FROM RecordType WHERE SobjectType = 'Sample__c' AND DeveloperName = '{name}'"))


def test_record_type__set_and_read(story: DataStory) -> None:
    """A record carries its record type, by a 15-character id too; without one it has the master's, null."""
    story.saved("Sample__c", Text__c="a", RecordTypeId=type_id(story, "Calm")[:15])
    story.saved("Sample__c", Text__c="b")
    (parent,) = story.values("SELECT RecordType.DeveloperName FROM Sample__c WHERE RecordTypeId != null")
    assert parent["DeveloperName"] == "Calm"
    assert story.value("SELECT RecordTypeId FROM Sample__c WHERE Text__c = 'b'") is None


def test_record_type__inactive_or_of_another_object(story: DataStory) -> None:
    """Only active record types of the object itself are taken."""
    retired = type_id(story, "Retired")
    text = f"Record Type ID: this ID value isn't valid for the user: {retired}"
    assert story.refusal(story.record("Sample__c", RecordTypeId=retired)) == ("INVALID_CROSS_REFERENCE_KEY", text)
    calm = type_id(story, "Calm")
    assert story.refusal(story.record("Case", Subject="s", RecordTypeId=calm))[0] == "INVALID_CROSS_REFERENCE_KEY"


def test_record_type__values_and_defaults(story: DataStory) -> None:
    """A restricted picklist takes the values of the record type, and starts with its default."""
    loud, calm = type_id(story, "Loud"), type_id(story, "Calm")
    sample = story.saved("Sample__c", RecordTypeId=loud)
    assert story.value("SELECT Band__c FROM Sample__c") == "High"
    assert story.refusal(story.record("Sample__c", RecordTypeId=loud, Band__c="Low")) == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Band: bad value for restricted picklist field: Low",
    )  # fmt: skip
    (result,) = story.org.update(story.admin, [story.record("Sample__c", Id=sample, RecordTypeId=calm)])
    assert result.errors[0].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    story.changed("Sample__c", sample, RecordTypeId=calm, Band__c="Low")


def test_record_type__default_of_the_profile(story: DataStory) -> None:
    """A profile may say which record type a new record starts with."""
    item = "<default>true</default><recordType>Sample__c.Loud</recordType><visible>true</visible>"
    profile = xml("Profile", f"<custom>false</custom><recordTypeVisibilities>{item}</recordTypeVisibilities>")
    story.deploy({"profiles/Admin.profile": profile})
    story.saved("Sample__c")
    assert story.rows("SELECT RecordTypeId, Band__c FROM Sample__c") == [{"RecordTypeId": type_id(story, "Loud"), "Band__c": "High"}]
