"""Destructive changes: what goes along, what must stay, what is refused."""

from __future__ import annotations

from .conftest import DeployTarget
from .package_files import FIELDS as F
from .package_files import FILES, NUMBER, field, flow_definition, part_of_package, removal


def test_deploy__active_flow_cannot_be_deleted(deployed: DeployTarget) -> None:
    """Only after FlowDefinition deactivated it."""
    wanted = removal(("FlowTest", "Marks"), ("Flow", "Mark"))
    assert deployed.problems(wanted) == ["insufficient access rights on cross-reference id"]
    assert deployed.deploy(flow_definition(0)).success
    assert deployed.deploy(wanted).success
    assert "Mark" not in deployed.metadata.flows
    assert deployed.store.records.all(deployed.sobject("FlowDefinitionView")) == []


def test_deploy__removed_field_leaves_grants_and_layouts(deployed: DeployTarget) -> None:
    """Permission sets and layouts lose the field by themselves; the column is gone."""
    deployed.deploy({F + "Extra__c.field-meta.xml": field("Extra__c", NUMBER)})
    permission_set = FILES["permissionsets/Answers.permissionset-meta.xml"].replace(b"Answer__c.Score__c", b"Answer__c.Extra__c")
    layout = FILES["layouts/Answer__c-Answer Layout.layout-meta.xml"].replace(b"Score__c", b"Extra__c")
    files = {"permissionsets/Answers.permissionset-meta.xml": permission_set, "layouts/Answer__c-Answer Layout.layout-meta.xml": layout}
    assert deployed.deploy(files).success
    result = deployed.deploy(removal(("CustomField", "Answer__c.Extra__c")))
    assert [(item.full_name, item.deleted) for item in result.successes if item.component_type] == [("Answer__c.Extra__c", True)]
    assert deployed.metadata.permission_sets["Answers"].fields == {}
    columns = {row[1] for row in deployed.store.connection.execute('PRAGMA table_info("Answer__c")')}
    assert "Extra__c" not in columns
    assert "Score__c" in columns


def test_deploy__removed_field_still_in_use(deployed: DeployTarget) -> None:
    """Formulas, validation rules and reports hold a field."""
    problems = deployed.problems(removal(("CustomField", "Answer__c.Score__c")))
    assert "This custom field is referenced elsewhere in salesforce.com. : ValidationRule - Answer__c.Score_In_Range." in problems
    assert deployed.sobject("Answer__c").field("Score__c") is not None


def test_deploy__removing_what_is_not_there_warns(target: DeployTarget) -> None:
    """The deploy succeeds with a warning."""
    result = target.deploy(removal(("CustomField", "Account.Gone__c")))
    assert result.success
    assert [item.problem for item in result.warnings] == ["No CustomField named: Account.Gone__c found"]


def test_deploy__removed_object_takes_its_parts_along(target: DeployTarget) -> None:
    """Fields, list views, layouts and the tab of an object go with it, and its table."""
    files = part_of_package("objects/Answer__c", "objects/Part__c", "layouts", "tabs")
    assert target.deploy(files).success
    result = target.deploy(removal(("CustomObject", "Answer__c"), ("CustomObject", "Part__c")))
    assert [failure.problem for failure in result.failures] == []
    assert target.metadata.schema.get("Answer__c") is None
    assert not [key for key in target.metadata.components if "Answer__c" in key[1]]
    assert target.deploy(files).success
    assert target.sobject("Answer__c").key_prefix == "a01"
