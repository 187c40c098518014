"""Duplicate rules: when they refuse a save, what the allowSave header changes, what is compared with what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tooling.local_org.engine.duplicate_rules import unsupported
from tooling.local_org.engine.org import SaveOptions, User
from tooling.local_org.errors import DuplicatesDetected
from tooling.local_org.schema.source import read_package

from ..engine.metadata import create, flow, text
from .conftest import DataStory
from .package import xml

ALLOW = SaveOptions(allow_duplicates=True)
ALERT = "Use one of these records?"


def matching(*items: tuple[str, str, bool], logic: str = "", status: str = "Active", name: str = "Match") -> str:
    """A matching rule over (field, method, whether blanks match)."""
    fields = "".join(
        f"<matchingRuleItems><blankValueBehavior>{'MatchBlanks' if blanks else 'NullNotAllowed'}</blankValueBehavior>"
        f"<fieldName>{field}</fieldName><matchingMethod>{method}</matchingMethod></matchingRuleItems>"
        for field, method, blanks in items
    )
    combined = f"<booleanFilter>{logic}</booleanFilter>" if logic else ""
    body = f"<fullName>{name}</fullName>{combined}<label>Match</label>{fields}<ruleStatus>{status}</ruleStatus>"
    return xml("MatchingRules", f"<matchingRules>{body}</matchingRules>")


def duplicate(
    *, insert: str = "Alert", update: str = "Alert", target: str = "Contact", mapping: str = "", condition: str = "", active: bool = True,
    sharing: str = "BypassSharingRules",
) -> str:  # fmt: skip
    """A duplicate rule; `insert` and `update` are Block, Alert or Report."""
    nil = 'xsi:nil="true"'

    def actions(event: str, wanted: str) -> tuple[str, str]:
        action = f"<actionOn{event}>{'Block' if wanted == 'Block' else 'Allow'}</actionOn{event}>"
        return action, "" if wanted == "Block" else f"<operationsOn{event}>{wanted}</operationsOn{event}>"

    (on_insert, says_insert), (on_update, says_update) = actions("Insert", insert), actions("Update", update)
    mapped = f"<objectMapping>{mapping}</objectMapping>" if mapping else f"<objectMapping {nil}/>"
    filtered = f"<duplicateRuleFilter>{condition}</duplicateRuleFilter>" if condition else f"<duplicateRuleFilter {nil}/>"
    return xml(
        "DuplicateRule",
        f"{on_insert}{on_update}<alertText>{ALERT}</alertText><description {nil}/>{filtered}"
        f"<duplicateRuleMatchRules><matchRuleSObjectType>{target}</matchRuleSObjectType><matchingRule>Match</matchingRule>{mapped}"
        f"</duplicateRuleMatchRules><isActive>{str(active).lower()}</isActive><masterLabel>Twins</masterLabel>{says_insert}{says_update}"
        f"<securityOption>{sharing}</securityOption><sortOrder>1</sortOrder>",
    )


Deploy = Callable[..., None]


@pytest.fixture
def rules(story: DataStory) -> Deploy:
    """Deploys one matching and one duplicate rule."""

    def deploy(
        match: str = matching(("Email", "Exact", False)), *, on: str = "Contact", target: str = "Contact", **options: object
    ) -> None:
        files = {
            f"matchingRules/{target}.matchingRule": match,
            f"duplicateRules/{on}.Twins.duplicateRule": duplicate(target=target, **options),  # type: ignore[arg-type]
        }
        story.deploy(files)

    return deploy


def insert(story: DataStory, options: SaveOptions | None = None, *, user: User | None = None, **values: object) -> str | None:
    """Saves a contact: None, or the code it was refused with."""
    (result,) = story.org.insert(user or story.admin, [story.record("Contact", **values)], options=options)
    return None if result.success else result.errors[0].code


def test_alert__refuses_unless_allowed(story: DataStory, rules: Deploy) -> None:
    """A rule that alerts refuses an API call too, until the call says allowSave."""
    rules()
    first = story.saved("Contact", LastName="A", Email="a@b.example")
    (result,) = story.org.insert(story.admin, [story.record("Contact", LastName="B", Email="A@B.example")])
    (error,) = result.errors
    assert (error.code, error.message, error.fields) == ("DUPLICATES_DETECTED", ALERT, ())
    assert isinstance(error, DuplicatesDetected)
    assert error.duplicate_result["allowSave"] is True
    assert error.duplicate_result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    assert insert(story, ALLOW, LastName="B", Email="a@b.example") is None


def test_block__refuses_always(story: DataStory, rules: Deploy) -> None:
    """allowSave does not override a rule that blocks."""
    rules(insert="Block")
    story.saved("Contact", LastName="A", Email="a@b.example")
    assert insert(story, LastName="B", Email="a@b.example") == "DUPLICATES_DETECTED"
    assert insert(story, ALLOW, LastName="B", Email="a@b.example") == "DUPLICATES_DETECTED"


def test_report__lets_pass(story: DataStory, rules: Deploy) -> None:
    """A rule that only reports refuses nothing."""
    rules(insert="Report")
    story.saved("Contact", LastName="A", Email="a@b.example")
    assert insert(story, LastName="B", Email="a@b.example") is None


def test_inactive__rule_and_matching_rule(story: DataStory, rules: Deploy) -> None:
    """Rules that are not active do nothing."""
    rules(insert="Block", active=False)
    story.saved("Contact", LastName="A", Email="a@b.example")
    assert insert(story, LastName="B", Email="a@b.example") is None
    rules(matching(("Email", "Exact", False), status="Inactive"), insert="Block")
    assert insert(story, LastName="B", Email="a@b.example") is None


def test_update__only_when_a_compared_field_changes(story: DataStory, rules: Deploy) -> None:
    """An edit is compared when it changes what is compared; the record is no duplicate of itself."""
    story.all_saved(
        [story.record("Contact", LastName="A", Email="a@b.example"), story.record("Contact", LastName="B", Email="a@b.example")]
    )
    other = story.saved("Contact", LastName="C", Email="c@b.example")
    rules(update="Block")
    story.changed("Contact", other, LastName="D", Email="c@b.example")
    (result,) = story.org.update(story.admin, [story.record("Contact", Id=other, Email="a@b.example")])
    assert result.errors[0].code == "DUPLICATES_DETECTED"
    assert len(result.errors[0].duplicate_result["matchResults"][0]["matchRecords"]) == 2  # type: ignore[attr-defined]


LOGIC = [
    ("", {"LastName": "a", "Email": "a@b.example"}, True),
    ("", {"LastName": "A", "Email": "x@b.example"}, False),
    ("1 OR 2", {"LastName": "A", "Email": "x@b.example"}, True),
    ("1 OR 2", {"LastName": "X", "Email": "a@b.example"}, True),
    ("1 OR 2", {"LastName": "X", "Email": "x@b.example"}, False),
    ("1 AND (2 OR 1)", {"LastName": "A", "Email": "x@b.example"}, True),
]


@pytest.mark.parametrize(("logic", "values", "refused"), LOGIC)
def test_matching__logic(story: DataStory, rules: Deploy, logic: str, values: dict[str, str], refused: bool) -> None:
    """All fields must match, or what the boolean filter says of them; case does not count."""
    rules(matching(("LastName", "Exact", False), ("Email", "Exact", False), logic=logic))
    story.saved("Contact", LastName="A", Email="a@b.example")
    assert insert(story, **values) == ("DUPLICATES_DETECTED" if refused else None)


def test_matching__blanks(story: DataStory, rules: Deploy) -> None:
    """A blank matches nothing, unless the item says that blanks match."""
    rules(matching(("LastName", "LastName", False), ("Phone", "Phone", True), ("Fax", "Exact", False), logic="1 AND 2"))
    story.saved("Contact", LastName="A")
    assert insert(story, LastName="A", Phone="1") is None
    assert insert(story, LastName="A") == "DUPLICATES_DETECTED"


def test_filter__decides_for_whom(story: DataStory, rules: Deploy) -> None:
    """A rule's filter looks at the record and at the running user."""
    item = (
        "<duplicateRuleFilterItems><field>LeadSource</field><operation>equals</operation><value>Web, Other</value><sortOrder>1</sortOrder>"
        "<table>Contact</table></duplicateRuleFilterItems><duplicateRuleFilterItems><field>Username</field><operation>startsWith</operation>"
        "<value>ADMIN</value><sortOrder>2</sortOrder><table>User</table></duplicateRuleFilterItems>"
    )
    rules(condition=f"<booleanFilter>1 AND 2</booleanFilter>{item}")
    story.saved("Contact", LastName="A", Email="a@b.example")
    assert insert(story, LastName="B", Email="a@b.example", LeadSource="Partner") is None
    assert insert(story, LastName="B", Email="a@b.example", LeadSource="web") == "DUPLICATES_DETECTED"
    assert insert(story, LastName="B", Email="a@b.example", LeadSource="web", user=story.user("Standard User")) is None


