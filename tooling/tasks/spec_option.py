"""The mapping spec a task works on, and our errors as CumulusCI's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cumulusci.core.exceptions import CumulusCIFailure, TaskOptionsError

from tooling.errors import NpsError, UsageError
from tooling.spec.loader import load_spec
from tooling.spec.model import Spec

SPEC_OPTION = {"spec": {"description": "Path of the mapping spec. Default: nps.yml at the repository root."}}


def spec_of(task: Any) -> Spec:
    """The mapping spec that the task's `spec` option names, else `nps.yml` at the repository root."""
    with as_cumulusci_errors():
        return load_spec(Path(task.options.get("spec") or Path(task.project_config.repo_root) / "nps.yml"))


@contextmanager
def as_cumulusci_errors() -> Iterator[None]:
    """Wrong input becomes a usage error (no traceback), everything else that the org or a source said a failure."""
    try:
        yield
    except UsageError as error:
        raise TaskOptionsError(str(error)) from error
    except NpsError as error:
        raise CumulusCIFailure(str(error)) from error
