"""Deploys as a whole: what they change, and that failed ones change nothing."""

from __future__ import annotations

import io
import zipfile

import pytest

from tooling.local_org.engine.deploy import package_members
from tooling.local_org.engine.metadata import load
from tooling.local_org.engine.retrieve import retrieve

from .conftest import NOW, DeployTarget
from .package_files import FIELDS as F
from .package_files import FILES, NUMBER, field, flow_definition, manifest, part_of_package, xml


def flow(status: str = "Active", label: str = "Mark") -> dict[str, bytes]:
    text = (
        FILES["flows/Mark.flow-meta.xml"]
        .decode()
        .replace("<status>Active", f"<status>{status}")
        .replace("<label>Mark<", f"<label>{label}<")
    )
    return {"flows/Mark.flow-meta.xml": text.encode()}


def test_deploy__source_format(deployed: DeployTarget) -> None:
    """Objects, their system fields and custom fields are there, in table and schema."""
    answer = deployed.sobject("Answer__c")
    assert answer.key_prefix == "a01"
    assert [f.name for f in answer.fields][:4] == ["Id", "OwnerId", "IsDeleted", "Name"]
    assert answer.field("Contact__c") == answer.relationship("Contact__r")
    assert answer.field("recordtypeid") is not None
    assert deployed.sobject("Part__c").field("OwnerId") is None
    points = answer.field("Points__c")
    assert points is not None
    assert points.summary is not None
    assert points.summary.child == "Part__c"
    task = deployed.sobject("Task")
    assert task.field("Kind__c") is not None
    what = task.field("WhatId")
    assert what is not None
    assert "Answer__c" in what.reference_to
    [record_id] = deployed.store.records.insert(answer, [{"Key__c": "k"}])
    assert record_id.startswith("a01")


def test_deploy__setup_records_follow(deployed: DeployTarget) -> None:
    """What was deployed can be found by SOQL's objects: queues, permission sets, templates, custom metadata, flows."""
    records = deployed.store.records
    [queue] = records.find(deployed.sobject("Group"), "DeveloperName", ["Care"])
    assert queue["Type"] == "Queue"
    assert [r["SobjectType"] for r in records.find(deployed.sobject("QueueSobject"), "QueueId", [queue["Id"]])] == ["Case"]
    assert len(records.find(deployed.sobject("GroupMember"), "GroupId", [queue["Id"]])) == 1
    [granted] = records.find(deployed.sobject("PermissionSet"), "Name", ["Answers"])
    assert [r["Field"] for r in records.find(deployed.sobject("FieldPermissions"), "ParentId", [granted["Id"]])] == ["Answer__c.Score__c"]
    [template] = records.find(deployed.sobject("EmailTemplate"), "DeveloperName", ["Hello"])
    assert template["Body"] == "Hello {!Contact.FirstName}"
    [word] = records.all(deployed.sobject("Word__mdt"))
    assert (word["DeveloperName"], word["Word__c"], word["Weight__c"]) == ("First", "angry", 2)
    [view] = records.find(deployed.sobject("FlowDefinitionView"), "ApiName", ["Mark"])
    assert view["IsActive"] is True
    assert [r["DeveloperName"] for r in records.all(deployed.sobject("CustomNotificationType"))] == ["Bell"]
    assert [r["DeveloperName"] for r in records.all(deployed.sobject("RecordType"))] == ["Web"]
    assert records.find(deployed.sobject("EntityDefinition"), "QualifiedApiName", ["Answer__c"])


def test_deploy__same_again_changes_nothing(deployed: DeployTarget) -> None:
    """A second deploy of the same files succeeds, and says that nothing changed."""
    result = deployed.deploy(FILES)
    assert result.success
    assert [item.full_name for item in result.successes if item.changed] == []
    assert deployed.metadata.flows["Mark"].number == 1


def test_load__same_metadata_after_opening(deployed: DeployTarget) -> None:
    """What is read from the store equals what the deploy returned."""
    loaded = load(deployed.store)
    assert {s.name: s for s in loaded.schema} == {s.name: s for s in deployed.metadata.schema}
    assert loaded.components.keys() == deployed.metadata.components.keys()
    assert loaded.permission_sets == deployed.metadata.permission_sets
    assert loaded.labels == {"Greeting": "Good day"}