def test_mapping__contacts_against_leads(story: DataStory, rules: Deploy) -> None:
    """A rule may compare with another object; a converted lead is not compared."""
    mapping = (
        "<inputObject>Contact</inputObject><mappingFields><inputField>Origin__c</inputField><outputField>Company</outputField></mappingFields>"
        "<outputObject>Lead</outputObject>"
    )
    rules(matching(("Company", "Exact", False)), target="Lead", mapping=mapping)
    story.saved("Lead", LastName="L", Company="Acme")
    assert insert(story, LastName="B", Origin__c="acme") == "DUPLICATES_DETECTED"
    assert insert(story, LastName="B", Origin__c="other") is None


def test_sharing__only_records_the_user_sees(story: DataStory, rules: Deploy) -> None:
    """With EnforceSharingRules, records the user cannot read are no duplicates."""
    files = {
        "matchingRules/Secret__c.matchingRule": matching(("Text__c", "Exact", False)),
        "duplicateRules/Secret__c.Twins.duplicateRule": duplicate(target="Secret__c", sharing="EnforceSharingRules"),
    }
    story.deploy(files)
    other = story.user("Standard User")
    story.assign(other, "Everything")
    story.saved("Secret__c", Text__c="a")
    results = [story.org.insert(user, [story.record("Secret__c", Text__c="a")])[0] for user in (other, story.admin)]
    assert [result.success for result in results] == [True, False]


