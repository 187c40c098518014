"""The org that was named: the local org, an org of CumulusCI's keychain, or the one the environment describes. Nobody else may know how."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path

from tooling.connect.environment import environment_org
from tooling.connect.keychain import keychain_org
from tooling.errors import UsageError
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.gateway import connect as open_gateway

__all__ = ["LOCAL", "LOCAL_HOME", "connect", "require_local_org"]

LOCAL = "local"
LOCAL_HOME = Path(".local-org")


def connect(name: str | None, *, api_version: str = "66.0", environ: Mapping[str, str] = os.environ, home: Path = LOCAL_HOME) -> Gateway:
    """A gateway to the org of that name; without a name, to the one the environment describes.

    Raises:
        UsageError: no org is named, or it cannot be logged in to.
        Unreachable: the login host does not answer.
    """
    if name == LOCAL:
        return _local_org(api_version, environ, home)
    if name:
        return keychain_org(name, api_version, environ)
    return environment_org(api_version, environ)


def require_local_org() -> None:
    """The bridge alone is installed without the packages that the local org needs.

    Raises:
        UsageError: they are not there.
    """
    if importlib.util.find_spec("flask") is None:
        raise UsageError("the packages of the local org are not installed", "Install the extra `local-org`, or all with `make install`.")


def _local_org(api_version: str, environ: Mapping[str, str], home: Path) -> Gateway:
    require_local_org()
    from tooling.local_org.front.environment import environment, known_port

    port = known_port(home)
    if port is None:
        raise UsageError("no local org was started here", "Start one with `nps local-org serve`, or see it all with `nps demo --keep`.")
    told = environment(port, home)
    return open_gateway(told["SF_INSTANCE_URL"], told["SF_ACCESS_TOKEN"], api_version=api_version, environ={**environ, **told})
