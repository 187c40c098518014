"""A served org, and the environment in which clients reach it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.nodejs import Nodejs, run
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.front.environment import environment
from tooling.local_org.server import Served, serve
from tooling.metadata.package import to_mdapi

ROOT = Path(__file__).parents[2]
_QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_PROGRESS_BAR": "false",
    "SF_LOG_LEVEL": "error",
    "NO_COLOR": "1",
    "COLUMNS": "200",
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, slots=True)
class World:
    """A served org and a home directory of its own for every client."""

    org: Org
    served: Served
    home: Path

    def environ(self, nodejs: Nodejs | None = None) -> dict[str, str]:
        """What a client's process gets: no proxy, no credentials and no settings of the machine it runs on."""
        tools = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        if nodejs is not None:
            tools.insert(0, nodejs.path)
        return {"PATH": os.pathsep.join(tools), "HOME": str(self.home), **_QUIET, **environment(self.served.port, self.home / "local-org")}

    def records(self, soql: str) -> list[dict[str, Any]]:
        """What is in the org after a client was there, past every client."""
        return list(self.org.query(self.org.user_of_token(ADMIN_TOKEN), soql).records)

    def deploy(self, source: str) -> None:
        """A folder of this project into the org, past every client."""
        result = self.org.deploy(self.org.user_of_token(ADMIN_TOKEN), to_mdapi(ROOT / source))
        assert result.success, result.failures

    def assign(self, *permission_sets: str) -> None:
        """Permission sets to the administrator, who otherwise sees no custom field."""
        listed = ", ".join(f"'{name}'" for name in permission_sets)
        admin = self.org.user_of_token(ADMIN_TOKEN)
        found = self.records(f"SELECT Id FROM PermissionSet WHERE Name IN ({listed})")
        assert len(found) == len(permission_sets)
        kind = {"type": "PermissionSetAssignment"}
        records = [{"attributes": kind, "AssigneeId": admin.id, "PermissionSetId": permission_set["Id"]} for permission_set in found]
        assert all(result.success for result in self.org.insert(admin, records))


@contextlib.contextmanager
def open_world(home: Path) -> Iterator[World]:
    """A fresh org that answers."""
    with Org.open() as org, serve(org, port=0, home=home / "local-org") as served:
        # cci would ask PyPI whether there is a newer one, once an hour.
        (home / ".cumulusci").mkdir(exist_ok=True)
        (home / ".cumulusci/cumulus_timestamp").write_text(str(time.time()), "ascii")
        yield World(org, served, home)


def copy_of_the_project(target: Path) -> Path:
    """The files that git knows or would add, in a repository of their own: cci wants one, and both cci and sf write into it."""
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT).split("\0")
    for name in listed:
        source = ROOT / name
        if name and source.is_file() and not name.startswith("tests/"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Copy"]):
        run(["git", "-c", "user.name=Client tests", "-c", "user.email=tests@local.example", *arguments], cwd=target)
    return target
