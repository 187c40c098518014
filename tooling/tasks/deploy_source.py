"""`cci task run nps_deploy`: CumulusCI's own deploy, on a folder that our packaging wrote."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from cumulusci.tasks.salesforce import Deploy

from tooling.metadata.package import to_mdapi
from tooling.tasks.spec_option import as_cumulusci_errors


class DeploySource(Deploy):
    """Deploys a Salesforce DX source folder without the sf command: CumulusCI would call it to convert the source."""

    def _get_package_zip(self, path: str) -> Any:
        source = Path(path)
        if not source.is_absolute():
            source = Path(self.project_config.repo_root) / source
        with tempfile.TemporaryDirectory() as folder:
            with as_cumulusci_errors():
                for name, content in to_mdapi(source).items():
                    target = Path(folder) / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
            return super()._get_package_zip(folder)
