"""$-globals in validation rules and flows: custom settings, permissions, the running user."""

from __future__ import annotations

from .conftest import Story
from .metadata import ALL_ACCESS, HEAD, NAMESPACE, RESPONSE

SETTING = f"""{HEAD}<CustomObject xmlns="{NAMESPACE}"><customSettingsType>Hierarchy</customSettingsType>
<fields><fullName>Off__c</fullName><defaultValue>false</defaultValue><label>Off</label><type>Checkbox</type></fields>
<label>Switches</label><visibility>Public</visibility></CustomObject>"""
PERMISSION = f"""{HEAD}<CustomPermission xmlns="{NAMESPACE}"><isLicensed>false</isLicensed><label>Maintenance</label></CustomPermission>"""


def _rule(name: str, condition: str, message: str) -> str:
    return (
        f"<validationRules><fullName>{name}</fullName><active>true</active><errorConditionFormula>{condition}</errorConditionFormula>"
        f"<errorMessage>{message}</errorMessage></validationRules>"
    )


def test_setup__absent_record_is_false(story: Story) -> None:
    """Without a record a hierarchy setting's checkbox is false; the organization's record counts, the user's own counts more."""
    rule = _rule("Switched_Off", "$Setup.Switches__c.Off__c", "Switched off.")
    story.deploy({"objects/Switches__c.object": SETTING})
    story.deploy({"objects/Response__c.object": RESPONSE.replace("</CustomObject>", rule + "</CustomObject>")})
    assert story.saved("Response__c", Key__c="1")
    story.saved("Switches__c", SetupOwnerId=story.org.id, Off__c=True)
    assert story.refusal(story.response(Key__c="2"))[1] == "Switched off."
    story.saved("Switches__c", SetupOwnerId=story.admin.id, Off__c=False)
    assert story.saved("Response__c", Key__c="2")


def test_permission__granted_by_permission_set(story: Story) -> None:
    """A custom permission exempts whoever has it through a permission set, administrators included."""
    rule = _rule("Maintainers_Only", 'AND(Note__c = "m", NOT($Permission.Maintenance))', "Maintainers only.")
    story.deploy({"customPermissions/Maintenance.customPermission": PERMISSION})
    story.deploy({"objects/Response__c.object": RESPONSE.replace("</CustomObject>", rule + "</CustomObject>")})
    assert story.refusal(story.response(Note__c="m"))[1] == "Maintainers only."
    granted = "<customPermissions><enabled>true</enabled><name>Maintenance</name></customPermissions><fieldPermissions>"
    story.deploy({"permissionsets/All_Access.permissionset": ALL_ACCESS.replace("<fieldPermissions>", granted, 1)})
    assert story.saved("Response__c", Note__c="m")


def test_user__and_profile(story: Story) -> None:
    """The running user and the profile are there."""
    rule = _rule(
        "Not_Admin", 'AND(Note__c = "a", $User.Username = "admin@local.example", $Profile.Name = "System Administrator")', "Admin."
    )
    story.deploy({"objects/Response__c.object": RESPONSE.replace("</CustomObject>", rule + "</CustomObject>")})
    assert story.refusal(story.response(Note__c="a"))[1] == "Admin."