def test_deploy__failure_changes_nothing(target: DeployTarget) -> None:
    """One bad component: nothing of the package arrives, and every problem is reported at once."""
    before = target.metadata
    bad = FILES | {
        F + "Bad__c.field-meta.xml": field("Bad__c", "<type>Text</type>"),
        F + "Worse__c.field-meta.xml": field("Worse__c", "<formula>Nothing__c</formula><type>Text</type>"),
    }
    result = target.deploy(bad)
    assert result.status == "Failed"
    assert {failure.full_name for failure in result.failures} == {"Answer__c.Bad__c", "Answer__c.Worse__c"}
    assert target.metadata is before
    assert target.store.connection.execute("SELECT COUNT(*) FROM org_component").fetchone() == (0,)
    assert result.number_components_deployed == 0


def test_deploy__problem_carries_file_line_and_column(target: DeployTarget) -> None:
    """The place is that of the element, in the file as it was sent."""
    body = "    <fullName>Bad__c</fullName>\n    <label>Bad</label>\n    <formula>Nothing__c</formula>\n    <type>Text</type>"
    text = xml("CustomField", body)
    [failure] = target.deploy({"objects/Account/fields/Bad__c.field-meta.xml": text}).failures
    assert (failure.file_name, failure.line, failure.column) == ("objects/Account/fields/Bad__c.field-meta.xml", 5, 14)
    assert failure.problem == "Field Nothing__c does not exist. Check spelling."


def test_deploy__check_only(target: DeployTarget) -> None:
    """Everything is checked and nothing is kept."""
    before = target.metadata
    assert target.deploy(FILES, check_only=True).success
    assert target.metadata is before
    assert target.metadata.schema.get("Answer__c") is None


def test_deploy__without_rollback_keeps_what_is_good(target: DeployTarget) -> None:
    """Components that failed, and those that need them, stay away; the others arrive."""
    files = part_of_package("objects/Answer__c/Answer", F + "Score__c")
    files[F + "Bad__c.field-meta.xml"] = field("Bad__c", "<type>Text</type>")
    files[F + "Uses__c.field-meta.xml"] = field("Uses__c", f"<formula>Bad__c</formula>{NUMBER}")
    result = target.deploy(files, rollback_on_error=False)
    assert result.status == "SucceededPartial"
    answer = target.sobject("Answer__c")
    assert answer.field("Score__c") is not None
    assert answer.field("Bad__c") is None
    assert answer.field("Uses__c") is None


def test_deploy__mdapi_zip_takes_what_package_xml_lists(target: DeployTarget) -> None:
    """A field of a standard object is listed alone; the object file around it is no component."""
    body = "<fields><fullName>Tier__c</fullName><label>Tier</label><length>10</length><type>Text</type></fields>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata/package.xml", manifest(("CustomField", "Account.Tier__c"), full_name="nps"))
        archive.writestr("metadata/objects/Account.object", xml("CustomObject", body))
    result = target.deploy(buffer.getvalue())
    assert [(item.component_type, item.full_name) for item in result.successes] == [("CustomField", "Account.Tier__c"), ("", "package.xml")]
    assert target.sobject("Account").field("Tier__c") is not None
    assert package_members(target.store, "nps") == (("CustomField", "Account.Tier__c"),)
    assert package_members(target.store, "other") is None


def test_deploy__member_without_file(target: DeployTarget) -> None:
    """package.xml promises what the zip does not hold."""
    problems = target.problems({"package.xml": manifest(("CustomField", "Account.Tier__c"))})
    assert problems == ["An object 'Account.Tier__c' of type CustomField was named in package.xml, but was not found in zipped directory"]


def test_deploy__file_without_member(target: DeployTarget) -> None:
    """A file that package.xml does not list is an error."""
    files = {"package.xml": manifest(), "tabs/X.tab": xml("CustomTab", "<motif>Custom1: Heart</motif>")}
    assert target.problems(files) == ["Not in package.xml"]


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_deploy__no_zip(target: DeployTarget, content: bytes) -> None:
    """A deploy that is no zip fails as a whole."""
    result = target.deploy(content)
    assert result.status == "Failed"
    assert result.error_status_code == "UNKNOWN_EXCEPTION"
    assert result.error_message


