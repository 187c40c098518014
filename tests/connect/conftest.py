"""A served org, reached over TLS with its own authority."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.connect.world import BRIDGE, World
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.server import Served, serve


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Org, Served]]:
    with Org.open() as org:
        admin = org.user_of_token(ADMIN_TOKEN)
        (profile,) = org.query(admin, "SELECT Id FROM Profile WHERE Name = 'System Administrator'").records
        bridge = {
            "LastName": "Bridge", "Username": BRIDGE, "Email": BRIDGE, "Alias": "bridge", "ProfileId": profile["Id"], "IsActive": True,
            "TimeZoneSidKey": "Europe/Zurich", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
        }  # fmt: skip
        (saved,) = org.insert(admin, [{"attributes": {"type": "User"}, **bridge}])
        assert saved.success, saved
        org.snapshot("begin")
        with serve(org, port=0, home=tmp_path_factory.mktemp("local-org")) as running:
            yield org, running


@pytest.fixture
def world(served: tuple[Org, Served], key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The org with its connected app; nothing of the machine's own environment counts."""
    for name in list(os.environ):
        if name.startswith(("SF_", "SFDX_", "CUMULUSCI_ORG_")) or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    found = World(*served, key)
    found.register()
    yield found
    found.forget()
