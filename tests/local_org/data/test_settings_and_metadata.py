"""Custom metadata is read and never written; hierarchy settings fall through from user to profile to organization."""

from __future__ import annotations

from .conftest import DataStory
from .package import SAMPLE_FIELDS, custom_object, formula, rule


def test_custom_metadata__queried_not_written(story: DataStory) -> None:
    """Deployed records are rows; DML on them is refused."""
    assert story.rows("SELECT DeveloperName, MasterLabel, Weight__c, NamespacePrefix FROM Word__mdt") == [
        {"DeveloperName": "First", "MasterLabel": "First", "Weight__c": 2.5, "NamespacePrefix": None}
    ]
    record = story.rows("SELECT Id FROM Word__mdt")[0]["Id"]
    assert story.refusal(story.record("Word__mdt", Weight__c=1))[0] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    (updated,) = story.org.update(story.admin, [story.record("Word__mdt", Id=record, Weight__c=1)])
    (deleted,) = story.org.delete(story.admin, [record])
    assert not updated.success and not deleted.success


def deploy_limit(story: DataStory) -> None:
    """A validation rule that reads the setting and a custom metadata record."""
    condition = "AND(NOT($Setup.Switch__c.Off__c), Number__c > $Setup.Switch__c.Limit__c + $CustomMetadata.Word__mdt.First.Weight__c)"
    fields = SAMPLE_FIELDS["Number__c"] + SAMPLE_FIELDS["Text__c"]
    story.deploy({"objects/Sample__c.object": custom_object("Sample", fields + rule("Limit", condition, "Too much."))})


def test_hierarchy_setting__most_specific_wins(story: DataStory) -> None:
    """The organization's value holds until the profile or the user has one; a field that is null falls through."""
    deploy_limit(story)
    assert story.saved("Sample__c", Number__c=99), "without a setting the limit is null, and the comparison false"
    story.saved("Switch__c", Limit__c=10)
    assert story.value("SELECT SetupOwnerId FROM Switch__c") == story.org.id
    assert story.refusal(story.record("Sample__c", Number__c=13.5)) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too much.")
    profile = story.value("SELECT ProfileId FROM User WHERE Username = 'admin@local.example'")
    setting = story.saved("Switch__c", SetupOwnerId=profile, Limit__c=20)
    assert story.saved("Sample__c", Number__c=14)
    story.changed("Switch__c", setting, Limit__c=None)
    assert story.refusal(story.record("Sample__c", Number__c=14))[1] == "Too much."
    story.saved("Switch__c", SetupOwnerId=story.admin.id, Off__c=True)
    assert story.saved("Sample__c", Number__c=14)


def test_hierarchy_setting__one_per_owner(story: DataStory) -> None:
    """An owner has one value of a hierarchy setting; owners are the organization, profiles and users."""
    holder = story.saved("Switch__c", Limit__c=1)
    assert story.refusal(story.record("Switch__c", SetupOwnerId=story.org.id)) == (
        "DUPLICATE_VALUE", f"duplicate value found: SetupOwnerId duplicates value on record with id: {holder[:15]}",
    )  # fmt: skip
    contact = story.saved("Contact", LastName="A")
    assert story.refusal(story.record("Switch__c", SetupOwnerId=contact))[0] == "FIELD_INTEGRITY_EXCEPTION"


def test_defaults__formulas_of_settings_and_errors(story: DataStory) -> None:
    """A default value is a formula: it may read a setting, a percent is a share, and one without a value leaves the field blank."""
    number = "<precision>5</precision><scale>2</scale>"
    fields = [
        ("A__c", "Number", f"<defaultValue>$Setup.Switch__c.Limit__c + 1</defaultValue>{number}"),
        ("B__c", "Percent", f"<defaultValue>0.5</defaultValue>{number}"),
        ("C__c", "Number", f"<defaultValue>1 / 0</defaultValue>{number}"),
        ("D__c", "Date", "<defaultValue>TODAY() + 7</defaultValue>"),
        ("E__c", "Text", "<defaultValue>&quot;fresh&quot;</defaultValue><length>20</length>"),
    ]
    body = "".join(f"<fields><fullName>{n}</fullName>{extra}<label>{n[0]}</label><type>{kind}</type></fields>" for n, kind, extra in fields)
    sums = formula("Sum__c", "Number", "BLANKVALUE(A__c, 0) + BLANKVALUE(C__c, 1)", number)
    story.deploy({"objects/Fresh__c.object": custom_object("Fresh", body + sums)})
    story.saved("Switch__c", Limit__c=4)
    record = story.saved("Fresh__c")
    found = story.org.retrieve(None, "Fresh__c", [record], ["A__c", "B__c", "C__c", "D__c", "E__c", "Sum__c"])[0]  # type: ignore[arg-type]
    assert found is not None
    del found["attributes"]
    assert found == {"A__c": 5.0, "B__c": 50.0, "C__c": None, "D__c": "2026-03-09", "E__c": "fresh", "Sum__c": 6.0}
