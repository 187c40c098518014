"""What a well-formed spec may still get wrong: each rule is a function from the spec to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from tooling.spec.acting_checks import RULES as ACTING_RULES
from tooling.spec.findings import Finding, Path, suggestion
from tooling.spec.model import CLAIMED_EMAIL, CLAIMED_USER_ID, EmailRule, Spec, UserIdRule
from tooling.spec.objects import OBJECTS, FieldType, field_named
from tooling.spec.objects.people import SUCCESS_MANAGER, TIER
from tooling.spec.route_checks import routes_are_sound

BAND_WIDTH = 5
OLDEST_API = 60


def check(spec: Spec) -> list[Finding]:
    """Everything that is wrong, all at once."""
    return [finding for rule in RULES for finding in rule(spec)]


def _a_source_is_named(spec: Spec) -> Iterator[Finding]:
    if spec.sources.promoter_io is None and not spec.sources.files:
        yield Finding(("sources",), "no source is named", "add sources.promoter_io or sources.files", at_key=True)


def _the_api_version_has_our_flows(spec: Spec) -> Iterator[Finding]:
    if float(spec.org.api_version) < OLDEST_API:
        yield Finding(("org", "api_version"), f"org.api_version {spec.org.api_version} is too old", f'write "{OLDEST_API}.0" or later')


def _file_names_are_free(spec: Spec) -> Iterator[Finding]:
    for index, source in enumerate(spec.sources.files):
        if source.name == "promoter_io":
            yield Finding(("sources", "files", index, "name"), "sources.files.name promoter_io is Promoter.io's own", "choose another name")


def _file_columns_are_complete(spec: Spec) -> Iterator[Finding]:
    for index, source in enumerate(spec.sources.files):
        path: Path = ("sources", "files", index, "columns")
        if not (source.columns.email or source.columns.user_id or source.columns.salesforce_id):
            yield Finding(path, "sources.files.columns names neither email nor user_id", "name one: without it nobody is matched")
        if not source.columns.responded_at:
            yield Finding(path, "sources.files.columns names no responded_at", "name the column with the date of the answer")


def _match_rules_differ(spec: Spec) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, rule in enumerate(spec.match.people):
        if rule.by in seen:
            yield Finding(("match", "people", index), f"match.people has a second rule by {rule.by}", "keep one of them")
        seen.add(rule.by)
        if isinstance(rule, EmailRule):
            yield from _repeated(("match", "people", index, "fields"), rule.fields, "match.people.fields")
    if not spec.match.people:
        yield Finding(("match", "people"), "match.people is empty", "add a rule: without one nobody is matched")
    yield from _repeated(("match", "prefer"), spec.match.prefer, "match.prefer")


def _flows_can_claim(spec: Spec) -> Iterator[Finding]:
    """A flow is written for fields that are surely on both objects: a field of a customer's may be on one of the two."""
    if spec.match.claim != "flow":
        return
    by_flow = 0
    for index, rule in enumerate(spec.match.people):
        path: Path = ("match", "people", index)
        if isinstance(rule, EmailRule):
            by_flow += 1
            if rule.fields != CLAIMED_EMAIL:
                remedy = "use only Email, or write match.claim: sync"
                yield Finding((*path, "fields"), f"match.claim: flow cannot look into {', '.join(rule.fields)}", remedy)
        elif isinstance(rule, UserIdRule):
            by_flow += 1
            if rule.field != CLAIMED_USER_ID:
                remedy = f"use {CLAIMED_USER_ID}, or write match.claim: sync"
                yield Finding((*path, "field"), f"match.claim: flow cannot look into {rule.field}", remedy)
    if spec.match.people and not by_flow:
        remedy = "add a rule by email or user_id, or write match.claim: sync"
        yield Finding(("match", "claim"), "match.claim: flow has no rule that a flow can follow", remedy)


def _somebody_is_assigned(spec: Spec) -> Iterator[Finding]:
    assign = spec.follow_up.detractor.assign
    yield from _repeated(("follow_up", "detractor", "assign"), assign, "follow_up.detractor.assign")
    if not assign and spec.follow_up.default_user is None:
        yield Finding(("follow_up", "detractor", "assign"), "nobody is assigned", "add somebody, or name follow_up.default_user")


