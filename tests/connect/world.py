"""What the tests of connections share: keys and certificates, a served org with a connected app, and what a refusal looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tooling.errors import NpsError, UsageError
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.server import Served
from tooling.salesforce.gateway import Gateway

CONSUMER_KEY = "3MVG9.connections.test"
CONSUMER_SECRET = "C0N5UM3R-5ECRET"
BRIDGE = "bridge@acme.example.com"
IDENTITY = "/services/oauth2/userinfo"


def pem(key: Any, encryption: serialization.KeySerializationEncryption | None = None) -> str:
    form = serialization.PrivateFormat.PKCS8
    text: bytes = key.private_bytes(serialization.Encoding.PEM, form, encryption or serialization.NoEncryption())
    return text.decode()


def certificate_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """What an admin uploads to the connected app."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bridge")])
    now, day = datetime.now(UTC), timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class World:
    """A served org whose connected app has a certificate, a secret and the user `BRIDGE`."""

    org: Org
    served: Served
    key: rsa.RSAPrivateKey
    changed: bool = False

    @property
    def trust(self) -> dict[str, str]:
        return {"REQUESTS_CA_BUNDLE": str(self.served.ca_bundle)}

    @property
    def jwt(self) -> dict[str, str]:
        """A complete environment for a JWT login."""
        login = {"SF_USERNAME": BRIDGE, "SF_CLIENT_ID": CONSUMER_KEY, "SF_PRIVATE_KEY": pem(self.key)}
        return {**login, "SF_LOGIN_URL": self.served.url, **self.trust}

    @property
    def client_credentials(self) -> dict[str, str]:
        """A complete environment for client credentials."""
        login = {"SF_CLIENT_ID": CONSUMER_KEY, "SF_CLIENT_SECRET": CONSUMER_SECRET}
        return {**login, "SF_LOGIN_URL": self.served.url, **self.trust}

    @property
    def token(self) -> dict[str, str]:
        return {"SF_INSTANCE_URL": self.served.url, "SF_ACCESS_TOKEN": ADMIN_TOKEN, **self.trust}

    def register(self, **changes: Any) -> None:
        """The connected app, with changes to it."""
        app = {
            "consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "certificate": certificate_of(self.key),
            "approved": [BRIDGE], "run_as": BRIDGE,
        }  # fmt: skip
        self._control("POST", "connected-apps", {**app, **changes})

    def fault(self, **values: Any) -> None:
        self._control("POST", "faults", values)

    def forget(self) -> None:
        """The next test finds the org as it began."""
        if self.changed:
            self.org.settings = self.org.settings.changed({"sandbox": False})
            self.org.restore("begin")
        self._control("DELETE", "connected-apps")
        self._control("DELETE", "faults")

    def end_sessions(self) -> None:
        """Every session that was granted since the org began is over, as when an admin ends them in Setup."""
        self.org.restore("begin")

    def is_sandbox(self) -> None:
        """From now on, as after a copy of the org."""
        self.changed = True
        self.org.settings = self.org.settings.changed({"sandbox": True})

    def update_bridge(self, **changes: Any) -> None:
        self.changed = True
        admin = self.org.user_of_token(ADMIN_TOKEN)
        (row,) = self.org.query(admin, f"SELECT Id FROM User WHERE Username = '{BRIDGE}'").records
        (saved,) = self.org.update(admin, [{"attributes": {"type": "User"}, "Id": row["Id"], **changes}])
        assert saved.success, saved

    def _control(self, method: str, name: str, body: Any = None) -> None:
        answer = requests.request(method, f"{self.served.plain_url}/local-org/{name}", json=body, timeout=10)
        assert answer.ok, answer.text


def user_of(gateway: Gateway) -> str:
    """Who the org says is calling; the gateway is closed."""
    try:
        return gateway.identity.username
    finally:
        gateway.close()


def assert_says(raised: pytest.ExceptionInfo[NpsError], *texts: str, kind: type[NpsError] = UsageError, code: int = 2) -> None:
    """An error of ours, of this kind and exit code, that says these and what to do next."""
    assert type(raised.value) is kind, repr(raised.value)
    assert raised.value.exit_code == code
    assert raised.value.remedy
    for text in texts:
        assert text in str(raised.value)
