"""Routes against the org's describe, before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tooling.salesforce.org import FieldDescribe, ObjectDescribe
from tooling.spec.model import Spec
from tooling.spec.route_checks import field_problem, lookup_problem
from tooling.spec.routes import Route
from tooling.spec.standard_fields import KnownField

Describes = Mapping[str, ObjectDescribe | None]


def missing_of_routes(spec: Spec, describes: Describes) -> Iterator[str]:
    """What keeps the routes from being carried out, a line each."""
    for route in spec.routes:
        yield from (f"the route {route.name}: {problem}" for problem in _problems(route, describes.get(route.object)))


def known_from(described: FieldDescribe) -> KnownField:
    return KnownField(described.name, described.type, described.length, described.reference_to, described.createable, described.updateable)


def _problems(route: Route, describe: ObjectDescribe | None) -> Iterator[str]:
    name = route.object
    if describe is None or not describe.queryable:
        yield f"{name} does not exist, or this user may not read it"
        return
    creates, updates = route.on_missing == "create", route.on_found == "update"
    if creates and not describe.createable:
        yield f"no permission to create a {name}"
    if updates and not describe.updateable:
        yield f"no permission to edit a {name}"
    looked_up = describe.fields.get(route.lookup.field)
    if looked_up is None:
        yield f"{name}.{route.lookup.field} does not exist, or this user may not read it"
    elif problem := lookup_problem(route, known_from(looked_up)):
        yield problem
    elif creates and not looked_up.createable and looked_up.name != "Id":
        yield f"{name}.{looked_up.name} cannot be written: a new record could not be found again"
    elif creates and looked_up.name == "Id":
        yield f"a {name} cannot be created under an Id of its own"
    for field_name in route.fields:
        found = describe.fields.get(field_name)
        if found is None:
            yield f"{name}.{field_name} does not exist, or this user may not read it"
        elif problem := field_problem(route, field_name, known_from(found), creates=creates, updates=updates):
            yield problem
