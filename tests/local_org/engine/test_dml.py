"""DML through the façade: what is stored, what is refused and in which words."""

from __future__ import annotations

from .conftest import Story


def test_insert__standard_record(story: Story) -> None:
    """A record gets an 18-character id, an owner, audit fields, a composed name; text is trimmed and blank text is null."""
    contact = story.saved("Contact", FirstName="  Ada ", LastName="Lovelace", Title="   ")
    (row,) = story.rows("SELECT Id, Name, Title, OwnerId, CreatedById, CreatedDate, IsDeleted FROM Contact")
    assert row["Id"] == contact and len(contact) == 18
    assert (row["Name"], row["Title"], row["IsDeleted"]) == ("Ada Lovelace", None, False)
    assert row["OwnerId"] == row["CreatedById"] == story.admin.id
    assert row["CreatedDate"].startswith("2026-03-02T16:0")


def test_insert__defaults_and_auto_number(story: Story) -> None:
    """Default values fill what was left out; an explicit null stays null; the auto-number counts."""
    story.all_saved([story.response(Key__c="a"), story.response(Key__c="b", Status__c=None, Band__c="High")])
    rows = story.rows("SELECT Name, Status__c, Band__c FROM Response__c ORDER BY Name")
    assert rows == [
        {"Name": "R-0001", "Status__c": "New", "Band__c": "Low"},
        {"Name": "R-0002", "Status__c": None, "Band__c": "High"},
    ]


def test_insert__number_beyond_scale(story: Story) -> None:
    """Writes by API are not rounded to the field's scale."""
    story.saved("Response__c", Key__c="a", Score__c=7.126)
    assert story.value("SELECT Score__c FROM Response__c") == 7.126


def test_insert__partial_success(story: Story) -> None:
    """With allOrNone off a refused record does not stop the others, and results keep their order."""
    results = story.org.insert(story.admin, [story.response(Key__c="a", Score__c=11), story.response(Key__c="b", Score__c=9)])
    assert [result.success for result in results] == [False, True]
    assert [(e.code, e.message, e.fields) for e in results[0].errors] == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A score is 0 to 10.", ("Score__c",))
    ]
    assert results[0].id is None
    assert story.values("SELECT Key__c FROM Response__c") == ["b"]


def test_insert__all_or_none(story: Story) -> None:
    """With allOrNone on nothing is saved, and the sound record says why."""
    results = story.org.insert(story.admin, [story.response(Key__c="a", Score__c=11), story.response(Key__c="b")], all_or_none=True)
    assert [result.errors[0].code for result in results] == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "ALL_OR_NONE_OPERATION_ROLLED_BACK"]
    assert story.values("SELECT Key__c FROM Response__c") == []


def test_insert__refusals(story: Story) -> None:
    """Each kind of bad value is refused in Salesforce's words."""
    contact = story.saved("Contact", LastName="Somebody")
    account = story.saved("Account", Name="Acme")
    response, refusal = story.response, story.refusal
    assert refusal(story.record("Contact", FirstName="x")) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")
    assert refusal(response(Nope__c=1)) == ("INVALID_FIELD", "No such column 'Nope__c' on sobject of type Response__c")
    assert refusal(response(Note__c="x" * 41))[0] == "STRING_TOO_LONG"
    assert refusal(response(Band__c="Middle")) == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Band: bad value for restricted picklist field: Middle",
    )
    assert refusal(response(Contact__c="nonsense"))[0] == "MALFORMED_ID"
    assert story.saved("Response__c", Contact__c=contact[:15])
    assert refusal(response(Contact__c="003000000009999")) == ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    assert refusal(response(Contact__c=account))[0] == "FIELD_INTEGRITY_EXCEPTION"
    assert refusal(response(Double__c=3))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refusal(response(CreatedDate="2020-01-01T00:00:00Z"))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refusal(story.record("Nope__c", Name="x")) == ("INVALID_TYPE", "sObject type 'Nope__c' is not supported.")
    assert refusal(story.record("Contact", LastName="x", Email="nonsense"))[0] == "INVALID_EMAIL_ADDRESS"


def test_validation__parent_field_and_prior_value(story: Story) -> None:
    """Validation rules see parents, and what the record was before."""
    forbidden = story.saved("Contact", LastName="Forbidden")
    assert story.refusal(story.response(Key__c="a", Contact__c=forbidden))[1] == "Not for this contact."
    record_id = story.saved("Response__c", Key__c="a")
    (result,) = story.org.update(story.admin, [story.response(Id=record_id, Key__c="b")])
    assert result.errors[0].message == "The key stays."


def test_unique__against_the_store_and_within_the_request(story: Story) -> None:
    """The holder of a unique value is named by its 15-character id; case does not matter; two new records cannot share a key."""
    holder = story.saved("Response__c", Key__c="Alpha")
    assert story.refusal(story.response(Key__c="ALPHA")) == (
        "DUPLICATE_VALUE",
        f"duplicate value found: Key__c duplicates value on record with id: {holder[:15]}",
    )
    first, second = story.org.insert(story.admin, [story.response(Key__c="beta"), story.response(Key__c="Beta")])
    assert first.success and second.errors[0].code == "DUPLICATE_VALUE"
    story.org.delete(story.admin, [holder])
    assert story.saved("Response__c", Key__c="alpha")


