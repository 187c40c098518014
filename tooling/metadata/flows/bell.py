"""The bell: a notification in Salesforce to one user."""

from __future__ import annotations

from tooling.metadata.flows.elements import Action, Assign, Assignment, Condition, Decision, Element, Filter, Get, Rule
from tooling.metadata.flows.resources import Resource, Variable
from tooling.metadata.flows.values import FALSE, Value, literal, ref
from tooling.metadata.settings import FOLLOW_UP_NOTIFICATION

__all__ = ["FOLLOW_UP_NOTIFICATION", "ring", "ring_resources"]


def ring(
    name: str, first: str, when: Condition, user: str, *, title: str, body: str, target: Value, then: str | None, fault: str
) -> tuple[Element, ...]:
    """Elements from `first` on: asks the condition, finds the notification type, rings for the user of a text variable.

    `No_Bell` is the flow's own: where it goes on when there is no such notification type.
    """
    return (
        Decision(
            first,
            "Does it ring?",
            "Only for somebody who is to hear of it now.",
            (Rule(f"{name}_Now", "Yes", (when,), f"{name}_Type"),),
            then,
            "No",
        ),
        Get(
            f"{name}_Type",
            "Notification type",
            "An org gives it an id of its own: it is found by its name.",
            "CustomNotificationType",
            (Filter("DeveloperName", "EqualTo", literal(FOLLOW_UP_NOTIFICATION)),),
            ("DeveloperName", "Id"),
            then=f"Is_{name}_Type_There",
            fault=fault,
        ),
        Decision(
            f"Is_{name}_Type_There",
            "Is there such a type?",
            "Without it nobody can be notified.",
            (Rule(f"{name}_Type_Found", "Yes", (Condition(f"{name}_Type", "IsNull", FALSE),), f"{name}_Whom"),),
            "No_Bell",
            "No",
        ),
        Assignment(
            f"{name}_Whom",
            "Whom to notify",
            "The action takes a collection.",
            (Assign(f"{name}Users", ref(user), "Add"),),
            name,
        ),
        Action(
            name,
            "Notify",
            "The bell in Salesforce, and the mobile app.",
            "customNotificationAction",
            (
                ("body", ref(body)),
                ("customNotifTypeId", ref(f"{name}_Type.Id")),
                ("recipientIds", ref(f"{name}Users")),
                ("targetId", target),
                ("title", ref(title)),
            ),
            then,
            fault,
        ),
    )


def ring_resources(name: str) -> tuple[Resource, ...]:
    return (Variable(f"{name}Users", "String", "Who is notified.", collection=True),)
