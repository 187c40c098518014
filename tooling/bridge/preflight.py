"""Before anything is read or written: is our metadata in the org, and may this user do what the bridge does?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tooling.bridge.dead_letters import DEAD_LETTER
from tooling.bridge.ledger import RESPONSE, REVISION
from tooling.bridge.matching import rule_fields
from tooling.bridge.route_preflight import missing_of_routes
from tooling.bridge.runs import RUN
from tooling.errors import UsageError
from tooling.salesforce.org import ObjectDescribe, TargetOrg
from tooling.spec.model import Spec
from tooling.spec.objects.people import MADE_FOR
from tooling.spec.objects.running import DEAD_LETTER as DEAD_LETTER_SPEC
from tooling.spec.objects.running import SYNC_RUN
from tooling.spec.objects.survey_response import SURVEY_RESPONSE
from tooling.spec.objects.survey_response_revision import SURVEY_RESPONSE_REVISION
from tooling.spec.objects.types import ObjectSpec, Writer

OURS: Mapping[str, ObjectSpec] = {
    RESPONSE: SURVEY_RESPONSE,
    REVISION: SURVEY_RESPONSE_REVISION,
    RUN: SYNC_RUN,
    DEAD_LETTER: DEAD_LETTER_SPEC,
}
PARENTS = ("Contact", "Lead", "Account")
MOST_NAMED = 3
"""More fields of one object that are not there are one finding: a permission set is missing, or a deploy."""
REMEDY = "Deploy the metadata if it is not there yet, and assign the permission set NPS_Bridge to the user."
REMEDY_OF_ROUTES = "Fields that only routes name are yours: correct the spec, or make them, and run `nps generate` for the permission."

Describes = Mapping[str, ObjectDescribe | None]


def check_org(org: TargetOrg, spec: Spec) -> Describes:
    """The describes the bridge works with, in one call.

    Raises:
        UsageError: objects, fields or permissions are missing, all of them named.
    """
    describes = org.describe(needed(spec))
    findings = [*missing(describes, spec)]
    if findings:
        who = f"{org.identity.username} at {org.identity.host}"
        remedy = f"{REMEDY} {REMEDY_OF_ROUTES}" if any(finding.startswith("the route ") for finding in findings) else REMEDY
        raise UsageError("\n".join([f"the bridge cannot work as {who}:", *(f"  {finding}" for finding in findings)]), remedy)
    return describes


def needed(spec: Spec) -> list[str]:
    """The sObjects whose describe the bridge needs."""
    return list(dict.fromkeys([*OURS, *PARENTS, *_also_needed(spec)]))


def _also_needed(spec: Spec) -> Iterator[str]:
    """Objects that only some specs need."""
    if "same_account" in spec.match.prefer:
        yield "AccountContactRelation"  # exists only where Contacts may be related to several Accounts
    if "open_opportunity" in spec.match.prefer:
        yield from ("Opportunity", "OpportunityContactRole")
    yield from (route.object for route in spec.routes)


def missing(describes: Describes, spec: Spec) -> Iterator[str]:
    """What the user lacks, a line each."""
    for name, ours in OURS.items():
        yield from _missing_of_ours(describes.get(name), ours)
    for name in PARENTS:
        yield from _missing_of_parent(name, describes.get(name))
    for rule in spec.match.people:
        for field_name in rule_fields(rule):
            if not any(describe is not None and describe.has(field_name) for describe in (describes.get("Contact"), describes.get("Lead"))):
                yield f"match.people: neither Contact nor Lead has a field {field_name} that this user may read"
    if "open_opportunity" in spec.match.prefer and describes.get("Opportunity") is None:
        yield "match.prefer: open_opportunity needs permission to read Opportunity"
    if spec.match.on_missing != "park":
        yield from _missing_to_create(spec, describes)
    yield from missing_of_routes(spec, describes)
    account = describes.get("Account")
    if account is not None and not account.has(spec.match.account.field):
        yield f"match.account: Account has no field {spec.match.account.field} that this user may read"


def _missing_of_ours(describe: ObjectDescribe | None, ours: ObjectSpec) -> Iterator[str]:
    name = ours.api_name
    if describe is None:
        yield f"{name} does not exist, or this user may not see it"
        return
    if not describe.createable:
        yield f"{name}: no permission to create records"
    if not describe.updateable and ours is not SURVEY_RESPONSE_REVISION:
        yield f"{name}: no permission to edit records"
    needed_fields = [field for field in ours.fields if Writer.BRIDGE in field.writers or field.bridge_reads]
    absent = [field.api_name for field in needed_fields if field.api_name not in describe.fields]
    if len(absent) > MOST_NAMED:
        some = f"{len(absent)} of {len(needed_fields)} fields"
        yield f"{name}: {some} do not exist, or this user may not read them: {', '.join(absent[:MOST_NAMED])}, …"
    else:
        yield from (f"{name}.{absent_name} does not exist, or this user may not read it" for absent_name in absent)
    for field in needed_fields:
        written = Writer.BRIDGE in field.writers
        found = describe.fields.get(field.api_name)
        if found is not None and written and describe.createable and not found.createable:
            yield f"{name}.{field.api_name}: no permission to edit"


def _missing_of_parent(name: str, describe: ObjectDescribe | None) -> Iterator[str]:
    if describe is None or not describe.queryable:
        yield f"{name}: no permission to read records"
        return
    flag = describe.fields.get("NPS_Recalculate__c")
    if flag is None:
        yield f"{name}.NPS_Recalculate__c does not exist, or this user may not read it"
    elif not (flag.updateable and describe.updateable):
        yield f"{name}.NPS_Recalculate__c: no permission to edit"


def _missing_to_create(spec: Spec, describes: Describes) -> Iterator[str]:
    name = "Lead" if spec.match.on_missing == "create_lead" else "Contact"
    describe = describes.get(name)
    if describe is None or not describe.createable:
        yield f"match.on_missing: no permission to create a {name}"
    elif "Email" not in describe.fields or not describe.fields["Email"].createable:
        yield f"match.on_missing: no permission to write {name}.Email"
    else:
        made_for = describe.fields.get(MADE_FOR.api_name)
        if made_for is None or not made_for.createable:
            yield f"match.on_missing: {name}.{MADE_FOR.api_name} does not exist, or this user may not edit it"
