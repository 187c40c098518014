"""The table of errors: each one provoked through the façade, its code and fields always, its text wherever it was really seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org import errors
from tooling.local_org.engine.org import LeadConvert
from tooling.local_org.errors import ERROR_TEXTS, ErrorText, Evidence, OrgError

from .data.conftest import DataStory, deployed_data, story
from .data.test_duplicate_rules import duplicate, matching
from .engine.metadata import flow, text, update_record

__all__ = ["deployed_data", "story"]

Provoke = Callable[[DataStory], OrgError]
PACKAGE = Path(errors.__file__).parent


def insert(sobject: str, **values: Any) -> Provoke:
    def provoke(story: DataStory) -> OrgError:
        return story.org.insert(story.admin, [story.record(sobject, **values)])[0].errors[0]

    return provoke


def query(soql: str) -> Provoke:
    def provoke(story: DataStory) -> OrgError:
        with pytest.raises(OrgError) as refused:
            story.org.query(story.admin, soql)
        return refused.value

    return provoke


def unknown_object(story: DataStory) -> OrgError:
    with pytest.raises(OrgError) as refused:
        story.org.describe(story.admin, "Nothing__c")
    return refused.value


def taken_key(story: DataStory) -> OrgError:
    story.saved("Sample__c", Key__c="k")
    return insert("Sample__c", Key__c="k")(story)


def same_key_twice(story: DataStory) -> OrgError:
    return story.org.upsert(story.admin, "Sample__c", "Key__c", [{"Key__c": "a-1"}, {"Key__c": "a-1"}])[1].errors[0]


def same_id_twice(story: DataStory) -> OrgError:
    contact = story.saved("Contact", LastName="A")
    return story.org.update(story.admin, [story.record("Contact", Id=contact)] * 2)[0].errors[0]


def several_matches(story: DataStory) -> OrgError:
    story.all_saved([story.record("Contact", LastName=name, Email="a@b.example") for name in "AB"])
    return story.org.upsert(story.admin, "Contact", "Email", [{"Email": "a@b.example", "LastName": "C"}])[0].errors[0]


def twin(story: DataStory) -> OrgError:
    story.saved("Contact", LastName="A", Email="a@b.example")
    rules = {
        "matchingRules/Contact.matchingRule": matching(("Email", "Exact", False)),
        "duplicateRules/Contact.Twins.duplicateRule": duplicate(),
    }
    story.deploy(rules)
    return insert("Contact", LastName="B", Email="a@b.example")(story)


def wrong_record_type(story: DataStory) -> OrgError:
    retired = story.value("SELECT Id FROM RecordType WHERE DeveloperName = 'Retired'")
    return insert("Sample__c", RecordTypeId=retired)(story)


def malformed_id(story: DataStory) -> OrgError:
    return story.org.update(story.admin, [story.record("Contact", Id="001xx000003DGb2999")])[0].errors[0]


def deleted(story: DataStory) -> OrgError:
    contact = story.saved("Contact", LastName="A")
    story.org.delete(story.admin, [contact])
    return story.org.update(story.admin, [story.record("Contact", Id=contact)])[0].errors[0]


def failed_flow(story: DataStory) -> OrgError:
    story.deploy({"flows/Break.flow": flow("Break", update_record("First", "Text__c", text("forbidden")), sobject="Sample__c")})
    return insert("Sample__c")(story)


def rolled_back(story: DataStory) -> OrgError:
    records = [story.record("Contact", LastName="A"), story.record("Contact")]
    return story.org.insert(story.admin, records, all_or_none=True)[0].errors[0]


def unknown_token(story: DataStory) -> OrgError:
    with pytest.raises(OrgError) as refused:
        story.org.user_of_token("00D000000000001!wrong")
    return refused.value


def convert(status: str, *, twice: bool = False) -> Provoke:
    def provoke(story: DataStory) -> OrgError:
        lead = story.saved("Lead", LastName="L", Company="C")
        if twice:
            story.org.convert_lead(story.admin, LeadConvert(lead, status))
        with pytest.raises(OrgError) as refused:
            story.org.convert_lead(story.admin, LeadConvert(lead, status))
        return refused.value

    return provoke


def sleeping_owner(story: DataStory) -> OrgError:
    other = story.user("Standard User")
    story.changed("User", other.id, IsActive=False)
    return insert("Sample__c", OwnerId=other.id)(story)


def foreign_queue(story: DataStory) -> OrgError:
    return insert("Sample__c", OwnerId=story.saved("Group", Name="Q", DeveloperName="Q", Type="Queue"))(story)


def others_record(story: DataStory) -> OrgError:
    other = story.user("Standard User")
    story.assign(other, "Everything")
    notice = story.saved("Notice__c")
    return story.org.update(other, [story.record("Notice__c", Id=notice, Text__c="x")])[0].errors[0]


def needed_by_others(story: DataStory) -> OrgError:
    account = story.saved("Account", Name="A")
    story.saved("Sample__c", Account__c=account)
    return story.org.delete(story.admin, [account])[0].errors[0]


def living(story: DataStory) -> OrgError:
    return story.org.undelete(story.admin, [story.saved("Contact", LastName="A")])[0].errors[0]


def without_id(story: DataStory) -> OrgError:
    return story.org.update(story.admin, [story.record("Contact", LastName="A")])[0].errors[0]


def odd_merge(story: DataStory) -> OrgError:
    contact = story.saved("Contact", LastName="A")
    with pytest.raises(OrgError) as refused:
        story.org.merge(story.admin, "Contact", {"Id": contact}, [contact])
    return refused.value


def person(story: DataStory) -> str:
    story.set(person_accounts=True)
    return story.saved("Account", LastName="A")


def merged_persons(story: DataStory) -> OrgError:
    first, second = person(story), person(story)
    with pytest.raises(OrgError) as refused:
        story.org.merge(story.admin, "Account", {"Id": first}, [second])
    return refused.value


def lost_person(story: DataStory) -> OrgError:
    contact = story.value(f"SELECT PersonContactId FROM Account WHERE Id = '{person(story)}'")
    return story.org.delete(story.admin, [contact])[0].errors[0]


def second_contact(story: DataStory) -> OrgError:
    return story.org.insert(story.admin, [story.record("Contact", LastName="B", AccountId=person(story))])[0].errors[0]


PROVOKED: dict[tuple[str, str], tuple[Provoke, tuple[str, ...] | None]] = {
    ("INVALID_FIELD", "\n{query}"): (query("SELECT Id, Foo FROM Opportunity"), ()),
    ("INVALID_FIELD", "No such column"): (insert("Account", abcd=1), ()),
    ("INVALID_FIELD", "Foreign key"): (insert("Sample__c", Contact__r={"Email": "0116@b.example"}), ()),
    ("INVALID_TYPE", "\n{query}"): (query("select count() from XYZZY"), ()),
    ("INVALID_TYPE", "sObject type"): (insert("Nothing__c"), ()),
    ("MALFORMED_QUERY", "unexpected token"): (query("invalid"), ()),
    ("MALFORMED_QUERY", "\n{query}"): (query("SELECT Id FROM Account WHERE Name = 'a' From"), ()),
    ("NOT_FOUND", "The requested"): (unknown_object, ()),
    ("REQUIRED_FIELD_MISSING", ""): (insert("Contact"), ("LastName",)),
    ("DUPLICATE_VALUE", "duplicate value"): (taken_key, ("Key__c",)),
    ("DUPLICATE_VALUE", "Duplicate external id"): (same_key_twice, ("Key__c",)),
    ("DUPLICATE_VALUE", "Duplicate id"): (same_id_twice, ("Id",)),
    ("DUPLICATE_EXTERNAL_ID", ""): (several_matches, ("Email",)),
    ("DUPLICATES_DETECTED", ""): (twin, ()),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ""): (insert("Sample__c", Number__c=13), ("Number__c",)),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ""): (insert("Sample__c", Band__c="X"), ("Band__c",)),
    ("STRING_TOO_LONG", ""): (insert("Sample__c", Text__c="x" * 21), ("Text__c",)),
    ("NUMBER_OUTSIDE_VALID_RANGE", ""): (insert("Sample__c", Number__c=12345), ("Number__c",)),
    ("INVALID_EMAIL_ADDRESS", ""): (insert("Sample__c", Mail__c="x"), ("Mail__c",)),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross"): (insert("Sample__c", Contact__c="003000000009999"), ("Contact__c",)),
    ("INVALID_CROSS_REFERENCE_KEY", "Record Type"): (wrong_record_type, ("RecordTypeId",)),
    ("MALFORMED_ID", ""): (malformed_id, ("Id",)),
    ("ENTITY_IS_DELETED", ""): (deleted, ()),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", ""): (failed_flow, ()),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", ""): (rolled_back, ()),
    ("INVALID_SESSION_ID", ""): (unknown_token, ()),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", ""): (insert("Sample__c", Twice__c=1), ("Twice__c",)),
    ("CANNOT_UPDATE_CONVERTED_LEAD", ""): (convert("Closed - Converted", twice=True), ()),
    ("FIELD_INTEGRITY_EXCEPTION", ""): (insert("Sample__c", Contact__c="001000000009999"), ("Contact__c",)),
    ("INACTIVE_OWNER_OR_USER", ""): (sleeping_owner, ()),
    ("INVALID_OPERATION", ""): (foreign_queue, ("OwnerId",)),
    ("INSUFFICIENT_ACCESS_OR_READONLY", ""): (others_record, ()),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", ""): (insert("Word__mdt"), ()),
    ("DELETE_FAILED", ""): (needed_by_others, ()),
    ("UNDELETE_FAILED", ""): (living, ()),
    ("INVALID_STATUS", ""): (convert("Nonsense"), ()),
    ("JSON_PARSER_ERROR", ""): (insert("Sample__c", Day__c="x"), ("Day__c",)),
    ("MISSING_ARGUMENT", ""): (without_id, ()),
    ("INVALID_ARGUMENT", ""): (odd_merge, ()),
    ("INVALID_QUERY_FILTER_OPERATOR", ""): (query("SELECT Id FROM Contact WHERE Id LIKE '003%'"), ()),
    ("FUNCTIONALITY_NOT_ENABLED", ""): (merged_persons, ()),
    ("INVALID_PERSON_ACCOUNT_OPERATION", "cannot"): (lost_person, ()),
    ("INVALID_PERSON_ACCOUNT_OPERATION", "A person"): (second_contact, ("AccountId",)),
}
ELSEWHERE = {
    "FLOW_TEST_PARAMETER_VALUE_INVALID", "INVALID_ID_FIELD", "INVALID_INPUT", "LIMIT_EXCEEDED", "MAX_DEPTH_IN_FLOW_EXECUTION",
    "QUERY_TOO_COMPLICATED", "UNKNOWN_EXCEPTION",
}  # fmt: skip
"""Provoked by the tests of limits, flows and flow tests."""


@pytest.mark.parametrize("entry", PROVOKED, ids=[f"{code}-{start.strip()[:20]}" for code, start in PROVOKED])
def test_error__code_fields_and_seen_text(story: DataStory, entry: tuple[str, str]) -> None:
    """The code and the fields are Salesforce's; the text is where one was seen."""
    provoke, fields = PROVOKED[entry]
    row = row_of(entry)
    error = provoke(story)
    assert (error.code, error.fields) == (row.code, fields)
    if row.evidence is not Evidence.UNVERIFIED:
        assert re.fullmatch(pattern(row.text), error.message, re.DOTALL), error.message


def test_error_texts__every_row_is_provoked() -> None:
    """Rows of the engine are all provoked here or elsewhere; rows of the front by its own tests."""
    rows = {id(row_of(entry)) for entry in PROVOKED}
    assert [row for row in ERROR_TEXTS if not row.http and row.code not in ELSEWHERE and id(row) not in rows] == []


def test_error_texts__every_code_has_a_row() -> None:
    """No code of the source is missing in the table; names of Bulk API 1.0 are no codes."""
    made = re.compile(r'(?:error_class\(\s*|\bcode = )"([A-Z_]+)"')
    used = {code for path in PACKAGE.rglob("*.py") for code in made.findall(path.read_text("utf-8"))}
    assert used - {row.code for row in ERROR_TEXTS} == set()


def row_of(entry: tuple[str, str]) -> ErrorText:
    code, start = entry
    (found,) = (row for row in ERROR_TEXTS if row.code == code and row.text.startswith(start) and not row.http)
    return found


def pattern(template: str) -> str:
    """What varies stands in braces, what only explains in parentheses at the end."""
    plain = re.sub(r" \(the rule's alert text\)$", "", template)
    return "".join(".*?" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", plain))
