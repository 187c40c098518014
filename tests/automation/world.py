"""An org with our metadata, in the words of the stories: people, answers, tasks, Cases, e-mails. Driven through its API and clock only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

from tooling.local_org.engine.org import DeployOptions, LeadConvert, Org, SaveResult, User

START = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""A Monday, nine o'clock in the morning in Los Angeles, where the org is."""
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


class World:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.admin: User = org.user_named("admin@local.example")
        self._numbers = count(1)

    # Reading

    def rows(self, soql: str) -> list[dict[str, Any]]:
        return [{name: value for name, value in row.items() if name != "attributes"} for row in self.org.query(None, soql).records]

    def row(self, soql: str) -> dict[str, Any]:
        (found,) = self.rows(soql)
        return found

    def record(self, record_id: str, *fields: str) -> dict[str, Any]:
        (found,) = self.org.retrieve(None, self.object_of(record_id), [record_id], fields)
        assert found is not None
        return {name: value for name, value in found.items() if name in fields}

    def value(self, record_id: str, field: str) -> Any:
        return self.record(record_id, field)[field]

    def object_of(self, record_id: str) -> str:
        found = self.org.metadata.schema.of_id(record_id)
        assert found is not None
        return found.name

    def tasks(self, response: str, kind: str = "Follow-up") -> list[dict[str, Any]]:
        fields = "Id, Subject, Description, OwnerId, WhoId, WhatId, Status, Priority, ActivityDate, IsReminderSet, ReminderDateTime"
        return self.rows(f"SELECT {fields} FROM Task WHERE NPS_Response__c = '{response}' AND NPS_Kind__c = '{kind}'")

    def task(self, response: str, kind: str = "Follow-up") -> dict[str, Any]:
        (found,) = self.tasks(response, kind)
        return found

    def cases(self, response: str) -> list[dict[str, Any]]:
        fields = "Id, Subject, Type, Priority, Status, Origin, Owner.Name, ContactId, AccountId, SuppliedName, SuppliedEmail, Description"
        return self.rows(f"SELECT {fields} FROM Case WHERE NPS_Response__c = '{response}'")

    def emails(self, to: str | None = None) -> list[dict[str, Any]]:
        return [email for email in self.org.emails() if to is None or to in email["to"]]

    def dead_letters(self) -> list[dict[str, Any]]:
        return self.rows("SELECT Error_Code__c, Error_Message__c, Survey_Response__c FROM NPS_Dead_Letter__c ORDER BY Id")

    # Writing

    def insert(self, sobject: str, *records: Mapping[str, Any]) -> list[str]:
        saved = self.org.insert(self.admin, [{"attributes": {"type": sobject}, **record} for record in records])
        return [_id(one) for one in saved]

    def insert_all(self, sobject: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Any number of records, in requests of 200."""
        remaining = iter(records)
        return [record_id for chunk in iter(lambda: list(islice(remaining, 200)), []) for record_id in self.insert(sobject, *chunk)]

    def add(self, sobject: str, **values: Any) -> str:
        (record_id,) = self.insert(sobject, values)
        return record_id

    def update(self, record_id: str, **values: Any) -> None:
        self.update_all([{"Id": record_id, **values}])

    def update_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        saved = self.org.update(self.admin, [{"attributes": {"type": self.object_of(record["Id"])}, **record} for record in records])
        for one in saved:
            _id(one)

    def user(self, name: str, *, active: bool = True) -> str:
        """A user; the profile is any."""
        profile = self.rows("SELECT Id FROM Profile WHERE Name = 'Standard User'")[0]["Id"]
        login = f"{name.lower()}@acme.example"
        return self.add(
            "User", Username=login, Email=login, LastName=name, Alias=name[:8].lower(), ProfileId=profile, IsActive=active,
            TimeZoneSidKey="America/Los_Angeles", LocaleSidKey="en_US", EmailEncodingKey="UTF-8", LanguageLocaleKey="en_US",
        )  # fmt: skip

    def account(self, name: str = "Acme", **values: Any) -> str:
        return self.add("Account", Name=name, **values)

    def contact(self, account: str | None = None, **values: Any) -> str:
        return self.add("Contact", **{"FirstName": "Ada", "LastName": "Byron", "Email": "ada@acme.example", "AccountId": account, **values})

    def answer(self, score: int | None, contact: str | None = None, **values: Any) -> str:
        """A response as the bridge inserts it; for a Contact it gets the Contact's Account."""
        (record_id,) = self.insert("Survey_Response__c", self.answer_values(score, contact, **values))
        self.run()
        return record_id

    def answer_values(self, score: int | None, contact: str | None = None, **values: Any) -> dict[str, Any]:
        number = next(self._numbers)
        account = self.value(contact, "AccountId") if contact and "Account__c" not in values else None
        return {
            "Response_Key__c": f"promoter_io:{number}",
            "Source__c": "promoter_io",
            "Source_Response_Id__c": str(number),
            "Revision__c": 1,
            "Outcome__c": "Answered",
            "Score__c": score,
            "Responded_At__c": text_of(self.org.now() - timedelta(minutes=5)),
            "Respondent_Email__c": "ada@acme.example",
            "Respondent_Name__c": "Ada Byron",
            "Contact__c": contact,
            "Account__c": account,
            "Match_Status__c": "Matched" if contact or values.get("Lead__c") else "Unmatched",
            **values,
        }

    def revise(self, response: str, **values: Any) -> None:
        """The next revision, as the bridge writes it."""
        self.update(response, Revision__c=self.value(response, "Revision__c") + 1, **values)
        self.run()

    def retry(self, response: str) -> None:
        """What an admin does."""
        self.update(response, Automation_Retry__c=True)
        self.run()

    def recalculate(self, *parents: str) -> None:
        """What the bridge does once its rows are confirmed."""
        self.update_all([{"Id": parent, "NPS_Recalculate__c": True} for parent in parents])
        self.run()

    def switch_off(self, off: bool) -> None:
        found = self.rows("SELECT Id FROM NPS_Settings__c")
        if found:
            self.update(found[0]["Id"], Automation_Off__c=off)
        else:
            self.add("NPS_Settings__c", SetupOwnerId=self.org.id, Automation_Off__c=off)

    def convert(self, lead: str, **wanted: Any) -> Any:
        converted = self.org.convert_lead(self.admin, LeadConvert(lead_id=lead, converted_status="Closed - Converted", **wanted))
        self.run()
        return converted

    def sender(self, address: str, **values: Any) -> str:
        """An organisation-wide address, verified by its owner's click."""
        record_id = self.add("OrgWideEmailAddress", **{"Address": address, "DisplayName": "Us", "IsAllowAllProfiles": True, **values})
        self.org.verify_sender(address)
        return record_id

    def is_sandbox(self) -> None:
        self.org.settings = replace(self.org.settings, sandbox=True)

    # Time

    def run(self) -> None:
        self.org.run_async()

    def later(self, **span: float) -> None:
        self.org.advance(timedelta(**span))

    def until_the_sweep(self) -> None:
        """The next day: the sweep runs at three in the morning."""
        self.later(hours=24)

    # An org that refuses

    def rule(self, sobject: str, formula: str, name: str = "Customers_Rule", *, active: bool = True) -> None:
        """A customer's validation rule, which refuses what the formula is true for."""
        rule = (
            f"<validationRules><fullName>{name}</fullName><active>{str(active).lower()}</active>"
            f"<errorConditionFormula><![CDATA[{formula}]]></errorConditionFormula><errorMessage>We do not want this</errorMessage>"
            "</validationRules>"
        )
        package = f"<types><members>{sobject}.{name}</members><name>ValidationRule</name></types>"
        self.deploy({f"objects/{sobject}.object": _document("CustomObject", rule)}, package)

    def no_rule(self, sobject: str, name: str = "Customers_Rule") -> None:
        self.rule(sobject, "FALSE", name, active=False)

    def deploy(self, files: Mapping[str, bytes], members: str) -> None:
        package = _document("Package", f"{members}<version>66.0</version>")
        result = self.org.deploy(self.admin, {"package.xml": package, **files}, DeployOptions())
        assert result.success, [failure.problem for failure in result.failures]

    def limits_are_kept(self) -> None:
        assert self.org.usage()["limitsReached"] == []


def _document(root: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{_NAMESPACE}">{content}</{root}>'.encode()


def _id(saved: SaveResult) -> str:
    assert saved.success, saved.errors
    return str(saved.id)


def text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("+0000", "+00:00").replace("Z", "+00:00"))
