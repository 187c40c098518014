"""Who an e-mail may be from: the running user, the default workflow user, or an organisation-wide address that its owner has verified.

Facts: Actions Developer Guide, "Simple Email Actions"; Salesforce Help, "Send Email Action", "Process Automation Settings" and
"Considerations for Using Organization-Wide Email Addresses".
"""

from __future__ import annotations

from ..errors import NotFound, OrgError, error_class
from ..flow.host import Email
from ..schema.types import Schema
from ..store import Store
from .stamps import AUTOMATED_PROCESS_ID
from .transaction import Transaction

_INVALID = error_class("INVALID_EMAIL_ADDRESS")


def refused_sender(tx: Transaction, email: Email, *, profiles: bool = True) -> OrgError | None:
    """Why the e-mail cannot leave, None when it can. `profiles` asks whether the running user's profile may use the address, too."""
    match email.sender_type:
        case "CurrentUser":
            if tx.user.id != AUTOMATED_PROCESS_ID:
                return None
            # "By default, no email address is set for the Automated Process User." Salesforce Help, "Process Automation Settings".
            return _INVALID(
                "The Automated Process user has no email address to send from: set senderType to OrgWideEmailAddress, and senderAddress"
            )
        case "DefaultWorkflowUser":
            return None
        case "OrgWideEmailAddress":
            return _refused_address(tx, email.sender_address or "", profiles=profiles)
        case other:
            return error_class("INVALID_INPUT")(f"senderType takes CurrentUser, DefaultWorkflowUser or OrgWideEmailAddress, not {other}")


def verify_sender(store: Store, schema: Schema, address: str) -> None:
    """What the owner of an organisation-wide address does with the link that was sent there.

    Raises:
        NotFound: no such organisation-wide address.
    """
    sobject = schema["OrgWideEmailAddress"]
    found = store.records.find(sobject, "Address", [address], ["Id"])
    if not found:
        raise NotFound(f"There is no OrgWideEmailAddress with the address '{address}': insert it first")
    with store.transaction():
        store.records.update(sobject, [(record["Id"], {"IsVerified": True}) for record in found])


def _refused_address(tx: Transaction, address: str, *, profiles: bool) -> OrgError | None:
    if not address:
        return error_class("REQUIRED_FIELD_MISSING")("senderAddress is required when senderType is OrgWideEmailAddress")
    found = tx.runtime.store.records.find(tx.runtime.metadata.schema["OrgWideEmailAddress"], "Address", [address])
    verified = [record for record in found if record.get("IsVerified")]
    if not verified:
        return _INVALID(f"The organization-wide email address isn't valid or verified: {address}")
    if profiles and not any(record.get("IsAllowAllProfiles") for record in verified):
        return error_class("INSUFFICIENT_ACCESS_OR_READONLY")("Not profiled to access this Org-wide Email Address")
    return None
