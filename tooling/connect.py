"""The org that was named: the local org, an org of CumulusCI's keychain, or the one the environment describes. Nobody else may know how."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import click
import jwt
import requests
from simple_salesforce.exceptions import SalesforceError

from tooling.errors import Unreachable, UsageError
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.gateway import connect as open_gateway

LOCAL = "local"
LOCAL_HOME = Path(".local-org")
THREE_WAYS = (
    "Name one: --org NAME (an org of CumulusCI's keychain, or `local` for the local org), or set SF_INSTANCE_URL and SF_ACCESS_TOKEN, "
    "or SF_USERNAME, SF_CLIENT_ID and SF_PRIVATE_KEY_FILE (JWT)."
)
_LOGIN = "https://login.salesforce.com"
_TIMEOUT = (10, 60)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def connect(name: str | None, *, api_version: str = "66.0", environ: Mapping[str, str] = os.environ, home: Path = LOCAL_HOME) -> Gateway:
    """A gateway to the org of that name; without a name, to the one the environment describes.

    Raises:
        UsageError: no org is named, or it cannot be logged in to.
        Unreachable: the login host does not answer.
    """
    if name == LOCAL:
        return _local_org(api_version, environ, home)
    if name:
        return _keychain_org(name, api_version, environ)
    return _environment_org(api_version, environ)


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


def _keychain_org(name: str, api_version: str, environ: Mapping[str, str]) -> Gateway:
    if importlib.util.find_spec("cumulusci") is None:
        raise UsageError(
            f"org {name} is to be looked up in CumulusCI's keychain, but CumulusCI is not installed",
            "Install the extra `cci`, or use the environment instead. " + THREE_WAYS,
        )
    from cumulusci.cli.runtime import CliRuntime  # its base class reads neither saved orgs nor CUMULUSCI_ORG_…
    from cumulusci.core.exceptions import CumulusCIException

    def unusable(error: Exception) -> UsageError:
        remedy = f"See `cci org list`; connect one with `cci org connect {name}`. CumulusCI looks from inside a project's folder."
        return UsageError(f"CumulusCI has no usable org {name}: {error}", remedy)

    try:
        keychain = CliRuntime(load_keychain=True).keychain
        org = keychain.get_org(name)
    except (CumulusCIException, click.ClickException) as error:
        raise unusable(error) from error
    if getattr(org, "createable", False) and not org.created:
        # CumulusCI would create it now, without our metadata, and count it against the Dev Hub's daily limit.
        raise UsageError(f"the scratch org {name} was not created yet", f"Create it with `cci flow run dev_org --org {name}`.")

    def log_in() -> str:
        try:
            org.refresh_oauth_token(keychain)
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
            raise _unreachable(org.config.get("instance_url") or name, error) from error
        except (CumulusCIException, SalesforceError, requests.exceptions.RequestException) as error:
            raise unusable(error) from error
        return str(org.access_token)

    return open_gateway(org.instance_url, log_in(), api_version=api_version, renew=log_in, environ=environ)


def _environment_org(api_version: str, environ: Mapping[str, str]) -> Gateway:
    if environ.get("SF_INSTANCE_URL") and environ.get("SF_ACCESS_TOKEN"):
        return open_gateway(environ["SF_INSTANCE_URL"], environ["SF_ACCESS_TOKEN"], api_version=api_version, environ=environ)
    login: Callable[[], Mapping[str, Any]]
    if environ.get("SF_USERNAME") and environ.get("SF_CLIENT_ID"):

        def login() -> Mapping[str, Any]:
            return _log_in(environ, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(environ)})

    elif environ.get("SF_CLIENT_ID") and environ.get("SF_CLIENT_SECRET"):

        def login() -> Mapping[str, Any]:
            secret = {"client_id": environ["SF_CLIENT_ID"], "client_secret": environ["SF_CLIENT_SECRET"]}
            return _log_in(environ, {"grant_type": "client_credentials", **secret})

    else:
        raise UsageError("no org is named: nothing is written to an org nobody named", THREE_WAYS)
    first = login()
    return open_gateway(
        str(first["instance_url"]),
        str(first["access_token"]),
        api_version=api_version,
        renew=lambda: str(login()["access_token"]),
        environ=environ,
    )


def _assertion(environ: Mapping[str, str]) -> str:
    """A JWT for the bearer flow. Salesforce accepts at most three minutes to expiry."""
    key = environ.get("SF_PRIVATE_KEY", "")
    path = environ.get("SF_PRIVATE_KEY_FILE")
    if not key and path:
        try:
            key = Path(path).read_text("ascii")
        except (OSError, ValueError) as error:
            raise UsageError(f"SF_PRIVATE_KEY_FILE {path} cannot be read: {error}") from error
    if not key:
        raise UsageError("a JWT login needs SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE beside SF_USERNAME and SF_CLIENT_ID", THREE_WAYS)
    claims = {
        "iss": environ["SF_CLIENT_ID"],
        "sub": environ["SF_USERNAME"],
        "aud": (environ.get("SF_LOGIN_URL") or _LOGIN).rstrip("/"),
        "exp": int(time.time()) + 170,
    }
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:  # AttributeError: a public key
        raise UsageError(
            "the private key is no RSA private key in PEM form without a password", "Check SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE."
        ) from error


def _log_in(environ: Mapping[str, str], form: Mapping[str, str]) -> Mapping[str, Any]:
    url = environ.get("SF_LOGIN_URL") or environ.get("SF_INSTANCE_URL") or _LOGIN
    address = urlparse(url)
    if not address.hostname or not (address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)):
        raise UsageError(f"{url!r} is no address to log in at", f"Set SF_LOGIN_URL to one such as {_LOGIN}.")
    try:
        # A redirect could carry the secret to another host.
        answer = requests.post(f"{url.rstrip('/')}/services/oauth2/token", data=dict(form), timeout=_TIMEOUT, allow_redirects=False)
    except requests.exceptions.SSLError as error:
        raise UsageError(f"the certificate of {address.netloc} is not trusted", "Point REQUESTS_CA_BUNDLE to its authority.") from error
    except requests.exceptions.RequestException as error:
        raise _unreachable(url, error) from error
    if answer.status_code >= 500:
        raise Unreachable(f"the login host {address.netloc} has a problem: HTTP {answer.status_code}", "Running again is safe.")
    try:
        told = answer.json()
    except requests.exceptions.JSONDecodeError:
        told = None
    if isinstance(told, dict) and answer.status_code == 200 and told.keys() >= {"access_token", "instance_url"}:
        return told
    if isinstance(told, dict) and "error" in told:
        raise UsageError(
            f"the login was refused: {told['error']}: {told.get('error_description')}",
            "Check the connected app, its user and policies, and SF_LOGIN_URL (https://test.salesforce.com for a sandbox).",
        )
    raise UsageError(f"{address.netloc} did not answer as a login host does (HTTP {answer.status_code})", "Check SF_LOGIN_URL.")


def _unreachable(host: str, error: Exception) -> Unreachable:
    return Unreachable(f"cannot reach the login host {urlparse(host).netloc or host}: {type(error).__name__}", "Running again is safe.")
