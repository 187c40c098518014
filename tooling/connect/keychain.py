"""An org of CumulusCI's keychain, logged in to as CumulusCI does it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

import click
import jwt
import requests
from simple_salesforce.exceptions import SalesforceError

from tooling.connect.environment import WAYS
from tooling.connect.login import error_of_connection, without
from tooling.errors import UsageError
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.gateway import connect as open_gateway

_SECRETS = ("access_token", "refresh_token", "client_secret", "password")


def keychain_org(name: str, api_version: str, environ: Mapping[str, str]) -> Gateway:
    """A gateway to the org that CumulusCI knows by this name.

    Raises:
        UsageError: there is none, it was not created yet, or CumulusCI cannot log in to it.
        Unreachable: its login host does not answer.
    """
    if importlib.util.find_spec("cumulusci") is None:
        raise UsageError(
            f"org {name} is to be looked up in CumulusCI's keychain, but CumulusCI is not installed",
            "Install the extra `cci`, or use the environment instead. " + WAYS,
        )
    from cumulusci.cli.runtime import CliRuntime  # its base class reads neither saved orgs nor CUMULUSCI_ORG_…
    from cumulusci.core.exceptions import CumulusCIException

    def unusable(error: Exception, secrets: tuple[str | None, ...] = ()) -> UsageError:
        remedy = f"See `cci org list`; connect one with `cci org connect {name}`. CumulusCI looks from inside a project's folder."
        return UsageError(f"CumulusCI has no usable org {name}: {without(str(error), secrets)}", remedy)

    try:
        keychain = CliRuntime(load_keychain=True).keychain
        org = keychain.get_org(name)
    except (CumulusCIException, click.ClickException) as error:
        raise unusable(error) from error
    if getattr(org, "createable", False) and not org.created:
        # CumulusCI would create it now, without our metadata, and count it against the Dev Hub's daily limit.
        raise UsageError(f"the scratch org {name} was not created yet", f"Create it with `cci flow run dev_org --org {name}`.")

    def renewed() -> str:
        try:
            org.refresh_oauth_token(keychain)
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
            raise error_of_connection(org.config.get("instance_url") or name, error) from error
        except (CumulusCIException, SalesforceError, requests.exceptions.RequestException, jwt.PyJWTError, ValueError) as error:
            # Not chained: the text of CumulusCI's error is the answer as it came.
            raise unusable(error, tuple(org.config.get(key) for key in _SECRETS)) from None
        return str(org.access_token)

    return open_gateway(org.instance_url, renewed(), api_version=api_version, renew=renewed, environ=environ)