def test_update__same_id_twice(story: Story) -> None:
    """A record named twice in one request is refused both times."""
    record_id = story.saved("Response__c", Key__c="a")
    results = story.org.update(story.admin, [story.response(Id=record_id, Score__c=1), story.response(id=record_id[:15], Score__c=2)])
    assert [result.errors[0].message for result in results] == [f"Duplicate id specified: {record_id}"] * 2


def test_update__unknown_and_deleted(story: Story) -> None:
    """An id that leads nowhere, a deleted record, and a missing id are three different refusals."""
    record_id = story.saved("Response__c", Key__c="a")
    story.org.delete(story.admin, [record_id])
    prefix = record_id[:3]
    results = story.org.update(story.admin, [story.response(Id=record_id), story.response(Id=f"{prefix}000000009999"), story.response()])
    assert [result.errors[0].code for result in results] == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"]


def test_upsert__created_and_updated(story: Story) -> None:
    """An unknown key inserts, a known one updates whatever its case; the result says which."""
    first = story.org.upsert(story.admin, "Response__c", "Key__c", [{"Key__c": "k", "Score__c": 1}])[0]
    again = story.org.upsert(story.admin, "Response__c", "key__C", [{"key__c": "K", "Score__c": 2}, {"Key__c": "new"}])
    assert (first.created, [r.created for r in again]) == (True, [False, True])
    assert again[0].id == first.id
    assert story.rows("SELECT Key__c, Score__c FROM Response__c ORDER BY Key__c") == [
        {"Key__c": "k", "Score__c": 2.0},
        {"Key__c": "new", "Score__c": None},
    ]


def test_upsert__same_external_id_twice_in_one_request(story: Story) -> None:
    """A duplicate external ID inside one request is refused as Salesforce refuses it, every time it occurs."""
    results = story.org.upsert(story.admin, "Response__c", "Key__c", [{"Key__c": "a"}, {"Key__c": "b"}, {"Key__c": "A"}])
    assert [result.success for result in results] == [False, True, False]
    assert results[0].errors[0].message == "Duplicate external id specified: a"


def test_upsert__several_records_match(story: Story) -> None:
    """Contact.Email is a key that need not be unique: several matches are an error, and nothing is written."""
    ids = story.all_saved(
        [story.record("Contact", LastName="A", Email="x@y.example"), story.record("Contact", LastName="B", Email="X@y.example")]
    )
    (result,) = story.org.upsert(story.admin, "Contact", "Email", [{"Email": "x@Y.example", "LastName": "C"}])
    assert result.errors[0].code == "DUPLICATE_EXTERNAL_ID"
    assert story.org.ids_by_key(story.admin, "Contact", "Email", "x@y.example") == ids


def test_upsert__by_id(story: Story) -> None:
    """A null Id means insert."""
    record_id = story.saved("Contact", LastName="A")
    results = story.org.upsert(story.admin, "Contact", "Id", [{"Id": record_id, "LastName": "B"}, {"Id": None, "LastName": "C"}])
    assert [result.created for result in results] == [False, True]
    assert story.values("SELECT LastName FROM Contact ORDER BY LastName") == ["B", "C"]


def test_reference__by_external_id(story: Story) -> None:
    """A parent can be named by its external id; one that is not there is refused with the key in the text."""
    contact = story.saved("Contact", LastName="A", Email="a@b.example")
    story.saved("Response__c", Key__c="1", Contact__r={"Email": "A@b.example"})
    assert story.value("SELECT Contact__c FROM Response__c") == contact
    assert story.refusal(story.response(Contact__r={"Email": "no@b.example"})) == (
        "INVALID_FIELD",
        "Foreign key external ID: no@b.example not found for field Email in entity Contact",
    )


def test_delete__lookup_cleared_and_restored(story: Story) -> None:
    """Deleting a parent clears the lookup; undeleting brings both back."""
    contact = story.saved("Contact", LastName="A")
    story.saved("Response__c", Key__c="1", Contact__c=contact)
    assert story.org.delete(story.admin, [contact])[0].success
    assert story.value("SELECT Contact__c FROM Response__c") is None
    assert story.org.undelete(story.admin, [contact])[0].success
    assert story.value("SELECT Contact__c FROM Response__c") == contact


def test_delete__cascade_and_restrict(story: Story) -> None:
    """An account takes its contacts along; one that has cases stays."""
    account = story.saved("Account", Name="Acme")
    contact = story.saved("Contact", LastName="A", AccountId=account)
    case = story.saved("Case", Subject="s", ContactId=contact)
    (refused,) = story.org.delete(story.admin, [account])
    assert refused.errors[0].code == "DELETE_FAILED"
    assert story.org.delete(story.admin, [case, account])[1].success
    assert story.rows("SELECT Id FROM Contact") == []
    assert story.org.undelete(story.admin, [account])[0].success
    assert story.values("SELECT Id FROM Contact") == [contact]


def test_unit_of_work__rolled_back(story: Story) -> None:
    """What raises inside a unit of work undoes all of it."""
    try:
        with story.org.unit_of_work():
            story.saved("Contact", LastName="A")
            raise RuntimeError("no")
    except RuntimeError:
        pass
    assert story.rows("SELECT Id FROM Contact") == []


def test_retrieve__in_order_with_gaps(story: Story) -> None:
    """Records come back in the order asked for, null for an id that leads nowhere."""
    contact = story.saved("Contact", LastName="A")
    found = story.org.retrieve(story.admin, "Contact", ["003000000009999", contact[:15]], ["LastName"])
    assert found[0] is None and found[1] is not None and found[1]["LastName"] == "A"
