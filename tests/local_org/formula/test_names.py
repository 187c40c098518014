"""Names over a schema: fields, parents, globals, formula fields that refer to each other."""

from __future__ import annotations

import pytest

from tooling.local_org.formula import Context, FormulaError, GlobalNames, SObjectNames, Type, compile_formula, type_of_field
from tooling.local_org.schema.types import Field, FieldType, ObjectKind, Schema, SObject


def sobject(name: str, *fields: Field, kind: ObjectKind = ObjectKind.STANDARD) -> SObject:
    return SObject(name, name, name + "s", name[:3], fields, kind)


def text(name: str, **options) -> Field:
    return Field(name, name, FieldType.STRING, 80, **options)


def lookup(name: str, relationship: str, *targets: str) -> Field:
    return Field(name, name, FieldType.REFERENCE, 18, reference_to=targets, relationship_name=relationship)


def formula_field(name: str, source: str, kind: FieldType = FieldType.DOUBLE) -> Field:
    return Field(name, name, kind, formula=source)


@pytest.fixture
def names() -> SObjectNames:
    return SObjectNames(
        Schema(
            [
                sobject("User", text("Email"), text("Name"), lookup("ManagerId", "Manager", "User")),
                sobject("Group", text("Name")),
                sobject("Account", text("Name"), lookup("OwnerId", "Owner", "User"), Field("Rate__c", "Rate", FieldType.PERCENT)),
                sobject(
                    "Case",
                    Field("Id", "Id", FieldType.ID, 18),
                    lookup("OwnerId", "Owner", "Group", "User"),
                    lookup("Account__c", "Account__r", "Account"),
                    Field("Status", "Status", FieldType.PICKLIST),
                    Field("Body__c", "Body", FieldType.TEXTAREA, 32_000),
                    Field("Home", "Home", FieldType.ADDRESS),
                    formula_field("A__c", "B__c + 1"),
                    formula_field("B__c", "C__c + 1"),
                    formula_field("C__c", "A__c"),
                    formula_field("D__c", "LEN(Account__r.Name) * 2"),
                ),
                sobject("Limits__c", Field("Top__c", "Top", FieldType.DOUBLE), kind=ObjectKind.CUSTOM_SETTING),
                sobject("Rule__mdt", Field("Days__c", "Days", FieldType.DOUBLE), kind=ObjectKind.CUSTOM_METADATA),
            ]
        ),
        "case",
    )


def found(names: SObjectNames, path: str):
    return names.find(tuple(path.split(".")))


@pytest.mark.parametrize(
    ("path", "canonical", "kind"),
    [
        ("STATUS", "Status", Type.PICKLIST),
        ("account__R.NAME", "Account__r.Name", Type.TEXT),
        ("Account__r.Owner.Manager.Email", "Account__r.Owner.Manager.Email", Type.TEXT),
        ("Owner.Email", "Owner.Email", Type.TEXT),
        ("owner:group.name", "Owner:Group.Name", Type.TEXT),
        ("$user.email", "$User.Email", Type.TEXT),
        ("$Setup.limits__c.top__c", "$Setup.Limits__c.Top__c", Type.NUMBER),
        ("$Permission.Nps_Admin", "$Permission.Nps_Admin", Type.BOOLEAN),
        ("$Label.Hello", "$Label.Hello", Type.TEXT),
        ("$CustomMetadata.rule__mdt.Detractor.days__c", "$CustomMetadata.Rule__mdt.Detractor.Days__c", Type.NUMBER),
        ("$System.originDateTime", "$System.OriginDateTime", Type.DATETIME),
        ("$ObjectType.case.Fields.status", "$ObjectType.Case.Fields.Status", Type.PICKLIST),
    ],
)
def test_find__canonical_path_and_type(path, canonical, kind, names):
    """
    Case does not matter; what comes back is the real name.
    """
    reference = found(names, path)
    assert (reference.name, reference.type) == (canonical, kind)


@pytest.mark.parametrize(
    "path", ["Nope__c", "Nope__r.Name", "Account__r.Nope", "$User.Nope", "$User", "$Nope.X", "$Setup.Rule__mdt.Days__c", "Account__r"]
)
def test_find__what_does_not_exist(path, names):
    """
    None: the checker words the complaint.
    """
    assert found(names, path) is None


def test_find__flags(names):
    """
    Percent, long text, ids and calculated fields are told apart.
    """
    assert found(names, "Account__r.Rate__c").percent
    assert found(names, "Body__c").long_text
    assert found(names, "Id").identifier and found(names, "OwnerId").identifier
    assert found(names, "D__c").calculated and found(names, "D__c").compiled_size > 20


def test_find__unsupported_type_and_wrong_parent(names):
    """
    A compound address is no value; a polymorphic lookup has only the parents it has.
    """
    with pytest.raises(FormulaError, match='unsupported field type called "Address" using the following field: Home'):
        found(names, "Home")
    with pytest.raises(FormulaError, match="Account is an invalid object type for the Owner field"):
        found(names, "Owner:Account.Name")
    with pytest.raises(FormulaError, match="The maximum is 10"):
        found(names, "Account__r.Owner." + "Manager." * 9 + "Email")


def test_find__formula_fields_in_a_circle(names):
    """
    A formula field that refers to itself by way of others is refused, at the place of the reference.
    """
    with pytest.raises(FormulaError, match="directly or indirectly refers to itself") as error:
        compile_formula("1 + A__c", names, result=Type.NUMBER)
    assert error.value.position == 4


def test_find__known_labels_and_permissions_only(names):
    """
    When the org's labels and permissions are known, others do not exist.
    """
    globals_ = GlobalNames(Schema([]), labels={"hello"}, permissions={"nps_admin"})
    assert globals_.find(("$Label", "Hello")) and globals_.find(("$Permission", "NPS_Admin"))
    assert globals_.find(("$Label", "Bye")) is None and globals_.find(("$Permission", "Bye")) is None


def test_compile__over_a_schema(names):
    """
    Long text is refused in a formula field and allowed in a validation rule.
    """
    assert compile_formula("ISBLANK(Body__c)", names, result=Type.BOOLEAN, context=Context.VALIDATION).type is Type.BOOLEAN
    with pytest.raises(FormulaError, match="Long Text Area"):
        compile_formula("LEN(Body__c)", names, result=None)


def test_type_of_field__stored_as_text_is_text():
    """
    Every number type is Number; ids, phones and comboboxes are Text.
    """
    assert {
        t: type_of_field(Field("x", "x", t))
        for t in (FieldType.INT, FieldType.CURRENCY, FieldType.PERCENT, FieldType.ID, FieldType.COMBOBOX)
    } == {
        FieldType.INT: Type.NUMBER,
        FieldType.CURRENCY: Type.NUMBER,
        FieldType.PERCENT: Type.NUMBER,
        FieldType.ID: Type.TEXT,
        FieldType.COMBOBOX: Type.TEXT,
    }
