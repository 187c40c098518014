"""A deploy: package in, everything checked, then all of it applied in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..schema.objects_reader import build_schema
from ..schema.person_accounts import has_person_accounts
from ..schema.source import Component, Package, PackageError, Problem, read_package, unzip
from ..store import Store
from .deploy_apply import apply_changes, key_prefixes_for
from .deploy_changes import Changes, plan_changes
from .deploy_result import ComponentResult, DeployOptions, DeployResult
from .deploy_rules import check
from .deploy_rules.context import DeployContext
from .deploy_selection import select
from .flow_models import flow_models
from .metadata import OrgMetadata

__all__ = ["ComponentResult", "DeployOptions", "DeployResult", "deploy"]

PACKAGE_FILE = "package.xml"


class Deployer(Protocol):
    """The user who deploys."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One look at a set of components: what would change and what is wrong with it."""

    changes: Changes
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(item for item in self.problems if not item.warning)


def deploy(
    store: Store, metadata: OrgMetadata, source: bytes | Mapping[str, bytes], options: DeployOptions, *, user: Deployer, now: datetime
) -> tuple[DeployResult, OrgMetadata]:
    """Deploys a zip, or its files by path (mdapi with package.xml, or DX source).

    Returns the result and the org's metadata afterwards: the same object when nothing changed. Never raises for what a package holds.
    """
    try:
        package = read_package(unzip(source) if isinstance(source, bytes) else source)
    except PackageError as error:
        return _unreadable(store, str(error), options, user, now), metadata
    selection = select(package, options, metadata)
    excluded: set[tuple[str, str]] = set()
    attempt = _attempt(store, metadata, package, selection.components, options)
    problems = [*selection.problems, *attempt.problems]
    failed = any(not item.warning for item in problems)
    if failed and not options.rollback_on_error:
        # Each round leaves out what failed and what needed it, until the rest stands on its own.
        while attempt.errors:
            excluded |= {(item.type, item.full_name) for item in attempt.errors}
            left = [c for c in selection.components if c.key not in excluded]
            attempt = _attempt(store, metadata, package, left, options, excluded)
            problems += [item for item in attempt.problems if item not in problems]
    applied = not failed or not options.rollback_on_error
    after = metadata
    if applied and not options.check_only:
        with store.transaction():
            after = apply_changes(store, metadata, attempt.changes, now, production=options.production)
            if package.full_name:
                store.set_meta(f"package {package.full_name}", _member_list(attempt.changes.deployed))
    status = "Succeeded" if not failed else "SucceededPartial" if applied and attempt.changes.deployed else "Failed"
    result = _result(store, package, attempt.changes, after, tuple(problems), status, options, user, now)
    return result, after


def package_members(store: Store, name: str) -> tuple[tuple[str, str], ...] | None:
    """What was deployed into an unmanaged package; None when no package of that name ever came."""
    listed = store.meta(f"package {name}")
    if listed is None:
        return None
    pairs = (line.partition("\t") for line in listed.splitlines())
    return tuple((kind, full_name) for kind, _, full_name in pairs)


def _member_list(components: Iterable[Component]) -> str:
    return "\n".join(f"{component.type}\t{component.full_name}" for component in components)


def _attempt(
    store: Store,
    metadata: OrgMetadata,
    package: Package,
    components: Iterable[Component],
    options: DeployOptions,
    excluded: Iterable[tuple[str, str]] = (),
) -> _Attempt:
    changes, problems = plan_changes(metadata, components, package, frozenset(excluded))
    prefixes = key_prefixes_for(store, changes.components)
    schema = build_schema(changes.components, prefixes, person_accounts=has_person_accounts(metadata.schema))
    users = metadata.schema.get("User")
    usernames = frozenset(record["Username"].lower() for record in store.records.all(users, ["Username"])) if users else frozenset()
    context = DeployContext(
        before=metadata,
        schema=schema,
        components=changes.components,
        deployed=frozenset(component.key for component in changes.deployed),
        flows=flow_models(metadata, changes.deployed, changes.removed_keys),
        usernames=usernames,
        production=options.production,
    )
    problems = [*problems, *check(changes.deployed, context)]
    if changes.removed:
        problems += _broken_by_removal(changes, context)
    return _Attempt(changes, tuple(problems))


