"""`cci task run nps_generate`."""

from __future__ import annotations

from pathlib import Path

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.core.tasks import BaseTask
from cumulusci.core.utils import process_bool_arg

from tooling.metadata import writer
from tooling.metadata.generator import plan
from tooling.tasks.spec_option import SPEC_OPTION, as_cumulusci_errors, spec_of


class GenerateMetadata(BaseTask):
    """Writes force-app/ from the mapping spec."""

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **SPEC_OPTION,
        "check": {
            "description": "Only compare: fails and prints the differences when force-app/ is not what the spec says. Default: False."
        },
    }

    def _run_task(self) -> None:
        spec = spec_of(self)
        root = Path(self.project_config.repo_root) / "force-app"
        with as_cumulusci_errors():
            files = plan(spec)
            if process_bool_arg(self.options.get("check") or False):
                differences = writer.diff(files, root)
                if differences:
                    raise CumulusCIFailure(f"{differences}\nforce-app/ differs from the spec: run `nps generate` and commit the result.")
                self.logger.info(f"force-app/ is what the spec says: {len(files)} files.")
            else:
                changed = writer.write(files, root)
                self.logger.info(f"{len(files)} files, of which {len(changed)} changed.")
        self.return_values = {"files": len(files)}
