"""The product as its users meet it: the `nps` command, a served org with our metadata and sample people, the Promoter.io double."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions, Org, User
from tooling.local_org.front.environment import environment
from tooling.local_org.server import serve as serve_org
from tooling.local_promoter.app import Double
from tooling.local_promoter.feed import Feed
from tooling.local_promoter.server import serve as serve_promoter
from tooling.metadata.package import to_mdapi

ROOT = Path(__file__).parents[2]
STORY_BEGINS = datetime(2026, 3, 2, 17, tzinfo=UTC)


@dataclass
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Place:
    """A machine's view of it all: a folder with a spec, an environment, the org and the feed."""

    folder: Path
    org: Org
    promoter: Double
    variables: dict[str, str]

    def nps(self, *arguments: str, **variables: str) -> Ran:
        command = [str(Path(sys.executable).with_name("nps")), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    @property
    def admin(self) -> User:
        return self.org.user_of_token(ADMIN_TOKEN)

    def update(self, sobject: str, *records: Mapping[str, Any]) -> None:
        saved = self.org.update(self.admin, [{"attributes": {"type": sobject}, **record} for record in records])
        assert all(one.success for one in saved), saved

    def query(self, soql: str) -> list[dict[str, Any]]:
        rows = self.org.query(None, soql).records
        return [{name: value for name, value in row.items() if name != "attributes"} for row in rows]

    def insert(self, sobject: str, *records: Mapping[str, Any]) -> list[str]:
        saved = self.org.insert(self.admin, [{"attributes": {"type": sobject}, **record} for record in records])
        assert all(one.success for one in saved), saved
        return [str(one.id) for one in saved]

    def feed(self, **values: Any) -> None:
        """One more feedback, half an hour old."""
        self.promoter.feed.play([{"event": "feedback", "minutes_ago": 30, "campaign": 1, **values}], self.promoter.now())

    def deploy(self, force_app: Path) -> None:
        result = self.org.deploy(self.admin, to_mdapi(force_app), DeployOptions())
        assert result.success, [failure.problem for failure in result.failures]

    def use_spec(self, text: str) -> None:
        (self.folder / "nps.yml").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Org, Double, dict[str, str]]]:
    with Org.open(clock=STORY_BEGINS) as org:
        admin = org.user_of_token(ADMIN_TOKEN)
        org.snapshot("fresh")
        for folder in ("orgs/customer", "force-app"):
            result = org.deploy(admin, to_mdapi(ROOT / folder), DeployOptions())
            assert result.success, [failure.problem for failure in result.failures]
        sets = org.query(None, "SELECT Id FROM PermissionSet WHERE Name IN ('NPS_Admin', 'NPS_Bridge', 'Customer_Fields')").records
        org.insert(
            admin,
            [{"attributes": {"type": "PermissionSetAssignment"}, "PermissionSetId": row["Id"], "AssigneeId": admin.id} for row in sets],
        )
        # The sender of nps.yml, as an admin verifies it in Setup: without it the org refuses the e-mails of flows.
        sender = {"Address": "success@example.com", "DisplayName": "Success", "IsAllowAllProfiles": True}
        org.insert(admin, [{"attributes": {"type": "OrgWideEmailAddress"}, **sender}])
        org.verify_sender("success@example.com")
        org.snapshot("deployed")
        promoter = Double(Feed(STORY_BEGINS), org.now)
        home = tmp_path_factory.mktemp("local-org")
        with serve_org(org, port=0, home=home) as running, serve_promoter(promoter) as address:
            told = environment(running.port, home)
            wanted = ("REQUESTS_CA_BUNDLE", "SF_INSTANCE_URL", "SF_ACCESS_TOKEN")
            variables = {
                **{name: told[name] for name in wanted},
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "COLUMNS": "160",
                "PROMOTER_IO_BASE_URL": address,
                "PROMOTER_IO_API_KEY": promoter.key,
            }
            yield org, promoter, variables


@pytest.fixture
def place(served: tuple[Org, Double, dict[str, str]], tmp_path: Path) -> Place:
    """A deployed org without records, an empty feed, and a folder of its own with our spec, less its file source."""
    org, promoter, variables = served
    org.restore("deployed")
    promoter.feed, promoter.key = Feed(STORY_BEGINS), "local-promoter-key"
    promoter.log.clear()
    (tmp_path / "home").mkdir()
    spec = (ROOT / "nps.yml").read_text("utf-8")
    start, end = spec.index("  files:"), spec.index("# Whose response it is.")
    (tmp_path / "nps.yml").write_text(spec[:start] + "\n" + spec[end:], "utf-8")
    shutil.copytree(ROOT / "force-app", tmp_path / "force-app")
    shutil.copy(ROOT / ".nps-manifest", tmp_path / ".nps-manifest")
    return Place(tmp_path, org, promoter, {**variables, "HOME": str(tmp_path / "home")})
