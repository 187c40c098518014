"""Actions: e-mail, e-mail alert and custom notification. Every other type is refused at deploy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import LimitExceeded, OrgError
from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Read
from ..host import Email, Notification, SendsEmailAlerts
from ..model import ActionCall
from ..program.expressions import Expressions
from ..text import plain
from .data import DataStep

INPUTS: dict[str, frozenset[str]] = {
    "emailSimple": frozenset(
        {"emailAddresses", "emailAddressesArray", "emailSubject", "emailBody", "senderType", "senderAddress", "recipientId"}
        | {"relatedRecordId", "sendRichBody", "logEmailOnSend", "useEmailTemplate", "emailTemplateId", "bccRecipientAddressList"}
        | {"ccRecipientAddressList", "recipientAddresses", "addThreadingTokenToBody", "addThreadingTokenToSubject", "useLineBreaks"}
    ),
    "emailAlert": frozenset({"SObjectRowId"}),
    "customNotificationAction": frozenset({"customNotifTypeId", "recipientIds", "title", "body", "targetId", "senderId"}),
}
"""The action types that run here, and their inputs."""

REQUIRED_INPUTS: dict[str, tuple[str, ...]] = {
    "emailSimple": (),
    "emailAlert": ("SObjectRowId",),
    "customNotificationAction": ("customNotifTypeId", "recipientIds", "title", "body"),
}

Perform = Callable[[Frame, Mapping[str, Any]], OrgError | None]


class ActionStep(DataStep):
    kind = "ActionCall"
    cost = costs.ELEMENT + costs.ACTION
    __slots__ = ("_action", "_inputs", "_perform", "_type")

    def __init__(self, node: ActionCall, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._type = node.action_type
        self._action = node.action_name
        self._inputs: list[tuple[str, Read]] = [(p.name, expressions.value(p.value).read) for p in node.input_parameters]
        self._perform: Perform = {
            "emailSimple": _send_email,
            "emailAlert": self._send_alert,
            "customNotificationAction": _notify,
        }[node.action_type]

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        return [self._one(frame) for frame in frames]

    def _one(self, frame: Frame) -> str | None:
        try:
            inputs = {name: read(frame) for name, read in self._inputs}
            error = self._perform(frame, inputs)
        except FlowFault as fault:
            return str(fault)
        except LimitExceeded:
            raise
        except OrgError as raised:
            error = raised
        if frame.interview.trace is not None:
            frame.interview.trace.note(action=self._action, inputs=inputs)
        return None if error is None else f"An error occurred when the flow tried to run the action {self._action}: {error}"

    def _send_alert(self, frame: Frame, inputs: Mapping[str, Any]) -> OrgError | None:
        host = frame.host
        if not isinstance(host, SendsEmailAlerts):
            raise FlowFault(f"Email alerts are not supported by this org: {self._action}")
        return host.send_email_alert(self._action, plain(inputs.get("SObjectRowId")))


def _send_email(frame: Frame, inputs: Mapping[str, Any]) -> OrgError | None:
    to = [address for name in ("emailAddresses", "emailAddressesArray", "recipientAddresses") for address in _addresses(inputs.get(name))]
    recipient = inputs.get("recipientId")
    if not to and not recipient:
        raise FlowFault(_missing("Send Email", "emailAddresses, emailAddressesArray or recipientId"))
    template = inputs.get("emailTemplateId") if inputs.get("useEmailTemplate") is not False else None
    if template is None and not inputs.get("emailSubject"):
        raise FlowFault(_missing("Send Email", "emailSubject"))
    if template is None and not inputs.get("emailBody"):
        raise FlowFault(_missing("Send Email", "emailBody"))
    return frame.host.send_email(
        Email(
            to=tuple(to),
            subject=plain(inputs.get("emailSubject")),
            body=plain(inputs.get("emailBody")),
            html=bool(inputs.get("sendRichBody")),
            sender_type=plain(inputs.get("senderType")) or "CurrentUser",
            sender_address=inputs.get("senderAddress"),
            recipient_id=recipient,
            related_record_id=inputs.get("relatedRecordId"),
            log_on_send=bool(inputs.get("logEmailOnSend")),
            template_id=template,
            cc=tuple(_addresses(inputs.get("ccRecipientAddressList"))),
            bcc=tuple(_addresses(inputs.get("bccRecipientAddressList"))),
        )
    )


def _notify(frame: Frame, inputs: Mapping[str, Any]) -> OrgError | None:
    for name in REQUIRED_INPUTS["customNotificationAction"]:
        if not inputs.get(name):
            raise FlowFault(_missing("Send Custom Notification", name))
    recipients = inputs["recipientIds"]
    return frame.host.notify(
        Notification(
            type_id=plain(inputs["customNotifTypeId"]),
            recipient_ids=tuple(plain(item) for item in (recipients if isinstance(recipients, list) else [recipients])),
            title=plain(inputs["title"]),
            body=plain(inputs["body"]),
            target_id=inputs.get("targetId"),
        )
    )


def _addresses(value: Any) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list) else plain(value).replace(";", ",").split(",")
    return [plain(item).strip() for item in items if item is not None and plain(item).strip()]


def _missing(action: str, name: str) -> str:
    return f'Missing required input parameter for the action "{action}": {name}'
