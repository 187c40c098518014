"""What a deploy was asked to do and what became of it: every value the SOAP and REST answers carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """Of the Metadata API's type of the same name. `purge_on_delete` has no effect: deleted components are always gone for good."""

    check_only: bool = False
    rollback_on_error: bool = True
    ignore_warnings: bool = False
    single_package: bool = True
    purge_on_delete: bool = False
    allow_missing_files: bool = False
    auto_update_package: bool = False
    perform_retrieve: bool = False
    test_level: str | None = None
    run_tests: tuple[str, ...] = ()
    production: str = "off"
    """`off`, `flows inactive` or `coverage required`: see the org's setting `production`."""


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """A componentSuccesses or componentFailures entry."""

    component_type: str
    full_name: str
    file_name: str
    created_date: datetime
    success: bool
    changed: bool = False
    created: bool = False
    deleted: bool = False
    id: str | None = None
    problem: str | None = None
    problem_type: str | None = None
    """Error or Warning."""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class DeployResult:
    id: str
    status: str
    """Succeeded, SucceededPartial or Failed."""
    options: DeployOptions
    created_by_id: str
    created_by_name: str
    created_date: datetime
    successes: tuple[ComponentResult, ...] = ()
    failures: tuple[ComponentResult, ...] = ()
    warnings: tuple[ComponentResult, ...] = ()
    number_components_total: int = 0
    error_message: str | None = None
    """Why the deploy as a whole failed: no zip, no package.xml."""
    error_status_code: str | None = None
    package_name: str | None = None
    """The unmanaged package it went into (`<fullName>` of package.xml)."""
    done: bool = field(default=True)

    @property
    def success(self) -> bool:
        return self.status != "Failed"

    @property
    def check_only(self) -> bool:
        return self.options.check_only

    @property
    def rollback_on_error(self) -> bool:
        return self.options.rollback_on_error

    @property
    def ignore_warnings(self) -> bool:
        return self.options.ignore_warnings

    @property
    def start_date(self) -> datetime:
        return self.created_date

    @property
    def completed_date(self) -> datetime:
        return self.created_date

    @property
    def last_modified_date(self) -> datetime:
        return self.created_date

    @property
    def number_component_errors(self) -> int:
        return len(self.failures)

    @property
    def number_components_deployed(self) -> int:
        return (
            0
            if self.status == "Failed" and self.rollback_on_error
            else sum(1 for item in self.successes if item.full_name != "package.xml")
        )

    @property
    def run_tests_enabled(self) -> bool:
        """Never: there is no Apex in this org, and the counts of tests are 0."""
        return False