def test_bulk__records_of_one_request_are_not_compared(story: DataStory, rules: Deploy) -> None:
    """A duplicate stops only itself; two new records of one request are strangers to each other."""
    rules()
    story.saved("Contact", LastName="A", Email="a@b.example")
    addresses = ("b@b.example", "a@b.example", "b@b.example")
    results = story.org.insert(story.admin, [story.record("Contact", LastName="B", Email=email) for email in addresses])
    assert [result.success for result in results] == [True, False, True]


def test_flow__cannot_allow_duplicates(story: DataStory, rules: Deploy) -> None:
    """A flow's DML has no header: the duplicate fails the record that started it, whatever its own caller allowed."""
    rules()
    story.saved("Contact", LastName="A", Email="a@b.example")
    story.deploy(
        {
            "flows/Twin.flow": flow(
                "Twin", create("First", "Contact", {"LastName": text("B"), "Email": text("a@b.example")}), sobject="Sample__c"
            )
        }
    )
    (result,) = story.org.insert(story.admin, [story.record("Sample__c")], options=ALLOW)
    assert result.errors[0].code == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert f"DUPLICATES_DETECTED: {ALERT}" in result.errors[0].message


def test_merge_and_undelete__do_not_ask(story: DataStory, rules: Deploy) -> None:
    """Duplicate rules do not run when records are merged or undeleted."""
    first, second = story.all_saved([story.record("Contact", LastName=name, Email="a@b.example") for name in "AB"])
    rules(insert="Block", update="Block")
    story.org.merge(story.admin, "Contact", {"Id": first, "Email": "a@b.example"}, [second])
    assert story.org.delete(story.admin, [first])[0].success
    assert story.org.undelete(story.admin, [first])[0].success


UNSUPPORTED = [
    (duplicate(), {}, "no MatchingRule named Contact.Match found"),
    (duplicate(), {"Contact": matching(("Nope__c", "Exact", False))}, "no CustomField named Contact.Nope__c found"),
    (duplicate(), {"Contact": matching(("Email", "Exact", False), logic="1 AND")}, "The condition logic '1 AND' isn't valid."),
    (duplicate(target="Nope__c"), {}, "no CustomObject named Nope__c found"),
]


@pytest.mark.parametrize(("rule", "matches", "reason"), UNSUPPORTED, ids=[case[2] for case in UNSUPPORTED])
def test_unsupported__named(story: DataStory, rule: str, matches: dict[str, str], reason: str) -> None:
    """A rule that cannot be evaluated says why; no save passes it unseen."""
    files = {f"matchingRules/{name}.matchingRule": text.encode() for name, text in matches.items()}
    package = read_package({**files, "duplicateRules/Contact.Twins.duplicateRule": rule.encode()})
    components = {component.key: component for component in package.components}
    found = list(unsupported(components["DuplicateRule", "Contact.Twins"], components, story.org.metadata.schema))
    assert [message for _, message in found] == [reason]