def _follow_ups_are_due_in_time(spec: Spec) -> Iterator[Finding]:
    detractor = spec.follow_up.detractor
    if detractor.due > detractor.max_age:
        yield Finding(("follow_up", "detractor", "due"), "follow_up.detractor.due is longer than max_age", "make it max_age at most")
    if detractor.business_days and detractor.due % timedelta(days=1):
        # A flow knows the day in the user's zone, not the hour: it cannot tell whether half a day from now is a Saturday.
        path = ("follow_up", "detractor", "due")
        yield Finding(path, "follow_up.detractor.due is no whole number of days, as business_days needs it", "write 24h or 2d, for example")


def _windows_nest(spec: Spec) -> Iterator[Finding]:
    if spec.rollup.window > spec.rollup.history:
        yield Finding(("rollup", "window"), "rollup.window is longer than rollup.history", "make it the history at most")


def _some_component_weighs(spec: Spec) -> Iterator[Finding]:
    health = spec.health_score
    weights = (health.nps_average.weight, health.trend.weight, health.open_escalations.weight, health.recency.weight)
    if not any((*weights, *(c.weight for c in health.components.values()))):
        yield Finding(("health_score",), "every weight of health_score is 0", "give at least one component a weight", at_key=True)


def _recency_falls(spec: Spec) -> Iterator[Finding]:
    recency = spec.health_score.recency
    if recency.zero_at <= recency.full_until:
        path = ("health_score", "recency", "zero_at")
        yield Finding(path, "health_score.recency.zero_at is not after full_until", "make it longer than full_until")


def _components_are_numbers(spec: Spec) -> Iterator[Finding]:
    for name, component in spec.health_score.components.items():
        path: Path = ("health_score", "components", name)
        where = f"health_score.components.{name}"
        if component.from_ == component.to:
            yield Finding((*path, "to"), f"{where}: from and to are the same", "make them differ")
        ours = field_named(component.field)
        if component.field.startswith("Account.NPS_") and (ours is None or ours.calculated or ours.type is not FieldType.NUMBER):
            yield Finding((*path, "field"), f"{where}: {component.field} is not a stored number", "name a numeric field of your own")


def _bands_are_in_order(spec: Spec) -> Iterator[Finding]:
    bands = spec.health_score.bands
    for colour, value in (("green", bands.green), ("yellow", bands.yellow)):
        if value % BAND_WIDTH:
            nearest = BAND_WIDTH * round(value / BAND_WIDTH)
            path = ("health_score", "bands", colour)
            yield Finding(path, f"health_score.bands.{colour} is not a multiple of {BAND_WIDTH}", f"write {nearest}, for example")
    if bands.green <= bands.yellow:
        yield Finding(("health_score", "bands", "green"), "health_score.bands.green is not above yellow", "raise green or lower yellow")


def _named_account_fields_are_theirs(spec: Spec) -> Iterator[Finding]:
    for key, named, ours in (("success_manager", spec.org.success_manager, SUCCESS_MANAGER), ("tier", spec.org.tier, TIER)):
        default = f"Account.{ours.api_name}"
        if named != default and named.startswith("Account.NPS_"):
            yield Finding(("org", key), f"org.{key}: {named} is not a field for this", f"write {default} or a field of your own")


def _labels_name_our_fields(spec: Spec) -> Iterator[Finding]:
    known = [f"{o.api_name}.{f.api_name}" for o in OBJECTS for f in o.fields]
    for reference in spec.labels:
        if reference not in known:
            remedy = suggestion(reference, known, "docs/field-dictionary.md lists them")
            yield Finding(("labels", reference), f"labels: {reference} is not a field of ours", remedy, at_key=True)


def _task_states_differ(spec: Spec) -> Iterator[Finding]:
    if spec.task.open.lower() == spec.task.closed.lower():
        yield Finding(("task", "closed"), "task.open and task.closed are the same", "name the status that means done")


def _repeated(path: Path, values: tuple[str, ...], name: str) -> Iterator[Finding]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Finding((*path, index), f"{name} names {value} twice", "remove one")


RULES: tuple[Callable[[Spec], Iterable[Finding]], ...] = (
    _a_source_is_named,
    _the_api_version_has_our_flows,
    _file_names_are_free,
    _file_columns_are_complete,
    _match_rules_differ,
    _flows_can_claim,
    _somebody_is_assigned,
    _follow_ups_are_due_in_time,
    _windows_nest,
    _some_component_weighs,
    _recency_falls,
    _components_are_numbers,
    _bands_are_in_order,
    _named_account_fields_are_theirs,
    _labels_name_our_fields,
    _task_states_differ,
    routes_are_sound,
    *ACTING_RULES,
)
