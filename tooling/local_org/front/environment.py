"""The environment variables after which cci, sf, simple-salesforce and jsforce reach a local org."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from ..engine.users import ADMIN_TOKEN, ORGANIZATION_ID
from .auth import ADMIN
from .certificates import Certificates

ORG_NAME = "local"
PORT_FILE = "port"
_PROJECT_NAME = re.compile(r"^project:\s*\n(?:[ \t]+.*\n|[ \t]*\n)*?[ \t]+name:[ \t]*['\"]?([^'\"\n#]+)", re.MULTILINE)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def environment(port: int, home: Path, *, token: str = ADMIN_TOKEN, username: str = ADMIN) -> dict[str, str]:
    """Variables by name. `home` is where CA and bundles are kept; the org itself need not run yet."""
    certificates = Certificates.ensure(home)
    url = f"https://localhost:{port}"
    cci_org = {"instance_url": url, "access_token": token, "org_id": ORGANIZATION_ID, "username": username}
    return {
        f"CUMULUSCI_ORG_{ORG_NAME}": json.dumps(cci_org),
        "REQUESTS_CA_BUNDLE": str(certificates.bundle().resolve()),
        "NODE_EXTRA_CA_CERTS": str(certificates.node_bundle().resolve()),
        "SF_INSTANCE_URL": url,
        "SF_ACCESS_TOKEN": token,
        "SF_ORG_INSTANCE_URL": url,
        "SF_TARGET_ORG": token,
        # sf takes SF_ORG_INSTANCE_URL for the log-in address too and then refuses localhost inside a project.
        "FORCE_SFDC_LOGIN_URL": "https://login.salesforce.com",
        **_no_proxy(),
    }


def _no_proxy() -> dict[str, str]:
    """A proxy cannot reach this machine's loopback; only where one is set at all."""
    if not any(name.lower() in {"http_proxy", "https_proxy", "all_proxy"} and value for name, value in os.environ.items()):
        return {}
    named = [part for part in (os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "").split(",") if part.strip()]
    value = ",".join(dict.fromkeys([*named, *_LOOPBACK]))
    return {"NO_PROXY": value, "no_proxy": value}


def known_port(home: Path) -> int | None:
    """The port that the last served org of this home had."""
    try:
        return int((home / PORT_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def forget_saved_org(project: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """Deletes what cci saved of an earlier local org of this project; it would win over the variable.

    Answers the deleted file, None where there was none.
    """
    config = project / "cumulusci.yml"
    found = _PROJECT_NAME.search(config.read_text(encoding="utf-8")) if config.exists() else None
    if found is None:
        return None
    user_home = Path((environ if environ is not None else os.environ).get("HOME") or Path.home())
    saved = user_home / ".cumulusci" / found[1].strip() / f"{ORG_NAME}.org"
    if not saved.exists():
        return None
    saved.unlink()
    return saved
