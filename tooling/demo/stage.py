"""What the demo plays on: the local org and the Promoter.io double at the story's date, and `cci` with a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tooling.connect import LOCAL, connect
from tooling.errors import NpsError
from tooling.local_org.engine.org import Org
from tooling.local_org.front.environment import environment
from tooling.local_org.server import serve as serve_org
from tooling.local_promoter.app import Double
from tooling.local_promoter.assumptions import Throttle
from tooling.local_promoter.feed import Feed
from tooling.local_promoter.server import serve as serve_promoter
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.org import Operation, Write
from tooling.spec.model import Spec

STORY_BEGINS = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""A Monday morning in San Francisco, where the local org's company is."""
_THROTTLE = Throttle(requests=4, wait=1.0)
_FEED = Path("datasets/promoter_feed.jsonl")


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything up and answering."""

    root: Path
    url: str
    promoter: Double
    variables: Mapping[str, str]
    """The environment in which commands reach both."""
    org_home: Path

    def gateway(self) -> Gateway:
        return connect(LOCAL, environ=self.variables, home=self.org_home)

    def verify_sender(self, spec: Spec) -> None:
        """What an admin does in Setup, "Organization-Wide Addresses": without a verified sender, e-mails of flows are refused."""
        if spec.emails is None:
            return
        row = {"Address": spec.emails.sender, "DisplayName": "Customer Success", "IsAllowAllProfiles": True}
        [[saved]] = self.gateway().write([Write(Operation.INSERT, "OrgWideEmailAddress", [row])])
        if not saved.success:
            raise NpsError(
                f"the sender could not be set up: {saved.code}: {saved.message}", "This is a defect of the demo: please report it."
            )
        self.control("emails/verify", {"address": spec.emails.sender})

    def control(self, resource: str, body: Mapping[str, Any]) -> Any:
        """A call of the local org's control plane: the clock, and what people do outside of the org."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.variables["REQUESTS_CA_BUNDLE"]
        answer = session.post(f"{self.url}/local-org/{resource}", json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def cci(self, arguments: list[str], tell: Callable[[str], None]) -> None:
        """Runs CumulusCI as anybody would; `tell` gets each line.

        Raises:
            NpsError: it failed; its output is in the message.
        """
        command = [str(Path(sys.executable).with_name("cci")), *arguments]
        lines: list[str] = []
        with subprocess.Popen(
            command, cwd=self.root, env=dict(self.variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                tell(line.strip())
        if process.returncode:
            raise NpsError(
                f"`cci {' '.join(arguments)}` failed:\n{''.join(lines[-40:])}", "This is a defect of the demo: please report it."
            )


@contextmanager
def set_up(root: Path) -> Iterator[Stage]:
    """Starts both servers on free ports, with `.demo/` as home for every tool; stops them at the end."""
    home = root / ".demo"
    # What an earlier run's tools saved (cci an address, for example) would win over what this one says.
    shutil.rmtree(home, ignore_errors=True)
    (home / "home").mkdir(parents=True)
    org_home = home / "local-org"
    org = Org.open(None, clock=STORY_BEGINS)
    promoter = Double(Feed.from_file(root / _FEED, STORY_BEGINS), org.now, throttle=_THROTTLE)
    try:
        with serve_org(org, port=0, home=org_home) as served, serve_promoter(promoter) as promoter_url:
            variables = {
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
                "HOME": str(home / "home"),
                "LANG": "C.UTF-8",
                "PYTHONUTF8": "1",
                "COLUMNS": "160",
                **environment(served.port, org_home),
                # No refresh of a token that never expires, and no question to PyPI whether there is a newer cci.
                "CUMULUSCI_DISABLE_REFRESH": "1",
                "PROMOTER_IO_BASE_URL": promoter_url,
                "PROMOTER_IO_API_KEY": promoter.key,
            }
            yield Stage(root, served.url, promoter, variables, org_home)
    finally:
        org.close()
