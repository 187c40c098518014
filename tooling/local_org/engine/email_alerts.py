"""Workflow e-mail alerts: who gets them, from the alert's recipients and the record, and what they say, from the template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..errors import NotFound, error_class
from ..flow.host import Email, Record
from ..schema.ids import to_18
from ..schema.types import SObject
from ..schema.xml import Node
from .email_templates import rendered
from .transaction import Transaction


def alert_email(tx: Transaction, full_name: str, record_id: str) -> Email:
    """The e-mail of the alert `Object.Alert_Name` for a record.

    Raises:
        OrgError: no such alert, record or template, or a kind of recipient that the local org does not know.
    """
    alert = tx.runtime.metadata.components.get(("WorkflowAlert", full_name))
    if alert is None:
        raise NotFound(f"We can't find the action with name {full_name} and type emailAlert")
    sobject, record = _record(tx, full_name, record_id)
    to = list(dict.fromkeys(address for node in alert.node.all("recipients") for address in _addresses(tx, sobject, record, node)))
    cc = tuple(node.text.strip() for node in alert.node.all("ccEmails") if node.text.strip())
    if not to and not cc:
        raise error_class("REQUIRED_FIELD_MISSING")(f"The email alert {full_name} has no recipient with an email address")
    template = _template(tx, alert.node.value("template") or "")
    recipient = next((record[name] for name in _people_fields(alert.node, sobject) if record.get(name)), None)
    text = rendered(tx, template, {"Recipient": recipient, "Related": record["Id"]})
    return Email(
        to=tuple(to), subject=text.subject, body=text.body, html=text.html,
        sender_type=alert.node.value("senderType") or "CurrentUser", sender_address=alert.node.value("senderAddress"),
        recipient_id=recipient, related_record_id=record["Id"], template_id=template["Id"], cc=cc,
    )  # fmt: skip


def _record(tx: Transaction, full_name: str, record_id: str) -> tuple[SObject, Record]:
    sobject = tx.runtime.metadata.schema.get(full_name.partition(".")[0])
    wanted = to_18(record_id)
    record = tx.reader.records(sobject, [wanted]).get(wanted) if sobject is not None else None
    if sobject is None or record is None:
        raise error_class("INVALID_CROSS_REFERENCE_KEY")(f"The email alert {full_name} has no record {record_id}")
    return sobject, record


def _template(tx: Transaction, name: str) -> Record:
    """By `Folder/Name`."""
    folder, _, developer_name = name.rpartition("/")
    sobject = tx.runtime.metadata.schema.get("EmailTemplate")
    found = tx.runtime.store.records.find(sobject, "DeveloperName", [developer_name]) if sobject is not None else []
    template = next((record for record in found if not folder or (record.get("FolderName") or "").lower() == folder.lower()), None)
    if template is None:
        raise NotFound(f"No EmailTemplate named {name} found")
    return template


def _people_fields(alert: Node, sobject: SObject) -> list[str]:
    """The lookups to contacts and leads among the recipients: whom the template calls the recipient."""
    named = [node.value("field") or "" for node in alert.all("recipients") if node.value("type") in ("contactLookup", "leadLookup")]
    return [field.name for name in named if (field := sobject.field(name.rpartition(".")[2])) is not None]


def _addresses(tx: Transaction, sobject: SObject, record: Record, node: Node) -> Iterable[str]:
    kind = node.value("type") or ""
    find = _RECIPIENTS.get(kind)
    if find is None:
        raise error_class("FUNCTIONALITY_NOT_ENABLED")(f"Recipients of the type {kind} are not supported by the local org's email alerts")
    return [address for address in find(tx, sobject, record, node) if address]


def _owner(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    return _of_users(tx, [record.get("OwnerId")])


def _creator(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    return _of_users(tx, [record.get("CreatedById")])


def _account_owner(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    accounts = tx.runtime.metadata.schema.get("Account")
    account_id = record.get("AccountId")
    account = tx.reader.records(accounts, [account_id]).get(account_id) if accounts is not None and account_id else None
    return _of_users(tx, [account.get("OwnerId")]) if account is not None else []


def _named_user(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    return _emails(tx, "User", "Username", [node.value("recipient")])


def _group(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    groups = tx.runtime.metadata.schema.get("Group")
    found = tx.runtime.store.records.find(groups, "DeveloperName", [node.value("recipient")]) if groups is not None else []
    return _of_users(tx, [group["Id"] for group in found])


def _field_email(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    field = sobject.field((node.value("field") or "").rpartition(".")[2])
    return [record[field.name]] if field is not None and record.get(field.name) else []


def _looked_up(tx: Transaction, sobject: SObject, record: Record, node: Node) -> list[str]:
    field = sobject.field((node.value("field") or "").rpartition(".")[2])
    record_id = record.get(field.name) if field is not None else None
    parent = tx.runtime.metadata.schema.of_id(record_id) if record_id else None
    if parent is None:
        return []
    return _of_users(tx, [record_id]) if parent.name in ("User", "Group") else _emails(tx, parent.name, "Id", [record_id])


def _of_users(tx: Transaction, ids: Iterable[str | None]) -> list[str]:
    """Addresses of users; of a group or queue its own, and those of its members where it has none or shares."""
    addresses: list[str] = []
    for record_id in ids:
        sobject = tx.runtime.metadata.schema.of_id(record_id) if record_id else None
        if sobject is None or record_id is None:
            continue
        if sobject.name != "Group":
            addresses += _emails(tx, "User", "Id", [record_id])
            continue
        group = tx.runtime.store.records.read(sobject, [record_id]).get(record_id) or {}
        addresses += [group["Email"]] if group.get("Email") else []
        if not group.get("Email") or group.get("DoesSendEmailToMembers"):
            members = tx.runtime.metadata.schema.get("GroupMember")
            found = tx.runtime.store.records.find(members, "GroupId", [record_id]) if members is not None else []
            addresses += _of_users(tx, [member.get("UserOrGroupId") for member in found])
    return addresses


def _emails(tx: Transaction, name: str, key: str, values: Iterable[str | None]) -> list[str]:
    sobject = tx.runtime.metadata.schema.get(name)
    if sobject is None or sobject.field("Email") is None:
        return []
    found = tx.runtime.store.records.find(sobject, key, [value for value in values if value])
    return [record["Email"] for record in found if record.get("Email")]


Find = Callable[[Transaction, SObject, Record, Node], list[str]]

_RECIPIENTS: Mapping[str, Find] = {
    "owner": _owner,
    "creator": _creator,
    "accountOwner": _account_owner,
    "user": _named_user,
    "group": _group,
    "email": _field_email,
    "userLookup": _looked_up,
    "contactLookup": _looked_up,
    "leadLookup": _looked_up,
}
"""Kinds of ActionEmailRecipient that the local org knows, and how each finds its addresses."""
