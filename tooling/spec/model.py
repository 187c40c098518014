"""The mapping spec as a value: one frozen class per section, attribute names as in `nps.yml`, everything with a default.

A key that is a word of Python's carries an underscore here: `else` is `else_`, `from` is `from_`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from tooling.spec.emails import Emails
from tooling.spec.escalation import CaseValues, Escalation
from tooling.spec.follow_up import FollowUp
from tooling.spec.opportunities import Guidance, Pages, Renewal
from tooling.spec.routes import Route
from tooling.spec.section import Section
from tooling.spec.values import AccountField, Campaigns, Duration, FieldName, Name

Weight = Annotated[int, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]


class Org(Section):
    api_version: Annotated[str, Field(pattern=r"^\d{2,3}\.0$")] = "66.0"
    """The Metadata API version of the generated source, in quotes."""
    success_manager: AccountField = "Account.NPS_Success_Manager__c"
    """The lookup to User that names an Account's customer success manager. Ours is made unless another field is named."""
    tier: AccountField = "Account.NPS_Tier__c"
    """The picklist that holds an Account's tier. Ours is made unless another field is named."""
    ledger_sharing: Literal["Private", "Read", "ReadWrite"] = "ReadWrite"
    """Who sees survey responses, and with NPS_User may fill in their follow-up. What else nobody edits, field-level security says."""
    """Organisation-wide default of survey responses."""


class PromoterIo(Section):
    campaigns: Campaigns = "all"
    """all, or a list of campaign ids."""
    survey_type: Literal["relationship", "transactional"] = "relationship"
    """What the surveys of these campaigns are about: the company as a whole, or one event."""
    poll_overlap: Duration = timedelta(days=2)
    """How far before the bookmark each run reads again."""
    reread: Duration = timedelta(days=30)
    """Within this time every older response is read once more, so that late edits and removals are seen."""


class FileColumns(Section):
    """Which column of the file holds what. Only id and score are needed; what is not named is not read."""

    id: Text = "id"
    score: Text = "score"
    verbatim: Text | None = None
    email: Text | None = None
    user_id: Text | None = None
    company_id: Text | None = None
    salesforce_id: Text | None = None
    """The id of a Contact or Lead."""
    first_name: Text | None = None
    last_name: Text | None = None
    outcome: Text | None = None
    survey_name: Text | None = None
    campaign_id: Text | None = None
    channel: Text | None = None
    language: Text | None = None
    tags: Text | None = None
    """Several tags in one cell are separated by commas."""
    sent_at: Text | None = None
    responded_at: Text | None = None
    modified_at: Text | None = None
    attributes: dict[Text, Text] = Field(default={})
    """Attribute → column: further data, for routes."""


