"""What the failure matrix is made of: stories, checks, and ways in which an org refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.automation.conftest import SENDER
from tests.automation.test_renewals import renewal
from tests.automation.world import World, text_of
from tooling.local_org.errors import error_class

RESPONSE = "Survey_Response__c"
Element = tuple[str, str]


@dataclass
class Scene:
    """Who is there, and what stories leave behind for the checks."""

    world: World
    account: str
    contact: str
    manager: str
    made: dict[str, str] = field(default_factory=dict)

    @property
    def response(self) -> str:
        return self.made["response"]


Step = Callable[[Scene], None]


@dataclass(frozen=True)
class Refusal:
    """A story, in the middle of which something refuses. `rules` are validation rules by object; `break_it` is any other way."""

    fails: tuple[Element, ...]
    story: Step
    check: Step
    rules: tuple[tuple[str, str], ...] = ()
    before: Step | None = None
    break_it: Step | None = None
    repair: Step | None = None
    trace: Step | None = None
    again: str = "retry"


# Stories -----------------------------------------------------------------------------------------------------------------------------


def detractor(scene: Scene) -> None:
    scene.made["response"] = scene.world.answer(3, scene.contact, Verbatim__c="We cancel.")


def parked(scene: Scene) -> None:
    scene.made["response"] = scene.world.answer(3, None, Verbatim__c="We cancel.")


def opted_out(scene: Scene) -> None:
    scene.world.update(scene.contact, HasOptedOutOfEmail=True)
    detractor(scene)


def revised(scene: Scene) -> None:
    scene.world.revise(scene.response, Score__c=2, Verbatim__c="We do cancel.")


def matched(scene: Scene) -> None:
    scene.world.update(scene.response, Contact__c=scene.contact, Account__c=scene.account, Match_Status__c="Resolved")
    scene.world.run()


def promoter(scene: Scene) -> None:
    scene.made["response"] = scene.world.answer(9, scene.contact)


def parked_promoter(scene: Scene) -> None:
    scene.made["response"] = scene.world.answer(9, None)


def soon(scene: Scene) -> None:
    scene.world.later(minutes=30)


def promoter_soon(scene: Scene) -> None:
    promoter(scene)
    soon(scene)


def closed_task(scene: Scene) -> None:
    scene.world.update(scene.world.task(scene.response)["Id"], Status="Completed")
    soon(scene)


def reopened_task(scene: Scene) -> None:
    scene.world.update(scene.world.task(scene.response)["Id"], Status="Not Started")
    soon(scene)


def both(*steps: Step) -> Step:
    def run(scene: Scene) -> None:
        for step in steps:
            step(scene)

    return run


# Checks ------------------------------------------------------------------------------------------------------------------------------


def all_done_once(scene: Scene) -> None:
    world = scene.world
    assert world.record(scene.response, "Automation_Status__c", "Automation_Error__c") == {
        "Automation_Status__c": "Done",
        "Automation_Error__c": None,
    }
    assert world.value(scene.response, "Automated_Revision__c") == world.value(scene.response, "Revision__c")
    assert len(world.tasks(scene.response)) == 1
    assert len(world.cases(scene.response)) == 1
    assert world.value(scene.response, "Case__c") == world.cases(scene.response)[0]["Id"]
    if world.value(scene.response, "Contact__c"):
        assert len(world.tasks(scene.response, "Timeline")) == 1
        assert len(world.emails()) == 1


def error_on_response(scene: Scene) -> None:
    state = scene.world.record(scene.response, "Automation_Status__c", "Automation_Error__c")
    assert state["Automation_Status__c"] == "Failed"
    assert state["Automation_Error__c"]


def dead_letter(code: str) -> Step:
    def check(scene: Scene) -> None:
        letters = [letter for letter in scene.world.dead_letters() if letter["Error_Code__c"] == code]
        assert len(letters) == 1, scene.world.dead_letters()
        assert letters[0]["Error_Message__c"]

    return check


def nothing_left(scene: Scene) -> None:
    """Even the dead letter was refused; the record that was saved is there."""
    assert scene.world.dead_letters() == []


def suppressed_once(scene: Scene) -> None:
    assert scene.world.value(scene.response, "Acknowledgement_Status__c") == "Suppressed"
    assert scene.world.value(scene.response, "Automation_Status__c") == "Done"
    assert scene.world.emails() == []


def waiting(scene: Scene) -> None:
    assert scene.world.value(scene.response, "Acknowledgement_Status__c") == "Waiting"
    assert scene.world.value(scene.response, "Automation_Status__c") == "Done"
    assert scene.world.emails() == []


def advocacy(status: str, emails: int) -> Step:
    def check(scene: Scene) -> None:
        assert scene.world.value(scene.response, "Advocacy_Status__c") == status
        assert len(scene.world.emails("ada@acme.example")) == emails

    return check


def follow_up(status: str) -> Step:
    def check(scene: Scene) -> None:
        state = scene.world.record(scene.response, "Follow_Up_Status__c", "Followed_Up_At__c")
        assert state["Follow_Up_Status__c"] == status
        assert (state["Followed_Up_At__c"] is not None) == (status == "Done")
        assert len(scene.world.tasks(scene.response)) == 1

    return check


def recalculated(scene: Scene) -> None:
    assert scene.world.value(scene.account, "NPS_Recalculated_At__c") is not None
    assert scene.world.value(scene.account, "NPS_Recalculation_Requested_At__c") is None


def renewed(status: str, emails: int) -> Step:
    def check(scene: Scene) -> None:
        assert scene.world.value(scene.made["opportunity"], "NPS_Renewal_Email_Status__c") == status
        assert len(scene.world.emails("ada@acme.example")) == emails

    return check


# Ways to refuse ----------------------------------------------------------------------------------------------------------------------


def unverified_sender(scene: Scene) -> None:
    """The address is there; it was changed and changed back, and its owner has not followed the link yet."""
    (address,) = scene.world.rows("SELECT Id FROM OrgWideEmailAddress")
    scene.world.update(address["Id"], Address="other@acme.example")
    scene.world.update(address["Id"], Address=SENDER)


def no_sender(scene: Scene) -> None:
    (address,) = scene.world.rows("SELECT Id FROM OrgWideEmailAddress")
    scene.world.update(address["Id"], Address="other@acme.example")


def sender_again(scene: Scene) -> None:
    (address,) = scene.world.rows("SELECT Id FROM OrgWideEmailAddress")
    scene.world.update(address["Id"], Address=SENDER)
    scene.world.org.verify_sender(SENDER)


def no_bell(scene: Scene) -> None:
    """The org refuses the notification for a reason of its own."""
    refused = error_class("UNKNOWN_EXCEPTION")("We can't send the notification now")
    scene.world.org.refuse_actions(lambda kind: refused if kind == "customNotificationAction" else None)


def bell_again(scene: Scene) -> None:
    scene.world.org.refuse_actions(lambda kind: None)


def queue_named(old: str, new: str) -> Step:
    def rename(scene: Scene) -> None:
        (queue,) = scene.world.rows(f"SELECT Id FROM Group WHERE DeveloperName = '{old}'")
        scene.world.update(queue["Id"], DeveloperName=new)

    return rename


def bell_named(old: str, new: str) -> Step:
    def rename(scene: Scene) -> None:
        (kind,) = scene.world.rows(f"SELECT Id FROM CustomNotificationType WHERE DeveloperName = '{old}'")
        scene.world.update(kind["Id"], DeveloperName=new)

    return rename


def users_active(active: bool) -> Step:
    def change(scene: Scene) -> None:
        desk = scene.world.org.user_named("desk@acme.example").id if not active else scene.made["desk"]
        scene.made["desk"] = desk
        owner = scene.world.user("Owner") if not active else scene.made["owner"]
        scene.made["owner"] = owner
        scene.world.update(scene.account, OwnerId=owner)
        for user in (desk, owner, scene.manager):
            scene.world.update(user, IsActive=active)

    return change


def required_field(required: bool) -> Step:
    def deploy(scene: Scene) -> None:
        content = (
            "<fields><fullName>Cost_Centre__c</fullName><label>Cost Centre</label><length>20</length>"
            f"<required>{str(required).lower()}</required><type>Text</type></fields>"
        )
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?><CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">{content}</CustomObject>'
        )
        members = "<types><members>Case.Cost_Centre__c</members><name>CustomField</name></types>"
        scene.world.deploy({"objects/Case.object": text.encode()}, members)

    return deploy


def lead_answer(scene: Scene) -> None:
    scene.made["lead"] = scene.world.add("Lead", LastName="Ng", Company="Firm")
    scene.made["response"] = scene.world.answer(8, None, Lead__c=scene.made["lead"])
    scene.world.later(minutes=10)


def conversion(scene: Scene) -> None:
    scene.world.convert(scene.made["lead"], account_id=scene.account)
    soon(scene)


def converted(scene: Scene) -> None:
    lead = scene.world.record(scene.made["lead"], "IsConverted", "ConvertedContactId")
    assert lead["IsConverted"] is True


def a_renewal(days: int, *, known: bool = True) -> Step:
    def make(scene: Scene) -> None:
        if known:
            scene.world.answer(9, scene.contact, Quiet__c=True)
            scene.world.recalculate(scene.account)
        scene.made["opportunity"] = renewal(scene.world, scene.account, days, scene.contact)

    return make


def its_day(scene: Scene) -> None:
    scene.world.later(days=2)


def open_case_elsewhere(scene: Scene) -> None:
    bob = scene.world.contact(scene.account, FirstName="Bob", Email="bob@acme.example")
    scene.made["other"] = scene.world.answer(6, bob, Verbatim__c="cancel")


def switched_off(scene: Scene) -> None:
    scene.world.switch_off(True)


def a_case(status: str) -> Step:
    def change(scene: Scene) -> None:
        scene.world.update(scene.world.cases(scene.response)[0]["Id"], Status=status)
        soon(scene)

    return change


def next_night(scene: Scene) -> None:
    scene.world.later(days=2)


def behind(scene: Scene) -> None:
    """Nothing is stamped: the parent is still behind, and whoever finds it behind asks again."""
    parent = scene.made.get("lead") or scene.account
    assert scene.world.value(parent, "NPS_Recalculated_At__c") is None


def due_tonight(sobject: str) -> Step:
    def make(scene: Scene) -> None:
        scene.made["lead"] = scene.world.add("Lead", LastName="Ng", Company="Firm")
        parent = {"Account": scene.account, "Contact": scene.contact, "Lead": scene.made["lead"]}[sobject]
        scene.made["parent"] = parent
        lookups = {"Account": {"Account__c": parent}, "Contact": {"Contact__c": parent}, "Lead": {"Lead__c": parent}}[sobject]
        scene.world.answer(8, None, Quiet__c=True, Responded_At__c="2025-09-04T12:00:00.000Z", **lookups)
        scene.world.recalculate(parent)
        assert scene.world.value(parent, "NPS_Next_Recalculation__c") == "2026-03-04"

    return make


def night_has_run(scene: Scene) -> None:
    assert scene.world.value(scene.made["parent"], "NPS_Average_Score__c") is None
    assert scene.world.value(scene.made["parent"], "NPS_Recalculation_Requested_At__c") is None


def noted_but_not_sent(scene: Scene) -> None:
    assert scene.world.value(scene.response, "Acknowledgement_Status__c") == "Sent"
    assert scene.world.value(scene.response, "Automation_Status__c") == "Done"
    assert scene.world.emails() == []


def late_promoter(scene: Scene) -> None:
    promoter_of = scene.world.answer(9, scene.contact, Responded_At__c=text_of(scene.world.org.now().replace(day=1, month=2)))
    scene.made["response"] = promoter_of
    scene.world.update(promoter_of, Quiet__c=False)
    soon(scene)


def refused_value(field_name: str, value: str) -> tuple[str, str]:
    """A rule of the response that refuses one value of a picklist."""
    return (RESPONSE, f'ISPICKVAL({field_name}, "{value}")')