def _broken_by_removal(changes: Changes, context: DeployContext) -> list[Problem]:
    """What stays in the org must not need what goes."""
    deployed = {component.key for component in changes.deployed}
    staying = [component for key, component in changes.components.items() if key not in deployed]
    found: dict[tuple[str, str], Problem] = {}
    for item in check(staying, context):
        culprit = next((c for c in changes.removed if _is_named(c, item)), changes.removed[0])
        kind = "custom field" if culprit.type == "CustomField" else "component"
        text = f"This {kind} is referenced elsewhere in salesforce.com. : {item.type} - {item.full_name}."
        found[item.type, item.full_name] = Problem(culprit.type, culprit.full_name, changes.removal_file, text)
    return list(found.values())


def _is_named(removed: Component, problem: Problem) -> bool:
    """Whether a problem speaks of a removed component: by its full name, or, within the same object, by the last part of it."""
    owner, _, last = removed.full_name.rpartition(".")
    return removed.full_name in problem.problem or (problem.full_name.startswith(f"{owner}.") and last in problem.problem)


def _result(
    store: Store,
    package: Package,
    changes: Changes,
    after: OrgMetadata,
    problems: tuple[Problem, ...],
    status: str,
    options: DeployOptions,
    user: Deployer,
    now: datetime,
) -> DeployResult:
    failed = {(item.type, item.full_name) for item in problems if not item.warning}
    successes = []
    for component in changes.deployed:
        if component.key in failed:
            continue
        known = changes.before.get(component.key)
        planned = changes.components[component.key]
        stored = after.components.get(component.key, planned)
        successes.append(
            ComponentResult(
                component.type,
                component.full_name,
                component.file_name,
                now,
                True,
                known is not planned,
                known is None,
                id=stored.id or None,
            )
        )
    for component in changes.removed:
        if component.key in changes.asked_to_remove and component.key not in failed:
            name = changes.removal_file
            successes.append(ComponentResult(component.type, component.full_name, name, now, True, True, False, True, component.id or None))
    total = len(successes) + len(failed)
    if package.members is not None and not any(item.full_name == PACKAGE_FILE for item in problems):
        successes.append(ComponentResult("", PACKAGE_FILE, PACKAGE_FILE, now, True, True))
    failures = tuple(_failure(item, now, "Error") for item in problems if not item.warning)
    return DeployResult(
        id=_new_id(store),
        status=status,
        options=options,
        created_by_id=user.id,
        created_by_name=user.name,
        created_date=now,
        successes=tuple(successes),
        failures=failures,
        warnings=tuple(_failure(item, now, "Warning") for item in problems if item.warning),
        number_components_total=total,
        package_name=package.full_name,
    )


def _failure(item: Problem, now: datetime, kind: str) -> ComponentResult:
    return ComponentResult(
        item.type,
        item.full_name,
        item.file_name,
        now,
        success=kind == "Warning",
        problem=item.problem,
        problem_type=kind,
        line=item.line,
        column=item.column,
    )


def _unreadable(store: Store, message: str, options: DeployOptions, user: Deployer, now: datetime) -> DeployResult:
    code, _, text = message.partition(": ")
    known = code.isupper() and "_" in code
    return DeployResult(
        id=_new_id(store),
        status="Failed",
        options=options,
        created_by_id=user.id,
        created_by_name=user.name,
        created_date=now,
        error_message=text if known else message,
        error_status_code=code if known else "UNKNOWN_EXCEPTION",
    )


def _new_id(store: Store) -> str:
    return store.new_id("0Af")