def _date_format(value: str) -> str:
    known = datetime(2026, 3, 4, 15, 16, 17)
    hint = "write it with the directives of Python's strptime, for example %d.%m.%Y or %m/%d/%Y %H:%M"
    try:
        read = datetime.strptime(known.strftime(value), value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no date format ({error}); {hint}") from None
    if read.date() != known.date():
        raise ValueError(f"{value!r} does not tell year, month and day; {hint}")
    return value


DateFormat = Annotated[str, AfterValidator(_date_format), WithJsonSchema({"type": "string"})]


class FileSource(Section):
    path: Text
    """A file, or a pattern such as datasets/*.csv, relative to the spec."""
    format: Literal["csv", "json_lines"] = "csv"
    name: Name = "file"
    """What the responses' keys and Source field say. Two files may share a name if their response ids never collide."""
    survey_type: Literal["relationship", "transactional"] = "relationship"
    date_format: DateFormat | None = None
    """How the file writes dates, for example %d.%m.%Y: the directives of Python's strptime, UTC without %z. Default: ISO 8601."""
    columns: FileColumns = FileColumns()


class Sources(Section):
    promoter_io: PromoterIo | None = None
    files: tuple[FileSource, ...] = ()


class UserIdRule(Section):
    by: Literal["user_id"] = "user_id"
    field: FieldName = "NPS_User_Id__c"
    """The field of Contact and Lead that holds the product's user id."""


class EmailRule(Section):
    by: Literal["email"] = "email"
    fields: Annotated[tuple[FieldName, ...], Field(min_length=1)] = ("Email",)
    """The e-mail fields of Contact and Lead. A field that only one of the two has is used there."""
    also_without: tuple[Literal["plus_tag", "dots"], ...] = ()
    """If nobody has the respondent's address: look for it also without +tag, or without the dots, before the @."""


class SalesforceIdRule(Section):
    by: Literal["salesforce_id"] = "salesforce_id"
    """The id of a Contact or Lead that the survey carried. A merged or converted record is followed."""


PersonRule = Annotated[UserIdRule | SalesforceIdRule | EmailRule, Field(discriminator="by")]


CLAIMED_EMAIL, CLAIMED_USER_ID = ("Email",), "NPS_User_Id__c"
"""What flows can claim by: fields that are surely on Contact and Lead."""


class AccountRule(Section):
    by: Literal["company_id"] = "company_id"
    field: FieldName = "NPS_Company_Id__c"
    """The field of Account that holds the survey tool's company id."""
    else_: Annotated[Literal["contact_account"], Field(alias="else")] = "contact_account"
    """Without a company id that is found: the matched Contact's own Account."""


TieBreaker = Literal["contact_over_lead", "same_account", "open_opportunity", "most_recent_activity"]


class Match(Section):
    people: tuple[PersonRule, ...] = (UserIdRule(), EmailRule())
    """In order; the first rule that finds exactly one person wins."""
    prefer: tuple[TieBreaker, ...] = ("contact_over_lead",)
    """Tie-breakers among several, in order; without a winner the response is parked as ambiguous."""
    account: AccountRule = AccountRule()
    on_missing: Literal["park", "create_lead", "create_contact"] = "park"
    """What becomes of a respondent nobody knows. A Contact is made only under an Account that the company id names."""
    claim: Literal["sync", "flow"] = "sync"
    """Who gives an unmatched response to a Contact or Lead that gets its address or user id later: the next sync, or flows at once."""


class Trend(Section):
    threshold: Annotated[int, Field(ge=1, le=200)] = 15
    """NPS points between the two halves of the window from which an Account counts as improving or declining."""


class Rollup(Section):
    window: Duration = timedelta(days=180)
    """How far back the rolling average, the Net Promoter Score and the trend look."""
    history: Duration = timedelta(days=730)
    """How far back responses are read at all."""
    min_responses: Annotated[int, Field(ge=1, le=1000)] = 3
    """Fewer people than this say nothing about a company's trend."""
    trend: Trend = Trend()


class NpsAverage(Section):
    weight: Weight = 40


class TrendScore(Section):
    weight: Weight = 15


class OpenEscalations(Section):
    weight: Weight = 25
    per_case: Annotated[int, Field(ge=1, le=100)] = 25
    """Points that each open escalation costs."""


class Recency(Section):
    weight: Weight = 20
    full_until: Duration = timedelta(days=90)
    """A latest answer not older than this scores 100."""
    zero_at: Duration = timedelta(days=365)
    """A latest answer this old scores 0; in between the score falls evenly."""


class Component(Section):
    """A numeric field of the Account as a part of the health score."""

    field: AccountField
    from_: Annotated[float, Field(alias="from")] = 0
    """The field's value that scores 0. May be above `to`: then less is better."""
    to: float = 100
    """The field's value that scores 100."""
    weight: Weight = 0
    percent: bool = False
    """The field is of type Percent: a formula sees 50 % as 0.5."""


class Bands(Section):
    green: Annotated[int, Field(ge=0, le=100)] = 70
    yellow: Annotated[int, Field(ge=0, le=100)] = 40


class HealthScore(Section):
    nps_average: NpsAverage = NpsAverage()
    trend: TrendScore = TrendScore()
    open_escalations: OpenEscalations = OpenEscalations()
    recency: Recency = Recency()
    components: dict[Name, Component] = Field(default={})
    bands: Bands = Bands()


class TaskStatus(Section):
    open: Text = "Not Started"
    """The value of Task.Status that a new follow-up starts with."""
    closed: Text = "Completed"
    """The value of Task.Status that means done."""


class Budget(Section):
    daily_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The share of the day's API calls that all runs of the bridge may use together (UTC days). Then it stops, and goes on tomorrow."""
    reserve: Annotated[int, Field(ge=0)] = 5000
    """API calls that are always left to others."""
    bulk_from: Annotated[int, Field(ge=1)] = 2000
    """From this number of rows on, the Bulk API is used."""


class Spec(Section):
    """The whole of `nps.yml`."""

    version: Literal[1] = 1
    org: Org = Org()
    sources: Sources = Sources()
    match: Match = Match()
    routes: tuple[Route, ...] = ()
    rollup: Rollup = Rollup()
    health_score: HealthScore = HealthScore()
    follow_up: FollowUp = FollowUp()
    escalation: Escalation | None = None
    """Without it, no answer opens a Case."""
    case: CaseValues = CaseValues()
    emails: Emails | None = None
    """Without it, nothing is sent to customers."""
    renewal: Renewal = Renewal()
    guidance: Guidance = Guidance()
    pages: Pages = Field(default={})
    """The customer's own page layouts that `cci task run nps_pages` adds an NPS section to."""
    labels: dict[str, Annotated[str, Field(min_length=1, max_length=40)]] = Field(default={})
    """Other labels for our fields, for example `Survey_Response__c.Score__c: Rating`."""
    task: TaskStatus = TaskStatus()
    budget: Budget = Budget()

    def fingerprint(self) -> str:
        """64 hexadecimal digits that change when the meaning of the spec does; comments and layout do not count."""
        return hashlib.sha256(self.model_dump_json(by_alias=True, exclude_defaults=True).encode()).hexdigest()