def test_deploy__zip_that_leaves_its_folder(target: DeployTarget) -> None:
    """Path traversal is refused."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../package.xml", manifest())
    assert "illegal path" in (target.deploy(buffer.getvalue()).error_message or "")


def test_deploy__document_type_is_refused(target: DeployTarget) -> None:
    """No entities, so no entity expansion."""
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><CustomTab xmlns="http://soap.sforce.com/2006/04/metadata">&a;</CustomTab>'
    assert target.problems({"tabs/X.tab-meta.xml": text}) == ["Error parsing file: DOCTYPE is disallowed"]


def test_deploy__encoding_nobody_reads(target: DeployTarget) -> None:
    """The file is named, as for every other XML that cannot be read."""
    text = b'<?xml version="1.0" encoding="UTF-7"?><CustomTab xmlns="http://soap.sforce.com/2006/04/metadata"/>'
    (problem,) = target.problems({"tabs/X.tab-meta.xml": text})
    assert problem.startswith("Error parsing file: the encoding cannot be read")


def test_deploy__as_a_retrieve_writes_it(target: DeployTarget) -> None:
    """Attributes that are false, and percent-encoded values of record types, are no problem."""
    files = part_of_package("objects/Answer__c", "objects/Part__c")
    status = "objects/Answer__c/fields/Status__c.field-meta.xml"
    record_type = "objects/Answer__c/recordTypes/Web.recordType-meta.xml"
    files[status] = files[status].replace(b"<fullName>Open<", b"<fullName>On hold, 50%<")
    files[record_type] = files[record_type].replace(b"<fullName>Open<", b"<fullName>On hold%2C 50%25<")
    flags = "<externalId>false</externalId><required>false</required><unique>false</unique><trackHistory>false</trackHistory>"
    files[f"{F}Copy__c.field-meta.xml"] = field("Copy__c", f"<formula>Score__c</formula>{flags}{NUMBER}")
    assert target.problems(files) == []


def test_deploy__inactive_duplicate_rule(target: DeployTarget) -> None:
    """Standard matching rules are not evaluated here, and a rule that is not active need not be."""
    text = (
        "<actionOnInsert>Allow</actionOnInsert><actionOnUpdate>Allow</actionOnUpdate><alertText>A</alertText><description>A</description>"
        '<duplicateRuleFilter xsi:nil="true"/><duplicateRuleMatchRules>'
        "<matchRuleSObjectType>Account</matchRuleSObjectType><matchingRule>Standard_Account_Match_Rule_v1_0</matchingRule>"
        '<objectMapping xsi:nil="true"/></duplicateRuleMatchRules><isActive>{0}</isActive><masterLabel>A</masterLabel>'
        "<securityOption>EnforceSharingRules</securityOption><sortOrder>1</sortOrder>"
    )
    path = "duplicateRules/Account.Standard_Account_Duplicate_Rule.duplicateRule-meta.xml"
    root = 'DuplicateRule xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    inactive, active = (xml(root, text.format(word)).replace(b"</" + root.encode(), b"</DuplicateRule") for word in ("false", "true"))
    assert target.problems({path: inactive}) == []
    (problem,) = target.problems({path: active})
    assert problem == "the standard matching rule Account.Standard_Account_Match_Rule_v1_0 is not supported"


@pytest.mark.parametrize(
    ("kind", "file", "listed"),
    [
        ("CustomField", "objects/Account.object", ("CustomField", "Account.Tier__c")),
        ("CustomObject", "objects/Account.object", ("CustomObject", "Account")),
        ("EmailTemplate", "email/Answers/Hello.email", ("EmailTemplate", "Answers/Hello")),
    ],
)
def test_wildcard__standard_objects_and_folders_are_named(deployed: DeployTarget, kind: str, file: str, listed: tuple[str, str]) -> None:
    """A `*` covers neither fields of standard objects nor what lies in folders, in a retrieve as in a deploy."""
    assert file not in retrieve(deployed.metadata, [(kind, "*")]).files
    files = dict(retrieve(deployed.metadata, [listed]).files)
    assert file in files
    assert deployed.problems({**files, "package.xml": manifest((kind, "*"))}) == ["Not in package.xml"]


def test_deploy__unsupported_type_is_named(target: DeployTarget) -> None:
    """What this org cannot hold is refused by name, not swallowed."""
    assert target.problems({"lwc/hello/hello.js": b""}) == ["LightningComponentBundle is not supported by this local org"]


def test_deploy__production_holds_flows_back(target: DeployTarget) -> None:
    """In a production org flows arrive inactive."""
    files = part_of_package("objects/Answer__c", "objects/Part__c", "flows/")
    assert target.deploy(files, production="flows inactive").success
    assert target.metadata.flows["Mark"].active is False


def test_deploy__new_flow_version_takes_over(deployed: DeployTarget) -> None:
    """A changed active flow is a new version; a draft leaves the running version active."""
    assert deployed.deploy(flow(label="Mark again")).success
    assert (deployed.metadata.flows["Mark"].number, deployed.metadata.flows["Mark"].label) == (2, "Mark again")
    assert deployed.deploy(flow("Draft", "Draft")).success
    running = deployed.metadata.flows["Mark"]
    assert (running.number, running.active, running.latest) == (2, True, 3)


def test_deploy__flow_definition_activates_and_deactivates(deployed: DeployTarget) -> None:
    """activeVersionNumber 0 stops a flow, another number starts that version."""
    assert deployed.deploy(flow(label="Second")).success
    assert deployed.deploy(flow_definition(1)).success
    assert deployed.metadata.flows["Mark"].number == 1
    assert deployed.deploy(flow_definition(0)).success
    assert deployed.metadata.flows["Mark"].active is False


def test_deploy__profile_is_merged(deployed: DeployTarget) -> None:
    """Two deploys of a profile add up; the later word about one field counts."""

    def profile(name: str, editable: bool) -> dict[str, bytes]:
        granted = f"<editable>{str(editable).lower()}</editable><field>Answer__c.{name}</field><readable>true</readable>"
        body = f"<fieldPermissions>{granted}</fieldPermissions>"
        return {"profiles/Admin.profile-meta.xml": xml("Profile", body)}

    assert deployed.deploy(profile("Score__c", True)).success
    assert deployed.deploy(profile("Flag__c", True)).success
    assert deployed.deploy(profile("Score__c", False)).success
    granted = deployed.metadata.profiles["System Administrator"]
    assert granted.field("Answer__c", "Score__c").editable is False
    assert granted.field("answer__c", "flag__c").editable is True


def test_deploy__changed_custom_metadata_record(deployed: DeployTarget) -> None:
    """The record of the type changes with it, and keeps its id."""
    [before] = deployed.store.records.all(deployed.sobject("Word__mdt"))
    text = FILES["customMetadata/Word.First.md-meta.xml"].replace(b"angry", b"furious")
    assert deployed.deploy({"customMetadata/Word.First.md-meta.xml": text}).success
    [after] = deployed.store.records.all(deployed.sobject("Word__mdt"))
    assert after["Word__c"] == "furious"
    assert after["Id"] == before["Id"]
    assert after["Id"].startswith(deployed.sobject("Word__mdt").key_prefix)


def test_deploy__standard_object_sharing(target: DeployTarget) -> None:
    """An object file of a standard object can set its sharing model."""
    files = {"objects/Account/Account.object-meta.xml": xml("CustomObject", "<sharingModel>Private</sharingModel>")}
    assert target.deploy(files).success
    assert target.sobject("Account").sharing_model == "Private"


def test_deploy__data_survives(deployed: DeployTarget) -> None:
    """Records keep their values when fields are added beside them."""
    answer = deployed.sobject("Answer__c")
    [record_id] = deployed.store.records.insert(answer, [{"Key__c": "k", "Flag__c": True}])
    assert deployed.deploy({F + "More__c.field-meta.xml": field("More__c", NUMBER)}).success
    stored = deployed.store.records.read(deployed.sobject("Answer__c"), [record_id])[record_id]
    assert (stored["Key__c"], stored["Flag__c"], stored["More__c"]) == ("k", True, None)


def test_deploy__result_times_and_user(target: DeployTarget) -> None:
    """The result says who deployed, and when, by the org's clock."""
    result = target.deploy({"package.xml": manifest()})
    assert (result.created_by_name, result.created_date, result.id[:3]) == ("Local Admin", NOW, "0Af")


def test_deploy__fields_without_their_object(target: DeployTarget) -> None:
    """Fields of a new object whose definition is not in the package."""
    detail = {"objects/Part__c/fields/Answer__c.field-meta.xml": FILES["objects/Part__c/fields/Answer__c.field-meta.xml"]}
    assert "Must specify a non-empty label for the CustomObject" in target.problems(detail)
