"""Mapping spec to Salesforce DX source: a pure function, the same spec gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tooling.metadata import about, access, flow_tests, objects, pages, reports, settings
from tooling.metadata.flows import components as flows
from tooling.metadata.rendering import Component, render
from tooling.spec.model import Spec

PARTS: tuple[Callable[[Spec], Iterable[Component]], ...] = (
    objects.components,
    pages.components,
    reports.components,
    settings.components,
    access.components,
    flows.components,
    flow_tests.components,
    about.components,
)
"""Everything that is generated. A component is any value with a `path` and a `template`."""


def plan(spec: Spec) -> dict[str, str]:
    """The files of the package directory: path below it (`main/default/…`) to text, sorted by path.

    Raises:
        SpecError: the spec asks for something that Salesforce would refuse, for example a formula that is too long.
    """
    files: dict[str, str] = {}
    for part in PARTS:
        for component in part(spec):
            if component.path in files:
                raise ValueError(f"{component.path} is generated twice")
            files[component.path] = render(component)
    return dict(sorted(files.items()))
